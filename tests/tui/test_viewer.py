"""A text on the whole screen: every key that it names does what it says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from memos_admin.backend.workspace import Workspace
from memos_admin.tui.layout import detail as detail_layout
from memos_admin.tui.layout import transcript as transcript_layout
from memos_admin.tui.screens import viewer
from memos_admin.tui.screens.viewer import TextView, Viewer
from memos_admin.tui.widgets import detail, transcript
from tests.tui.looking import Look, go_to_user, main, opened, press, rows, seen, sees, told, until

Size = tuple[int, int]


async def view_message(look: Look) -> None:
    """Open the first message of the quick start's conversation whole."""
    await go_to_user(look, "memos")
    await press(look, "enter", "enter")
    await sees(look, "Message 1 · user · 10 Jun 2025 09:30:00 +00:00")


@pytest.mark.parametrize("key", ["escape", "q", "enter", "h"])
async def test_each_key_that_leaves_leaves(story: Workspace, size: Size, key: str) -> None:
    async with opened(story, size) as look:
        await view_message(look)
        await press(look, key)
        assert not isinstance(look.app.screen, Viewer)
        assert look.app.is_running


async def test_the_text_is_copied_whole(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await view_message(look)
        await press(look, "y")
        assert look.app.clipboard.startswith("I want to travel during summer vacation")


async def test_a_long_text_is_scrolled_by_the_keys_of_lists(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await view_message(look)
        look.app.push_screen(
            Viewer("t", "\n".join(f"line {n}" for n in range(100)), copy=print, more={})
        )
        await press(look, "j", "j")
        assert "line 2" in rows(look)[1]
        view = look.app.screen.query_one(TextView)
        for key, at in (("k", 1), ("space", 22), ("G", view.max_scroll_y), ("g", 0)):
            await press(look, key)
            assert view.scroll_y == at, key
        assert "line 0" in seen(look)


async def test_r_shows_the_json_of_the_message_and_leaves_it_again(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await view_message(look)
        await press(look, "R")
        await sees(look, "Message 1, as MemOS sent it", '"role": "user"')
        await press(look, "R")
        await sees(look, "Message 1 · user · 10 Jun 2025")


async def test_an_id_is_asked_for_over_a_text(story: Workspace) -> None:
    """The letters that follow at once are those of an id, none of them a key."""
    async with opened(story, (80, 24)) as look:
        await view_message(look)
        await press(look, "R")
        await look.press("ctrl+g", *"li.wei@acme")
        await sees(look, "Go to", "li.wei@acme")
        await press(look, "escape")
        assert isinstance(look.app.screen, Viewer)
        await press(look, "ctrl+g", *"li.wei@acme.cn", "enter")
        await until(look, lambda: look.app.screen is main(look), "the place")
        await sees(look, "Users › li.wei@acme.cn")


async def test_its_keys_are_said(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await view_message(look)
        await press(look, "question_mark")
        await told(look, "R JSON of a message", "escape leaves")


async def test_long_texts_are_masked_and_laid_out_behind_the_screen(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then it says so, and goes on hearing keys."""
    may_go, here = threading.Event(), threading.current_thread()

    def patiently(what: Callable[..., Any]) -> Callable[..., Any]:
        def wait(*args: Any) -> Any:
            assert threading.current_thread() is not here
            assert may_go.wait(60)
            return what(*args)

        return wait

    async with opened(story, (80, 24)) as look:
        await view_message(look)
        monkeypatch.setattr(viewer, "shown", patiently(transcript_layout.shown))
        text = "many words " * 10_000
        look.app.push_screen(Viewer("t", text, copy=print, more={}))
        await sees(look, "Laying out 110,000 characters …")
        assert "many words" not in seen(look)
        await look.press("j")
        may_go.set()
        await sees(look, "many words many words")
        assert "Laying out" not in seen(look)


async def test_long_conversations_and_details_are_laid_out_behind_the_screen(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen_in = dict[str, set[bool]]()

    def noting(name: str, what: Callable[..., Any]) -> Callable[..., Any]:
        def note(*args: Any) -> Any:
            on_loop = threading.current_thread() is threading.main_thread()
            if args[0]:
                seen_in.setdefault(name, set()).add(on_loop)
            return what(*args)

        return note

    for module, name, what in (
        (transcript, "lay_out_all", transcript_layout.lay_out_all),
        (detail, "lines", detail_layout.lines),
    ):
        monkeypatch.setattr(module, "QUICK", 0)
        monkeypatch.setattr(module, name, noting(name, what))
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "memos")
        await sees(look, "I want to travel", "assistant's inference")
        await look.resize_terminal(200, 50)
        await sees(look, "I want to travel", "assistant's inference")
    assert seen_in == {"lay_out_all": {False}, "lines": {False}}

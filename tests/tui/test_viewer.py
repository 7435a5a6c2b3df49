"""A text on the whole screen: every key that it names does what it says."""

from __future__ import annotations

import pytest

from memos_admin.backend.workspace import Workspace
from memos_admin.tui.screens.viewer import TextView, Viewer
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

"""Panes, sizes, first run, export: where things are and how one gets about."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

import pytest
from textual.events import Key
from textual.widgets import Input

from memos_admin.backend.workspace import Workspace
from memos_admin.tui.commands.command import PANES
from memos_admin.tui.desk.going import Going
from memos_admin.tui.desk.place import Place
from memos_admin.tui.layout.arrangement import Arrangement, following
from tests.tui.looking import (
    at_both_sizes,
    go_to_user,
    main,
    misses,
    opened,
    press,
    seen,
    sees,
    until,
)
from tests.tui.story import LI

Size = tuple[int, int]


@at_both_sizes
async def test_tab_goes_round_and_back(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        for pane in (*PANES[1:], PANES[0]):
            await press(look, "tab")
            assert main(look).pane == pane
            assert main(look).view_of(pane).has_focus
        await press(look, "shift+tab")
        assert main(look).pane == PANES[-1]


async def test_control_and_arrows_go_to_the_pane_on_that_side(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        for key, pane in (
            ("ctrl+down", "conversations"),
            ("ctrl+right", "transcript"),
            ("ctrl+right", "memories"),
            ("ctrl+down", "detail"),
            ("ctrl+right", "detail"),
            ("ctrl+left", "transcript"),
        ):
            await press(look, key)
            assert main(look).pane == pane


@pytest.mark.parametrize(
    ("size", "mode"), [((80, 24), "single"), ((120, 40), "three"), ((200, 50), "four")]
)
def test_every_pane_can_be_reached_at_every_size(size: Size, mode: str) -> None:
    arrangement = Arrangement.of(size[0], zoomed=False)
    assert arrangement.mode == mode
    pane, reached = PANES[0], set()
    for _ in PANES:
        reached |= {pane, *arrangement.visible(pane)}
        pane = following(pane, 1)
    assert reached == set(PANES)


async def test_resizing_keeps_where_one_is(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "memos")
        await press(look, "enter", "j", "j")
        await look.resize_terminal(80, 24)
        await sees(look, "Users › memos_user_123 › 0610 › Messages · Memories", "bringing my kid")
        assert "Summer Family" not in seen(look)
        await look.resize_terminal(200, 50)
        await sees(look, "Summer Family", "bringing my kid")
        assert main(look).pane == "transcript"
        assert main(look).desk.panes.transcript.cursor == 2


async def test_keys_wait_for_the_place_that_one_goes_to(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(story, (120, 40)) as look:
        there, going = asyncio.Event(), main(look).going

        async def slowly(place: Place) -> str:
            await there.wait()
            return await Going.open(going, place)

        monkeypatch.setattr(going, "open", slowly)
        main(look).open(Place(LI))
        await look.press("tab", "slash", *"ticket")
        assert main(look).pane == "users"
        there.set()
        await until(look, lambda: main(look).desk.panes.frames["transcript"].filter == "ticket")
        assert main(look).here.subject == LI


async def test_zoom_gives_the_screen_and_takes_it_back(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "memos")
        await press(look, "z")
        await misses(look, "Summer Family")
        await press(look, "escape")
        await sees(look, "Summer Family")


async def test_too_small_a_terminal_says_so_and_comes_back(story: Workspace) -> None:
    async with opened(story, (50, 12)) as look:
        await sees(look, "50×12 is too small", "60×15")
        await look.resize_terminal(80, 24)
        await misses(look, "too small")
        await sees(look, "memos_user_123")


async def test_too_small_is_told_on_every_screen(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        for key in ("f", "question_mark", "P", "e", "c", "ctrl+g", "a"):
            await press(look, key)
            assert look.app.screen is not main(look), key
            await look.resize_terminal(50, 12)
            await sees(look, "50×12 is too small", "press ctrl+q")
            await look.resize_terminal(60, 15)
            await misses(look, "too small")
            await press(look, "escape")
            assert look.app.screen is main(look), key
            await look.resize_terminal(80, 24)


async def test_export_writes_what_is_shown_and_comes_back(
    story: Workspace, size: Size, tmp_path: Path
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"weekly", "enter")
        await press(look, "e")
        await sees(look, "export from li.wei@acme.cn", "● conversation weekly", "100 messages.")
        field = look.app.screen.query_one("#path", Input)
        await until(look, lambda: field.value)
        assert field.value.endswith("acme-prod-li.wei@acme.cn-weekly.csv")
        target = tmp_path / "out.csv"
        field.value = str(target)
        await press(look, "w")
        await sees(look, "Wrote 100 messages to")
        with target.open(newline="", encoding="utf-8") as file:
            assert len(list(csv.DictReader(file))) == 100
        await press(look, "enter")
        await sees(look, "weekly")
        assert main(look) is look.app.screen


async def test_ids_and_texts_are_copied(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "memos")
        await press(look, "enter", "tab", "down", "y")
        assert look.app.clipboard == "0a89db3a-2061-4c97-a1b8-45700f8745bc"
        await press(look, "Y")
        assert look.app.clipboard.startswith("[user perspective] The user plans")
        await press(look, "R")
        await sees(look, "as MemOS sent it", '"title": "Summer Family Trip Plan"')


async def test_keys_typed_in_one_burst_reach_the_filter(story: Workspace) -> None:
    """A terminal may send several keys at once; none of them may be taken for a command."""
    async with opened(story, (120, 40)) as look:
        for char in "/memos":
            look.app.post_message(Key("slash" if char == "/" else char, char))
        await sees(look, "/ memos", "1 of 1 ")
        assert len(look.app.screen_stack) == 2

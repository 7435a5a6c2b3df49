"""Keys that are typed before there is what they are meant for are acted on in their order, when it is."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from memos_admin.backend.model import Filter
from memos_admin.backend.workspace import Workspace
from memos_admin.tui import reader, typed_ahead
from memos_admin.tui.desk.going import Going
from memos_admin.tui.desk.place import Place
from memos_admin.tui.screens.export import ExportScreen
from tests.tui.looking import Look, burst, main, misses, opened, rest, sees, send, until
from tests.tui.story import AGENT, LI, TRIP
from tests.tui.terminal import Terminal, on_terminal

Size = tuple[int, int]


@pytest.fixture(params=[False, True], ids=["quick", "slow"])
def reads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each read of the store take a while, as on a busy machine, or not."""
    if request.param:
        carry_out = reader._carry_out

        def slowly(future: Any, call: Callable[[], Any]) -> None:
            time.sleep(0.02)
            carry_out(future, call)

        monkeypatch.setattr(reader, "_carry_out", slowly)


BURSTS: Sequence[Sequence[tuple[Sequence[str], Sequence[str]]]] = (
    (
        (("/", *"li.wei", "enter", "p"), ("Evidence · li.wei@acme.cn", "links 0 of 5")),
        (("tab", "/", *"long", "enter", "enter", "j", "e"), ("export from li.wei@acme.cn", "long")),
        (
            (*("tab",) * 3, "/", *"view:pref", "tab", "enter", "V"),
            ("Version 1 of 1 · drinks tea",),
        ),
        (("tab", "/", *"no-such", "enter", "escape", "enter"), ("note 0",)),
        (("@", *"36h", "enter", "p"), ("compared as known now",)),
    ),
    (
        (("p", *("right",) * 3, "/", *"view:tool", "enter", "enter"), ("> Tool", "About m-tool")),
        (("Z", "/", *"view:fact", "enter", "j", "p"), ("Evidence · li.wei@acme.cn", "Report day")),
        (("c", "/", *"friday", "enter", "enter"), ("> Fact", "Report day")),
        (("ctrl+o", "/", *"user:memos_user_123", "enter"), ("Overview · memos_user_123",)),
        (("H", "j", "enter"), ("Changes found",)),
    ),
    (
        (("f", *"tea", "enter", "V"), ("Version 1 of 1 · drinks tea",)),
        (("f", *"tea", "down", "up", "enter", "V"), ("Version 1 of 1 · drinks tea",)),
        (("ctrl+g", *"m-tea", "enter", "V"), ("Version 1 of 1 · drinks tea",)),
        (("ctrl+g", *"ops-agent", "enter", "p"), ("Evidence · ops-agent",)),
        (("ctrl+p", *"timeline", "enter", "u"), ("Day by day · everyone",)),
    ),
)
"""What is typed in one go on the main screen, where a user is chosen, and what is seen then."""


async def to_the_user(look: Look) -> None:
    """Be where a user is chosen, and nothing is filtered."""
    while len(look.app.screen_stack) > 2:
        look.app.pop_screen()
        await rest(look)
    main(look).desk.panes.frames["users"].clear_filter()
    main(look).open(Place(LI, pane="users", narrowed=Filter()))
    await rest(look)


@pytest.mark.parametrize("bursts", BURSTS, ids=["panes", "screens", "dialogs"])
async def test_what_is_typed_in_one_go_is_done_in_its_order(
    story: Workspace,
    size: Size,
    reads: None,
    bursts: Sequence[tuple[Sequence[str], Sequence[str]]],
) -> None:
    async with opened(story, size) as look:
        for keys, texts in bursts:
            await to_the_user(look)
            await burst(look, *keys)
            try:
                await sees(look, *texts)
            except AssertionError as error:
                raise AssertionError(f"{keys}: {error}") from None


async def test_what_follows_a_filter_is_for_the_user_that_it_leaves(
    story: Workspace, size: Size, reads: None
) -> None:
    async with opened(story, size) as look:
        await burst(look, "/", *"ops", "enter", "e")
        assert isinstance(look.app.screen, ExportScreen)
        await sees(look, AGENT.external_id)
        await burst(look, "escape", "escape", "/", *"memos", "enter", "enter", "j")
        assert main(look).here.subject == TRIP


async def test_the_cursor_moves_while_what_follows_from_it_is_read(
    story: Workspace, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(story, size) as look:
        desk = main(look).desk
        chosen, there = list[int](), asyncio.Event()
        choose = desk.choose_subject

        async def late(subject: Any) -> None:
            await there.wait()
            await choose(subject)
            chosen.append(desk.panes.users.cursor)

        monkeypatch.setattr(desk, "choose_subject", late)
        send(look, "j", "j", "j", "enter")
        await until(look, lambda: desk.panes.users.cursor == 3)
        there.set()
        await rest(look)
        assert set(chosen) == {3}
        assert main(look).here.subject.external_id in {"u-88120", "ops-agent", "memos_user_123"}


@pytest.fixture
def hangs(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Let the way to a place hang until that is set."""
    there, opens = asyncio.Event(), Going.open

    async def slowly(going: Going, place: Place) -> str:
        await there.wait()
        return await opens(going, place)

    monkeypatch.setattr(Going, "open", slowly)
    return there


async def test_it_is_said_that_keys_wait_and_escape_drops_them(
    story: Workspace, size: Size, hangs: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed_ahead, "LONGEST", 0.05)
    async with opened(story, size) as look:
        main(look).open(Place(LI))
        await look.press("tab", "D")
        await sees(look, "What you type waits", "escape drops it")
        assert main(look).pane == "users"
        await look.press("escape")
        await look.press("tab")  # a person has seen what is there by now
        await until(look, lambda: main(look).pane == "conversations")
        hangs.set()


async def test_an_escape_alone_gets_through(
    story: Workspace, size: Size, hangs: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed_ahead, "LONGEST", 0.05)
    async with opened(story, size) as look:
        await burst(look, "/", *"ops", "enter")
        main(look).open(Place(LI))
        await look.press("escape")
        await until(look, lambda: not main(look).desk.panes.frames["users"].is_filtering)
        hangs.set()


async def typed_on_a_terminal(
    story: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    walk: Callable[[Look, Terminal], Awaitable[None]],
) -> None:
    from memos_admin.tui.app import MemosAdmin

    app, terminal = MemosAdmin(story.home, story), Terminal(80, 24)

    async def through(look: Look) -> None:
        await rest(look)
        await walk(look, terminal)

    try:
        await on_terminal(app, terminal, through, monkeypatch)
    finally:
        terminal.close()


@pytest.mark.terminal
async def test_what_a_terminal_sends_at_once_is_done_in_its_order(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def walk(look: Look, terminal: Terminal) -> None:
        terminal.type("/ops\rp")
        await sees(look, "Evidence · ops-agent")
        terminal.type("\x1b[D\x1b[C")
        terminal.type("/x\x7f\x7f\r")
        await misses(look, "/ x")

    await typed_on_a_terminal(story, monkeypatch, walk)


@pytest.mark.terminal
async def test_bytes_that_are_no_utf8_are_shown_as_that_and_end_nothing(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def walk(look: Look, terminal: Terminal) -> None:
        os.write(terminal.ours, b"/o\xffp\x1b[200~\xe4\x1b[201~\xfes")
        await sees(look, "/ o\ufffdp\ufffd\ufffds")
        terminal.type("\x15ops\rp")
        await sees(look, "Evidence · ops-agent")

    await typed_on_a_terminal(story, monkeypatch, walk)

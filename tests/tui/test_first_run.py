"""The first run, and the form that connects a project: what its keys do, what it says, what it keeps."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste
from textual.widgets import Input, Static

from memos_admin.backend.credentials import OsKeyring
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.workspace import Workspace
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.tui import typed_ahead
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.jobs import connecting
from memos_admin.tui.screens.main import MainScreen
from memos_admin.tui.widgets.connect_form import ConnectForm, State
from tests.backend import keyrings
from tests.tui.looking import (
    Look,
    at_both_sizes,
    misses,
    press,
    rest,
    rows,
    seen,
    sees,
    send,
    until,
)

Size = tuple[int, int]
Emulate = Callable[..., EmulatorThread]
NOWHERE = "http://127.0.0.1:9/api/openmem/v1"
SMALL = [(80, 24), (60, 15)]


@asynccontextmanager
async def first_run(home: Path, size: Size) -> AsyncIterator[Look]:
    """Start without a project, and open the form."""
    app = MemosAdmin(Home(home), None)
    async with app.run_test(size=size, notifications=True) as look:
        await sees(look, "Connect a project", "Open the demo")
        await press(look, "enter")
        await sees(look, "Name, as you want to see it here")
        yield look
        if app.session is not None:
            app.session.abandon()


async def type_in(look: Look, text: str) -> None:
    """Put a text into the field that has the focus, as a paste does."""
    field = look.app.focused
    assert isinstance(field, Input)
    field.value = text
    await look.pause()


async def fill(look: Look, name: str, url: str, key: str) -> None:
    """Fill the form for another address, and stay on the key."""
    await type_in(look, name)
    await press(look, "enter", "up", "enter")
    await type_in(look, url)
    await press(look, "enter")
    await type_in(look, key)


def focus(look: Look) -> str | None:
    """Return the id of what has the focus."""
    return None if look.app.focused is None else look.app.focused.id


def footer(look: Look) -> str:
    return rows(look)[-1]


def names(home: Path) -> list[str | None]:
    return [project.name for project in Projects(Home(home)).list()]


async def connected(look: Look) -> MainScreen:
    """Return the main screen when it is shown."""
    await until(look, lambda: isinstance(look.app.screen, MainScreen), "the main screen")
    screen = look.app.screen
    assert isinstance(screen, MainScreen)
    await until(look, lambda: screen.is_mounted, "what is in it")
    return screen


# Keys


@at_both_sizes
async def test_the_footer_says_what_enter_does_and_enter_does_it(
    isolated: Path, size: Size
) -> None:
    async with first_run(isolated, size) as look:
        assert focus(look) == "name"
        assert "enter next field" in footer(look)
        await press(look, *"acme", "enter")
        assert focus(look) == "region"
        assert "enter choose" in footer(look)
        await press(look, "question_mark")
        await sees(look, "Moving", "A row, message or line down or up.")
        await press(look, "escape")
        await press(look, "up", "enter")
        assert focus(look) == "url"
        assert "enter next field" in footer(look)
        await type_in(look, NOWHERE)
        await press(look, "enter")
        assert focus(look) == "key"
        assert "enter connect" in footer(look)


async def test_enter_in_the_list_of_regions_chooses_and_moves_on(
    isolated: Path, size: Size
) -> None:
    async with first_run(isolated, size) as look:
        await press(look, *"acme", "enter", "down", "enter")
        assert "● Global" in seen(look)
        assert focus(look) == "key"
        assert "Its address" not in seen(look)


async def test_tab_and_the_arrows_go_round_the_fields(isolated: Path, size: Size) -> None:
    async with first_run(isolated, size) as look:
        for key, field in (
            ("tab", "region"),
            ("tab", "key"),
            ("tab", "name"),
            ("shift+tab", "key"),
            ("up", "region"),
            ("shift+tab", "name"),
            ("down", "region"),
        ):
            await press(look, key)
            assert focus(look) == field


async def test_q_does_not_quit_in_the_form(isolated: Path, size: Size) -> None:
    async with first_run(isolated, size) as look:
        await press(look, *"acme", "enter", "q")
        assert focus(look) == "region"
        assert "ctrl+q quit" in footer(look)
        await press(look, "ctrl+c")
        await sees(look, "ctrl+q quits")
        assert look.app.is_running
        await look.press("ctrl+q")
        await until(look, lambda: not look.app.is_running)


async def test_q_quits_on_the_choices(isolated: Path, size: Size) -> None:
    async with first_run(isolated, size) as look:
        await press(look, "escape")
        assert " q quit" in footer(look)
        await look.press("q")
        await until(look, lambda: not look.app.is_running)


async def test_escape_goes_back_and_keeps_what_was_typed(isolated: Path, size: Size) -> None:
    async with first_run(isolated, size) as look:
        await fill(look, "acme", NOWHERE, "mpg-0123456789")
        await press(look, "escape")
        await sees(look, "Open the demo")
        assert "acme" not in seen(look)
        await press(look, "enter")
        await sees(look, "acme", "● Another address", NOWHERE, "•" * 14)
        assert focus(look) == "key"


# What is wrong


async def test_a_name_that_looks_like_a_key_is_refused_until_it_is_edited(
    isolated: Path, size: Size
) -> None:
    async with first_run(isolated, size) as look:
        await press(look, *"mpg-0", "enter")
        await sees(look, "That looks like an API key, not a name")
        assert focus(look) == "name"
        assert seen(look).count("mpg-0") == 1  # in the field alone
        await press(look, "backspace")
        await misses(look, "looks like an API key")


@pytest.mark.parametrize("key", ["enter", "tab"])
async def test_a_name_is_checked_when_it_is_left(isolated: Path, size: Size, key: str) -> None:
    async with first_run(isolated, size) as look:
        await press(look, *"a/b", key)
        await sees(look, "A project's name cannot hold '/'")
        assert focus(look) == "name"
        await press(look, "backspace")
        await misses(look, "cannot hold")
        await press(look, "backspace", key)
        assert focus(look) == "region"


async def test_what_is_pasted_with_its_line_end_is_one_line_without_what_nobody_sees(
    isolated: Path, size: Size
) -> None:
    async with first_run(isolated, size) as look:
        look.app.post_message(Paste("ac\x1b[31mme\u202e\n"))
        await sees(look, "ac[31mme")
        await press(look, "enter")
        await sees(look, "cannot hold '['")


async def test_a_name_that_is_taken_is_told_when_it_is_left(isolated: Path, size: Size) -> None:
    Projects(Home(isolated)).add("Acme")
    async with first_run(isolated, size) as look:
        await press(look, *"acme", "enter")
        await sees(look, "There is a project Acme already")
        assert focus(look) == "name"
        await press(look, "2", "enter")
        assert focus(look) == "region"
        await misses(look, "already")


async def test_an_address_is_checked_when_it_is_left(isolated: Path, size: Size) -> None:
    async with first_run(isolated, size) as look:
        await press(look, *"acme", "enter", "up", "enter")
        await type_in(look, "http://example.com")
        await press(look, "enter")
        await sees(look, "plain http")
        assert focus(look) == "url"
        await type_in(look, "https://example.com")
        await misses(look, "plain http")
        await press(look, "enter")
        assert focus(look) == "key"


async def test_another_region_takes_back_what_was_said_of_an_address(
    isolated: Path, size: Size
) -> None:
    async with first_run(isolated, size) as look:
        await press(look, *"acme", "enter", "up", "enter")
        await type_in(look, "nonsense")
        await press(look, "enter")
        await sees(look, "must start with https://")
        await press(look, "up", "up")
        await sees(look, "● Global")
        assert "must start with" not in seen(look)


async def test_going_back_holds_nobody_and_says_what_is_wrong_all_the_same(
    isolated: Path, size: Size
) -> None:
    async with first_run(isolated, size) as look:
        await press(look, *"a/b", "shift+tab")
        assert focus(look) == "key"
        await sees(look, "cannot hold '/'")


async def test_connecting_goes_to_the_first_field_that_is_wrong(isolated: Path, size: Size) -> None:
    async with first_run(isolated, size) as look:
        await press(look, "tab", "tab", "enter")
        assert focus(look) == "name"
        await sees(look, "1 to 64 characters")
        await press(look, *"acme", "tab", "tab", "enter")
        assert focus(look) == "key"
        await sees(look, "The API key is empty")
        await press(look, "m")
        await misses(look, "The API key is empty")
        assert not names(isolated)


# Where the key is kept


async def test_nothing_is_said_of_the_keyring_until_it_is_known(
    isolated: Path, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = threading.Event()

    def where_kept() -> str:
        known.wait()
        return "It is kept in the keyring (Secret Service)"

    monkeypatch.setattr(connecting, "where_kept", where_kept)
    app = MemosAdmin(Home(isolated), None)
    async with app.run_test(size=size) as look:
        await look.press("enter")
        await sees(look, "API key")
        assert "keyring" not in seen(look)
        assert "this run" not in seen(look)
        known.set()
        await sees(look, "It is kept in the keyring (Secret Service)")


async def test_the_form_says_that_there_is_no_keyring(isolated: Path, size: Size) -> None:
    async with first_run(isolated, size) as look:
        await sees(look, "There is no keyring here: it is kept for this run only")


def test_where_a_key_is_kept_is_told_with_the_name_that_people_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keyrings.use(monkeypatch, keyrings.Memory())
    assert connecting.where_kept() == "It is kept in the keyring (keyrings Memory)"
    monkeypatch.setattr(OsKeyring, "name", lambda self: "SecretService Keyring")
    assert connecting.where_kept() == "It is kept in the keyring (Secret Service)"
    monkeypatch.undo()
    keyrings.use(monkeypatch, keyrings.PlaintextKeyring())
    assert "kept for this run only" in connecting.where_kept()


# Connecting


async def test_a_project_is_connected(isolated: Path, size: Size, emulate: Emulate) -> None:
    emulator = emulate()
    async with first_run(isolated, size) as look:
        await fill(look, "acme", emulator.base_url, emulator.api_key)
        await look.press("enter")
        await connected(look)
        await sees(look, "for this run only", "! read")  # it stays until it was read
        await press(look, "exclamation_mark")
        await sees(look, "(gnome-keyring, KWallet).")  # all of it
        assert emulator.api_key not in seen(look)
        await press(look, "escape")
        await sees(look, "acme", "No users.")
        await misses(look, "for this run only")
    (project,) = Projects(Home(isolated)).list()
    assert (project.name, project.base_url) == ("acme", emulator.base_url)
    assert len(project.fingerprints) == 1


async def test_a_key_that_the_keyring_keeps_needs_no_warning(
    isolated: Path, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keyrings.Memory()
    keyrings.use(monkeypatch, kept)
    emulator = emulate()
    async with first_run(isolated, (80, 24)) as look:
        await sees(look, "It is kept in the keyring (keyrings Memory)")
        await fill(look, "acme", emulator.base_url, emulator.api_key)
        await look.press("enter")
        await connected(look)
        await rest(look)
        assert "this run only" not in seen(look)
    (project,) = Projects(Home(isolated)).list()
    assert [user for _, user in kept.kept] == [str(project.uuid)]


async def test_enter_pressed_often_connects_once(
    isolated: Path, size: Size, emulate: Emulate
) -> None:
    emulator = emulate("timeout:times=1")
    async with first_run(isolated, size) as look:
        await fill(look, "acme", emulator.base_url, emulator.api_key)
        await look.press("enter", "enter", "enter")
        await sees(look, "Connecting to 127.0.0.1:")
        await until(look, lambda: emulator.emulator.requests, "a request")
        await look.press("enter", "enter", "x", "q", "tab", "enter")
        assert isinstance(look.app.focused, State)
        assert sum(emulator.emulator.requests.values()) == 1
        assert look.app.is_running


async def test_escape_cancels_and_keeps_the_form(
    isolated: Path, size: Size, emulate: Emulate
) -> None:
    emulator = emulate("timeout:times=1")
    async with first_run(isolated, size) as look:
        await fill(look, "acme", emulator.base_url, emulator.api_key)
        await look.press("enter")
        await until(look, lambda: emulator.emulator.requests, "a request")
        await sees(look, "Connecting to", "escape cancel")
        await press(look, "escape")
        await sees(look, "Cancelled. Nothing was kept.", emulator.base_url, "enter connect")
        assert not names(isolated)
        assert look.app.screen.query_one("#key", Input).value == emulator.api_key
        await press(look, "end")
        await look.press("enter")
        await connected(look)
    assert names(isolated) == ["acme"]


async def test_a_long_wait_says_what_it_waits_for(isolated: Path, emulate: Emulate) -> None:
    emulator = emulate("timeout")
    async with first_run(isolated, (80, 24)) as look:
        await fill(look, "acme", emulator.base_url, emulator.api_key)
        await look.press("enter")
        await sees(look, "Connecting to", "MemOS has not answered for")
        await press(look, "escape")
        await misses(look, "has not answered")


async def test_a_wrong_address_costs_neither_the_key_nor_the_name(
    isolated: Path, size: Size, emulate: Emulate
) -> None:
    emulator = emulate()
    async with first_run(isolated, size) as look:
        wrong = emulator.base_url.replace("/openmem", "/opnemem")
        await fill(look, "acme", wrong, emulator.api_key)
        await look.press("enter")
        await sees(look, "Nothing was kept.")
        await until(look, lambda: focus(look) == "url", "the focus on the address")
        assert look.app.screen.query_one("#key", Input).value == emulator.api_key
        await press(look, "tab")
        await sees(look, "Nothing was kept.")  # it stays until something is edited
        await press(look, "shift+tab")
        await type_in(look, emulator.base_url)
        await misses(look, "Nothing was kept.")
        await press(look, "enter")
        await look.press("enter")
        await connected(look)
    assert names(isolated) == ["acme"]


async def test_a_refused_key_is_told_at_the_key(
    isolated: Path, size: Size, emulate: Emulate
) -> None:
    emulator = emulate()
    async with first_run(isolated, size) as look:
        await fill(look, "acme", emulator.base_url, "mpg-wrong")
        await look.press("enter")
        await sees(look, "MemOS refused this key (code 40132)", "Nothing was kept.")
        assert "set-key" not in seen(look)  # there is no project to set it for
        await until(look, lambda: focus(look) == "key", "the focus on the key")
        problem = look.app.screen.query_one("#of-key .problem", Static)
        assert problem.display
        assert "mpg-wrong" not in seen(look)
        await press(look, "escape", "enter")  # nobody wants that one back
        assert look.app.screen.query_one("#key", Input).value == ""
        assert focus(look) == "key"
        await press(look, "x")
        await misses(look, "Nothing was kept.")
    assert not names(isolated)


async def test_cancelling_while_the_keyring_waits_leaves_no_key_behind(
    isolated: Path, size: Size, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = keyrings.Hanging()
    keyrings.use(monkeypatch, hanging)
    monkeypatch.setattr(connecting, "SILENT_AFTER", 0.0)
    emulator = emulate()
    async with first_run(isolated, size) as look:
        await fill(look, "acme", emulator.base_url, emulator.api_key)
        await look.press("enter")
        await sees(look, "The keyring has not answered")
        await until(look, lambda: hanging.kept, "a key that is not read back yet")
        await press(look, "escape")
        await sees(look, "Cancelled. Nothing was kept.")
        assert not names(isolated)
        hanging.release.set()
        await until(look, lambda: not hanging.kept, "the end of the key")
        await press(look, "end")
        await look.press("enter")
        await connected(look)
    assert names(isolated) == ["acme"]
    assert len(hanging.kept) == 1


async def test_a_name_that_is_taken_meanwhile_leaves_no_key_behind(
    isolated: Path, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keyrings.Memory()
    keyrings.use(monkeypatch, kept)
    emulator = emulate("latency:ms=300")
    async with first_run(isolated, (80, 24)) as look:
        await fill(look, "acme", emulator.base_url, emulator.api_key)
        await look.press("enter")
        await until(look, lambda: emulator.emulator.requests, "a request")
        Projects(Home(isolated)).add("Acme")
        await sees(look, "There is a project Acme already")
        await until(look, lambda: focus(look) == "name", "the focus on the name")
        await until(look, lambda: not kept.kept, "the end of the key")


def test_what_was_typed_is_not_in_its_repr() -> None:
    assert "mpg-secret" not in repr(connecting.Typed("a", "cn", "mpg-secret"))


# Small screens


@pytest.mark.parametrize("size", SMALL, ids=str)
async def test_every_field_and_its_error_is_seen_on_a_small_screen(
    isolated: Path, size: Size
) -> None:
    async with first_run(isolated, size) as look:
        await press(look, *"a/b", "enter")
        await sees(look, "Name, as you", "a/b", "cannot hold '/'")
        assert "spaces and . _ - + @" in " ".join(seen(look).split())
        await press(look, "backspace", "backspace", "enter")
        await sees(look, "Where it is", "● China", "○ Another address")
        await press(look, "up", "enter")
        await sees(look, "Its address", "https://…")
        await type_in(look, "http://example.com")
        await press(look, "enter")
        await sees(look, "Its address", "http://example.com", "http://127.0.0.1:8000).")
        await type_in(look, NOWHERE)
        await press(look, "enter")
        await sees(look, "API key, from", "mpg-…", "for this run only")
        await press(look, "enter")
        await sees(look, "API key, from", "The API key is empty", "for this run only")
        for row in rows(look):
            assert len(row) <= size[0]


@pytest.mark.parametrize("size", SMALL, ids=str)
async def test_connecting_and_its_error_are_seen_on_a_small_screen(
    isolated: Path, size: Size, emulate: Emulate
) -> None:
    wrong = emulate().base_url.replace("/openmem", "/opnemem")
    async with first_run(isolated, size) as look:
        await fill(look, "acme", NOWHERE, "mpg-0123456789")
        await look.press("enter")
        await sees(look, "Connecting to 127.0.0.1:9", "trying again in", "escape cancel")
        await press(look, "escape")
        await sees(look, "Cancelled. Nothing was kept.", "•" * 14)
        await press(look, "shift+tab")
        await type_in(look, wrong)
        await press(look, "enter")
        await look.press("enter")
        await until(look, lambda: "Nothing was kept." in " ".join(seen(look).split()), "the error")
        assert wrong in seen(look)


# The choices


async def test_the_demo_opens_and_says_so_when_it_cannot(isolated: Path, story: Workspace) -> None:
    app = MemosAdmin(Home(isolated), None, open_demo=lambda: story)
    async with app.run_test(size=(80, 24), notifications=True) as look:
        await press(look, "down", "enter")
        await sees(look, "memos_user_123", "demo")

    def broken() -> Workspace:
        raise OSError("no port is free")

    app = MemosAdmin(Home(isolated), None, demo=True, open_demo=broken)
    async with app.run_test(size=(80, 24), notifications=True) as look:
        await sees(look, "no port is free", "Connect a project")
        await rest(look)


async def test_what_is_typed_while_the_demo_opens_is_meant_for_the_demo(
    isolated: Path, story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed_ahead, "LONGEST", 0.05)
    opens = threading.Event()

    def open_demo() -> Workspace:
        opens.wait(60)
        return story

    app = MemosAdmin(Home(isolated), None, demo=True, open_demo=open_demo)
    async with app.run_test(size=(80, 24), notifications=True) as look:
        await sees(look, "Opening the demo …", "ctrl+q quit")
        send(look, "slash", *"wei", "enter")
        await sees(look, "What you type waits")
        opens.set()
        await connected(look)
        await rest(look)
        assert "li.wei@acme.cn" in seen(look)
        assert "memos_user_123" not in seen(look)


async def test_the_form_can_stand_on_another_screen(isolated: Path, emulate: Emulate) -> None:
    """What it says it says to whoever shows it, and then it is empty."""
    from textual.app import App, ComposeResult

    emulator = emulate()

    class Host(App[None]):
        told: ConnectForm.Connected | None = None

        def compose(self) -> ComposeResult:
            yield ConnectForm(Home(isolated))

        def on_mount(self) -> None:
            self.query_one(ConnectForm).begin()

        def on_connect_form_connected(self, event: ConnectForm.Connected) -> None:
            self.told = event

    host = Host()
    async with host.run_test(size=(80, 24)) as look:
        pilot: Any = look
        await fill(pilot, "acme", emulator.base_url, emulator.api_key)
        await look.press("enter")
        await until(pilot, lambda: host.told, "the message")
        assert host.told is not None
        assert host.told.workspace.project.name == "acme"
        assert all(not field.value for field in host.query(Input))
        await host.told.workspace.close()

"""The first frame: the users are there before the main screen, and nothing that is typed is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from memos_admin.backend import screen_state
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.screen_state import ScreenState
from memos_admin.backend.workspace import Workspace
from memos_admin.tui import app as app_module
from memos_admin.tui import importing
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.screens import opening
from memos_admin.tui.screens.main import MainScreen
from memos_admin.tui.screens.opening import Opening
from memos_admin.tui.session import Session
from tests.store import schemas
from tests.tui.looking import (
    Look,
    at_both_sizes,
    main,
    misses,
    press,
    rest,
    seen,
    sees,
    told,
    until,
)


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """As in a new process, where the main screen is not imported until this is set."""
    event = threading.Event()
    monkeypatch.setattr(app_module, "_MAIN", "not yet")
    monkeypatch.setattr(importing, "import_module", lambda _name: event.wait(60))
    yield event
    event.set()


@asynccontextmanager
async def begun(workspace: Workspace, size: tuple[int, int]) -> AsyncIterator[Look]:
    app = MemosAdmin(workspace.home, workspace)
    async with app.run_test(size=size) as look:
        yield look
    app.remembering.close()


def place(look: Look, name: str) -> tuple[int, int]:
    """Where a text stands on the screen."""
    lines = seen(look).splitlines()
    return next((y, line.index(name)) for y, line in enumerate(lines) if name in line)


@at_both_sizes
async def test_users_are_where_they_will_be(
    story: Workspace, size: tuple[int, int], imported: threading.Event
) -> None:
    async with begun(story, size) as look:
        await sees(look, "memos_user_123", "acme-prod")
        assert isinstance(look.app.screen, Opening)
        before = place(look, "memos_user_123")
        imported.set()
        await until(look, lambda: isinstance(look.app.screen, MainScreen))
        await rest(look)
        assert place(look, "memos_user_123") == before


async def test_the_main_screen_begins_with_them(
    story: Workspace, imported: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_screen: MainScreen) -> None:
        """Read nothing."""

    monkeypatch.setattr(MainScreen, "_fill", nothing)
    async with begun(story, (120, 40)) as look:
        await sees(look, "memos_user_123")
        imported.set()
        await until(look, lambda: isinstance(look.app.screen, MainScreen))
        await sees(look, "memos_user_123", "Conversations")


async def test_keys_are_held_for_the_main_screen(
    story: Workspace, imported: threading.Event
) -> None:
    async with begun(story, (120, 40)) as look:
        await sees(look, "memos_user_123")
        await look.press("slash", *"memos", "enter")
        assert isinstance(look.app.screen, Opening)
        imported.set()
        await until(look, lambda: isinstance(look.app.screen, MainScreen))
        await until(look, lambda: main(look).desk.panes.frames["users"].filter == "memos")
        await sees(look, "1 of 1 ")


async def test_a_store_that_cannot_be_read_for_long_is_said_to_be_waited_for(
    story: Workspace, imported: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, left = asyncio.Event(), Session.left

    async def late(session: Session) -> ScreenState:
        await free.wait()
        return await left(session)

    monkeypatch.setattr(opening, "LATE", 0.01)
    monkeypatch.setattr(Session, "left", late)
    async with begun(story, (120, 40)) as look:
        await sees(look, "waiting for the store …")
        free.set()
        await sees(look, "memos_user_123")
        imported.set()
        await until(look, lambda: isinstance(look.app.screen, MainScreen))
        await misses(look, "waiting for the store")


async def test_one_can_quit_before_it_is_there(story: Workspace, imported: threading.Event) -> None:
    async with begun(story, (80, 24)) as look:
        await look.press("ctrl+q")
        await until(look, lambda: not look.app.is_running)
        assert not imported.is_set()


async def test_the_cursor_is_where_it_was_left(story: Workspace, imported: threading.Event) -> None:
    ref = SubjectRef("user", "memos_user_123")
    path = screen_state.screen_state_path(story.project.store_dir)
    screen_state.save(path, ScreenState(subject=ref, user_order="name"))
    async with begun(story, (120, 40)) as look:
        await sees(look, "User↑")
        opening = look.app.screen
        assert isinstance(opening, Opening)
        await until(look, lambda: opening.users.row is not None)
        subject = opening.users.row
        assert subject is not None
        assert subject.ref == ref
        imported.set()
        await until(look, lambda: isinstance(look.app.screen, MainScreen))
        await rest(look)
        chosen = main(look).desk.subject
        assert chosen is not None
        assert chosen.ref == ref


async def test_a_store_that_cannot_be_read_is_told_by_the_main_screen(
    story: Workspace, imported: threading.Event
) -> None:
    await story.close()
    story.store_path.write_bytes(b"no store" * 1000)
    for name in ("store.db-wal", "store.db-shm"):
        story.store_path.with_name(name).unlink(missing_ok=True)
    async with begun(Workspace(story.project, story.home), (120, 40)) as look:
        imported.set()
        await told(look, "damaged or not a store")


@at_both_sizes
async def test_a_store_that_was_brought_to_the_present_form_is_told_of_once(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    schemas.load(7, workspace.store_path)
    async with begun(workspace, size) as look:
        await told(look, "The store was brought to the form that this version needs.")
        await press(look, "exclamation_mark")
        await told(look, "store.db.schema-7", "MB; delete that when nothing is missed.")
        await press(look, "escape")
        await misses(look, "was brought to")
        main(look).fill()
        await rest(look)
        await misses(look, "was brought to")

"""After an upgrade it is looked at where conversations begin, behind what is shown."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from memos_admin.backend.sync import beginnings
from memos_admin.backend.workspace import Workspace
from memos_admin.store import runs
from memos_admin.store.errors import StoreBusy
from memos_admin.store.records import UNLOOKED
from memos_admin.store.writer import Writer
from tests.tui.looking import main, misses, opened, press, sees, until

LOOKING = "Looking at where conversations begin: 0 of 5"


@pytest.fixture
def unlooked(story: Workspace) -> Workspace:
    """The project of the story, as after an upgrade."""

    def unlook(connection: Connection) -> None:
        runs.set_setting(connection, UNLOOKED, "1")

    story.writer.submit(unlook).result()
    return story


@pytest.fixture
def may_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Set when the look at the beginnings may go on."""
    may = threading.Event()

    def wait(writer: Writer, zone: ZoneInfo, tell: Callable[[int, int], None]) -> None:
        tell(0, 5)
        may.wait(60)
        look(writer, zone, tell)

    look = beginnings.look_everywhere
    monkeypatch.setattr(beginnings, "look_everywhere", wait)
    yield may
    may.set()


async def test_it_is_told_while_all_else_is_shown_which_is_read_anew_behind_it(
    unlooked: Workspace, size: tuple[int, int], may_end: threading.Event
) -> None:
    async with opened(unlooked, size) as look:
        await sees(look, LOOKING, "memos_user_123")
        await press(look, "slash", *"memos_user_123", "enter", "enter", "enter")
        await sees(look, "4 messages", "I want to travel")
        await misses(look, "from the start")
        await sees(look, "whether there were earlier messages was not looked at yet")
        await misses(look, "x stop")
        may_end.set()
        await misses(look, LOOKING)
        await sees(look, "from the start")


async def test_where_it_cannot_be_looked_the_rest_goes_on(
    unlooked: Workspace, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def fail(*_: object) -> None:
        tried.append(1)
        raise StoreBusy("not now")

    monkeypatch.setattr(beginnings, "look_everywhere", fail)
    async with opened(unlooked, size) as look:
        await sees(look, "memos_user_123")
        await until(look, lambda: tried)
        await misses(look, LOOKING)
        assert main(look).fetching.error == ""

"""The main states as plain text at three sizes: what a person reads, a file each in ``__snapshots__``.

Clock, zone and ids are fixed. Where a change is meant: ``pytest tests/tui/test_texts.py
--snapshot-update``, and read the difference.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from memos_admin.backend import display, roster
from memos_admin.backend.home import Home
from memos_admin.backend.keys import KeyringLocked
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.private_files import replace_private
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.errors import Busy, Unreachable
from memos_admin.tui.app import MemosAdmin
from tests.backend.service import Service, a_memory
from tests.masking.canaries import EMAIL, TEXT
from tests.tui.looking import Look, go_to_user, opened, press, rest, seen
from tests.tui.story import TRIP

SIZES = [(80, 24), (120, 40), (200, 50)]
Size = tuple[int, int]

NOW = 1_763_000_000_000_000_000
"""2025-11-13T02:13:20Z in nanoseconds."""

HOURS = 3 * 3_600_000_000_000


class TextFile(SingleFileSnapshotExtension):
    """A file of plain text for each state and size."""

    _file_extension = "txt"
    _write_mode = WriteMode.TEXT


class Clock:
    """What time it is."""

    now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A day in November, on which no time passes by itself."""
    clock = Clock()
    monkeypatch.setattr(time, "time_ns", clock)
    return clock


@dataclass
class World:
    """What the states are made of."""

    project: Workspace
    service: Service
    clock: Clock


@pytest.fixture
def world(story: Workspace, service: Service, clock: Clock) -> Iterator[World]:
    yield World(story, service, clock)
    display.draw(None)


Walk = Callable[[Look, World], Awaitable[None]]


@pytest.fixture(params=SIZES, ids=["80x24", "120x40", "200x50"])
def size(request: pytest.FixtureRequest) -> Size:
    """The sizes that are laid out in three ways."""
    chosen: Size = request.param
    return chosen


def text_of(look: Look) -> str:
    """Return what is read, a line a row."""
    return seen(look) + "\n"


async def why(look: Look, world: World) -> None:
    """A memory, and the message that it came from."""
    await go_to_user(look, "memos")
    await press(look, "enter", "tab", "down", "shift+tab", "j")


async def all_memories(look: Look, world: World) -> None:
    """Memories of several kinds, gone ones among them."""
    await go_to_user(look, "li.wei")
    await press(look, "g", "enter")


async def never_read(look: Look, world: World) -> None:
    """Somebody on the roster of whom nothing was read."""
    await press(look, "slash", *"u-88", "enter", "tab")


async def unknown_user(look: Look, world: World) -> None:
    """Somebody of whom MemOS lists nothing."""
    await go_to_user(look, "u-88")


async def deleted_messages(look: Look, world: World) -> None:
    """A conversation that MemOS does not return any more."""
    await go_to_user(look, "memos")
    await press(look, "enter")
    world.service.messages[TRIP.external_id, "0610"].clear()
    await press(look, "r")


async def masked(look: Look, world: World) -> None:
    """Screen-safe mode, on a user whose id is an address."""
    replace_private(world.project.home.pseudonyms_path, b"k" * 32)
    fields = {"title": f"Contact {EMAIL}", "conversation_id": "weekly"}
    about = a_memory("m-contact", TEXT, update_time="2025-11-12T07:58:05Z", **fields)
    world.service.put(EMAIL, about)
    await press(look, "S")
    await go_to_user(look, "li.wei")
    await press(look, "enter", "m", "tab", "up", "enter")


async def offline(look: Look, world: World) -> None:
    """No connection, three hours after the last one."""

    def down(route: str, name: str) -> None:
        raise Unreachable(
            "Listing memories failed: no connection to https://memos.memtensor.cn. "
            "Check the address and the network."
        )

    await go_to_user(look, "memos")
    world.clock.now += HOURS
    world.service.trouble = down
    await press(look, "r")


async def the_error_read(look: Look, world: World) -> None:
    """The same error in full."""
    await offline(look, world)
    await press(look, "exclamation_mark")


async def partial_sync(look: Look, world: World) -> None:
    """A sync of several in which one could not be read."""

    def trouble(route: str, name: str) -> None:
        if name == TRIP.external_id:
            raise Busy("Listing memories failed: the service cannot answer now (HTTP 503).")

    world.service.trouble = trouble
    world.service.put("u-88120", a_memory("m-new", "likes rye bread", conversation_id=None))
    await press(look, "S")


WALKS: list[Walk] = [
    why,
    all_memories,
    never_read,
    unknown_user,
    deleted_messages,
    masked,
    offline,
    the_error_read,
    partial_sync,
]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
async def test_reads_as_it_did(
    world: World, size: Size, walk: Walk, snapshot: SnapshotAssertion
) -> None:
    async with opened(world.project, size) as look:
        await walk(look, world)
        look.app.clear_notifications()  # they go by themselves, sooner or later
        await rest(look)
        assert text_of(look) == snapshot(extension_class=TextFile)


@pytest.mark.parametrize("state", ["first_run"])
async def test_the_first_run_reads_as_it_did(
    home: Home, size: Size, state: str, snapshot: SnapshotAssertion
) -> None:
    async with MemosAdmin(home, None).run_test(size=size) as look:
        await rest(look)
        assert text_of(look) == snapshot(extension_class=TextFile)


@pytest.mark.parametrize("state", ["no_users", "locked_keyring"])
async def test_a_project_without_anything_reads_as_it_did(
    workspace: Workspace, size: Size, state: str, snapshot: SnapshotAssertion
) -> None:
    async def locked() -> None:
        raise KeyringLocked(
            "The keyring is locked, and was not unlocked (KeyringLocked). Unlock it on the desktop "
            "and try again."
        )

    if state == "locked_keyring":
        workspace.use_key(locked)  # type: ignore[arg-type]
        await roster.add_subjects(workspace, [SubjectRef("user", "memos_user_123")])
    async with opened(workspace, size) as look:
        if state == "locked_keyring":
            await press(look, "enter")
        assert text_of(look) == snapshot(extension_class=TextFile)
    workspace.abandon()

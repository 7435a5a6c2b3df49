"""What a pane shows is of whom it is said to be, whatever cannot be read, or takes long to be read."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from memos_admin.backend import roster
from memos_admin.backend.errors import StoreBroken
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.sync import SyncProgress, SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.errors import Busy
from memos_admin.store.reads import Reads
from memos_admin.tui.reader import Reader
from memos_admin.tui.screens.queue import QueueScreen
from tests.backend.service import Service, a_memory
from tests.tui.looking import Look, main, misses, opened, press, rest, seen, sees, send, told
from tests.tui.persons import under, whose

SIZES = ((80, 24), (200, 50))

READS = (
    "conversation_pks",
    "conversations",
    "message_pks",
    "messages",
    "memory_pks",
    "memories",
    "memory_sources",
    "memory_count",
)
"""What is read when somebody is chosen, and when that is read again."""

at_both = pytest.mark.parametrize("size", SIZES, ids=["80x24", "200x50"])


class Broken:
    """Reads that fail, or wait."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def fail(self, *names: str, error: type[Exception] = StoreBroken) -> None:
        def failing(*_: Any, **__: Any) -> None:
            raise error("The store is damaged.")

        for name in names:
            self._patch.setattr(Reads, name, failing)

    def wait(self, name: str, go: threading.Event) -> None:
        read = getattr(Reads, name)

        def waiting(*args: Any, **options: Any) -> Any:
            assert go.wait(60)
            return read(*args, **options)

        self._patch.setattr(Reads, name, waiting)

    def mend(self) -> None:
        self._patch.undo()


@pytest.fixture
def broken() -> Iterator[Broken]:
    with pytest.MonkeyPatch.context() as patch:
        yield Broken(patch)


async def goes_round(look: Look) -> list[set[str]]:
    """Return who is named in each of the panes, gone through by keys from the list of users.

    Where all of them are seen at once it is looked at the first and the last.
    """
    found = [whose(look)]
    frames = main(look).desk.panes.frames.values()
    for number in range(1, len(frames)):
        await press(look, "tab")
        if number == len(frames) - 1 or not all(frame.display for frame in frames):
            found.append(whose(look))
    await press(look, "tab")
    return found


@contextmanager
def naming(read: str) -> Iterator[None]:
    """Name what was being read in what fails meanwhile."""
    try:
        yield
    except AssertionError as error:
        error.add_note(f"where this is read: {read}")
        raise


@at_both
async def test_nothing_of_the_former_user_stands_where_reading_fails(
    three: Workspace, size: tuple[int, int], broken: Broken
) -> None:
    async with opened(three, size) as look:
        for read, key in zip(READS, itertools.cycle("jjkk")):
            with naming(read):
                await _fails(look, broken, read, key)


async def _fails(look: Look, broken: Broken, read: str, key: str) -> None:
    """Look at what is shown where the next user cannot be read, and then can."""
    before = under(look)
    broken.fail(read)
    await press(look, key)
    after = under(look)
    assert after != before
    for names in await goes_round(look):
        assert names <= {after}
    desk = main(look).desk
    if any(frame.waits for frame in desk.panes.frames.values()):
        pane = next(name for name, frame in desk.panes.frames.items() if frame.waits)
        main(look).go_to(pane)
        await rest(look)
        await told(look, "This could not be read. r tries again.", "memos-admin doctor")
    else:
        assert read == "memory_count"  # which nothing that is shown needs
    broken.mend()
    main(look).go_to("users")
    await press(look, "r")
    shown = set[str]().union(*await goes_round(look))
    assert shown == {after}
    assert not desk.waits


async def test_the_cursor_goes_on_while_reading_takes_long(
    three: Workspace, broken: Broken
) -> None:
    async with opened(three, (200, 50)) as look:
        for read in READS:
            if read != "memory_count":
                with naming(read):
                    await _takes_long(look, broken, read)


async def _takes_long(look: Look, broken: Broken, read: str) -> None:
    """Go from the first user to the last one, and back when all is read."""
    go, before = threading.Event(), under(look)
    broken.wait(read, go)
    try:
        send(look, "j")
        await misses(look, f"one-of-{before}")
        assert before not in whose(look)
        await sees(look, "Reading …")
        assert before not in whose(look)
        send(look, "j")
        await sees(look, "3 of 3")
        assert before not in whose(look)
    finally:
        go.set()
    await rest(look)
    assert under(look) not in {before, None}
    assert whose(look) == {under(look)}
    broken.mend()
    await press(look, "k", "k")
    assert whose(look) == {before}


# -- the review ----------------------------------------------------------------------------------


async def _failing(*_: Any, **__: Any) -> None:
    raise StoreBroken("The store is damaged.")


@at_both
async def test_a_review_shows_and_judges_no_memory_but_the_one_that_is_named(
    three: Workspace, size: tuple[int, int]
) -> None:
    async with opened(three, size) as look:
        await press(look, "Q", "enter", "enter")
        screen = look.app.screen
        assert isinstance(screen, QueueScreen)
        assert whose(look)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Reader, "__call__", _failing)
            await press(look, "n")
            await told(look, "The queue cannot be read: The store is damaged.")
            assert whose(look) == set()
            await press(look, "1", "E", "y")
            assert "Copied" not in seen(look)
        await press(look, "p", "n")
        await sees(look, "0 judged by you")


async def test_of_a_memory_that_cannot_be_read_nothing_is_said_that_is_not_known(
    three: Workspace, broken: Broken
) -> None:
    async with opened(three, (200, 50)) as look:
        await press(look, "enter")
        broken.fail("conversation")
        await press(look, "g")
        for key in ("tab", "tab", "j", "k", "r", "m", "m"):  # anew, and while it is masked
            frames = main(look).desk.panes.frames
            assert frames["detail"].waits
            assert frames["transcript"].waits
            screen = seen(look)
            assert "─ Detail ─" in screen
            for untrue in ("Choose a memory", "Fact · activated", "is not stored here"):
                assert untrue not in screen
            await press(look, key)
        broken.mend()
        await press(look, "r")
        assert not main(look).desk.waits
        await sees(look, "Fact · activated", f"said by-{under(look)}")


@pytest.mark.parametrize(
    "size", [(80, 24), (100, 24), (200, 50)], ids=["80x24", "100x24", "200x50"]
)
async def test_numbers_of_a_first_listing_that_broke_off_are_lower_bounds_and_none_is_cut(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    ann = SubjectRef("user", "ann")
    service.page_size = 300
    service.put("ann", *(a_memory(f"m{n}", conversation_id=f"c{n % 2}") for n in range(2400)))
    await roster.add_subjects(workspace, [ann])

    def stop_soon(progress: SyncProgress) -> None:
        if progress.memories >= 1200:
            task.cancel()

    task = asyncio.create_task(sync(workspace, SyncScope(), on_progress=stop_soon))
    with pytest.raises(asyncio.CancelledError):
        await task
    with workspace.open_reads() as reads:
        stored = reads.memory_count(Filter(subject=ann))
    assert 1000 < stored < 2400

    def trouble(_route: str, _name: str) -> None:
        raise Busy("Listing memories failed: the service cannot answer now (HTTP 503).")

    service.trouble = trouble
    async with opened(workspace, size) as look:
        await sees(look, f" {stored:,}+")
        await press(look, "enter", "j")
        await sees(look, f" {stored // 2:,}+")
        main(look).go_to("memories")
        await sees(look, " · not all read ")
        await press(look, "H")
        await sees(look, "Day by day", f" {stored:,}+", "+ at least")
        await press(look, "u")
        await sees(look, "everyone", f" {stored:,}+", "+ at least")

"""Several syncs at once: what is told of them, and that they end apart."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from memos_admin.backend.model import SubjectRef
from memos_admin.backend.sync import SyncProgress, SyncReport
from memos_admin.backend.times import now_ms
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Memory
from memos_admin.cloud.errors import Rejected
from memos_admin.tui.jobs.running import Errand, Runs, summary
from tests.backend.service import Service, a_memory
from tests.tui.looking import main, misses, opened, press, sees, until
from tests.tui.story import LI, TRIP

ANN, BOB = SubjectRef("user", "ann"), SubjectRef("user", "bob")
OF_ALL, OF_ANN, OF_BOB = Errand(), Errand((ANN,)), Errand((BOB,))


def at(done: int, total: int, requests: int, eta: float | None = None) -> SyncProgress:
    return SyncProgress(done, total, requests, 10 * done, 0, f"reading {done}", eta)


def fresh(memory_id: str, *, title: str) -> Memory:
    return a_memory(memory_id, f"likes {title}", title=title, update_time=str(now_ms()))


def test_one_of_a_kind_at_a_time() -> None:
    runs = Runs()
    assert runs.begin(OF_ANN)
    assert not runs.begin(OF_ANN)
    assert runs.begin(OF_BOB)
    assert runs.begin(Errand((ANN,), full=True))
    runs.end(OF_ANN)
    assert runs.begin(OF_ANN)


def test_one_that_goes_on_tells_what_was_read_before() -> None:
    runs = Runs(lambda: 100.0)
    runs.begin(OF_ALL)
    runs.tell(OF_ALL, replace(at(0, 4, 0), before=16))
    assert runs.progress is not None
    assert (runs.progress.done, runs.progress.total) == (16, 20)
    assert runs.progress.text.startswith("16 of 20 · goes on where one was interrupted")
    runs.tell(OF_ALL, replace(at(0, 4, 0), before=16, beside=True))
    assert runs.progress.text.startswith("16 of 20 · goes on beside another one")


def test_syncs_are_told_together() -> None:
    now = 100.0
    runs = Runs(lambda: now)
    runs.begin(OF_ANN)
    runs.begin(OF_ALL)
    assert runs.progress is not None
    assert runs.progress.text == "starting"
    runs.tell(OF_ANN, at(0, 1, 1))
    now = 102.0
    runs.tell(OF_ALL, at(3, 9, 21, eta=12))
    told = runs.progress
    assert (told.done, told.total) == (3, 10)
    assert told.text == (
        "2 syncs · 3 of 10 · 30 memories · about 12 s left · 10 requests/s · reading 3"
    )
    runs.end(OF_ALL)
    runs.end(OF_ANN)
    assert runs.progress is None


def test_the_rate_is_that_of_the_last_seconds() -> None:
    now = 0.0
    runs = Runs(lambda: now)
    runs.begin(OF_ALL)
    for now, sent in ((0.0, 0), (10.0, 10), (14.0, 50)):  # noqa: B007 - the clock reads it
        runs.tell(OF_ALL, at(1, 2, sent))
    assert runs.progress is not None
    assert "10 requests/s" in runs.progress.text


def test_a_summary_names_what_there_is() -> None:
    nothing = SyncReport(1, 0, 5, 0, 0, 0, 0, 0, 0, (), complete=True)
    assert summary(nothing) == ""
    report = SyncReport(1, 0, 5, 1, 2, 3, 0, 1, 0, (), complete=True)
    assert summary(report) == "1 memory added, 2 changed, 3 gone, 1 new message"


async def test_where_no_listing_was_whole_it_is_said_that_what_is_gone_was_not_looked_for(
    story: Workspace, service: Service
) -> None:
    pages = count(1)

    def second_page_fails(route: str, name: str) -> None:
        if (route, name) == ("/get/memory", TRIP.external_id) and next(pages) > 1:
            raise Rejected("Listing memories failed: the service declined.")

    service.put(TRIP.external_id, *(fresh(f"m-{n}", title="Trains") for n in range(2)))
    service.page_size = len(service.memories["user", TRIP.external_id]) - 1
    async with opened(story, (120, 40)) as look:
        service.trouble = second_page_fails
        main(look).fetching.sync(TRIP, full=True)
        await sees(look, "Synced in part:", "What is gone was not looked for: F does.")


async def test_two_syncs_run_at_once_and_changes_are_told(
    story: Workspace, service: Service
) -> None:
    service.put(TRIP.external_id, fresh("m-new", title="Trains"))
    async with opened(story, (120, 40)) as look:
        screen = main(look)
        screen.fetching.sync(LI)
        screen.fetching.sync(TRIP)
        screen.fetching.sync(TRIP)
        assert len(screen.desk.asks.runs) == 2
        await until(look, lambda: not screen.fetching.syncing, "the end of both")
        await sees(
            look, "Synced memos_user_123: 1 memory added. Press c, then u", "nothing has changed"
        )
        await sees(look, "What is gone was not looked for: F does.")
        await press(look, "c", "u")
        await sees(look, "Trains", "added")


async def test_those_that_pass_the_filter_are_synced(story: Workspace, service: Service) -> None:
    service.put(TRIP.external_id, fresh("m-new", title="Trains"))
    service.put(LI.external_id, fresh("m-other", title="Boats"))
    async with opened(story, (120, 40)) as look:
        await press(look, "slash", *"memos", "enter", "S")
        await sees(look, "1 memory added")
        await press(look, "c")
        await sees(look, "Trains")
        await misses(look, "Boats")

"""The clock of this machine goes wrong: what is read does not depend on it, only what is shown does."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta

import pytest

from memos_admin.backend import roster
from memos_admin.backend.clock import apart
from memos_admin.backend.ledger import document, ledger
from memos_admin.backend.ledger.words import facts
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.sync import SyncProgress, SyncScope, open_subject, sync
from memos_admin.backend.times import utc_text
from memos_admin.backend.upkeep import maintenance
from memos_admin.backend.workspace import Workspace
from tests.backend.service import Service, a_memory, a_message
from tests.effort import examples

ANN = SubjectRef("user", "ann")
DAY = 86_400.0
JUMPS = (-20 * 365 * DAY, -400 * DAY, -3600.0, 3600.0, 3 * DAY, 400 * DAY, 20 * 365 * DAY)
BEGIN = datetime(2025, 9, 17, tzinfo=UTC)


class Clock:
    """The time of this machine, as far from the true one as is said."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def set_into(self, monkeypatch: pytest.MonkeyPatch) -> None:
        true, true_ns = time.time, time.time_ns
        monkeypatch.setattr(time, "time", lambda: true() + self.ahead)
        monkeypatch.setattr(time, "time_ns", lambda: true_ns() + int(self.ahead * 1e9))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    clock.set_into(monkeypatch)
    return clock


class Changing(Service):
    """A service whose own clock goes on an hour with each change, and which says what it is."""

    def __init__(self) -> None:
        super().__init__()
        self.hours = 0

    def _called(self, route: str, name: str) -> None:
        super()._called(route, name)
        self.clock_ahead = time.time() - (BEGIN + timedelta(hours=self.hours)).timestamp()

    def change(self, memory_id: str, text: str, *, days: float = 0) -> None:
        """Change a memory, or add it, and say so in its conversation."""
        self.hours += 1 + int(days * 24)
        at = BEGIN + timedelta(hours=self.hours)
        self.put("ann", a_memory(memory_id, text, update_time=at.isoformat()))
        self.say("ann", "c1", a_message(text, at=at.strftime("%Y-%m-%d %H:%M:%S")))


@pytest.fixture
def service() -> Changing:
    return Changing()


def known(workspace: Workspace) -> tuple[dict[str, str], list[str]]:
    """Return what the store has: memories, and the messages in their order."""
    reads = workspace.reads
    memories = reads.memories(reads.memory_pks(Filter(subject=ANN)))
    conversation = reads.conversation(ANN, "c1")
    assert conversation is not None
    said = reads.messages(reads.message_pks(conversation.pk))
    return {m.memory_id: m.content for m in memories}, [m.content for m in said]


def served(service: Service) -> tuple[dict[str, str], list[str]]:
    listed = service.memories["user", "ann"]
    return (
        {name: memory.content for name, memory in listed.items()},
        [message.content for message in service.messages["ann", "c1"]],
    )


async def test_changes_are_found_wherever_the_clock_goes(
    workspace: Workspace, service: Changing, clock: Clock
) -> None:
    """Also after jumps in both directions, one after the other, and while the true time goes on."""
    chance = random.Random(4)
    service.change("m0", "begins")
    await roster.add_subjects(workspace, [ANN])
    await sync(workspace, SyncScope())
    for number in range(examples(25)):
        clock.ahead = chance.choice((*JUMPS, 0.0, 0.0, 0.0))
        service.change(f"m{chance.randrange(6)}", f"text {number}", days=chance.choice((0, 0, 4)))
        if chance.random() < 0.3:
            clock.ahead += chance.choice(JUMPS) / 2  # the change was seen before neither
        report = await sync(workspace, SyncScope())
        assert report.complete
        assert known(workspace) == served(service), (number, clock.ahead)
    assert maintenance.check(workspace) == []


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        (0, ""),
        (-299, ""),
        (-301, "The clock of this computer is 5 minutes behind that of MemOS."),
        (2.5 * 3600, "The clock of this computer is 2 hours ahead of that of MemOS."),
        (-400 * DAY, "The clock of this computer is 400 days behind that of MemOS."),
    ],
)
def test_how_far_two_clocks_are_apart_is_told(ahead: float, told: str) -> None:
    assert apart(ahead) == told


async def test_that_a_listing_ended_before_it_began_is_explained(
    workspace: Workspace, service: Changing, clock: Clock
) -> None:
    service.change("m0", "begins")
    await roster.add_subjects(workspace, [ANN])
    away, told = time.time() - (BEGIN + timedelta(hours=1)).timestamp(), {}
    for ahead in (-400 * DAY, 0.0):
        clock.ahead = ahead - away
        report = await sync(workspace, SyncScope((ANN,), full=True))
        found = ledger(workspace.reads, ANN)
        labels = [fact.label for _, part in facts(found, utc_text) for fact in part]
        told[ahead] = "clock" in labels
        assert found.ended_before_it_began == told[ahead]
        memories = document(workspace.reads, found)["memories"]
        assert memories["clock_was_behind"] == told[ahead]
        assert (abs(report.clock_ahead) > DAY) == told[ahead]
    assert told == {-400 * DAY: True, 0.0: False}


async def test_that_the_clock_was_set_back_between_two_readings_is_told(
    workspace: Workspace, service: Changing, clock: Clock
) -> None:
    service.change("m0", "begins")
    await roster.add_subjects(workspace, [ANN])
    for ahead in (0.0, -6 * 365 * DAY):
        clock.ahead = ahead
        await sync(workspace, SyncScope((ANN,), full=True))
        for ref in (ANN, None):
            found = ledger(workspace.reads, ref)
            memories = document(workspace.reads, found)["memories"]
            assert memories["clock_was_set_back"] == (ahead < 0)
            told = [fact.text for _, part in facts(found, utc_text) for fact in part if fact.lacks]
            assert any("not by their order" in text for text in told) == (ahead < 0)


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_jump_within_a_sync_changes_nothing_of_what_is_read(
    workspace: Workspace, service: Changing, clock: Clock, jump: float
) -> None:
    def leap(route: str, name: str) -> None:
        clock.ahead = jump if clock.ahead == 0 else 0.0

    service.trouble = leap
    for number in range(4):
        service.change(f"m{number}", f"text {number}")
        report = await sync(workspace, SyncScope((ANN,), full=number == 2))
        assert (report.complete, report.vanished, report.gaps) == (True, 0, 0)
        assert known(workspace) == served(service)
    del service.memories["user", "ann"]["m1"]
    assert (await sync(workspace, SyncScope((ANN,), full=True))).vanished == 1
    assert maintenance.check(workspace) == []


@pytest.mark.parametrize("jump", JUMPS)
async def test_what_an_interrupted_sync_had_read_is_skipped_within_the_hour_only(
    workspace: Workspace, service: Changing, clock: Clock, jump: float
) -> None:
    names = [f"u{n:02}" for n in range(30)]
    for name in names:
        service.put(name, a_memory(f"m-{name}"))
    await roster.add_subjects(workspace, [SubjectRef("user", name) for name in names])

    def stop_after_some(progress: SyncProgress) -> None:
        if progress.done > 10:
            raise RuntimeError("stopped here")

    scope = SyncScope()
    with pytest.raises(RuntimeError):
        await sync(workspace, scope, on_progress=stop_after_some)
    clock.ahead = jump
    report = await sync(workspace, scope)
    assert report.complete
    assert report.skipped == 0 or jump == 3600.0
    assert report.subjects + report.skipped == len(names)


@pytest.mark.parametrize("jump", JUMPS)
async def test_whether_the_filter_works_is_found_out_by_any_clock(
    workspace: Workspace, service: Changing, clock: Clock, jump: float
) -> None:
    service.change("m0", "begins")
    await roster.add_subjects(workspace, [ANN])
    clock.ahead = min(jump, 0.0)
    await sync(workspace, SyncScope())
    clock.ahead = jump
    await sync(workspace, SyncScope())
    assert workspace.reads.setting("update_filter") == "honoured"


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
async def test_a_service_may_name_the_first_and_the_last_day(
    workspace: Workspace, service: Changing, at: str
) -> None:
    service.put("ann", a_memory("m0", update_time=at))
    await roster.add_subjects(workspace, [ANN])
    for text in ("likes coffee", "likes water"):
        service.put("ann", a_memory("m0", text, update_time=at), a_memory("m1", text))
        assert (await sync(workspace, SyncScope())).complete
    await sync(workspace, SyncScope((ANN,), full=True))
    memories = workspace.reads.memories(workspace.reads.memory_pks(Filter(subject=ANN)))
    assert {memory.content for memory in memories} == {"likes water"}


async def test_what_was_read_in_the_future_is_asked_for_when_it_is_opened(
    workspace: Workspace, service: Changing, clock: Clock
) -> None:
    service.change("m0", "begins")
    service.change("m1", "goes on")
    await roster.add_subjects(workspace, [ANN])
    clock.ahead = 400 * DAY
    await sync(workspace, SyncScope())
    clock.ahead = 0
    subject, conversation = workspace.reads.subject(ANN), workspace.reads.conversation(ANN, "c1")
    assert subject is not None
    assert conversation is not None
    await roster.mark_opened(workspace, subject.pk, conversation.pk)
    service.say("ann", "c1", a_message("said since", at="2025-09-18 00:00:00"))
    assert (await sync(workspace, SyncScope())).messages == 1
    clock.ahead = -DAY
    del service.memories["user", "ann"]["m1"]
    assert (await open_subject(workspace, ANN)).vanished == 1

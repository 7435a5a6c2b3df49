"""A watch: when it asks, and that what it tells in all is what the store tells of the same syncs."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from memos_admin.backend import roster
from memos_admin.backend.history import as_of
from memos_admin.backend.history.changes import changes_between
from memos_admin.backend.jump import FoundTask
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.watching import calm, task
from memos_admin.backend.watching.calm import Calm, Outcome
from memos_admin.backend.watching.task import came_of, follow
from memos_admin.backend.watching.watch import Found, Watch
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Task
from memos_admin.cloud.errors import (
    CloudError,
    NotFound,
    QuotaExceeded,
    RateLimited,
    Refused,
    Unreachable,
)
from memos_admin.store import history, ledger, runs
from memos_admin.store.records import Conversation, Filter, Memory, SubjectRef, SyncRun
from tests.backend.service import Service, a_memory, a_message

ANN, BOB = SubjectRef("user", "ann"), SubjectRef("user", "bob")
START = 1_758_096_000_000
"""Two minutes after what the service's memories say of their last change."""


class Clock:
    """Milliseconds that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


@pytest.fixture
async def clock(workspace: Workspace, service: Service) -> Clock:
    """The workspace's clock; ann and bob were read already."""
    clock = Clock()
    workspace.clock = clock
    service.put("ann", a_memory("a1"), a_memory("a2"))
    service.put("bob", a_memory("b1", conversation_id="c2"))
    service.say("ann", "c1", a_message("hello"))
    await roster.add_subjects(workspace, [ANN, BOB])
    await sync(workspace, SyncScope())
    clock.now += 3_600_000
    return clock


def told(found: tuple[Found, ...]) -> list[tuple[str, str]]:
    return [
        (
            one.change.kind,
            one.about.memory_id if isinstance(one.about, Memory) else one.about.conversation_id,
        )
        for one in found
    ]


@given(
    st.floats(0.1, 5_000),
    st.integers(0, 100),
    st.lists(st.sampled_from(["changed", "quiet", "limited", "away"])),
    st.floats(0, 0.999),
)
def test_a_watch_is_never_faster_than_said(
    interval: float, subjects: int, outcomes: list[Outcome], chance: float
) -> None:
    calmly = Calm(interval, subjects, lambda: chance)
    assert calmly.shortest >= max(interval, 2.0, subjects)
    for outcome in outcomes:
        seconds = calmly.after(outcome)
        assert seconds >= calmly.shortest
        if outcome == "limited":
            assert seconds >= 60
        else:
            assert seconds <= max(calmly.longest, 900) * 1.2


def test_it_grows_while_nothing_changes_and_is_back_at_a_change() -> None:
    calmly = Calm(30, 1, lambda: 0)
    quiet = [calmly.after("quiet") for _ in range(10)]
    assert quiet == sorted(quiet)
    assert quiet[:3] == [30, 45, 67.5]
    assert quiet[-1] == 300
    assert calmly.after("changed") == 30
    assert [calmly.after("quiet") for _ in range(2)] == [30, 45]
    assert calmly.after("changed") == 30
    assert [calmly.after("limited") for _ in range(6)] == [60, 120, 240, 480, 900, 900]
    assert calmly.after("quiet") == 300


@pytest.mark.parametrize("honoured", [True, False])
async def test_it_says_how_many_requests_a_poll_takes(
    workspace: Workspace, service: Service, clock: Clock, *, honoured: bool
) -> None:
    old = {"update_time": "2025-01-01T00:00:00Z"}
    service.put("ann", *(a_memory(f"a{number}", **old) for number in range(120)))
    await sync(workspace, SyncScope(full=True))
    if not honoured:
        service.honours_filter = False
        writer = await workspace.open_writer()
        await writer.run(lambda c: runs.set_setting(c, runs.UPDATE_FILTER, "ignored"))
    # A page of each, or three of ann; then a conversation of each, and the filter found out again.
    needed = {False: 2 if honoured else 4, True: 6 if honoured else 8}
    for full, number in needed.items():
        watch = Watch(workspace, interval=30, full=full, chance=lambda: 0)
        watched = await watch.begin()
        assert watched.expense == (number, False)
        assert watched.per_minute == number * 2
        assert [(await watch.poll()).requests for _poll in range(2)] == [number] * 2


async def test_it_says_how_many_requests_a_poll_takes_after_many_changes(
    workspace: Workspace, service: Service, clock: Clock
) -> None:
    service.put("ann", *(a_memory(f"a{number}") for number in range(120)))
    await sync(workspace, SyncScope())
    watch = Watch(workspace)
    assert (await watch.begin()).expense == (4, False)
    assert (await watch.poll()).requests == 4


async def test_it_says_where_a_poll_may_take_more_requests_than_are_known(
    workspace: Workspace, service: Service, clock: Clock
) -> None:
    assert not (await Watch(workspace, full=True).begin()).expense.at_least
    await roster.add_subjects(workspace, [SubjectRef("user", "eve")])
    assert (await Watch(workspace, full=True).begin()).expense.at_least


async def test_only_what_changed_is_told_with_its_words(
    workspace: Workspace, service: Service, clock: Clock
) -> None:
    watch = Watch(workspace, chance=lambda: 0)
    watched = await watch.begin()
    assert {*watched.refs} == {ANN, BOB}
    quiet = await watch.poll()
    assert (quiet.outcome, quiet.found, quiet.requests) == ("quiet", (), 2)
    clock.now += 60_000
    service.put("ann", a_memory("a1", "likes coffee"), a_memory("a3"))
    service.put("bob", a_memory("b1", conversation_id="c2", status="archived"))
    service.say("ann", "c1", a_message("more"), a_message("and more"))
    poll = await watch.poll()
    assert poll.outcome == "changed"
    assert poll.next_in == 30
    assert sorted(told(poll.found)) == [
        ("added", "a3"),
        ("changed", "a1"),
        ("messages", "c1"),
        ("status", "b1"),
    ]
    words = next(one for one in poll.found if one.change.kind == "changed").differences
    assert [(one.field, [p for p in one.parts if p.kind != "same"]) for one in words] == [
        ("content", [("gone", "tea"), ("new", "coffee")])
    ]
    assert next(one for one in poll.found if one.change.kind == "messages").change.messages == 2
    assert (await watch.poll()).found == ()


async def test_gone_and_back_is_told_by_whole_listings(
    workspace: Workspace, service: Service, clock: Clock
) -> None:
    watch = Watch(workspace, [ANN], full=True)
    await watch.begin()
    gone = service.memories["user", "ann"].pop("a2")
    assert told((await watch.poll()).found) == [("vanished", "a2")]
    clock.now += 60_000
    service.put("ann", gone)
    assert told((await watch.poll()).found) == [("returned", "a2")]
    del service.memories["user", "ann"]["a2"]
    assert told((await watch.poll()).found) == [("vanished", "a2")]
    clock.now += 60_000
    service.put("ann", a_memory("a2", "is not allergic to tea"))
    found = (await watch.poll()).found
    assert told(found) == [("returned", "a2"), ("changed", "a2")]
    assert "content" in {one.field for one in found[1].differences}
    (run, *_) = runs_of(workspace)
    assert (run.changed, run.returned) == (1, 1)


async def test_a_filter_names_memories_and_no_messages(
    workspace: Workspace, service: Service, clock: Clock
) -> None:
    watch = Watch(workspace, within=Filter(views=frozenset({"preference"})))
    await watch.begin()
    service.put("ann", a_memory("a3"), a_memory("a4", view="preference"))
    service.say("ann", "c1", a_message("more"))
    assert told((await watch.poll()).found) == [("added", "a4")]


async def test_the_first_reading_of_somebody_is_not_told(
    workspace: Workspace, service: Service, clock: Clock
) -> None:
    await roster.add_subjects(workspace, [SubjectRef("user", "new")])
    service.put("new", a_memory("n1", conversation_id="c9"))
    service.say("new", "c9", a_message("hello"))
    watch = Watch(workspace)
    await watch.begin()
    first = await watch.poll()
    assert (first.found, first.first_read) == ((), 2)
    service.put("new", a_memory("n2", conversation_id=None))
    assert told((await watch.poll()).found) == [("added", "n2")]


async def test_what_another_program_found_is_told_and_others_are_not(
    workspace: Workspace, service: Service, clock: Clock
) -> None:
    watch = Watch(workspace, [ANN])
    await watch.begin()
    service.put("ann", a_memory("a3"))
    service.put("bob", a_memory("b2"))
    await sync(workspace, SyncScope())
    clock.now += 1_000
    assert told((await watch.poll()).found) == [("added", "a3")]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (RateLimited("limited"), "limited"),
        (Unreachable("no answer"), "away"),
        (Refused("refused"), "refused"),
        (QuotaExceeded("used up"), "quota"),
    ],
)
async def test_trouble_is_told_once_and_so_is_its_end(
    workspace: Workspace,
    service: Service,
    clock: Clock,
    error: CloudError,
    outcome: Outcome,
) -> None:
    def trouble(route: str, name: str) -> None:
        raise error

    watch = Watch(workspace)
    await watch.begin()
    service.trouble = trouble
    first = await watch.poll()
    began = clock.now
    assert first.outcome == outcome
    assert str(error) in first.trouble
    assert first.troubled_since == began
    assert (first.next_in is None) == (outcome in calm.ENDS)
    clock.now += 60_000
    second = await watch.poll()
    assert (second.trouble, second.troubled_since) == ("", began)
    service.trouble = lambda route, name: None
    service.put("ann", a_memory("a3"))
    well = await watch.poll()
    assert (well.again_since, well.troubled_since) == (began, None)
    assert told(well.found) == [("added", "a3")]
    assert (await watch.poll()).again_since is None


async def test_another_trouble_is_told_too(
    workspace: Workspace, service: Service, clock: Clock
) -> None:
    troubles: list[CloudError] = [Unreachable("no answer"), Unreachable("none for 9 s")]
    troubles.append(Refused("refused"))

    def trouble(route: str, name: str) -> None:
        raise troubles[0]

    watch = Watch(workspace, [ANN])
    await watch.begin()
    service.trouble = trouble
    said = []
    while troubles:
        said.append((await watch.poll()).trouble)
        del troubles[0]
    assert [bool(text) for text in said] == [True, False, True]


async def test_polls_wait_as_long_as_they_say_and_end_where_a_person_is_needed(
    workspace: Workspace, service: Service, clock: Clock
) -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:

            def refuse(route: str, name: str) -> None:
                raise Refused("the key is refused")

            service.trouble = refuse

    watch = Watch(workspace, [ANN], interval=10, chance=lambda: 0)
    await watch.begin()
    polls = [poll async for poll in watch.polls(wait)]
    assert waited == [10, 15, 22.5]
    assert [poll.outcome for poll in polls] == ["quiet"] * 3 + ["refused"]


@pytest.mark.parametrize("seed", range(5))
async def test_all_that_is_told_is_what_the_store_tells_of_the_same_syncs(
    workspace: Workspace, service: Service, clock: Clock, seed: int
) -> None:
    """Random histories, with a clock that stands still, leaps and is set back."""
    chance = random.Random(seed)
    began = clock.now
    watch = Watch(workspace, full=seed % 2 == 0)
    await watch.begin()
    found: list[Found] = []
    for _ in range(8):
        for _ in range(chance.randrange(4)):
            _happen(service, chance)
        if chance.random() < 0.3:
            await sync(workspace, SyncScope(full=chance.random() < 0.5))
        found += (await watch.poll()).found
        clock.now += chance.choice([0, 1, 30_000, 700_000, -20_000])
    whole = changes_between(workspace.reads, min(began, clock.now) - 1_000_000, None)
    memories = Counter((c.kind, c.at, c.listing_pk, c.version) for c in whole if c.listing_pk)
    messages: Counter[int] = Counter()
    for c in whole:
        if c.conversation_pk:
            messages[c.conversation_pk] += c.messages
    seen: Counter[int] = Counter()
    for one in found:
        if isinstance(one.about, Conversation):
            seen[one.about.pk] += one.change.messages
    changes = (one.change for one in found)
    assert memories == Counter(
        (c.kind, c.at, c.listing_pk, c.version) for c in changes if c.listing_pk
    )
    assert seen == messages


def _happen(service: Service, chance: random.Random) -> None:
    """Let something happen to somebody's memories or messages."""
    who = chance.choice(["ann", "bob"])
    held = service.memories["user", who]
    one = chance.choice([*held.values()]) if held else a_memory(f"{who}0")
    what = chance.randrange(5)
    if what == 0:
        service.put(who, a_memory(f"{who}{chance.randrange(1_000)}", conversation_id=None))
    elif what == 1:
        service.put(who, replace(one, content=f"likes {chance.randrange(1_000)}"))
    elif what == 2:
        service.put(who, replace(one, status=chance.choice(["activated", "archived"])))
    elif what == 3:
        held.pop(one.memory_id, None)
    else:
        name = "c1" if who == "ann" else "c2"
        service.put(who, replace(one, content=one.content + "!", conversation_id=name))
        service.say(who, name, a_message(f"said {chance.randrange(1_000_000)}"))


async def test_a_task_is_followed_to_its_end(
    workspace: Workspace, service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = iter(["running", "running", "completed"])
    named = (("detail_factual", ("a1", "new", "none")),)
    service.put("ann", a_memory("new"))

    async def status(task_id: str) -> Task:
        if task_id != "t":
            raise NotFound("no such task")
        return Task(task_id, next(states), 1, 1, 0, named)

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    waited: list[float] = []
    monkeypatch.setattr(service, "get_status", status)
    seen = [one async for one in follow(workspace, "t", wait)]
    assert [one.state for one in seen] == ["running", "completed"]
    assert len(waited) == 2
    came = await came_of(workspace, seen[-1])
    assert [(one.memory_id, one.guess) for one in came] == [
        ("a1", "updated"),
        ("new", "added"),
        ("none", "gone"),
    ]
    assert not any(one.sure for one in came)
    with pytest.raises(NotFound):
        await anext(follow(workspace, "x", wait))


GUESSES = [("a1", "updated", False), ("new", "added", False), ("none", "gone", False)]


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((0, 3), [("a1", "updated", True), ("new", "updated", True), ("none", "gone", False)]),
        ((3, 0), [("a1", "added", True), ("new", "added", True), ("none", "gone", False)]),
        ((2, 0), GUESSES),
        ((1, 2), GUESSES),
        ((None, 3), GUESSES),
    ],
)
async def test_counts_that_leave_nothing_to_guess_are_believed(
    workspace: Workspace,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    counts: tuple[int | None, int],
    said: list[tuple[str, str, bool]],
) -> None:
    service.put("ann", a_memory("new"))
    named = tuple(("detail_factual", name) for name in ("a1", "new", "none"))
    found = FoundTask("t", "completed", *counts, 0, named)
    came = await came_of(workspace, found)
    assert [(one.memory_id, one.guess, one.sure) for one in came] == said
    monkeypatch.setattr(task, "MOST_ASKED", 0)
    guess = said[0][1] if said[0][2] else "not asked"
    asked = {(one.guess, one.sure) for one in await came_of(workspace, found)}
    assert asked == {(guess, said[0][2])}


def test_the_longest_pause_is_told() -> None:
    assert Calm(calm.DEFAULT_INTERVAL, 1).longest == 300
    assert Calm(5, 100).shortest == 100


def runs_of(workspace: Workspace) -> list[SyncRun]:
    with workspace.open_reads() as reads:
        return reads.runs(50)


async def test_polls_that_find_nothing_are_one_sync_for_an_hour(
    workspace: Workspace, service: Service, clock: Clock
) -> None:
    before = len(runs_of(workspace))
    watch = Watch(workspace, chance=lambda: 0)
    await watch.begin()
    began = clock.now
    for _poll in range(4):
        await watch.poll()
        clock.now += 600_000
    (quiet, *earlier) = runs_of(workspace)
    assert len(earlier) == before
    assert (quiet.started_at, quiet.finished_at) == (began, began + 1_800_000)
    assert (quiet.outcome, quiet.requests) == ("complete", 8)
    with workspace.open_reads() as reads:
        assert as_of.readings(reads, ANN, 1)
        sent = ledger.requests(reads.query, None, "")
    assert sent.runs == before + 1

    service.put("ann", a_memory("a9"))
    await watch.poll()
    clock.now += 60_000
    await watch.poll()
    clock.now += 3_600_001
    await watch.poll()
    found = [(one.added, one.requests) for one in runs_of(workspace)[: -before or None]]
    assert [added for added, _requests in found] == [0, 0, 1, 0]
    with workspace.open_reads() as reads:
        pk = reads.memory("a9")[0].pk
        assert history.found_in(reads.query, pk)[1].added == 1


async def test_a_sync_that_found_messages_returned_no_more_stays_one_of_its_own(
    workspace: Workspace,
) -> None:
    def second_of(connection: Connection, found: dict[str, int]) -> bool:
        pks = []
        for counts in ({}, found):
            started = runs.start(connection, mode="full", scope="all", now=1, fresh_since=1)
            runs.finish(
                connection, started.run_pk, outcome="complete", counts=counts, routes={}, now=1
            )
            pks.append(started.run_pk)
        first, second = pks
        return runs.fold(connection, second, first, longest=9) == second

    writer = await workspace.open_writer()
    assert not await writer.run(partial(second_of, found={"kept": 0}))
    assert await writer.run(partial(second_of, found={"kept": 1}))


async def test_a_poll_that_failed_or_was_of_others_stays_a_sync_of_its_own(
    workspace: Workspace, service: Service, clock: Clock
) -> None:
    def away(route: str, name: str) -> None:
        raise Unreachable("MemOS does not answer.")

    before = len(runs_of(workspace))
    watch = Watch(workspace, chance=lambda: 0)
    await watch.begin()
    await watch.poll()
    service.trouble = away
    await watch.poll()
    service.trouble = lambda route, name: None
    await watch.poll()
    assert [one.outcome for one in runs_of(workspace)[:-before]] == [
        "complete",
        "partial",
        "complete",
    ]
    await sync(workspace, SyncScope((ANN,)))
    await watch.poll()
    assert len(runs_of(workspace)) == before + 4

"""The sync against a service in memory: what is read, what is stored, what is said about it."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from memos_admin.backend import roster
from memos_admin.backend.sync import (
    SyncProgress,
    SyncReport,
    SyncScope,
    open_conversation,
    open_subject,
    sync,
)
from memos_admin.backend.upkeep import maintenance
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import MemoryPage, MessageWindow
from memos_admin.cloud.errors import QuotaExceeded, Refused, Rejected, Unreachable
from memos_admin.store.changes import changes as changes_since
from memos_admin.store.records import Filter, Memory, Message, SubjectRef
from tests.backend.service import Service, a_memory, a_message

ANN = SubjectRef("user", "ann")
BOB = SubjectRef("user", "bob")
FULL = SyncScope(full=True)


@pytest.fixture(autouse=True)
def sound(workspace: Workspace) -> Iterator[None]:
    """Whatever a test did, the store's invariants hold afterwards."""
    yield
    assert maintenance.check(workspace) == []


async def add(workspace: Workspace, *names: str) -> None:
    await roster.add_subjects(workspace, [SubjectRef("user", name) for name in names])


def memories(workspace: Workspace, ref: SubjectRef = ANN) -> dict[str, Memory]:
    reads = workspace.reads
    found = reads.memories(reads.memory_pks(Filter(subject=ref)))
    return {memory.memory_id: memory for memory in found}


def messages(workspace: Workspace, ref: SubjectRef = ANN, name: str = "c1") -> list[Message]:
    conversation = workspace.reads.conversation(ref, name)
    assert conversation is not None
    return workspace.reads.messages(workspace.reads.message_pks(conversation.pk))


def changes(workspace: Workspace) -> int:
    """How many rows have been written so far, by whomever: the file's own change counter aside."""
    connection = sqlite3.connect(workspace.store_path)
    try:
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        return sum(
            int(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in tables
        )
    finally:
        connection.close()


async def test_first_sync_reads_memories_conversations_and_messages(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"), a_memory("m2", conversation_id=None))
    service.say("ann", "c1", a_message("hello"), a_message("hi", "assistant"))
    await add(workspace, "ann")

    report = await sync(workspace, SyncScope())

    assert report.complete
    assert (report.subjects, report.added, report.messages, report.gaps) == (1, 2, 2, 0)
    assert memories(workspace)["m1"].tags == ("a", "b")
    assert [(m.seq, m.role, m.content) for m in messages(workspace)] == [
        (1, "user", "hello"),
        (2, "assistant", "hi"),
    ]
    subject = workspace.reads.subject(ANN)
    assert subject is not None
    assert (subject.memories, subject.conversations, subject.messages) == (2, 1, 2)
    assert subject.listed_at is not None
    assert subject.problem is None
    conversation = workspace.reads.conversation(ANN, "c1")
    assert conversation is not None
    assert (conversation.memories, conversation.from_beginning) == (1, True)


async def test_unchanged_state_writes_no_memory_no_version_and_asks_once(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", *(a_memory(f"m{n}") for n in range(120)))
    service.say("ann", "c1", a_message("hello"))
    await add(workspace, "ann")
    await sync(workspace, SyncScope())
    service.requests.clear()
    rows = changes(workspace)

    report = await sync(workspace, SyncScope())

    assert service.requests == {"/get/memory": 1}
    assert (report.added, report.changed, report.requests) == (0, 0, 1)
    assert changes(workspace) - rows <= 4  # the run, its subject, its requests


async def test_full_sync_of_unchanged_state_adds_nothing(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", *(a_memory(f"m{n}") for n in range(120)))
    service.say("ann", "c1", *(a_message(f"{n}") for n in range(120)))
    await add(workspace, "ann")
    await sync(workspace, FULL)
    before = memories(workspace)

    report = await sync(workspace, FULL)

    assert (report.added, report.changed, report.vanished, report.messages) == (0, 0, 0, 0)
    after = memories(workspace)
    assert {k: m._replace(last_seen=0) for k, m in after.items()} == {
        k: m._replace(last_seen=0) for k, m in before.items()
    }
    assert all(m.last_seen >= before[k].last_seen for k, m in after.items())


async def test_change_of_text_is_a_version_and_reads_its_conversation_again(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1", "likes tea"))
    await add(workspace, "ann")
    await sync(workspace, SyncScope())
    changed = a_memory("m1", "likes coffee", update_time="2999-01-01T00:00:00Z")
    service.put("ann", changed)
    service.say("ann", "c1", a_message("coffee please"))

    report = await sync(workspace, SyncScope())

    assert (report.changed, report.messages) == (1, 1)
    memory = memories(workspace)["m1"]
    versions = workspace.reads.memory_versions(memory.pk)
    assert [(v.version, v.content) for v in versions] == [(1, "likes tea"), (2, "likes coffee")]
    assert versions[0].replaced_at == versions[1].seen_from == memory.version_since
    listed = workspace.reads.subject(ANN)
    assert listed is not None
    assert (
        (listed.listed_at or 0) < memory.version_since == memory.last_seen
    )  # it was not listed whole
    (then,) = workspace.reads.memories([memory.listing_pk], as_of=memory.version_since)
    assert then.last_seen == memory.last_seen


@pytest.mark.parametrize(
    ("fields", "versions"),
    [({"confidence": 0.1}, 1), ({"tags": ("b", "a")}, 1), ({"tags": ("a",)}, 2),
     ({"status": "resolving"}, 2), ({"title": "Other"}, 2), ({"view": "event"}, 2)],
)  # fmt: skip
async def test_what_makes_a_version(
    workspace: Workspace, service: Service, fields: dict[str, Any], versions: int
) -> None:
    service.put("ann", a_memory("m1"))
    await add(workspace, "ann")
    await sync(workspace, FULL)
    service.put("ann", a_memory("m1", **fields))

    report = await sync(workspace, FULL)

    assert report.changed == versions - 1
    memory = memories(workspace)["m1"]
    assert memory.version == versions
    for name, value in fields.items():
        assert getattr(memory, name) == value


async def test_gone_memory_vanishes_with_the_services_reason_and_returns(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"), a_memory("m2"), a_memory("m3"))
    await add(workspace, "ann")
    await sync(workspace, FULL)
    listed = workspace.reads.subject(ANN)
    gone = service.memories["user", "ann"].pop("m1")
    archived = service.memories["user", "ann"].pop("m2")
    service.details["m2"] = replace(archived, status="archived")

    report = await sync(workspace, FULL)

    assert report.vanished == 2
    found = memories(workspace)
    assert listed is not None
    assert (found["m1"].reason, found["m2"].reason) == ("not found", "archived")
    assert found["m1"].last_seen == max(listed.listed_at or 0, found["m1"].first_seen)
    assert found["m3"].vanished_at is None
    assert found["m1"].content == "likes tea"
    assert (found["m1"].status, found["m1"].version) == ("activated", 1)
    assert (found["m2"].status, found["m2"].version) == ("archived", 2)
    assert found["m2"].version_since == found["m2"].vanished_at
    assert found["m2"].last_seen == max(listed.listed_at or 0, found["m2"].first_seen)
    (then,) = workspace.reads.memories([found["m2"].listing_pk], as_of=found["m2"].vanished_at)
    assert then.last_seen == found["m2"].last_seen
    assert workspace.reads.memory_pks(Filter(statuses=frozenset({"archived"}))) == array(
        "q", [found["m2"].listing_pk]
    )
    versions = workspace.reads.memory_versions(found["m2"].pk)
    assert [version.status for version in versions] == ["activated", "archived"]
    told = changes_since(workspace.reads.query, found["m2"].vanished_at or 0)
    assert sorted(change.kind for change in told) == ["vanished", "vanished"]

    service.put("ann", gone, archived)
    report = await sync(workspace, FULL)
    assert report.returned == 2
    found = memories(workspace)
    assert found["m1"].vanished_at is None
    assert (found["m2"].status, found["m2"].version) == ("activated", 3)


async def test_a_memory_still_active_by_id_vanishes_only_after_a_second_complete_listing(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"))
    await add(workspace, "ann")
    await sync(workspace, FULL)
    service.details["m1"] = service.memories["user", "ann"].pop("m1")

    first = await sync(workspace, FULL)
    missed = memories(workspace)["m1"]
    second = await sync(workspace, FULL)

    assert (first.vanished, second.vanished) == (0, 1)
    assert (missed.vanished_at, missed.missed_at is None) == (None, False)
    assert memories(workspace)["m1"].reason == "not listed twice"


async def test_many_that_vanish_at_once_are_all_settled_in_one_sync(
    workspace: Workspace, service: Service
) -> None:
    """Of one subject each is asked for by id; of everybody a few, and the listing is read again."""
    service.put("ann", *(a_memory(f"m{n}") for n in range(144)))
    service.put("bob", *(a_memory(f"b{n}") for n in range(144)))
    await add(workspace, "ann", "bob")
    await sync(workspace, FULL)
    for owner in ("ann", "bob"):
        for memory_id, memory in service.memories.pop(("user", owner)).items():
            service.details[memory_id] = replace(memory, status="archived")

    service.requests.clear()
    of_one = await sync(workspace, SyncScope((ANN,), full=True))
    assert (of_one.vanished, of_one.unconfirmed) == (144, 0)
    assert service.requests["/get/memory/{id}"] == 144
    found = memories(workspace)
    assert {found[f"m{n}"].reason for n in range(144)} == {"archived"}

    service.requests.clear()
    of_all = await sync(workspace, FULL)
    assert (of_all.vanished, of_all.unconfirmed) == (144, 0)
    assert service.requests["/get/memory/{id}"] == 50
    found = memories(workspace, BOB)
    told = Counter(found[f"b{n}"].reason for n in range(144))
    assert told == {"archived": 50, "not listed twice": 94}


async def test_listing_that_is_wrong_by_id_confirms_nothing_by_being_read_again(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", *(a_memory(f"m{n}") for n in range(60)))
    await add(workspace, "ann")
    await sync(workspace, FULL)
    service.details |= service.memories.pop(("user", "ann"))  # all active still, by their ids
    service.requests.clear()
    report = await sync(workspace, FULL)
    assert (report.vanished, report.unconfirmed) == (0, 60)
    assert service.requests["/get/memory"] == 1


async def test_what_a_second_listing_has_again_is_not_gone(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", *(a_memory(f"m{n}") for n in range(60)))
    await add(workspace, "ann")
    await sync(workspace, FULL)
    gone = service.memories.pop(("user", "ann"))
    listings = itertools.count()

    def comes_back(route: str, name: str) -> None:
        if route == "/get/memory" and next(listings) == 1:
            service.put("ann", gone["m59"])

    service.trouble = comes_back
    report = await sync(workspace, FULL)
    assert (report.vanished, report.unconfirmed) == (59, 0)
    back = memories(workspace)["m59"]
    assert (back.missed_at, back.vanished_at) == (None, None)


async def test_second_listing_that_cannot_be_read_is_told(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", *(a_memory(f"m{n}") for n in range(60)))
    await add(workspace, "ann")
    await sync(workspace, FULL)
    service.memories.pop(("user", "ann"))
    listings = itertools.count()

    def fails(route: str, name: str) -> None:
        if route == "/get/memory" and next(listings) == 1:
            raise Unreachable("MemOS did not answer in 10 s.")

    service.trouble = fails
    report = await sync(workspace, FULL)
    assert (report.vanished, report.unconfirmed, report.complete) == (50, 10, False)
    assert "did not say what became of 10 that it lists no more" in report.failed[0].error


async def test_what_cannot_be_asked_of_a_missing_memory_is_told_and_settled_later(
    workspace: Workspace, service: Service
) -> None:
    def no_details(route: str, name: str) -> None:
        if route == "/get/memory/{id}":
            raise Unreachable("Reading a memory failed: no connection. Try again.")

    service.put("ann", a_memory("m1"), a_memory("m2"))
    await add(workspace, "ann")
    await sync(workspace, FULL)
    del service.memories["user", "ann"]["m1"]
    service.trouble = no_details
    report = await sync(workspace, FULL)
    assert (report.complete, report.vanished) == (False, 0)
    assert "did not say what became of 1 that it lists no more" in report.failed[0].error
    subject = workspace.reads.subject(ANN)
    assert subject is not None
    assert subject.problem == f"memories: {report.failed[0].error}"
    service.trouble = lambda route, name: None
    report = await sync(workspace, FULL)
    assert (report.complete, report.vanished) == (True, 1)
    assert memories(workspace)["m1"].reason == "not found"


async def test_listing_that_fails_in_the_middle_marks_nothing(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", *(a_memory(f"m{n}") for n in range(120)))
    await add(workspace, "ann")
    await sync(workspace, FULL)
    service.memories["user", "ann"].pop("m119")
    pages = iter(range(100))

    def second_page_fails(route: str, name: str) -> None:
        if route == "/get/memory" and next(pages) == 1:
            raise Unreachable("MemOS did not answer in 10 s.")

    service.trouble = second_page_fails
    report = await sync(workspace, FULL)

    assert not report.complete
    assert [failure.ref for failure in report.failed] == [ANN]
    assert memories(workspace)["m119"].missed_at is None
    subject = workspace.reads.subject(ANN)
    assert subject is not None
    assert subject.problem == "memories: MemOS did not answer in 10 s."


async def test_partial_listing_by_changes_marks_nothing(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"), a_memory("m2"))
    await add(workspace, "ann")
    await sync(workspace, SyncScope())
    del service.memories["user", "ann"]["m1"]
    report = await sync(workspace, SyncScope())
    assert report.vanished == 0
    assert memories(workspace)["m1"].missed_at is None


@pytest.mark.parametrize("how", ["ignored", "refused"])
async def test_filter_that_does_not_work_falls_back_to_full_listings(
    workspace: Workspace, service: Service, how: str
) -> None:
    service.put("ann", a_memory("m1"))
    await add(workspace, "ann")
    service.honours_filter = False
    original = service.get_memories

    async def refusing(*args: object, **more: object) -> object:
        if more.get("updated_since"):
            raise Rejected("filter is not a parameter")
        return await original(*args, **more)  # type: ignore[arg-type]

    if how == "refused":
        service.get_memories = refusing  # type: ignore[assignment, method-assign]
    await sync(workspace, SyncScope())
    service.put("ann", a_memory("m2"))

    report = await sync(workspace, SyncScope())

    assert report.added == 1
    assert workspace.reads.setting("update_filter") == "ignored"


async def test_a_filter_that_is_refused_for_a_while_is_used_again(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"))
    await add(workspace, "ann")
    await sync(workspace, SyncScope())
    assert workspace.reads.setting("update_filter") == "honoured"
    original = service.get_memories

    async def refusing(*args: object, **more: object) -> object:
        if more.get("updated_since"):
            raise Rejected("filter is not a parameter")
        return await original(*args, **more)  # type: ignore[arg-type]

    service.get_memories = refusing  # type: ignore[assignment, method-assign]
    service.put("ann", a_memory("m2"))
    report = await sync(workspace, SyncScope())
    assert (report.complete, report.added) == (True, 1)
    assert workspace.reads.setting("update_filter") == "ignored"
    service.get_memories = original  # type: ignore[method-assign]
    await sync(workspace, SyncScope())
    assert workspace.reads.setting("update_filter") == "ignored"
    await sync(workspace, FULL)
    assert workspace.reads.setting("update_filter") == "honoured"


async def test_filter_is_tried_once_for_a_whole_roster(
    workspace: Workspace, service: Service
) -> None:
    names = [f"u{n:02}" for n in range(30)]
    for name in names:
        service.put(name, a_memory(f"m-{name}"))
    await add(workspace, *names)
    first = await sync(workspace, SyncScope())
    assert first.requests == 30 + 30 + 2  # a listing and a window each
    service.requests.clear()
    report = await sync(workspace, SyncScope())
    assert report.requests == service.requests["/get/memory"] == 30


async def test_a_filter_that_could_not_be_tried_is_tried_by_the_next_sync(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"))
    await add(workspace, "ann")
    original = service.get_memories

    async def silent(*args: object, **more: object) -> object:
        if more.get("updated_since"):
            raise Unreachable("no answer")
        return await original(*args, **more)  # type: ignore[arg-type]

    service.get_memories = silent  # type: ignore[assignment, method-assign]
    report = await sync(workspace, SyncScope())
    assert (report.complete, report.added, report.failed) == (True, 1, ())
    assert workspace.reads.setting("update_filter") is None
    service.get_memories = original  # type: ignore[method-assign]
    service.requests.clear()
    await sync(workspace, SyncScope())
    assert workspace.reads.setting("update_filter") == "honoured"
    assert service.requests["/get/memory"] == 1 + 2


async def test_refused_key_stops_the_whole_sync(workspace: Workspace, service: Service) -> None:
    def refuse(route: str, name: str) -> None:
        raise Refused("MemOS refused the key.")

    service.trouble = refuse
    await add(workspace, *(f"u{n}" for n in range(40)))
    report = await sync(workspace, SyncScope())
    assert report.refused
    assert report.stopped == "MemOS refused the key."
    assert sum(service.requests.values()) <= 8


async def test_quota_while_reading_messages_stops_too(
    workspace: Workspace, service: Service
) -> None:
    def trouble(route: str, name: str) -> None:
        if route == "/get/message":
            raise QuotaExceeded("The account has no calls left.")

    service.put("ann", a_memory("m1"))
    service.trouble = trouble
    await add(workspace, "ann")
    report = await sync(workspace, SyncScope())
    assert (report.stopped, report.refused) == ("The account has no calls left.", False)
    assert "m1" in memories(workspace)
    (ann,) = workspace.reads.subjects(workspace.reads.subject_pks())
    assert ann.problem == "messages: The account has no calls left."


async def test_service_that_is_down_is_not_asked_for_everybody(
    workspace: Workspace, service: Service
) -> None:
    def down(route: str, name: str) -> None:
        raise Unreachable("MemOS cannot be reached.")

    service.trouble = down
    await add(workspace, *(f"u{n}" for n in range(400)))
    report = await sync(workspace, SyncScope())
    assert report.stopped == "MemOS cannot be reached."
    assert sum(service.requests.values()) < 20


async def test_waits_for_the_service_are_told(workspace: Workspace, service: Service) -> None:
    told: list[str] = []

    def wait(route: str, name: str) -> None:
        assert service.on_wait is not None
        service.on_wait("MemOS limits the rate")
        service.on_wait("")

    service.trouble = wait
    await add(workspace, "ann")
    await sync(workspace, SyncScope(), on_progress=lambda progress: told.append(progress.doing))
    before = told.index("MemOS limits the rate")
    assert told[before - 1 : before + 2] == [
        "ann: memories, page 1",
        "MemOS limits the rate",
        "ann: memories, page 1",
    ]


async def test_failed_conversation_is_read_by_the_next_sync(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"))
    service.say("ann", "c1", a_message("hello"))

    def no_messages(route: str, name: str) -> None:
        if route == "/get/message":
            raise Unreachable("MemOS did not answer in 10 s.")

    service.trouble = no_messages
    await add(workspace, "ann")
    first = await sync(workspace, SyncScope())
    service.trouble = lambda route, name: None
    second = await sync(workspace, SyncScope())

    assert [f.conversation_id for f in first.failed] == ["c1"]
    assert (second.complete, second.messages) == (True, 1)
    subject = workspace.reads.subject(ANN)
    assert subject is not None
    assert subject.problem is None

    service.say("ann", "c1", a_message("and more", at="2025-06-10 09:31:00"))
    service.trouble = no_messages
    await sync(workspace, FULL)
    service.trouble = lambda route, name: None
    third = await sync(workspace, SyncScope())
    assert (third.complete, third.messages) == (True, 1)  # though no memory of it has changed


async def test_interrupted_run_is_gone_on_with_and_a_completed_one_read_again(
    workspace: Workspace, service: Service
) -> None:
    names = [f"u{n:02}" for n in range(30)]
    for name in names:
        service.put(name, a_memory(f"m-{name}"))
    await add(workspace, *names)
    task: asyncio.Task[object]

    def stop_after_some(progress: SyncProgress) -> None:
        if progress.done >= 10:
            task.cancel()

    task = asyncio.create_task(sync(workspace, FULL, on_progress=stop_after_some))
    with pytest.raises(asyncio.CancelledError):
        await task
    run = workspace.reads.last_run()
    assert run is not None
    assert run.outcome == "cancelled"

    second = await sync(workspace, FULL)
    third = await sync(workspace, FULL)

    assert second.skipped >= 10
    assert second.subjects + second.skipped == 30
    assert (third.subjects, third.skipped) == (30, 0)
    totals = workspace.reads.totals()
    assert totals.memories == 30


async def test_what_is_stored_is_told_while_more_is_waited_for(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.page_size = 4
    service.put("ann", *(a_memory(f"m{n}", conversation_id=None) for n in range(8)))
    await add(workspace, "ann")
    told, answer = asyncio.Event(), service.get_memories

    async def once_told(*args: Any, page: int = 1, **options: Any) -> MemoryPage:
        if page == 2:
            await asyncio.wait_for(told.wait(), 30)
        return await answer(*args, page=page, **options)

    def note(progress: SyncProgress) -> None:
        if progress.memories == 4:
            told.set()

    monkeypatch.setattr(service, "get_memories", once_told)
    assert (await sync(workspace, FULL, on_progress=note)).complete


async def test_what_another_run_has_just_read_is_not_said_to_be_of_an_interrupted_one(
    workspace: Workspace, service: Service
) -> None:
    names = [f"u{n:02}" for n in range(30)]
    for name in names:
        service.put(name, a_memory(f"m-{name}"))
    await add(workspace, *names)
    seconds: list[asyncio.Task[SyncReport]] = []

    def begin_another(progress: SyncProgress) -> None:
        if progress.done >= 10 and not seconds:
            seconds.append(asyncio.create_task(sync(workspace, FULL)))

    def locks() -> list[str]:
        return [path.name for path in workspace.store_path.parent.glob("sync-*.lock")]

    await sync(workspace, FULL, on_progress=begin_another)
    report = await seconds[0]
    assert (report.skipped >= 10, report.beside, locks()) == (True, True, [])
    # One that was killed has noted no end either, and leaves its file.
    run_pk = report.run_pk
    await (await workspace.open_writer()).run(
        lambda connection: connection.exec_driver_sql(
            f"UPDATE sync_run SET outcome = 'running' WHERE pk = {run_pk}"
        )
    )
    workspace.store_path.with_name(f"sync-{run_pk}.lock").touch(mode=0o600)
    report = await sync(workspace, FULL)
    assert (report.skipped, report.beside, locks()) == (30, False, [])


async def test_whose_messages_an_interrupted_run_could_not_read_is_read_again(
    workspace: Workspace, service: Service
) -> None:
    names = [f"u{n:02}" for n in range(30)]
    for name in names:
        service.put(name, a_memory(f"m-{name}"))
    await add(workspace, *names)
    task: asyncio.Task[object]

    def no_messages(route: str, name: str) -> None:
        if route == "/get/message":
            raise Rejected("The service declined.")

    def stop_after_some(progress: SyncProgress) -> None:
        if progress.done >= 10:
            task.cancel()

    service.trouble = no_messages
    task = asyncio.create_task(sync(workspace, FULL, on_progress=stop_after_some))
    with pytest.raises(asyncio.CancelledError):
        await task
    service.trouble = lambda route, name: None
    again = await sync(workspace, FULL)
    assert (again.subjects, again.skipped, again.complete) == (30, 0, True)


async def test_shared_memory_is_listed_for_a_user_and_an_agent(
    workspace: Workspace, service: Service
) -> None:
    agent = SubjectRef("agent", "helper")
    service.put("ann", a_memory("m1"))
    service.put("helper", a_memory("m1"), kind="agent")
    await roster.add_subjects(workspace, [ANN, agent])
    await sync(workspace, FULL)
    assert {m.ref for m in workspace.reads.memory("m1")} == {ANN, agent}

    await roster.remove_subject(workspace, ANN)
    assert [m.ref for m in workspace.reads.memory("m1")] == [agent]
    await roster.remove_subject(workspace, agent)
    assert workspace.reads.memory("m1") == []


async def test_duplicate_ids_across_pages_are_stored_once(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", *(a_memory(f"m{n}") for n in range(100)))
    service.page_size = 10
    original = service.get_memories

    async def shifting(*args: object, page: int = 1, **more: object) -> object:
        answer = await original(*args, page=page, **more)  # type: ignore[arg-type]
        again = await original(*args, page=1, **more)  # type: ignore[arg-type]
        return replace(answer, memories=(*again.memories[:3], *answer.memories))

    service.get_memories = shifting  # type: ignore[assignment, method-assign]
    await add(workspace, "ann")
    report = await sync(workspace, FULL)
    assert (report.added, report.complete) == (100, True)
    assert len(memories(workspace)) == 100


@pytest.mark.parametrize("often", [False, True])
async def test_removals_while_pages_are_read_pass_nothing_over(
    workspace: Workspace, service: Service, often: bool
) -> None:
    """What stands behind a removed memory moves up, onto a page that was read already."""
    service.put("ann", *(a_memory(f"m{n:02}") for n in range(40)))
    service.page_size = 10
    await add(workspace, "ann")
    kept = service.memories["user", "ann"]

    def remove(route: str, name: str) -> None:
        if route == "/get/memory" and (often or len(kept) == 40) and service.requests[route] > 1:
            del kept[min(kept)]

    service.trouble = remove
    report = await sync(workspace, FULL)
    assert report.complete != often
    if often:
        assert "were removed again and again" in report.failed[0].error
    else:
        assert memories(workspace).keys() >= kept.keys()
        tries = 2  # whether there is a filter
        assert service.requests["/get/memory"] - tries == 6  # four pages, two of them read again
    service.trouble = lambda route, name: None
    assert (await sync(workspace, FULL)).complete
    assert {name for name, memory in memories(workspace).items() if not memory.vanished_at} == set(
        kept
    )


async def test_long_conversation_grows_with_a_gap_and_a_late_import(
    workspace: Workspace, service: Service
) -> None:
    def at(n: int) -> str:
        return f"2025-06-10 {n // 60:02}:{n % 60:02}:00"

    said = [a_message(f"message {n}", at=at(n)) for n in range(300)]
    service.say("ann", "c1", *said[:60])
    await roster.add_conversations(workspace, ANN, ["c1"])
    first = await open_conversation(workspace, ANN, "c1")
    service.say("ann", "c1", *said[60:90])
    second = await open_conversation(workspace, ANN, "c1")
    service.say("ann", "c1", *said[90:200])
    third = await open_conversation(workspace, ANN, "c1")
    late = a_message("imported late", at="2025-06-10 03:00:30")
    service.messages["ann", "c1"].insert(181, late)
    fourth = await open_conversation(workspace, ANN, "c1")

    assert [(r.messages, r.gaps) for r in (first, second, third, fourth)] == [
        (50, 0),
        (30, 0),
        (50, 1),
        (1, 0),
    ]
    stored = messages(workspace)
    texts = [m.content for m in said[10:90]] + [m.content for m in said[150:181]]
    texts += ["imported late", *(m.content for m in said[181:200])]
    assert [m.content for m in stored] == texts
    assert [m.seq for m in stored if m.seam == "gap"] == [81]
    conversation = workspace.reads.conversation(ANN, "c1")
    assert conversation is not None
    assert (conversation.gaps, conversation.from_beginning) == (1, False)


async def test_many_inserts_at_one_place_make_room_for_themselves(
    workspace: Workspace, service: Service
) -> None:
    """Twenty-odd halvings between two messages use up the room between their positions."""
    service.say("ann", "c1", a_message("first", at="2025-01-01 00:00:00"))
    service.say("ann", "c1", a_message("last", at="2025-12-31 00:00:00"))
    await roster.add_conversations(workspace, ANN, ["c1"])
    await open_conversation(workspace, ANN, "c1")
    for n in range(30):
        late = a_message(f"late {n}", at=f"2025-06-{n + 1:02} 00:00:00")
        service.messages["ann", "c1"].insert(n + 1, late)
        await open_conversation(workspace, ANN, "c1")
    texts = [m.content for m in messages(workspace)]
    assert texts == ["first", *(f"late {n}" for n in range(30)), "last"]


async def test_newest_first_answers_are_turned_round(
    workspace: Workspace, service: Service
) -> None:
    said = [a_message(f"{n}", at=f"2025-06-10 09:30:{n:02}") for n in range(5)]
    service.say("ann", "c1", *reversed(said))
    await roster.add_conversations(workspace, ANN, ["c1"])
    await open_conversation(workspace, ANN, "c1")
    assert [m.content for m in messages(workspace)] == ["0", "1", "2", "3", "4"]
    assert workspace.reads.setting("message_order") == "newest first"


async def test_opening_a_subject_lists_it_whole_once_a_day(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"))
    await roster.add_subjects(workspace, [ANN])
    await open_subject(workspace, ANN)
    del service.memories["user", "ann"]["m1"]
    service.put("ann", a_memory("m2"))
    same_day = await open_subject(workspace, ANN)
    assert same_day.vanished == 0

    day = 25 * 3_600_000
    from memos_admin.backend.times import now_ms

    workspace.clock = lambda: now_ms() + day
    next_day = await open_subject(workspace, ANN)
    assert next_day.vanished == 1


async def test_changing_the_zone_computes_times_again(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1", update_time="2025-06-10 09:30:00"))
    service.say("ann", "c1", a_message("hello", at="2025-06-10 09:30:00"))
    await add(workspace, "ann")
    await sync(workspace, SyncScope())
    assert memories(workspace)["m1"].updated_at == 1749547800000  # read as UTC

    project = replace(workspace.project, service_timezone="Asia/Shanghai")
    again = Workspace(project, workspace.home)
    try:
        eight_hours = 8 * 3_600_000
        assert memories(again)["m1"].updated_at == 1749547800000 - eight_hours
        assert messages(again)[0].created_at == 1749547800000 - eight_hours
        subject = again.reads.subject(ANN)
        assert subject is not None
        assert subject.last_activity == 1749547800000 - eight_hours
    finally:
        await again.close()


async def test_an_unknown_conversation_without_messages_is_not_kept(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"))
    report = await sync(workspace, SyncScope((ANN,), conversation_id="typo"))
    assert report.unheard_of
    assert report.complete
    assert workspace.reads.conversation(ANN, "typo") is None
    subject = workspace.reads.subject(ANN)
    assert subject is not None
    assert subject.conversations == 1


async def test_an_empty_conversation_is_kept_that_was_known(
    workspace: Workspace, service: Service
) -> None:
    await roster.add_conversations(workspace, ANN, ["later"])
    report = await sync(workspace, SyncScope((ANN,), conversation_id="later"))
    assert report.unheard_of
    assert workspace.reads.conversation(ANN, "later") is not None


async def test_an_empty_conversation_is_kept_that_a_memory_names(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1", conversation_id="c1"))
    report = await sync(workspace, SyncScope((ANN,), conversation_id="c1"))
    assert not report.unheard_of
    assert workspace.reads.conversation(ANN, "c1") is not None


async def test_a_conversation_that_could_not_be_read_is_kept(
    workspace: Workspace, service: Service
) -> None:
    def trouble(route: str, name: str) -> None:
        if route == "/get/message":
            raise Unreachable("no answer")

    service.trouble = trouble
    report = await sync(workspace, SyncScope((ANN,), conversation_id="c1"))
    assert not report.unheard_of
    assert workspace.reads.conversation(ANN, "c1") is not None


async def test_named_users_of_whom_nothing_is_served_are_told(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"))
    report = await sync(workspace, SyncScope((ANN, BOB)))
    assert report.nothing_of == (BOB,)
    service.put("bob", a_memory("m2", update_time="2999-01-01T00:00:00Z"))
    assert (await sync(workspace, SyncScope((BOB,)))).nothing_of == ()
    del service.memories["user", "bob"]["m2"]
    assert (await sync(workspace, SyncScope((BOB,), full=True))).nothing_of == ()


async def test_nobody_is_doubted_whose_memories_could_not_be_listed(
    workspace: Workspace, service: Service
) -> None:
    def trouble(route: str, name: str) -> None:
        raise Rejected("no")

    service.trouble = trouble
    assert (await sync(workspace, SyncScope((ANN,)))).nothing_of == ()


async def test_those_of_a_whole_roster_are_doubted_each_time(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"))
    await add(workspace, "ann", "bob")
    assert (await sync(workspace, SyncScope())).nothing_of == (BOB,)
    assert (await sync(workspace, SyncScope())).nothing_of == (BOB,)


async def test_the_report_says_how_many_are_missing_and_why(
    workspace: Workspace, service: Service
) -> None:
    await add(workspace, "ann", "bob", "cay")
    for name in ("ann", "bob", "cay"):
        service.put(name, a_memory(f"m-{name}", conversation_id="c1"))
        service.say(name, "c1", a_message("hello"))

    def trouble(route: str, name: str) -> None:
        if name == "bob" or (name == "cay" and route == "/get/message"):
            raise Rejected("Not now.")

    service.trouble = trouble
    report = await sync(workspace, FULL)
    assert (report.asked, report.missing) == (3, 2)  # one not at all, one without its messages
    assert {type(failure.cause) for failure in report.failed} == {Rejected}
    service.trouble = lambda route, name: None
    report = await sync(workspace, FULL)
    assert (report.asked, report.missing, report.cause) == (3, 0, None)


async def test_a_used_up_quota_counts_all_that_were_not_read(
    workspace: Workspace, service: Service
) -> None:
    names = [f"u{number:02}" for number in range(20)]
    await add(workspace, *names)
    for name in names:
        service.put(name, a_memory(f"m-{name}", conversation_id=None))

    def trouble(route: str, name: str) -> None:
        if service.requests.total() > 5:
            raise QuotaExceeded("The account has no calls left.")

    service.trouble = trouble
    report = await sync(workspace, FULL)
    assert isinstance(report.cause, QuotaExceeded)
    assert (report.asked, report.missing) == (20, 15)


async def test_a_failure_to_ask_for_changes_is_noted_of_the_subject(
    workspace: Workspace, service: Service
) -> None:
    """Also the very first one, that finds out whether the service can list only what changed."""
    await add(workspace, "ann")
    service.put("ann", a_memory("m1"))
    await sync(workspace, FULL)

    def down(route: str, name: str) -> None:
        raise Unreachable("MemOS cannot be reached.")

    service.trouble = down
    await sync(workspace, SyncScope())
    subject = workspace.reads.subject(ANN)
    assert subject is not None
    assert subject.problem is not None
    assert "cannot be reached" in subject.problem


async def test_messages_are_as_of_when_their_request_was_sent_not_when_it_was_queued(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    instants = [1_758_000_000_000]
    workspace.clock = lambda: instants[0]
    served = service.get_messages

    async def late(user_id: str, conversation_id: str) -> MessageWindow:
        instants[0] += 30_000  # it waits for its turn, and then for the answer
        return replace(await served(user_id, conversation_id), took=0.2)

    monkeypatch.setattr(service, "get_messages", late)
    service.say("ann", "c1", a_message("I like tea."))
    service.put("ann", a_memory("m1", conversation_id="c1"))
    await add(workspace, "ann")
    await sync(workspace, SyncScope(full=True))
    found = workspace.reads.conversation(ANN, "c1")
    assert found is not None
    assert found.fetched_at == found.served_at == instants[0] - 200

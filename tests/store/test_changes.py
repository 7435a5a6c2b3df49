"""What changed since a moment, against a naive account of what was stored."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from memos_admin.store import memories, messages, subjects
from memos_admin.store.changes import Change, changes
from memos_admin.store.incoming import WindowChanges
from memos_admin.store.reads import Reads
from memos_admin.store.records import SubjectRef
from memos_admin.store.writer import Writer
from tests.effort import examples
from tests.store.test_reads import ANN, BOT, incoming, said, subject_pk

STEPS = st.lists(
    st.tuples(
        st.sampled_from([ANN, BOT]),
        st.sampled_from(["m1", "m2", "m3"]),
        st.sampled_from(["list", "list otherwise", "gone"]),
    ),
    max_size=12,
)


def told(reads: Reads, since: int, subject: SubjectRef | None = None) -> set[tuple[str, int, str]]:
    """Return (kind, time, whose and which) of the changes of memories."""
    found: set[tuple[str, int, str]] = set()
    for change in changes(reads.query, since, subject):
        if change.listing_pk is not None:
            (memory,) = reads.memories([change.listing_pk])
            found.add((change.kind, change.at, f"{memory.ref.kind} {memory.memory_id}"))
    return found


class Account:
    """What `changes` must say, kept beside the store in the plainest way."""

    def __init__(self) -> None:
        self.titles: dict[str, str] = {}
        self.listed: dict[tuple[SubjectRef, str], int] = {}
        self.gone: dict[tuple[SubjectRef, str], int] = {}
        self.changed: dict[str, int] = {}

    def step(self, ref: SubjectRef, memory_id: str, deed: str, now: int) -> None:
        if deed == "gone":
            if (ref, memory_id) in self.listed:
                self.gone.setdefault((ref, memory_id), now)
            return
        title = deed
        if self.titles.get(memory_id, title) != title:
            self.changed[memory_id] = now
        self.titles[memory_id] = title
        self.listed.setdefault((ref, memory_id), now)
        self.gone.pop((ref, memory_id), None)

    def since(self, moment: int) -> set[tuple[str, int, str]]:
        found = set()
        for (ref, memory_id), first in self.listed.items():
            name = f"{ref.kind} {memory_id}"
            if first >= moment:
                found.add(("added", first, name))
            elif self.changed.get(memory_id, -1) >= moment:
                found.add(("changed", self.changed[memory_id], name))
            if self.gone.get((ref, memory_id), -1) >= moment:
                found.add(("gone", self.gone[ref, memory_id], name))
        return found


def carry_out(connection: Connection, ref: SubjectRef, memory_id: str, deed: str, now: int) -> None:
    pk = subject_pk(connection, ref)
    if deed != "gone":
        item = incoming(memory_id, title=deed)
        memories.record(connection, pk, [item], run_pk=None, now=now)
        return
    missing = memories.note_missing(connection, pk, set(), last_seen=None, now=now)
    gone = {found.listing_pk: "not found" for found in missing if found.memory_id == memory_id}
    memories.mark_vanished(connection, gone, now)


@given(steps=STEPS, since=st.integers(0, 13))
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_changes_of_memories_are_those_of_a_naive_account(
    tmp_path: Path, steps: list[tuple[SubjectRef, str, str]], since: int
) -> None:
    path = tmp_path / "store.db"
    path.unlink(missing_ok=True)
    for beside in ("-wal", "-shm", ".written"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    account = Account()
    writer = Writer(path)
    for now, (ref, memory_id, deed) in enumerate(steps):
        writer.submit(partial(carry_out, ref=ref, memory_id=memory_id, deed=deed, now=now)).result()
        account.step(ref, memory_id, deed, now)
    writer.close()
    with Reads(path) as reads:
        assert told(reads, since) == account.since(since)
        ann = {entry for entry in account.since(since) if entry[2].startswith("user ")}
        assert told(reads, since, ANN) == ann


def test_new_messages_are_counted_by_conversation(path: Path, writer: Writer) -> None:
    def fill(connection: Connection) -> None:
        ann = subject_pk(connection, ANN)
        subjects.add_conversations(connection, ann, ["c1", "c2"], "hand", 1)
        pks = subjects.conversation_pks(connection, ann)
        for name, times in (("c1", [10, 20, 30]), ("c2", [10])):
            for now in times:
                part = WindowChanges(inserts=[(now, said(f"{name} {now}"))])
                messages.apply(connection, pks[name], part, run_pk=None, now=now)
                messages.note_window(
                    connection, pks[name], size=1, reaches_beginning=False, started=now
                )

    writer.submit(fill).result()
    with Reads(path) as reads:
        conversation = reads.conversation(ANN, "c1")
        assert conversation is not None
        assert changes(reads.query, 20) == [Change("messages", 30, None, conversation.pk, 2)]
        assert changes(reads.query, 20, BOT) == []

"""What exports read in batches, against the reads of one row at a time."""

from __future__ import annotations

import inspect
import itertools
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from memos_admin.store import evidence, memories, messages, streams, subjects
from memos_admin.store.incoming import WindowChanges
from memos_admin.store.reads import Reads
from memos_admin.store.records import Conversation, Filter, MemorySource, Message, NamedSource
from memos_admin.store.streams import Coverage, Listings
from memos_admin.store.writer import Writer
from tests.store.test_reads import ANN, BOT, fill, incoming, said, subject_pk


def more(connection: Connection) -> None:
    """A conversation with many messages, one that began earlier, and memories with sources."""
    ann = subject_pk(connection, ANN)
    subjects.add_conversations(connection, ann, ["long", "empty"], "hand", 1)
    pks = subjects.conversation_pks(connection, ann)
    many = WindowChanges(
        inserts=[(n * 10, said(f"message {n}", created_at=100 + n)) for n in range(1, 1_203)]
    )
    messages.apply(connection, pks["long"], many, run_pk=None, now=20)
    messages.note_window(connection, pks["empty"], size=0, reaches_beginning=False, started=20)
    pair = (
        MemorySource("chat", "user", "message 7", None, None),
        MemorySource("chat", None, None, "17", "09:30"),
    )
    items = [
        incoming("late", conversation_id="long", created_at=9, sources=pair),
        incoming("early", conversation_id="long", created_at=3),
        incoming("timeless", conversation_id="long", created_at=None),
        incoming("bare", conversation_id="long", sources=()),
    ]
    memories.record(connection, ann, items, run_pk=None, now=21)
    subjects.refresh_counts(connection, ann)


@pytest.fixture
def reads(path: Path, writer: Writer) -> Iterator[Reads]:
    writer.submit(fill).result()
    writer.submit(more).result()
    with Reads(path) as opened:
        yield opened


def conversation(reads: Reads, name: str) -> Conversation:
    found = reads.conversation(ANN, name)
    assert found is not None
    return found


def test_every_read_is_tried_here() -> None:
    public = {
        name
        for name, found in inspect.getmembers(streams, inspect.isfunction)
        if not name.startswith("_") and found.__module__ == streams.__name__
    }
    source = Path(__file__).read_text(encoding="utf-8")
    assert public
    assert {name for name in public if f"streams.{name}(" not in source} == set()


def calls(message: Message) -> str | None:
    return None if message.tool_calls is None else json.dumps(message.tool_calls)


def test_batches_have_the_messages_of_the_plain_reads(reads: Reads) -> None:
    for name in ("c1", "c2", "long"):
        pk = conversation(reads, name).pk
        batches = list(streams.message_batches(reads.query, pk))
        assert all(len(batch.pk) <= streams.MOST for batch in batches)
        behind = streams.seams(reads.query, [pk])
        plain = reads.messages(reads.message_pks(pk))
        assert [row for batch in batches for row in zip(*batch, strict=True)] == [
            (
                m.seq,
                pk,
                m.pk,
                m.role,
                m.role_id,
                m.role_name,
                m.content,
                m.created_at,
                m.updated_at,
                calls(m),
            )
            for m in plain
        ]
        assert behind == {m.pk: m.seam for m in plain if m.seam}
        searched = list(streams.plain_messages(reads.query, pk))
        assert sum(map(len, searched)) == len(plain)
        messages = [message for batch in searched for message in batch]
        assert [(m.pk, m.role, m.content, m.create_time) for m in messages] == [
            (m.pk, m.role, m.content, m.create_time) for m in plain
        ]
        assert all(one.seq < next_.seq for one, next_ in itertools.pairwise(messages))
        some = messages[::2]
        assert sorted(streams.plain_messages_of(reads.query, [m.pk for m in some])) == some
        texts = list(streams.texts(reads.query, pk))
        assert texts == [(pk, m.pk, m.content) for m in plain]


def test_what_python_takes_off_the_ends_of_a_text_is_what_sqlite_does() -> None:
    assert set(streams.WHITE_SPACE) == set(filter(str.isspace, map(chr, range(sys.maxunicode + 1))))


def test_messages_that_say_the_same_are_found_whatever_white_space_is_around(
    path: Path, writer: Writer
) -> None:
    texts = ["yes", "\u3000 yes\n", "yes\0", "yes, please", "", " ", "是的", "\x1c是的\xa0", "Yes"]

    def say(connection: Connection) -> None:
        fill(connection)
        ann = subject_pk(connection, ANN)
        subjects.add_conversations(connection, ann, ["spaces"], "hand", 1)
        pk = subjects.conversation_pks(connection, ann)["spaces"]
        changes = WindowChanges(inserts=[(n, said(text)) for n, text in enumerate(texts)])
        messages.apply(connection, pk, changes, run_pk=None, now=20)

    writer.submit(say).result()
    with Reads(path) as reads:
        pk = conversation(reads, "spaces").pk
        for wanted in (["yes"], ["是的", "yes\0"], ["yes, please", "no"]):
            found = streams.saying(reads.query, pk, wanted)
            assert [one.content for one in found] == [t for t in texts if t.strip() in wanted]


def test_a_batch_ends_when_it_holds_much_text(
    reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "CHARACTERS", 25)
    batches = list(streams.message_batches(reads.query, conversation(reads, "long").pk))
    assert {len(batch.pk) for batch in batches[:-1]} == {3}
    assert sum(len(batch.pk) for batch in batches) == 1_202


def test_messages_of_few_conversations_are_read_together(
    reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    pks = [conversation(reads, name).pk for name in ("long", "empty", "c1")]
    assert streams.messages_of(reads.query, pks) is None
    monkeypatch.setattr(streams, "MOST", 1_204)
    together = streams.messages_of(reads.query, pks)
    assert together is not None
    assert list(zip(*together, strict=True)) == [
        row
        for pk in pks
        for batch in streams.message_batches(reads.query, pk)
        for row in zip(*batch, strict=True)
    ]
    assert list(together.conversation_pk) == [pks[0]] * 1_202 + [pks[2]] * 2
    assert streams.messages_of(reads.query, pks[1:2]) == ((),) * 10
    said = sum(map(len, together.content))
    monkeypatch.setattr(streams, "CHARACTERS", said)
    assert streams.messages_of(reads.query, pks) is None
    monkeypatch.setattr(streams, "CHARACTERS", said + 1)
    assert streams.messages_of(reads.query, pks) == together


def test_no_read_stays_open_between_batches(path: Path, reads: Reads, writer: Writer) -> None:
    batches = streams.message_batches(reads.query, conversation(reads, "long").pk)
    first = next(batches)
    writer.submit(lambda c: subjects.add(c, [BOT], "hand", 1)).result()
    other = sqlite3.connect(path)
    try:
        busy, *_ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        other.close()
    assert busy == 0
    assert len(first.pk) + sum(len(batch.pk) for batch in batches) == 1_202


def test_only_the_last_open_seam_of_a_message_counts(path: Path, reads: Reads) -> None:
    pk = conversation(reads, "c1").pk
    ((gap, _kind),) = streams.seams(reads.query, [pk]).items()
    other = sqlite3.connect(path)
    with other:
        add = "INSERT INTO seam (conversation_pk, message_pk, kind, seen_at) VALUES (?, ?, ?, 1)"
        other.execute(add, (pk, gap, "uncertain"))
    other.close()
    assert streams.seams(reads.query, [pk]) == {gap: "uncertain"}
    assert reads.messages([gap])[0].seam == "uncertain"


def test_conversations_stand_in_the_order_in_which_they_began(reads: Reads) -> None:
    ann = reads.subject(ANN)
    assert ann is not None
    ordered = reads.conversations(streams.by_first_message(reads.query, ann.pk))
    assert [c.conversation_id for c in ordered] == ["c1", "long", "c2", "empty"]


def test_sources_agree_with_those_of_each_memory(reads: Reads) -> None:
    found = conversation(reads, "long")
    wanted = Filter(subject=ANN, conversation_id="long", order="created", descending=False)
    listed = reads.memories(reads.memory_pks(wanted))
    assert [m.memory_id for m in listed] == ["bare", "early", "late", "timeless"]
    expected = [
        NamedSource(found.pk, m.memory_id, s.role, s.excerpt, s.message_id, s.time)
        for m in listed
        for s in reads.memory_sources(m.pk)
    ]
    assert len(expected) == 4
    assert streams.sources_in(reads.query, [found.pk]) == expected
    everything = reads.memories(reads.memory_pks(Filter()))
    assert streams.sources_of(reads.query, [m.pk for m in everything]) == {
        m.pk: reads.memory_sources(m.pk) for m in everything if m.sources
    }


def test_raw_objects_are_those_of_each_row(reads: Reads) -> None:
    pks = reads.message_pks(conversation(reads, "long").pk)
    raws = streams.message_raws(reads.query, pks)
    assert len(raws) == 1_202
    assert raws[pks[0]] == reads.message_raw(pks[0])
    memory = reads.memory("late")[0].pk
    assert streams.memory_raws(reads.query, [memory, -1]) == {memory: reads.memory_raw(memory)}


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ('{"role": "user"}', {}),
        ('{"message_id": "m1", "id": "x"}', {1: "m1"}),
        ('{"id": 7}', {1: "7"}),
        ('{"id": null}', {}),
        ('{"id": ["x"]}', {}),
        ('["id"]', {}),
        ('{"id": ', {}),
    ],
)
def test_ids_of_messages_are_those_in_their_json(
    path: Path, writer: Writer, raw: str, found: dict[int, str]
) -> None:
    def fill(connection: Connection) -> None:
        ann = subject_pk(connection, ANN)
        subjects.add_conversations(connection, ann, ["c1"], "hand", 1)
        pk = subjects.conversation_pks(connection, ann)["c1"]
        windows = WindowChanges(inserts=[(10, said("tea", raw=raw))])
        messages.apply(connection, pk, windows, run_pk=None, now=1)

    writer.submit(fill).result()
    with Reads(path) as reads:
        assert streams.message_ids(reads.query, [1, 2]) == found
    changed = WindowChanges(versions=[(1, said("tea!", raw='{"id": "other"}'))])
    writer.submit(lambda c: messages.apply(c, 1, changed, run_pk=None, now=2)).result()
    with Reads(path) as reads:
        assert streams.message_ids(reads.query, [1, 2]) == {1: "other"}


def test_whose_message_has_an_id_is_looked_up_in_an_index(reads: Reads) -> None:
    statements: list[str] = []
    connection = reads.query._connection
    connection.set_trace_callback(statements.append)
    assert evidence.others_with(reads.query, 1, ["m1"]) == {}
    connection.set_trace_callback(None)
    (statement,) = statements
    plan = [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    assert [step for step in plan if "SCAN" in step and "json_each" not in step] == []
    assert any("ix_message_raw_message_id" in step for step in plan)


def test_messages_are_counted_and_what_is_missing_too(reads: Reads) -> None:
    ann = reads.subject(ANN)
    assert ann is not None
    pk = conversation(reads, "c1").pk
    assert streams.message_count(reads.query, conversation_pk=pk) == 2
    assert streams.message_count(reads.query, subject_pk=ann.pk) == 1_204
    assert streams.coverage(reads.query, conversation_pk=pk) == Coverage(1, 0, 0, 0, {"gap": 1})
    assert streams.coverage(reads.query, subject_pk=ann.pk) == Coverage(4, 2, 1, 0, {"gap": 1})


def test_listings_are_counted_for_one_and_for_all(reads: Reads, writer: Writer) -> None:
    ann = reads.subject(ANN)
    assert ann is not None
    assert streams.listings(reads.query) == Listings(2, 2, 0, 0, 0, None)
    assert streams.listings(reads.query, ann.pk) == Listings(1, 1, 0, 0, 0, None)

"""Reads: against the tables, and filters against a naive reference."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from memos_admin.store import listings, memories, messages, subjects, vanishing
from memos_admin.store.incoming import IncomingMemory, IncomingMessage, WindowChanges
from memos_admin.store.reads import Reads
from memos_admin.store.records import Filter, MemorySource, SubjectRef
from memos_admin.store.writer import Writer
from tests.effort import examples

ANN = SubjectRef("user", "ann")
BOT = SubjectRef("agent", "ann")


def incoming(memory_id: str, **fields: Any) -> IncomingMemory:
    values: dict[str, Any] = {
        "view": "detail_factual",
        "title": f"Title {memory_id}",
        "content": "likes tea",
        "status": "activated",
        "type": "UserMemory",
        "confidence": 0.5,
        "conversation_id": "c1",
        "create_time": "1",
        "update_time": "2",
        "created_at": 1,
        "updated_at": 2,
        "tags": ("tea", "茶"),
        "sources": (MemorySource("chat", "user", "I like tea", None, None),),
        "raw": "{}",
    } | fields
    return IncomingMemory(memory_id=memory_id, digest=repr(values).encode()[:64], **values)


def said(content: str, **fields: Any) -> IncomingMessage:
    values: dict[str, Any] = {
        "role": "user", "role_id": None, "role_name": None, "parts": None, "tool_calls": None,
        "tool_call_id": None, "create_time": "1", "update_time": "1", "created_at": 1,
        "updated_at": 1, "raw": "{}",
    } | fields  # fmt: skip
    return IncomingMessage(content=content, **values)


def subject_pk(connection: Connection, ref: SubjectRef) -> int:
    subjects.add(connection, [ref], "hand", 1)
    pk = subjects.pk_of(connection, ref)
    assert pk is not None
    return pk


def fill(connection: Connection) -> None:
    ann, bot = subject_pk(connection, ANN), subject_pk(connection, BOT)
    memories.record(connection, ann, [incoming("m1"), incoming("m2")], run_pk=None, now=10)
    memories.record(connection, bot, [incoming("m1")], run_pk=None, now=11)
    memories.record(connection, ann, [incoming("m1", title="New")], run_pk=None, now=12)
    subjects.add_conversations(connection, ann, ["c2"], "hand", 1)
    pk = subjects.conversation_pks(connection, ann)["c1"]
    parts = WindowChanges(
        inserts=[
            (10, said("one")),
            (20, said("two", parts='[{"type": "text"}]', tool_calls='[{"id": 1}]')),
        ],
        seam=("gap", 1),
    )
    messages.apply(connection, pk, parts, run_pk=None, now=12)
    stored = messages.tail(connection, pk, 10)
    again = WindowChanges(versions=[(stored[0].pk, said("uno"))])
    messages.apply(connection, pk, again, run_pk=None, now=13)
    messages.note_window(connection, pk, size=2, reaches_beginning=True, started=12)
    for each in (ann, bot):
        subjects.refresh_counts(connection, each)


@pytest.fixture
def reads(path: Path, writer: Writer) -> Reads:
    writer.submit(fill).result()
    return Reads(path)


def test_every_read_runs_on_the_tables(reads: Reads) -> None:
    """All SQL of the read module is prepared and its rows turned into values."""
    conversation = reads.conversation(ANN, "c1")
    ann = reads.subject(ANN)
    assert conversation is not None
    assert ann is not None
    pks = reads.message_pks(conversation.pk)
    (memory, other) = reads.memory("m1")
    called: dict[str, Any] = {
        "changes": reads.changes(),
        "subject_pks": list(reads.subject_pks("an", "name")),
        "subjects": reads.subjects(reads.subject_pks(order="memories")),
        "subject": ann,
        "subject_ids": reads.subject_ids(),
        "never_listed": reads.never_listed(),
        "was_answered": reads.was_answered(),
        "conversation_pks": list(reads.conversation_pks(ann.pk, "c")),
        "conversations": reads.conversations(reads.conversation_pks(ann.pk)),
        "conversation": conversation,
        "message_pks": list(pks),
        "messages": reads.messages(pks, cut=2),
        "message_text": reads.message_text(pks[0]),
        "message_versions": [v.content for v in reads.message_versions(pks[0])],
        "message_raw": reads.message_raw(pks[0]),
        "seams": [(s.message_pk, s.kind) for s in reads.seams(conversation.pk)],
        "memory_pks": list(reads.memory_pks(Filter(subject=ANN))),
        "memory_count": reads.memory_count(Filter(subject=ANN)),
        "memories": reads.memories(reads.memory_pks(Filter()), cut=3),
        "memory": (memory, other),
        "memory_sources": reads.memory_sources(memory.pk),
        "memory_versions": reads.memory_versions(memory.pk),
        "memory_raw": reads.memory_raw(memory.pk),
        "doubted_in": reads.doubted_in(ann.pk),
        "tags": reads.tags(Filter(subject=ANN)),
        "message_seq": reads.message_seq(pks[1]),
        "totals": reads.totals(),
        "last_run": reads.last_run(),
        "runs": reads.runs(2),
        "setting": reads.setting("service_timezone"),
    }
    public = {
        name
        for name, _ in inspect.getmembers(Reads, inspect.isfunction)
        if not name.startswith("_")
    }
    assert public - set(called) == {"close", "interrupt", "steady"}

    assert called["message_text"] == "uno"
    assert set(called["subject_ids"]) == {("user", "ann"), ("agent", "ann")}
    assert called["message_versions"] == ["one"]
    assert called["seams"] == [(pks[1], "gap")]
    assert [(m.content, m.length, m.seam, m.seq) for m in called["messages"]] == [
        ("un", 3, None, 1),
        ("tw", 3, "gap", 2),
    ]
    assert called["messages"][1].parts == [{"type": "text"}]
    assert (memory.ref, other.ref) == (ANN, BOT)
    assert (memory.title, memory.version, memory.tags) == ("New", 2, ("tea", "茶"))
    assert called["message_seq"] == 2
    assert [
        (c.conversation_id, c.memories, c.messages, c.gaps) for c in called["conversations"]
    ] == [
        ("c1", 2, 2, 1),
        ("c2", 0, 0, 0),
    ]
    assert (ann.memories, ann.conversations, ann.messages, ann.last_activity) == (2, 2, 2, 2)
    reads.close()


def test_long_lists_of_keys_keep_their_order(path: Path, writer: Writer) -> None:
    refs = [SubjectRef("user", f"{n:04}") for n in range(2_345)]
    writer.submit(lambda c: subjects.add(c, refs, "hand", 1)).result()
    with Reads(path) as reads:
        pks = reads.subject_pks(order="name")
        backwards = list(reversed(pks))
        assert [s.pk for s in reads.subjects(backwards)] == backwards
        assert [s.ref for s in reads.subjects(pks)] == refs


def test_wildcards_are_letters(path: Path, writer: Writer) -> None:
    refs = [SubjectRef("user", name) for name in ("50%", "50x", "a_b", "axb", "back\\slash")]
    writer.submit(lambda c: subjects.add(c, refs, "hand", 1)).result()
    with Reads(path) as reads:
        for text, expected in {"0%": ["50%"], "a_b": ["a_b"], "k\\s": ["back\\slash"]}.items():
            found = reads.subjects(reads.subject_pks(text))
            assert [s.ref.external_id for s in found] == expected


def test_a_nul_ends_neither_a_text_nor_a_search(path: Path, writer: Writer) -> None:
    def job(connection: Connection) -> None:
        pk = subject_pk(connection, ANN)
        item = incoming("m1", content="before\0after", conversation_id="c1")
        memories.record(connection, pk, [item], run_pk=None, now=1)
        c1 = subjects.conversation_pks(connection, pk)["c1"]
        changes = WindowChanges(inserts=[(1, said("before\0after"))])
        messages.apply(connection, c1, changes, run_pk=None, now=1)

    writer.submit(job).result()
    with Reads(path) as reads:
        (memory,) = reads.memories(reads.memory_pks(Filter(text="AFTER")), cut=8)
        assert (memory.content, memory.length) == ("before\0a", 12)
        conversation = reads.conversation(ANN, "c1")
        assert conversation is not None
        (message,) = reads.messages(reads.message_pks(conversation.pk), cut=8)
        assert (message.content, message.length) == ("before\0a", 12)
        assert not reads.memory_pks(Filter(text="before\0x"))


def test_a_memory_that_is_listed_twice_counts_once(path: Path, writer: Writer) -> None:
    def gone(connection: Connection, ref: SubjectRef) -> None:
        missing = vanishing.note_missing(
            connection, subject_pk(connection, ref), set(), last_seen=1, now=20
        )
        vanishing.mark_vanished(connection, {m.listing_pk: "deleted" for m in missing}, 20)

    def held() -> tuple[int, int]:
        with Reads(path) as reads:
            totals = reads.totals()
        return totals.memories, totals.vanished

    writer.submit(fill).result()
    assert held() == (2, 0)
    writer.submit(lambda connection: gone(connection, ANN)).result()
    assert held() == (1, 1)  # an agent still lists the other one
    writer.submit(lambda connection: gone(connection, BOT)).result()
    assert held() == (0, 2)


def test_steady_reads_see_one_state(path: Path, writer: Writer) -> None:
    with Reads(path) as reads:
        with reads.steady():
            assert reads.totals().users == 0
            writer.submit(lambda c: subjects.add(c, [ANN], "hand", 1)).result()
            assert reads.totals().users == 0
        assert reads.totals().users == 1


texts = st.sampled_from(
    [
        "tea",
        "a" * 41,
        "A" * 41 + "b",
        "a" * 41 + "C",
        "Tea time",
        "coffee",
        "喜欢喝茶",
        "100%",
        "a_b",
        "[assistant's inference] Tea",
    ]
)
times = st.one_of(st.none(), st.integers(1, 6))
items = st.fixed_dictionaries(
    {
        "view": st.sampled_from(["detail_factual", "preference", "event"]),
        "status": st.sampled_from(["activated", "resolving", None]),
        "title": st.one_of(st.none(), texts),
        "content": texts,
        "tags": st.lists(texts, max_size=3, unique=True).map(tuple),
        "conversation_id": st.sampled_from([None, "c1", "c2"]),
        "created_at": times,
        "updated_at": times,
        "sources": st.sampled_from([(), (MemorySource("chat", None, None, None, None),)]),
        "confidence": st.one_of(st.none(), st.floats(0, 1)),
    }
)
filters = st.builds(
    Filter,
    subject=st.sampled_from([None, ANN, BOT]),
    conversation_id=st.sampled_from([None, "", "c1", "c9"]),
    views=st.frozensets(st.sampled_from(["preference", "event"]), max_size=2),
    tags=st.frozensets(texts, max_size=2),
    statuses=st.frozensets(st.sampled_from(["activated", "archived"]), max_size=1),
    since=times,
    until=times,
    vanished=st.sampled_from([None, True, False]),
    text=st.sampled_from(["", "TEA", "茶", "%", "_", "zzz"]),
    order=st.sampled_from(["updated", "created", "title", "view", "status", "confidence"]),
    descending=st.booleans(),
    any_tags=st.frozensets(st.frozensets(texts, min_size=1, max_size=2), max_size=2),
    created_since=times,
    created_until=times,
    inferred=st.sampled_from([None, None, True, False]),
    sourced=st.sampled_from([None, None, True, False]),
    not_views=st.frozensets(st.sampled_from(["preference", "event"]), max_size=1),
    not_tags=st.frozensets(texts, max_size=2),
    not_statuses=st.frozensets(st.sampled_from(["activated", "archived"]), max_size=1),
    not_texts=st.frozensets(st.sampled_from(["TEA", "茶", "_"]), max_size=1),
)


def wanted(query: Filter, ref: SubjectRef, item: dict[str, Any], vanished: bool) -> bool:
    """The filter in plain Python."""
    text = query.text.lower()
    haystack = [item["title"] or "", item["content"], *item["tags"]]
    at, made, tags = item["updated_at"], item["created_at"], set(item["tags"])
    return (
        query.subject in (None, ref)
        and (query.conversation_id is None or (item["conversation_id"] or "") == query.conversation_id)
        and (not query.views or item["view"] in query.views)
        and query.tags <= set(item["tags"])
        and (not query.statuses or item["status"] in query.statuses)
        and (query.since is None or (at is not None and at >= query.since))
        and (query.until is None or (at is not None and at < query.until))
        and query.vanished in (None, vanished)
        and (not text or any(text in straw.lower() for straw in haystack))
        and all(one & tags for one in query.any_tags)
        and (query.created_since is None or (made is not None and made >= query.created_since))
        and (query.created_until is None or (made is not None and made < query.created_until))
        and query.inferred in (None, item["content"].startswith("[assistant"))
        and query.sourced in (None, bool(item["sources"]))
        and item["view"] not in query.not_views
        and not query.not_tags & tags
        and item["status"] not in query.not_statuses
        and not any(no.lower() in straw.lower() for no in query.not_texts for straw in haystack)
    )  # fmt: skip


@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    stored=st.lists(st.tuples(st.sampled_from([ANN, BOT]), items, st.booleans()), max_size=12),
    queries=st.lists(filters, min_size=1, max_size=6),
    few=st.integers(0, 6),
    first=st.integers(0, 13),
)
def test_filters_agree_with_plain_python(
    tmp_path_factory: pytest.TempPathFactory,
    stored: list[tuple[SubjectRef, dict[str, Any], bool]],
    queries: list[Filter],
    few: int,
    first: int,
) -> None:
    path = tmp_path_factory.mktemp("store") / "store.db"

    def job(connection: Connection) -> None:
        for n, (ref, item, vanished) in enumerate(stored):
            pk = subject_pk(connection, ref)
            memories.record(connection, pk, [incoming(f"m{n}", **item)], run_pk=None, now=1)
            if vanished:
                everything_else = {f"m{i}" for i in range(n)}
                missing = vanishing.note_missing(
                    connection, pk, everything_else, last_seen=1, now=2
                )
                gone = {m.listing_pk: "not found" for m in missing}
                vanishing.mark_vanished(connection, gone, 2)

    writer = Writer(path)
    writer.submit(job).result()
    writer.close()
    with Reads(path) as reads, pytest.MonkeyPatch.context() as patch:
        patch.setattr(listings, "FEW", few)  # where it begins is no part of the answer
        for query in queries:
            keys = reads.memory_pks(query)
            assert reads.memory_pks(query, first) == keys[:first]
            assert reads.memory_count(query) == len(keys)
            for tag, number in reads.tags(query):
                assert number == reads.memory_count(
                    replace(query, tags=frozenset({tag}), any_tags=frozenset())
                )
            assert {tag for m in reads.memories(keys) for tag in m.tags} <= dict(
                reads.tags(query)
            ).keys()
            assert min(len(keys), few + 1) <= reads.memory_count(query, few) <= len(keys)
            found = reads.memories(keys)
            expected = {f"m{n}" for n, (ref, item, gone) in enumerate(stored)
                        if wanted(query, ref, item, gone)}  # fmt: skip
            assert {m.memory_id for m in found} == expected
            if query.order == "title":
                titles = [(m.title or m.content).lower() for m in found]
                assert titles == sorted(titles, reverse=query.descending)
            else:
                named = {"updated": "updated_at", "created": "created_at"}
                column = named.get(query.order, query.order)
                values = [getattr(m, column) for m in found]
                known = [value for value in values if value is not None]
                assert known == sorted(known, reverse=query.descending)
                assert known == values[: len(known)]

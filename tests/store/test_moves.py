"""A memory that moves to another conversation says the same, and is a version of its own."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Connection

from memos_admin.backend.history.as_of import limits
from memos_admin.backend.history.memories import differences
from memos_admin.store import (
    checks,
    memories,
    retaining,
    subjects,
    unlisting,
    verdict_reads,
    verdicts,
)
from memos_admin.store.changes import changes
from memos_admin.store.incoming import IncomingMemory
from memos_admin.store.reads import Reads
from memos_admin.store.records import Filter
from memos_admin.store.schema import open_current
from memos_admin.store.verdict_records import Judgement
from memos_admin.store.writer import Writer
from tests.store import schemas
from tests.store.test_reads import ANN, incoming, subject_pk

MOVE = Filter(subject=ANN)


def said(memory_id: str, conversation_id: str | None, **more: str) -> IncomingMemory:
    """Return what a listing says of a memory."""
    item = incoming(memory_id, conversation_id=conversation_id, **more)
    return replace(item, digest=sha256(repr(item).encode()).digest())


def record(writer: Writer, now: int, conversation_id: str | None, **more: str) -> None:
    """Let a listing have the memory."""
    item = said("m1", conversation_id, **more)

    def job(connection: Connection) -> None:
        memories.record(connection, subject_pk(connection, ANN), [item], run_pk=None, now=now)

    writer.submit(job).result()


@pytest.fixture
def moved(writer: Writer) -> None:
    """A memory that was in c1, in c2, in none and in c1 again, and whose text changed with the last move."""
    record(writer, 10, "c1")
    record(writer, 20, "c2")
    record(writer, 30, None)
    record(writer, 40, "c1", content="likes coffee")


@pytest.mark.usefixtures("moved")
def test_a_move_is_a_version_with_the_conversation_of_then(path: Path) -> None:
    with Reads(path) as reads:
        (memory,) = reads.memory("m1")
        versions = reads.memory_versions(memory.pk)
        assert [one.conversation_id for one in versions] == ["c1", "c2", None, "c1"]
        assert not any(one.not_kept for one in versions)
        found = [
            (one.fields, one.conversation_before, one.conversation_id)
            for one in changes(reads.query, 11)
        ]
        assert found == [
            (("content", "conversation_id"), "", "c1"),
            (("conversation_id",), "c2", ""),
            (("conversation_id",), "c1", "c2"),
        ]
        assert {one.kind for one in changes(reads.query, 11)} == {"changed"}
    with open_current(path) as connection:
        assert checks.problems(connection, path) == []


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize(("moment", "named"), [(10, "c1"), (25, "c2"), (30, None), (40, "c1")])
def test_as_of_an_instant_a_memory_is_listed_under_its_conversation_of_then(
    path: Path, moment: int, named: str | None
) -> None:
    with Reads(path) as reads:
        for asked in ("c1", "c2", ""):
            for whose in (Filter(), MOVE):
                wanted = replace(whose, conversation_id=asked, as_of=moment)
                keys = reads.memory_pks(wanted)
                assert len(keys) == reads.memory_count(wanted) == (asked == (named or ""))
                for memory in reads.memories(keys, as_of=moment):
                    assert memory.conversation_id == named
                    assert "conversation_id" not in memory.not_kept


def test_a_conversation_that_is_said_first_is_no_move(path: Path, writer: Writer) -> None:
    """What the version before named is not known then, where something else makes it a version."""

    def first_said(connection: Connection) -> None:
        ann = subject_pk(connection, ANN)
        for now, memory_id, text in ((10, "m1", "one"), (10, "m2", "one")):
            item = said(memory_id, None, content=text)
            memories.record(connection, ann, [item], run_pk=None, now=now)
        for memory_id, text in (("m1", "one"), ("m2", "two")):
            item = said(memory_id, "c1", content=text)
            memories.record(
                connection, ann, [item], run_pk=None, now=20,
                unsaid=lambda view, raw: frozenset({"conversation_id"}),
            )  # fmt: skip

    writer.submit(first_said).result()
    with Reads(path) as reads:
        (same,), (other,) = reads.memory("m1"), reads.memory("m2")
        assert (same.version, same.conversation_id) == (1, "c1")
        before, now = reads.memory_versions(other.pk)
        assert (before.conversation_id, before.not_kept) == (None, ("conversation_id",))
        assert (now.conversation_id, now.not_kept) == ("c1", ())
        assert [one.field for one in differences(before, now)] == ["content"]
        (change,) = changes(reads.query, 11)
        assert (change.fields, change.conversation_before) == (("content",), None)


@pytest.mark.usefixtures("moved")
def test_retention_leaves_the_conversation_of_a_version(path: Path, writer: Writer) -> None:
    (texts, _) = retaining.VERSIONS
    writer.submit(lambda connection: texts.drop(connection, 1_000)).result()
    with Reads(path) as reads:
        (memory,) = reads.memory("m1")
        versions = reads.memory_versions(memory.pk)
        assert [one.dropped for one in versions] == [True, True, True, False]
        assert [one.conversation_id for one in versions] == ["c1", "c2", None, "c1"]
        told = [one.field for one in differences(versions[0], versions[1])]
        assert told == ["conversation_id"]


def test_a_verdict_stands_when_a_memory_moves(path: Path, writer: Writer) -> None:
    record(writer, 10, "c1")
    judged = Judgement("m1", 1, "correct", ref=ANN)
    writer.submit(lambda connection: verdicts.give(connection, judged, "eve", 15)).result()
    record(writer, 20, "c2")
    with Reads(path) as reads:
        (memory,) = reads.memory("m1")
        (verdict,) = verdict_reads.standing(reads.query, [memory.pk])[memory.pk]
        assert (verdict.version, verdict.latest, verdict.is_of_now) == (1, 2, True)
    record(writer, 30, "c2", content="likes coffee")
    with Reads(path) as reads:
        (verdict,) = verdict_reads.standing(reads.query, [memory.pk])[memory.pk]
        assert not verdict.is_of_now


def test_conversations_that_only_removed_memories_named_go_with_them(
    path: Path, writer: Writer
) -> None:
    record(writer, 10, "c1")
    record(writer, 20, "c2")

    def another(connection: Connection) -> None:
        ann = subject_pk(connection, ANN)
        for now, name in ((30, "c2"), (40, "c3")):
            item = said("m2", name)
            memories.record(connection, ann, [item], run_pk=None, now=now)

    writer.submit(another).result()
    with Reads(path) as reads:
        (memory,) = reads.memory("m1")
    writer.submit(lambda connection: unlisting.remove_memories(connection, [memory.pk])).result()

    def known(connection: Connection) -> set[str]:
        return {*subjects.conversation_pks(connection, subject_pk(connection, ANN))}

    # m2 was in c2, and is in c3; in c1 was nothing else.
    assert writer.submit(known).result() == {"c2", "c3"}


@pytest.mark.parametrize("number", range(1, 8))
def test_of_versions_before_an_upgrade_the_conversation_is_said_not_to_be_kept(
    path: Path, number: int
) -> None:
    schemas.load(number, path)
    writer = Writer(path)
    record(writer, 1_000, "c9", content="moved behind the upgrade")
    writer.close()
    with Reads(path) as reads:
        (memory, *_) = reads.memory("m1")
        *before, upgraded, now = reads.memory_versions(memory.pk)
        assert before
        assert all(one.not_kept == ("conversation_id",) for one in before)
        assert all(one.conversation_id is None for one in before)
        assert (upgraded.conversation_id, upgraded.not_kept) == ("c1", ())
        assert "conversation_id" in {one.field for one in differences(upgraded, now)}
        for one, other in zip(before, [*before[1:], upgraded], strict=True):
            assert "conversation_id" not in {told.field for told in differences(one, other)}
        found = changes(reads.query, 0, kinds=["changed", "status"])
        assert {"conversation_id" in one.fields for one in found if one.at == 1_000} == {True}
        assert not any("conversation_id" in one.fields for one in found if one.at < 1_000)
        first = before[0].seen_from
        then = reads.memories(reads.memory_pks(Filter(as_of=first)), as_of=first)
        said_then = [one for one in then if one.memory_id == "m1"]
        assert ["conversation_id" in one.not_kept for one in said_then] == [True]
        told = limits(reads, Filter(as_of=first), str)
        assert any("moved to another conversation" in one for one in told)
        later = limits(reads, Filter(as_of=1 << 60), str)
        assert not any("moved to another conversation" in one for one in later)


@pytest.mark.usefixtures("moved")
def test_a_store_that_was_never_upgraded_has_nothing_to_say_of_it(path: Path) -> None:
    with Reads(path) as reads:
        told = limits(reads, Filter(as_of=15), str)
    assert not any("moved to another conversation" in one for one in told)

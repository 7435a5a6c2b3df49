"""Lookups of ids: against the tables, and against a naive reference in small and in large tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from memos_admin.store import lookups, memories, subjects
from memos_admin.store.lookups import Rank
from memos_admin.store.reads import Reads
from memos_admin.store.records import SubjectRef
from memos_admin.store.writer import Writer
from tests.effort import examples
from tests.store.test_reads import incoming, subject_pk

IDS = (
    "0610",
    "0610-b",
    "a0610",
    "Trip",
    "trip",
    "TRIP 7",
    "my trip to 06",
    "50%",
    "旅行",
    "e\u0301",
)
USERS = [SubjectRef("user", name) for name in IDS]
MANY = 1_000


def fill(connection: Connection) -> None:
    """Every id is one of a user, of a conversation of every user, and of a memory."""
    for number, ref in enumerate(USERS):
        pk = subject_pk(connection, ref)
        mine = incoming(ref.external_id, conversation_id=None, updated_at=number)
        memories.record(connection, pk, [mine], run_pk=None, now=10)
        subjects.add_conversations(connection, pk, IDS, "hand", 1)
        subjects.refresh_counts(connection, pk)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lookups") / "store.db"
    writer = Writer(path)
    writer.submit(fill).result()
    writer.close()
    return path


def expected(text: str, name: str) -> Rank | None:
    """Say how well an id fits, without SQL."""
    low, inside = _low(text), _low(name)
    if name == text:
        return Rank.EXACT
    if inside == low:
        return Rank.ALIKE
    if low in inside:
        return Rank.BEGINNING if inside.startswith(low) else Rank.INSIDE
    words = re.findall(r"[^\W_]+", low)
    return Rank.WORDS if words and all(word in inside for word in words) else None


def _low(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)


def ranks(found: Iterable[tuple[str, Rank]]) -> list[tuple[str, Rank]]:
    return sorted(found)


TEXTS = st.one_of(
    st.sampled_from([*IDS, "06", "TR", "trip my", "zzz", "%", "_", "'", "10 06", "旅", "e"]),
    st.text(alphabet="06abtripTRIP -%旅", min_size=1, max_size=5),
)
WRITTEN = settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@WRITTEN
@given(text=TEXTS)
def test_ids_fit_as_they_would_without_sql(filled: Path, text: str) -> None:
    with Reads(filled) as reads:
        query = reads.query
        wanted = ranks((name, rank) for name in IDS if (rank := expected(text, name)) is not None)
        users = lookups.find_subjects(query, text, MANY)
        named = reads.subjects([fit.pk for fit in users])
        assert (
            ranks((s.ref.external_id, fit.rank) for s, fit in zip(named, users, strict=True))
            == wanted
        )
        own = lookups.find_conversations(query, text, MANY, USERS[0])
        held = reads.conversations([fit.pk for fit in own])
        assert (
            ranks((c.conversation_id, fit.rank) for c, fit in zip(held, own, strict=True)) == wanted
        )
        assert {c.ref for c in held} <= {USERS[0]}
        assert len(lookups.find_conversations(query, text, MANY)) == len(wanted) * len(USERS)
        listed = lookups.find_memories(query, text, MANY)
        texts = reads.memories([fit.pk for fit in listed])
        assert (
            ranks((m.memory_id, fit.rank) for m, fit in zip(texts, listed, strict=True)) == wanted
        )
        for fits in (users, own, listed):
            assert [fit.rank for fit in fits] == sorted(fit.rank for fit in fits)


@WRITTEN
@given(text=TEXTS)
def test_of_large_tables_the_beginnings_are_found(filled: Path, text: str) -> None:
    with pytest.MonkeyPatch.context() as patch, Reads(filled) as reads:
        patch.setattr(lookups, "SMALL", 0)
        wanted = {name for name in IDS if name.startswith(text)}
        found = lookups.find_conversations(reads.query, text, MANY)
        held = reads.conversations([fit.pk for fit in found])
        assert {c.conversation_id for c in held} == wanted
        assert len(held) == len(wanted) * len(USERS)
        listed = lookups.find_memories(reads.query, text, MANY)
        lower = {name for name in IDS if name.startswith(text.lower())}
        ids = [m.memory_id for m in reads.memories([fit.pk for fit in listed])]
        assert sorted(ids) == sorted(wanted | lower)


def test_an_exact_id_is_found_behind_many_that_begin_alike(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "SMALL", 0)
    monkeypatch.setattr(lookups, "_NEAR", 3)
    with Reads(filled) as reads:
        found = lookups.find_conversations(reads.query, "0610", 3)
        held = reads.conversations([fit.pk for fit in found])
        assert {c.conversation_id for c in held} == {"0610"}


def test_among_equals_the_latest_is_first(filled: Path) -> None:
    with Reads(filled) as reads:
        found = lookups.find_memories(reads.query, "i", MANY)
        listed = reads.memories([fit.pk for fit in found])
        inside = [m for m, fit in zip(listed, found, strict=True) if fit.rank is Rank.INSIDE]
        assert [m.updated_at for m in inside] == sorted(m.updated_at or 0 for m in inside)[::-1]
        assert len(inside) > 2


def test_no_more_than_asked_for(filled: Path) -> None:
    with Reads(filled) as reads:
        assert len(lookups.find_subjects(reads.query, "0", 2)) == 2
        assert len(lookups.find_conversations(reads.query, "0", 2)) == 2
        assert len(lookups.find_memories(reads.query, "0", 2)) == 2


@pytest.mark.parametrize(
    "odd", ["\0", "'; --", "\U0010ffff", "\ud7ff", "%" * 500, pytest.param("zz " * 5000, id="long")]
)
def test_odd_texts_find_nothing(filled: Path, odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Reads(filled) as reads:
        for small in (0, lookups.SMALL):
            monkeypatch.setattr(lookups, "SMALL", small)
            for find in (lookups.find_subjects, lookups.find_memories):
                assert find(reads.query, odd, 5) == []
            assert lookups.find_conversations(reads.query, odd, 5) == []
            assert lookups.find_conversations(reads.query, odd, 5, USERS[0]) == []

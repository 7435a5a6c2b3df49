"""SQL of a person's own: the views agree with what lists read, and nothing else can be reached."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from memos_admin.backend.times import utc_text
from memos_admin.store import cipher, memories, vanishing
from memos_admin.store.converting import convert
from memos_admin.store.errors import StoreInterrupted
from memos_admin.store.reads import Reads
from memos_admin.store.records import Filter
from memos_admin.store.sql import SqlAccess, SqlRefused
from memos_admin.store.sql_views import VIEWS, definitions
from memos_admin.store.writer import Writer
from tests.effort import examples
from tests.store.test_converting import KEY
from tests.store.test_reads import ANN, BOT, fill, incoming, items, subject_pk


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with something of everything in it."""
    path = tmp_path_factory.mktemp("made") / "store.db"
    writer = Writer(path)
    writer.submit(fill).result()
    writer.close()
    return path


@pytest.fixture
def stored(made: Path, path: Path) -> Path:
    """The same, of the test's own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(made, path)
    return path


@pytest.fixture
def access(stored: Path) -> Iterator[SqlAccess]:
    with closing(SqlAccess(stored)) as opened:
        yield opened


@pytest.fixture(params=[None, KEY], ids=["plain", "encrypted"])
def of_any(stored: Path, request: pytest.FixtureRequest) -> Iterator[SqlAccess]:
    """The same of a plain store, and of one that is encrypted."""
    if request.param is not None:
        convert(stored, None, request.param, on_wait=lambda: None)
        cipher.use(stored, request.param)
    with closing(SqlAccess(stored)) as opened:
        yield opened
    cipher.forget(stored)


def told(access: SqlAccess, statement: str) -> list[dict[str, Any]]:
    found = access.select(statement)
    return [dict(zip(found.columns, row, strict=True)) for row in found]


def time(ms: int | None) -> str | None:
    return None if ms is None else utc_text(ms)


@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    stored=st.lists(st.tuples(st.sampled_from([ANN, BOT]), items, st.booleans()), max_size=8),
    when=st.integers(-(10**13), 10**14),
)
def test_the_memories_are_those_of_the_list(
    tmp_path_factory: pytest.TempPathFactory, stored: list[Any], when: int
) -> None:
    path = tmp_path_factory.mktemp("store") / "store.db"

    def job(connection: Connection) -> None:
        for n, (ref, item, vanished) in enumerate(stored):
            pk = subject_pk(connection, ref)
            said = item | {"updated_at": when + n if item["updated_at"] else None}
            memories.record(connection, pk, [incoming(f"m{n}", **said)], run_pk=None, now=when)
            if vanished:
                missing = vanishing.note_missing(
                    connection, pk, {f"m{i}" for i in range(n)}, last_seen=1, now=when
                )
                gone = {one.listing_pk: "not found" for one in missing}
                vanishing.mark_vanished(connection, gone, when + 7)

    writer = Writer(path)
    writer.submit(job).result()
    writer.close()
    with Reads(path) as reads, closing(SqlAccess(path)) as access:
        rows = told(access, "SELECT * FROM memories ORDER BY memory_id, subject_kind")
        found = reads.memories(reads.memory_pks(Filter()))
        expected = sorted(found, key=lambda one: (one.memory_id, one.ref.kind))
        assert [
            {
                "subject_kind": one.ref.kind, "user_id": one.ref.external_id,
                "memory_id": one.memory_id, "view": one.view, "title": one.title,
                "content": one.content, "tags": list(one.tags), "status": one.status,
                "type": one.type, "confidence": one.confidence,
                "conversation_id": one.conversation_id, "created_at": time(one.created_at),
                "updated_at": time(one.updated_at), "first_seen": time(one.first_seen),
                "last_seen": time(one.last_seen), "vanished": int(one.vanished_at is not None),
                "vanished_at": time(one.vanished_at), "reason": one.reason,
                "missed_at": time(one.missed_at), "version": one.version,
                "sources": one.sources, "created_ms": one.created_at, "updated_ms": one.updated_at,
            }
            for one in expected
        ] == [row | {"tags": json.loads(row["tags"])} for row in rows]  # fmt: skip


def test_users_conversations_and_messages_are_those_of_the_lists(
    access: SqlAccess, path: Path
) -> None:
    with Reads(path) as reads:
        subjects = reads.subjects(reads.subject_pks(order="name"))
        assert [
            (row["subject_kind"], row["user_id"], row["memories"], row["messages"], row["last_activity"])
            for row in told(access, "SELECT * FROM users ORDER BY user_id, subject_kind DESC")
        ] == [
            (one.ref.kind, one.ref.external_id, one.memories, one.messages, time(one.last_activity))
            for one in sorted(subjects, key=lambda one: one.ref.kind, reverse=True)
        ]  # fmt: skip
        ann = reads.subject(ANN)
        assert ann is not None
        conversations = reads.conversations(reads.conversation_pks(ann.pk, order="name"))
        assert [
            (row["conversation_id"], row["messages"], row["memories"], row["gaps"])
            for row in told(
                access,
                "SELECT * FROM conversations WHERE subject_kind = 'user' ORDER BY conversation_id",
            )
        ] == [(one.conversation_id, one.messages, one.memories, one.gaps) for one in conversations]
        messages = reads.messages(reads.message_pks(conversations[0].pk))
        assert [
            (row["seq"], row["role"], row["content"], row["created_at"], bool(row["gap_before"]))
            for row in told(access, "SELECT * FROM messages ORDER BY seq")
        ] == [
            (one.seq, one.role, one.content, time(one.created_at), one.seam == "gap")
            for one in messages
        ]
    (old,) = told(access, "SELECT title, version FROM memory_versions WHERE replaced_at NOT NULL")
    assert old == {"title": "Title m1", "version": 1}


def test_every_view_and_column_can_be_read(of_any: SqlAccess) -> None:
    for name, view in VIEWS.items():
        found = of_any.select(f"SELECT * FROM {name}")
        assert found.columns == tuple(view.columns)
        assert found.views == (name,)
        list(found)
    assert told(of_any, "SELECT count(*) AS n FROM memories, json_each(tags)")[0]["n"] == 6


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT raw FROM memory_raw",
        "SELECT * FROM memory",
        "SELECT value FROM setting",
        "SELECT sql FROM sqlite_schema",
        "SELECT sql FROM sqlite_temp_schema",
        "SELECT * FROM pragma_database_list",
        "DELETE FROM memory",
        "UPDATE memories SET title = 'x'",
        "INSERT INTO users DEFAULT VALUES",
        "CREATE TEMP TABLE x (a)",
        "CREATE TEMP VIEW x AS SELECT content FROM message",
        "DROP VIEW memories",
        "ATTACH ':memory:' AS other",
        "PRAGMA query_only = OFF",
        "PRAGMA journal_mode",
        "VACUUM INTO '/tmp/never'",
        "BEGIN",
        "REINDEX",
        "ANALYZE",
        "EXPLAIN SELECT * FROM memory",
        "SELECT load_extension('x')",
        "SELECT sqlcipher_export('main')",
        "WITH x AS (SELECT title FROM memory) SELECT * FROM x",
        "SELECT (SELECT content FROM message) FROM users",
        "SELECT 1; DELETE FROM memory",
        "SELECT nothing FROM users",
        "SELEC 1",
        "SELECT ?",
        "SELECT 'a\0b'",
        "",
        "-- nothing",
    ],
)
def test_nothing_else_can_be_reached(of_any: SqlAccess, statement: str) -> None:
    with pytest.raises(SqlRefused):
        list(of_any.select(statement))
    assert told(of_any, "SELECT count(*) AS n FROM memories") == [{"n": 3}]


def test_what_takes_long_is_ended(path: Path, writer: Writer) -> None:
    writer.submit(fill).result()
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
    asked = 0

    def is_over() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    with closing(SqlAccess(path, is_over)) as access, pytest.raises(StoreInterrupted):
        list(access.select(endless))


def test_names_of_columns_stand_once(of_any: SqlAccess) -> None:
    assert of_any.select("SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a").columns == (
        "a", "a_2", "a_2_2", "a_3",
    )  # fmt: skip


def test_the_views_can_be_kept_in_a_copy(access: SqlAccess, path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        for statement in definitions(temporary=False):
            target.execute(statement)
        for name in VIEWS:
            found = target.execute(f"SELECT * FROM {name}").fetchall()
            assert found == [*access.select(f"SELECT * FROM {name}")]

"""The schema: one definition, migrations that lead to it, newer stores refused."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from memos_admin.store import migrations, schema, tables
from memos_admin.store.connection import connect
from memos_admin.store.engine import engine_on
from memos_admin.store.errors import StoreBroken, StoreTooNew
from memos_admin.store.reads import Reads
from memos_admin.store.records import SubjectRef
from memos_admin.store.writer import Writer


@pytest.mark.filterwarnings("ignore:.* expression-based index")  # see the next test
def test_migrations_lead_to_the_tables(path: Path) -> None:
    raw = schema.open_current(path)
    try:
        with engine_on(raw).connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, SQLModel.metadata) == []
        assert raw.execute("PRAGMA user_version").fetchone() == (schema.CURRENT,)
    finally:
        raw.close()


def test_migrations_lead_to_the_indexes(path: Path) -> None:
    def indexes(raw: sqlite3.Connection) -> set[tuple[str, str]]:
        sql = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        return set(raw.execute(sql))

    raw, made = schema.open_current(path), connect(path.with_name("made.db"))
    try:
        SQLModel.metadata.create_all(engine_on(made))
        assert indexes(raw) == indexes(made)
    finally:
        raw.close()
        made.close()


def test_newest_migration_is_the_current_schema() -> None:
    assert migrations.steps().get_current_head() == f"{schema.CURRENT:04d}"


def test_every_table_has_an_integer_primary_key() -> None:
    assert tables.table_of(tables.Subject).name == "subject"
    for table in SQLModel.metadata.tables.values():
        (key,) = table.primary_key.columns
        assert str(key.type) == "INTEGER", table.name


def test_no_foreign_key_deletes_rows() -> None:
    for table in SQLModel.metadata.tables.values():
        for key in table.foreign_keys:
            assert key.ondelete is None, table.name


def test_newer_store_is_refused_and_untouched(path: Path) -> None:
    Reads(path).close()
    raw = sqlite3.connect(path)
    raw.execute(f"PRAGMA user_version = {schema.CURRENT + 1}")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    before = hashlib.sha256(path.read_bytes()).digest()
    for opening in (Reads, Writer):
        with pytest.raises(StoreTooNew, match="newer memos-admin"):
            opening(path)
    assert hashlib.sha256(path.read_bytes()).digest() == before


class Step:
    """A migration that a later version could bring."""

    revision = f"{schema.CURRENT + 1:04d}"

    @staticmethod
    def upgrade() -> None:
        from alembic import op

        op.execute("ALTER TABLE subject ADD COLUMN colour TEXT")
        op.execute("DELETE FROM conversation WHERE pk < 0")


def upgrade_with(monkeypatch: pytest.MonkeyPatch, step: type[Step]) -> None:
    class Script:
        module = step
        revision = step.revision

    class Steps:
        def iterate_revisions(self, to: str, base: str) -> list[Script]:
            return [Script()] if base != step.revision else []

    monkeypatch.setattr(migrations, "steps", Steps)
    monkeypatch.setattr(schema, "CURRENT", schema.CURRENT + 1)


def filled(path: Path) -> None:
    from memos_admin.store import subjects

    writer = Writer(path)
    writer.submit(lambda c: subjects.add(c, [SubjectRef("user", "ann")], "hand", 1)).result()
    writer.close()


def test_upgrade_keeps_data_and_a_backup(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(path)
    upgrade_with(monkeypatch, Step)
    with Reads(path) as reads:
        assert reads.subject(SubjectRef("user", "ann")) is not None
    backup = path.with_name(f"store.db.schema-{schema.CURRENT - 1}.bak")
    copy = sqlite3.connect(backup)
    try:
        assert copy.execute("PRAGMA user_version").fetchone() == (schema.CURRENT - 1,)
        assert copy.execute("SELECT external_id FROM subject").fetchall() == [("ann",)]
        assert backup.stat().st_mode & 0o777 == 0o600
    finally:
        copy.close()


def test_upgrade_that_fails_leaves_the_old_store(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(Step):
        @staticmethod
        def upgrade() -> None:
            Step.upgrade()
            raise RuntimeError("in the middle")

    filled(path)
    with monkeypatch.context() as patch:
        upgrade_with(patch, Failing)
        with pytest.raises(RuntimeError, match="in the middle"):
            Reads(path)
    with Reads(path) as reads:
        assert reads.subject(SubjectRef("user", "ann")) is not None


def test_upgrade_that_breaks_references_is_undone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Careless(Step):
        @staticmethod
        def upgrade() -> None:
            from alembic import op

            op.execute(
                "INSERT INTO conversation (subject_pk, conversation_id, known_from, added_at,"
                " stale, from_beginning, messages, gaps) VALUES (99, 'c', 'hand', 1, 1, 0, 0, 0)"
            )

    filled(path)
    with monkeypatch.context() as patch:
        upgrade_with(patch, Careless)
        with pytest.raises(StoreBroken, match="refer to missing ones"):
            Reads(path)
    with Reads(path) as reads:
        assert reads.totals().conversations == 0


def test_foreign_keys_hold(path: Path) -> None:
    raw = schema.open_current(path)
    try:
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute("INSERT INTO listing (memory_pk, subject_pk, first_seen) VALUES (1, 1, 1)")
    finally:
        raw.close()


def test_processes_that_create_the_same_store_at_once_agree(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from memos_admin.store.reads import Reads;"
        "print(Reads(Path(sys.argv[1])).totals().users)"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    outputs = [process.communicate(timeout=60) for process in running]
    assert [out.strip() for out, _ in outputs] == ["0"] * 4, outputs


def test_operations_of_alembic_run_inside_one_transaction(path: Path) -> None:
    """What the migrations stand on: DDL through our engine can be rolled back."""
    raw = connect(path)
    try:
        with engine_on(raw).connect() as connection, connection.begin() as transaction:
            with Operations.context(MigrationContext.configure(connection)):
                connection.exec_driver_sql("CREATE TABLE t (pk INTEGER PRIMARY KEY)")
            transaction.rollback()
        assert raw.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    finally:
        raw.close()

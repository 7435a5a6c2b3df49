"""Migrations of the store's schema, by Alembic's operations.

A step is a file in ``versions/``, numbered and never edited after its release. Steps run in one
transaction, after a backup, with foreign keys off (SQLite rebuilds tables to alter them, and a
cascade must never delete rows) and checked before the commit. The schema's number is
``PRAGMA user_version``, so Alembic's own version table is not used.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from memos_admin.store.backup import backup, old_copy
from memos_admin.store.connection import connect, explained
from memos_admin.store.engine import engine_on
from memos_admin.store.errors import StoreBroken
from memos_admin.store.schema import refuse_newer


def steps() -> ScriptDirectory:
    """Return Alembic's view of the steps."""
    return ScriptDirectory(str(Path(__file__).parent))


PATIENCE_MS = 600_000
"""How long another process that upgrades the same store is waited for: it copies it first."""


def migrate(path: Path, *, to: str = "head") -> None:
    """Bring the store at `path` to the newest schema, or to the one numbered `to`.

    A store that holds data is first copied to ``store.db.schema-N.bak`` beside it. Two processes
    may call this at once: the second waits, and finds nothing left to do. Killed at any moment, the
    store has the one schema or the other.

    Raises:
        StoreBroken: rows would refer to missing ones; the store is as it was.
    """
    raw = connect(path)
    try:
        with explained(path):
            raw.execute("PRAGMA foreign_keys = OFF")
            raw.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
            with engine_on(raw).begin() as connection:
                _upgrade(connection, raw, path, to)
    finally:
        raw.close()


def _upgrade(connection: Connection, raw: sqlite3.Connection, path: Path, to: str) -> None:
    """Run the missing steps inside the open transaction."""
    number = _number(raw)
    refuse_newer(number, path)
    base = f"{number:04d}" if number else "base"
    missing = list(steps().iterate_revisions(to, base))
    if not missing:
        return
    if number:
        _copy(path, number)
    context = MigrationContext.configure(connection)
    with Operations.context(context):
        for step in reversed(missing):
            step.module.upgrade()
    if raw.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise StoreBroken(
            f"The store {path} could not be upgraded: some rows refer to missing ones. "
            "It was left as it is. Run `memos-admin store check` and report this."
        )
    raw.execute(f"PRAGMA user_version = {int(missing[0].revision)}")


def _copy(path: Path, number: int) -> None:
    """Copy the store as it is while nobody else can write to it.

    By another connection, which sees nothing of the open transaction.
    """
    other = connect(path, read_only=True)
    try:
        backup(other, old_copy(path, number))
    finally:
        other.close()


def _number(raw: sqlite3.Connection) -> int:
    return int(raw.execute("PRAGMA user_version").fetchone()[0])

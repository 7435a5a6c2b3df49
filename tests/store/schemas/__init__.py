"""A store of each schema with data, as SQL: ``NNNN.sql``, never changed once the next one exists.

After a new migration, write the store of its schema::

    .venv/bin/python -m tests.store.schemas.make
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

FOLDER = Path(__file__).parent


def path_of(number: int) -> Path:
    """Return where the store of a schema is."""
    return FOLDER / f"{number:04d}.sql"


def load(number: int, path: Path) -> None:
    """Make the store of a schema, as a program of that time has left it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(path_of(number).read_text("utf-8"))
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("PRAGMA journal_mode = WAL")
    path.chmod(0o600)


def tables(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the tables."""
    sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    return sorted(name for (name,) in connection.execute(sql))


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the names of a table's columns."""
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]

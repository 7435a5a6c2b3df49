"""Damage as a failing disk does it: one page of a store with other bytes, which SQLite copies as it is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

PAGE = 4096


def overwrite_page_of(path: Path, table: str) -> None:
    """Overwrite the first page of a table; nobody has the file open."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        number = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", [table]
        ).fetchone()[0]
    assert size == PAGE
    with path.open("r+b") as file:
        file.seek(PAGE * (number - 1))
        file.write(b"\xa5" * PAGE)

"""Rewriting a database's file, so that nothing is left in it of what was removed.

``secure_delete`` overwrites what is deleted, but that is not all: SQLite leaves copies of rows in the
free space of pages that it once split, and the log beside the file has pages as they were.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from memos_admin.store.cipher import database_errors
from memos_admin.store.connection import BUSY_MS, explained, is_busy
from memos_admin.store.errors import StoreBusy

PATIENCE = 60.0
"""Seconds to wait for others who write, or who read what the log has."""

_TRY_MS = 1_000


def rewrite(
    connection: sqlite3.Connection, path: Path, folder: Path, on_wait: Callable[[], None]
) -> None:
    """Rewrite the file of a database and empty its log.

    Others can read meanwhile, but not write. It happens whole or not at all, also where we are killed.

    Args:
        connection: to the database, outside of a transaction.
        path: of the database.
        folder: a private one, for the copy that SQLite makes meanwhile (it has no name there).
        on_wait: is called each second while others keep it from going on.

    Raises:
        StoreBusy: others kept it from going on for `PATIENCE`.
        StoreUnwritable: such as on a full disk: it needs twice the database's size meanwhile.
    """
    deadline = time.monotonic() + PATIENCE
    quoted = str(folder).replace("'", "''")
    with explained(path):
        connection.execute(f"PRAGMA busy_timeout = {_TRY_MS}")
        # For the whole process, and left so: nothing of ours belongs in a folder that others share.
        connection.execute(f"PRAGMA temp_store_directory = '{quoted}'")
        try:
            for attempt in (_vacuum, _empty_log):
                while not attempt(connection):
                    if time.monotonic() > deadline:
                        raise StoreBusy(
                            f"Another program kept using {path}. What was removed is removed, but "
                            "parts of it may still stand in the file or its log. When that program "
                            "has ended, run: memos-admin store tidy"
                        )
                    on_wait()
        finally:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")


def _vacuum(connection: sqlite3.Connection) -> bool:
    """Return whether the file was rewritten; else another program writes."""
    try:
        connection.execute("VACUUM")
    except database_errors() as error:
        if is_busy(error):
            return False
        raise
    return True


def _empty_log(connection: sqlite3.Connection) -> bool:
    """Return whether the log is empty; else another program reads what it has."""
    return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)

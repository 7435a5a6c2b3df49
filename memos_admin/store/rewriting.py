"""Rewriting a database's file, so that nothing is left in it of what was removed.

``secure_delete`` overwrites what is deleted, but that is not all: SQLite leaves copies of rows in the
free space of pages that it once split, and the log beside the file has pages as they were.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from memos_admin.language import gettext as _
from memos_admin.store import room
from memos_admin.store.cipher import database_errors
from memos_admin.store.connection import BUSY_MS, explain, explained, is_busy
from memos_admin.store.errors import StoreBusy, StoreError, StoreUnwritable

PATIENCE = 60.0
"""Seconds to wait for others who write, or who read what the log has."""

_TRY_MS = 1_000


def lacking(path: Path, folder: Path) -> str:
    """Return why a folder has no room for what `rewrite` puts there at most, and what to do; ``""``: it has.

    Takes what `rewrite` does; where there is no such file, nothing is needed.
    """
    size = _size(path)
    if not size:
        return ""
    return room.lacking(path, folder, 2 * size if _on_one_disk(path, folder) else size)


def lacking_beside(path: Path, folder: Path) -> str:
    """Return the same of the folder of a database that is on another disk than `folder`."""
    size = _size(path)
    if not size or _on_one_disk(path, folder):
        return ""
    return room.lacking(path, path.parent, size)


def _size(path: Path) -> int:
    """Return of how many bytes a database is at most, with what is still in its log."""
    files = (path, path.with_name(f"{path.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists()) if path.exists() else 0


def _on_one_disk(path: Path, folder: Path) -> bool:
    return path.parent.stat().st_dev == folder.stat().st_dev


def rewrite(
    connection: sqlite3.Connection,
    path: Path,
    folder: Path,
    on_wait: Callable[[], None],
    *,
    then: str = "memos-admin store tidy",
) -> None:
    """Rewrite the file of a database and empty its log.

    Others can read meanwhile, but not write. It happens whole or not at all, also where we are killed.

    Args:
        connection: to the database, outside of a transaction.
        path: of the database.
        folder: a private one, for the copy that SQLite makes meanwhile (it has no name there).
        on_wait: is called each second while others keep it from going on.
        then: the command that does it later, told where it cannot be done.

    Raises:
        StoreBusy: others kept it from going on for `PATIENCE`.
        StoreUnwritable: such as on a full disk: it needs twice the database's size meanwhile, see
            `lacking`.
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
                            f"has ended, run: {then}"
                        )
                    on_wait()
        except database_errors(OSError) as error:
            raise _explained(error, path, then) from error
        finally:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")


def _explained(error: Exception, path: Path, then: str) -> StoreError:
    """Return what is said of a failure: what was removed before is removed, whatever the disk takes."""
    said = explain(error, path)
    if not isinstance(said, StoreUnwritable):
        return said
    return StoreUnwritable(
        _(
            "What was removed from {path} is removed, but parts of it may still stand in the file or its log, "
            "which could not be written anew: {error}. Check free disk space, your quota of it and the "
            "permissions of its folder, then run: {command}"
        ).format(path=path, error=error, command=then)
    )


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

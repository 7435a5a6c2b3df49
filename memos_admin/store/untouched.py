"""Keeps a damaged store as it is when its last connection closes.

SQLite moves a log into the file then, which whoever repairs or examines both needs as they lie there. Python
can tell it not to from 3.12 on (``setconfig``); any connection that is open keeps it from doing so as well.
"""

from __future__ import annotations

import ctypes
import sqlite3
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from memos_admin.store.cipher import database_errors

if TYPE_CHECKING:
    from collections.abc import Callable

_damaged: set[tuple[int, int]] = set()
"""The files that were found to be damaged, by device and inode: another one may take the place of one."""
_held: set[tuple[int, int]] = set()
"""Those of which this process keeps a connection open until it ends."""


def is_damage(error: BaseException | None) -> bool:
    """Return whether SQLite said that a file is damaged, or none of its own."""
    if not isinstance(error, database_errors()):
        return False
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    return code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def note_damaged(path: Path) -> None:
    """Note that a file is damaged: its log stays beside it."""
    if (identity := _identity(path)) is not None:
        _damaged.add(identity)


def factory_for(library: ModuleType, path: Path) -> Callable[..., sqlite3.Connection]:
    """Return what makes the connections of SQLite, or of SQLCipher, to a file."""

    def connection(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        made = _class_of(library)(*args, **kwargs)
        made.path = path
        return cast("sqlite3.Connection", made)

    return connection


@cache
def _class_of(library: ModuleType) -> type[Any]:
    class Connection(library.Connection):  # type: ignore[misc, name-defined]  # of either library
        __module__ = library.Connection.__module__  # `cipher` finds the library by it
        path: Path

        def close(self) -> None:
            """Close it; the first one of a damaged file that has a log is left open instead."""
            if is_damage(sys.exception()):
                note_damaged(self.path)
            if not _is_to_hold(self.path):
                super().close()
                return
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self))  # or it is closed when nobody has it

    return Connection


def _is_to_hold(path: Path) -> bool:
    """Whether closing could change a damaged file; it cannot for the next one."""
    identity = _identity(path)
    log = path.with_name(f"{path.name}-wal")
    if identity not in _damaged or identity in _held or not log.exists() or not log.stat().st_size:
        return False
    _held.add(identity)
    return True


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino

"""The one place that connections to a store come from.

WAL, so that reading never waits for writing; foreign keys on; a busy timeout, so that two
processes can share a store; secure_delete, so that what is deleted is overwritten; files 0600.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.store import cipher
from memos_admin.store.cipher import database_errors
from memos_admin.store.errors import (
    StoreBroken,
    StoreBusy,
    StoreError,
    StoreInterrupted,
    StoreUnwritable,
)
from memos_admin.store.room import is_full
from memos_admin.store.untouched import factory_for, is_damage, note_damaged

if TYPE_CHECKING:
    from memos_admin.store.cipher_key import Key

_ROOM = 1 << 16
"""Bytes that must be free beside a store for the files that reading it needs: one of 32 KiB, and a log."""

_SHARED = 1 << 15
"""Bytes of the file that WAL needs, before anything is read or written with it."""

BUSY_MS = 15_000
"""How long a connection waits for another process's transaction (they last at most a second)."""


READING = "mode=ro"
"""How a file is opened that is only read."""


def connect(
    path: Path,
    *,
    read_only: bool = False,
    look: Callable[[sqlite3.Connection], object] = lambda _opened: None,
) -> sqlite3.Connection:
    """Return a connection to the store at `path`, which is created where it is missing.

    The connection is in autocommit mode (transactions are begun by their owners) and may be handed
    from thread to thread, but is to be used by one at a time.

    Where nothing can be written beside it (`is_fixed`), a store is read as it lies there.

    Args:
        path: of the store.
        read_only: nothing is written by it.
        look: is given the connection before a byte of the file is changed; what it raises closes it.

    Raises:
        StoreBroken: the file is not a database.
        StoreUnwritable: the folder or the file may not be written.
        StoreLocked, CipherMissing: it is encrypted, and cannot be opened here.
    """
    with explained(path), _unmoved(path):
        if not path.exists():
            for folder in reversed(
                path.parents
            ):  # `parents=True` would leave those above to the umask
                folder.mkdir(mode=0o700, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        fixed = read_only and is_fixed(path)
        connection = open_file(path, READING if fixed else "")
        try:
            look(connection)
            if not fixed and connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
            if read_only:
                connection.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close()
            raise
    return connection


def is_fixed(path: Path) -> bool:
    """Return whether a store can only be read as it lies there: WAL needs a file that cannot be made.

    Where that file is there, somebody has the store open, and it is read as usual; but not where it is
    what was left of an attempt to make it.
    """
    return (
        path.exists()
        and not _is_open(path)
        and (
            not (os.access(path.parent, os.W_OK) and os.access(path, os.W_OK))
            or is_full(path.parent, _ROOM)
        )
    )


def _is_open(path: Path) -> bool:
    try:
        return path.with_name(f"{path.name}-shm").stat().st_size >= _SHARED
    except FileNotFoundError:
        return False


def _refuse_unread(path: Path) -> None:
    """Raise StoreUnwritable where a log is beside a fixed store: without it that may be any mixture."""
    for log in (path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-journal")):
        if not log.exists() or not log.stat().st_size:
            continue
        raise StoreUnwritable(
            _(
                "The store {path} cannot be read where nothing can be written beside it: a program that was "
                "killed has left what it wrote last in {log}. Copy the folder to a disk that may be "
                "written, and set MEMOS_ADMIN_HOME."
            ).format(path=path, log=log.name)
        )


def open_file(path: Path, how: str = "", *, seconds: float = BUSY_MS / 1000) -> sqlite3.Connection:
    """Return a connection to a file as it is, encrypted or not, in autocommit mode.

    Args:
        path: of the file.
        how: the query of its URI; `READING` also reads one that `is_fixed`.
        seconds: how long it waits for another process.

    Raises:
        StoreLocked, CipherMissing: it is encrypted, and cannot be opened here.
        StoreUnwritable: it is fixed, and what was written last is in a log beside it.
    """
    if how == READING and is_fixed(path):
        _refuse_unread(path)
        how = "immutable=1"
    return open_with(cipher.key_of(path), path, how, seconds=seconds)


def open_with(
    key: Key | None, path: Path, how: str = "", *, seconds: float = BUSY_MS / 1000
) -> sqlite3.Connection:
    """As `open_file`, with this key whatever is known of the file; None: as a plain one."""
    library = sqlite3 if key is None else cipher.library()
    connection = library.connect(
        f"{path.absolute().as_uri()}?{how}" if how else path,
        uri=bool(how),
        isolation_level=None,
        check_same_thread=False,
        timeout=seconds,
        factory=factory_for(library, path),
    )
    if key is not None:
        cipher.unlock(connection, key)
    return cast("sqlite3.Connection", connection)


@contextmanager
def _unmoved(path: Path) -> Iterator[None]:
    """Open a file inside; raise StoreBusy where another one was put in its place meanwhile.

    Who encrypts a store replaces its file while others may wait to open it.
    """
    before = path.stat() if path.exists() else None
    try:
        yield
    finally:
        if before is not None and not os.path.samestat(before, path.stat()):
            raise StoreBusy(
                _("The store {path} was replaced just now. Try again.").format(path=path)
            )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system raise inside into the store's own errors."""
    try:
        yield
    except database_errors(OSError) as error:
        raise explain(error, path) from error


_changed: set[Path] = set()
"""Stores that this process has written to."""


def note_changed(path: Path) -> None:
    """Note that something was written to a store: it is not as it was, whatever is found wrong with it."""
    _changed.add(path)


def is_busy(error: Exception) -> bool:
    """Return whether SQLite said that another connection keeps it from going on."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def explain(error: Exception, path: Path) -> StoreError:
    """Return the store's own error for one of SQLite or of the file system."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else None
    if isinstance(error, OSError) or primary in (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_IOERR,
    ):
        return StoreUnwritable(
            _(
                "The store {path} cannot be written: {error}. Nothing that it held was lost. "
                "Check free disk space, your quota of it and the permissions of its folder, then try again."
            ).format(path=path, error=error)
        )
    if is_busy(error):
        return StoreBusy(
            _(
                "The store {path} is in use by another process. Try again when that has finished."
            ).format(path=path)
        )
    if primary == sqlite3.SQLITE_INTERRUPT:
        return StoreInterrupted(_("Interrupted, since the program is ending."))
    if is_damage(error) or isinstance(error, UnicodeDecodeError):
        note_damaged(path)
        return StoreBroken(
            sentences(
                _("The store {path} is damaged or not a store: {error}.").format(
                    path=path, error=error
                ),
                _(
                    "What was written to it before that was found is in it; nothing else was changed."
                )
                if path in _changed
                else _("It was left as it is."),
                _(
                    "`memos-admin store restore` lists the backups that can take its place; without "
                    "one, `memos-admin store restore --none` puts it aside, to start anew with a sync."
                ),
            )
        )
    return StoreError(_("The store {path} said: {error}.").format(path=path, error=error))

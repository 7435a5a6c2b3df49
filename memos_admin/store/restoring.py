"""Putting a copy of a store in its place; what stood there is kept beside it, whatever it is.

Killed at any moment, the store is the one or the other, and what it was before is there.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from memos_admin.language import gettext as _
from memos_admin.store import damage
from memos_admin.store.backup import backup
from memos_admin.store.cipher import key_of
from memos_admin.store.connection import READING, explained, open_file
from memos_admin.store.converting import convert
from memos_admin.store.errors import StoreBroken, StoreBusy
from memos_admin.store.identity import identity
from memos_admin.store.schema import CURRENT, miss_no_more, number_of, refuse_newer

_SHARED_FIRST, _SHARED_BYTES = 0x4000_0002, 510
"""Where SQLite holds a file that is open; it does so as long as that is in WAL mode."""


@dataclass(frozen=True, slots=True)
class Holds:
    """How much a store or a copy of it has.

    Attributes:
        subjects: users and agents.
        newest: when something was last fetched into it, UTC milliseconds; None: nothing ever was.
    """

    subjects: int
    messages: int
    memories: int
    newest: int | None


def holds(connection: sqlite3.Connection) -> Holds:
    """Return how much a store of any schema has."""
    return Holds(
        *connection.execute(
            """SELECT (SELECT count(*) FROM subject), (SELECT count(*) FROM message),
                (SELECT count(*) FROM memory), (SELECT max(at) FROM (
                    SELECT max(synced_at) AS at FROM subject
                    UNION ALL SELECT max(listed_at) FROM subject
                    UNION ALL SELECT max(fetched_at) FROM conversation))"""
        ).fetchone()
    )


def problem(copy: sqlite3.Connection, path: Path, project: str) -> str:
    """Return why a copy is none of a project's store that could take its place, ``""``: it is one.

    Raises:
        StoreTooNew: a newer version wrote it.
        StoreError: it cannot be read.
    """
    with explained(path):
        found = identity(copy, CURRENT)
        if found.kind != "store":
            return _("It is no store.")
        refuse_newer(found.number, path)
        if reason := damage.reason(copy):
            return _("It is damaged: {reason}.").format(reason=reason)
    if not found.owners <= {project}:
        return _("It is a backup of another project.")
    return ""


def put_in_place(copy: Path, store: Path) -> Path | None:
    """Let a copy take a store's place; return what that is called now, None: there was none.

    It is encrypted as the store's folder says, whatever the copy is.

    Raises:
        StoreBusy: another program has the store open.
        StoreUnwritable: such as on a full disk; the store is as it was.
    """
    new = store.with_name(f".{store.name}.{os.getpid()}.whole.partial")
    with explained(copy), closing(open_file(copy, READING)) as connection:
        backup(connection, new)
    try:
        if key_of(copy) != key_of(store):
            convert(new, key_of(copy), key_of(store), on_wait=lambda: None)
        kept = _kept(store)
        new.replace(store)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    return kept


def put_aside(store: Path) -> Path | None:
    """Take a store out of its place, so that a new one begins; return what it is called now.

    None: there was none. Killed before the end, the store is in its place, or is missed until this is
    done again.

    Raises:
        StoreBusy: another program has the store open.
        StoreUnwritable: its folder may not be written; the store is as it was.
    """
    kept = _kept(store)
    with explained(store):
        store.unlink(missing_ok=True)
        miss_no_more(store)
    return kept


def replaced(store: Path) -> list[Path]:
    """Return the stores whose place others have taken, and what is kept beside them: see `kept_stores`."""
    return sorted(store.parent.glob(f"{store.name}.replaced-*"))


def kept_stores(store: Path) -> list[Path]:
    """Return the same without files beside them that have nothing, or belong to one that is there.

    A log whose store is not there is one of its own.
    """
    return [path for path in replaced(store) if not _is_beside(path)]


def _is_beside(path: Path) -> bool:
    if path.name.endswith("-shm"):
        return True
    return path.name.endswith("-wal") and (of_log(path).exists() or not path.stat().st_size)


def of_log(path: Path) -> Path:
    """Return the store of which a file is the log; any other file is its own."""
    return path.with_name(path.name.removesuffix("-wal"))


def log_of(path: Path) -> Path:
    """Return where the log of a store is, if it has one."""
    return path.with_name(f"{path.name}-wal")


def files_of(path: Path) -> list[Path]:
    """Return the files of a kept store that are there: itself, its log and what goes with that."""
    store = of_log(path)
    files = (store, log_of(store), store.with_name(f"{store.name}-shm"))
    return [file for file in files if file.exists()]


@contextmanager
def looking_at_kept(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a store that is kept, which leaves each byte of it as it is, and of its log.

    Raises:
        FileNotFoundError: there is no such file.
        StoreError: it cannot be read, or is no store of its project.
    """
    path.stat()
    log, shared = log_of(path), path.with_name(f"{path.name}-shm")
    has_log, was_there = log.exists() and log.stat().st_size > 0, shared.exists()
    try:
        with (
            explained(path),
            closing(open_file(path, READING if has_log else "immutable=1")) as connection,
        ):
            connection.execute("PRAGMA query_only = ON")
            number_of(connection, path)
            yield connection
    finally:
        if has_log and not was_there:  # SQLite leaves it behind a connection that only reads
            shared.unlink(missing_ok=True)


def _kept(store: Path) -> Path | None:
    """Give a store a second name, and take its log from it; nobody else has it open."""
    kept = store.with_name(time.strftime(f"{store.name}.replaced-%Y%m%dT%H%M%SZ", time.gmtime()))
    if not store.exists():
        with explained(store):
            _keep_log(store, kept)
        return None
    with explained(store), store.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_BYTES, _SHARED_FIRST)
        except BlockingIOError:
            raise StoreBusy(
                _(
                    "Another program keeps using {path}. Close memos-admin where else it runs, "
                    "then try again. Nothing was changed."
                ).format(path=store)
            ) from None
        if kept.exists():
            raise StoreBroken(_("{path} exists already. Try again.").format(path=kept))
        os.link(store, kept)
        _keep_log(store, kept)
    return kept


def _keep_log(store: Path, kept: Path) -> None:
    """Take its log from a store: another database would take what it holds for its own."""
    log = store.with_name(f"{store.name}-wal")
    if log.exists():
        if log.stat().st_size:
            shutil.copyfile(log, kept.with_name(f"{kept.name}-wal"))
            kept.with_name(f"{kept.name}-wal").chmod(0o600)
        log.unlink()
    store.with_name(f"{store.name}-shm").unlink(missing_ok=True)

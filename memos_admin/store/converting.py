"""Writing a database anew, encrypted or plain, in the place of the one that was the other.

The new file is written beside the old one while nobody else can use that, is compared with it and
on the disk before it takes its place: killed at any moment, there is the one or the other. What the
old file held is overwritten then, which is no promise: file systems and disks keep copies of their own.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from threading import Event
from typing import BinaryIO, cast

from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.store import checks, cipher, room, schema
from memos_admin.store.backup import abandoned, partial_of, partials_of, remove_partial
from memos_admin.store.cipher import database_errors
from memos_admin.store.cipher_key import Key
from memos_admin.store.connection import explained, is_busy, open_with
from memos_admin.store.errors import StoreBroken, StoreBusy, StoreInterrupted, StoreUnwritable

PATIENCE = 60.0
"""Seconds to wait for others who have the file open."""

_TRY_SECONDS = 1.0
_STEPS = 100_000
"""Virtual machine instructions between two looks at whether to stop."""
_CHUNK = 1 << 20


def convert(
    path: Path,
    old: Key | None,
    new: Key | None,
    *,
    on_wait: Callable[[], None],
    begun: Callable[[], None] = lambda: None,
    stopping: Event | None = None,
) -> None:
    """Write a database anew by another key.

    Whoever has it open is waited for, but not a plain connection of this process: that is of another
    library, and processes alone have locks. So close those before.

    Args:
        path: of the database.
        old: what opens it; None: it is plain.
        new: what is to open it; None: it is to be plain.
        on_wait: is called each second while others have it open.
        begun: is called when it is had alone, before anything is written.
        stopping: is set by who wants it given up; the database is as it was then.

    Raises:
        StoreBusy: others have it open.
        StoreTooNew: a newer version wrote it.
        StoreBroken: the new file does not hold what the old one does, which stays.
        StoreUnwritable: such as where the disk has no room for both.
        StoreInterrupted: as `stopping` asked.
        CipherMissing: see `memos_admin.store.cipher.library`.
    """
    _refuse_full_disk(path)
    stopping = stopping or Event()
    partial = partial_of(path)
    with explained(path), closing(_opened(path, old)) as connection:
        _have_alone(connection, path, on_wait, stopping)
        begun()
        connection.set_progress_handler(stopping.is_set, _STEPS)
        try:
            for left in abandoned(partials_of(path)):
                erase(left)
            os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            _export(connection, path, partial, new)
            _refuse_other_problems(connection, path, partial, new)
            _put_in_place(partial, path)
        except BaseException:
            remove_partial(partial)
            raise


def erase(path: Path) -> None:
    """Overwrite a file and delete it, where it is there; of a folder all that is in it."""
    if path.is_dir() and not path.is_symlink():
        for each in path.iterdir():
            erase(each)
        path.rmdir()
        return
    with suppress(FileNotFoundError), path.open("r+b") as file:
        path.unlink()
        _overwrite(file)


def _refuse_full_disk(path: Path) -> None:
    if why := room.lacking(path, path.parent, path.stat().st_size):
        raise StoreUnwritable(sentences(why, _("Nothing was changed.")))


def _opened(path: Path, key: Key | None) -> sqlite3.Connection:
    """Return a connection that can attach encrypted files, whether or not this one is."""
    connection = cast(
        "sqlite3.Connection",
        cipher.library().connect(
            path, isolation_level=None, check_same_thread=False, timeout=_TRY_SECONDS
        ),
    )
    cipher.unlock(connection, key)
    return connection


def _have_alone(
    connection: sqlite3.Connection, path: Path, on_wait: Callable[[], None], stopping: Event
) -> None:
    """Fold the log into the file, and keep everybody else from it until the connection is closed."""
    deadline = time.monotonic() + PATIENCE
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    while True:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except database_errors() as error:
            if not is_busy(error):
                raise
        else:
            return
        if time.monotonic() > deadline:
            raise StoreBusy(
                _(
                    "Another program keeps using {path}. Close memos-admin where else it runs, "
                    "then try again. Nothing was changed."
                ).format(path=path)
            )
        on_wait()
        if stopping.is_set():
            raise StoreInterrupted(_("Interrupted; nothing was changed."))


def _export(connection: sqlite3.Connection, path: Path, partial: Path, key: Key | None) -> None:
    number = connection.execute("PRAGMA user_version").fetchone()[0]
    schema.refuse_newer(number, path)
    literal = "" if key is None else key.literal
    connection.execute("ATTACH ? AS copy KEY ?", (str(partial), literal))
    try:
        connection.execute("SELECT sqlcipher_export('copy')").fetchall()
        connection.execute(f"PRAGMA copy.user_version = {number}")
        if _described(connection, "copy") != _described(connection, "main"):
            raise _differs(path)
        damage = connection.execute("PRAGMA copy.integrity_check(1)").fetchone()[0]
        if damage != "ok":
            raise _differs(path)
    finally:
        connection.execute("DETACH copy")


def _described(connection: sqlite3.Connection, which: str) -> dict[str, object]:
    """Return what there is in a database, and of each table how many rows."""
    rows = connection.execute(f"SELECT type, name, sql FROM {which}.sqlite_master").fetchall()
    found: dict[str, object] = {f"{kind} {name}": sql for kind, name, sql in rows}
    for kind, name, _sql in rows:
        if kind == "table":
            sql = f'SELECT count(*) FROM {which}."{name}"'
            found[f"rows of {name}"] = connection.execute(sql).fetchone()[0]
    return found


def _refuse_other_problems(
    connection: sqlite3.Connection, path: Path, partial: Path, key: Key | None
) -> None:
    """Compare what `store check` says of both; older schemas are not what it knows."""
    if connection.execute("PRAGMA user_version").fetchone()[0] != schema.CURRENT:
        return
    with closing(open_with(key, partial)) as copy:
        if checks.problems(copy, partial) != checks.problems(connection, path):
            raise _differs(path)


def _differs(path: Path) -> StoreBroken:
    return StoreBroken(
        _(
            "What was written anew does not hold what {path} does, and was deleted. The store was "
            "left as it is. Run `memos-admin store check` and report this."
        ).format(path=path)
    )


def _put_in_place(partial: Path, path: Path) -> None:
    """Let the new file take the old one's name, then overwrite the old one.

    Who waits to open the old one finds no database in it, rather than writing to a file that has no
    name any more. Closing it gives up the locks on it, so that this comes last.
    """
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    with path.open("r+b") as file:
        partial.replace(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        _overwrite(file)


def _overwrite(file: BinaryIO) -> None:
    left = file.seek(0, os.SEEK_END)
    file.seek(0)
    while left > 0:
        left -= file.write(bytes(min(left, _CHUNK)))
    file.flush()
    os.fsync(file.fileno())

"""Copies of a store, by SQLite's backup API: whole and consistent while others write."""

from __future__ import annotations

import errno
import glob
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from memos_admin.language import gettext as _
from memos_admin.store import damage
from memos_admin.store.cipher import database_errors, key_of
from memos_admin.store.connection import explain, open_with
from memos_admin.store.errors import StoreBroken, StoreError, StoreUnwritable
from memos_admin.store.identity import MARK
from memos_admin.store.room import FULL

_COMPANIONS = ("", "-journal", "-wal", "-shm")
_FULL = "the disk is full, or your quota of it. Free some space, or choose another disk"
_UNWRITABLE = "its folder may not be written. Choose another one, or check its permissions"
_REASONS: dict[int | None, str] = {
    errno.ENOENT: "its folder does not exist. Make it, or choose another one",
    errno.ENOTDIR: "it would not stand in a folder. Choose another name",
    errno.EACCES: _UNWRITABLE,
    errno.EPERM: _UNWRITABLE,
    errno.EROFS: _UNWRITABLE,
    **dict.fromkeys(FULL, _FULL),
}
_SQLITE_REASONS = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _UNWRITABLE,
    sqlite3.SQLITE_PERM: _UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: _UNWRITABLE,
    # SQLite says so of a quota, too: unlike a full disk, it is only another failure to write.
    sqlite3.SQLITE_IOERR: "your quota of its disk is used up, or the disk failed. Free some space, check it, "
    "or choose another one",
}


MADE = "copied_at"
"""Setting of a copy: when it was begun, in UTC milliseconds; what is done to its file moves no such time."""


def backup(
    source: sqlite3.Connection,
    target: Path,
    *,
    mark: str | None = None,
    on_step: Callable[[], None] = lambda: None,
    on_copied: Callable[[float], None] = lambda _share: None,
) -> None:
    """Copy the store behind `source` to the file `target` (mode 0600), replacing it when complete.

    The copy is checked before it takes its name: one of a damaged store would be a backup of nothing.

    Args:
        source: the store.
        target: the copy.
        mark: what the copy says that it is a copy of, so that it can be told from another file.
        on_step: called again and again; whatever it raises ends the copy, of which nothing is left.
        on_copied: told again and again how much of it is copied, from 0 to 1; it is checked then.

    Raises:
        StoreBroken: the store is damaged, so that its copy is too.
        StoreError: the copy could not be written. In each case nothing of it is left, and an older
            copy under that name is kept.
    """
    partial = partial_of(target)

    def copied(_status: int, remaining: int, pages: int) -> None:
        on_copied(1 - remaining / max(1, pages))
        on_step()

    try:
        for left in abandoned(partials_of(target)):
            left.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            copy = open_with(key_of(_file_of(source)), partial)
            try:
                source.backup(copy, pages=1000, progress=copied)
                _describe(copy, mark)
                copy.execute("PRAGMA journal_mode = DELETE")
                _refuse_damaged(copy, _file_of(source), on_step)
            finally:
                copy.close()
            partial.replace(target)
        except BaseException:
            remove_partial(partial)
            raise
    except database_errors(OSError) as error:
        raise _explained(error, source, target) from error


def _describe(copy: sqlite3.Connection, mark: str | None) -> None:
    """Write into a copy what it is a copy of, and when it was made."""
    note = "REPLACE INTO setting (name, value) VALUES (?, ?)"
    if mark is not None:
        copy.execute(note, [MARK, mark])
        copy.execute(note, [MADE, str(time.time_ns() // 1_000_000)])


def _refuse_damaged(copy: sqlite3.Connection, store: Path, on_step: Callable[[], None]) -> None:
    reason = damage.reason(copy, on_step)
    if reason is not None:
        raise StoreBroken(
            _(
                "The store {path} is damaged: {reason}. Nothing was copied, and it was left as it is. "
                "`memos-admin store restore` lists the backups that can take its place."
            ).format(path=store, reason=reason)
        )


def made_at(connection: sqlite3.Connection) -> int | None:
    """Return when a copy says that it was made, in UTC milliseconds; None where it says nothing."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", [MADE]).fetchone()
    return int(row[0]) if row is not None and str(row[0]).isdecimal() else None


def mark_of(connection: sqlite3.Connection) -> str | None:
    """Return what a copy says that it is a copy of; None where it says nothing."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", [MARK]).fetchone()
    return None if row is None else str(row[0])


def partial_of(target: Path) -> Path:
    """Return what a file is called until it is whole and may be called `target`."""
    return target.with_name(f".{target.name}.{os.getpid()}.partial")


def remove_partial(partial: Path) -> None:
    """Delete a file that will not become whole, and what SQLite keeps beside it."""
    for companion in _COMPANIONS:
        partial.with_name(f"{partial.name}{companion}").unlink(missing_ok=True)


def partials_of(target: Path) -> list[Path]:
    """Return the files of copies to `target` that were killed half-way, or are being written.

    What converts such a copy writes one of its own, whose name begins with two dots.
    """
    name = glob.escape(target.name)
    return sorted(
        file for dots in (".", "..") for file in target.parent.glob(f"{dots}{name}.*.partial*")
    )


def old_copies(store: Path) -> list[Path]:
    """Return the copies of a store that upgrades have left beside it."""
    return sorted(store.parent.glob(f"{glob.escape(store.name)}.schema-*.bak"))


def old_copy(store: Path, schema: int) -> Path:
    """Return where an upgrade leaves the copy of a store that had a schema."""
    return store.with_name(f"{store.name}.schema-{schema}.bak")


def abandoned(files: Iterable[Path], *, or_ours: bool = True) -> list[Path]:
    """Return those temporary files whose program, whose number is in their names, runs no more.

    Args:
        files: some.
        or_ours: also those of this process: an earlier one with its number has left them, since it
            writes none itself meanwhile.
    """
    return [file for file in files if not _runs(file, or_ours=or_ours)]


_PARTIAL = re.compile(r"\.(\d{1,10})(?:\.whole)?\.partial")
_NUMBER = re.compile(r"\.(\d{1,10})(?:\.|$)")


def _runs(file: Path, *, or_ours: bool) -> bool:
    # What a backup is called may have numbers of its own.
    found = _PARTIAL.search(file.name) or _NUMBER.search(file.name)
    number = None if found is None else int(found[1])
    if number is None or number == os.getpid():
        return number is not None and not or_ours
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _explained(error: Exception, source: sqlite3.Connection, target: Path) -> StoreError:
    """Return why there is no copy: the store's fault, or the target's."""
    if isinstance(error, OSError):
        reason = _REASONS.get(error.errno) or f"{error.strerror}. Choose another place"
    else:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code not in _SQLITE_REASONS:
            return explain(error, _file_of(source))
        reason = _SQLITE_REASONS[code]
    return StoreUnwritable(
        f"The copy {target} could not be written: {reason}. "
        "Nothing of it is left, and the store is as it was."
    )


def _file_of(connection: sqlite3.Connection) -> Path:
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])

"""The file of the index: shards, each an FTS5 table over a range of one log's keys.

A shard is filled from its first key on and is never changed behind `Shard.done`: what it gives up, it
gives up whole. Its table's rowid is the key in the log, its text the folded fields with a mark between
them (no phrase reaches from one into the next), behind a word for each subject, before the pairs of
frequent characters (`pairs`). FTS5 keeps words and places, not the text; a private character begins
whatever is not a word of the text.

Whoever has the file open holds a shared lock on ``search.lock``; who holds it alone may delete it.
Deleting a database that is open elsewhere would let one process remove the other's log.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memos_admin.language import gettext as _
from memos_admin.store.cipher import database_errors
from memos_admin.store.connection import BUSY_MS, connect, explained, is_fixed
from memos_admin.store.errors import StoreBroken, StoreBusy, StoreError
from memos_admin.store.rewriting import rewrite
from memos_admin.store.search.logs import Document, bounds
from memos_admin.store.search.pairs import run_of, runs_in
from memos_admin.store.search.tokens import FORMAT, Wanted

_APPLICATION = 0x6D656D73
_VERSION = FORMAT * 100 + 1
_SHORT_MS = 1_000
_LOOK_SECONDS = 0.01
PATIENCE = 0.5
"""Seconds that who is to make or delete an index waits for those who only look at it."""
_MARK = "\ue000"
_MOST_TERMS, _MOST_WORDS = 8, 24
"""What of a long query is asked of FTS5; the comparison with the text knows the rest."""

SEEN = "seen removal"
"""The state that names the latest removal that was reckoned with."""

_SCHEMA = (
    """CREATE TABLE shard (
           pk INTEGER PRIMARY KEY AUTOINCREMENT, log TEXT NOT NULL, number INTEGER NOT NULL,
           done INTEGER NOT NULL, marked_pk INTEGER NOT NULL, mark TEXT NOT NULL,
           merged INTEGER NOT NULL, UNIQUE (log, number))""",
    "CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard.

    Attributes:
        pk: never given again, so that a table's name always means the same.
        done: the highest key that was read into it.
        marked_pk, mark: the last row that was read, see `logs`; ``""`` where there was none.
        merged: it is full, and in order for reading.
    """

    pk: int
    log: str
    number: int
    done: int
    marked_pk: int
    mark: str
    merged: bool

    @property
    def table(self) -> str:
        """The name of its table."""
        return f"docs_{self.pk}"


def path_beside(store: Path) -> Path:
    """Return where the index of a store is."""
    return store.with_name("search.db")


class Index:
    """A connection to an index, for one thread at a time; `interrupt` may come from any thread.

    Args:
        path: of the index.
        read_only: it is only read; else it is made where there is none.
        patience: seconds to wait for whoever makes or deletes it.

    Raises:
        StoreBroken: it is not an index, damaged, or of another version.
        StoreBusy: it is still being made or deleted.
        StoreError: it cannot be opened or made, or there is none to read.
    """

    def __init__(self, path: Path, *, read_only: bool, patience: float = PATIENCE) -> None:
        self.path = path
        with explained(path):
            self._lock = _opened_lock(path)
            try:
                # Two processes that make a file at once get in each other's way.
                is_new = not read_only and (not path.exists() or not path.stat().st_size)
                how = fcntl.LOCK_EX if is_new else fcntl.LOCK_SH
                _hold(self._lock, how, path, time.monotonic() + patience)
                self._connection = _connected(path, read_only=read_only)
                try:
                    self._check(make=not read_only)
                    _hold(self._lock, fcntl.LOCK_SH, path)
                except BaseException:
                    self._connection.close()
                    raise
            except BaseException:
                os.close(self._lock)
                raise

    def close(self) -> None:
        """Close the connection."""
        with suppress(*database_errors()):
            # Ends an interrupt that came too late to interrupt anything: the log could not be
            # folded into the file.
            self._connection.execute("SELECT 1")
        self._connection.close()
        os.close(self._lock)

    def interrupt(self) -> None:
        """Make a running statement end with `StoreInterrupted`."""
        with suppress(*database_errors()):
            self._connection.interrupt()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return the rows of a statement."""
        with explained(self.path):
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Do what is inside whole or not at all, alone among all processes."""
        self.rows("BEGIN IMMEDIATE")
        try:
            yield
            self.rows("COMMIT")
        except BaseException:
            with suppress(*database_errors()):
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Keep one state of the index for the reads inside."""
        self.rows("BEGIN")
        try:
            yield
        finally:
            self.rows("COMMIT")

    # What it holds

    def shards(self) -> list[Shard]:
        """Return the shards."""
        return [
            Shard(pk, log, number, done, marked_pk, mark, bool(merged))
            for pk, log, number, done, marked_pk, mark, merged in self.rows(
                "SELECT pk, log, number, done, marked_pk, mark, merged FROM shard"
            )
        ]

    def state(self, name: str) -> str:
        """Return what is kept under a name, ``""`` where nothing is."""
        rows = self.rows("SELECT value FROM state WHERE name = ?", [name])
        return rows[0][0] if rows else ""

    def found(self, shard: Shard, query: str, first: int, last: int, most: int) -> list[int]:
        """Return the keys in a range whose texts have what `expression` says, latest first.

        Raises:
            StoreError: the shard is gone, or damaged.
        """
        table = shard.table
        sql = f"""SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ?
                  ORDER BY rowid DESC LIMIT ?"""
        return [row[0] for row in self.rows(sql, (query, first, last, most))]

    # Changing it, inside of `writing`

    def set_state(self, name: str, value: str) -> None:
        """Keep a value under a name."""
        self.rows(
            """INSERT INTO state VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2""",
            [name, value],
        )

    def add_shard(self, log: str, number: int) -> Shard:
        """Make an empty shard."""
        before = bounds(number)[0] - 1
        pk = self.rows(
            """INSERT INTO shard (log, number, done, marked_pk, mark, merged)
               VALUES (?, ?, ?, 0, '', 0) RETURNING pk""",
            [log, number, before],
        )[0][0]
        shard = Shard(pk, log, number, before, 0, "", merged=False)
        self.rows(
            f"""CREATE VIRTUAL TABLE {shard.table} USING fts5(
                words, content='', columnsize=0, tokenize='ascii')"""
        )
        return shard

    def append(
        self, shard: Shard, documents: Sequence[Document], done: int, marked: tuple[int, str]
    ) -> None:
        """Add documents behind all that are in a shard, which then has everything up to `done`."""
        with explained(self.path):
            self._connection.executemany(
                f"INSERT INTO {shard.table} (rowid, words) VALUES (?, ?)",
                [(document.pk, _words(document)) for document in documents],
            )
        self.rows(
            "UPDATE shard SET done = ?, marked_pk = ?, mark = ? WHERE pk = ?",
            [done, *marked, shard.pk],
        )

    def merge(self, shard: Shard) -> None:
        """Put a full shard in order for reading."""
        self.rows(f"INSERT INTO {shard.table} ({shard.table}) VALUES ('optimize')")
        self.rows("UPDATE shard SET merged = 1 WHERE pk = ?", [shard.pk])

    def drop(self, shard: Shard) -> None:
        """Remove a shard; what it held is overwritten."""
        self.rows(f"DROP TABLE {shard.table}")
        self.rows("DELETE FROM shard WHERE pk = ?", [shard.pk])

    def empty_log(self) -> bool:
        """Move what was written into the file and empty its log; return whether that was possible.

        It is not while another connection reads what the log has; that takes milliseconds.
        """
        self.rows(f"PRAGMA busy_timeout = {_SHORT_MS}")
        try:
            return bool(self.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0][0] == 0)
        finally:
            self.rows(f"PRAGMA busy_timeout = {BUSY_MS}")

    def rewrite(self, on_wait: Callable[[], None]) -> None:
        """Rewrite the file, so that nothing is left in it of what was dropped. Raises StoreError."""
        rewrite(self._connection, self.path, self.path.parent, on_wait)

    def _check(self, *, make: bool) -> None:
        if self._is_ours():
            for table in ("shard", "state"):
                if not self.rows("SELECT 1 FROM sqlite_master WHERE name = ?", [table]):
                    raise StoreBroken(
                        _("{path} lacks what a search index has.").format(path=self.path)
                    )
            return
        if make and not self.rows("SELECT 1 FROM sqlite_master LIMIT 1"):
            with self.writing():
                if not self._is_ours():
                    for statement in _SCHEMA:
                        self.rows(statement)
                    self.rows(f"PRAGMA application_id = {_APPLICATION}")
                    self.rows(f"PRAGMA user_version = {_VERSION}")
            return
        raise StoreBroken(_("{path} is not a search index of this version.").format(path=self.path))

    def _is_ours(self) -> bool:
        said = self.rows("PRAGMA application_id") + self.rows("PRAGMA user_version")
        return said == [(_APPLICATION,), (_VERSION,)]


def discard(
    path: Path,
    patience: float = 0,
    delete: Callable[[Path], None] = lambda file: file.unlink(missing_ok=True),
) -> bool:
    """Delete an index, if nobody has it open; return whether it is gone.

    Args:
        path: of the index.
        patience: seconds to wait for those who only look at it.
        delete: deletes a file, where it is there.
    """
    deadline = time.monotonic() + patience
    with explained(path):
        lock = _opened_lock(path)
        try:
            _hold(lock, fcntl.LOCK_EX, path, deadline)
            for suffix in ("-journal", "-wal", "-shm", ""):
                delete(path.with_name(f"{path.name}{suffix}"))
        except StoreBusy:
            return False
        finally:
            os.close(lock)
    return True


def expression(wanted: Wanted, subject_pk: int | None = None) -> str:
    """Return the query of FTS5 that finds at least all that is wanted."""
    longest = sorted(wanted.terms, key=lambda term: sum(map(len, term.words)), reverse=True)
    parts = []
    for term in longest[:_MOST_TERMS]:
        words = term.words[:_MOST_WORDS]
        star = " *" if term.open and words == term.words else ""
        parts.append(f'"{run_of(words) or " ".join(words)}"{star}')
    if subject_pk is not None:
        parts.append(everything_of(subject_pk))
    return " AND ".join(parts)


def everything_of(subject_pk: int) -> str:
    """Return the query of FTS5 that finds every document of a subject."""
    return f'"{_MARK}{subject_pk}"'


EVERYTHING = f'"{_MARK}" *'
"""The query of FTS5 that finds every document."""


def _words(document: Document) -> str:
    """Return what FTS5 is given of a document."""
    subjects = " ".join(f"{_MARK}{subject}" for subject in document.subjects)
    runs = (run for field in document.fields for run in runs_in(field))
    return f" {_MARK} ".join((subjects, *document.fields, *runs))


def _opened_lock(path: Path) -> int:
    lock = path.with_name("search.lock")
    try:
        return os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        if not (lock.exists() and is_fixed(path)):
            raise
        return os.open(lock, os.O_RDONLY | os.O_CLOEXEC)


def _connected(path: Path, *, read_only: bool) -> sqlite3.Connection:
    if read_only and not path.exists():  # deleted while it was waited for
        raise StoreError(_("There is no search index {path}.").format(path=path))
    return connect(path, read_only=read_only)


def _hold(lock: int, how: int, path: Path, deadline: float = 0) -> None:
    while True:
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise StoreBusy(
                    _("The search index {path} is in use by another process.").format(path=path)
                ) from None
            time.sleep(_LOOK_SECONDS)
        else:
            return

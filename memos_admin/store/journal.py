"""Appending to the operator journal, and nothing else: see `journal_file.py`."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

from memos_admin.store.journal_file import (
    BUSY_MS,
    COLUMNS,
    CURRENT,
    INDEX_OF_SWITCHES,
    NONE,
    SCHEMA,
    TRIGGERS,
    Head,
    Row,
    broken,
    check,
    connect,
    emptied,
    explained,
    head_of,
    is_busy,
    note_of,
    noted,
    noted_before,
)

_INSERT = f"INSERT INTO entry VALUES ({', '.join('?' * len(COLUMNS))})"

Link = Callable[[Head], tuple[Sequence[Row], bytes | None]]
"""Makes the rows that follow a head, and the key that seals what follows them."""


def append(path: Path, link: Link, *, busy_ms: int = BUSY_MS) -> Head:
    """Append entries in one transaction and return where the journal ends then.

    The file is made where it is missing. Whoever else appends waits, so that the chain has one end.
    That something was written to it is noted beside it, so that a file which was emptied is no new journal,
    and one that is missing is missed.

    Raises:
        StoreBroken: it is damaged, or was emptied.
        StoreError: nothing was appended, and why.
    """
    head = _append(path, link, busy_ms)
    if head.seq and noted(path) != head.journal:
        with explained(path):
            _note(path, head.journal)
    return head


def take_note_of_missing(path: Path) -> str | None:
    """Return the journal that is noted to be in a place, as `noted` does.

    Where the file is missing, it is noted as one that was there before; else it may be that of the file,
    and is not told where the note does not say which it is.

    Raises:
        StoreError: the note cannot be written.
    """
    missing = noted(path)
    if path.exists():
        return missing or None
    if missing is not None:
        with explained(path):
            _note(path, NONE)
    return missing


def _note(path: Path, present: str) -> None:
    """Note which journal is in a place, and those that were there before."""
    named = dict.fromkeys([noted(path), *noted_before(path)])
    lines = "\n".join([present, *(one for one in named if one and one != present)])
    # Not emptied first: who is killed here leaves at least one of the names.
    note = os.open(note_of(path), os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    with os.fdopen(note, "w") as file:
        file.write(lines)
        file.truncate()


def _append(path: Path, link: Link, busy_ms: int) -> Head:
    with _writing(path, busy_ms) as connection:
        head = head_of(connection)
        if not isinstance(head.hash, str):
            raise broken(path, f"entry {head.seq} has no hash")
        rows, key = link(head)
        connection.executemany(_INSERT, rows)
        if key != head.key:
            connection.execute("UPDATE journal SET seal_key = ?", (key,))
        if not rows:
            return head
        last = dict(zip(COLUMNS, rows[-1], strict=True))
        return head._replace(seq=last["seq"], hash=last["hash"], key=key)


def begin_sealing(path: Path, key: bytes, *, busy_ms: int = BUSY_MS) -> Head:
    """Let entries be sealed from the next one on; return where the journal ends.

    One that is sealed already stays as it is. Raises as `append` does.
    """
    with _writing(path, busy_ms) as connection:
        connection.execute(
            """UPDATE journal SET seal_key = ?,
                   sealed_from = (SELECT COALESCE(MAX(seq), 0) + 1 FROM entry)
               WHERE sealed_from IS NULL""",
            (key,),
        )
        return head_of(connection)


@contextmanager
def _writing(path: Path, busy_ms: int) -> Iterator[sqlite3.Connection]:
    """Give a connection in a transaction that nobody else writes beside; the schema is there."""
    with explained(path):
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        with closing(connect(path, 0)) as connection:
            _begin(connection, busy_ms)
            try:
                _make_or_check(connection, path)
                connection.execute(INDEX_OF_SWITCHES)  # where an earlier version made the file
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def _begin(connection: sqlite3.Connection, busy_ms: int) -> None:
    """Begin to write once no other program does. Raises OperationalError (busy) after so long."""
    # SQLite looks every tenth of a second after a while: who waits is overtaken again and again.
    until = time.monotonic() + busy_ms / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = TRUNCATE")
            # An entry that the keyring or an export names must not be lost in a power cut.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            break
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() >= until:
                raise
        time.sleep(0.002)
    connection.execute(f"PRAGMA busy_timeout = {busy_ms}")


def _make_or_check(connection: sqlite3.Connection, path: Path) -> None:
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if not empty or connection.execute("PRAGMA user_version").fetchone()[0]:
        check(connection, path)
        return
    if noted(path) is not None:
        raise emptied(path)
    for statement in (*SCHEMA, *TRIGGERS):
        connection.execute(statement)
    begun_at = time.time_ns() // 1_000_000
    connection.execute("INSERT INTO journal VALUES (1, ?, ?, NULL, NULL)", (str(uuid4()), begun_at))
    connection.execute(f"PRAGMA user_version = {CURRENT}")

"""A look at a store that nobody has opened here: nothing is created, upgraded or kept locked.

`memos_admin.store.health` looks for damage; this tells what a store holds.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memos_admin.store.cipher import database_errors
from memos_admin.store.connection import READING, explained, is_fixed, open_file
from memos_admin.store.errors import StoreError, StoreInterrupted
from memos_admin.store.query import Query
from memos_admin.store.reads import Reads
from memos_admin.store.records import SyncRun, Totals
from memos_admin.store.schema import CURRENT, number_of, refuse_lost

_STEPS = 10_000
"""Virtual machine instructions between two looks at the clock; a few milliseconds."""

_BUSY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Glance:
    """What a store holds.

    Attributes:
        schema: its schema number; 0: nothing was ever written to it.
        current: the number that this version writes.
        totals: None where it has another schema, or counting took too long.
        versions: earlier versions of memories and messages; 0 where there are no totals.
        last_run: the latest sync.
    """

    schema: int
    current: int
    totals: Totals | None = None
    versions: int = 0
    last_run: SyncRun | None = None


def size(path: Path) -> int:
    """Return the bytes of a store: its file and what is not yet moved into it; 0: there is none."""
    found = 0
    for file in (path, path.with_name(f"{path.name}-wal")):
        try:
            found += file.stat().st_size
        except FileNotFoundError:
            continue
    return found


def glance(path: Path, seconds: float) -> Glance:
    """Return what the store at `path` holds, counting for at most about `seconds`.

    Raises:
        FileNotFoundError: there is no store.
        StoreTooNew: a newer version wrote it.
        StoreError: it cannot be opened or is not this project's store; there was one, and it is gone.
    """
    refuse_lost(path)
    path.stat()
    return _look(path, seconds)


def settings(path: Path) -> dict[str, str]:
    """Return what the store at `path` remembers of itself; nothing where it cannot be read."""
    try:
        with closing(open_file(path, _way(path), seconds=_BUSY_SECONDS)) as connection:
            return dict(connection.execute("SELECT name, value FROM setting"))
    except database_errors(StoreError):
        return {}


def _way(path: Path) -> str:
    """Return how a store is opened, to be read and left as it is.

    With the log of somebody who has it open, or of a crash, it is read beside it. Without one, a log
    is begun and tidied away by the same connection, which needs the right to write.
    """
    logged = path.with_name(f"{path.name}-wal").exists()
    return READING if logged or is_fixed(path) else "mode=rw"


def _look(path: Path, seconds: float) -> Glance:
    with explained(path):
        connection = open_file(path, _way(path), seconds=_BUSY_SECONDS)
    with closing(connection):
        with explained(path):
            connection.execute("PRAGMA query_only = ON")
        schema = number_of(connection, path)
        if schema != CURRENT:
            return Glance(schema, CURRENT)
        deadline = time.monotonic() + seconds
        connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        reads = _AsItIs(path, connection)
        last_run = reads.last_run()
        try:
            return Glance(schema, CURRENT, reads.totals(), _versions(reads.query), last_run)
        except StoreInterrupted:
            return Glance(schema, CURRENT, last_run=last_run)


def _versions(query: Query) -> int:
    """Return how many earlier versions are kept, of memories and messages."""
    sql = "SELECT (SELECT count(*) FROM memory_version) + (SELECT count(*) FROM message_version)"
    return int(next(query.rows(sql))[0])


class _AsItIs(Reads):
    """The usual reads on a connection that was opened otherwise; its owner closes it."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.query = _Rows(path, connection)


class _Rows(Query):
    """Rows are all that is asked for here."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._of, self._asked = path, connection

    def rows(self, sql: str, values: Any = ()) -> Iterator[Any]:
        """Return the rows of a statement; all are read before the first one is returned."""
        with explained(self._of):
            return iter(self._asked.execute(sql, values).fetchall())

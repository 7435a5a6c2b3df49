"""A quick look at a store that changes nothing: neither its schema nor a byte of its file.

`memos_admin.store.checks` looks at everything and takes its time.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from memos_admin.store import damage
from memos_admin.store.cipher import key_of
from memos_admin.store.connection import READING, explained, open_file
from memos_admin.store.errors import StoreInterrupted
from memos_admin.store.schema import CURRENT, number_of, refuse_lost

_STEPS = 10_000
"""Virtual machine instructions between two looks at the clock; a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Health:
    """What a quick look found.

    Attributes:
        schema: the store's schema number; 0: nothing was ever written to it.
        current: the number that this version writes.
        damage: the first damage that was found, else None.
        whole: every page was looked at; else the time was over first.
        size: bytes of the file and what is not yet moved into it.
        encrypted: it is.
    """

    schema: int
    current: int
    damage: str | None
    whole: bool
    size: int
    encrypted: bool


def look(path: Path, seconds: float) -> Health:
    """Return what a look of at most about `seconds` at the store at `path` finds.

    Raises:
        FileNotFoundError: there is no store.
        StoreBroken: there was one, and it is empty or gone; or something else is in its place.
        StoreTooNew: a newer version wrote it.
        StoreError: it cannot be opened or is no database.
    """
    refuse_lost(path)
    beside = (path, path.with_name(f"{path.name}-wal"))
    size = sum(file.stat().st_size for file in beside if file == path or file.exists())
    with explained(path):
        connection = open_file(path, READING, seconds=1)
    try:
        schema = number_of(connection, path)
        damage, whole = _damage(connection, path, seconds)
    finally:
        connection.close()
    return Health(schema, CURRENT, damage, whole, size, key_of(path) is not None)


def _damage(connection: sqlite3.Connection, path: Path, seconds: float) -> tuple[str | None, bool]:
    """Return the first damage, and whether everything was looked at."""
    deadline = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    try:
        with explained(path):
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except StoreInterrupted:
        return None, False
    return (None if found == "ok" else damage.in_words(str(found))), True

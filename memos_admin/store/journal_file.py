"""The file of the operator journal: what it consists of, how it is opened and looked at, what its errors say.

It is no store: it belongs to a home, not to a project, and outlives what is removed. Its connections
are opened for one append (`journal.py`) or one batch of reads (`journal_reads.py`) and closed again, so
that several processes share it and none keeps it. A rollback journal instead of WAL: the file alone is
the whole journal, and the sealing keys of earlier entries do not stay behind in a log.

What an entry means, how it is chained and sealed is decided above (`memos_admin.backend.journal`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from memos_admin.language import gettext as _
from memos_admin.store.errors import (
    StoreBroken,
    StoreBusy,
    StoreError,
    StoreTooNew,
    StoreUnwritable,
)

CURRENT = 1
"""The schema's number, ``PRAGMA user_version``."""

BUSY_MS = 5_000
"""How long an append waits for those of other processes (each takes milliseconds)."""

_UUID_LENGTH = 36
_MOST_NOTED = 1_000
"""So many journals are noted to have been in one place."""

NONE = "none"
"""Stands first in a note where no journal is there: one that was is missing."""

COLUMNS = (
    "seq",
    "at",
    "operator",
    "os_user",
    "via",
    "action",
    "result",
    "project_uuid",
    "project",
    "subject_kind",
    "user_id",
    "conversation_id",
    "memory_id",
    "file",
    "query",
    "counts",
    "details",
    "reason",
    "ticket",
    "hash",
    "seal",
)
"""Of an entry; counts and details are JSON."""

Row = tuple[Any, ...]
"""An entry, in the order of `COLUMNS`."""

_NUMBERS = {"seq": "INTEGER PRIMARY KEY", "at": "INTEGER NOT NULL"}
_NEEDED = {"operator", "os_user", "via", "action", "counts", "details", "hash"}
_APPENDS_ONLY = "SELECT RAISE(ABORT, 'the journal is append-only')"
SCHEMA = (
    """CREATE TABLE journal (
        pk INTEGER PRIMARY KEY CHECK (pk = 1),
        uuid TEXT NOT NULL,
        begun_at INTEGER NOT NULL,
        sealed_from INTEGER,
        seal_key BLOB
    )""",
    "CREATE TABLE entry ({})".format(
        ", ".join(
            f"{name} {_NUMBERS.get(name) or ('TEXT NOT NULL' if name in _NEEDED else 'TEXT')}"
            for name in COLUMNS
        )
    ),
    "CREATE INDEX entry_of ON entry (user_id, subject_kind, seq)",
    "CREATE INDEX entry_at ON entry (at)",
)
MISSING = "journal.missing"
"""Action of the entries that name a journal which was in its place before, and was missing."""
SWITCHES = ("journal.off", "journal.on")
"""Actions of the entries that say that it was found switched off, or on again."""
_OF_SWITCHES = f"action IN {SWITCHES}"
INDEX_OF_SWITCHES = f"CREATE INDEX IF NOT EXISTS entry_switch ON entry (seq) WHERE {_OF_SWITCHES}"
TRIGGERS = (
    f"CREATE TRIGGER entry_stays BEFORE DELETE ON entry BEGIN {_APPENDS_ONLY}; END",
    f"CREATE TRIGGER entry_stays_as_it_is BEFORE UPDATE ON entry BEGIN {_APPENDS_ONLY}; END",
    f"""CREATE TRIGGER entry_comes_last BEFORE INSERT ON entry
        WHEN EXISTS (SELECT 1 FROM entry WHERE seq >= new.seq) BEGIN {_APPENDS_ONLY}; END""",
    f"CREATE TRIGGER journal_stays BEFORE DELETE ON journal BEGIN {_APPENDS_ONLY}; END",
    f"""CREATE TRIGGER journal_stays_the_same BEFORE UPDATE OF pk, uuid, begun_at ON journal
        BEGIN {_APPENDS_ONLY}; END""",
)


class Head(NamedTuple):
    """Where a journal ends.

    Attributes:
        journal: its UUID.
        begun_at: when it was begun, UTC milliseconds.
        seq: of the last entry; 0: it has none.
        hash: of the last entry, ``""``: it has none.
        sealed_from: the first entry that is sealed, or will be; None: none is.
        key: what seals the next entry.
        off: it says last that it was found switched off.
    """

    journal: str
    begun_at: int
    seq: int
    hash: str
    sealed_from: int | None
    key: bytes | None
    off: bool = False


def note_of(path: Path) -> Path:
    """Return where it is noted that something was written to a journal, and to which."""
    return path.with_name(f"{path.name}.written")


def noted(path: Path) -> str | None:
    """Return the UUID of the journal that is noted; ``""``: it is not said which, None: nothing is noted."""
    try:
        with note_of(path).open("rb") as note:
            text = note.read(_UUID_LENGTH).decode("ascii")
        return None if text.partition("\n")[0] == NONE else str(UUID(text))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError):
        return ""


def noted_before(path: Path) -> list[str]:
    """Return the journals that are noted to have been there before that one, the latest first."""
    with suppress(OSError, ValueError), note_of(path).open("rb") as note:
        _present, *before = note.read((_UUID_LENGTH + 1) * _MOST_NOTED).decode("ascii").split("\n")
        return [str(UUID(line)) for line in before if len(line) == _UUID_LENGTH]
    return []


def connect(place: str | Path, busy_ms: int, *, uri: bool = False) -> sqlite3.Connection:
    """Open a journal, which is to be closed by whoever opens it."""
    connection = sqlite3.connect(place, isolation_level=None, timeout=busy_ms / 1000, uri=uri)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def is_busy(error: Exception) -> bool:
    """Whether another program holds the file."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Look whether it is a journal that this version knows. Raises StoreTooNew or StoreBroken."""
    number = connection.execute("PRAGMA user_version").fetchone()[0]
    if number > CURRENT:
        raise StoreTooNew(
            _(
                "The journal {path} was written by a newer memos-admin (schema {number}, this one "
                "knows {known}). It was left untouched. Install the newer version."
            ).format(path=path, number=number, known=CURRENT)
        )
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if number < CURRENT or not {"journal", "entry"} <= tables:
        raise broken(path, "it has not the tables of one")


def head_of(connection: sqlite3.Connection) -> Head:
    """Return where a journal ends."""
    found = connection.execute(
        "SELECT uuid, begun_at, sealed_from, seal_key FROM journal"
    ).fetchone()
    sql = "SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1"
    seq, hash_ = connection.execute(sql).fetchone() or (0, "")
    uuid, begun_at, sealed_from, key = found or (None, 0, None, None)
    if not (
        isinstance(uuid, str)
        and isinstance(sealed_from, int | None)
        and isinstance(key, bytes | None)
    ):
        raise sqlite3.DatabaseError("it does not say which journal it is, or where it ends")
    sql = f"SELECT action FROM entry WHERE {_OF_SWITCHES} ORDER BY seq DESC LIMIT 1"
    switched = connection.execute(sql).fetchone()
    return Head(uuid, begun_at, seq, hash_, sealed_from, key, switched == (SWITCHES[0],))


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system raise inside into the store's own errors."""
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:  # see `cipher.database_errors`
        raise _explain(error, path) from error


def _explain(error: Exception, path: Path) -> StoreError:
    if is_busy(error):
        return StoreBusy(
            _(
                "The journal {path} is kept locked by another program. Let it finish or end it, "
                "then try again."
            ).format(path=path)
        )
    code = getattr(error, "sqlite_errorcode", None)
    primary = sqlite3.SQLITE_CORRUPT if code is None else code & 0xFF
    if not isinstance(error, OSError) and primary in (
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
    ):
        return broken(path, str(error))
    return StoreUnwritable(
        _(
            "The journal {path} cannot be written: {error}. What it holds is as it was. Check free "
            "disk space, your quota of it and the permissions of the file and its folder, then try again."
        ).format(path=path, error=error)
    )


def emptied(path: Path) -> StoreBroken:
    """Return that a journal was emptied."""
    return broken(path, _("it is empty, and something was written to it before"))


def broken(path: Path, why: str) -> StoreBroken:
    """Return that a journal is damaged, and what to do about it."""
    return StoreBroken(
        _(
            "The journal {path} is damaged or not a journal: {why}. It was left as it is. Keep it, "
            "since it is evidence: move it to another folder, and a new one is begun."
        ).format(path=path, why=why)
    )

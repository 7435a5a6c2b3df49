"""The file of the operator journal: appended to, read, and nothing else.

It is no store: it belongs to a home, not to a project, and outlives what is removed. Its connections
are opened for one append or one batch of reads and closed again, so that several processes share it
and none keeps it. A rollback journal instead of WAL: the file alone is the whole journal, and the
sealing keys of earlier entries do not stay behind in a log.

What an entry means, how it is chained and sealed is decided above (`memos_admin.backend.journal`).
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

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
_SCHEMA = (
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
SWITCHES = ("journal.off", "journal.on")
"""Actions of the entries that say that it was found switched off, or on again."""
_OF_SWITCHES = f"action IN {SWITCHES}"
_INDEX_OF_SWITCHES = f"CREATE INDEX IF NOT EXISTS entry_switch ON entry (seq) WHERE {_OF_SWITCHES}"
_TRIGGERS = (
    f"CREATE TRIGGER entry_stays BEFORE DELETE ON entry BEGIN {_APPENDS_ONLY}; END",
    f"CREATE TRIGGER entry_stays_as_it_is BEFORE UPDATE ON entry BEGIN {_APPENDS_ONLY}; END",
    f"""CREATE TRIGGER entry_comes_last BEFORE INSERT ON entry
        WHEN EXISTS (SELECT 1 FROM entry WHERE seq >= new.seq) BEGIN {_APPENDS_ONLY}; END""",
    f"CREATE TRIGGER journal_stays BEFORE DELETE ON journal BEGIN {_APPENDS_ONLY}; END",
    f"""CREATE TRIGGER journal_stays_the_same BEFORE UPDATE OF pk, uuid, begun_at ON journal
        BEGIN {_APPENDS_ONLY}; END""",
)
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM entry"
_OF_USER_OR_UNNAMED = (
    "((user_id = :user_id AND subject_kind = :subject_kind) OR (user_id IS NULL "
    "AND action NOT IN (SELECT value FROM json_each(:unnamed_but))))"
)
_INSERT = f"INSERT INTO entry VALUES ({', '.join('?' * len(COLUMNS))})"


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


class Wanted(NamedTuple):
    """Which entries are read; None: whatever they say there.

    Attributes:
        unnamed_but: those that name no user are wanted beside those of the user, but for these
            actions; None: they are not.
    """

    subject_kind: str | None = None
    user_id: str | None = None
    action: str | None = None
    since: int | None = None
    until: int | None = None
    unnamed_but: tuple[str, ...] | None = None
    operator: str | None = None
    ticket: str | None = None


Link = Callable[[Head], tuple[Sequence[Row], bytes | None]]
"""Makes the rows that follow a head, and the key that seals what follows them."""


def append(path: Path, link: Link, *, busy_ms: int = BUSY_MS) -> Head:
    """Append entries in one transaction and return where the journal ends then.

    The file is made where it is missing. Whoever else appends waits, so that the chain has one end.
    That something was written is noted beside it, so that a file which was emptied is no new journal.

    Raises:
        StoreBroken: it is damaged, or was emptied.
        StoreError: nothing was appended, and why.
    """
    head = _append(path, link, busy_ms)
    if head.seq and not _written(path).exists():
        with _explained(path):
            os.close(os.open(_written(path), os.O_CREAT | os.O_WRONLY, 0o600))
    return head


def miss_no_more(path: Path) -> None:
    """Take away the note that something was written to a journal, where that was moved away or deleted."""
    if not path.exists():
        _written(path).unlink(missing_ok=True)


def _written(path: Path) -> Path:
    return path.with_name(f"{path.name}.written")


def _append(path: Path, link: Link, busy_ms: int) -> Head:
    with _writing(path, busy_ms) as connection:
        head = _head(connection)
        if not isinstance(head.hash, str):
            raise _broken(path, f"entry {head.seq} has no hash")
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
        return _head(connection)


class JournalReads:
    """Reads one journal, which it neither makes nor changes. Any method may raise StoreError.

    Nothing is held between two calls: others can append while somebody reads.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def head(self) -> Head:
        """Return where the journal ends. Raises FileNotFoundError where there is none."""
        with self._connection() as connection:
            return _head(connection)

    def count(self, wanted: Wanted) -> int:
        """Return how many entries are wanted."""
        where, values = _where(wanted)
        with self._connection() as connection:
            sql = f"SELECT count(*) FROM entry {where}"
            return int(connection.execute(sql, values).fetchone()[0])

    def count_queries(self, project: str) -> int:
        """Return in how many entries about a project words stand that were searched or filtered by."""
        with self._connection() as connection:
            sql = "SELECT count(*) FROM entry WHERE project_uuid = ? AND query <> ''"
            return int(connection.execute(sql, (project,)).fetchone()[0])

    def after(self, seq: int, most: int, wanted: Wanted | None = None) -> list[Row]:
        """Return at most so many of the entries that come after one, in their order."""
        where, values = _where(wanted or Wanted(), "seq > :from")
        sql = f"{_SELECT} {where} ORDER BY seq LIMIT :most"
        return self._rows(sql, {**values, "from": seq, "most": most})

    def ends_after(self, seq: int, most: int, wanted: Wanted) -> list[Row]:
        """Return the same of those alone that say how far something went."""
        where, values = _where(wanted, "seq > :from", "result IS NOT NULL")
        sql = f"{_SELECT} {where} ORDER BY seq LIMIT :most"
        return self._rows(sql, {**values, "from": seq, "most": most})

    def done(
        self, project: str, actions: Sequence[str], wanted: Wanted, *, begun: bool = False
    ) -> list[Row]:
        """Return what was done in a project by these actions, in its order.

        `begun`: what was begun and what failed as well.
        """
        named = "action IN (SELECT value FROM json_each(:actions))"
        how = "result IS NOT NULL" if begun else "result = 'done'"
        where, values = _where(wanted, "project_uuid = :project", how, named)
        values |= {"project": project, "actions": json.dumps(actions)}
        return self._rows(f"{_SELECT} {where} ORDER BY seq", values)

    def before(self, seq: int, most: int, wanted: Wanted) -> list[Row]:
        """Return at most so many of the entries that come before one, the last one first."""
        where, values = _where(wanted, "seq < :from")
        sql = f"{_SELECT} {where} ORDER BY seq DESC LIMIT :most"
        return self._rows(sql, {**values, "from": seq, "most": most})

    def damage(self) -> str:
        """Return the first damage of the file itself, ``""``: there is none."""
        with self._connection() as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            return "" if found == "ok" else str(found).splitlines()[-1]

    def is_loosened(self) -> bool:
        """Whether what keeps entries from being changed was taken out of the file, or altered."""
        with self._connection() as connection:
            rows = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
            return {row[0] for row in rows} != set(_TRIGGERS)

    def hash_of(self, seq: int) -> str | None:
        """Return the hash of an entry; None where there is no such entry."""
        with self._connection() as connection:
            found = connection.execute("SELECT hash FROM entry WHERE seq = ?", (seq,)).fetchone()
            return None if found is None else found[0]

    def seq_of(self, beginning: str) -> int | None:
        """Return the entry whose hash begins so; None where there is none."""
        with self._connection() as connection:
            sql = "SELECT seq FROM entry WHERE substr(hash, 1, ?) = ?"
            found = connection.execute(sql, (len(beginning), beginning)).fetchone()
            return None if found is None else found[0]

    def _rows(self, sql: str, values: dict[str, Any]) -> list[Row]:
        with self._connection() as connection:
            return connection.execute(sql, values).fetchall()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        if not self.path.exists() or self.path.stat().st_size == 0:
            if self.path.exists() and _written(self.path).exists():
                raise _emptied(self.path)
            raise FileNotFoundError(_("There is no journal {path} yet.").format(path=self.path))
        # Able to write: what a program that was killed has left half-way is undone by the first reader.
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        with (
            _explained(self.path),
            closing(_connect(uri, BUSY_MS, uri=True)) as connection,
        ):
            connection.execute("PRAGMA query_only = ON")
            _check(connection, self.path)
            yield connection


def _where(wanted: Wanted, *conditions: str) -> tuple[str, dict[str, Any]]:
    with_unnamed = wanted.user_id is not None and wanted.unnamed_but is not None
    known = {
        "subject_kind = :subject_kind": None if with_unnamed else wanted.subject_kind,
        "user_id = :user_id": None if with_unnamed else wanted.user_id,
        _OF_USER_OR_UNNAMED: True if with_unnamed else None,
        "action = :action": wanted.action,
        "operator = :operator": wanted.operator,
        "ticket = :ticket": wanted.ticket,
        "at >= :since": wanted.since,
        "at < :until": wanted.until,
    }
    parts = [*conditions, *(sql for sql, value in known.items() if value is not None)]
    values = {**wanted._asdict(), "unnamed_but": json.dumps(wanted.unnamed_but)}
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), values


def _connect(place: str | Path, busy_ms: int, *, uri: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(place, isolation_level=None, timeout=busy_ms / 1000, uri=uri)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


@contextmanager
def _writing(path: Path, busy_ms: int) -> Iterator[sqlite3.Connection]:
    """Give a connection in a transaction that nobody else writes beside; the schema is there."""
    with _explained(path):
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        with closing(_connect(path, 0)) as connection:
            _begin(connection, busy_ms)
            try:
                _make_or_check(connection, path)
                connection.execute(_INDEX_OF_SWITCHES)  # where an earlier version made the file
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
            if not _is_busy(error) or time.monotonic() >= until:
                raise
        time.sleep(0.002)
    connection.execute(f"PRAGMA busy_timeout = {busy_ms}")


def _is_busy(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _make_or_check(connection: sqlite3.Connection, path: Path) -> None:
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if not empty or connection.execute("PRAGMA user_version").fetchone()[0]:
        _check(connection, path)
        return
    if _written(path).exists():
        raise _emptied(path)
    for statement in (*_SCHEMA, *_TRIGGERS):
        connection.execute(statement)
    begun_at = time.time_ns() // 1_000_000
    connection.execute("INSERT INTO journal VALUES (1, ?, ?, NULL, NULL)", (str(uuid4()), begun_at))
    connection.execute(f"PRAGMA user_version = {CURRENT}")


def _check(connection: sqlite3.Connection, path: Path) -> None:
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
        raise _broken(path, "it has not the tables of one")


def _head(connection: sqlite3.Connection) -> Head:
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
def _explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system raise inside into the store's own errors."""
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:  # see `cipher.database_errors`
        raise _explain(error, path) from error


def _explain(error: Exception, path: Path) -> StoreError:
    if _is_busy(error):
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
        return _broken(path, str(error))
    return StoreUnwritable(
        _(
            "The journal {path} cannot be written: {error}. What it holds is as it was. Check free "
            "disk space and the permissions of the file and its folder, then try again."
        ).format(path=path, error=error)
    )


def _emptied(path: Path) -> StoreBroken:
    return _broken(path, _("it is empty, and something was written to it before"))


def _broken(path: Path, why: str) -> StoreBroken:
    return StoreBroken(
        _(
            "The journal {path} is damaged or not a journal: {why}. It was left as it is. Keep it, "
            "since it is evidence: move it to another folder, and a new one is begun."
        ).format(path=path, why=why)
    )

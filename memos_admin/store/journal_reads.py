"""Reading the operator journal: see `journal_file.py`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from memos_admin.language import gettext as _
from memos_admin.store.journal_file import (
    BUSY_MS,
    COLUMNS,
    MISSING,
    TRIGGERS,
    Head,
    Row,
    check,
    connect,
    emptied,
    explained,
    head_of,
    noted,
)

_SELECT = f"SELECT {', '.join(COLUMNS)} FROM entry"
_OF_USER_OR_UNNAMED = (
    "((user_id = :user_id AND subject_kind = :subject_kind) OR (user_id IS NULL "
    "AND action NOT IN (SELECT value FROM json_each(:unnamed_but))))"
)


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


class JournalReads:
    """Reads one journal, which it neither makes nor changes. Any method may raise StoreError.

    Nothing is held between two calls: others can append while somebody reads.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def head(self) -> Head:
        """Return where the journal ends. Raises FileNotFoundError where there is none."""
        with self._connection() as connection:
            return head_of(connection)

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
            return {row[0] for row in rows} != set(TRIGGERS)

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

    def finished_by(self, action: str) -> set[int]:
        """Return the entries that entries of an action say they finish."""
        with self._connection() as connection:
            sql = """SELECT one.value FROM entry,
                json_each(iif(json_valid(details), details, '{}'), '$.finishes') AS one
                WHERE action = ? AND result = 'done'"""
            found = connection.execute(sql, (action,)).fetchall()
            return {int(seq) for (seq,) in found if isinstance(seq, str) and seq.isdecimal()}

    def missing(self) -> list[str]:
        """Return the UUIDs of journals that were found to be missing, as far as it was known which they were."""
        with self._connection() as connection:
            sql = "SELECT details ->> 'journal' FROM entry WHERE action = ? AND json_valid(details)"
            found = connection.execute(sql, (MISSING,)).fetchall()
            return [journal for (journal,) in found if isinstance(journal, str)]

    def _rows(self, sql: str, values: dict[str, Any]) -> list[Row]:
        with self._connection() as connection:
            return connection.execute(sql, values).fetchall()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        if not self.path.exists() or self.path.stat().st_size == 0:
            if self.path.exists() and noted(self.path) is not None:
                raise emptied(self.path)
            raise FileNotFoundError(_("There is no journal {path} yet.").format(path=self.path))
        # Able to write: what a program that was killed has left half-way is undone by the first reader.
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        with (
            explained(self.path),
            closing(connect(uri, BUSY_MS, uri=True)) as connection,
        ):
            connection.execute("PRAGMA query_only = ON")
            check(connection, self.path)
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

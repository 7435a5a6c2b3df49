"""Names in a store that begin like what a person has typed: for completion, which must not wait.

The store is taken as it is: it is neither made nor migrated, and another process's transaction is
not waited for long. A statement that takes too long is given up.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memos_admin.store.conditions import subject_values
from memos_admin.store.connection import explained, open_file
from memos_admin.store.records import Kind, SubjectRef
from memos_admin.store.schema import CURRENT, number_of

_SECONDS = 0.3
"""So long a person may wait for a key to do something."""

_STEPS = 10_000
"""Instructions of SQLite between two looks at the clock: about a tenth of a millisecond."""

_LAST = "\U0010ffff"
"""Nothing sorts behind it."""

_BEGINS = "{name} >= :from AND {name} < :to"
_SUBJECT_PK = "(SELECT pk FROM subject WHERE kind = :kind AND external_id = :id)"


@dataclass(frozen=True, slots=True)
class Name:
    """Something that can be named, with a few of the service's or our words about it."""

    text: str
    about: str = ""


class Names:
    """Names in one store. Any method may raise `memos_admin.store.errors.StoreError`.

    Args:
        path: the store; where there is none, or one of another version, there are no names.
        most: how many names are returned. Of more, the first and the very last are: what all names
            begin with can be seen from those.
    """

    def __init__(self, path: Path, most: int) -> None:
        self._path = path
        self._most = most

    def subjects(self, kind: Kind, begin: str) -> list[Name]:
        """Return the ids of users or agents, with how much is known of each."""
        found = self._begin(
            """SELECT external_id, conversations, memories FROM subject
               WHERE kind = :kind AND {begins}""",
            "external_id",
            begin,
            {"kind": kind},
        )
        return [
            Name(name, f"conversations: {held}, memories: {made}") for name, held, made in found
        ]

    def everyone(self) -> list[tuple[str, str]]:
        """Return the kind and the id of every user and agent, for a veil that is to know them in texts."""
        return [(kind, name) for kind, name in self._rows("SELECT kind, external_id FROM subject")]

    def conversations(self, subject: SubjectRef | None, begin: str) -> list[Name]:
        """Return the ids of a subject's conversations; of everybody's where it is None."""
        if subject is None:
            sql = "SELECT DISTINCT conversation_id, NULL FROM conversation WHERE {begins}"
            return [Name(name) for name, _ in self._begin(sql, "conversation_id", begin, {})]
        found = self._begin(
            f"""SELECT conversation_id, messages FROM conversation
                WHERE subject_pk = {_SUBJECT_PK} AND {{begins}}""",
            "conversation_id",
            begin,
            _named(subject),
        )
        return [Name(name, f"messages: {messages}") for name, messages in found]

    def tags(self, subject: SubjectRef | None, begin: str) -> list[Name]:
        """Return the tags of a subject's memories; of everybody's where it is None."""
        if subject is None:
            sql, values = "SELECT DISTINCT tag FROM memory_tag WHERE {begins}", {}
        else:
            sql = f"""SELECT DISTINCT tag FROM memory_tag WHERE {{begins}} AND memory_pk IN (
                          SELECT memory_pk FROM listing WHERE subject_pk = {_SUBJECT_PK})"""
            values = _named(subject)
        return [Name(name) for (name,) in self._begin(sql, "tag", begin, values)]

    def operators(self, begin: str) -> list[Name]:
        """Return who has judged memories."""
        sql = "SELECT DISTINCT operator FROM verdict WHERE {begins}"
        return [Name(name) for (name,) in self._begin(sql, "operator", begin, {})]

    def memories(self, begin: str) -> list[Name]:
        """Return the ids of memories, with their titles."""
        sql = """SELECT memory_id, COALESCE(NULLIF(title, ''), substr(content, 1, 100))
                 FROM memory WHERE {begins}"""
        return [Name(*found) for found in self._begin(sql, "memory_id", begin, {})]

    def _begin(
        self, sql: str, column: str, begin: str, values: dict[str, Any]
    ) -> Sequence[tuple[Any, ...]]:
        """Return the rows whose `column` begins with `begin`, in its order."""
        sql = f"{sql.format(begins=_BEGINS.format(name=column))} ORDER BY {column}"
        values = values | {"from": begin, "to": begin + _LAST, "most": self._most}
        rows = self._rows(f"{sql} LIMIT :most + 1", values)
        if len(rows) <= self._most:
            return rows
        return [*rows[: self._most - 1], *self._rows(f"{sql} DESC LIMIT 1", values)]

    def _rows(self, sql: str, values: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        if not self._path.is_file():
            return []
        with explained(self._path), closing(self._connect()) as connection:
            if number_of(connection, self._path) != CURRENT:
                return []
            return connection.execute(sql, values or {}).fetchall()

    def _connect(self) -> sqlite3.Connection:
        connection = open_file(self._path, "mode=rw", seconds=_SECONDS)
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        end = time.monotonic() + _SECONDS
        connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        return connection


def _named(subject: SubjectRef) -> dict[str, Any]:
    return dict(zip(("kind", "id"), subject_values(subject), strict=True))

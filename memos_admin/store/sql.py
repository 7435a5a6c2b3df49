"""SQL of a person's own over a store: one statement, that reads, over the documented views alone.

The file is opened to be read (``mode=ro``), the connection refuses to write (``query_only``), and
SQLite asks for each thing that a statement is about to do: nothing but selecting from the views is
allowed. So neither the file, nor another one, nor a setting can be reached by it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.store.cipher import database_errors
from memos_admin.store.connection import READING, explain, explained, open_file
from memos_admin.store.sql_views import VIEWS, definitions

_STEPS = 50_000
"""Instructions of SQLite between two looks whether to go on: a few milliseconds."""

_AT_ONCE = 100
_OF_SQLITE = frozenset({"json_each", "json_tree"})
"""What else can be selected from: tables that SQLite makes of a value."""

_REFUSED = frozenset(
    {"load_extension", "writefile", "readfile", "edit", "fts3_tokenizer", "sqlcipher_export"}
)
"""Functions that reach out of the statement, whether they are there or not."""

_WORD = re.compile(r"\w+", re.ASCII)

_LARGEST = 100_000
"""Characters of a statement."""


class SqlRefused(Exception):
    """A statement cannot be run: it is wrong, or does something else than read the views."""


class Selected:
    """The answer of a statement.

    Attributes:
        columns: their names, each once.
        views: those that it reads, in the order of their names.
    """

    def __init__(
        self, columns: Sequence[str], views: Sequence[str], rows: Iterator[tuple[Any, ...]]
    ) -> None:
        self.columns, self.views = tuple(columns), tuple(views)
        self._rows = rows

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows. Raises SqlRefused, StoreError."""
        return self._rows


class SqlAccess:
    """A connection for statements; to be closed, and used by one thread."""

    def __init__(self, path: Path, is_over: Callable[[], bool] = lambda: False) -> None:
        """Open a store that is up to date.

        Args:
            path: of the store.
            is_over: asked again and again while a statement runs; True ends it.

        Raises:
            StoreError: it cannot be opened.
        """
        self._path = path
        self._read: set[str] = set()
        self._answers: list[Generator[tuple[Any, ...], None, None]] = []
        with explained(path):
            self._connection = open_file(path, READING)
            try:
                self._connection.execute("PRAGMA trusted_schema = OFF")
                for statement in definitions(temporary=True):
                    self._connection.execute(statement)
                for table in _OF_SQLITE:  # made at their first use, which is no reading
                    self._connection.execute(f"SELECT count(*) FROM {table}('[]')").fetchall()
                self._connection.execute("PRAGMA query_only = ON")
                self._connection.set_authorizer(self._allow)
                self._connection.set_progress_handler(is_over, _STEPS)
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close the connection, whatever is left to be read of an answer."""
        for rows in self._answers:
            rows.close()
        self._connection.close()

    def select(self, statement: str) -> Selected:
        """Run a statement and return its answer, of which nothing is read yet.

        Raises:
            SqlRefused: it cannot be run.
            StoreError: the store cannot be read.
        """
        if len(statement) > _LARGEST or "\0" in statement:
            raise SqlRefused(_("The statement is too long, or holds a NUL."))
        self._read.clear()
        try:
            cursor = self._connection.execute(statement)
        except database_errors(ValueError) as error:
            raise self._refusal(error, statement) from None
        if cursor.description is None:
            cursor.close()
            raise SqlRefused(_("There is no statement. Write one that begins with SELECT."))
        names = _each_once([column[0] for column in cursor.description])
        rows = self._rows(cursor)
        self._answers.append(rows)
        return Selected(names, sorted(self._read), rows)

    def _rows(self, cursor: sqlite3.Cursor) -> Generator[tuple[Any, ...], None, None]:
        with closing(cursor):
            while True:
                try:
                    some = cursor.fetchmany(_AT_ONCE)
                except database_errors() as error:
                    raise self._refusal(error) from None
                if not some:
                    return
                yield from some

    def _allow(
        self, action: int, first: str | None, second: str | None, _base: str | None, via: str | None
    ) -> int:
        """Say whether a statement may do something; called by SQLite as it is compiled."""
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION:
            reaches_out = (second or "").lower() in _REFUSED
            return sqlite3.SQLITE_DENY if reaches_out else sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ:
            if first in VIEWS:
                self._read.add(str(first))
                return sqlite3.SQLITE_OK
            # Without a column it is only that there are rows: so SQLite asks for a view's count.
            if not second or via in VIEWS or first in _OF_SQLITE:
                return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    def _refusal(self, error: Exception, statement: str = "") -> Exception:
        """Return what is told instead of an error of SQLite's, with what there is instead of what is unknown."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        said = str(error)
        if code == sqlite3.SQLITE_AUTH or "prohibited" in said or "authorized" in said:
            names = ", ".join(VIEWS)
            text = _("Only SELECT on these views is allowed ({why}): {names}.")
            return SqlRefused(text.format(why=said, names=names))
        if code in (
            sqlite3.SQLITE_ERROR,
            sqlite3.SQLITE_MISUSE,
            sqlite3.SQLITE_TOOBIG,
            sqlite3.SQLITE_RANGE,
        ):
            why = _("SQLite says: {why}.").format(why=said.rstrip("."))
            return SqlRefused(sentences(why, _next_step(said, statement)))
        return explain(error, self._path)


def _next_step(said: str, statement: str) -> str:
    """Return which columns or views there are where one is unknown, ``""`` for another error."""
    words = {word.lower() for word in _WORD.findall(statement)}
    named = [name for name in VIEWS if name in words]
    if said.startswith("no such table"):
        return _("There are the views {names}.").format(names=", ".join(VIEWS))
    if not said.startswith("no such column") or not named:
        return ""
    return sentences(*map(_columns_of, named))


def _columns_of(name: str) -> str:
    columns = ", ".join(VIEWS[name].columns)
    return _("The view {name} has {columns}.").format(name=name, columns=columns)


def _each_once(names: Sequence[str]) -> list[str]:
    """Return names of which none stands twice: the second ``a`` is ``a_2``."""
    found: list[str] = []
    for name in names:
        one, number = name or "column", 1
        while one in found:
            number += 1
            one = f"{name}_{number}"
        found.append(one)
    return found

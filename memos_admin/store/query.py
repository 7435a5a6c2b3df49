"""A read connection, and the few ways in which it is asked. The SQL stands with those who ask."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from memos_admin.store import schema
from memos_admin.store.cipher import database_errors
from memos_admin.store.connection import explained, is_fixed
from memos_admin.store.perspectives import is_inferred

ServiceTime = Callable[[str | None], int | None]
"""Returns UTC milliseconds of a raw time of the wire, None where it cannot be understood."""

_MANY = 500
"""How many keys one statement asks for; SQLite allows at least 999 variables."""


class Beside(Protocol):
    """What can be kept beside a connection; `interrupt` may come from any thread."""

    def close(self) -> None:
        """Close it."""

    def interrupt(self) -> None:
        """Make what it is doing end."""


class Elsewhere(Protocol):
    """What other stores of the same people have: erasures that were begun and have no end. It raises nothing."""

    def look(self) -> bool:
        """Look, and return whether there is any; SQL calls it once a statement."""

    def of(self, kind: str, external_id: str) -> str | None:
        """Return what `look` has found of a subject, as `Subject.begun_elsewhere` has it; None: nothing."""


class Nowhere:
    """No other store."""

    def look(self) -> bool:
        """Return that there is nothing."""
        return False

    def of(self, _kind: str, _external_id: str) -> str | None:
        """Return nothing."""
        return None


NOWHERE = Nowhere()


class Query:
    """A read connection to one store. Any method may raise `memos_admin.store.errors.StoreError`.

    To be used by one thread at a time; `interrupt` may come from any thread.
    """

    def __init__(
        self,
        path: Path,
        service_time: ServiceTime = lambda _raw: None,
        elsewhere: Elsewhere = NOWHERE,
    ) -> None:
        """Take the file, and what SQL calls: what reads the raw times of the wire, and what asks other stores."""
        self.path = path
        self.interrupts = 0
        """How often it was interrupted: what reads in many steps ends where that has grown."""
        self.beside: dict[str, Beside] = {}
        """What is kept open with the connection, such as the search index."""
        self.fixed = is_fixed(path)
        """It lies where nothing can be written, and is read as it is."""
        self.upgraded_from: int | None = None
        """The schema that the store had before this opened it; None: the present one."""
        self._connection = schema.open_current(
            path, read_only=True, on_upgraded=partial(setattr, self, "upgraded_from")
        )
        self._connection.create_function("service_time", 1, service_time, deterministic=True)
        self._connection.create_function("is_inferred", 1, is_inferred, deterministic=True)
        # Deterministic, which it is while a statement runs: so it is called once, not for each row.
        self._connection.create_function(
            "anything_elsewhere", 0, elsewhere.look, deterministic=True
        )
        self._connection.create_function("begun_elsewhere", 2, elsewhere.of)

    @property
    def is_fixed_no_more(self) -> bool:
        """Whether it is read as it was when it was opened, though something can be written there by now.

        Whoever writes then changes the file below it.
        """
        return self.fixed and not is_fixed(self.path)

    def close(self) -> None:
        """Close the connection, and what is kept beside it."""
        for name in list(self.beside):
            self.close_beside(name)
        self._connection.close()

    def close_beside(self, name: str) -> None:
        """Close one thing that is kept beside the connection."""
        self.beside.pop(name).close()

    def interrupt(self) -> None:
        """Make a running read end with `StoreInterrupted`."""
        self.interrupts += 1
        with suppress(*database_errors()):  # it was closed meanwhile
            self._connection.interrupt()
        for other in list(self.beside.values()):
            other.interrupt()

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Keep one state of the store for the reads inside; hold it for a batch only."""
        with explained(self.path):
            self._connection.execute("BEGIN")
        try:
            yield
        finally:
            with explained(self.path):
                self._connection.execute("COMMIT")

    def rows(self, sql: str, values: Any = ()) -> Iterator[Any]:
        """Return the rows of a statement; all are read before the first one is returned."""
        with explained(self.path):
            return iter(self._connection.execute(sql, values).fetchall())

    def beginning(self, sql: str, values: Any, text: int, most: int) -> list[Any]:
        """Return the rows of a statement up to the one with which their texts reach `most`.

        Args:
            sql: the statement.
            values: of its variables.
            text: the column that is long.
            most: characters after which no further row is read.
        """
        found, held = [], 0
        with explained(self.path), closing(self._connection.execute(sql, values)) as cursor:
            for row in cursor:
                found.append(row)
                held += len(row[text])
                if held >= most:
                    break
        return found

    def each(self, sql: str, values: Any = ()) -> Iterator[Any]:
        """Yield the rows of a statement one at a time. To be read to the end at once."""
        with explained(self.path):
            yield from _unclosed(self._connection.execute(sql, values))

    def text(self, sql: str, values: Any = ()) -> str | None:
        """Return the first column of the first row; None where there is none."""
        row = next(self.rows(sql, values), None)
        return None if row is None else row[0]

    def keys(self, sql: str, values: Any = ()) -> array[int]:
        """Return the first column of all rows, integers, 8 bytes each."""
        with explained(self.path):
            return array("q", (row[0] for row in self._connection.execute(sql, values)))

    def rows_of(
        self, select: str, column: str, pks: Sequence[int], *first: int | str
    ) -> Iterator[Any]:
        """Yield the rows of `select` whose `column` is one of `pks`, in no order.

        `first` are the values of what the statement has before: ``?1``, ``?2``, ….

        One at a time, so that of large texts only one is held whole. To be read to the end at once.
        """
        with explained(self.path):
            for start in range(0, len(pks), _MANY):
                some = pks[start : start + _MANY]
                marks = ",".join("?" * len(some))
                sql = f"{select} WHERE {column} IN ({marks})"
                yield from _unclosed(self._connection.execute(sql, [*first, *some]))


def _unclosed(cursor: Iterator[Any]) -> Iterator[Any]:
    """Return the rows of a cursor without its `close`, which fails behind that of the connection.

    Who reads them may be ended, by Ctrl+C too, and is then collected when the connection is closed.
    """
    return islice(cursor, None)

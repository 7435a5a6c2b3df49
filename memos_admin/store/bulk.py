"""Inserting and finding many rows with a statement that was compiled once.

SQLAlchemy's own way builds, looks up and binds each time, which costs several times what SQLite
needs. The text is still SQLAlchemy's, made from the tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Column, Connection, Row, Table, select
from sqlalchemy.dialects.sqlite import dialect, insert


@dataclass(frozen=True, slots=True)
class Rows:
    """An INSERT of some columns of a table; the values are what sqlite3 itself takes."""

    sql: str

    @classmethod
    def into(cls, table: Table, columns: Sequence[str], *, replacing: str | None = None) -> Self:
        """Return the statement.

        Args:
            table: into which.
            columns: in the table's order, which is that of the values of rows.
            replacing: where a row with the same value in this column exists, its other columns are
                overwritten.
        """
        statement = insert(table)
        if replacing is not None:
            others = {n: statement.excluded[n] for n in columns if n != replacing}
            statement = statement.on_conflict_do_update(index_elements=[replacing], set_=others)
        compiled = statement.compile(dialect=dialect(), column_keys=list(columns))
        places = tuple(compiled.positiontup or ())
        if places != tuple(columns):
            raise ValueError(f"the columns of {table.name} in its order are {places}")
        return cls(str(compiled))

    def write(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows; none at all is fine."""
        if rows:
            connection.exec_driver_sql(self.sql, list(rows))


@dataclass(frozen=True, slots=True)
class Found:
    """A SELECT of some columns of the rows that have one of many values in a column."""

    sql: str

    @classmethod
    def by(cls, key: Column[Any], columns: Sequence[str]) -> Self:
        """Return the statement for columns of the table of `key`."""
        statement = select(*(key.table.c[name] for name in columns))
        return cls(f"{statement.compile(dialect=dialect())} WHERE {key} IN ")

    def read(self, connection: Connection, values: Sequence[Any]) -> Sequence[Row[Any]]:
        """Return the rows, in no order; of at most as many values as one statement may name."""
        marks = ",".join("?" * len(values))
        return connection.exec_driver_sql(f"{self.sql}({marks})", tuple(values)).all()

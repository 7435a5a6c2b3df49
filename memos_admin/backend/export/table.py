"""Rows of a table, column by column: what is done to all cells of a column at once costs least."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

Values = tuple[Any, ...]
"""A row's values in the columns' order, of JSON's own types; times are text in UTC."""


class Run(NamedTuple):
    """Rows, one behind the other, whose first and whose last values are the same."""

    length: int
    first: Values
    last: Values


class Block(NamedTuple):
    """Consecutive rows of a table.

    Attributes:
        runs: what the rows begin and end with; all have as many values.
        columns: the values between, column by column.
    """

    runs: Sequence[Run]
    columns: Sequence[Sequence[Any]]

    @property
    def length(self) -> int:
        """How many rows there are."""
        return sum(run.length for run in self.runs)

    def rows(self) -> Iterator[Values]:
        """Yield the rows, each with all its values."""
        between = zip(*self.columns, strict=True)
        for length, first, last in self.runs:
            for values in islice(between, length):
                yield (*first, *values, *last)


def block(rows: Iterable[Sequence[Any]]) -> Block:
    """Return rows as a block; they share nothing."""
    columns = list(zip(*rows, strict=True))
    return Block([Run(len(columns[0]), (), ())] if columns else [], columns)

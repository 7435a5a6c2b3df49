"""Reading many rows with bounded memory: batches that shrink where the rows are long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

MOST = 500
FIRST = 25
CHARACTERS = 4_000_000
"""A batch aims to hold fewer characters than this."""


class _Text(Protocol):
    @property
    def content(self) -> str: ...


Row = TypeVar("Row", bound=_Text)


def batches(
    keys: Sequence[int], read: Callable[[Sequence[int], int], list[Row]]
) -> Iterator[list[Row]]:
    """Yield the rows of all keys, batch by batch.

    Args:
        keys: in the order wanted.
        read: returns the rows of some consecutive keys, given these and the number of keys before
            them. It may leave out rows that are gone by now.
    """
    start, size = 0, FIRST
    while start < len(keys):
        rows = read(keys[start : start + size], start)
        start += size
        longest = max((len(row.content) for row in rows), default=0)
        size = max(1, min(MOST, size * 2, CHARACTERS // (longest + 1)))
        if rows:
            yield rows

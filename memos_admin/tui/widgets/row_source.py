"""Where lists get their rows from, and how these are read: all keys, and the windows that are visible."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

from memos_admin.backend.model import Reads

WINDOW = 128
"""Rows that are read at once."""

BEGINNING = 4 * WINDOW
"""Rows of a long source that are shown before the keys of the others are there."""

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

Part = tuple["array[int]", int, dict[int, Sequence[R]]]
"""Keys, the cursor's line among them, and rows by window."""


class RowSource(Protocol[R_co]):
    """Where a list gets its rows from; both methods are called in the reader's thread."""

    def keys(self, reads: Reads, /) -> array[int]:
        """Return the keys of all rows, in order."""
        ...

    def rows(self, reads: Reads, keys: Sequence[int], /) -> Sequence[R_co]:
        """Return the rows of these keys, in their order; one may be missing."""
        ...


@runtime_checkable
class LongSource(Protocol):
    """A source whose first keys are there long before all of them."""

    def first_keys(self, reads: Reads, most: int, /) -> array[int]:
        """Return the keys of the first rows, `most` of them where there are so many."""
        ...


@runtime_checkable
class OwnedSource(Protocol):
    """A source whose rows are all of one user, conversation or instant."""

    @property
    def of(self) -> object:
        """Return whose or of what its rows are; equal ones are of the same."""


def owner(source: object) -> object:
    """Return whose or of what the rows of a source are; None: of nobody in particular."""
    return source.of if isinstance(source, OwnedSource) else None


class Beginning:
    """The first rows of a long source."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def keys(self, reads: Reads) -> array[int]:
        """Return the keys of the first rows."""
        keys: array[int] = self._source.first_keys(reads, BEGINNING)
        return keys

    def rows(self, reads: Reads, keys: Sequence[int]) -> Any:
        """Return the rows of these keys."""
        return self._source.rows(reads, keys)


class View(NamedTuple):
    """What is looked at of a list.

    Attributes:
        wishes: keys that the cursor is to be on, the best one first.
        line: the cursor's, where none of them is there.
        top: the first line that is seen.
        height: lines that are seen.
    """

    wishes: list[int]
    line: int
    top: int
    height: int


def read_part(
    reads: Reads, source: RowSource[R], view: View, keys: array[int] | None = None
) -> Part[R]:
    """Return keys, the cursor's new line, and the windows that will be visible.

    `keys`, where they were read before; None: they are read.
    """
    if keys is None:
        keys = source.keys(reads)
    index = max(0, min(view.line, len(keys) - 1))
    for wish in view.wishes:
        try:
            index = keys.index(wish)
            break
        except ValueError:
            continue
    top = view.top + index - view.line
    first = max(0, min(top, index)) // WINDOW
    last = min(max(top + view.height, index), max(0, len(keys) - 1)) // WINDOW
    return (
        keys,
        index,
        {
            number: source.rows(reads, keys[number * WINDOW : (number + 1) * WINDOW])
            for number in range(first, last + 1)
        },
    )

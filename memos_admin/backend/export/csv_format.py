"""CSV as spreadsheets and other programs read it: RFC 4180, and no cell that is a formula."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from itertools import islice
from typing import Any

from memos_admin.backend.export.table import Block

BYTE_ORDER_MARK = "\ufeff"

_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_GUARDED = re.compile(rf"'*[\t\r\n\0]|[\s{_INVISIBLE}']*[=+\-@＝＋－＠]")

_SKIPPED = rf"[\0-\x08\x0b\x0c\x0e-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000{_INVISIBLE}'\"]"
"""What may stand before a formula: white space but what ends a cell or a line, the unseen, quotes."""
_BEHIND = {
    sign: re.compile(rf"{sign}(?={_SKIPPED}*(?:[=@＝＠]|[+\-＋－][^;\t\r\n]*[(|!（｜！]))")
    for sign in ";\t\r\n"
}
"""What ends a cell where it is read with other separators, with a formula behind it.

A ``+`` or ``-`` there begins items of lists and smileys too, so it counts where something is called or
linked behind it.
"""


class CsvFormat:
    """Turns rows into lines of CSV and counts the cells that it guarded.

    A spreadsheet takes a cell for a formula by its first character, some after skipping what is
    invisible. Such a cell gets a leading ``'``, with which it is text. So does what follows a
    semicolon, a tab or a line end inside a cell, since a spreadsheet may be told, or be used, to
    separate cells there. What has such a ``'`` already gets one more: to take
    one from each of these places gives what was there.

    Args:
        columns: the names of the columns.
        guard: leave no cell that is a formula.
        plain: those of which no cell begins like a formula, nor needs quotes.
    """

    def __init__(
        self, columns: Sequence[str], *, guard: bool = True, plain: Container[str] = ()
    ) -> None:
        self._columns = tuple(columns)
        self._guard = guard
        self._plain = [name in plain for name in columns]
        self.guarded = 0

    def header(self) -> str:
        """Return the line that names the columns."""
        return ",".join(self._columns) + "\r\n"

    def lines(self, block: Block) -> str:
        """Return rows as lines, each with its end (CRLF)."""
        # Column by column, since what is found for all cells at once need not be asked of each.
        shared = len(block.runs[0].first) if block.runs else 0
        columns = map(self._column, block.columns, self._plain[shared:])
        lines = map(",".join, zip(*columns, strict=True))
        text: list[str] = []
        for length, first, last in block.runs:
            head = "".join([f"{cell}," for cell in self._repeated(first, length)])
            tail = "".join([f",{cell}" for cell in self._repeated(last, length)]) + "\r\n"
            text += (head, f"{tail}{head}".join(islice(lines, length)), tail)
        return "".join(text)

    def _column(self, values: Sequence[Any], plain: bool) -> Sequence[str]:
        """Return the cells of a column as they stand in lines."""
        kinds = set(map(type, values))
        if kinds != {str}:
            values = _texts(values, kinds)
        if plain:
            return values
        text = "".join(values)
        if any(sign in text and behind.search(text) for sign, behind in _BEHIND.items()):
            values = list(map(self.guard, values))
        elif not all(map(str.isalnum, {cell[:1] for cell in values} - {""})):
            values = [cell if cell[:1].isalnum() else self.guard(cell) for cell in values]
        if any(sign in text for sign in _QUOTED):
            values = list(map(_quoted, values))
        return values

    def _repeated(self, values: Sequence[Any], times: int) -> Iterator[str]:
        """Yield the cells that so many rows share, as they stand in lines."""
        for text in map(cell_text, values):
            cell, guarded = _shared(text, self._guard)
            self.guarded += guarded * times
            yield cell

    def cells(self, row: Sequence[Any]) -> tuple[str, ...]:
        """Return what a reader of the CSV finds in a row's cells."""
        return tuple(self.guard(cell_text(value)) for value in row)

    def line(self, row: Sequence[Any]) -> str:
        """Return one row as a line, with its end (CRLF)."""
        return ",".join(map(_quoted, self.cells(row))) + "\r\n"

    def guard(self, text: str) -> str:
        """Return a cell's text, guarded (and counted) where it needs that."""
        guarded = _guarded(text) if self._guard else text
        self.guarded += guarded != text
        return guarded


def _guarded(text: str) -> str:
    """Return a cell's text with a ``'`` before all that a spreadsheet could take for a formula."""
    # Looking at one character first is cheaper, and letters begin most texts.
    begins = bool(text) and not text[0].isalnum() and _GUARDED.match(text) is not None
    for sign, behind in _BEHIND.items():
        if sign in text:
            text = behind.sub(rf"{sign}'", text)
    return f"'{text}" if begins else text


@lru_cache(maxsize=1024)
def _shared(text: str, guard: bool) -> tuple[str, bool]:
    """Return a cell that rows share as it stands in lines, and whether it is guarded."""
    # Remembered, since most of these are those of the rows before too.
    cell = _guarded(text) if guard else text
    return _quoted(cell), cell != text


_QUOTED = ',"\n\r;\t'


def _quoted(cell: str) -> str:
    """Return a cell as it stands in a line; quoted also where some take a sign in it for a separator."""
    # Searches for one character each are many times as fast as one with a set.
    if any(sign in cell for sign in _QUOTED):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _texts(values: Sequence[Any], kinds: Set[type]) -> list[str]:
    """Return `cell_text` of values of these types, at less cost where that is one."""
    kind, *others = kinds
    try:
        return list(map(cell_text if others else _TEXTS.get(kind, cell_text), values))
    except TypeError:  # a list of something else than texts
        return list(map(cell_text, values))


def cell_text(value: Any) -> str:
    """Return a value as a cell: booleans 1/0, absent empty, lists joined by ``; ``."""
    if value is None:
        return ""
    if value is True or value is False:
        return "1" if value else "0"
    if isinstance(value, list | tuple):
        return _BETWEEN.join(map(cell_text, value))
    return str(value)


_BETWEEN = "; "
_TEXTS: Mapping[type, Callable[[Any], str]] = {
    int: str,
    bool: "01".__getitem__,
    list: _BETWEEN.join,
}

"""CSV as spreadsheets and other programs read it: RFC 4180, and no cell that is a formula."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any

BYTE_ORDER_MARK = "\ufeff"

_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_GUARDED = re.compile(rf"[\t\r\n\0]|[\s{_INVISIBLE}]*[=+\-@＝＋－＠]")


class CsvFormat:
    """Turns rows into lines of CSV and counts the cells that it guarded.

    A spreadsheet takes a cell for a formula by its first character, some after skipping what is
    invisible. Such a cell gets a leading ``'``, with which it is text.

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

    def lines(self, rows: Iterable[Sequence[Any]]) -> str:
        """Return rows of values in the columns' order as lines, each with its end (CRLF)."""
        # Column by column, since what is found for all cells at once need not be asked of each.
        columns = map(self._cells, zip(*rows, strict=True), self._plain)
        lines = map(",".join, zip(*columns, strict=True))
        return "\r\n".join([*lines, ""])

    def _cells(self, values: Sequence[Any], plain: bool) -> Sequence[str]:
        """Return the cells of a column as they stand in lines."""
        first, count = values[0], len(values)
        if type(first) is str and values.count(first) == count:
            guarded = self.guard(first)
            if guarded is not first:
                self.guarded += count - 1
            return [_quoted(guarded)] * count
        try:
            text = "".join(values)
        except TypeError:
            values = _texts(values)
            text = "".join(values)
        if plain:
            return values
        if not all(map(str.isalnum, {cell[:1] for cell in values} - {""})):
            values = [cell if cell[:1].isalnum() else self.guard(cell) for cell in values]
        if "," in text or '"' in text or "\n" in text or "\r" in text:
            values = list(map(_quoted, values))
        return values

    def cells(self, row: Sequence[Any]) -> tuple[str, ...]:
        """Return what a reader of the CSV finds in a row's cells."""
        return tuple(self.guard(cell_text(value)) for value in row)

    def guard(self, text: str) -> str:
        """Return a cell's text, guarded (and counted) where it needs that."""
        # Looking at one character first is cheaper, and letters begin most texts.
        if self._guard and text and not text[0].isalnum() and _GUARDED.match(text):
            self.guarded += 1
            return f"'{text}"
        return text


def _quoted(cell: str) -> str:
    """Return a cell as it stands in a line."""
    # Four searches for one character each are many times as fast as one with a set.
    if "," in cell or '"' in cell or "\n" in cell or "\r" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _texts(values: Sequence[Any]) -> list[str]:
    """Return `cell_text` of values, at less cost where all are of one type."""
    kind, *others = set(map(type, values))
    return list(map(cell_text if others else _TEXTS.get(kind, cell_text), values))


def cell_text(value: Any) -> str:
    """Return a value as a cell: booleans 1/0, absent empty, lists joined by ``; ``."""
    if value is None:
        return ""
    if value is True or value is False:
        return "1" if value else "0"
    if isinstance(value, list | tuple):
        return _joined(value)
    return str(value)


def _joined(values: Sequence[Any]) -> str:
    return "; ".join(map(cell_text, values)) if values else ""


_TEXTS: Mapping[type, Callable[[Any], str]] = {int: str, bool: "01".__getitem__, list: _joined}

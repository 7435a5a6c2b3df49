"""CSV as spreadsheets and other programs read it: RFC 4180, and no cell that is a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

BYTE_ORDER_MARK = "\ufeff"

_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_GUARDED = re.compile(rf"[\t\r\n\0]|[\s{_INVISIBLE}]*[=+\-@＝＋－＠]")

_SHORT = 40
_MANY = 4_096


class _Quoted(dict[str, str]):
    """Short texts as they stand in a line: most cells of an export repeat from row to row."""

    def __init__(self, form: CsvFormat) -> None:
        super().__init__()
        self._form = form

    def __missing__(self, text: str) -> str:
        guarded = self._form.guard(text)
        cell = guarded
        # Four searches for one character each are many times as fast as one with a set.
        if "," in cell or '"' in cell or "\n" in cell or "\r" in cell:
            cell = '"' + cell.replace('"', '""') + '"'
        # A guarded cell is counted each time that it is written.
        if len(text) <= _SHORT and guarded is text:
            if len(self) >= _MANY:
                self.clear()
            self[text] = cell
        return cell


class CsvFormat:
    """Turns rows into lines of CSV and counts the cells that it guarded.

    A spreadsheet takes a cell for a formula by its first character, some after skipping what is
    invisible. Such a cell gets a leading ``'``, which spreadsheets do not show.
    """

    def __init__(self, columns: Sequence[str], *, guard: bool = True) -> None:
        self._columns = tuple(columns)
        self._guard = guard
        self._quoted = _Quoted(self)
        self.guarded = 0

    def header(self) -> str:
        """Return the line that names the columns."""
        return ",".join(self._columns) + "\r\n"

    def lines(self, rows: Iterable[Sequence[Any]]) -> str:
        """Return rows of values in the columns' order as lines, each with its end (CRLF)."""
        known = self._quoted
        return "".join(
            [
                # What a number says is neither guarded nor quoted, unless it is below zero.
                ",".join(
                    [
                        known[v]
                        if (kind := type(v)) is str
                        else str(v)
                        if kind is int and v >= 0
                        else known[cell_text(v)]
                        for v in row
                    ]
                )
                + "\r\n"
                for row in rows
            ]
        )

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


def cell_text(value: Any) -> str:
    """Return a value as a cell: booleans 1/0, absent empty, lists joined by ``; ``."""
    if value is None:
        return ""
    if value is True or value is False:
        return "1" if value else "0"
    if isinstance(value, list | tuple):
        return "; ".join(map(cell_text, value)) if value else ""
    return str(value)

"""CSV as spreadsheets and other programs read it: RFC 4180, and no cell that is a formula."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

BYTE_ORDER_MARK = "\ufeff"

_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_FORMULA = rf"(?:[\t\r\n\0]|[\s{_INVISIBLE}]*[=+\-@＝＋－＠])"
_GUARDED = re.compile(_FORMULA)
_QUOTED = re.compile(r'[",\r\n]')
_SPECIAL = re.compile(rf'\A{_FORMULA}|[",\r\n]')


class CsvFormat:
    """Turns rows into lines of CSV and counts the cells that it guarded.

    A spreadsheet takes a cell for a formula by its first character, some after skipping what is
    invisible. Such a cell gets a leading ``'``, which spreadsheets do not show.
    """

    def __init__(self, columns: Sequence[str], *, guard: bool = True) -> None:
        self._columns = tuple(columns)
        self._guard = guard
        self.guarded = 0

    def header(self) -> str:
        """Return the line that names the columns."""
        return ",".join(self._columns) + "\r\n"

    def line(self, row: Mapping[str, Any]) -> str:
        """Return a row as a line with its end (CRLF)."""
        cells = [cell_text(row[name]) for name in self._columns]
        for place, text in enumerate(cells):
            if _SPECIAL.search(text):  # few are
                cells[place] = self._special(text)
        return ",".join(cells) + "\r\n"

    def _special(self, text: str) -> str:
        if self._guard and _GUARDED.match(text):
            self.guarded += 1
            text = f"'{text}"
        if _QUOTED.search(text):
            return '"' + text.replace('"', '""') + '"'
        return text


def cell_text(value: Any) -> str:
    """Return a value as a cell: booleans 1/0, absent empty, lists joined by ``; ``."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list | tuple):
        return "; ".join(map(cell_text, value))
    return str(value)

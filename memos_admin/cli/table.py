"""Tables for a terminal: aligned by cells, cut with ``…``, every text through the display gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from memos_admin.backend.display import one_line, pad, printable

_GAP = "  "
_MEASURED = 200
"""So many rows are read before the first is written; later ones take the widths of these."""

_WIDEST = 4096
"""Cells; more of one text is never looked at."""


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        title: its header.
        value: the raw text of a row; it is made safe here.
        right: aligned to the right, for numbers.
        least: where the width is short, it may be narrowed to this; None: never.
        gives: where that is not enough, the column with the highest number goes first; 0 stays.
    """

    title: str
    value: Callable[[Mapping[str, Any]], str]
    right: bool = False
    least: int | None = None
    gives: int = 0


def text(name: str, title: str, *, least: int | None = None, gives: int = 0) -> Column:
    """Return a column of a text field."""
    return Column(title, lambda row: _words(row[name]), least=least, gives=gives)


def number(name: str, title: str, *, gives: int = 0) -> Column:
    """Return a column of a number, with separators."""
    return Column(title, lambda row: _figure(row[name]), right=True, gives=gives)


def instant(name: str, title: str, *, gives: int = 0) -> Column:
    """Return a column of a time: ``2025-09-17 07:58Z``."""
    return Column(title, lambda row: minute(row[name]), gives=gives)


def minute(utc: str | None) -> str:
    """Return ``2025-09-17 07:58Z`` of ``2025-09-17T07:58:05.922Z``, ``""`` of None."""
    return f"{utc[:10]} {utc[11:16]}Z" if utc else ""


def table_lines(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[Column], width: int
) -> Iterator[str]:
    """Yield the header and a line for each row; nothing where there are no rows."""
    source = iter(rows)
    first = list(islice(source, _MEASURED))
    if not first:
        return
    if len(first) < _MEASURED:
        # All rows are known: a column in which nothing stands only takes room.
        columns = [column for column in columns if any(column.value(row) for row in first)]
    natural = [_natural(column, first) for column in columns]
    kept = _layout(columns, natural, width)
    yield _line([(column.title, column, cells) for column, cells in kept])
    for row in chain(first, source):
        yield _line([(column.value(row), column, cells) for column, cells in kept])


def fact_lines(facts: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """Yield ``name  value`` lines with aligned values; long values go on below, nothing is cut."""
    from memos_admin.backend.wrapping import wrap

    indent = max((len(name) for name, _ in facts), default=0) + len(_GAP)
    for name, value in facts:
        shown = printable(value, newlines=True).expandtabs(4)
        for at, (start, end) in enumerate(wrap(shown, max(width - indent, 20))):
            yield pad("" if at else name, indent) + shown[start:end]


def _natural(column: Column, rows: Sequence[Mapping[str, Any]]) -> int:
    from rich.cells import cell_len

    cells = (cell_len(one_line(column.value(row), _WIDEST)) for row in rows)
    return max(cell_len(column.title), *cells)


def _layout(
    columns: Sequence[Column], natural: Sequence[int], width: int
) -> list[tuple[Column, int]]:
    """Return the columns that fit, each with its cells."""
    kept = list(zip(columns, natural, strict=True))
    while _least(kept) > width:
        leaving = max(kept, key=lambda item: item[0].gives)
        if leaving[0].gives == 0:
            break
        kept.remove(leaving)
    room = width - len(_GAP) * (len(kept) - 1)
    cells = [cells for _, cells in kept]
    floors = [_floor(column, natural) for column, natural in kept]
    while sum(cells) > room:
        # The widest column that may still shrink loses what it has over the next widest.
        able = [at for at in range(len(kept)) if cells[at] > floors[at]]
        if not able:
            break
        widest = max(able, key=cells.__getitem__)
        others = [cells[at] for at in able if at != widest]
        target = max(floors[widest], min(max(others, default=0), cells[widest] - 1))
        cells[widest] = max(target, cells[widest] - (sum(cells) - room))
    return [(column, size) for (column, _), size in zip(kept, cells, strict=True)]


def _floor(column: Column, natural: int) -> int:
    return natural if column.least is None else min(natural, column.least)


def _least(kept: Sequence[tuple[Column, int]]) -> int:
    return sum(_floor(*item) for item in kept) + len(_GAP) * (len(kept) - 1)


def _line(cells: Sequence[tuple[str, Column, int]]) -> str:
    parts = [pad(one_line(text, size), size, right=column.right) for text, column, size in cells]
    return _GAP.join(parts).rstrip()


def _words(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:,}"

"""Tables for a terminal: aligned by cells, cut with ``…``, every text through the display gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from memos_admin.backend.display import one_line, pad, printable

_GAP = "  "
_BELOW, _BETWEEN = "    ", " · "
_MEASURED = 200
"""So many rows are read before the first is written; later ones take the widths of these."""

_DOUBTED = {"most": "≤", "about": "~"}
"""What stands before a number of memories of which some are in doubt, by its bound."""

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
        below: where not all columns fit, it stands on a line below, with the others of these, instead.
    """

    title: str
    value: Callable[[Mapping[str, Any]], str]
    right: bool = False
    least: int | None = None
    gives: int = 0
    below: bool = False


def text(
    name: str, title: str, *, least: int | None = None, gives: int = 0, below: bool = False
) -> Column:
    """Return a column of a text field."""
    return Column(title, lambda row: _words(row[name]), least=least, gives=gives, below=below)


def number(name: str, title: str, *, gives: int = 0) -> Column:
    """Return a column of a number, with separators."""
    return Column(title, lambda row: _figure(row[name]), right=True, gives=gives)


def at_least(name: str, title: str, *, gives: int = 0) -> Column:
    """Return a column of a number that is a lower bound where `bound` says so: ``1,000+``, or ``?`` of none.

    That some are in doubt does not concern it: `bounded` tells of what can be.
    """

    def told(row: Mapping[str, Any]) -> str:
        if row["bound"] in {"exact", "most"}:
            return _figure(row[name])
        return f"{row[name]:,}+" if row[name] else "?"

    return Column(title, told, right=True, gives=gives)


def bounded(name: str, title: str, *, gives: int = 0) -> Column:
    """Return a column of a number of memories: as `at_least`, ``≤1,000`` or ``~1,000`` where some are in doubt."""
    least = at_least(name, title)

    def told(row: Mapping[str, Any]) -> str:
        sign = _DOUBTED.get(row["bound"])
        return least.value(row) if sign is None else f"{sign}{row[name]:,}"

    return Column(title, told, right=True, gives=gives)


def instant(name: str, title: str, *, gives: int = 0, below: bool = False) -> Column:
    """Return a column of a time: ``2025-09-17 07:58Z``."""
    return Column(title, lambda row: minute(row[name]), gives=gives, below=below)


def minute(utc: str | None) -> str:
    """Return ``2025-09-17 07:58Z`` of ``2025-09-17T07:58:05.922Z``, ``""`` of None."""
    return f"{utc[:10]} {utc[11:16]}Z" if utc else ""


def table_lines(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[Column], width: int
) -> Iterator[str]:
    """Yield the header and a line for each row, perhaps with others below it; nothing where there are no rows."""
    source = iter(rows)
    first = list(islice(source, _MEASURED))
    if not first:
        return
    if len(first) < _MEASURED:
        # All rows are known: a column in which nothing stands only takes room.
        columns = [column for column in columns if any(column.value(row) for row in first)]
    beside = [(column, _natural(column, first)) for column in columns]
    below: list[Column] = []
    if _least(beside) > width:
        below = [column for column in columns if column.below]
        beside = [item for item in beside if not item[0].below]
    kept = _layout(beside, width)
    yield _line([(column.title, column, cells) for column, cells in kept])
    yield from _lines_below([column.title for column in below], width)
    for row in chain(first, source):
        yield _line([(column.value(row), column, cells) for column, cells in kept])
        yield from _lines_below([column.value(row) for column in below], width)


def fact_lines(facts: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """Yield ``name  value`` lines with aligned values; long values go on below, nothing is cut."""
    from memos_admin.backend.wrapping import wrap

    indent = max((len(name) for name, _ in facts), default=0) + len(_GAP)
    for name, value in facts:
        shown = printable(value, newlines=True).expandtabs(4)
        for at, (start, end) in enumerate(wrap(shown, max(width - indent, 20))):
            yield pad("" if at else name, indent) + shown[start:end]


def folded(parts: Sequence[str], width: int, first: str = "", then: str = _BELOW) -> Iterator[str]:
    """Yield texts behind each other in lines of a width, none broken.

    Args:
        parts: raw; they are made safe here.
        width: cells of a line.
        first: the indent of the first line.
        then: that of the others.
    """
    from rich.cells import cell_len

    line = ""
    for part in parts:
        shown = one_line(part, width - max(len(first), len(then)))
        if line and cell_len(line + _BETWEEN + shown) <= width:
            line += _BETWEEN + shown
            continue
        if line:
            yield line
        line = (then if line else first) + shown
    if line:
        yield line


def _lines_below(texts: Sequence[str], width: int) -> Iterator[str]:
    return folded([text for text in texts if text], width, _BELOW)


def _natural(column: Column, rows: Sequence[Mapping[str, Any]]) -> int:
    from rich.cells import cell_len

    cells = (cell_len(one_line(column.value(row), _WIDEST)) for row in rows)
    return max(cell_len(column.title), *cells)


def _layout(columns: Sequence[tuple[Column, int]], width: int) -> list[tuple[Column, int]]:
    """Return the columns that fit, each with its cells, of all with those that they would have."""
    kept = list(columns)
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

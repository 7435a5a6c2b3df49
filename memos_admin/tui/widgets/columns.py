"""Columns of a list: what stands in them, and which of them fit. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from rich.cells import cell_len

from memos_admin.backend.display import both_ends, one_line, pad
from memos_admin.language import gettext as _
from memos_admin.tui.widgets.line_view import Piece, fit

R = TypeVar("R")

GAP = " "
"""Between two columns."""

_BETWEEN = " · "
_ROOMY = 30
"""Cells of a column from which on a mark beside words is no loss."""


MARGIN = "  "
"""Before the first one: the cursor and the bar of a marked row stand there."""


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column of a list.

    Attributes:
        name: in English; it is translated in the heading, which is never cut.
        text: (row, now, names of the columns shown) → text, from outside or not: it is gated here.
        width: cells, or what returns them; 0: takes what the others leave.
        gives_way: columns give way in this order when it is narrow; 0: never.
        style: name of a style, or a function of the row.
        mark: stands behind the name in the heading: how the list is sorted by it.
        is_id: where it is too long, both its ends stay.
        tail: (row, names of the columns shown) → what stands behind an id, and is never cut.
        least: cells that the wide column has beside it, or it gives way; 0: as the list says.
        narrowest: cells that it shrinks to before the wide column has too few; 0: it does not.
        drawn: how many of the characters that it begins with are a bar, which has the accent.
        before: (row, names of the columns shown) → words before the text, which leave it the larger part.
        grows: it is as wide as what stands in it in the rows at hand where that is more.
        fills: (row, cells) → what stands in it instead of the text, made for the room that it has.
    """

    name: str
    text: Callable[[R, int, Collection[str]], str] = lambda _row, _now, _shown: ""
    width: int | Callable[[], int] = 0
    right: bool = False
    gives_way: int = 0
    style: str | Callable[[R], str] = ""
    mark: str = ""
    is_id: bool = False
    tail: Callable[[R, Collection[str]], str] = lambda _row, _shown: ""
    least: int = 0
    narrowest: int = 0
    drawn: Callable[[R], int] = lambda _row: 0
    before: Callable[[R, Collection[str]], Sequence[str]] = lambda _row, _shown: ()
    grows: bool = False
    fills: Callable[[R, int], str] | None = None

    @property
    def heading(self) -> str:
        """What stands above it."""
        return _(self.name) + self.mark

    @property
    def cells(self) -> int:
        """How wide it is; 0: it takes what the others leave."""
        width = self.width if isinstance(self.width, int) else self.width()
        return width and max(width, cell_len(self.heading))

    def holding(self, rows: Iterable[R], now: int) -> Column[R]:
        """Return the column as wide as these rows need it, where it grows."""
        if not self.grows:
            return self
        widest = max((cell_len(self.text(row, now, ())) for row in rows), default=0)
        return replace(self, width=max(self.cells, widest))


def fitting(columns: Sequence[Column[R]], width: int, least: int) -> list[tuple[Column[R], int]]:
    """Return the columns that fit into `width` cells, with their widths.

    Columns give way until the wide one has at least `least` cells.
    """
    columns = list(columns)
    leaving = sorted((c for c in columns if c.gives_way), key=lambda c: c.gives_way)

    def rest() -> int:
        gaps = len(GAP) * (len(columns) - 1)
        return width - len(MARGIN) - gaps - sum(column.cells for column in columns)

    while leaving and rest() < (leaving[0].least or least):
        columns.remove(leaving.pop(0))
    lacks = max(0, least - rest())
    widths = [
        max(column.narrowest, cell_len(column.heading), column.cells - lacks)
        if column.narrowest
        else column.cells
        for column in columns
    ]
    left = width - len(MARGIN) - len(GAP) * (len(columns) - 1) - sum(widths)
    return [(column, cells or max(0, left)) for column, cells in zip(columns, widths, strict=True)]


def heading(shown: Sequence[tuple[Column[R], int]]) -> list[Piece]:
    """Return the pieces of the heading of these columns."""
    pieces: list[Piece] = [(MARGIN, "")]
    for column, cells in shown:
        pieces.append((fit(column.heading, cells, right=column.right), "dim"))
        pieces.append((GAP, ""))
    return pieces[:-1]


def heading_at(shown: Sequence[tuple[Column[R], int]], x: int) -> str | None:
    """Return the name of the column at a cell of the heading; None behind the last one."""
    end = len(MARGIN)
    for column, cells in shown:
        end += cells + len(GAP)
        if x < end:
            return column.name
    return None


def cell(column: Column[R], row: R, now: int, names: Collection[str], cells: int) -> str:
    """Return what stands in a column of a row, exactly `cells` wide."""
    text = column.text(row, now, names) if column.fills is None else column.fills(row, cells)
    if words := [word for word in column.before(row, names) if word]:
        text = _BETWEEN.join([*_fitting_words(words, cells), text])
    if column.is_id:
        tail = column.tail(row, names)
        text = both_ends(text, cells - cell_len(tail)) + tail
    return fit(text, cells, right=column.right)


def _fitting_words(words: Sequence[str], cells: int) -> list[str]:
    """Return the words that leave room for a text in so many cells.

    The first has up to a half of them, all together up to two fifths, or a half where the last one fits
    then; a mark stands for the others where it does not take room from the text that it needs.
    """
    some = [one_line(words[0], cells // 2)]
    for number, word in enumerate(words[1:], 2):
        most = cells // 2 if number == len(words) else cells * 2 // 5
        if cell_len(_BETWEEN.join([*some, word])) > most:
            return [*some, "…"] if cells >= _ROOMY else some
        some.append(word)
    return some


def in_columns(rows: Sequence[tuple[str, str]], most: int = 32) -> list[str]:
    """Return pairs of a text and a number as lines with the numbers below each other.

    Texts are gated, and cut behind `most` cells.
    """
    texts = [one_line(text, most) for text, _number in rows]
    width = max(map(cell_len, texts), default=0)
    numbers = max((cell_len(number) for _text, number in rows), default=0)
    return [
        f"{pad(text, width)}  {pad(number, numbers, right=True)}"
        for text, (_text, number) in zip(texts, rows, strict=True)
    ]

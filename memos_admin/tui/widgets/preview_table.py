"""The first rows of a table, each cell cut to its column; sideways by columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from memos_admin.backend.display import one_line
from memos_admin.tui.widgets.line_view import LineView, Piece, fit

_WIDEST = 48
_REPEATED = 10
"""Cells of a column of ids, or that says the same in every row."""
_BETWEEN = 2
_LEAST = 6
"""Cells of a column that are worth showing."""


class PreviewTable(LineView, can_focus=True):
    """A small table whose header stays. Cells are from outside: they are gated here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "column(1)", show=False),
        Binding("left,h", "column(-1)", show=False),
        Binding("down,j", "row(1)", show=False),
        Binding("up,k", "row(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    class Moved(Message):
        """Other columns are shown."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._columns: tuple[str, ...] = ()
        self._rows: list[tuple[str, ...]] = []
        self._widths: list[int] = []
        self._first = 0

    def show(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show rows; without columns each is one text."""
        same = tuple(columns) == self._columns
        self._columns = tuple(columns)
        number = len(columns) or 1
        width = _WIDEST if columns else 10_000
        # Cut once: what is drawn again and again is short then.
        self._rows = [tuple(one_line(cell, width) for cell in row) for row in rows]
        self._widths = [self._width(place) for place in range(number)]
        self._first = min(self._first, number - 1) if same else 0
        self.set_lines(len(self._rows) + bool(self._columns))
        self.jump_to(0)
        self.refresh()
        self.post_message(self.Moved())

    def _width(self, place: int) -> int:
        cells = [row[place] for row in self._rows]
        width = max(map(cell_len, cells), default=0)
        if not self._columns:
            return width
        if self._columns[place].endswith("_id") or (len(cells) > 1 and len(set(cells)) == 1):
            width = min(width, _REPEATED)
        return min(_WIDEST, max(width, min(cell_len(self._columns[place]), _REPEATED)))

    @property
    def shown(self) -> tuple[int, int, int]:
        """The first and last column on the screen, from 1, and how many there are."""
        last = self._first + len(self._visible(self.line_width))
        return self._first + 1, last, len(self._columns)

    def _visible(self, width: int) -> list[tuple[int, int]]:
        """Return (column, cells) of what fits, the last one cut where that is worth it."""
        found: list[tuple[int, int]] = []
        room = width - 1
        for place in range(self._first, len(self._widths)):
            cells = min(self._widths[place], room)
            if found and cells < min(_LEAST, self._widths[place]):
                break
            found.append((place, max(1, cells)))
            room -= cells + _BETWEEN
        return found

    def render_line(self, y: int) -> Strip:
        """Draw the header, and below it the rows."""
        width = self.size.width
        header = bool(self._columns)
        if header and y == 0:
            cells, style = self._columns, "dim"
        else:
            at = y - header + round(self.scroll_y)
            if not 0 <= at < len(self._rows):
                return self.blank(width)
            cells, style = self._rows[at], ""
        pieces: list[Piece] = [(" ", "")]
        pieces += [
            (fit(cells[place], wide) + " " * _BETWEEN, style)
            for place, wide in self._visible(self.line_width)
        ]
        return self.strip(pieces, width).crop(0, width)

    def action_column(self, step: int) -> None:
        """Go a column to the right or left."""
        last = len(self._widths) - 1
        while last > 0 and sum(w + _BETWEEN for w in self._widths[last - 1 :]) < self.line_width:
            last -= 1
        self._first = max(0, min(self._first + step, last))
        self.refresh()
        self.post_message(self.Moved())

    def action_row(self, step: int) -> None:
        """Scroll by a row; from the first one up to what is above."""
        if step < 0 and round(self.scroll_y) == 0:
            self.screen.focus_previous()
        self.jump_to(round(self.scroll_y) + step)

    def action_page(self, step: int) -> None:
        """Scroll by a page."""
        self.action_row(step * max(1, self.size.height - 2))

    def on_resize(self) -> None:
        """Tell which columns are seen now."""
        self.post_message(self.Moved())

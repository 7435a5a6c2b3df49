"""What was found, a line each: some hundred at most, each drawn by itself, with headings between.

The focus stays in the field that is typed in: the keys of the list are the screen's.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.message import Message
from textual.strip import Strip

from memos_admin.backend.times import now_ms
from memos_admin.tui.widgets.line_view import LineView, Piece


@dataclass(frozen=True)
class Row:
    """A line.

    Attributes:
        pieces: (width, now) → gated pieces of at most that width.
        key: what stands there, by which the cursor knows it again; None: a heading.
        value: what is opened.
    """

    pieces: Callable[[int, int], list[Piece]]
    key: Hashable | None = None
    value: Any = None


class Results(LineView):
    """Lines with a cursor that passes over headings."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._rows: Sequence[Row] = ()
        self._now = now_ms()
        self.cursor = -1

    @dataclass
    class Highlighted(Message):
        """The cursor came to another row; None where there is none."""

        row: Row | None
        by_hand: bool

    @dataclass
    class Entered(Message):
        """A person wants to open a row."""

        row: Row

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if 0 <= self.cursor < len(self._rows) else None

    @property
    def rows(self) -> Sequence[Row]:
        """All rows with the headings."""
        return self._rows

    def show(self, rows: Sequence[Row], *, prefer: Sequence[Hashable] = ()) -> None:
        """Show rows, the cursor on the first of the keys `prefer` that is there, else on top.

        A row that stays under the cursor stays on its line of the screen.
        """
        before = self.row
        offset = self.cursor - round(self.scroll_y)
        self._rows, self._now = rows, now_ms()
        self.set_lines(len(rows))
        places = [index for index, row in enumerate(rows) if row.key is not None]
        known = {rows[index].key: index for index in reversed(places)}
        wished = (known[key] for key in prefer if key in known)
        self.cursor = next(wished, places[0] if places else -1)
        stays = before is not None and self.row is not None and before.key == self.row.key
        self.jump_to(self.cursor - offset if stays else 0)
        self._reveal()
        self._tell(by_hand=False)

    def move(self, lines: int, *, around: bool = False) -> None:
        """Move the cursor by so many rows, headings not counted; `around` the ends if asked."""
        places = [index for index, row in enumerate(self._rows) if row.key is not None]
        if places:
            at = places.index(self.cursor) + lines
            self.cursor = places[at % len(places) if around else max(0, min(at, len(places) - 1))]
            self._reveal()
            self._tell(by_hand=True)

    def page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self.move(pages * max(1, self.size.height - 1))

    def enter(self) -> None:
        """Open the row under the cursor."""
        if (row := self.row) is not None:
            self.post_message(self.Entered(row))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row; a second click opens it."""
        index = round(self.scroll_y) + event.y
        if not 0 <= index < len(self._rows) or self._rows[index].key is None:
            return
        if index == self.cursor and event.chain > 1:
            self.enter()
        else:
            self.cursor = index
            self._reveal()
            self._tell(by_hand=True)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._reveal()

    def _reveal(self) -> None:
        """Show the cursor, with the heading right above it."""
        if self.cursor >= 0:
            above = self.cursor > 0 and self._rows[self.cursor - 1].key is None
            self.show_line(self.cursor - above, self.cursor + 1)
        self.refresh()

    def _tell(self, *, by_hand: bool) -> None:
        self.post_message(self.Highlighted(self.row, by_hand))

    def render_line(self, y: int) -> Strip:
        """Return the line `y` of what is visible."""
        width, index = self.line_width, round(self.scroll_y) + y
        if index >= len(self._rows):
            return self.blank(width)
        row, chosen = self._rows[index], index == self.cursor
        sign = (">", "accent strong") if chosen else (" ", "")
        pieces = [sign, (" ", ""), *row.pieces(max(0, width - 2), self._now)]
        return self.strip(pieces, width, "cursor" if chosen else "")

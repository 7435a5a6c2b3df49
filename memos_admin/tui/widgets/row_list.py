"""One-line rows over a source: any number of them, since only a few windows are ever in memory.

Keys of rows come as one ``array('q')``; rows come in windows of `WINDOW`, read in the reader's
thread. The cursor belongs to a key, not to a line: a refresh leaves it on its row.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from textual import events
from textual.cache import LRUCache
from textual.message import Message
from textual.strip import Strip

from memos_admin.backend.times import now_ms
from memos_admin.tui import background
from memos_admin.tui.reader import Reader
from memos_admin.tui.widgets.columns import GAP, Column, cell, fitting, heading, heading_at
from memos_admin.tui.widgets.line_view import LineView, Piece
from memos_admin.tui.widgets.row_source import (
    BEGINNING,
    WINDOW,
    Beginning,
    LongSource,
    Part,
    RowSource,
    View,
    owner,
    read_part,
)

KEPT_WINDOWS = 16

R = TypeVar("R")


class RowList(LineView, Generic[R], can_focus=True):
    """A list with a cursor, a heading and columns that give way where it is narrow."""

    BINDING_GROUP_TITLE = "List"

    def __init__(
        self,
        columns: Sequence[Column[R]],
        key: Callable[[R], int],
        *,
        id: str,  # noqa: A002 - Textual's name
        least: int = 14,
        row_style: Callable[[R], str] = lambda _: "",
    ) -> None:
        """Make an empty list; `least` is the width below which columns give way to the wide one."""
        super().__init__(id=id)
        self._columns, self._key, self._least, self._row_style = columns, key, least, row_style
        self._held: Sequence[Column[R]] = columns
        self._source: RowSource[R] | None = None
        self._reader: Reader | None = None
        self._keys: array[int] = array("q")
        self._rows: OrderedDict[int, dict[int, R]] = OrderedDict()
        self._wanted: set[int] = set()
        self._strips: LRUCache[object, Strip] = LRUCache(512)
        self._told: tuple[int, R] | None = None
        self._marks: frozenset[int] = frozenset()
        self._loads = 0
        self._to_end = False
        self._left_on: int | None = None
        self.cursor = 0
        self.more = False
        """Whether more rows follow, whose keys are still being read."""

    @dataclass
    class Highlighted(Message):
        """The cursor came to another row, or its row changed; None where none is there, or not yet."""

        list: RowList[Any]
        row: object | None
        by_hand: bool

        @property
        def control(self) -> RowList[Any]:
            """The list that says so."""
            return self.list

    @dataclass
    class Entered(Message):
        """A person wants to go into a row."""

        list: RowList[Any]
        row: object

        @property
        def control(self) -> RowList[Any]:
            """The list that says so."""
            return self.list

    @dataclass
    class HeadingClicked(Message):
        """A person clicked the heading of a column."""

        list: RowList[Any]
        column: str

        @property
        def control(self) -> RowList[Any]:
            """The list that says so."""
            return self.list

    @dataclass
    class Unread(Message):
        """Rows that are to be seen could not be read; they are read again with the whole list."""

        list: RowList[Any]
        error: Exception

    # -- what it holds ---------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._keys)

    def __bool__(self) -> bool:
        """A widget is there even while it is empty."""
        return True

    @property
    def row(self) -> R | None:
        """The row under the cursor, None where there is none (or it is still being read)."""
        return self._row_at(self.cursor)

    @property
    def is_moving(self) -> bool:
        """Whether the cursor goes to an end, or its row is still being read."""
        return (self._to_end and self.more) or (len(self) > 0 and self.row is None)

    @property
    def cursor_key(self) -> int | None:
        """The key of the row under the cursor."""
        return self._keys[self.cursor] if self._keys else None

    @property
    def keys(self) -> array[int]:
        """The keys of all rows, in order."""
        return self._keys

    @property
    def source(self) -> RowSource[R] | None:
        """What is shown."""
        return self._source

    @property
    def shown_rows(self) -> list[R]:
        """The rows that are in memory, in no particular order."""
        return [row for window in self._rows.values() for row in window.values()]

    def shows(self, name: str) -> bool:
        """Whether there is room for a column."""
        return any(column.name == name for column, _ in self._fitting(self.line_width))

    @property
    def seen_rows(self) -> list[R]:
        """The rows that are on the screen, in order, as far as they are in memory."""
        top = round(self.scroll_y)
        found = (self._row_at(index) for index in range(top, top + max(0, self.size.height - 1)))
        return [row for row in found if row is not None]

    def is_elsewhere(self, row: R | None) -> bool:
        """Whether the cursor is not on this row (None: on none, or one that is still being read)."""
        return self.row is not None if row is None else self.cursor_key != self._key(row)

    def _row_at(self, index: int) -> R | None:
        if not 0 <= index < len(self._keys):
            return None
        window = self._rows.get(index // WINDOW)
        return None if window is None else window.get(self._keys[index])

    async def load(
        self,
        reader: Reader,
        source: RowSource[R],
        *,
        prefer: Sequence[int] = (),
        at: int | None = None,
    ) -> bool:
        """Show a source; nothing of another owner is shown until then.

        Returns whether it is what is shown now: not where something else was asked for meanwhile.

        Where it cannot be read what was shown of another source goes as well: it is not what is asked
        for. The cursor stays on its row where the source has it; else it goes to the first of `prefer`
        that is there; else it stays on its line, or goes to the first one of another source. With
        `at` it goes to the row with that key before all, and nothing is told: who asks knows it.

        Raises what reading raises.
        """
        self.turn_to(source)
        self._loads += 1
        load = self._loads
        try:
            return await self._load(reader, source, load, prefer=prefer, at=at)
        except Exception:
            if load == self._loads:
                self._to_end = False
                if source != self._source:
                    self._forget()
                    self._tell(by_hand=False)
            raise

    async def _load(
        self,
        reader: Reader,
        source: RowSource[R],
        load: int,
        *,
        prefer: Sequence[int],
        at: int | None,
    ) -> bool:
        same = source == self._source
        view = self._view(at, prefer, same=same)
        if not same and at is None and isinstance(source, LongSource):
            here = self._wish
            begun = await reader(read_part, Beginning(source), view)
            if load != self._loads:
                return False
            keys, index, _ = begun
            self.more = len(keys) == BEGINNING
            if not self.more or here is None or keys[index] == here:
                self._show(reader, source, begun, 0)
                self._tell(by_hand=False)
                if self.more:
                    background.arrived()
                    return await self.load(reader, source)
                return True
        all_keys = None
        if isinstance(source, LongSource) and (at is not None or len(self._keys) >= BEGINNING):
            all_keys = await reader.aside(source.keys)
            view = self._view(at, prefer, same=same)  # it may have been moved meanwhile
        here = self.cursor_key
        read = await reader(read_part, source, view, all_keys)
        if load != self._loads:  # a later load has been asked for: this one would be a step back
            return False
        self.more = False
        keys, index, windows = read
        line, top = view.line, view.top
        if same and (now := self.cursor_key) not in {here, None} and now in keys:
            index = keys.index(now)  # it was moved meanwhile
            line, top = self.cursor, round(self.scroll_y)
        if same and self._to_end:
            index, line, top = max(0, len(keys) - 1), self.size.height, 0
        self._show(reader, source, (keys, index, windows), line - top)
        if at is not None and self.cursor_key == at and self.row is not None:
            self._told = (at, self.row)
        else:
            self._tell(by_hand=False)
        return True

    def turn_to(self, source: RowSource[R]) -> bool:
        """Let go of rows of another owner than a source has; return whether any source is shown."""
        if self._source is not None and owner(self._source) != owner(source):
            self.empty()
        return self._source is not None

    def empty(self) -> None:
        """Hold nothing, whatever is being read: it is of what is no longer asked for. Tells nothing."""
        self._loads += 1
        self._forget()
        self._told = None

    def _forget(self) -> None:
        self._left_on = self._wish
        self._source, self._keys, self.cursor = None, array("q"), 0
        self._rows.clear()
        self._wanted.clear()
        self._measure()
        self._strips.clear()
        self.more = self._to_end = False
        self.set_lines(1)
        self.jump_to(0)
        self.refresh()

    @property
    def _wish(self) -> int | None:
        """The key that the cursor is on, or was on before the list was emptied."""
        return self._left_on if self.cursor_key is None else self.cursor_key

    def _view(self, at: int | None, prefer: Sequence[int], *, same: bool) -> View:
        """Return what to look at of a source; `same`: it is the one that is shown."""
        line, top = (self.cursor, round(self.scroll_y)) if same else (0, 0)
        wishes = [key for key in (at, self._wish) if key is not None] + [*prefer]
        return View(wishes, line, top, self.size.height)

    def _show(self, reader: Reader, source: RowSource[R], read: Part[R], offset: int) -> None:
        """Show what was read of a source; the cursor is to be `offset` lines below the first one."""
        keys, index, windows = read
        same = source == self._source
        moved = index != self.cursor or not same
        if not same:  # the same row of another list is news
            self._told = None
            self._to_end = False
        self._source, self._reader = source, reader
        self._keys, self.cursor = keys, index
        self._rows = OrderedDict(
            (number, {self._key(row): row for row in rows}) for number, rows in windows.items()
        )
        self._wanted.clear()
        self._measure()
        self._strips.clear()
        self._to_end = self._to_end and self.more
        self.set_lines(len(keys) + 1)
        if moved:
            self.jump_to(index - offset)
        self.show_line(self.cursor, self.cursor + 2)
        self.refresh()

    def take(self, other: RowList[R]) -> None:
        """Show at once what another list shows."""
        self._columns, self._source, self._reader = other._columns, other._source, other._reader
        self._keys, self._rows, self.cursor = other._keys, other._rows, other.cursor
        self.set_lines(len(self._keys) + 1)
        self._measure()
        self.redraw()

    async def reload(self) -> None:
        """Read the same source again."""
        if self._source is not None and self._reader is not None:
            await self.load(self._reader, self._source)

    def set_columns(self, columns: Sequence[Column[R]]) -> None:
        """Show other columns."""
        if columns != self._columns:
            self._columns = columns
            self._measure()
            self.redraw()

    def mark(self, keys: frozenset[int]) -> None:
        """Put a bar before the rows with these keys."""
        if keys != self._marks:
            self._marks = keys
            self._strips.clear()
            self.refresh()

    def redraw(self) -> None:
        """Draw anew: time has passed, or a theme changed."""
        self._strips.clear()
        self.refresh()

    # -- moving ----------------------------------------------------------------------------------

    def move_to(self, index: int, *, by_hand: bool = True) -> None:
        """Put the cursor on a row, as near as there is one."""
        index = max(0, min(index, len(self._keys) - 1))
        self.cursor, self._to_end = index, False
        self.show_line(index, index + 2)
        self.refresh()
        self._read_ahead()
        self._tell(by_hand=by_hand)

    def move_to_key(self, key: int) -> bool:
        """Put the cursor on the row with this key; False where there is none."""
        try:
            self.move_to(self._keys.index(key), by_hand=False)
        except ValueError:
            return False
        return True

    def action_move(self, lines: int) -> None:
        """Move the cursor by lines."""
        self.move_to(self.cursor + lines)

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self.move_to(self.cursor + pages * self._page)

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 2)

    def action_end(self, last: bool) -> None:
        """Move the cursor to the first or the last row, which may have to be read first."""
        self.move_to(len(self._keys) - 1 if last else 0)
        self._to_end = last and self.more

    def action_enter(self) -> None:
        """Go into the row under the cursor."""
        if (row := self.row) is not None:
            self.post_message(self.Entered(self, row))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row; a second click goes in. A heading is told about."""
        if event.y == 0:
            if (name := heading_at(self._fitting(self.line_width), event.x)) is not None:
                self.post_message(self.HeadingClicked(self, name))
            return
        index = round(self.scroll_y) + event.y - 1
        if index >= len(self._keys):
            return
        if index == self.cursor and event.chain > 1:
            self.action_enter()
        else:
            self.move_to(index)

    def _tell(self, *, by_hand: bool) -> None:
        """Say what is under the cursor, once for each thing to say."""
        row, key = self.row, self.cursor_key
        if row is None or key is None:
            if self._told is not None and self._told[0] != key:  # none, or one that is being read
                self._told = None
                self.post_message(self.Highlighted(self, None, by_hand))
            return
        if self._told != (key, row):
            self._told = (key, row)
            self.post_message(self.Highlighted(self, row, by_hand))

    # -- drawing ---------------------------------------------------------------------------------

    def watch_has_focus(self, _focused: bool) -> None:
        """Draw the cursor as it now is."""
        self.redraw()

    def notify_style_update(self) -> None:
        """Forget lines drawn in another style."""
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        """Return the line `y` of what is visible; the first one is the heading."""
        width = self.line_width
        if y == 0:
            shown = self._fitting(width)
            return self.strip(heading(shown), width)
        index = round(self.scroll_y) + y - 1
        if index >= len(self._keys):
            return self.blank(width)
        row = self._row_at(index)
        if row is None:
            self._want(index // WINDOW)
            return self.strip([("  …", "dim")], width)
        cursor = index == self.cursor
        key = (self._keys[index], width, cursor, self.has_focus)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._draw(row, width, cursor=cursor)
        return strip

    def _draw(self, row: R, width: int, *, cursor: bool) -> Strip:
        marked = self._key(row) in self._marks
        now, shown = now_ms(), self._fitting(width)
        names = {column.name for column, _ in shown}
        whole = self._row_style(row)
        pieces: list[Piece] = [
            (">" if cursor else " ", "accent strong"),
            ("▌" if marked else " ", "accent"),
        ]
        for column, cells in shown:
            style = column.style if isinstance(column.style, str) else column.style(row)
            text, drawn = cell(column, row, now, names, cells), column.drawn(row)
            pieces += [(text[:drawn], "accent")] if drawn else []
            pieces.append((text[drawn:], f"{whole} {style}"))
            pieces.append((GAP, ""))
        over = ("cursor" if self.has_focus else "blurred") if cursor else ""
        return self.strip(pieces[:-1], width, over)

    def _measure(self) -> bool:
        """Make columns that grow as wide as the rows in memory need them; return whether that is news."""
        before, rows, now = self._held, self.shown_rows, now_ms()
        self._held = [column.holding(rows, now) for column in self._columns]
        return [column.cells for column in before] != [column.cells for column in self._held]

    def _fitting(self, width: int) -> list[tuple[Column[R], int]]:
        """Return the columns that fit, a cell away from a scroll bar."""
        return fitting(self._held, width - self.show_vertical_scrollbar, self._least)

    def _read_ahead(self) -> None:
        """Read what another page up or down would show, so that it is there by then."""
        for index in (self.cursor - 2 * self._page, self.cursor + 2 * self._page):
            if 0 <= index < len(self._keys) and index // WINDOW not in self._rows:
                self._want(index // WINDOW)

    def _want(self, window: int) -> None:
        if window not in self._wanted and self._source is not None:
            self._wanted.add(window)
            background.start(
                self, partial(self._fetch, window), f"window {window}", exclusive=False
            )

    async def _fetch(self, window: int) -> None:
        if self._reader is None or self._source is None:
            return
        shown, keys = self._keys, self._keys[window * WINDOW : (window + 1) * WINDOW]
        try:
            rows = await self._reader(lambda reads, source: source.rows(reads, keys), self._source)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            if shown is self._keys:
                self.post_message(self.Unread(self, error))
            return
        if shown is not self._keys:
            return
        self._wanted.discard(window)
        self._rows[window] = {self._key(row): row for row in rows}
        while len(self._rows) > KEPT_WINDOWS:
            self._rows.popitem(last=False)
        if self._measure():
            self.redraw()
        top = round(self.scroll_y)
        if top // WINDOW <= window <= (top + self.size.height) // WINDOW:
            self.refresh()
        self._tell(by_hand=True)

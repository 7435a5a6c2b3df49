"""All that is known of one memory or one message."""

from __future__ import annotations

from textual.strip import Strip

from memos_admin.tui.detail_layout import DetailLine, Entry, lines
from memos_admin.tui.widgets.line_view import LineView

_STYLES = {
    "title": "strong",
    "dim": "dim",
    "heading": "strong",
    "warn": "warn",
    "accent": "accent",
}


class Detail(LineView, can_focus=True):
    """Entries, wrapped and scrolled."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._entries: list[Entry] = []
        self._lines: list[DetailLine] = []
        self._width = 0
        self._subject: object = None

    def show(self, subject: object, entries: list[Entry]) -> None:
        """Show entries about `subject`; stays where it is scrolled to if that is the same."""
        if entries == self._entries and subject == self._subject:
            return
        top = round(self.scroll_y) if subject == self._subject else 0
        self._subject, self._entries = subject, entries
        self._lay(top)

    def _lay(self, top: int) -> None:
        self._width = self.size.width - 2
        self._lines = lines(self._entries, min(self._width, 90)) if self._entries else []
        self.set_lines(len(self._lines))
        self.jump_to(top)
        self.refresh()

    def on_resize(self) -> None:
        """Wrap anew for the new width."""
        if self._width != self.size.width - 2:
            self._lay(round(self.scroll_y))

    def action_move(self, by: int) -> None:
        """Scroll by lines."""
        self.jump_to(round(self.scroll_y) + by)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        self.jump_to(round(self.scroll_y) + pages * max(1, self.size.height - 1))

    def action_end(self, last: bool) -> None:
        """Scroll to the first or the last line."""
        self.jump_to(len(self._lines) if last else 0)

    def render_line(self, y: int) -> Strip:
        """Return the line `y` of what is visible."""
        width, number = self.line_width, round(self.scroll_y) + y
        if number >= len(self._lines):
            return self.blank(width)
        label, text, kind = self._lines[number]
        return self.strip([(" ", ""), (label, "dim"), (text, _STYLES.get(kind, ""))], width)

"""Screens that are one view of lines: the keys that scroll it."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from memos_admin.tui.widgets.line_view import LineView

SCROLLS: tuple[BindingType, ...] = (
    Binding("down,j", "scroll(1)", show=False),
    Binding("up,k", "scroll(-1)", show=False),
    Binding("pagedown,ctrl+d,space", "page(1)", show=False),
    Binding("pageup,ctrl+u", "page(-1)", show=False),
    Binding("home,g", "end(False)", show=False),
    Binding("end,G", "end(True)", show=False),
)


class Scrolls:
    """Scrolls `_view`, which the screen has."""

    _view: LineView

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self._view.jump_to(round(self._view.scroll_y) + lines)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        self.action_scroll(pages * max(1, self._view.size.height - 1))

    def action_end(self, last: bool) -> None:
        """Scroll to the top or the end."""
        self._view.jump_to(self._view.virtual_size.height if last else 0)

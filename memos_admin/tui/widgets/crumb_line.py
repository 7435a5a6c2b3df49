"""The line that says where one is, where one pane is shown at a time. A click goes there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from memos_admin.tui.layout import crumbs
from memos_admin.tui.layout.crumbs import Crumb


class CrumbLine(Widget):
    """Users › a user › a conversation › Messages · Memories."""

    DEFAULT_CSS = "CrumbLine { height: 1; padding: 0 1; color: $text-muted; }"

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._ids: Sequence[Crumb] = ()
        self._tabs: Sequence[Crumb] = ()
        self._here = ""
        self._ends: list[tuple[int, str]] = []

    @dataclass
    class Chosen(Message):
        """A person clicked on what leads to a pane."""

        pane: str

    def show(self, ids: Sequence[Crumb], tabs: Sequence[Crumb], here: str) -> None:
        """Show a way, as `memos_admin.tui.layout.crumbs.fit` takes it; `here` is the pane that is shown."""
        if (ids, tabs, here) != (self._ids, self._tabs, self._here):
            self._ids, self._tabs, self._here = ids, tabs, here
            self.refresh()

    def render(self) -> Content:
        """Return the line."""
        if not self._tabs:
            return Content("")
        fitted = crumbs.fit(self._ids, self._tabs, self.size.width)
        content, self._ends = crumbs.line(fitted, len(self._tabs), self._here)
        return content

    def on_click(self, event: events.Click) -> None:
        """Tell which crumb is under the mouse."""
        x = event.x - self.styles.padding.left
        pane = next((pane for end, pane in self._ends if x < end), None)
        if pane is not None:
            self.post_message(self.Chosen(pane))

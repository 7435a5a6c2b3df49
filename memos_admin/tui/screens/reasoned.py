"""Screens with a list, and what is to be said of the row under the cursor below it or beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widget import Widget

from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.screens.over_list import Keys, OverList
from memos_admin.tui.widgets.prose import Wrapped
from memos_admin.tui.widgets.status_line import KeyLine, StatusLine

T = TypeVar("T")

Key = tuple[str, str, str]

WIDE = 140
"""Cells from which on the reason stands beside the list instead of below."""

LOW = 22
"""Lines below which the reason leaves more of them to the list."""

READS: tuple[BindingType, ...] = (
    Binding("space", "read(1)", show=False),
    Binding("b", "read(-1)", show=False),
)
"""The keys that scroll the reason."""


class WithReason(Container):
    """A list, and the reason below it or beside it.

    It has its own style: that of a screen is lost where another base class stands before it.
    """

    DEFAULT_CSS = """
    WithReason {
        height: 1fr; layout: vertical;
        & > Pane { height: 1fr; }
        & #why-frame {
            height: 45%; min-height: 9;
            border: round $border-blurred; border-title-color: $text-muted; padding: 0 1;
            scrollbar-size-vertical: 1;
        }
        &.low #why-frame { height: 40%; min-height: 4; }
        &.wide { layout: horizontal; }
        &.wide #why-frame { width: 45%; max-width: 96; height: 1fr; }
    }
    """


class Reasoned(OverList[T], inherit_bindings=False):
    """Screens of this kind put their pane into `_pane`, and what is to be said into `_why`.

    Attributes:
        reason: what stands above the reason.
    """

    reason: ClassVar[str] = N_("Why")

    def __init__(self) -> None:
        super().__init__()
        self._keys = KeyLine(id="keys")
        self._all_keys: list[Key] = []
        self._reads = True
        self._why = Wrapped(id="why")
        self._frame = VerticalScroll(self._why, id="why-frame", can_focus=False)

    def compose(self) -> ComposeResult:
        """Return the top line, what stands above the list, the list, the reason and the keys."""
        status = StatusLine(id="status", standing=self._session.standing)
        status.set_project(self._session.name, self._session.host)
        yield status
        yield from self.above()
        with WithReason():
            yield self._pane
            self._frame.border_title = Content(_(self.reason))
            yield self._frame
        yield self._keys

    def let_go(self) -> None:
        """Show no rows, and say nothing of one, until some are read."""
        super().let_go()
        self._why.show(Content(""))

    def above(self) -> Sequence[Widget]:
        """Return what stands between the top line and the list."""
        return ()

    def on_mount(self) -> None:
        """Tell the key that reads on while not all of the reason is seen."""
        self.watch(self._frame, "virtual_size", self._measure, init=False)
        self.watch(self._frame, "size", self._measure, init=False)

    def other_keys(self) -> Keys:
        """Return the keys that scroll the reason, too."""
        return (("space", _("read on"), "read(1)"), ("b", _("read back"), "read(-1)"))

    def _measure(self) -> None:
        self.call_after_refresh(self._show_all_keys)

    def on_resize(self, _event: events.Resize) -> None:
        """Put the reason beside the list where there is room, and leave some to the list where there is little."""
        size, both = self.app.size, self.query_one(WithReason)
        both.set_class(size.width >= WIDE, "wide")
        for node in (self, both):
            node.set_class(size.height < LOW, "low")

    def show_keys(self, keys: list[Key], *, reads: bool = True) -> None:
        """Show keys at the bottom, behind the first one that which reads on, where there is more to read.

        `reads`: that key works where the focus is.
        """
        self._all_keys, self._reads = keys, reads
        self._show_all_keys()

    def _show_all_keys(self) -> None:
        first, rest = self._all_keys[:1], self._all_keys[1:]
        reads_on = self._reads and self._frame.max_scroll_y
        more: list[Key] = [("space", _("read on"), "read(1)")] if reads_on else []
        self._keys.show([*first, *more, *rest])

    def action_read(self, pages: int) -> None:
        """Scroll the reason."""
        self._frame.scroll_relative(y=pages * max(1, self._frame.size.height - 1), animate=False)

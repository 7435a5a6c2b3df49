"""A text as a whole: a long message, the service's JSON, an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.strip import Strip

from memos_admin.backend.wrapping import wrap
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.reader import in_thread
from memos_admin.tui.transcript_layout import shown
from memos_admin.tui.widgets.line_view import LineView
from memos_admin.tui.widgets.pane import Pane

MOST_LINES = 50_000
"""Lines that are laid out; a file has the rest."""

QUICK = 50_000
"""Characters that are wrapped faster than anyone notices."""


class TextView(LineView, can_focus=True):
    """A text, wrapped and scrolled."""

    def __init__(self, text: str, *, longest: int) -> None:
        """Take a text from outside: it is gated here."""
        super().__init__()
        self._text, self._longest = shown(text), longest
        self._spans: list[tuple[int, int]] = []
        self._width = 0

    def on_resize(self) -> None:
        """Wrap for the new width, keeping the first visible line; a long text in a thread."""
        width = min(self.size.width - 3, self._longest)
        if width == self._width:
            return
        self._width = width
        if len(self._text) > QUICK:
            background.start(self, self._wrap_behind, "wrap")
        else:
            self._show(_spans(self._text, width))

    async def _wrap_behind(self) -> None:
        self._show(await in_thread(_spans, self._text, self._width))

    def _show(self, spans: list[tuple[int, int]]) -> None:
        first = self._spans[round(self.scroll_y)][0] if self._spans else 0
        self._spans = spans
        self.set_lines(len(spans))
        self.jump_to(next((i for i, span in enumerate(spans) if span[1] >= first), 0))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line `y` of what is visible."""
        width, number = self.line_width, round(self.scroll_y) + y
        if number >= len(self._spans):
            return self.blank(width)
        start, end = self._spans[number]
        return self.strip([(" ", ""), (self._text[start:end], "")], width)


def _spans(text: str, width: int) -> list[tuple[int, int]]:
    return list(islice(wrap(text, width), MOST_LINES))


class Viewer(Screen[None], inherit_bindings=False):
    """One text on the whole screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,left,h,exclamation_mark", "dismiss(None)", show=False),
        Binding("R", "more('raw')", show=False),
        Binding("ctrl+g", "more('jump')", show=False),
        Binding("question_mark", "more('help')", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,ctrl+d,space", "page(1)", show=False),
        Binding("pageup,ctrl+u", "page(-1)", show=False),
        Binding("home,g", "end(False)", show=False),
        Binding("end,G", "end(True)", show=False),
        Binding("y,Y", "copy", show=False),
    ]

    def __init__(
        self,
        title: str,
        text: str,
        *,
        longest: int = 100,
        copy: Callable[[str], None],
        more: Mapping[str, Callable[[], None]],
    ) -> None:
        """Take a text from outside.

        Args:
            title: of the text.
            text: gated here.
            longest: cells of a line.
            copy: copies the text.
            more: what goes on from here: ``jump``, ``help``, and ``raw`` where there is JSON behind it.
        """
        super().__init__()
        self._title, self._text, self._copy, self._more = title, text, copy, more
        self._view = TextView(text, longest=longest)

    def compose(self) -> ComposeResult:
        """Return the text in a frame."""
        pane = Pane(self._title, self._view, id="viewer")
        pane.set_count(_("escape back · y copy"))
        yield pane

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self._view.jump_to(round(self._view.scroll_y) + lines)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        self.action_scroll(pages * max(1, self._view.size.height - 1))

    def action_end(self, last: bool) -> None:
        """Scroll to the top or the end."""
        self._view.jump_to(self._view.virtual_size.height if last else 0)

    def action_more(self, name: str) -> None:
        """Go on to something else, over this; leave where this is the last of it."""
        if name in self._more:
            self._more[name]()
        else:
            self.dismiss(None)

    def action_copy(self) -> None:
        """Copy the text."""
        self._copy(self._text)

"""A text as a whole: a long message, the service's JSON, an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.strip import Strip

from memos_admin.backend import display
from memos_admin.backend.wrapping import wrap
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.layout.transcript import shown
from memos_admin.tui.reader import in_thread
from memos_admin.tui.screen_safe import titled
from memos_admin.tui.screens.scrolls import SCROLLS, Scrolls
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.line_view import LineView
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.words import phrases

if TYPE_CHECKING:
    from memos_admin.tui.session import Session

MOST_LINES = 50_000
"""Lines that are laid out; a file has the rest."""

QUICK, QUICK_MASKED = 50_000, 4_000
"""Characters that are gated and wrapped faster than anyone notices, without and with masks."""


class TextView(LineView, can_focus=True):
    """A text, wrapped and scrolled."""

    def __init__(self, text: str, *, longest: int, laid: Callable[[bool], None]) -> None:
        """Take a text from outside: it is gated here; `laid` is told whether there is something to see."""
        super().__init__()
        self._raw, self._longest, self._laid = text, longest, laid
        self._text: str | None = None
        self._spans: list[tuple[int, int]] = []
        self._width = 0

    def on_resize(self) -> None:
        """Wrap for the new width, keeping the first visible line; a long text in a thread."""
        width = min(self.size.width - 3, self._longest)
        if width != self._width:
            self._width = width
            self._lay()

    def lay_anew(self) -> None:
        """Gate and wrap anew, since something else is masked; what was drawn before is gone at once."""
        self._text = None
        self.refresh()
        self._lay()

    def _lay(self) -> None:
        if len(self._raw) > (QUICK if display.veil() is None else QUICK_MASKED):
            self._laid(self._text is not None)
            background.start(self, self._lay_behind, "wrap", awaited=True)
        else:
            self._show(*_laid_out(self._raw, self._text, self._width))

    async def _lay_behind(self) -> None:
        self._show(*await in_thread(_laid_out, self._raw, self._text, self._width))

    def _show(self, text: str, spans: list[tuple[int, int]]) -> None:
        top = min(round(self.scroll_y), len(self._spans) - 1)
        first = self._spans[top][0] if self._spans else 0
        self._text, self._spans = text, spans
        self._laid(True)
        self.set_lines(len(spans))
        self.jump_to(next((i for i, span in enumerate(spans) if span[1] >= first), 0))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line `y` of what is visible."""
        width, number = self.line_width, round(self.scroll_y) + y
        if number >= len(self._spans) or self._text is None:
            return self.blank(width)
        start, end = self._spans[number]
        return self.strip([(" ", ""), (self._text[start:end], "")], width)


def _laid_out(raw: str, gated: str | None, width: int) -> tuple[str, list[tuple[int, int]]]:
    """Return a text gated, if it is not yet, and the lines of it."""
    text = shown(raw) if gated is None else gated
    return text, list(islice(wrap(text, width), MOST_LINES))


class Viewer(Scrolls, CopiesCommand, Veiled, Screen[None], inherit_bindings=False):
    """One text on the whole screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,left,h,exclamation_mark", "dismiss(None)", show=False),
        Binding("R", "more('raw')", show=False),
        Binding("ctrl+g", "more('jump')", show=False),
        Binding("question_mark", "more('help')", show=False),
        *SCROLLS,
        Binding("y,Y", "copy", show=False),
        COPY,
    ]
    _view: TextView

    def __init__(
        self,
        title: str,
        text: str,
        *,
        longest: int = 100,
        copy: Callable[[str], None],
        more: Mapping[str, Callable[[], None]],
        session: Session | None = None,
        command: CommandOf | None = None,
    ) -> None:
        """Take a text from outside.

        Args:
            title: of the text.
            text: gated here.
            longest: cells of a line.
            copy: copies the text.
            more: what goes on from here: ``jump``, ``help``, and ``raw`` where there is JSON behind it.
            session: the project that the text is of.
            command: writes the text, as far as any does.
        """
        super().__init__()
        self._title, self._text, self._copy, self._more = title, text, copy, more
        self._session, self._command = session, command
        self._view = TextView(text, longest=longest, laid=self._say_laid)
        self._pane = Pane(title, self._view, id="viewer")
        self._pane.set_title(*titled(title))

    def compose(self) -> ComposeResult:
        """Return the text in a frame."""
        self._pane.set_count(_("escape back · y copy"))
        yield self._pane

    def draw_anew(self) -> None:
        """Mask the text anew."""
        self._pane.set_title(*titled(self._title))
        self._view.lay_anew()

    def _say_laid(self, there: bool) -> None:
        """Say that a long text is being laid out, for as long as nothing of it is there."""
        size = phrases.size(len(self._text))
        self._pane.set_note([] if there else [Part(_("Laying out {size} …").format(size=size))])

    def action_more(self, name: str) -> None:
        """Go on to something else, over this; leave where this is the last of it."""
        if name in self._more:
            self._more[name]()
        else:
            self.dismiss(None)

    def action_copy(self) -> None:
        """Copy the text."""
        self._copy(self._text)

    def command(self) -> CommandOf | str:
        """Return the command that writes the text, or that there is none."""
        return self._command or _("No command writes this text. {key} copies it.").format(key="y")

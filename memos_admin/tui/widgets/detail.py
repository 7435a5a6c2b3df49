"""All that is known of one memory or one message."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip

from memos_admin.backend import display
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.jobs.evidence import Lead
from memos_admin.tui.layout.detail import TEXT_CUT, DetailLine, Entry, lines
from memos_admin.tui.reader import in_thread
from memos_admin.tui.widgets.line_view import LineView

LONGEST = 90
"""Lines are never wider: the eye loses the next one."""

QUICK, QUICK_MASKED = 20_000, 2_000
"""Characters that are laid out faster than anyone notices, without and with masks."""

_STYLES = {
    "title": "strong",
    "dim": "dim",
    "heading": "strong",
    "warn": "warn",
    "accent": "accent",
}


class Detail(LineView, can_focus=True):
    """Entries, wrapped and scrolled; some of their lines lead somewhere, and one of those is chosen."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._entries: list[Entry] = []
        self._lines: list[DetailLine] = []
        self._leads: list[int] = []
        self._width = 0
        self._subject: object = None
        self.chosen = 0

    @dataclass
    class Entered(Message):
        """A person wants to go where a line leads."""

        lead: Lead

    class Chosen(Message):
        """There are other leads, or another one is chosen."""

    @property
    def leads(self) -> list[Lead]:
        """Where the lines lead to, from the top."""
        return [lead for *_, lead in self._lines if lead is not None]

    @property
    def lead(self) -> Lead | None:
        """Where the chosen line leads to; None where no line leads anywhere."""
        leads = self.leads
        return leads[self.chosen] if leads else None

    def show(self, subject: object, entries: list[Entry]) -> None:
        """Show entries about `subject`; stays where it is scrolled to if that is the same."""
        if entries == self._entries and subject == self._subject:
            return
        top = round(self.scroll_y) if subject == self._subject else 0
        self.chosen = self.chosen if subject == self._subject else 0
        self._subject, self._entries = subject, entries
        self._lay(top)

    def _lay(self, top: int) -> None:
        """Lay all out; where that is much, in a thread, and nothing of it is shown until then."""
        self._width = self.size.width - 2
        entries, width = self._entries, min(self._width, LONGEST)
        long = sum(min(len(entry.text), TEXT_CUT) for entry in entries)
        self.workers.cancel_group(self, "lay")
        if long <= (QUICK if display.veil() is None else QUICK_MASKED):
            self._take(lines(entries, width) if entries else [], top)
        else:
            self._take([("", _("Laying it out …"), "dim", None)], 0)
            background.start(self, partial(self._lay_behind, entries, width, top), "lay")

    async def _lay_behind(self, entries: list[Entry], width: int, top: int) -> None:
        self._take(await in_thread(lines, entries, width), top)

    def _take(self, laid: list[DetailLine], top: int) -> None:
        self._lines = laid
        self._leads = [number for number, line in enumerate(self._lines) if line[-1] is not None]
        if self._leads:
            self.chosen = max(0, min(self.chosen, len(self._leads) - 1))
        self.set_lines(len(self._lines))
        self.jump_to(top)
        self.refresh()
        self.post_message(self.Chosen())

    def lay_out(self) -> None:
        """Lay all out anew."""
        self._lay(round(self.scroll_y))

    def on_resize(self) -> None:
        """Wrap anew for the new width."""
        if self._width != self.size.width - 2:
            self._lay(round(self.scroll_y))

    def choose(self, index: int) -> None:
        """Choose the line that ``enter`` follows, as near as there is one, and show it."""
        if self._leads:
            self.chosen = max(0, min(index, len(self._leads) - 1))
            self.show_line(self._leads[self.chosen], margin=1)
            self.refresh()
            self.post_message(self.Chosen())

    def action_enter(self) -> None:
        """Go where the chosen line leads."""
        if self.lead is not None:
            self.post_message(self.Entered(self.lead))

    def on_click(self, event: events.Click) -> None:
        """Choose the line; a second click follows it."""
        line = round(self.scroll_y) + event.y
        if line not in self._leads:
            return
        again = self._leads.index(line) == self.chosen and event.chain > 1
        self.choose(self._leads.index(line))
        if again:
            self.action_enter()

    def watch_has_focus(self, _focused: bool) -> None:
        """Draw the sign of the chosen line as it now is."""
        self.refresh()

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
        label, text, kind, lead = self._lines[number]
        sign, hint = " ", ""
        room = min(width - 1, LONGEST + 1) - 1 - cell_len(label) - cell_len(text)
        if lead is not None:
            away = self._leads.index(number) - self.chosen
            sign = " " if away else ">"
            if self.has_focus:  # elsewhere these keys do something else
                hint = _hint(away, room)
        return self.strip(
            [
                (sign, "accent strong" if self.has_focus else "dim"),
                (label, "dim"),
                (text, _STYLES.get(kind, "")),
                (" " * (room - len(hint)), ""),
                (hint, "accent"),
            ],
            width,
        )


def _hint(away: int, room: int) -> str:
    """Return the key that follows a line, or chooses it: in brackets, so that it is no part of the text."""
    for key in {0: ("enter", "↵"), 1: ("n",), -1: ("N",)}.get(away, ()):
        if room > len(key) + 2:
            return f"[{key}]"
    return {0: "↵", 1: "n", -1: "N"}.get(away, "")

"""A field that takes what is pasted on several lines, and shows nothing that a terminal would obey."""

from __future__ import annotations

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip

from memos_admin.backend.display import ELLIPSIS, printable
from memos_admin.backend.ids.as_shown import marked, unmarked
from memos_admin.tui.widgets.entry import Entry

MOST_PASTED = 2_000
"""Characters that are taken of what is pasted: nobody types more, and drawing more is slow."""


class Field(Entry):
    """An input of one line."""

    DEFAULT_CSS = """
    Field, Field.-textual-compact { height: 1; border: none; padding: 0 1; background: $surface; }
    Field:focus { border: none; }
    Field:ansi { background: ansi_default; }
    """

    most_pasted = MOST_PASTED

    def render_line(self, y: int) -> Strip:
        """Return the line, marked where the text goes on beside it, unless the cursor is there."""
        strip, first = super().render_line(y), self.scroll_offset.x
        last = self.scrollable_content_region.width - 1
        if not self.value or y:
            return strip
        goes_on = {0: first > 0, last: self.content_width - 1 > first + last + 1}
        cursor = self.cursor_screen_offset.x - self.content_region.x if self.has_focus else None
        for cell in (cell for cell, more in goes_on.items() if more and cell != cursor):
            style = next(iter(strip.crop(cell, cell + 1))).style
            mark = Strip([Segment(ELLIPSIS, style)], 1)
            strip = Strip.join([strip.crop(0, cell), mark, strip.crop(cell + 1)])
        return strip

    def _on_paste(self, event: events.Paste) -> None:
        """Take all lines as one; Textual's own field takes the first one only."""
        event.stop()
        event.prevent_default()
        text = event.text if self.takes_ids else unmarked(event.text)
        text = pasted(text, self.most_pasted)
        if text:
            self.replace(text, *self.selection)


class ListField(Field):
    """A field for a list of ids of any length that can be pasted: all of it is taken, or nothing."""

    takes_ids = True
    most_pasted = 100_000

    class TooLong(Message):
        """Something was pasted that is longer than that; nothing of it was taken."""

    def _on_paste(self, event: events.Paste) -> None:
        """Take all lines as one."""
        if len(event.text) > self.most_pasted:
            event.stop()
            event.prevent_default()
            self.post_message(self.TooLong())


def pasted(text: str, most: int = MOST_PASTED) -> str:
    """Return a text for a field: one line, without characters that nobody could see."""
    return _seen(" ".join(text[: 4 * most].split())[:most])


def with_marks(text: str) -> str:
    """Return lines that are pasted with marks for what nobody could see; fields that take no ids drop them."""
    return "\n".join(map(marked, text.replace("\r\n", "\n").replace("\t", " ").split("\n")))


def _seen(line: str) -> str:
    """Return a line without characters that nobody could see."""
    if printable(line) == line:
        return line
    seen = "".join(char for char in line if printable(char) == char)
    # What is left may still be a pile of marks, of which the gate would only show some.
    return seen if printable(seen) == seen else "".join(c for c in seen if c.isprintable())

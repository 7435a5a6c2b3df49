"""A conversation as one reads it: the messages in order, drawn line by line."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate

from rich.cells import cell_len
from textual import events
from textual import message as textual_message
from textual.strip import Strip

from memos_admin.backend import display
from memos_admin.backend.display import one_line
from memos_admin.backend.model import Message, SubjectRef
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.jobs import finding
from memos_admin.tui.layout.fitting import Part, fit_parts
from memos_admin.tui.layout.marking import Marks, pieces, rule
from memos_admin.tui.layout.transcript import (
    LONGEST_LINE,
    Block,
    Laid,
    Line,
    lay_out_all,
    shown,
)
from memos_admin.tui.reader import in_thread
from memos_admin.tui.widgets.line_view import LineView, Piece, fit
from memos_admin.tui.words import phrases

MARGIN = 3
"""Cells left of the text: the cursor, the bar of a source, a space."""

QUICK, QUICK_MASKED = 20_000, 2_000
"""Characters of messages that are laid out faster than anyone notices, without and with masks."""

_GAP = "  "
"""Between what the head of a message says at its right end."""

HEAD = 60
"""Characters that a message takes as long as, beside its text."""


class Transcript(LineView, can_focus=True):
    """Messages with days, pauses, seams, folds, and the marks of sources."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._laid = Laid()
        self._turn = 0
        self._covered = False
        self._tops: list[int] = [0]
        self._unfolded: set[int] = set()
        self._marks = Marks()
        self._derived: Mapping[int, int] = {}
        self._told: Message | None = None
        self._sought: re.Pattern[str] | None = None
        self._found: dict[int, list[tuple[int, int]]] = {}
        self.conversation: int | None = None
        self.whose: SubjectRef | None = None
        self.cursor = 0

    @dataclass
    class Highlighted(textual_message.Message):
        """The cursor came to another message; None where there is none."""

        message: Message | None
        by_hand: bool

    @dataclass
    class Entered(textual_message.Message):
        """A person wants to read a message whole."""

        message: Message

    @dataclass
    class Unfolded(textual_message.Message):
        """A message was unfolded of which not all text is here."""

        message: Message

    # -- what it holds ---------------------------------------------------------------------------

    @property
    def _blocks(self) -> Sequence[Block]:
        return self._laid.blocks

    @property
    def messages(self) -> list[Message]:
        """The messages, oldest first."""
        return [block.message for block in self._blocks]

    @property
    def message(self) -> Message | None:
        """The message under the cursor."""
        return self._blocks[self.cursor].message if self._blocks else None

    async def laid_out(self, messages: Sequence[Message], *, missing: str) -> Laid:
        """Return messages of a conversation laid out for `show`; many of them in a thread."""
        like = self._like(missing)
        if _are_quick(messages):
            return lay_out_all(messages, self._unfolded, like, self._laid)
        return await in_thread(lay_out_all, messages, {*self._unfolded}, like, self._laid)

    def show(
        self,
        conversation: int | None,
        messages: Sequence[Message],
        *,
        missing: str,
        laid: Laid | None = None,
    ) -> None:
        """Show the messages of a conversation, named by its key.

        Another conversation than the one shown begins at its top; of the same one, the cursor and
        what is visible stay where they were.

        Args:
            conversation: its key; None: there is none.
            messages: of it.
            missing: what is said above the first one, where others may have been before it.
            laid: the messages as `laid_out` returned them.
        """
        fresh = conversation != self.conversation
        self.conversation = conversation
        if fresh:
            self._unfolded.clear()
            self.cursor = 0
        elif self.is_shown(conversation, messages, missing=missing):
            return
        kept = self.message.pk if self.message is not None else None
        offset = round(self.scroll_y) - self._tops[min(self.cursor, len(self._blocks))]
        like = self._like(missing)
        if laid is None or replace(laid, blocks=()) != like:  # else the width is another by now
            laid = lay_out_all(messages, self._unfolded, like, self._laid)
        self._take(laid)
        if not fresh:
            self.cursor = next(
                (i for i, message in enumerate(messages) if message.pk == kept),
                max(0, min(self.cursor, len(messages) - 1)),
            )
        self.jump_to(0 if fresh else self._tops[min(self.cursor, len(messages))] + offset)
        self._tell(by_hand=False)

    def replace(self, message: Message) -> None:
        """Show a message anew, now that more of its text is here."""
        messages = [message if m.pk == message.pk else m for m in self.messages]
        self._found.pop(message.pk, None)
        self._lay(messages)
        if message == self.message:
            self.show_words()

    def is_shown(
        self, conversation: int | None, messages: Sequence[Message], *, missing: str
    ) -> bool:
        """Whether just this is shown already."""
        here = (self.conversation, self._laid.missing, self.messages)
        return here == (conversation, missing, [*messages])

    def _like(self, missing: str) -> Laid:
        """Return for which width and so on messages are laid out now."""
        # Where it is hidden it will probably be as wide as it was.
        width = self._text_width if self.size.width else self._laid.width
        return Laid((), width, missing, self._turn, self.whose)

    def _lay(self, messages: Sequence[Message]) -> None:
        """Lay messages out of which almost all are as they were."""
        like = self._like(self._laid.missing)
        self._take(lay_out_all(messages, self._unfolded, like, self._laid))

    def _take(self, laid: Laid) -> None:
        self._laid, self._covered = laid, False
        self._tops = [0, *accumulate(len(block.lines) for block in self._blocks)]
        self.set_lines(self._tops[-1])
        self.refresh()

    def lay_out(self) -> None:
        """Lay all messages out anew; the cursor and what is visible stay where they are.

        What was drawn before is not shown again: something else is masked.
        """
        self._found.clear()
        self._turn += 1
        self._covered = True
        self._lay_again()

    def _lay_again(self) -> None:
        """Lay out again what is shown; where that is much, in a thread."""
        if _are_quick(self.messages):
            self._keep_place(self._lay_now)
        else:
            background.start(self, self._lay_behind, "lay")

    def _lay_now(self) -> None:
        self._lay(self.messages)

    async def _lay_behind(self) -> None:
        while True:
            messages = self.messages
            laid = await self.laid_out(messages, missing=self._laid.missing)
            if messages == self.messages and replace(laid, blocks=()) == self._like(laid.missing):
                self._keep_place(partial(self._take, laid))
                return

    def _keep_place(self, lay: Callable[[], None]) -> None:
        """Let the first visible message stay the first, if it can, while all are laid out anew."""
        top = bisect_right(self._tops, round(self.scroll_y)) - 1
        lay()
        if self.scroll_y:
            self.jump_to(self._tops[max(0, min(top, len(self._blocks) - 1))])
        if self._blocks:
            self._show_cursor()

    @property
    def _text_width(self) -> int:
        return self.size.width - MARGIN - 2

    def on_resize(self) -> None:
        """Wrap anew for the new width; the first visible message stays the first, if it can.

        Before that comes that the one under the cursor is visible.
        """
        if not self._blocks or not self.size.width:
            return
        if self._laid.width != self._text_width:
            self._lay_again()
        self._show_cursor()

    def mark(self, marks: Marks, *, scroll: bool) -> None:
        """Mark the sources of a memory; `scroll`: to the first of them."""
        self._marks = marks
        self.refresh()
        first = next((i for i, b in enumerate(self._blocks) if b.message.pk in marks.sources), None)
        if scroll and first is not None:
            self.cursor = first
            self._show_cursor()
            self._told = self.message

    def count_derived(self, derived: Mapping[int, int]) -> None:
        """Say at messages how many memories were made from them; by the messages' keys."""
        if derived != self._derived:
            self._derived = derived
            self.refresh()

    def mark_words(self, sought: re.Pattern[str] | None) -> None:
        """Mark these words wherever they stand; None: no longer."""
        self._sought = sought
        self._found.clear()
        self.refresh()

    def show_words(self) -> None:
        """Show the first marked words of the message under the cursor, unfolded if need be."""
        message = self.message
        if message is None or self._sought is None:
            return
        block, top = self._blocks[self.cursor], self._tops[self.cursor]
        words = self._words_in(message)
        for number, line in enumerate(block.lines):
            ends = line.start + len(line.text)
            if line.kind == "text" and any(a < ends and b > line.start for a, b in words):
                self.show_line(top + number, margin=1)
                return
        if message.pk not in self._unfolded and any(line.kind == "fold" for line in block.lines):
            self.toggle_fold()

    # -- moving ----------------------------------------------------------------------------------

    def action_move(self, lines: int) -> None:
        """Move to the next or previous message; within one longer than the view, by lines."""
        if not self._blocks:
            return
        top, bottom = self._tops[self.cursor], self._tops[self.cursor + 1]
        height, at = self.size.height, round(self.scroll_y)
        if lines > 0 and bottom - 1 > at + height and top <= at + height:
            self.jump_to(at + 3)
        elif lines < 0 and top < at < bottom:
            self.jump_to(max(top, at - 3))
        else:
            self.move_to(self.cursor + lines)

    def action_page(self, pages: int) -> None:
        """Scroll by pages; the cursor comes along."""
        if not self._blocks:
            return
        at = round(self.scroll_y)
        self.jump_to(at + pages * max(1, self.size.height - 2))
        if round(self.scroll_y) == at:
            self.move_to(0 if pages < 0 else len(self._blocks) - 1)
            return
        line = round(self.scroll_y)
        index = bisect_right(self._tops, line) - 1
        if self._tops[index] < line and index + 1 < len(self._blocks):
            nxt = self._tops[index + 1] < line + self.size.height
            index += 1 if nxt else 0
        self._set_cursor(index)

    def action_end(self, last: bool) -> None:
        """Move to the first or the last message."""
        self.move_to(len(self._blocks) - 1 if last else 0)
        if not last:
            self.jump_to(0)

    def move_to_role(self, step: int, role: str = "user") -> bool:
        """Move to the next (1) or previous (-1) message of a role; False where there is none."""
        index = self.cursor + step
        while 0 <= index < len(self._blocks):
            if self._blocks[index].message.role == role:
                self.move_to(index)
                return True
            index += step
        return False

    def move_to(self, index: int) -> None:
        """Put the cursor on a message, as near as there is one."""
        if self._blocks:
            self._set_cursor(max(0, min(index, len(self._blocks) - 1)))
            self._show_cursor()

    def move_to_key(self, pk: int) -> bool:
        """Put the cursor on the message with this key; False where it is not here."""
        index = next((i for i, block in enumerate(self._blocks) if block.message.pk == pk), None)
        if index is None:
            return False
        self.cursor = index
        self._show_cursor()
        self.refresh()
        self._tell(by_hand=False)
        return True

    def _set_cursor(self, index: int) -> None:
        self.cursor = index
        self.refresh()
        self._tell(by_hand=True)

    def _show_cursor(self) -> None:
        top, bottom = self._tops[self.cursor], self._tops[self.cursor + 1]
        self.show_line(top, min(bottom, top + self.size.height))

    def _tell(self, *, by_hand: bool) -> None:
        if self._told != self.message:
            self._told = self.message
            self.post_message(self.Highlighted(self.message, by_hand))

    def action_enter(self) -> None:
        """Open the message under the cursor."""
        if self.message is not None:
            self.post_message(self.Entered(self.message))

    def toggle_fold(self) -> bool:
        """Unfold or fold the message under the cursor; False where nothing of it is folded."""
        message = self.message
        if message is None:
            return False
        folded = any(line.kind == "fold" for line in self._blocks[self.cursor].lines)
        if not folded and message.pk not in self._unfolded:
            return False
        self._unfolded ^= {message.pk}
        if message.pk in self._unfolded and len(message.content) < message.length:
            self.post_message(self.Unfolded(message))
        else:
            self._lay(self.messages)
            self._show_cursor()
            self.show_words()
        return True

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the message; a second click opens it."""
        line = round(self.scroll_y) + event.y
        index = bisect_right(self._tops, line) - 1
        if index < len(self._blocks):
            again = index == self.cursor and event.chain > 1
            self._set_cursor(index)
            if again:
                self.action_enter()

    def watch_has_focus(self, _focused: bool) -> None:
        """Draw the cursor as it now is."""
        self.refresh()

    # -- drawing ---------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return the line `y` of what is visible."""
        width = self.line_width
        number = round(self.scroll_y) + y
        index = bisect_right(self._tops, number) - 1
        if index >= len(self._blocks) or self._covered:
            return self.blank(width)
        block, at = self._blocks[index], number - self._tops[index]
        line = block.lines[at]
        if line.kind in {"day", "idle", "seam"}:
            return self.strip(rule(line, width), width)
        inside = block.body <= at < len(block.lines) - 1
        spans = self._marks.sources.get(block.message.pk)
        cursor = index == self.cursor and inside
        drawn: list[Piece] = [
            (">" if cursor and at == block.body else " ", "accent strong"),
            ("▌ " if inside and spans is not None and self._marks.certain else "  ", "accent"),
        ]
        drawn += self._line(line, block.message, spans, width - MARGIN)
        over = "cursor" if cursor and self.has_focus and line.kind == "head" else ""
        if cursor and not self.has_focus and line.kind == "head":
            over = "blurred"
        return self.strip(drawn, width, over)

    def _line(
        self, line: Line, message: Message, spans: Sequence[tuple[int, int]] | None, width: int
    ) -> list[Piece]:
        if line.kind == "head":
            room = min(width - 1, LONGEST_LINE)
            parts = self._notes(line, message, spans is not None)
            text = line.text
            note = fit_parts(parts, room - cell_len(text) - 2, between=_GAP)
            if len(note.split(_GAP)) < len(parts):  # rather the times do not stand in a column
                text = " ".join(text.split())
                note = fit_parts(parts, room - cell_len(text) - 2, between=_GAP)
            style = "accent" if spans is not None else "dim"
            return [(fit(text, room - cell_len(note) - 1), "strong"), (f" {note}", style)]
        if line.kind != "text":
            return [(one_line(line.text, width), "dim" if line.kind in {"dim", "fold"} else "")]
        styled = [(first, last, "match") for first, last in spans or ()]
        styled += [(first, last, "found") for first, last in self._words_in(message)]
        return pieces(line, styled)

    def _notes(self, line: Line, message: Message, is_source: bool) -> list[Part]:
        """Return what the head says at its right end; it is shortened, so that who and when stays whole."""
        parts = [Part(line.right, ("",), 4)] if line.right else []
        if derived := self._derived.get(message.pk, 0):
            shorter = _("{count} mem").format(count=phrases.count(derived))
            parts.append(Part(phrases.memories(derived), (shorter,), 2))
        if is_source and self._marks.certain:
            parts.append(Part(_("source"), ("",), 3))  # the bar beside it says so too
        elif is_source:
            parts.append(Part(_("similar, no known source"), (_("similar"),), 1))
        return parts

    def _words_in(self, message: Message) -> Sequence[tuple[int, int]]:
        """Return where the sought words stand in what is drawn of a message."""
        if self._sought is None:
            return ()
        spans = self._found.get(message.pk)
        if spans is None:
            spans = self._found[message.pk] = finding.spans(self._sought, shown(message.content))
        return spans


def _are_quick(messages: Sequence[Message]) -> bool:
    """Whether messages are laid out faster than anyone notices."""
    characters = sum(len(message.content) + HEAD for message in messages)
    return characters <= (QUICK if display.veil() is None else QUICK_MASKED)

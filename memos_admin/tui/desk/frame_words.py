"""What the frames of the panes say: where the cursor is among how many, and why a pane is empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from memos_admin.backend.model import Filter, Subject
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.tui.rows import main as lists
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.words import narrowing, notes, phrases

if TYPE_CHECKING:
    from memos_admin.tui.desk.panes import Desk


class FrameWords:
    """Words about what is on a desk.

    Attributes:
        elsewhere: memories of this user that pass the filter while none of this conversation does.
        known_then: memories of this user that were known as of the instant that is shown.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.elsewhere = self.known_then = 0

    def count(self, pane: str) -> None:
        """Say in the frame where the cursor is among how many."""
        desk = self._desk
        frame = desk.panes.frames[pane]
        if pane == "transcript":
            rows, at = len(desk.panes.transcript.messages), desk.panes.transcript.cursor
        else:
            view: RowList[object] = getattr(desk.panes, pane)
            if view.more:
                return  # it is said when all are there
            rows, at = len(view), view.cursor
        text = phrases.of(at + 1, rows) if rows else ""
        if pane == "transcript":
            text = desk.reading.count or text
        if pane == "memories":
            frame.set_count(*self._of_all(text, rows))
        else:
            frame.set_count(text)

    def _of_all(self, text: str, rows: int) -> list[str]:
        """Return where the cursor is, beside how many memories of the user are listed, or were known, in all.

        Behind it, where there is such a number, the same in fewer words.
        """
        count, *forms = self._in_all(rows)
        return [one.format(of=text or _("none"), count=count) for one in forms] or [text]

    def _in_all(self, rows: int) -> Sequence[str]:
        """Return how many there are in all, and how that is said; nothing but a number where it is not."""
        subject = self._desk.subject
        if subject is None:
            return ("",)
        if self._desk.chosen.as_of is not None:
            then = (_("{of} here · {count} known then in all"), _("{of} · {count} in all then"))
            return phrases.count(self.known_then), *(then if rows != self.known_then else ())
        number = phrases.bounded(subject.memories, subject.bound)
        if rows != subject.memories and subject.listed_at is None:
            return number, _("{of} · not all read")  # what there is in all is not known
        if rows != subject.memories:
            return number, _("{of} here · {count} listed in all"), _("{of} · {count} in all")
        doubted = (_("{of} · {count} in doubt"),) if subject.doubted else ()
        return phrases.count(subject.doubted), *doubted

    async def look_then(self, query: Filter) -> None:
        """Count what was known of the user as of the instant that is shown."""
        if query.as_of is not None:
            known = Filter(subject=query.subject, as_of=query.as_of)
            self.known_then = await self._desk.reader(lambda reads: reads.memory_count(known))

    def no_transcript(self) -> str:
        """Return why there is no transcript."""
        desk = self._desk
        if desk.subject is None:
            return ""
        if desk.scope is None:
            passing = self._no_conversation_passes()
            asked = desk.asks.for_memories(desk.subject)
            return passing or notes.nothing_to_read(desk.subject, desk.key, asked=asked)
        return notes.no_transcript(
            desk.detail.memory, among_all=desk.scope.key == lists.ALL_MEMORIES
        )

    async def no_memories(self, query: Filter) -> str:
        """Return why no memory passes, having looked whether one does in other conversations."""
        desk = self._desk
        found = 0
        if query.conversation_id is not None:
            anywhere = replace(query, conversation_id=None)
            found = await desk.reader(lambda reads: reads.memory_count(anywhere))
        now = replace(desk.chosen, as_of=None)
        filtered = narrowing.wider(desk.chosen) != desk.chosen
        self.elsewhere = found if filtered else 0
        if query.as_of is not None and narrowing.wider(now) == now:
            return sentences(notes.none_known_then(found, desk.key), *desk.detail.then)
        if not filtered and (subject := desk.subject) is not None:
            if await desk.reader(lambda reads: reads.subject(subject.ref)) is None:
                return _("This is no longer stored here.")
            return self.nothing_remembered(subject)
        if not filtered:
            return ""
        return notes.no_memories(self.elsewhere, desk.key)

    def _no_conversation_passes(self) -> str:
        desk = self._desk
        text = desk.panes.frames["conversations"].filter
        return notes.no_conversation_passes(text, desk.key("out")) if text else ""

    def nothing_remembered(self, subject: Subject) -> str:
        """Return why nothing is remembered of a user, whatever the filter."""
        desk = self._desk
        if desk.scope is None and (passing := self._no_conversation_passes()):
            return passing
        conversation = desk.scope.conversation if desk.scope is not None else None
        asked = desk.asks.for_memories(subject)
        return notes.nothing_remembered(subject, conversation, desk.key, asked=asked)

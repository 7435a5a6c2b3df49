"""Judging in a review: a verdict on the memory at hand, a note, taking it back."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.screen import Screen

from memos_admin.backend.display import one_line, titled
from memos_admin.backend.model import Memory
from memos_admin.backend.verdicts.kinds import WORDS
from memos_admin.backend.verdicts.queues import Item, Queue
from memos_admin.backend.verdicts.standing import Verdict
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.tui import background
from memos_admin.tui.jobs.judging import undone
from memos_admin.tui.jobs.queueing import Opened, Shown
from memos_admin.tui.screen_safe import why_no_field
from memos_admin.tui.session import Session
from memos_admin.tui.telling import tell
from memos_admin.tui.words import phrases


class Judges(Screen[Any], inherit_bindings=False):
    """A review as its verdicts know it.

    Attributes:
        _judged: the keys of the memories that the operator has judged as they are now.
        _giving: of those the ones whose verdict is being written.
        _at: the place in the queue.
        _given: what was judged here, the last one last, with its place.
        _others_seen: the keys of the memories of which it was shown here what others said.
    """

    _session: Session
    _queue: Queue
    _opened: Opened | None
    _found: Shown | None
    _judged: frozenset[int]
    _giving: set[int]
    _at: int
    _given: list[tuple[int, Shown]]
    _others_seen: set[int]

    @property
    def _item(self) -> Item | None:
        """What the queue has at this place."""
        raise NotImplementedError

    def _do(self, deed: background.Deed, *, ends: bool = False) -> None:
        """Do something about a verdict, and say so where it is not kept.

        `ends`: it is that of the last memory: how much was judged is said when it is kept.
        """
        raise NotImplementedError

    def _turn_to(self, at: int) -> None:
        """Be about another place of the queue, and show nothing of the memory before."""
        raise NotImplementedError

    def _say_where(self) -> None:
        """Say where in the queue one is."""
        raise NotImplementedError

    def action_step(self, step: int) -> None:
        """Go to the next or previous memory."""
        raise NotImplementedError

    def action_verdict(self, name: str) -> None:
        """Give a verdict and go to the next memory."""
        found = self._found
        if found is None or self._item is None or self._item.memory_pk != found.memory.pk:
            return  # the next one is still being read: a verdict is for what is seen
        self._given.append((self._at, found))
        self._giving.add(found.memory.pk)
        self._judged |= self._giving
        ends = self._opened is not None and self._at == len(self._opened.items) - 1
        self._do(partial(self._give, found, name), ends=ends)
        if ends:
            self._say_where()
        else:
            self.action_step(1)

    def _at_the_end(self) -> str:
        """Return that nothing follows, and how much of the queue was judged."""
        items = () if self._opened is None else self._opened.items
        judged = sum(item.memory_pk in self._judged for item in items)
        if judged == len(items):
            return _("That was the last one: you have judged all of them. escape leaves.")
        text = _(
            "That was the last one. You have judged {number}: u goes to the next of the others."
        )
        return text.format(number=phrases.of(judged, len(items)))

    def action_withdraw(self) -> None:
        """Take the verdict on the memory at hand back."""
        if self._found is not None:
            self._do(partial(self._withdraw, self._found))

    def action_undo(self) -> None:
        """Go back to what was judged last here, and take that back: what was said before stands again."""
        if not self._given:
            tell(self, _("No verdict was given here yet, or all were taken back."))
            return
        at, found = self._given.pop()
        if at != self._at:
            self._turn_to(at)
        self._do(partial(self._undo, found))

    def action_note(self) -> None:
        """Say why, beside the verdict on the memory at hand; where that has none yet, on the one judged last."""
        shown = self._found
        if shown is None or self._item is None or self._item.memory_pk != shown.memory.pk:
            return  # the next one is still being read: a note is on what is seen
        for found in (shown, *(last for _at, last in self._given[-1:])):
            if (own := self._session.judging.own(found.memory)) is not None:
                self._ask_why(found, own, is_shown=found is shown)
                return
        tell(self, _("Give this memory a verdict first: a note says why."))

    def _ask_why(self, found: Shown, own: Verdict, *, is_shown: bool) -> None:
        """Ask for the note on a verdict."""
        from memos_admin.tui.screens.dialogs import Ask

        before = own.note or ""
        if why := why_no_field(before):
            tell(self, why)
            return

        def taken(note: str | None) -> None:
            if note is not None and note.strip() != before:
                self._do(partial(self._note, found, note.strip()))

        name = one_line(_called(found.memory), 40)
        title = _("Note: {verdict}, {title}").format(
            verdict=_(WORDS.get(own.verdict, own.verdict)), title=name
        )
        of_last = _(
            "It is on the one that you judged last: the one at hand has no verdict of yours."
        )
        help_text = sentences(
            "" if is_shown else of_last,
            _("Why, for whoever reads it later. It is kept here, and is not journaled."),
        )
        prompt, whom = _("no note"), found.memory.ref
        self.app.push_screen(Ask(title, help_text, value=before, prompt=prompt, whom=whom), taken)

    async def _give(self, found: Shown, name: str) -> None:
        try:
            await self._session.judging.give(found.memory, name)
        except Exception:
            self._given = [one for one in self._given if one[1] is not found]
            raise
        finally:
            self._giving.discard(found.memory.pk)

    async def _note(self, found: Shown, note: str) -> None:
        await self._session.judging.note(found.memory, note or None)
        tell(self, _("The note is kept.") if note else _("The note is taken out."))

    async def _undo(self, found: Shown) -> None:
        memory, judging = found.memory, self._session.judging
        some = (one for one in reversed(judging.given) if one.memory.pk == memory.pk)
        if (given := next(some, None)) is None:
            tell(self, _("There is no verdict of yours on what it says now."))
            return
        slip = self._queue.blind and memory.pk not in self._others_seen
        taken = await judging.undo(given, slip=slip)
        if taken:
            name = one_line(_called(memory), 40)
            tell(self, undone(taken, given.before, name))

    async def _withdraw(self, found: Shown) -> None:
        verdict = await self._session.judging.withdraw(found.memory)
        self._given = [one for one in self._given if one[1].memory.pk != found.memory.pk]
        if verdict:
            text = _("Taken back: {verdict}.")
            tell(self, text.format(verdict=_(WORDS.get(verdict, verdict))))
        else:
            tell(self, _("There is no verdict of yours on what it says now."))


def _called(memory: Memory) -> str:
    return titled(memory.title or "", memory.content) or memory.content

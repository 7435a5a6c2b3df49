"""Editing a memory in MemOS, from whatever screen: what it says now, what it shall say, and the dry run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from textual.screen import Screen

from memos_admin.backend.display import safe
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.tui import background
from memos_admin.tui.reader import in_thread
from memos_admin.tui.screen_safe import why_no_field
from memos_admin.tui.session import Draft, Session
from memos_admin.tui.typed_ahead import LONGEST

if TYPE_CHECKING:
    from memos_admin.backend.model import Memory
    from memos_admin.tui.jobs.changes_in_memos import Change
    from memos_admin.tui.screens.changing import Texts

LONGEST_EDITED = 20_000
"""Characters that a field takes without being felt."""


class Say(Protocol):
    """Tells a person something that needs no answer."""

    def __call__(self, text: str, *, stays: bool = False) -> None:
        """Tell it; unless it `stays`, what is told next takes its place."""


@dataclass(frozen=True)
class Editing:
    """Edits over a screen.

    Attributes:
        screen: what the fields stand over.
        session: the project, which may be changed.
        say: tells a person something.
        ask: shows what would be done, and does it when that is confirmed.
        reveal: how the key is written that shows what is masked.
        again: how the key is written that edits.
    """

    screen: Screen[Any]
    session: Session
    say: Say
    ask: Callable[[Change], None]
    reveal: str
    again: str

    async def edit(self, memory: Memory) -> None:
        """Let a person say what a memory shall say. Raises what asking the service raises."""
        from memos_admin.tui.jobs.changes_in_memos import MemoryChange
        from memos_admin.tui.screens.changing import EditMemory

        memory_id = memory.memory_id
        self.say(_("Asking MemOS what the memory says now …"))
        background.arrived(within=LONGEST)
        said = await self.session.ask_memory(memory_id)
        if said is None:
            self.say(_("MemOS has no memory with this id."))
            return
        texts, draft = (said.title, said.content), self.session.drafts.get(memory_id)
        if draft is not None and draft.texts == texts:  # it was sent
            draft = None
        shown = [texts] if draft is None else [texts, draft.texts]
        if why := await in_thread(self._why_no_field, shown):
            self.say(why)
            return

        if (
            not self.screen.is_active
        ):  # another screen came meanwhile: its keys are not for the fields
            told = _("MemOS has said what the memory says. {key} on it edits it.")
            self.say(told.format(key=self.again))
            return
        taken = False

        def edited(now: Texts | None) -> None:
            nonlocal taken
            if now is not None:
                taken, (title, content) = True, now
                change = MemoryChange(self.session, "edit", memory_id, title=title, content=content)
                self.ask(change)

        def typed(left: Texts | None) -> None:
            self.session.drafts.pop(memory_id, None)
            if left is not None:
                self.session.drafts[memory_id] = Draft(left, texts)
            if left is not None and not taken and self.screen.is_attached:
                kept = _(
                    "What you typed is kept, in this run: {key} on the memory offers it again."
                )
                self.say(kept.format(key=self.again), stays=True)

        note = "" if draft is None else _note(draft, texts)
        before = None if draft is None else draft.texts
        fields = EditMemory(texts, before, note=note, typed=typed, whom=memory.ref)
        self.screen.app.push_screen(fields, edited)

    def _why_no_field(self, shown: Sequence[Texts]) -> str:
        """Return why fields cannot have these texts, ``""``: they can. They may be long to look at."""
        whys = (
            self._why_not(title or "", lines=False) or self._why_not(content, lines=True)
            for title, content in shown
        )
        return next(filter(None, whys), "")

    def _why_not(self, text: str, *, lines: bool) -> str:
        long = len(text) > LONGEST_EDITED
        if not long and (why := why_no_field(text, self.reveal)):
            return why
        if long or safe(text, newlines=lines) != text or "\r" in text:
            return _(
                "It is too long for a field, or holds characters that a field cannot show. Edit "
                "it with: memos-admin memories edit"
            )
        return ""


def _note(draft: Draft, said: Texts) -> str:
    """Return what a person should know of what was typed before."""
    text = _("This is what you typed before. ctrl+r begins anew with what MemOS says.")
    if draft.said != said:
        changed = _("MemOS says something else by now than it did then.")
        text = sentences(text, changed)
    return text

"""The detail of the memory or the message that was chosen last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Literal

from memos_admin.backend import display
from memos_admin.backend.history import as_of
from memos_admin.backend.model import Filter, Memory, Message
from memos_admin.backend.times import now_ms
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.jobs.evidence import (
    FoundElsewhere,
    MemoryEvidence,
    found_elsewhere,
    memory_checks,
    memory_evidence,
)
from memos_admin.tui.jobs.judging import word_of
from memos_admin.tui.jobs.made_of import MessageEvidence, message_evidence
from memos_admin.tui.jobs.reading import Reading
from memos_admin.tui.layout.detail import memory_entries, message_entries
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.detail import Detail
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.words import phrases

BEFORE_CHECKING = 0.15
"""Seconds that a memory is shown before it is compared: not each that the cursor passes is."""


class Detailing:
    """Fills the pane of the detail.

    Attributes:
        memory, message: the ones that were chosen last; None: there is none.
        about: which of them it shows.
        as_of: the instant as of which memories are shown; None: as they are now.
        then: what cannot be known of that instant; none: they are as they are now.
    """

    def __init__(
        self,
        frame: Pane,
        detail: Detail,
        session: Session,
        reading: Reading,
        key: Callable[[str], str],
    ) -> None:
        """Take the pane, its widget, the project, what the transcript shows, how keys are written."""
        self._frame, self._detail, self._session, self._key = frame, detail, session, key
        self._reading = reading
        self.memory: Memory | None = None
        self.message: Message | None = None
        self.about: Literal["memory", "message"] = "memory"
        self.as_of: int | None = None
        self.then: tuple[str, ...] = ()
        self._asked_then = Filter()
        self._shown: object = None
        self._checked: tuple[object, tuple[str, ...] | None, FoundElsewhere] = (
            None,
            (),
            FoundElsewhere(),
        )

    def forget(self) -> None:
        """Let nothing of what was chosen stand beside what is chosen next."""
        self.memory = self.message = None
        self.about = "memory"

    def let_go(self) -> None:
        """Show nothing until it is said of what."""
        self.forget()
        self._frame.set_title(_("Detail"))
        self._turn_to(None)
        self._frame.wait()

    def choose(self, memory: Memory) -> None:
        """Be about a memory from now on, and show nothing of another one until it was read."""
        self.memory = memory
        if self.about == "memory":
            self._say_what(memory)
            self._turn_to(("memory", memory.listing_pk, self.as_of))

    def _turn_to(self, shown: object) -> None:
        if shown != self._shown:
            self._shown = None
            self._detail.show(None, [])
            self._frame.wait()

    async def show(self) -> None:
        """Show what was chosen last."""
        message = self.message
        if self.about == "message" and message is not None:
            role = phrases.role_word(message.role)
            title = _("Message {number} · {role}").format(number=message.seq, role=role)
            self._frame.set_title(title)
            self._turn_to(("message", message.pk))
            known = await self._read_message(message)
            if message != self.message or self.about != "message":
                return
            if known is None:
                self.say_gone()
                return
            self._shown = "message", message.pk
            self._frame.set_empty("")
            entries = message_entries(known, now_ms(), self._key("raw"))
            self._detail.show(("message", message.pk), entries)
        elif self.memory is not None:
            memory = self.memory
            self.choose(memory)
            evidence = await self.read(memory)
            if self.memory is not memory or self.about != "memory":
                return
            if evidence is None:
                self.say_gone()
            else:
                self.show_memory(evidence)
        elif not self._frame.waits:  # else one is under the cursor, and is still to be read
            self.show_nothing()

    def show_nothing(self) -> None:
        """Say what is shown here, since nothing is there that could be."""
        self._shown = None
        self._frame.set_title(_("Detail"))
        self._frame.set_empty(_("Choose a memory or a message to see all of it."))
        self._detail.show(None, [])

    def say_unread(self, why: str) -> None:
        """Say why what was chosen cannot be read, if it waits for that; what it would be is not said."""
        if self._frame.waits:
            self._frame.set_title(_("Detail"))
            self._frame.fail(why)

    def say_gone(self) -> None:
        """Say that there is nothing to be known of what was chosen."""
        self._frame.set_empty(_("This is no longer stored here."))

    async def _read_message(self, message: Message) -> MessageEvidence | None:
        reading = self._reading
        if reading.conversation is None:
            return None
        ids = reading.derived_from(message)
        return await self._session.reader(
            message_evidence, message, ids, reading.conversation, looking=reading.looks_elsewhere
        )

    async def read(self, memory: Memory) -> MemoryEvidence | None:
        """Return what is known of a memory; None: it is not stored any more."""
        return await self._session.reader(memory_evidence, memory.listing_pk, self.as_of)

    def show_word(self) -> None:
        """Say in the frame what its memory is, and what stands of it."""
        if self.memory is not None and self.about == "memory":
            self._say_what(self.memory)

    def _say_what(self, memory: Memory) -> None:
        word = phrases.state(memory, now_ms()) or phrases.full_status(memory.status or "")
        said = word_of(self._session.judging.of(memory))
        parts = (phrases.view_word(memory.view), word, said)
        self._frame.set_title(" · ".join(part for part in parts if part))

    def show_memory(self, evidence: MemoryEvidence) -> None:
        """Show a memory, and soon what of it does not agree with its messages."""
        memory = evidence.memory
        self._say_what(memory)
        self._shown = "memory", memory.listing_pk, self.as_of
        self._frame.set_empty("")
        before, checks, elsewhere = self._checked
        if before != (memory, self.as_of, _masks()):
            checks, elsewhere = (), FoundElsewhere()
        self._lay_out(_with(evidence, checks, elsewhere))
        background.start(self._detail, partial(self._check, evidence), "check")

    async def _check(self, evidence: MemoryEvidence) -> None:
        memory, then, masks = evidence.memory, self.as_of, _masks()
        await asyncio.sleep(BEFORE_CHECKING)
        aside, elsewhere = self._session.reader.aside, FoundElsewhere()
        checks: tuple[str, ...] | None = ()
        if then is None:  # what is compared is the text of now
            checks = await aside(memory_checks, memory)
        if evidence.unfound:
            elsewhere = await aside(found_elsewhere, memory, then)
        shown = None if self.memory is None else self.memory.listing_pk
        now = shown, self.about, self.as_of, _masks()
        if now == (memory.listing_pk, "memory", then, masks):
            self._checked = (memory, then, masks), checks, elsewhere
            if elsewhere and not evidence.certain:
                self._reading.unmark()
            self._lay_out(_with(evidence, checks, elsewhere))

    def _lay_out(self, evidence: MemoryEvidence) -> None:
        self._detail.show(
            ("memory", evidence.memory.pk, self.as_of),
            memory_entries(
                evidence,
                now_ms(),
                self._key("raw"),
                then=self.then,
                compare=self._key("versions"),
                explain=self._key("evidence"),
            ),
        )

    async def look_then(self, query: Filter) -> None:
        """Find out what cannot be known as of the instant that is shown."""
        self.as_of = query.as_of
        asked = Filter(subject=query.subject, as_of=query.as_of)
        if asked != self._asked_then:
            when = partial(phrases.exact, now=now_ms())
            self.then = await self._session.reader(lambda reads: as_of.told(reads, asked, when))
            self._asked_then = asked


def _with(
    evidence: MemoryEvidence, checks: tuple[str, ...] | None, elsewhere: FoundElsewhere
) -> MemoryEvidence:
    """Return what is known of a memory with what was found out later; no checks: not looked at."""
    found = replace(evidence, checks=checks or (), only_reviewed=checks is None)
    return found.with_found(elsewhere)


def _masks() -> object:
    """Return what is masked, and what of it is shown: sentences with words of texts hold for that."""
    veil = display.veil()
    return veil, None if veil is None else veil.revealed

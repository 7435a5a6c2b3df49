"""A review of the evidence of a user that runs beside the screen, and what it has found so far."""

from __future__ import annotations

import asyncio
import time
from typing import Literal

from memos_admin.backend.errors import StoreInterrupted
from memos_admin.backend.evidence.collected import Collected
from memos_admin.backend.evidence.review import Part, review
from memos_admin.backend.model import Conversation, Reads, Subject
from memos_admin.tui.reader import Reader

TOLD_AFTER = 0.1
"""Seconds of work of which the event loop is told at once."""


class Reviewing:
    """One review.

    Attributes:
        subject: as it was when it began.
        conversation: the only one that is looked at; None: all.
        found: what was found so far.
        state: ``stopped`` may have found only a part.
        news: how often something was added to `found`.
    """

    def __init__(self, subject: Subject, conversation: Conversation | None) -> None:
        self.subject, self.conversation = subject, conversation
        self.found = Collected()
        self.state: Literal["new", "running", "done", "stopped"] = "new"
        self.news = 0

    def is_of(self, subject: Subject, conversation: Conversation | None) -> bool:
        """Whether it has looked at all of this, as far as the store has not changed since."""
        own, other = self.conversation, conversation
        same = own is None if other is None else own is not None and own.pk == other.pk
        return same and self.state == "done" and self.subject == subject

    async def run(self, reader: Reader) -> None:
        """Look at everything; to be cancelled. Raises what reading raises."""
        loop = asyncio.get_running_loop()
        self.state = "running"

        def work(reads: Reads) -> None:
            parts: list[Part] = []
            told = time.monotonic()
            for part in review(reads, self.subject, self.conversation):
                parts.append(part)
                if time.monotonic() - told > TOLD_AFTER:
                    loop.call_soon_threadsafe(self._take, parts)
                    parts, told = [], time.monotonic()
            loop.call_soon_threadsafe(self._take, parts)

        try:
            await reader.aside(work)
        except StoreInterrupted:
            self.state = "stopped"
        except BaseException:
            self.state = "stopped"
            raise
        else:
            self.state = "done"

    def _take(self, parts: list[Part]) -> None:
        for part in parts:
            self.news += self.found.take(part)

"""A review of the evidence of a user, or of everyone, that runs beside the screen, and what it found."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Literal

from memos_admin.backend.errors import StoreInterrupted
from memos_admin.backend.evidence.collected import Collected
from memos_admin.backend.evidence.review import Part, review, review_everyone
from memos_admin.backend.model import Reads, Subject, SubjectRef, Totals
from memos_admin.tui.reader import Reader

TOLD_AFTER = 0.1
"""Seconds of work of which the event loop is told at once."""


MOST_KEPT = 100_000
"""Memories and messages that a review of everyone keeps for its lists."""


class Reviewing:
    """One review.

    Attributes:
        whose: the subject as it was when it began, or of everyone the whole store's totals.
        found: what was found so far.
        state: ``stopped`` may have found only a part, ``full`` has found `MOST_KEPT`.
        news: how often something was added to `found`.
    """

    def __init__(self, whose: Subject | Totals) -> None:
        self.whose = whose
        self.found = Collected()
        self.state: Literal["new", "running", "done", "stopped", "full"] = "new"
        self.news = 0

    @property
    def ref(self) -> SubjectRef | None:
        """Whom it is about; None: everyone."""
        return None if isinstance(self.whose, Totals) else self.whose.ref

    def is_of(self, whose: Subject | Totals) -> bool:
        """Whether it has looked at all of this, as far as the store has not changed since."""
        return self.state in {"done", "full"} and self.whose == whose

    async def run(self, reader: Reader) -> None:
        """Look at everything; to be cancelled. Raises what reading raises."""
        loop = asyncio.get_running_loop()
        self.state = "running"

        def work(reads: Reads) -> bool:
            parts: list[Part] = []
            told, kept = time.monotonic(), 0
            for part in self._parts(reads):
                parts.append(part)
                kept += len(part.supports) + len(part.silent)
                if kept > MOST_KEPT and isinstance(self.whose, Totals):
                    break
                if time.monotonic() - told > TOLD_AFTER:
                    loop.call_soon_threadsafe(self._take, parts)
                    parts, told = [], time.monotonic()
            loop.call_soon_threadsafe(self._take, parts)
            return kept > MOST_KEPT and isinstance(self.whose, Totals)

        try:
            full = await reader.aside(work)
        except StoreInterrupted:
            self.state = "stopped"
        except BaseException:
            self.state = "stopped"
            raise
        else:
            self.state = "full" if full else "done"

    def _parts(self, reads: Reads) -> Iterator[Part]:
        if isinstance(self.whose, Totals):
            return review_everyone(reads)
        return review(reads, self.whose)

    def _take(self, parts: list[Part]) -> None:
        for part in parts:
            self.news += self.found.take(part)

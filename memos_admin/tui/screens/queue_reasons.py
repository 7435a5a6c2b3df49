"""What a review says of the memory at hand besides what it is: why it was found, what does not agree."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from memos_admin.backend import display
from memos_admin.backend.model import Filter, Memory
from memos_admin.backend.verdicts import queues
from memos_admin.backend.verdicts.queues import Queue
from memos_admin.tui import background
from memos_admin.tui.jobs.evidence import memory_checks
from memos_admin.tui.jobs.queueing import Shown
from memos_admin.tui.session import Session
from memos_admin.tui.telling import tell
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.hygiene.finding import Finding
    from memos_admin.tui.jobs.queue_findings import Why

BEFORE_CHECKING = 0.15
"""Seconds that a memory is on the screen before it is compared with its messages: who goes through
many at once is not kept waiting."""


class Reasons(Screen[Any], inherit_bindings=False):
    """A review as its reasons know it.

    Attributes:
        _whys: why a hygiene scan found the memory.
        _checked: what was compared last with its messages, and what of it does not agree.
    """

    _session: Session
    _queue: Queue
    _found: Shown | None
    _whys: Sequence[Why] = ()
    _beside: Filter | None = None
    _findings: Mapping[int, Sequence[Finding]] | None = None
    _checked: tuple[object, Sequence[str]] = None, ()

    def draw_anew(self) -> None:
        """Draw the memory and its sources anew."""
        raise NotImplementedError

    # -- what does not agree ---------------------------------------------------------------------

    def _checks_of(self, found: Shown) -> Sequence[str]:
        """Return what does not agree, each in a sentence; look for it where that is not known yet."""
        wanted = _compared(found)
        if self._checked[0] == wanted:
            return self._checked[1]
        background.start(self, partial(self._check, found, wanted), "check")
        return ()

    async def _check(self, found: Shown, wanted: object) -> None:
        await asyncio.sleep(BEFORE_CHECKING)
        try:
            checks = await self._session.reader.aside(memory_checks, found.memory) or ()
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            tell(self, said_by(error))
            return
        if self._found is not None and _compared(self._found) == wanted:
            self._checked = wanted, checks
            if checks:
                self.draw_anew()

    # -- why it was found ------------------------------------------------------------------------

    def _explain(self, memory: Memory) -> None:
        """Say why a hygiene scan found the memory; one look at all of a user tells it of each of them."""
        from memos_admin.tui.jobs.queue_findings import beside

        wanted = beside(memory)
        if self._beside != wanted:
            self._beside, self._findings = wanted, None
            background.start(self, partial(self._look_beside, wanted), "findings")
        elif self._findings is not None:
            background.start(self, self._say_why, "why")

    async def _look_beside(self, wanted: Filter) -> None:
        from memos_admin.tui.jobs.queue_findings import findings

        home, rules = self._session.workspace.home, queues.rules_of(self._queue)
        try:
            self._findings = await self._session.reader.aside(findings, home, wanted, rules)
            await self._say_why()
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            tell(self, said_by(error))

    async def _say_why(self) -> None:
        from memos_admin.tui.jobs.queue_findings import whys

        found = self._found
        if found is None or self._findings is None:
            return
        said = await self._session.reader(whys, self._findings.get(found.memory.pk, ()))
        if self._found is not None and self._found.memory.pk == found.memory.pk:
            self._whys = said
            self.draw_anew()


def _compared(found: Shown) -> object:
    """Return what an answer holds for: the sentences are masked when they are made."""
    return found.memory, found.evidence.conversation, display.veil()

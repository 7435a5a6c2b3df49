"""What rows of memories say before their titles: a verdict, what was just found, what is to be checked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from memos_admin.backend.model import Memory
from memos_admin.tui import background
from memos_admin.tui.jobs.detailing import BEFORE_CHECKING
from memos_admin.tui.jobs.judging import word_before_title
from memos_admin.tui.rows.checked import CheckedRows

if TYPE_CHECKING:
    from memos_admin.tui.desk.panes import Desk


class RowWords:
    """Words about the memories of a desk."""

    def __init__(self, desk: Desk, found: Callable[[Memory], str]) -> None:
        """Take the desk, and what returns what was just found of a memory, in a word."""
        self._desk, self._found = desk, found
        self._checked = CheckedRows()

    def of(self, memory: Memory) -> tuple[str, ...]:
        """Return what stands before the title of a memory, each in a word; ``""``: nothing of that kind."""
        verdict = word_before_title(self._desk.session.judging.of(memory))
        return verdict, self._found(memory), self._to_check(memory)

    def _to_check(self, memory: Memory) -> str:
        """Return that a memory does not agree with its messages; what is compared is the text of now."""
        return "" if self._desk.chosen.as_of is not None else self._checked.word(memory)

    def check(self) -> None:
        """Say soon of the memories that are seen by now what does not agree with their messages."""
        desk = self._desk
        if desk.chosen.as_of is None and desk.panes.memories.source is not None:
            background.start(desk.panes.memories, self._check, "check")

    async def _check(self) -> None:
        await asyncio.sleep(BEFORE_CHECKING)
        desk = self._desk
        await self._checked.look(desk.reader, desk.panes.memories, desk.subject)

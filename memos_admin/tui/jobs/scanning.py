"""A hygiene scan that runs beside the screen, and what it has found so far."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from typing import Literal

from memos_admin.backend.errors import StoreInterrupted
from memos_admin.backend.hygiene.finding import Finding
from memos_admin.backend.hygiene.kinds import RuleId
from memos_admin.backend.hygiene.scan import Progress, Step, scan
from memos_admin.backend.hygiene.settings import HygieneSettings
from memos_admin.backend.model import Filter, Reads, Subject, Totals
from memos_admin.backend.times import now_ms
from memos_admin.tui.reader import Reader

TOLD_AFTER = 0.1
"""Seconds of work of which the event loop is told at once; of what takes long it is told before it begins."""

MOST_KEPT = 5_000
"""Findings of a rule that are kept for the list; all are counted."""


class Scanning:
    """One scan.

    Attributes:
        whose: the subject as it was when it began, or of everyone the whole store's totals.
        wanted: which memories.
        counts: findings by rule.
        kept: the first ones of each.
        state: ``stopped`` may have found only a part.
        news: how often something was added.
    """

    def __init__(self, whose: Subject | Totals, wanted: Filter, settings: HygieneSettings) -> None:
        self.whose, self.wanted, self.settings = whose, wanted, settings
        self.counts: Counter[RuleId] = Counter()
        self.kept: defaultdict[RuleId, list[Finding]] = defaultdict(list)
        self.progress = Progress(0, 0)
        self.state: Literal["new", "running", "done", "stopped"] = "new"
        self.news = 0

    def is_of(self, whose: Subject | Totals, wanted: Filter, settings: HygieneSettings) -> bool:
        """Whether it has looked at all of this, as far as the store has not changed since."""
        same = (self.whose, self.wanted, self.settings) == (whose, wanted, settings)
        return same and self.state == "done"

    async def run(self, reader: Reader) -> None:
        """Look at everything; to be cancelled. Raises what reading raises."""
        loop = asyncio.get_running_loop()
        self.state = "running"

        def work(reads: Reads) -> None:
            steps: list[Step] = []
            told, waits = 0.0, True
            for step in scan(reads, self.wanted, self.settings, now_ms()):
                steps.append(step)
                first = waits and bool(step.findings)
                compares = bool(step.progress.together) and not step.progress.compared
                if first or compares or time.monotonic() - told > TOLD_AFTER:
                    loop.call_soon_threadsafe(self._take, steps)
                    steps, told, waits = [], time.monotonic(), waits and not first
            loop.call_soon_threadsafe(self._take, steps)

        try:
            await reader.aside(work)
        except StoreInterrupted:
            self.state = "stopped"
        except BaseException:
            self.state = "stopped"
            raise
        else:
            self.state = "done"

    def _take(self, steps: list[Step]) -> None:
        for step in steps:
            self.progress = step.progress
            for one in step.findings:
                self.counts[one.rule] += 1
                if len(self.kept[one.rule]) < MOST_KEPT:
                    self.kept[one.rule].append(one)
            self.news += bool(step.findings)

"""The syncs that run, told together in one line. Pure but for the clock that is given."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from memos_admin.backend.display import one_line
from memos_admin.backend.model import SubjectRef
from memos_admin.language import counted
from memos_admin.language import gettext as _
from memos_admin.tui.standing import Progress
from memos_admin.tui.words import phrases

if TYPE_CHECKING:
    from memos_admin.backend.sync import SyncProgress

Scope = tuple[SubjectRef, ...]
"""Whom a sync is about; none: everybody."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A sync that is asked for: about whom, and whether all is listed or what changed."""

    refs: Scope = ()
    full: bool = False

    def is_about(self, ref: SubjectRef) -> bool:
        """Whether it reads a subject."""
        return not self.refs or ref in self.refs


RATE_OVER = 5.0
"""Seconds that requests a second are measured over."""


class Runs:
    """Syncs by what they are to read, with how far each is."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._runs: dict[Errand, SyncProgress | None] = {}
        self._sent: deque[tuple[float, int]] = deque()

    def __len__(self) -> int:
        return len(self._runs)

    def begin(self, errand: Errand) -> bool:
        """Note that a sync begins; False where the same one runs."""
        if errand in self._runs:
            return False
        if not self._runs:
            self._sent.clear()
        self._runs[errand] = None
        return True

    def tell(self, errand: Errand, progress: SyncProgress) -> None:
        """Note how far a sync is."""
        self._runs[errand] = progress
        # All syncs of a project send through one client, so that any of them knows what was sent.
        now = self._clock()
        self._sent.append((now, progress.requests))
        while self._sent[0][0] < now - RATE_OVER:
            self._sent.popleft()

    def end(self, errand: Errand) -> None:
        """Note that a sync has ended."""
        del self._runs[errand]

    def are_about(self, ref: SubjectRef) -> bool:
        """Whether any sync reads a subject."""
        return any(errand.is_about(ref) for errand in self._runs)

    def are_about_all(self) -> bool:
        """Whether a sync of everybody runs."""
        return Errand() in self._runs

    @property
    def several_subjects(self) -> bool:
        """Whether any sync is about more than one subject."""
        return any(len(errand.refs) != 1 for errand in self._runs)

    @property
    def progress(self) -> Progress | None:
        """How far all of them are; None while none runs."""
        if not self._runs:
            return None
        told = [progress for progress in self._runs.values() if progress is not None]
        if not told:
            return Progress(0, 0, _("starting"))
        before = sum(p.before for p in told)
        done, total = before + sum(p.done for p in told), before + sum(p.total for p in told)
        left = [p.eta_seconds for p in told if p.eta_seconds is not None]
        doing = next((p.doing for p in reversed(told) if p.doing), "")
        waiting = next((p.waiting for p in told if p.waiting), "")
        several = _("{count} syncs").format(count=len(self._runs))
        parts = [several if len(self._runs) > 1 else ""]
        parts.append(phrases.of(done, total) if total else _("starting"))
        if before:
            beside = any(p.beside for p in told)
            parts.append(
                _("goes on beside another one")
                if beside
                else _("goes on where one was interrupted")
            )
        if waiting:  # it matters more than what a narrow screen has room for
            parts.append(one_line(waiting, 80))
            doing = ""
        memories, messages = sum(p.memories for p in told), sum(p.messages for p in told)
        parts.append(phrases.memories(memories) if memories else "")
        parts.append(phrases.messages(messages) if messages else "")
        if left:
            parts.append(_("about {time} left").format(time=phrases.duration(max(left))))
        parts.append(self._rate())
        parts.append(one_line(doing, 60))
        return Progress(done, total, " · ".join(part for part in parts if part))

    def _rate(self) -> str:
        (first, before), (last, sent) = self._sent[0], self._sent[-1]
        if last - first < 1.0 or sent <= before:
            return ""
        return _("{count} requests/s").format(count=f"{(sent - before) / (last - first):.0f}")


class Found(Protocol):
    """What a sync found: its report, or what the store keeps of it."""

    @property
    def added(self) -> int:
        """Memories that are new here."""

    @property
    def changed(self) -> int:
        """Memories that say something else."""

    @property
    def vanished(self) -> int:
        """Memories that are listed no more."""

    @property
    def returned(self) -> int:
        """Memories that are listed again."""

    @property
    def messages(self) -> int:
        """Messages that are new here."""

    @property
    def gaps(self) -> int:
        """Gaps that are new here."""


def summary(report: Found, edited: int = 0) -> str:
    """Return what a sync changed here: ``3 memories added, 1 changed, 12 messages``.

    `edited` messages say something else than before.
    """
    parts = (
        (
            report.added,
            counted(report.added, "{count} memory added", "{count} memories added"),
        ),
        (report.changed, _("{count} changed").format(count=phrases.count(report.changed))),
        (report.vanished, _("{count} gone").format(count=phrases.count(report.vanished))),
        (report.returned, _("{count} back").format(count=phrases.count(report.returned))),
        (
            report.messages,
            counted(report.messages, "{count} new message", "{count} new messages"),
        ),
        (edited, counted(edited, "{count} message changed", "{count} messages changed")),
        (report.gaps, counted(report.gaps, "{count} new gap", "{count} new gaps")),
    )
    return _(", ").join(text for number, text in parts if number)

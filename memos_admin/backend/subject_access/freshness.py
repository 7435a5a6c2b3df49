"""How old what is stored of a subject is, in words: a bundle is of the store, not of the service."""

from __future__ import annotations

from dataclasses import dataclass

from memos_admin.backend.model import Subject
from memos_admin.backend.subject_access.earlier import at
from memos_admin.language import counted
from memos_admin.language import gettext as _

FRESH_MS = 3_600_000
"""What was read whole within this time is called fresh."""

_HOUR, _DAY = 3_600_000, 86_400_000


@dataclass(frozen=True, slots=True)
class Freshness:
    """When a subject was last read whole; None: never."""

    listed_at: int | None
    problem: str | None
    now: int

    @property
    def is_fresh(self) -> bool:
        """Whether all of it was read lately, without an error since."""
        listed = self.listed_at
        return listed is not None and self.problem is None and 0 <= self.now - listed <= FRESH_MS

    def read(self) -> str:
        """Return when it was read, in a sentence."""
        if self.listed_at is None:
            return _("It was never read whole from MemOS: what is here lacks something.")
        text = _("It was last read whole from MemOS on {time}, {ago}.")
        return text.format(time=at(self.listed_at), ago=_ago(self.now - self.listed_at))

    def said(self) -> str:
        """Return the same, and why the last reading failed: not for the person whom it is about."""
        said = self.read()
        if self.listed_at is not None and self.problem is not None:
            failed = _("{said} The last reading failed: {why}")
            return failed.format(said=said, why=self.problem)
        return said


def freshness(subject: Subject, now: int) -> Freshness:
    """Return how fresh what is stored of a subject is."""
    return Freshness(subject.listed_at, subject.problem, now)


def _ago(ms: int) -> str:
    if ms < 60_000:
        return _("just now")
    if ms < _HOUR:
        return counted(ms // 60_000, "{count} minute ago", "{count} minutes ago")
    if ms < 2 * _DAY:
        return counted(ms // _HOUR, "{count} hour ago", "{count} hours ago")
    return counted(ms // _DAY, "{count} day ago", "{count} days ago")

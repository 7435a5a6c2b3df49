"""How old what is stored of a subject is, in words: a bundle is of the store, not of the service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from memos_admin.backend.ages import ago
from memos_admin.backend.model import Reads, Subject
from memos_admin.backend.subject_access.earlier import at
from memos_admin.backend.times import now_ms
from memos_admin.language import counted, ngettext, sentences
from memos_admin.language import gettext as _
from memos_admin.store import bundles
from memos_admin.store.bundles import Behind

FRESH_MS = 3_600_000
"""What was read whole within this time is called fresh."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """When a subject was last read whole.

    Attributes:
        listed_at: when its memories were; None: never.
        problem: why the last reading was not whole; None: it was.
        told_at: when that is told; None: whenever it is asked for.
        behind: the conversations whose messages it could not read; None: none.
        doubted: memories that it did not list, of which it is not confirmed that they are gone.
    """

    listed_at: int | None
    problem: str | None
    told_at: int | None = None
    behind: Behind | None = None
    doubted: int = 0

    @property
    def _now(self) -> int:
        return now_ms() if self.told_at is None else self.told_at

    @property
    def is_fresh(self) -> bool:
        """Whether all of it was read lately, without an error since, and no memory is in doubt."""
        listed, sound = self.listed_at, self.problem is None and not self.doubted
        return listed is not None and sound and 0 <= self._now - listed <= FRESH_MS

    def read(self) -> str:
        """Return when it was read, in a sentence."""
        if self.listed_at is None:
            return _("It was never read whole from MemOS: what is here lacks something.")
        text = _("It was last read whole from MemOS on {time}, {ago}.")
        if self.behind is not None:
            text = _("Its memories were last read whole from MemOS on {time}, {ago}.")
        said = text.format(time=at(self.listed_at), ago=ago(self.listed_at, self._now))
        return sentences(said, *self._messages(), *self._memories())

    def _messages(self) -> Iterator[str]:
        """Yield how old the messages are of the conversations that could not be read."""
        if self.behind is None:
            return
        read = self.behind.conversations - self.behind.never
        if self.behind.read_at is not None:
            text = ngettext(
                "The messages of {count} conversation were last read on {time}.",
                "The messages of {count} conversations were last read on {time} or later.",
                read,
            )
            yield text.format(count=f"{read:,}", time=at(self.behind.read_at))
        if self.behind.never:
            yield counted(
                self.behind.never,
                "The messages of {count} conversation were never read.",
                "The messages of {count} conversations were never read.",
            )

    def _memories(self) -> Iterator[str]:
        """Yield of how many memories it is not known whether they are gone."""
        if self.doubted:
            yield counted(
                self.doubted,
                "Whether {count} memory is still in use is not confirmed: MemOS did not list it then.",
                "Whether {count} memories are still in use is not confirmed: MemOS did not list them then.",
            )

    def said(self) -> str:
        """Return the same, and why the last reading failed: not for the person whom it is about."""
        said = self.read()
        if self.listed_at is not None and self.problem is not None:
            failed = _("{said} The last reading was not whole: {why}")
            return failed.format(said=said, why=self.problem)
        return said


def freshness(reads: Reads, subject: Subject, told_at: int | None = None) -> Freshness:
    """Return how fresh what is stored of a subject is, or was at an instant."""
    found = None if subject.problem is None else bundles.behind(reads.query, subject.pk)
    behind = found if found is not None and found.conversations else None
    return Freshness(subject.listed_at, subject.problem, told_at, behind, subject.doubted)

"""What an erasure is going to do, in the service and here, and what of it can be asked for; see `erasure_planning`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memos_admin.backend.changing.subject_planning import SubjectPlan
    from memos_admin.backend.erasing.erased_before import ErasedBefore
    from memos_admin.backend.erasing.plan import Plan
    from memos_admin.backend.projects.elsewhere import Elsewhere
    from memos_admin.backend.subject_access.bundle import Order
    from memos_admin.store.erasures import Attempt


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What will be done, in the service and here.

    Attributes:
        service: what is deleted there, and the archive that is written before.
        here: what is erased here afterwards.
        receipts: the folder that the receipt is written to.
        project: what the project is called; None: it has no name.
        before: the last erasure that has an end, of somebody who is back; None: none is known.
    """

    order: Order
    service: SubjectPlan
    here: Plan
    receipts: Path
    project: str | None = None
    before: ErasedBefore | None = None

    @property
    def earlier(self) -> tuple[Attempt, ...]:
        """Attempts that were begun before, and have no end."""
        return self.here.attempts

    @property
    def word(self) -> str:
        """What a person types to go on."""
        return self.service.word

    @property
    def finds_nothing(self) -> bool:
        """Whether neither MemOS nor this machine has anything of it but the id."""
        service, held = self.service, self.here.held
        there = service.memories or service.archived or service.gone or service.conversations
        here = held is not None and (
            held.messages or held.memories or held.shared_memories or held.unswept
        )
        backups = any(one.held is not None and one.held.anything for one in self.here.backups)
        return not (there or here or backups or service.unread)

    @property
    def was_deleted(self) -> bool:
        """Whether an earlier attempt, which has no end, has sent the deletion, or was about to."""
        return any(attempt.sent for attempt in self.earlier)

    @property
    def is_all_known(self) -> bool:
        """Whether the service can be asked for all that was ever known, as far as that was not verified to be gone.

        It cannot where the copy that an attempt was made with was erased since, or is another project's, unless
        at least as much is known here.
        """
        begun = (
            attempt for other in self.begun_elsewhere for attempt in _unverified(other.attempts)
        )
        return not self.is_lost and all(map(self._knows, begun))

    @property
    def is_lost(self) -> bool:
        """Whether a copy that an attempt was made with, here or in another project, was erased, and less is known here."""
        runs = (self.earlier, *(other.attempts for other in self.begun_elsewhere))
        return any(
            attempt.erased_here and not self._knows(attempt)
            for attempts in runs
            for attempt in _unverified(attempts)
        )

    @property
    def begun_elsewhere(self) -> tuple[Elsewhere, ...]:
        """Other projects of the same people that have begun an erasure of it, which has no end."""
        return tuple(
            other for other in self.here.elsewhere if other.attempts and other.likeness == "key"
        )

    def _knows(self, attempt: Attempt) -> bool:
        """Return whether as much is known here as when an attempt was made."""
        if attempt.memories is None or attempt.conversations is None:
            return False
        held = self.here.held
        memories = 0 if held is None else held.memories + held.shared_memories
        conversations = 0 if held is None else held.conversations
        return memories >= attempt.memories and conversations >= attempt.conversations


def _unverified(attempts: Sequence[Attempt]) -> Iterator[Attempt]:
    """Yield the attempts that have sent a deletion after the last one that was verified, the last one first."""
    behind = takewhile(lambda attempt: not attempt.verified, reversed(attempts))
    return (attempt for attempt in behind if attempt.sent)

"""What the service shows of a subject that was deleted, by each way of asking; see `subject_asking`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from memos_admin.backend.changing.outcome import ReadBack

if TYPE_CHECKING:
    from memos_admin.cloud.errors import CloudError

Shown = Literal["nothing", "others", "listing", "something", "unread"]
"""What the service shows: nothing; only what it lists for others too; nothing in a listing, beside which
nothing was known to be asked for; something; it was not read whole."""


Seen = Shown | Literal["not all"]
"""The same; `not all`: it shows nothing, and not all was known any more that could be asked for."""

Verdict = Literal["verified", "listing", "pending", "unread"]
"""What programs and the journal are told of that; `listing`: nothing was known that could be verified."""

_VERDICTS: Mapping[Seen, Verdict] = {
    "nothing": "verified",
    "others": "verified",
    "listing": "listing",
    "something": "pending",
    "unread": "unread",
    "not all": "unread",
}


def verdict_of(seen: Seen) -> Verdict:
    """Return what programs and the journal are told of what the service shows, as the texts say it."""
    return _VERDICTS[seen]


@dataclass(frozen=True, slots=True)
class Check:
    """One way of asking for what is left, and what came of it.

    Attributes:
        due: how often there was to be asked.
        answered: how often there was an answer.
        left: ids of the memories, or conversations, that the answers still show.
        error: why not all was answered; None: it was, or was not asked.
    """

    due: int = 0
    answered: int = 0
    left: tuple[str, ...] = ()
    error: CloudError | None = field(default=None, compare=False)

    @property
    def count(self) -> int | None:
        """How much is left; None: there was no answer that could show it."""
        return len(self.left) if self.answered else None

    @property
    def unanswered(self) -> int:
        """How often there was to be asked, and no answer."""
        return self.due - self.answered

    def __add__(self, other: Check) -> Check:
        """Return both as one."""
        left = tuple(dict.fromkeys((*self.left, *other.left)))
        error = self.error or other.error
        return Check(self.due + other.due, self.answered + other.answered, left, error)


NOT_DUE = Check()


@dataclass(frozen=True, slots=True)
class SubjectRead:
    """What the service shows afterwards, by each way.

    Attributes:
        listing: the first page of one.
        memories, archived, gone: by their ids, those that were listed before, archived ones, and
            those that had been gone already.
        conversations: whose messages are still served.
        searches: for words of memories, and what they still recall.
        others: by their ids, those that others list.
        own: ids of those of them that the answers say are the subject's all the same.
        readings: how often it was read back; the checks are those of the last time.
    """

    listing: Check = NOT_DUE
    memories: Check = NOT_DUE
    archived: Check = NOT_DUE
    gone: Check = NOT_DUE
    conversations: Check = NOT_DUE
    searches: Check = NOT_DUE
    others: Check = NOT_DUE
    own: tuple[str, ...] = ()
    readings: int = 1

    @property
    def known(self) -> Check:
        """Memories of the subject, by their ids: all but `others`, and those of them that are its own."""
        own = Check(len(self.own), len(self.own), self.own)
        return self.memories + self.archived + self.gone + own

    @property
    def problems(self) -> tuple[str, ...]:
        """Why it could not be read whole; none: it could."""
        errors = (check.error for check in self._checks)
        return tuple(dict.fromkeys(str(error) for error in errors if error is not None))

    @property
    def is_answered(self) -> bool:
        """Whether there was any answer."""
        return any(check.answered for check in self._checks)

    @property
    def verdict(self) -> ReadBack:
        """Whether nothing is left, as far as it was asked for."""
        shown = (self.listing, self.known, self.conversations, self.searches)
        if any(check.left for check in shown):
            return "pending"
        is_read = not any(check.error or check.unanswered for check in self._checks)
        return "verified" if is_read else "unread"

    @property
    def shown(self) -> Shown:
        """What the service shows: what each text about that is made of."""
        if self.verdict == "verified":
            if self.left_to_others:
                return "others"
            return "nothing" if self.known.due or self.conversations.due else "listing"
        return "something" if self.verdict == "pending" else "unread"

    def seen(self, *, all_known: bool) -> Seen:
        """Return the same of a subject of whom all that was ever known could be asked for, or not."""
        is_sure = all_known or self.verdict != "verified"
        return self.shown if is_sure else "not all"

    @property
    def left_to_others(self) -> int:
        """Memories that the service still has by their ids, and lists for others: not the subject's."""
        return len(self.others.left) if self.verdict == "verified" else 0

    @property
    def _checks(self) -> tuple[Check, ...]:
        return (
            self.listing,
            self.memories,
            self.archived,
            self.gone,
            self.conversations,
            self.searches,
            self.others,
        )

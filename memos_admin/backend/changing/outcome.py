"""What came of a plan: what was done, what was not, and what could not be verified."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from memos_admin.backend.changing.plan import Plan, Step
from memos_admin.backend.changing.said import Said
from memos_admin.cloud.errors import Refused

Carried = Literal["done", "refused", "unknown", "changed", "not tried"]
"""What is known of the request: the service said that it did it; it was not carried out; nobody knows;
it was not sent, since the memory says something else than what a person had seen; it was not sent."""

ReadBack = Literal["verified", "pending", "contradicts", "unread"]
"""What the service shows afterwards: what was asked for; what was there before, as long as was waited
for it; something else; or it could not be read."""


@dataclass(frozen=True, slots=True)
class Read:
    """What was read back; `now` None: there is no such memory, or it could not be read."""

    verdict: ReadBack
    now: Said | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What came of one memory.

    Attributes:
        read: what was read back; None: nothing was sent.
        now: what the memory says instead of what a person had seen; see `Carried`.
        problem: why it was not carried out, or nobody knows.
        error: what the service raised.
    """

    step: Step
    carried: Carried
    read: Read | None = None
    now: Said | None = None
    problem: str = ""
    error: Exception | None = field(default=None, compare=False, repr=False)

    @property
    def is_done(self) -> bool:
        """Whether it was carried out, as the service said or shows."""
        return self.carried == "done" or self.is_verified

    @property
    def is_verified(self) -> bool:
        """Whether the service shows what was asked for."""
        return self.read is not None and self.read.verdict == "verified"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a plan.

    Attributes:
        not_kept: why the store is not up to date yet, ``""``: it is.
    """

    plan: Plan
    steps: tuple[StepOutcome, ...]
    not_kept: str = ""

    @property
    def done(self) -> int:
        """How many memories were changed."""
        return sum(step.is_done for step in self.steps)

    @property
    def is_in_doubt(self) -> bool:
        """Whether an answer does not say if the request was carried out."""
        return any(step.carried == "unknown" for step in self.steps)

    @property
    def is_settled(self) -> bool:
        """Whether MemOS shows what came of all that was sent, and the store has that."""
        sent = (step for step in self.steps if step.carried in {"done", "unknown"})
        return not self.not_kept and all(step.is_verified for step in sent)

    @property
    def is_complete(self) -> bool:
        """Whether all that was asked for was done, and is shown by the service."""
        passed = any(passed.failed for passed in self.plan.passed)
        return not passed and all(step.is_verified for step in self.steps)

    @property
    def is_refused(self) -> bool:
        """Whether the service refused the key."""
        return any(isinstance(step.error, Refused) for step in self.steps)

"""What came of an erasure: how it ended, what is left, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from memos_admin.backend.changing.subject import SubjectOutcome
    from memos_admin.backend.changing.subject_reading import Seen
    from memos_admin.backend.erasing.plan import Erased, Plan
    from memos_admin.backend.projects.elsewhere import Elsewhere
    from memos_admin.backend.subject_access.bundle import BundleReport
    from memos_admin.backend.subject_access.erasure_plan import ErasurePlan
    from memos_admin.backend.subject_access.runs_elsewhere import RunElsewhere

Ended = Literal["complete", "nothing", "unverified", "partial", "unknown", "refused"]
"""Nothing is left that can be reached; nothing was found before; nothing is left in the service as it says,
which could not be read back whole, or not asked for all that was known once; something is left; nobody
knows; nothing was done."""

Left = Literal["service", "begun elsewhere", "elsewhere", "both", "kept"]
"""The service still shows something; other projects here have begun to erase it; they hold it; they do, and there
is more; a store whose place a backup has taken holds it."""


@dataclass(frozen=True, slots=True)
class ErasureOutcome:
    """What came of it.

    Attributes:
        began_at: UTC milliseconds.
        bundle: the archive that was written before; None: none was.
        erased: what was erased here; None: nothing was, since the service still shows something, or
            nobody knows.
        problem: why it was not erased here, ``""``: it was, or was not tried.
        receipts: the files of the receipt; `receipt_problem`: why there are none.
        runs_elsewhere: what other projects have done to erase the same one.
        journal: which entries the operator journal has of it, or why there is none.
    """

    plan: ErasurePlan
    service: SubjectOutcome
    began_at: int
    bundle: BundleReport | None = None
    erased: Erased | None = None
    problem: str = ""
    runs_elsewhere: Sequence[RunElsewhere] = ()
    receipts: Sequence[Path] = ()
    receipt_problem: str = field(default="", compare=False)
    journal: str = field(default="", compare=False)

    @property
    def here(self) -> Plan:
        """What was here when it was erased, or is to be erased."""
        return self.plan.here if self.erased is None else self.erased.plan

    @property
    def ended(self) -> Ended:
        """How it ended, the receipt aside."""
        service = self.service
        if service.is_complete and self.erased is not None and not self.erased.remains:
            if not self.plan.is_all_known:
                return "unverified"
            return "nothing" if self.plan.finds_nothing else "complete"
        if service.is_unverified:
            return "unverified"
        if service.is_done or service.is_absent:
            return "partial"
        return "unknown" if service.is_in_doubt else "refused"

    @property
    def left(self) -> Left | None:
        """What keeps it from being complete, as far as that says what to do; None: nothing does, or something else."""
        if self.ended != "partial":
            return None
        if self.erased is None:
            read = self.service.read
            return "service" if read is not None and read.verdict == "pending" else None
        if not self.erased.elsewhere:
            return "kept" if self.erased.kept and not self.erased.repeating_helps else None
        if any(other.attempts for other in self.elsewhere):
            return "begun elsewhere"
        return "both" if self.erased.repeating_helps or self.erased.kept else "elsewhere"

    @property
    def elsewhere(self) -> tuple[Elsewhere, ...]:
        """Other projects that keep it from being complete: those that have begun an erasure, where there are any."""
        others = () if self.erased is None else self.erased.elsewhere
        return tuple(other for other in others if other.attempts) or others

    @property
    def left_to_others(self) -> int:
        """Memories that the service still has, and lists for others too."""
        read = self.service.read
        return 0 if read is None else read.left_to_others

    @property
    def left_nothing(self) -> bool:
        """Whether earlier attempts have left nothing to be found, as far as the service said then."""
        return self.ended == "nothing" and self.plan.was_deleted

    @property
    def shown(self) -> Seen | None:
        """What the service showed, of which all texts are made; None: it was not read back."""
        read = self.service.read
        return None if read is None else read.seen(all_known=self.plan.is_all_known)

    @property
    def is_in_part_unasked(self) -> bool:
        """Whether it is not verified since a copy that was erased knew more, so that to repeat it does not help."""
        return self.ended == "unverified" and self.service.is_complete

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to do, and there is a receipt that says so."""
        return self.ended in {"complete", "nothing"} and bool(self.receipts)

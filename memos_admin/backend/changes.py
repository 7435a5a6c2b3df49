"""What syncs have found here lately: memories added, changed or gone, and new messages."""

from __future__ import annotations

from collections.abc import Sequence

from memos_admin.language import N_
from memos_admin.store import changes as stored
from memos_admin.store.changes import Change, ChangeKind
from memos_admin.store.reads import Reads
from memos_admin.store.records import SubjectRef

__all__ = ["PERIODS", "Change", "ChangeKind", "changes"]

_HOUR = 3_600_000

PERIODS: Sequence[tuple[str, int | None]] = (
    (N_("the last sync"), None),
    (N_("24 hours"), 24 * _HOUR),
    (N_("7 days"), 7 * 24 * _HOUR),
    (N_("30 days"), 30 * 24 * _HOUR),
)
"""Names and lengths in milliseconds; None: since the latest sync of the project began."""


def changes(
    reads: Reads, period: int | None, now: int, subject: SubjectRef | None = None
) -> list[Change]:
    """Return what was found within one of the lengths of `PERIODS`, latest first.

    Found means: read here for the first time. It may have changed in MemOS long before. What came
    back after it had gone is not told, since the store keeps no trace of it.
    """
    if period is not None:
        return stored.changes(reads.query, now - period, subject)
    last = reads.last_run()
    return [] if last is None else stored.changes(reads.query, last.started_at, subject)

"""What syncs have found here lately: memories added, changed or gone, and new messages."""

from __future__ import annotations

from collections.abc import Sequence

from memos_admin.language import N_
from memos_admin.store import changes as stored
from memos_admin.store.changes import Change, ChangeKind
from memos_admin.store.reads import Reads
from memos_admin.store.records import SubjectRef, SyncRun

__all__ = ["PERIODS", "Change", "ChangeKind", "changes", "changes_of", "found_by"]

_HOUR = 3_600_000

MOST_RUNS = 200
"""Syncs that are looked at and listed; a refresh of what is shown is one."""

PERIODS: Sequence[tuple[str, int | None]] = (
    (N_("the last sync with changes"), None),
    (N_("24 hours"), 24 * _HOUR),
    (N_("7 days"), 7 * 24 * _HOUR),
    (N_("30 days"), 30 * 24 * _HOUR),
)
"""Names and lengths in milliseconds; None: the latest sync that found a change,
and whatever was found since it began."""


def changes(
    reads: Reads, period: int | None, now: int, subject: SubjectRef | None = None
) -> list[Change]:
    """Return what was found within one of the lengths of `PERIODS`, latest first.

    Found means: read here for the first time. It may have changed in MemOS long before. What came
    back after it had gone is not told, since the store keeps no trace of it.
    """
    if period is not None:
        return stored.changes(reads.query, now - period, subject)
    for run in reads.runs(MOST_RUNS):
        if (found_by(run) or run.outcome == "running") and (
            found := stored.changes(reads.query, run.started_at, subject)
        ):
            return found
    return []


def changes_of(reads: Reads, run: SyncRun, subject: SubjectRef | None = None) -> list[Change]:
    """Return what was found while a sync ran, latest first; others may have run at that time."""
    return stored.changes(reads.query, run.started_at, subject, until=run.finished_at)


def found_by(run: SyncRun) -> bool:
    """Whether a sync that has ended found any change."""
    return bool(run.added or run.changed or run.vanished or run.returned or run.messages)

"""How many requests a poll needs while nothing changes, as far as the store knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from memos_admin.backend.model import Reads, SubjectRef
from memos_admin.backend.remote import PAGE_SIZE
from memos_admin.backend.sync import update_filter
from memos_admin.store import ledger, runs


class Expense(NamedTuple):
    """Requests of a poll; `at_least`: it may need more, since not all is known that it depends on."""

    requests: int
    at_least: bool = False


_RECENT_MS = update_filter.OVERLAP_MS + 86_400_000
"""How far back a poll asks for changes at most: by the day."""


def of_poll(reads: Reads, refs: Sequence[SubjectRef], *, full: bool, now: int) -> Expense:
    """Return what a poll needs: of each subject the pages of its largest view that it lists.

    That is what was updated of late where MemOS honours that filter, else all, and where a poll is
    `full`: with a request for each conversation then.
    """
    known = reads.setting(runs.UPDATE_FILTER)
    lists_all = full or known == update_filter.IGNORED
    recent = {} if lists_all else ledger.updated_since(reads.query, now - _RECENT_MS)
    entries = [entry for ref in refs if (entry := reads.subject(ref)) is not None]
    number = len(refs) - len(entries)
    for entry in entries:
        largest = _largest(reads, entry.pk) if lists_all else recent.get(entry.pk, 0)
        number += max(1, -(-largest // PAGE_SIZE))
        number += entry.conversations if full else 0
    if not lists_all:
        return Expense(number, at_least=known != update_filter.HONOURED)
    if full and known == update_filter.IGNORED:
        number += update_filter.REQUESTS  # whole listings find it out again
    whole = len(entries) == len(refs) and all(entry.listed_at is not None for entry in entries)
    return Expense(number, at_least=not whole)


def _largest(reads: Reads, subject_pk: int) -> int:
    """Return how many memories are listed of a subject's largest view."""
    views = ledger.memories(reads.query, subject_pk)
    return max((view.listed for view in views), default=0)

"""Which rows of a table a filter names, by what the store has of each memory. Pure but for reading it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from memos_admin.backend.model import Filter, Reads, SubjectRef
from memos_admin.backend.recall.explaining import Row


def passing(
    reads: Reads, rows: Sequence[Row], whose: SubjectRef, within: Filter
) -> list[bool | None]:
    """Return of each row whether it passes; None: the store does not have it, so that nobody knows."""
    keys = set(reads.memory_pks(replace(within, subject=whose)))
    return [
        None
        if row.stored is None
        else any(one.listing_pk in keys for one in reads.memory(row.memory_id))
        for row in rows
    ]

"""In which sync each version of a memory was read for the first time, and when it was not listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from memos_admin.store.query import Query
from memos_admin.store.records import SubjectRef, SyncRun


class Absence(NamedTuple):
    """That a memory was not listed for a subject for a while, and came back.

    Attributes:
        last_seen: the last listing that had it before.
        vanished_at, returned_at: when it was found to be gone, and back.
        reason: as of a listing that is gone.
    """

    listing_pk: int
    ref: SubjectRef
    last_seen: int | None
    vanished_at: int
    returned_at: int
    reason: str | None


_RUN = """r.pk, r.started_at, r.finished_at, r.mode, r.outcome, r.requests, r.failed, r.scope,
          r.added, r.changed, r.vanished, r.returned, r.messages, r.gaps, r.kept"""

_LATER = f"""SELECT v.version + 1, {_RUN} FROM memory_version v JOIN sync_run r ON r.pk = v.run_pk
             WHERE v.memory_pk = ?"""

_FIRST = f"""SELECT 1, {_RUN} FROM memory m JOIN sync_run r
             ON m.first_seen BETWEEN r.started_at AND COALESCE(r.finished_at, m.first_seen)
             AND (r.added > 0 OR r.finished_at IS NULL)
             WHERE m.pk = ?"""


def found_in(query: Query, memory_pk: int) -> dict[int, SyncRun]:
    """Return the syncs in which versions were read first, by the version's number.

    Left out is what is not known: the sync was erased with somebody, what was found was no sync's,
    or several ran when the memory was read first, of which no note says which it was.
    """
    first = [SyncRun(*row) for _, *row in query.rows(_FIRST, [memory_pk])]
    later = {version: SyncRun(*row) for version, *row in query.rows(_LATER, [memory_pk])}
    return {1: first[0], **later} if len(first) == 1 else later


def absences(query: Query, listing_pks: Sequence[int]) -> list[Absence]:
    """Return when memories were not listed for a while, earliest first; of some listings."""
    rows = query.rows_of(
        """SELECT a.listing_pk, s.kind, s.external_id, a.last_seen, a.vanished_at, a.returned_at,
               a.reason
           FROM absence a JOIN listing l ON l.pk = a.listing_pk JOIN subject s ON s.pk = l.subject_pk""",
        "a.listing_pk",
        listing_pks,
    )
    found = [Absence(pk, SubjectRef(kind, name), *said) for pk, kind, name, *said in rows]
    return sorted(found, key=lambda one: (one.vanished_at, one.listing_pk))

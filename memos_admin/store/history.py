"""In which sync each version of a memory was read for the first time."""

from __future__ import annotations

from memos_admin.store.query import Query
from memos_admin.store.records import SyncRun

_RUN = """r.pk, r.started_at, r.finished_at, r.mode, r.outcome, r.requests, r.failed, r.scope,
          r.added, r.changed, r.vanished, r.returned, r.messages, r.gaps"""

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

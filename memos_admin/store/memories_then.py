"""Memories as they were known at an instant, and which of their fields nobody knows as of then any more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from memos_admin.store.as_of import TABLES
from memos_admin.store.query import Query
from memos_admin.store.records import Memory
from memos_admin.store.rows import memory_of

_MEMORY = f"""{TABLES}
SELECT m.pk, l.pk, s.kind, s.external_id, m.memory_id, m.view, m.title, m.content, m.status, m.type,
       m.confidence, m.conversation_id, m.create_time, m.update_time, m.created_at, m.updated_at,
       l.first_seen, l.last_seen, l.missed_at, l.vanished_at, l.reason, m.version, m.version_since,
       iif(m.present, (SELECT count(*) FROM memory_source o WHERE o.memory_pk = m.pk), 0),
       m.dropped, m.present, m.conversation_lost, coalesce(m.updated_since, 0), m.tags, l.subject_pk
FROM listing l JOIN memory m ON m.pk = l.memory_pk JOIN subject s ON s.pk = l.subject_pk"""


def memories_then(
    query: Query, listing_pks: Sequence[int], moment: int, *, cut: int | None
) -> Iterator[Memory]:
    """Yield the memories of these listings that were known at an instant, in no order.

    Of each content at most `cut` characters.
    """
    listed: dict[int, int | None] = {}
    for row in list(query.rows_of(_MEMORY, "l.pk", listing_pks, moment)):
        *said, present, conversation_lost, updated_since, tags, subject_pk = row
        if subject_pk not in listed:
            listed[subject_pk] = _listed_before(query, subject_pk, moment)
        first_seen, last_seen, missed, gone, *_, version_since, _sources, dropped = said[16:]
        last_listed = last_seen or listed[subject_pk] or first_seen
        is_read_for_it = version_since < (missed or gone or moment + 1)
        said[17] = max(last_listed, first_seen, version_since if is_read_for_it else 0)
        not_kept = (
            *(("title", "content", "tags") if dropped else ()),
            "confidence",
            *(("conversation_id",) if conversation_lost else ()),
            *(() if present else ("sources",)),
            *(("updated_at",) if updated_since else ()),
        )
        yield memory_of(said, cut, json.loads(tags))._replace(not_kept=not_kept)


def _listed_before(query: Query, subject_pk: int, moment: int) -> int | None:
    """Return when the last whole listing of a subject until an instant was there.

    Of the last one of all that is when it began, as it is without an instant; of earlier ones only
    when they ended is kept.
    """
    rows = query.rows(
        """SELECT iif(until IS of_all, coalesce(s.listed_at, until), until) FROM (
               SELECT max(finished_at) FILTER (WHERE finished_at <= ?2) AS until,
                      max(finished_at) AS of_all
               FROM sync_progress WHERE subject_pk = ?1 AND listed)
           JOIN subject s ON s.pk = ?1""",
        [subject_pk, moment],
    )
    found: int | None = next(rows)[0]
    return found

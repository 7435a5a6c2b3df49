"""The tables as they were at an instant, for statements that are asked about then.

Nobody keeps by its time how confident the service was: that is not told. Of the sources only those
are known of what has not been replaced since. A time of updating behind the instant was given later:
it is not told either. Where it is not kept which conversation a memory named then, that of now stands there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

TABLES = """
WITH listing AS (
    SELECT l.pk, l.memory_pk, l.subject_pk, l.first_seen,
        CASE WHEN a.pk IS NOT NULL THEN a.last_seen WHEN l.missed_at <= ?1 THEN l.last_seen END
            AS last_seen,
        CASE WHEN a.pk IS NOT NULL THEN a.missed_at WHEN l.missed_at <= ?1 THEN l.missed_at END
            AS missed_at,
        CASE WHEN a.pk IS NOT NULL THEN a.vanished_at WHEN l.vanished_at <= ?1 THEN l.vanished_at END
            AS vanished_at,
        CASE WHEN a.pk IS NOT NULL THEN a.reason WHEN l.vanished_at <= ?1 THEN l.reason END AS reason
    FROM main.listing l LEFT JOIN main.absence a ON a.pk = (
        SELECT pk FROM main.absence
        WHERE listing_pk = l.pk AND vanished_at <= ?1 AND returned_at > ?1 LIMIT 1)
    WHERE l.first_seen <= ?1),
memory AS (
    SELECT m.pk, m.memory_id, iif(v.pk IS NULL, m.view, v.view) AS view,
        iif(v.pk IS NULL, m.title, v.title) AS title,
        iif(v.pk IS NULL, m.content, v.content) AS content,
        iif(v.pk IS NULL, m.status, v.status) AS status,
        m.type, NULL AS confidence,
        iif(v.conversation_id IS NULL, m.conversation_id, nullif(v.conversation_id, '')) AS conversation_id,
        v.pk IS NOT NULL AND v.conversation_id IS NULL AS conversation_lost, m.create_time,
        CASE WHEN iif(v.pk IS NULL, m.updated_at, service_time(v.update_time)) > ?1 THEN NULL WHEN v.pk IS NULL THEN m.update_time
            ELSE v.update_time END AS update_time, m.created_at,
        iif(iif(v.pk IS NULL, m.updated_at, service_time(v.update_time)) > ?1, NULL, iif(v.pk IS NULL, m.updated_at, service_time(v.update_time))) AS updated_at,
        iif(v.pk IS NULL, m.updated_at, service_time(v.update_time)) > ?1 AS updated_since,
        iif(v.pk IS NULL, m.version, v.version) AS version,
        iif(v.pk IS NULL, m.version_since, v.seen_from) AS version_since,
        iif(v.pk IS NULL,
            (SELECT json_group_array(tag) FROM (
                SELECT tag FROM main.memory_tag WHERE memory_pk = m.pk ORDER BY ordinal)),
            iif(v.tags = '', '[]', v.tags)) AS tags,
        v.pk IS NOT NULL AND v.tags = '' AS dropped, v.pk IS NULL AS present
    FROM main.memory m LEFT JOIN main.memory_version v ON v.pk = (
        SELECT pk FROM main.memory_version
        WHERE memory_pk = m.pk AND replaced_at > ?1 ORDER BY version LIMIT 1))
"""
"""Stands before a statement over ``listing`` and ``memory``, and gives these names to what was known
then. ``?1`` is the instant. What a memory said then is the earliest version that was replaced later."""


def over_then(sql: str, values: Sequence[Any], moment: int | None) -> tuple[str, list[Any]]:
    """Return a statement and its values over the tables of an instant; None: those of now."""
    return (sql, [*values]) if moment is None else (f"{TABLES} {sql}", [moment, *values])

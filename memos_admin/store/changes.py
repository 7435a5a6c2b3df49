"""Reads of what changed here since a moment: memories added, changed or gone, and new messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from memos_admin.store.conditions import subject_values
from memos_admin.store.query import Query
from memos_admin.store.records import SubjectRef

_NEVER = 1 << 62
"""A moment that never comes."""

ChangeKind = Literal["added", "changed", "gone", "messages"]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a sync found.

    Attributes:
        at: when it was found here, milliseconds.
        listing_pk: of the memory; None for messages.
        conversation_pk: of the messages; None for a memory.
        messages: how many new ones.
    """

    kind: ChangeKind
    at: int
    listing_pk: int | None = None
    conversation_pk: int | None = None
    messages: int = 0


_ADDED = "SELECT 'added', l.first_seen, l.pk FROM listing l {of} WHERE l.first_seen BETWEEN :since AND :until {whose}"
_GONE = "SELECT 'gone', l.vanished_at, l.pk FROM listing l {of} WHERE l.vanished_at BETWEEN :since AND :until {whose}"
_CHANGED = """
SELECT 'changed', v.at, l.pk
FROM (SELECT memory_pk, max(replaced_at) AS at FROM memory_version
      WHERE replaced_at BETWEEN :since AND :until GROUP BY memory_pk) v
JOIN listing l ON l.memory_pk = v.memory_pk AND l.first_seen < :since
  AND l.vanished_at IS NOT v.at {of} WHERE 1 {whose}"""
_MESSAGES = """
SELECT 'messages', max(m.first_seen), c.pk, count(*)
FROM conversation c {of} CROSS JOIN message m ON m.conversation_pk = c.pk
WHERE c.fetched_at >= :since AND m.first_seen BETWEEN :since AND :until {whose} GROUP BY c.pk"""


def changes(
    query: Query, since: int, subject: SubjectRef | None = None, *, until: int | None = None
) -> list[Change]:
    """Return what was found since a moment, latest first; of one subject where one is given.

    `until` a moment, where one is given: what is told then is as the memory or the messages are now.

    A memory that changed after it had been added since is only told as added. A change of a memory
    that two subjects list is told for both; the status with which it is gone is told as gone only.
    """
    whose, values = "", []
    if subject is not None:
        whose, values = "AND s.kind = :kind AND s.external_id = :id", subject_values(subject)
    last = _NEVER if until is None else until
    named = {"since": since, "until": last} | dict(zip(("kind", "id"), values, strict=False))
    found = [
        Change(row[0], row[1], row[2])
        for sql in (_ADDED, _CHANGED, _GONE)
        for row in _rows(query, sql, "l", whose, named)
    ]
    found += [
        Change(row[0], row[1], None, row[2], row[3])
        for row in _rows(query, _MESSAGES, "c", whose, named)
    ]
    return sorted(found, key=lambda change: change.at, reverse=True)


def _rows(query: Query, sql: str, table: str, whose: str, values: dict[str, Any]) -> list[Any]:
    of = f"JOIN subject s ON s.pk = {table}.subject_pk" if whose else ""
    return list(query.rows(sql.format(of=of, whose=whose), values))

"""Rows of the tables: with which columns each kind is read, and the record that they make."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from memos_admin.store.conditions import (
    BEGINS,
    BEGUN_ELSEWHERE,
    DOUBTED,
    ERASED,
    ERASING,
    NOT_LOOKED_AT,
)
from memos_admin.store.records import (
    Conversation,
    Memory,
    MemoryVersion,
    Message,
    Subject,
    SubjectRef,
)

SUBJECT = f"""
SELECT pk, kind, external_id, known_from, conversations, messages, memories, last_activity,
       listed_at, synced_at, opened_at, problem, {ERASING}, {ERASED},
       {BEGUN_ELSEWHERE},
       (SELECT count(*) FROM listing l WHERE l.subject_pk = subject.pk AND {DOUBTED})
FROM subject"""

CONVERSATION = f"""
SELECT c.pk, c.subject_pk, s.kind, s.external_id, c.conversation_id, c.known_from, c.messages,
       (SELECT count(*) FROM listing l WHERE l.conversation_pk = c.pk AND l.vanished_at IS NULL),
       c.gaps, {BEGINS}, c.fetched_at, c.served_at, c.window, c.last_message_at, c.older_at, {NOT_LOOKED_AT}
FROM conversation c JOIN subject s ON s.pk = c.subject_pk"""

MESSAGE = """
SELECT m.pk, m.role, m.role_id, m.role_name, m.content, m.parts, m.tool_calls,
       m.tool_call_id, m.create_time, m.created_at, m.updated_at, m.first_seen,
       (SELECT count(*) FROM message_version v WHERE v.message_pk = m.pk),
       (SELECT kind FROM seam WHERE seam.message_pk = m.pk
           AND seam.conversation_pk = m.conversation_pk AND closed_at IS NULL ORDER BY pk DESC LIMIT 1)
FROM message m"""

LAST_SEEN = """MAX(COALESCE(l.last_seen, s.listed_at, l.first_seen), l.first_seen,
           iif(m.version_since < COALESCE(l.missed_at, l.vanished_at, m.version_since + 1),
               m.version_since, 0))"""
"""When memory `m` was last seen for subject `s`, `l` its listing; once it was missed, never later than that."""

MEMORY = f"""
SELECT m.pk, l.pk, s.kind, s.external_id, m.memory_id, m.view, m.title, m.content, m.status, m.type,
       m.confidence, m.conversation_id, m.create_time, m.update_time, m.created_at, m.updated_at,
       l.first_seen,
       {LAST_SEEN},
       l.missed_at, l.vanished_at, l.reason, m.version, m.version_since,
       (SELECT count(*) FROM memory_source o WHERE o.memory_pk = m.pk), 0
FROM listing l JOIN memory m ON m.pk = l.memory_pk JOIN subject s ON s.pk = l.subject_pk"""

VERSIONS = """
SELECT version, view, title, content, status, tags, update_time, seen_from,
       replaced_at, conversation_id
FROM memory_version WHERE memory_pk = :pk
UNION ALL
SELECT version, view, title, content, status,
       (SELECT json_group_array(tag) FROM
           (SELECT tag FROM memory_tag WHERE memory_pk = :pk ORDER BY ordinal)),
       update_time, version_since, NULL, ifnull(conversation_id, '')
FROM memory WHERE pk = :pk ORDER BY version"""
"""All that the memory `:pk` has said, oldest first, the present version last."""


def subject_of(row: Any) -> Subject:
    """Return what a row of `SUBJECT` says."""
    return Subject(row[0], SubjectRef(row[1], row[2]), *row[3:])


def conversation_of(row: Any) -> Conversation:
    """Return what a row of `CONVERSATION` says."""
    pk, subject_pk, kind, external_id, *rest = row
    rest[5], rest[-1] = bool(rest[5]), bool(rest[-1])
    return Conversation(pk, subject_pk, SubjectRef(kind, external_id), *rest)


def message_of(row: Any, seq: int, cut: int | None) -> Message:
    """Return what a row of `MESSAGE` says; of its content at most `cut` characters."""
    pk, role, role_id, role_name, content, parts, calls, *rest = row
    said = content[:cut], len(content)
    return Message(pk, seq, role, role_id, role_name, *said, _json(parts), _json(calls), *rest)


def memory_of(row: Any, cut: int | None, tags: Iterable[str]) -> Memory:
    """Return what a row with the columns of `MEMORY` says; of its content at most `cut` characters."""
    pk, listing_pk, kind, external_id, memory_id, view, title, content, *rest = row
    said = title, content[:cut], len(content), tuple(tags)
    rest[-1] = bool(rest[-1])  # dropped
    return Memory(pk, listing_pk, SubjectRef(kind, external_id), memory_id, view, *said, *rest)


def version_of(row: Any) -> MemoryVersion:
    """Return what a row of `VERSIONS` says."""
    version, view, title, content, status, tags, update_time, seen_from, replaced_at, named = row
    said = version, view, title, content, status, tuple(json.loads(tags or "[]"))
    return MemoryVersion(
        *said,
        update_time,
        seen_from,
        replaced_at,
        dropped=not tags,
        conversation_id=named or None,
        not_kept=("conversation_id",) if named is None else (),
    )


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)

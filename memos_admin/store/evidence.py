"""Reads of the evidence of a subject: its conversations, what is said there, what was made of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from memos_admin.store.query import Query
from memos_admin.store.records import SaidBefore, SubjectRef
from memos_admin.store.streams import CHARACTERS, MOST, WHITE_SPACE

_FIRST = -(1 << 63)


class SaidMessage(NamedTuple):
    """A message with its number in its conversation, from 1."""

    seq: int
    pk: int
    role: str
    content: str
    create_time: str | None
    created_at: int | None
    role_id: str | None
    role_name: str | None


_COLUMNS = "pk, role, content, create_time, created_at, role_id, role_name"


def said(query: Query, conversation_pk: int) -> Iterator[list[SaidMessage]]:
    """Yield a conversation's messages in order, batch by batch; no read outlives a batch."""
    sql = f"""SELECT {_COLUMNS}, position FROM message
              WHERE conversation_pk = ? AND position > ? ORDER BY position LIMIT {MOST}"""
    after, seq = _FIRST, 1
    while rows := query.beginning(sql, (conversation_pk, after), 2, CHARACTERS):
        yield [SaidMessage(number, *row[:-1]) for number, row in enumerate(rows, seq)]
        seq += len(rows)
        after = rows[-1][-1]


def texts_of(query: Query, pks: Sequence[int]) -> dict[int, SaidMessage]:
    """Return these messages by their keys, each with 0 for its number."""
    rows = query.rows_of(f"SELECT {_COLUMNS} FROM message", "pk", pks)
    return {row[0]: SaidMessage(0, *row) for row in rows}


def said_before(query: Query, conversation_pk: int) -> list[SaidBefore]:
    """Return what the messages of a conversation said before, as far as that is kept; oldest first."""
    rows = query.rows(
        """SELECT seq, m.pk, role, v.content, create_time, created_at, v.pk, v.replaced_at,
                  role_id, role_name
           FROM (SELECT pk, role, create_time, created_at, role_id, role_name, row_number() OVER (ORDER BY position) AS seq
                 FROM message WHERE conversation_pk = ?) m
           JOIN message_version v ON v.message_pk = m.pk
           WHERE v.parts IS NOT '' ORDER BY seq, v.pk""",
        [conversation_pk],
    )
    return list(map(SaidBefore._make, rows))


def texts_before(query: Query, pks: Sequence[int]) -> dict[int, tuple[str, int]]:
    """Return what these versions of messages said, and until when, by their keys."""
    rows = query.rows_of("SELECT pk, content, replaced_at FROM message_version", "pk", pks)
    return {pk: (content, until) for pk, content, until in rows}


def changed_last(query: Query, pks: Sequence[int]) -> dict[int, int]:
    """Return when it was last seen that these messages had changed, by their keys; without those that never did."""
    found: dict[int, int] = {}
    rows = query.rows_of("SELECT message_pk, replaced_at FROM message_version", "message_pk", pks)
    for pk, at in rows:
        found[pk] = max(at, found.get(pk, at))
    return found


class NoLongerKept(NamedTuple):
    """What is dropped of some messages of a subject: the service's JSON, and with it ids; what they said before."""

    ids: bool
    versions: bool


def no_longer_kept(query: Query, subject_pk: int) -> NoLongerKept:
    """Return what is no longer kept of messages of a subject; see `memos_admin.store.retaining`."""
    (row,) = query.rows(
        """SELECT
             EXISTS (SELECT 1 FROM conversation c JOIN message m ON m.conversation_pk = c.pk
                     JOIN message_raw r ON r.message_pk = m.pk
                     WHERE c.subject_pk = ?1 AND r.raw = ''),
             EXISTS (SELECT 1 FROM conversation c JOIN message m ON m.conversation_pk = c.pk
                     JOIN message_version v ON v.message_pk = m.pk
                     WHERE c.subject_pk = ?1 AND v.parts IS '')""",
        [subject_pk],
    )
    return NoLongerKept(*map(bool, row))


def others_with(query: Query, subject_pk: int, ids: Sequence[str]) -> dict[str, SubjectRef]:
    """Return whose message it is, by its id, of those ids that only messages of other subjects have."""
    rows = query.rows(
        """SELECT f.message_id, s.pk, s.kind, s.external_id FROM message_raw f
           JOIN message m ON m.pk = f.message_pk JOIN conversation c ON c.pk = m.conversation_pk
           JOIN subject s ON s.pk = c.subject_pk
           WHERE f.message_id IN (SELECT value FROM json_each(?)) ORDER BY s.pk""",
        [json.dumps(list(ids))],
    )
    found: dict[str, SubjectRef] = {}
    own: set[str] = set()
    for message_id, pk, kind, external_id in rows:
        found.setdefault(message_id, SubjectRef(kind, external_id))
        own |= {message_id} if pk == subject_pk else set()
    return {message_id: ref for message_id, ref in found.items() if message_id not in own}


def has_others(query: Query, conversation_pk: int, external_id: str) -> bool:
    """Return whether a message of a user's conversation names somebody else who wrote it, by an id."""
    ((found,),) = query.rows(
        """SELECT EXISTS (SELECT 1 FROM message WHERE conversation_pk = ? AND role = 'user'
                          AND role_id <> '' AND role_id <> ?)""",
        [conversation_pk, external_id],
    )
    return bool(found)


def memories_in(query: Query, conversation_pk: int) -> Sequence[int]:
    """Return the keys of the listings of memories that name a conversation, the first made first."""
    return query.keys(
        """SELECT l.pk FROM listing l JOIN memory m ON m.pk = l.memory_pk
           WHERE l.conversation_pk = ? ORDER BY m.created_at NULLS LAST, l.pk""",
        [conversation_pk],
    )


def memories_apart(query: Query, subject_pk: int) -> Sequence[int]:
    """Return the same of a subject's memories that name no conversation, or none that is known."""
    return query.keys(
        """SELECT l.pk FROM listing l JOIN memory m ON m.pk = l.memory_pk
           WHERE l.subject_pk = ? AND +l.conversation_pk IS NULL
           ORDER BY m.created_at NULLS LAST, l.pk""",
        [subject_pk],
    )


class ToldSource(NamedTuple):
    """What a memory of a subject says that it came from.

    Attributes:
        pk: of the source.
        conversation_pk: the conversation that the memory names; None: none, or none that is known.
        created_at: when the memory was made.
    """

    pk: int
    conversation_pk: int | None
    memory_id: str
    created_at: int | None
    kind: str
    role: str | None
    excerpt: str | None
    message_id: str | None
    time: str | None


_TOLD = """SELECT o.pk, l.conversation_pk, m.memory_id, m.created_at,
               o.kind, o.role, o.excerpt, o.message_id, o.time
           FROM listing l JOIN memory m ON m.pk = l.memory_pk AND l.subject_pk = ?1
           JOIN memory_source o ON o.memory_pk = m.pk"""


def told(query: Query, subject_pk: int) -> Iterator[ToldSource]:
    """Yield what all memories of a subject came from. To be read to the end at once."""
    return map(ToldSource._make, query.each(_TOLD, [subject_pk]))


def told_of(query: Query, subject_pk: int, pks: Sequence[int]) -> list[ToldSource]:
    """Return some of these sources, those of the memory first that was made first."""
    found = map(ToldSource._make, query.rows_of(_TOLD, "o.pk", pks, subject_pk))
    return sorted(found, key=lambda one: (one.created_at is None, one.created_at, one.pk))


def said_whole(
    query: Query, conversation_pks: Sequence[int], texts: Sequence[str]
) -> set[tuple[int, str]]:
    """Return which texts are all that a message says, white space around it aside, with its conversation.

    Args:
        query: the store.
        conversation_pks: in which conversations it is looked for.
        texts: without white space around them.
    """
    return set(
        query.rows_of(
            "SELECT conversation_pk, trim(content, ?1) FROM message",
            "trim(content, ?1) IN (SELECT value FROM json_each(?2)) AND conversation_pk",
            conversation_pks,
            WHITE_SPACE,
            json.dumps(texts),
        )
    )

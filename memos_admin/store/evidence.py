"""Reads of the evidence of a subject: its conversations, what is said there, what was made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from memos_admin.store.query import Query
from memos_admin.store.streams import CHARACTERS, MOST

_FIRST = -(1 << 63)


class SaidMessage(NamedTuple):
    """A message with its number in its conversation, from 1."""

    seq: int
    pk: int
    role: str
    content: str
    create_time: str | None
    created_at: int | None


_COLUMNS = "pk, role, content, create_time, created_at"


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

"""What may tell that a conversation began before its first message that is stored.

A window that was not full has shown all that the service has of a conversation now. What it had before nobody
knows here: then a memory of the conversation, or what one quotes, may be older than the first message.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update

from memos_admin.store import tables
from memos_admin.store.subjects import conversation, listing, memory, message
from memos_admin.store.tables import table_of

source = table_of(tables.MemorySource)


Quote = tuple[str | None, int]
"""Who said a message, and when."""


class Begun(NamedTuple):
    """A conversation of which all that is served is stored, with the time of its first message.

    `older_at`: what was found to be older so far.
    """

    pk: int
    subject_pk: int
    first: int
    older_at: int | None


class Made(NamedTuple):
    """When a memory was created and updated."""

    memory_pk: int
    created_at: int
    updated_at: int | None


class Dated(NamedTuple):
    """A source of a memory, with its time as the service wrote it."""

    memory_pk: int
    kind: str
    role: str | None
    time: str


_FIRST = (
    select(message.c.created_at)
    .where(message.c.conversation_pk == conversation.c.pk)
    .order_by(message.c.position)
    .limit(1)
    .scalar_subquery()
)
_BEGUN = select(
    conversation.c.pk, conversation.c.subject_pk, _FIRST.label("first"), conversation.c.older_at
).where(conversation.c.from_beginning)

# Statements of the first sync's hot path are built once: building them costs more than running them.
_ONE = _BEGUN.where(conversation.c.pk == bindparam("conversation"))
_MADE = (
    select(memory.c.pk, memory.c.created_at, memory.c.updated_at)
    .join(listing, listing.c.memory_pk == memory.c.pk)
    .where(listing.c.conversation_pk == bindparam("conversation"))
)
_DATED = (
    select(source.c.memory_pk, source.c.kind, source.c.role, source.c.time)
    .join(listing, listing.c.memory_pk == source.c.memory_pk)
    .where(listing.c.conversation_pk == bindparam("conversation"), source.c.time.is_not(None))
)
_DOUBTED = _BEGUN.where(
    conversation.c.subject_pk == bindparam("subject"),
    conversation.c.stale | conversation.c.older_at.is_not(None),
)
_REACHED = (
    select(conversation.c.subject_pk)
    .where(conversation.c.subject_pk > bindparam("after"))
    .order_by(conversation.c.subject_pk)
    .limit(1)
    .offset(bindparam("most"))
)
_NEXT = _BEGUN.where(conversation.c.subject_pk > bindparam("after")).order_by(
    conversation.c.subject_pk
)
_NUMBER = select(func.count()).where(conversation.c.from_beginning, _FIRST.is_not(None))
_SAID = (
    select(message.c.conversation_pk, message.c.role, message.c.created_at)
    .join(conversation, conversation.c.pk == message.c.conversation_pk)
    .where(
        conversation.c.subject_pk == bindparam("subject"),
        conversation.c.pk != bindparam("but"),
        message.c.created_at.between(bindparam("first"), bindparam("last")),
    )
)


def begun(connection: Connection, conversation_pk: int) -> Begun | None:
    """Return a conversation; None: it is known to lack messages, or has no time."""
    row = connection.execute(_ONE, {"conversation": conversation_pk}).one_or_none()
    return None if row is None or row.first is None else Begun(*row)


def doubted(connection: Connection, subject_pk: int) -> list[Begun]:
    """Return those of a subject's conversations that something is older than, or that wait to be read."""
    rows = connection.execute(_DOUBTED, {"subject": subject_pk})
    return [Begun(*row) for row in rows if row.first is not None]


def next_subject(connection: Connection, after: int, most: int) -> int | None:
    """Return the key of the subject, after that of key `after`, with whom there are more than `most` conversations.

    None: there are not so many any more.
    """
    return connection.scalar(_REACHED, {"after": after, "most": most})


def of_subjects(connection: Connection, after: int, last: int | None) -> list[Begun]:
    """Return the conversations of the subjects after key `after` up to `last`, by subjects; None: of all."""
    statement = _NEXT if last is None else _NEXT.where(conversation.c.subject_pk <= last)
    rows = connection.execute(statement, {"after": after})
    return [Begun(*row) for row in rows if row.first is not None]


def number(connection: Connection) -> int:
    """Return how many conversations `of_subjects` returns of all subjects."""
    return connection.scalar(_NUMBER) or 0


def memories_before(connection: Connection, conversation_pk: int, instant: int) -> list[Made]:
    """Return the memories of a conversation that were created before an instant."""
    rows = connection.execute(_MADE, {"conversation": conversation_pk}).all()
    # Not in SQL, where the index of all memories by their times would be chosen.
    early = (row for row in rows if row.created_at is not None and row.created_at < instant)
    return [Made(*row) for row in early]


def dated_sources(connection: Connection, conversation_pk: int) -> list[Dated]:
    """Return what memories of a conversation came from, as far as it has a time."""
    rows = connection.execute(_DATED, {"conversation": conversation_pk}).all()
    return [Dated(*row) for row in rows]


def said(
    connection: Connection, subject_pk: int, first: int, last: int, *, but: int | None
) -> Iterator[tuple[int, Quote]]:
    """Yield what was said in a time to a subject, with the conversation; to be read to the end at once.

    There is no index by time, so that all messages of the subject are read.

    Args:
        connection: within a transaction.
        subject_pk: the subject.
        first: the beginning of the time.
        last: its end.
        but: the conversation of which nothing is wanted.
    """
    values = {"subject": subject_pk, "but": but or 0, "first": first, "last": last}
    for pk, role, at in connection.execute(_SAID, values):
        yield pk, (role, at)


def set_older(connection: Connection, conversation_pk: int, older_at: int | None) -> None:
    """Keep the time of the oldest that is older than a conversation's first message; None: nothing is."""
    this = conversation.c.pk == conversation_pk
    connection.execute(update(conversation).where(this).values(older_at=older_at))

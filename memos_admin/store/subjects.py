"""Writes to the roster: subjects and their conversations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert

from memos_admin.store import tables
from memos_admin.store.records import SubjectRef
from memos_admin.store.tables import table_of

T = TypeVar("T")

subject = table_of(tables.Subject)
conversation = table_of(tables.Conversation)
message = table_of(tables.Message)
memory = table_of(tables.Memory)
listing = table_of(tables.Listing)


def add(
    connection: Connection, refs: Iterable[SubjectRef], known_from: str, now: int
) -> list[SubjectRef]:
    """Add subjects to the roster; return those that were not in it, in no order."""
    rows = [
        {
            "kind": ref.kind,
            "external_id": ref.external_id,
            "known_from": known_from,
            "added_at": now,
        }
        for ref in refs
    ]
    if not rows:
        return []
    statement = insert(subject).on_conflict_do_nothing()
    added = connection.execute(statement.returning(subject.c.kind, subject.c.external_id), rows)
    return [SubjectRef(kind, external_id) for kind, external_id in added]


def pk_of(connection: Connection, ref: SubjectRef) -> int | None:
    """Return the key of a subject of the roster, or None."""
    return connection.scalar(
        select(subject.c.pk).where(
            subject.c.kind == ref.kind, subject.c.external_id == ref.external_id
        )
    )


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """What a sync needs to know of a subject."""

    pk: int
    ref: SubjectRef
    listed_at: int | None
    synced_at: int | None
    memories: int


def roster(connection: Connection, refs: Sequence[SubjectRef] = ()) -> list[RosterEntry]:
    """Return the named subjects, or the whole roster; those read longest ago first."""
    columns = ("pk", "kind", "external_id", "listed_at", "synced_at", "memories")
    query = select(*(subject.c[name] for name in columns)).order_by(
        subject.c.synced_at.asc().nulls_first(), subject.c.pk
    )
    if refs:
        pks = [pk for ref in refs if (pk := pk_of(connection, ref)) is not None]
        query = query.where(subject.c.pk.in_(pks))
    return [
        RosterEntry(pk, SubjectRef(kind, external_id), *rest)
        for pk, kind, external_id, *rest in connection.execute(query)
    ]


def newest_update(connection: Connection, subject_pk: int) -> int | None:
    """Return the latest update time of a subject's listed memories, if any has one."""
    latest: int | None = connection.scalar(
        select(func.max(memory.c.updated_at))
        .join(listing, listing.c.memory_pk == memory.c.pk)
        .where(listing.c.subject_pk == subject_pk, listing.c.vanished_at.is_(None))
    )
    return latest


def mark_opened(
    connection: Connection, subject_pk: int, conversation_pk: int | None, now: int
) -> None:
    """Remember that a person has opened a subject, or a conversation of it."""
    connection.execute(update(subject).where(subject.c.pk == subject_pk).values(opened_at=now))
    if conversation_pk is not None:
        connection.execute(
            update(conversation)
            .where(conversation.c.pk == conversation_pk)
            .values(opened_at=now, stale=True)
        )


def set_problem(connection: Connection, subject_pk: int, problem: str) -> None:
    """Keep the last error of a subject, in one line."""
    connection.execute(update(subject).where(subject.c.pk == subject_pk).values(problem=problem))


def finish(
    connection: Connection, subject_pk: int, *, read_at: int, listed: bool, problem: str | None
) -> None:
    """Note that a subject's memories were read.

    Args:
        connection: of the writer.
        subject_pk: whose.
        read_at: when reading them started: what changed later may be missing.
        listed: the listing was complete, not one of changes.
        problem: what went wrong beside the memories, such as with a conversation's messages.
    """
    values: dict[str, object] = {"problem": problem, "synced_at": read_at}
    if listed:
        values["listed_at"] = read_at
    connection.execute(update(subject).where(subject.c.pk == subject_pk).values(**values))


def count_more(connection: Connection, subject_pk: int, **more: int) -> None:
    """Add to a subject's counts (columns) what is stored for it, in the same commit: a sync may end at any page."""
    values = {name: subject.c[name] + number for name, number in more.items() if number}
    if values:
        connection.execute(update(subject).where(subject.c.pk == subject_pk).values(**values))


def refresh_counts(connection: Connection, subject_pk: int) -> None:
    """Count anew what is stored of a subject, and its latest activity."""
    mine = conversation.c.subject_pk == subject_pk
    listed = (listing.c.subject_pk == subject_pk) & listing.c.vanished_at.is_(None)
    last_memory = select(func.max(memory.c.updated_at)).join(
        listing, listing.c.memory_pk == memory.c.pk
    )
    last_message = select(func.max(conversation.c.last_message_at)).where(mine)
    connection.execute(
        update(subject)
        .where(subject.c.pk == subject_pk)
        .values(
            conversations=select(func.count())
            .select_from(conversation)
            .where(mine)
            .scalar_subquery(),
            messages=select(func.coalesce(func.sum(conversation.c.messages), 0))
            .where(mine)
            .scalar_subquery(),
            memories=select(func.count()).select_from(listing).where(listed).scalar_subquery(),
            last_activity=func.nullif(
                func.max(
                    func.coalesce(last_memory.where(listed).scalar_subquery(), _NEVER),
                    func.coalesce(last_message.scalar_subquery(), _NEVER),
                ),
                _NEVER,
            ),
        )
    )


_CONVERSATION_PKS = select(conversation.c.conversation_id, conversation.c.pk).where(
    conversation.c.subject_pk == bindparam("subject")
)
_NEVER = -(2**62)
_BATCH = 500


def add_conversations(
    connection: Connection,
    subject_pk: int,
    conversation_ids: Iterable[str],
    known_from: str,
    now: int,
) -> list[str]:
    """Add conversations to a subject; return the ids that were new, in no order.

    Memories that name them, as after a removal, belong to them from now on.
    """
    rows = [
        {
            "subject_pk": subject_pk,
            "conversation_id": conversation_id,
            "known_from": known_from,
            "added_at": now,
            "stale": True,
            "from_beginning": False,
            "messages": 0,
            "gaps": 0,
        }
        for conversation_id in conversation_ids
    ]
    if not rows:
        return []
    statement = insert(conversation).on_conflict_do_nothing()
    added = list(connection.scalars(statement.returning(conversation.c.conversation_id), rows))
    named = (
        select(conversation.c.pk)
        .join(memory, memory.c.conversation_id == conversation.c.conversation_id)
        .where(memory.c.pk == listing.c.memory_pk, conversation.c.subject_pk == subject_pk)
        .scalar_subquery()
    )
    if added:
        count_more(connection, subject_pk, conversations=len(added))
        connection.execute(
            update(listing)
            .where(listing.c.subject_pk == subject_pk, listing.c.conversation_pk.is_(None))
            .values(conversation_pk=named)
        )
    return added


def conversation_pks(connection: Connection, subject_pk: int) -> dict[str, int]:
    """Return the keys of a subject's conversations by the service's id."""
    return dict(connection.execute(_CONVERSATION_PKS, {"subject": subject_pk}).all())


def unread_conversations(
    connection: Connection, subject_pk: int, *, everything: bool
) -> list[tuple[int, str]]:
    """Return (key, id) of the conversations whose messages are to be read.

    Those are: all of them if asked for, else those that changed since they were read, were opened
    since, or were never read.
    """
    due = (
        conversation.c.stale
        | conversation.c.fetched_at.is_(None)
        | (conversation.c.opened_at > conversation.c.fetched_at)
    )
    query = select(conversation.c.pk, conversation.c.conversation_id).where(
        conversation.c.subject_pk == subject_pk
    )
    if not everything:
        query = query.where(due)
    return list(connection.execute(query.order_by(conversation.c.pk)))


def mark_unread(connection: Connection, conversation_pk: int) -> None:
    """Note that a conversation's messages are to be read again, whatever was read before."""
    this = conversation.c.pk == conversation_pk
    connection.execute(update(conversation).where(this).values(stale=True))


def holding_nothing(connection: Connection, subject_pks: Sequence[int]) -> set[int]:
    """Return those of the subjects that were listed whole and of whom nothing was ever served."""
    found: set[int] = set()
    for start in range(0, len(subject_pks), _BATCH):
        query = select(subject.c.pk).where(
            subject.c.pk.in_(subject_pks[start : start + _BATCH]),
            subject.c.listed_at.is_not(None),
            subject.c.messages == 0,
            ~select(listing.c.pk).where(listing.c.subject_pk == subject.c.pk).exists(),
        )
        found.update(connection.scalars(query))
    return found


def still_there(connection: Connection, subject_pks: Sequence[int]) -> set[int]:
    """Return those of the keys that are a subject's: somebody may have been removed meanwhile."""
    found: set[int] = set()
    for some in chunks(subject_pks):
        found.update(connection.scalars(select(subject.c.pk).where(subject.c.pk.in_(some))))
    return found


def is_unheard_of(connection: Connection, conversation_pk: int) -> bool:
    """Return whether a conversation was read, is empty, and no memory names or named it."""
    query = select(conversation.c.pk).where(
        conversation.c.pk == conversation_pk,
        conversation.c.fetched_at.is_not(None),
        conversation.c.messages == 0,
        ~select(listing.c.pk).where(listing.c.conversation_pk == conversation_pk).exists(),
    )
    return connection.scalar(query) is not None


def chunks(values: Sequence[T], size: int = 500) -> Iterable[Sequence[T]]:
    """Yield slices of at most `size` values, as many as one statement may name."""
    for start in range(0, len(values), size):
        yield values[start : start + size]

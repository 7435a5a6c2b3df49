"""What goes of memories when somebody for whom they are listed does."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, select, update

from memos_admin.store import absences
from memos_admin.store.memories import (
    detail,
    listing,
    memory,
    queue_item,
    raw,
    source,
    tag,
    verdict,
    version,
)
from memos_admin.store.subjects import chunks, conversation, refresh_counts

_SIDE_TABLES = (tag, source, version, raw, detail, verdict, queue_item)

_NAMED_BEFORE = (
    select(conversation.c.pk)
    .join(listing, listing.c.subject_pk == conversation.c.subject_pk)
    .join(
        version,
        (version.c.memory_pk == listing.c.memory_pk)
        & (version.c.conversation_id == conversation.c.conversation_id),
    )
)
"""The conversations that earlier versions of memories named."""


def remove_listings(connection: Connection, subject_pk: int) -> None:
    """Remove a subject's listings, and the memories that nobody else lists.

    A memory that somebody else lists too stays, with what it has said since that began; what it said
    before was read of this subject alone, and goes.
    """
    mine = select(listing.c.memory_pk).where(listing.c.subject_pk == subject_pk)
    pks = list(connection.scalars(mine))
    absences.forget(connection, subject_pk)
    connection.execute(delete(listing).where(listing.c.subject_pk == subject_pk))
    for some in chunks(pks):
        since = dict(
            connection.execute(
                select(listing.c.memory_pk, func.min(listing.c.first_seen))
                .where(listing.c.memory_pk.in_(some))
                .group_by(listing.c.memory_pk)
            ).all()
        )
        _remove(connection, [pk for pk in some if pk not in since])
        for pk, first_seen in since.items():
            _begin_later(connection, pk, first_seen)


def remove_memories(connection: Connection, memory_pks: Sequence[int]) -> None:
    """Remove memories with all that is stored of them, whoever they are listed for.

    So do conversations of which these memories alone have told, and that have no message.
    """
    absences.forget_memories(connection, memory_pks)
    of: set[int] = set()
    named: set[int | None] = set()
    for some in chunks(memory_pks):
        theirs = listing.c.memory_pk.in_(some)
        about = select(listing.c.subject_pk, listing.c.conversation_pk).where(theirs)
        for subject_pk, conversation_pk in connection.execute(about):
            of.add(subject_pk)
            named.add(conversation_pk)
        named.update(connection.scalars(_NAMED_BEFORE.where(theirs)))
        connection.execute(delete(listing).where(theirs))
        _remove(connection, some)
    for pks in chunks([pk for pk in named if pk is not None]):
        connection.execute(
            delete(conversation).where(
                conversation.c.pk.in_(pks),
                conversation.c.known_from == "memory",
                conversation.c.messages == 0,
                ~select(listing.c.pk)
                .where(listing.c.conversation_pk == conversation.c.pk)
                .exists(),
                ~select(listing.c.pk)
                .join(version, version.c.memory_pk == listing.c.memory_pk)
                .where(
                    listing.c.subject_pk == conversation.c.subject_pk,
                    version.c.conversation_id == conversation.c.conversation_id,
                )
                .exists(),
            )
        )
    for subject_pk in of:
        refresh_counts(connection, subject_pk)


def _remove(connection: Connection, memory_pks: Sequence[int]) -> None:
    """Remove what is stored of memories that are listed for nobody."""
    for table in _SIDE_TABLES:
        connection.execute(delete(table).where(table.c.memory_pk.in_(memory_pks)))
    connection.execute(delete(memory).where(memory.c.pk.in_(memory_pks)))


def _begin_later(connection: Connection, memory_pk: int, first_seen: int) -> None:
    """Let the history of a memory begin at `first_seen`, where it began before."""
    mine = memory.c.pk == memory_pk
    versions = version.c.memory_pk == memory_pk
    before = versions & (version.c.replaced_at <= first_seen)
    gone = connection.scalar(select(func.count()).select_from(version).where(before)) or 0
    later = {name: func.max(memory.c[name], first_seen) for name in ("first_seen", "version_since")}
    connection.execute(update(memory).where(mine).values(version=memory.c.version - gone, **later))
    if gone:
        connection.execute(delete(version).where(before))
        of_it = verdict.c.memory_pk == memory_pk
        connection.execute(delete(verdict).where(of_it, verdict.c.version <= gone))
        for table, rows in ((version, versions), (verdict, of_it)):
            # In two steps, since numbers are unique all the time.
            for number in (gone - table.c.version, -table.c.version):
                connection.execute(update(table).where(rows).values(version=number))
    connection.execute(
        update(version).where(versions).values(seen_from=func.max(version.c.seen_from, first_seen))
    )

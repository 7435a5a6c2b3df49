"""Writes of memories that are no longer listed: which a listing lacks, and since when they are gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, insert, select, update

from memos_admin.store.filling import tags_of
from memos_admin.store.memories import KNOWN, listing, memory, superseded, version
from memos_admin.store.subjects import chunks, count_more, refresh_counts, subject


@dataclass(frozen=True, slots=True)
class Missing:
    """A memory that a complete listing lacks; `missed_before`: an earlier one lacked it too."""

    listing_pk: int
    memory_id: str
    missed_before: bool


def note_missing(
    connection: Connection, subject_pk: int, seen: Set[str], *, last_seen: int | None, now: int
) -> list[Missing]:
    """Note which listed memories a complete listing lacks, and return them.

    Args:
        connection: of the writer.
        subject_pk: whose listing it was.
        seen: the ids of all memories in the listing.
        last_seen: when the subject's previous complete listing was.
        now: when this listing was read.
    """
    rows = connection.execute(
        select(listing.c.pk, memory.c.memory_id, listing.c.missed_at, listing.c.first_seen)
        .join(memory, memory.c.pk == listing.c.memory_pk)
        .where(listing.c.subject_pk == subject_pk, listing.c.vanished_at.is_(None))
    ).all()
    gone = [row for row in rows if row.memory_id not in seen]
    fresh = [
        {"b_pk": row.pk, "b_last_seen": max(row.first_seen, last_seen or row.first_seen)}
        for row in gone
        if row.missed_at is None
    ]
    if fresh:
        _note_missed(connection, fresh, now)
    return [Missing(row.pk, row.memory_id, row.missed_at is not None) for row in gone]


def _note_missed(connection: Connection, rows: Sequence[Mapping[str, int]], now: int) -> None:
    connection.execute(
        update(listing)
        .where(listing.c.pk == bindparam("b_pk"))
        .values(missed_at=now, last_seen=bindparam("b_last_seen")),
        rows,
    )


def mark_vanished(
    connection: Connection,
    reasons: Mapping[int, str],
    now: int,
    *,
    statuses: Mapping[str, str] | None = None,
    run_pk: int | None = None,
) -> None:
    """Mark listings (by key) as vanished, each with its reason.

    `statuses`, by the service's id: those that memories were found to have instead of being listed.
    """
    rows = [{"b_pk": pk, "b_reason": reason} for pk, reason in reasons.items()]
    _count_fewer(connection, list(reasons))
    if rows:
        connection.execute(
            update(listing)
            .where(listing.c.pk == bindparam("b_pk"))
            .values(vanished_at=now, reason=bindparam("b_reason")),
            rows,
        )
    for memory_id, status in (statuses or {}).items():
        _set_status(connection, memory_id, status, run_pk=run_pk, now=now)


def _count_fewer(connection: Connection, listing_pks: Sequence[int]) -> None:
    """Take listings that are about to vanish out of the counts of those whose they are."""
    for some in chunks(listing_pks):
        whose = (
            select(listing.c.subject_pk, func.count())
            .where(listing.c.pk.in_(some), listing.c.vanished_at.is_(None))
            .group_by(listing.c.subject_pk)
        )
        for subject_pk, number in connection.execute(whose).all():
            count_more(connection, subject_pk, memories=-number)


def note_gone(
    connection: Connection, memory_id: str, *, reason: str, status: str | None, now: int
) -> None:
    """Mark a memory as no longer listed for anybody, since the service says so under its id.

    Args:
        connection: of the writer.
        memory_id: which; nothing is done where it is not stored.
        reason: why it is not listed.
        status: the one that it has instead; None: it is not told.
        now: when it was asked for.
    """
    rows = connection.execute(
        select(
            listing.c.pk,
            listing.c.subject_pk,
            listing.c.first_seen,
            listing.c.missed_at,
            listing.c.vanished_at,
            subject.c.listed_at,
        )
        .join(memory, memory.c.pk == listing.c.memory_pk)
        .join(subject, subject.c.pk == listing.c.subject_pk)
        .where(memory.c.memory_id == memory_id)
    ).all()
    if not rows:
        return
    seen = [
        {"b_pk": row.pk, "b_last_seen": max(row.first_seen, row.listed_at or row.first_seen)}
        for row in rows
        if row.missed_at is None
    ]
    if seen:
        _note_missed(connection, seen, now)
    gone = {row.pk: reason for row in rows if row.vanished_at is None}
    mark_vanished(connection, gone, now, statuses={memory_id: status} if status else None)
    if before := [row.pk for row in rows if row.vanished_at is not None]:
        connection.execute(update(listing).where(listing.c.pk.in_(before)).values(reason=reason))
    for subject_pk in {row.subject_pk for row in rows}:
        refresh_counts(connection, subject_pk)


def _set_status(
    connection: Connection, memory_id: str, status: str, *, run_pk: int | None, now: int
) -> None:
    """Store the status for which a memory is no longer listed, as a version like any.

    A listing that holds it again says something new then, whatever it says.
    """
    (row,) = KNOWN.read(connection, [memory_id])
    if row.status == status:
        return
    tags = tags_of(connection, [row.pk]).get(row.pk, [])
    connection.execute(insert(version).values(superseded(row, tags, run_pk=run_pk, now=now)))
    connection.execute(
        update(memory)
        .where(memory.c.pk == row.pk)
        .values(status=status, version=row.version + 1, version_since=now, digest=b"")
    )

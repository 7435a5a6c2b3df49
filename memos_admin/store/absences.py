"""Writes of absences: that memories were not listed for a while before they came back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, literal, select

from memos_admin.store import tables
from memos_admin.store.subjects import chunks, listing
from memos_admin.store.tables import table_of

absence = table_of(tables.Absence)

_SAID = ("last_seen", "missed_at", "vanished_at", "reason")


def keep(connection: Connection, listing_pks: Sequence[int], now: int) -> None:
    """Keep what vanished listings say before they are listed again; others are left out."""
    said = [listing.c[name] for name in _SAID]
    for some in chunks(listing_pks):
        gone = select(listing.c.pk, *said, literal(now)).where(
            listing.c.pk.in_(some), listing.c.vanished_at.is_not(None)
        )
        names = ["listing_pk", *_SAID, "returned_at"]
        connection.execute(insert(absence).from_select(names, gone))


def forget_memories(connection: Connection, memory_pks: Sequence[int]) -> None:
    """Remove the absences of memories, whoever they were listed for."""
    for some in chunks(memory_pks):
        theirs = select(listing.c.pk).where(listing.c.memory_pk.in_(some))
        connection.execute(delete(absence).where(absence.c.listing_pk.in_(theirs)))


def forget(connection: Connection, subject_pk: int) -> None:
    """Remove the absences of a subject's listings."""
    mine = select(listing.c.pk).where(listing.c.subject_pk == subject_pk)
    connection.execute(delete(absence).where(absence.c.listing_pk.in_(mine)))

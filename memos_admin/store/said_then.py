"""What messages said at an instant, as far as it was read: a message is never deleted here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from memos_admin.store.query import Query


class SaidThen(NamedTuple):
    """A message as it was known at an instant.

    Attributes:
        known: it had been read by then.
        earlier: what it said then, where it says something else by now; None: what it says now.
        dropped: what it said then is no longer kept.
    """

    pk: int
    known: bool
    earlier: str | None
    dropped: bool


def said_then(query: Query, conversation_pk: int, moment: int) -> Iterator[SaidThen]:
    """Yield the messages of a conversation in their order, as they were known at an instant."""
    rows = query.rows(
        """SELECT m.pk, m.first_seen <= :moment, v.content, v.parts IS '' AND v.pk IS NOT NULL
           FROM message m LEFT JOIN message_version v ON v.pk = (
               SELECT o.pk FROM message_version o WHERE o.message_pk = m.pk AND o.replaced_at > :moment
               ORDER BY o.pk LIMIT 1)
           WHERE m.conversation_pk = :conversation ORDER BY m.position""",
        {"moment": moment, "conversation": conversation_pk},
    )
    for pk, known, earlier, dropped in rows:
        yield SaidThen(pk, bool(known), earlier, bool(dropped))


def edited(query: Query, conversation_pk: int) -> list[tuple[int, int]]:
    """Return the numbers and keys of the messages of a conversation that said something else before."""
    rows = query.rows(
        """SELECT seq, pk FROM (
               SELECT pk, row_number() OVER (ORDER BY position) AS seq FROM message
               WHERE conversation_pk = ?) m
           WHERE EXISTS (SELECT 1 FROM message_version v WHERE v.message_pk = m.pk) ORDER BY seq""",
        [conversation_pk],
    )
    return [(seq, pk) for seq, pk in rows]

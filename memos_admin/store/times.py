"""Computes stored times again from their raw texts, after the project's zone has changed."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, bindparam, func, select, update

from memos_admin.store import tables
from memos_admin.store.subjects import conversation, message, refresh_counts, subject
from memos_admin.store.tables import table_of

TABLES = {"memory": table_of(tables.Memory), "message": table_of(tables.Message)}
_BATCH = 5_000


def compute_again(
    connection: Connection, name: str, after: int, parse: Callable[[str | None], int | None]
) -> int | None:
    """Compute the times of the next rows after key `after`; return the last key, None at the end."""
    table = TABLES[name]
    rows = connection.execute(
        select(table.c.pk, table.c.create_time, table.c.update_time)
        .where(table.c.pk > after)
        .order_by(table.c.pk)
        .limit(_BATCH)
    ).all()
    if not rows:
        return None
    connection.execute(
        update(table)
        .where(table.c.pk == bindparam("b_pk"))
        .values(created_at=bindparam("b_created"), updated_at=bindparam("b_updated")),
        [
            {"b_pk": pk, "b_created": parse(created), "b_updated": parse(updated)}
            for pk, created, updated in rows
        ],
    )
    return int(rows[-1].pk)


def refresh_derived(connection: Connection) -> None:
    """Bring what is derived from messages' and memories' times up to date."""
    latest = (
        select(func.max(message.c.created_at))
        .where(message.c.conversation_pk == conversation.c.pk)
        .scalar_subquery()
    )
    connection.execute(update(conversation).values(last_message_at=latest))
    for pk in connection.scalars(select(subject.c.pk)).all():
        refresh_counts(connection, pk)

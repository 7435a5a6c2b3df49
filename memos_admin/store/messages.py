"""Writes of messages: a conversation's stored tail, and what a window changes in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from memos_admin.store import tables
from memos_admin.store.incoming import IncomingMessage, StoredMessage, WindowChanges
from memos_admin.store.search import removals
from memos_admin.store.subjects import chunks, conversation, count_more, listing, message
from memos_admin.store.tables import table_of

version = table_of(tables.MessageVersion)
raw = table_of(tables.MessageRaw)
seam = table_of(tables.Seam)

_FAR = 1 << 60
_SAID = ("content", "parts", "tool_calls", "update_time", "updated_at")


def tail(connection: Connection, conversation_pk: int, limit: int) -> list[StoredMessage]:
    """Return the latest stored messages of a conversation, at most `limit`, oldest first."""
    names = ("pk", "position", "role", "role_id", "content", "create_time", "update_time")
    open_seam = (
        select(seam.c.kind)
        .where(seam.c.message_pk == message.c.pk, seam.c.closed_at.is_(None))
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(*(message.c[name] for name in names), open_seam)
        .where(message.c.conversation_pk == conversation_pk)
        .order_by(message.c.position.desc())
        .limit(limit)
    ).all()
    return [StoredMessage(*row) for row in reversed(rows)]


def service_ids(connection: Connection, pks: Sequence[int]) -> dict[int, str]:
    """Return the ids that the service gave stored messages, by their keys, where it gave any."""
    found: dict[int, str] = {}
    for some in chunks(list(pks)):
        wanted = raw.c.message_pk.in_(some) & raw.c.message_id.is_not(None)
        rows = connection.execute(select(raw.c.message_pk, raw.c.message_id).where(wanted))
        found.update((row.message_pk, row.message_id) for row in rows)
    return found


def apply(
    connection: Connection,
    conversation_pk: int,
    changes: WindowChanges,
    *,
    run_pk: int | None,
    now: int,
) -> None:
    """Store what a window changes in a conversation. Nothing stored is lost."""
    _move(connection, changes.positions)
    _keep_versions(connection, changes.versions, run_pk, now)
    new_pks = _insert(connection, conversation_pk, changes.inserts, now)
    for some in chunks(list(changes.closed)):
        connection.execute(
            update(seam)
            .where(seam.c.message_pk.in_(some), seam.c.closed_at.is_(None))
            .values(closed_at=now)
        )
    for stored_pk, index in changes.moved_gaps:
        connection.execute(
            update(seam)
            .where(seam.c.message_pk == stored_pk, seam.c.closed_at.is_(None))
            .values(message_pk=new_pks[index])
        )
    if changes.seam is not None:
        kind, index = changes.seam
        connection.execute(
            insert(seam).values(
                conversation_pk=conversation_pk,
                message_pk=new_pks[index] if index >= 0 else -index,
                kind=kind,
                seen_at=now,
                run_pk=run_pk,
            )
        )


def _move(connection: Connection, positions: Sequence[tuple[int, int]]) -> None:
    """Give stored messages new positions; first ones far away, since positions are unique."""
    for offset in (_FAR, 0):
        rows = [{"b_pk": pk, "b_position": position - offset} for pk, position in positions]
        if rows:
            connection.execute(
                update(message)
                .where(message.c.pk == bindparam("b_pk"))
                .values(position=bindparam("b_position")),
                rows,
            )


def _keep_versions(
    connection: Connection,
    versions: Sequence[tuple[int, IncomingMessage]],
    run_pk: int | None,
    now: int,
) -> None:
    """Move what messages said to their versions, and let them say the new."""
    for pk, said in versions:
        old = connection.execute(
            select(message.c.content, message.c.parts, message.c.update_time).where(
                message.c.pk == pk
            )
        ).one()
        connection.execute(
            insert(version).values(
                message_pk=pk,
                content=old.content,
                parts=old.parts,
                update_time=old.update_time,
                replaced_at=now,
                run_pk=run_pk,
            )
        )
        values: dict[str, Any] = {name: getattr(said, name) for name in _SAID}
        connection.execute(update(message).where(message.c.pk == pk).values(**values))
        _write_raw(connection, [(pk, said.raw)])


def _insert(
    connection: Connection,
    conversation_pk: int,
    inserts: Sequence[tuple[int, IncomingMessage]],
    now: int,
) -> list[int]:
    """Insert messages; return their keys in the order of `inserts`."""
    names = ("role", "role_id", "role_name", "tool_call_id", "create_time", "created_at", *_SAID)
    rows = [
        {name: getattr(item, name) for name in names}
        | {"conversation_pk": conversation_pk, "position": position, "first_seen": now}
        for position, item in inserts
    ]
    if not rows:
        return []
    statement = insert(message).returning(message.c.position, message.c.pk)
    pks: dict[int, int] = dict(connection.execute(statement, rows).all())
    ordered = [pks[position] for position, _ in inserts]
    _write_raw(connection, [(pk, item.raw) for pk, (_, item) in zip(ordered, inserts, strict=True)])
    whose = select(conversation.c.subject_pk).where(conversation.c.pk == conversation_pk)
    count_more(connection, connection.execute(whose).scalar_one(), messages=len(ordered))
    return ordered


def message_id(raw: str | None) -> str | None:
    """Return the id in a message's raw JSON; None where the service gave none (it seldom has)."""
    if raw is None or ('_id"' not in raw and '"id"' not in raw):
        return None
    try:
        value = json.loads(raw)
    except ValueError:
        return None
    found = (value.get("message_id") or value.get("id")) if isinstance(value, dict) else None
    return str(found) if isinstance(found, str | int) else None


def _write_raw(connection: Connection, items: Sequence[tuple[int, str]]) -> None:
    statement = upsert(raw)
    statement = statement.on_conflict_do_update(
        index_elements=["message_pk"],
        set_={"raw": statement.excluded.raw, "message_id": statement.excluded.message_id},
    )
    rows = [{"message_pk": pk, "raw": text, "message_id": message_id(text)} for pk, text in items]
    connection.execute(statement, rows)


def note_window(
    connection: Connection,
    conversation_pk: int,
    *,
    size: int,
    reaches_beginning: bool,
    started: int,
) -> None:
    """Note that a window was read, and bring the conversation's counts up to date."""
    mine = message.c.conversation_pk == conversation_pk
    gaps = (seam.c.conversation_pk == conversation_pk) & (seam.c.kind == "gap")
    values: dict[str, Any] = {
        "fetched_at": started,
        "window": size,
        "stale": False,
        "messages": select(func.count()).select_from(message).where(mine).scalar_subquery(),
        "gaps": select(func.count())
        .select_from(seam)
        .where(gaps, seam.c.closed_at.is_(None))
        .scalar_subquery(),
        "last_message_at": select(func.max(message.c.created_at)).where(mine).scalar_subquery(),
    }
    if reaches_beginning:
        values["from_beginning"] = True
    if size:
        values["served_at"] = started
    connection.execute(
        update(conversation).where(conversation.c.pk == conversation_pk).values(**values)
    )


def remove_conversation(connection: Connection, conversation_pk: int) -> None:
    """Remove a conversation with its messages; its memories stay, without it."""
    with removals.of_conversation(connection, conversation_pk):
        delete_conversation(connection, conversation_pk)


def delete_conversation(connection: Connection, conversation_pk: int) -> None:
    """As `remove_conversation`, inside of a removal that notes what the search index must forget."""
    mine = select(message.c.pk).where(message.c.conversation_pk == conversation_pk)
    connection.execute(delete(seam).where(seam.c.conversation_pk == conversation_pk))
    connection.execute(delete(raw).where(raw.c.message_pk.in_(mine)))
    connection.execute(delete(version).where(version.c.message_pk.in_(mine)))
    connection.execute(delete(message).where(message.c.conversation_pk == conversation_pk))
    connection.execute(
        update(listing)
        .where(listing.c.conversation_pk == conversation_pk)
        .values(conversation_pk=None)
    )
    connection.execute(delete(conversation).where(conversation.c.pk == conversation_pk))

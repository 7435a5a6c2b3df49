"""What a listing does not say of a memory that is stored: it stays as it was said before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from memos_admin.store import tables
from memos_admin.store.incoming import IncomingMemory, digest_of
from memos_admin.store.records import MemorySource
from memos_admin.store.subjects import chunks
from memos_admin.store.tables import table_of

memory = table_of(tables.Memory)
tag = table_of(tables.MemoryTag)
source = table_of(tables.MemorySource)
raw = table_of(tables.MemoryRaw)

_COMPUTED = {"create_time": "created_at", "update_time": "updated_at"}
_SIDES = frozenset({"tags", "sources"})


def filled(
    connection: Connection, items: Sequence[tuple[int, IncomingMemory]]
) -> dict[str, IncomingMemory]:
    """Return items of a listing with what they lack as it is stored, by the memory's id.

    One that says nothing new has the digest that is stored.

    Args:
        connection: of the writer.
        items: with the keys of their memories.
    """
    pks = [pk for pk, _ in items]
    if not pks:
        return {}
    tags, sources = tags_of(connection, pks), _sources(connection, pks)
    raws = raws_of(connection, pks)
    rows = {
        row.pk: row
        for some in chunks(pks)
        for row in connection.execute(select(memory).where(memory.c.pk.in_(some)))
    }
    found: dict[str, IncomingMemory] = {}
    for pk, item in items:
        known: dict[str, Any] = {"tags": tuple(tags.get(pk, ())), "sources": sources.get(pk, ())}
        names = item.absent | {_COMPUTED[name] for name in item.absent & _COMPUTED.keys()}
        known |= {name: getattr(rows[pk], name) for name in names - _SIDES}
        joined = json.loads(raws.get(pk) or "{}") | json.loads(item.raw)
        text = json.dumps(joined, separators=(",", ":"))
        values = {name: known[name] for name in names}
        found[item.memory_id] = replace(item, **values, raw=text, digest=digest_of(item.view, text))
    return found


def tags_of(connection: Connection, memory_pks: Sequence[int]) -> dict[int, list[str]]:
    """Return the tags of memories in order."""
    found: dict[int, list[str]] = {}
    for some in chunks(memory_pks):
        rows = connection.execute(
            select(tag.c.memory_pk, tag.c.tag)
            .where(tag.c.memory_pk.in_(some))
            .order_by(tag.c.memory_pk, tag.c.ordinal)
        )
        for memory_pk, text in rows:
            found.setdefault(memory_pk, []).append(text)
    return found


def raws_of(connection: Connection, memory_pks: Sequence[int]) -> dict[int, str]:
    """Return the service's own objects of memories."""
    found: dict[int, str] = {}
    for some in chunks(memory_pks):
        of_some = select(raw.c.memory_pk, raw.c.raw).where(raw.c.memory_pk.in_(some))
        found |= dict(connection.execute(of_some).all())
    return found


def _sources(
    connection: Connection, memory_pks: Sequence[int]
) -> dict[int, tuple[MemorySource, ...]]:
    found: dict[int, tuple[MemorySource, ...]] = {}
    columns = (source.c[name] for name in ("kind", "role", "excerpt", "message_id", "time"))
    statement = select(source.c.memory_pk, *columns).order_by(source.c.memory_pk, source.c.ordinal)
    for some in chunks(memory_pks):
        for memory_pk, *values in connection.execute(statement.where(source.c.memory_pk.in_(some))):
            found[memory_pk] = (*found.get(memory_pk, ()), MemorySource(*values))
    return found

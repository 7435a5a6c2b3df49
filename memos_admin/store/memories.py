"""Writes of memories: what a listing says, and what the service says of one by its id."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from memos_admin.store import absences, tables
from memos_admin.store.bulk import Found, Rows
from memos_admin.store.filling import filled, raws_of, tags_of
from memos_admin.store.incoming import IncomingMemory
from memos_admin.store.subjects import (
    add_conversations,
    chunks,
    conversation,
    conversation_pks,
    count_more,
)
from memos_admin.store.tables import table_of

memory = table_of(tables.Memory)
listing = table_of(tables.Listing)
tag = table_of(tables.MemoryTag)
source = table_of(tables.MemorySource)
version = table_of(tables.MemoryVersion)
raw = table_of(tables.MemoryRaw)
detail = table_of(tables.MemoryDetail)
verdict = table_of(tables.Verdict)
queue_item = table_of(tables.VerdictQueueItem)

_STORED = (
    "view",
    "title",
    "content",
    "status",
    "type",
    "confidence",
    "conversation_id",
    "create_time",
    "update_time",
    "created_at",
    "updated_at",
    "digest",
)
_VERSIONED = ("view", "title", "content", "status", "conversation_id")

Unsaid = Callable[[str, str], Set[str]]
"""Tells by view and stored JSON the fields of which a listing said nothing."""

# Statements of the first sync's hot path are built once: building them costs more than running them.
KNOWN = Found.by(
    memory.c.memory_id,
    ("pk", "memory_id", "digest", "version", "version_since", "update_time", *_VERSIONED),
)
_LISTED = Found.by(
    listing.c.memory_pk,
    ("pk", "memory_pk", "subject_pk", "conversation_pk", "missed_at", "vanished_at"),
)
_LAST = select(func.coalesce(func.max(memory.c.pk), 0))
_MAKE_STALE = (
    update(conversation)
    .where(conversation.c.pk.in_(bindparam("pks", expanding=True)), ~conversation.c.stale)
    .values(stale=True)
)
_INSERT_MEMORY = Rows.into(
    memory,
    ("pk", "memory_id", *_STORED[:-1], "first_seen", "version", "version_since", _STORED[-1]),
)
_INSERT_TAG = Rows.into(tag, ("memory_pk", "ordinal", "tag"))
_INSERT_SOURCE = Rows.into(
    source, ("memory_pk", "ordinal", "kind", "role", "excerpt", "message_id", "time")
)
_INSERT_LISTING = Rows.into(listing, ("memory_pk", "subject_pk", "conversation_pk", "first_seen"))
_PUT_RAW = Rows.into(raw, ("memory_pk", "raw"), replacing="memory_pk")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a page of a listing changed: counts of memories."""

    added: int = 0
    changed: int = 0
    returned: int = 0


def record(
    connection: Connection,
    subject_pk: int,
    incoming: Sequence[IncomingMemory],
    *,
    run_pk: int | None,
    now: int,
    unsaid: Unsaid = lambda view, raw: frozenset(),
) -> Recorded:
    """Store a page of a subject's listing; unchanged memories write nothing.

    What the page does not say of a memory stays as it was said before. What it says first is no
    change, where `unsaid` tells that nothing was said of it.
    """
    page = {item.memory_id: item for item in incoming}
    known = _known(connection, list(page))
    page |= filled(
        connection,
        [
            (known[memory_id].pk, item)
            for memory_id, item in page.items()
            if item.absent and memory_id in known and known[memory_id].digest != item.digest
        ],
    )
    new = [item for memory_id, item in page.items() if memory_id not in known]
    other = [
        (known[memory_id], item)
        for memory_id, item in page.items()
        if memory_id in known and known[memory_id].digest != item.digest
    ]
    pks = {memory_id: row.pk for memory_id, row in known.items()}
    if new:
        # The keys that SQLite would choose; nobody else writes meanwhile.
        first = connection.execute(_LAST).scalar_one() + 1
        pks |= {item.memory_id: pk for pk, item in enumerate(new, first)}
    rows = [(pks[i.memory_id], *_values(i)[:-1], now, 1, now, i.digest) for i in new]
    _INSERT_MEMORY.write(connection, rows)
    listed = _listed(connection, subject_pk, [row.pk for row in known.values()])
    gone = {pk for pk, row in listed.items() if row.vanished_at is not None}
    changed = _supersede(connection, other, gone, run_pk=run_pk, now=now, unsaid=unsaid)
    _forget_sides(connection, [row.pk for row, _ in other])
    _write_sides(connection, [(pks[i.memory_id], i) for i in [*new, *(i for _, i in other)]])
    touched = {item.memory_id for item in new} | {item.memory_id for _, item in other}
    returned = _list(connection, subject_pk, page, pks, listed, touched=touched, now=now)
    return Recorded(added=len(new), changed=changed, returned=returned)


def _known(connection: Connection, memory_ids: Sequence[str]) -> dict[str, Any]:
    """Return pk, digest and versioned columns of stored memories by the service's id."""
    found: dict[str, Any] = {}
    for some in chunks(memory_ids):
        found |= {row.memory_id: row for row in KNOWN.read(connection, some)}
    return found


_values: Callable[[IncomingMemory], tuple[Any, ...]] = attrgetter("memory_id", *_STORED)
"""Returns the memory's id and the columns `_STORED`."""


def _supersede(
    connection: Connection,
    other: Sequence[tuple[Any, IncomingMemory]],
    gone: Set[int],
    *,
    run_pk: int | None,
    now: int,
    unsaid: Unsaid,
) -> int:
    """Update memories whose digest differs; keep the old version where it says something else.

    Returns how many changed: another status alone with which one comes back is no change beside that.
    """
    changed = 0
    tags = tags_of(connection, [row.pk for row, _ in other])
    old_versions, updates = [], []
    for row, item in other:
        old_tags = tags.get(row.pk, [])
        differs = _differing(row, old_tags, item)
        first_said: Set[str] = frozenset()
        if not all(old_tags if name == "tags" else getattr(row, name) for name in differs):
            first_said = differs & unsaid(row.view, raws_of(connection, [row.pk])[row.pk])
            differs -= first_said
        values = dict(zip(("memory_id", *_STORED), _values(item), strict=True)) | {
            "b_pk": row.pk,
            "version": row.version,
            "version_since": row.version_since,
        }
        if differs:
            changed += differs != {"status"} or row.pk not in gone
            old = superseded(row, old_tags, run_pk=run_pk, now=now)
            if "conversation_id" in first_said:
                old["conversation_id"] = None
            old_versions.append(old)
            values |= {"version": row.version + 1, "version_since": now}
        updates.append(values)
    if old_versions:
        connection.execute(insert(version), old_versions)
    if updates:
        names = (*_STORED, "version", "version_since")
        statement = update(memory).where(memory.c.pk == bindparam("b_pk"))
        connection.execute(statement.values({name: bindparam(name) for name in names}), updates)
    return changed


def superseded(row: Any, tags: Sequence[str], *, run_pk: int | None, now: int) -> dict[str, Any]:
    """Return the row of a version that is no longer the latest one."""
    return {name: getattr(row, name) for name in ("version", "update_time", *_VERSIONED)} | {
        "memory_pk": row.pk,
        "conversation_id": row.conversation_id or "",
        "tags": json.dumps(tags, ensure_ascii=False),
        "seen_from": row.version_since,
        "replaced_at": now,
        "run_pk": run_pk,
    }


def _differing(row: Any, tags: Sequence[str], item: IncomingMemory) -> Set[str]:
    """Return the versioned fields of which an item of a listing says something else."""
    found = {name for name in _VERSIONED if getattr(row, name) != getattr(item, name)}
    return found if set(tags) == set(item.tags) else found | {"tags"}


def _forget_sides(connection: Connection, memory_pks: Sequence[int]) -> None:
    for some in chunks(memory_pks):
        connection.execute(delete(tag).where(tag.c.memory_pk.in_(some)))
        connection.execute(delete(source).where(source.c.memory_pk.in_(some)))


def _write_sides(connection: Connection, items: Sequence[tuple[int, IncomingMemory]]) -> None:
    """Write tags and sources of memories that have none (any more), and replace their raw JSON."""
    tags = [(pk, n, text) for pk, item in items for n, text in enumerate(item.tags)]
    sources = [
        (pk, n, given.kind, given.role, given.excerpt, given.message_id, given.time)
        for pk, item in items
        for n, given in enumerate(item.sources)
    ]
    _INSERT_TAG.write(connection, tags)
    _INSERT_SOURCE.write(connection, sources)
    _PUT_RAW.write(connection, [(pk, item.raw) for pk, item in items])


def _listed(connection: Connection, subject_pk: int, memory_pks: Sequence[int]) -> dict[int, Any]:
    """Return the subject's listings of memories by the memory's key."""
    found: dict[int, Any] = {}
    for some in chunks(memory_pks):
        rows = _LISTED.read(connection, some)
        found |= {row.memory_pk: row for row in rows if row.subject_pk == subject_pk}
    return found


def _list(
    connection: Connection,
    subject_pk: int,
    page: Mapping[str, IncomingMemory],
    pks: Mapping[str, int],
    listed: Mapping[int, Any],
    *,
    touched: Set[str],
    now: int,
) -> int:
    """Note that these memories are listed for the subject; return how many had been gone."""
    named = {item.conversation_id for item in page.values() if item.conversation_id}
    conversations = conversation_pks(connection, subject_pk)
    unknown = named - conversations.keys()
    if unknown:
        add_conversations(connection, subject_pk, sorted(unknown), "memory", now)
        conversations = conversation_pks(connection, subject_pk)
    new: list[tuple[Any, ...]] = []
    again, stale, returned = [], set(), 0
    for memory_id, item in page.items():
        conversation_pk = conversations.get(item.conversation_id or "")
        row = listed.get(pks[memory_id])
        if row is None:
            new.append((pks[memory_id], subject_pk, conversation_pk, now))
        elif (
            row.missed_at is not None
            or row.vanished_at is not None
            or row.conversation_pk != conversation_pk
        ):
            returned += row.vanished_at is not None
            again.append({"b_pk": row.pk, "b_conversation_pk": conversation_pk})
        if conversation_pk is not None and (row is None or memory_id in touched):
            stale.add(conversation_pk)
    _INSERT_LISTING.write(connection, new)
    count_more(connection, subject_pk, memories=len(new) + returned)
    if again:
        absences.keep(connection, [row["b_pk"] for row in again], now)
        connection.execute(
            update(listing)
            .where(listing.c.pk == bindparam("b_pk"))
            .values(
                conversation_pk=bindparam("b_conversation_pk"),
                last_seen=None,
                missed_at=None,
                vanished_at=None,
                reason=None,
            ),
            again,
        )
    for some in chunks(sorted(stale)):
        connection.execute(_MAKE_STALE, {"pks": some})
    return returned


def keep_detail(
    connection: Connection, memory_id: str, status: str | None, text: str, now: int
) -> None:
    """Keep what the service says of one memory by its id, apart from listings."""
    pk = connection.scalar(select(memory.c.pk).where(memory.c.memory_id == memory_id))
    if pk is None:
        return
    statement = upsert(detail).values(memory_pk=pk, fetched_at=now, status=status, raw=text)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["memory_pk"],
            set_={name: statement.excluded[name] for name in ("fetched_at", "status", "raw")},
        )
    )

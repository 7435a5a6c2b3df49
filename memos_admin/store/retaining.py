"""Dropping texts that are no longer to be kept: of superseded versions, and the service's own JSON.

The rows stay, so that it is still known that something was there, what it was and until when. A text
that was dropped is ``''`` where only JSON can stand: `raw`, and `tags` or `parts` of a version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    exists,
    func,
    select,
    update,
)

from memos_admin.store import memories, messages
from memos_admin.store.erasing import note_unswept
from memos_admin.store.search import removals
from memos_admin.store.subjects import chunks, message

MOST = 2_000
"""Rows of a job, so that nobody waits long for the writer."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of a table that may be dropped.

    Attributes:
        key: of the row.
        item: the memory or message by which a search finds it; None: no search does.
        due: whether the row has a text from before a time.
        blank: the row without it.
        unindex: notes that the words of items are to be read again.
    """

    table: Table
    key: Column[int]
    due: Callable[[int], ColumnElement[bool]]
    blank: Mapping[str, str | None]
    item: Column[int] | None = None
    unindex: Callable[[Connection, Sequence[int]], None] | None = None

    def is_due(self, connection: Connection, before: int) -> bool:
        """Return whether there is a text from before a time."""
        return connection.execute(self._rows(before, 1)).first() is not None

    def drop(self, connection: Connection, before: int) -> int:
        """Drop at most `MOST` texts from before a time; return how many."""
        found: dict[int, int] = dict(connection.execute(self._rows(before, MOST)).all())
        if self.unindex is not None and found:
            self.unindex(connection, sorted({*found.values()}))
        for some in chunks(list(found)):
            connection.execute(update(self.table).where(self.key.in_(some)).values(**self.blank))
        if found:
            note_unswept(connection)
        return len(found)

    def _rows(self, before: int, most: int) -> Select[int, int]:
        item = self.key if self.item is None else self.item
        return select(self.key, item).where(self.due(before)).limit(most)


def _memory_raw(before: int) -> ColumnElement[bool]:
    of, raw = memories.memory.c, memories.raw.c
    return (raw.raw != "") & exists().where(of.pk == raw.memory_pk, of.version_since < before)


def _message_raw(before: int) -> ColumnElement[bool]:
    of, version, raw = message.c, messages.version.c, messages.raw.c
    old = exists().where(of.pk == raw.message_pk, of.first_seen < before)
    changed = exists().where(version.message_pk == raw.message_pk, version.replaced_at >= before)
    return (raw.raw != "") & old & ~changed


_memory, _message, _detail = memories.version, messages.version, memories.detail

VERSIONS = (
    Texts(
        _memory,
        _memory.c.pk,
        lambda before: (_memory.c.replaced_at < before) & (_memory.c.tags != ""),
        {"title": None, "content": "", "tags": ""},
        _memory.c.memory_pk,
        removals.of_memories,
    ),
    Texts(
        _message,
        _message.c.pk,
        lambda before: (
            (_message.c.replaced_at < before) & (func.coalesce(_message.c.parts, "-") != "")
        ),
        {"content": "", "parts": ""},
        _message.c.message_pk,
        removals.of_messages,
    ),
)
"""What memories and messages said until before a time."""

RAWS = (
    Texts(memories.raw, memories.raw.c.memory_pk, _memory_raw, {"raw": ""}),
    Texts(messages.raw, messages.raw.c.message_pk, _message_raw, {"raw": "", "message_id": None}),
    Texts(
        _detail,
        _detail.c.memory_pk,
        lambda before: (_detail.c.raw != "") & (_detail.c.fetched_at < before),
        {"raw": ""},
    ),
)
"""The service's JSON of what says since before a time what it says, or was asked for before it."""

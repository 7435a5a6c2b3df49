"""Whether a conversation is known from its beginning: a short window alone does not prove it.

It has shown all that MemOS has now. Where a memory of the conversation, or what one quotes, is older than the
first message, MemOS may have had others before. This is the one place that decides it, whenever messages were
read; lists, transcripts, ledgers and exports ask `conditions.BEGINS` of the store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from memos_admin.backend.documents import is_document
from memos_admin.backend.times import parse_service_time
from memos_admin.store import beginnings
from memos_admin.store.beginnings import Begun, Made, Quote

_SECOND = 1000
"""Messages have whole seconds, memories milliseconds."""


def look(connection: Connection, conversation_pk: int, zone: ZoneInfo) -> None:
    """Look whether something is older than the first message of a conversation whose window was read."""
    found = beginnings.begun(connection, conversation_pk)
    if found is not None:
        _look_at([found], connection, zone)


def look_again(connection: Connection, subject_pk: int, zone: ZoneInfo) -> None:
    """Look again at a subject's conversations that are in doubt: others may explain what is older."""
    _look_at(beginnings.doubted(connection, subject_pk), connection, zone)


def look_everywhere(connection: Connection, zone: ZoneInfo) -> None:
    """Look at all conversations: their times were computed anew."""
    _look_at(beginnings.every(connection), connection, zone)


def _look_at(conversations: Iterable[Begun], connection: Connection, zone: ZoneInfo) -> None:
    for one in conversations:
        older_at = min(_older(connection, one, zone), default=None)
        if older_at != one.older_at:
            beginnings.set_older(connection, one.pk, older_at)


def _older(connection: Connection, one: Begun, zone: ZoneInfo) -> Iterator[int]:
    """Yield the times of what is older than the first message, where nothing else explains it."""
    first = one.first - one.first % _SECOND
    made = beginnings.memories_before(connection, one.pk, first)
    said: dict[int, list[Quote]] = defaultdict(list)
    for source in beginnings.dated_sources(connection, one.pk):
        at = None if is_document(source.kind) else parse_service_time(source.time, zone)
        if at is not None:
            said[source.memory_pk].append((source.role, at))
    before = [at for quotes in said.values() for _role, at in quotes if at < first]
    elsewhere = (
        beginnings.said_elsewhere(connection, one, min(before), max(before))
        if before
        else frozenset()
    )
    for quotes in said.values():
        yield from (at for role, at in quotes if at < first and (role, at) not in elsewhere)
    for memory in made:
        quotes = said.get(memory.memory_pk, [])
        if not quotes or not (elsewhere.issuperset(quotes) or _is_changed(memory, first)):
            yield memory.created_at


def _is_changed(memory: Made, first: int) -> bool:
    """Whether a memory says something else by now: what it came from first it need not name any more."""
    return memory.updated_at is not None and memory.updated_at >= first

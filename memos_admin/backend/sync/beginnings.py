"""Whether a conversation is known from its beginning: a short window alone does not prove it.

It has shown all that MemOS has now. Where a memory of the conversation, or what one quotes, is older than the
first message, MemOS may have had others before. This is the one place that decides it, whenever messages were
read; lists, transcripts, ledgers and exports ask `conditions.BEGINS` of the store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from memos_admin.backend.documents import is_document
from memos_admin.backend.times import parse_service_time
from memos_admin.store import beginnings, runs
from memos_admin.store.beginnings import Begun, Made, Quote
from memos_admin.store.records import UNLOOKED
from memos_admin.store.writer import Writer

_SECOND = 1000
"""Messages have whole seconds, memories milliseconds."""

_AT_ONCE = 500
"""Conversations of one transaction, and the rest of the last one's subject."""


class _Told(NamedTuple):
    """What may tell of a conversation that it began before its first message.

    Attributes:
        one: the conversation.
        first: the second of its first message.
        made: its memories that were created before.
        quotes: what its memories quote, by their keys.
        before: what of it was said before.
    """

    one: Begun
    first: int
    made: list[Made]
    quotes: Mapping[int, list[Quote]]
    before: frozenset[Quote]


def look(connection: Connection, conversation_pk: int, zone: ZoneInfo) -> None:
    """Look whether something is older than the first message of a conversation whose window was read."""
    found = beginnings.begun(connection, conversation_pk)
    if found is not None:
        _look_at([found], connection, zone)


def look_again(connection: Connection, subject_pk: int, zone: ZoneInfo) -> None:
    """Look again at a subject's conversations that are in doubt: others may explain what is older."""
    _look_at(beginnings.doubted(connection, subject_pk), connection, zone)


def look_everywhere(writer: Writer, zone: ZoneInfo, tell: Callable[[int, int], None]) -> None:
    """Look at all conversations, in short transactions; blocks until that is done.

    If it is interrupted the next opening starts it anew: `UNLOOKED` is dropped last.

    Args:
        writer: of the store.
        zone: of times without one.
        tell: called with how many were looked at, of how many.
    """

    def part(after: int) -> tuple[int, int | None]:
        return writer.submit(lambda connection: _look_on(connection, after, zone)).result()

    total = writer.submit(beginnings.number).result()
    after: int | None = 0
    done = 0
    while after is not None:
        tell(done, total)
        some, after = part(after)
        done += some
    writer.submit(lambda connection: runs.drop_setting(connection, UNLOOKED)).result()


def _look_on(connection: Connection, after: int, zone: ZoneInfo) -> tuple[int, int | None]:
    """Look at those of the next subjects after a key.

    Returns:
        how many they are, and the last subject's key; None at the end.
    """
    last = beginnings.next_subject(connection, after, _AT_ONCE)
    found = beginnings.of_subjects(connection, after, last)
    for _subject, some in groupby(found, attrgetter("subject_pk")):
        _look_at(list(some), connection, zone)
    return len(found), last


def _look_at(conversations: Collection[Begun], connection: Connection, zone: ZoneInfo) -> None:
    """Look at conversations of one subject."""
    told = [_told(connection, one, zone) for one in conversations]
    where = _where(connection, told)
    for each in told:
        older_at = min(_older(each, where), default=None)
        if older_at != each.one.older_at:
            beginnings.set_older(connection, each.one.pk, older_at)


def _told(connection: Connection, one: Begun, zone: ZoneInfo) -> _Told:
    first = one.first - one.first % _SECOND
    quotes: dict[int, list[Quote]] = defaultdict(list)
    for source in beginnings.dated_sources(connection, one.pk):
        at = None if is_document(source.kind) else parse_service_time(source.time, zone)
        if at is not None:
            quotes[source.memory_pk].append((source.role, at))
    before = frozenset(quote for some in quotes.values() for quote in some if quote[1] < first)
    made = beginnings.memories_before(connection, one.pk, first)
    return _Told(one, first, made, quotes, before)


def _where(connection: Connection, told: Collection[_Told]) -> Mapping[Quote, set[int]]:
    """Return in which conversations that was said which others quote: one read, however many quote."""
    wanted = frozenset[Quote]().union(*(each.before for each in told))
    where: dict[Quote, set[int]] = defaultdict(set)
    if wanted:
        one = next(iter(told)).one
        times = [at for _role, at in wanted]
        but = one.pk if len(told) == 1 else None
        for pk, quote in beginnings.said(
            connection, one.subject_pk, min(times), max(times), but=but
        ):
            if quote in wanted:
                where[quote].add(pk)
    return where


def _older(told: _Told, where: Mapping[Quote, set[int]]) -> Iterator[int]:
    """Yield the times of what is older than the first message, where nothing else explains it."""
    elsewhere = {quote for quote in told.before if where.get(quote, set()) - {told.one.pk}}
    yield from (at for _role, at in told.before - elsewhere)
    for memory in told.made:
        quotes = told.quotes.get(memory.memory_pk)
        if not quotes or not (elsewhere.issuperset(quotes) or _is_changed(memory, told.first)):
            yield memory.created_at


def _is_changed(memory: Made, first: int) -> bool:
    """Whether a memory says something else by now: what it came from first it need not name any more."""
    return memory.updated_at is not None and memory.updated_at >= first

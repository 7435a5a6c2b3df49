"""What exports read: rows in the order of a file, a batch at a time, and what is missing in them.

No read transaction outlives a batch: the next one goes on behind the last row of the one before.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from memos_admin.store.conditions import (
    BEGINS,
    DOUBTED,
    EMPTY,
    NOT_LOOKED_AT,
    OF_KEPT,
    TROUBLED,
    UNFINISHED,
)
from memos_admin.store.query import Query
from memos_admin.store.records import MemorySource, NamedSource, SeamKind

MOST = 500
FIRST = 100
"""Rows of batches, and of the first one where somebody may wait for it."""
CHARACTERS = 4_000_000
"""A batch ends with the row that makes it hold so many characters."""

_TEXTS = 10_000
"""Texts that one statement reads, one after the other."""
WHITE_SPACE = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What `str.strip` takes off; SQLite's `trim` knows the space only."""

_FIRST = -(1 << 63)

_COLUMNS = (
    "conversation_pk, pk, role, role_id, role_name, content, created_at, updated_at, tool_calls"
)
_CONTENT = 5


class Said(NamedTuple):
    """What tables have of messages, field by field.

    The messages of a conversation stand together in their order, and none is missing between them.
    Tool calls are the service's list as JSON; None where it gave none.
    """

    seq: Sequence[int]
    conversation_pk: Sequence[int]
    pk: Sequence[int]
    role: Sequence[str]
    role_id: Sequence[str | None]
    role_name: Sequence[str | None]
    content: Sequence[str]
    created_at: Sequence[int | None]
    updated_at: Sequence[int | None]
    tool_calls: Sequence[str | None]


class PlainMessage(NamedTuple):
    """What the search for the messages that a memory came from needs of one; `seq` is its order key."""

    seq: int
    pk: int
    role: str
    content: str
    create_time: str | None


_PLAIN = "position, pk, role, content, create_time"

# `_make` takes five times as long, and nearly each memory has a source.
_plain: Callable[[Any], PlainMessage] = partial(tuple.__new__, PlainMessage)
_named: Callable[[Any], NamedSource] = partial(tuple.__new__, NamedSource)


class Coverage(NamedTuple):
    """How complete the messages of some conversations are.

    Attributes:
        never: whose messages were never read.
        empty: that MemOS returned no messages for at the last reading; `kept`: those of them of which
            earlier readings had some; `kept_served_at`, `kept_fetched_at`: as of when the messages of these
            are, and when MemOS returned none of them, each of that one of which it is longest ago.
        late: that are not known from the beginning; `older`: those of them that show all that is served,
            where a memory is older than the first message; `older_at`: the oldest of these; `unlooked`:
            where nobody has looked yet.
        seams: how many places of each kind.
    """

    conversations: int
    never: int
    empty: int
    late: int
    seams: dict[SeamKind, int]
    older: int = 0
    older_at: int | None = None
    unlooked: int = 0
    kept: int = 0
    kept_served_at: int | None = None
    kept_fetched_at: int | None = None


class Listings(NamedTuple):
    """How complete some subjects are: never listed whole, not read whole by the last sync.

    Attributes:
        erasing: of whom an erasure is unfinished.
        troubled: how many of these two there are.
        oldest: when the reading began that was the last to list everything, of whom it is longest ago.
        doubted: memories that are in doubt: see `Memory.in_doubt`.
    """

    subjects: int
    never: int
    failed: int
    erasing: int
    troubled: int
    oldest: int | None
    doubted: int = 0


def message_batches(query: Query, conversation_pk: int) -> Iterator[Said]:
    """Yield a conversation's messages in order, batch by batch, few in the first one."""
    seq = 1
    for rows in _batches(query, conversation_pk, _COLUMNS, _CONTENT, FIRST):
        *columns, _ = zip(*rows, strict=True)
        yield Said(range(seq, seq + len(rows)), *columns)
        seq += len(rows)


def texts(query: Query, conversation_pk: int) -> Iterator[tuple[int, int, str]]:
    """Yield conversation, key and content of the same. To be read without pauses."""
    # One text at a time is held, so that a read may be longer than what keeps its rows.
    sql = f"""SELECT conversation_pk, pk, content, position FROM message
              WHERE conversation_pk = ? AND position > ? ORDER BY position LIMIT {_TEXTS}"""
    after, more = _FIRST, True
    while more:
        more = False
        for number, row in enumerate(query.each(sql, (conversation_pk, after)), 1):
            yield row[:3]
            after, more = row[3], number == _TEXTS


def saying(query: Query, conversation_pk: int, said: Sequence[str]) -> list[PlainMessage]:
    """Return the messages that say one of some texts and no more, white space around it aside.

    Args:
        query: the store.
        conversation_pk: of which conversation.
        said: at most 500 texts, without white space around them.
    """
    sql = f"""SELECT {_PLAIN} FROM message
              WHERE conversation_pk = ? AND trim(content, ?) IN ({_marks(said)})"""
    rows = query.rows(sql, (conversation_pk, WHITE_SPACE, *said))
    return list(map(_plain, rows))


def plain_messages(query: Query, conversation_pk: int) -> Iterator[list[PlainMessage]]:
    """Yield the same with what a search needs, message by message."""
    for rows in _batches(query, conversation_pk, _PLAIN, 3):
        yield [_plain(row[:-1]) for row in rows]


def plain_messages_of(query: Query, pks: Sequence[int]) -> list[PlainMessage]:
    """Return these messages, in no order."""
    return list(map(_plain, query.rows_of(f"SELECT {_PLAIN} FROM message", "pk", pks)))


def _batches(
    query: Query, conversation_pk: int, columns: str, content: int, most: int = MOST
) -> Iterator[list[Any]]:
    """Yield columns, and the order key behind them, of a conversation's messages in order.

    The first batch has at most `most` rows.
    """
    sql = f"""SELECT {columns}, position FROM message
              WHERE conversation_pk = ? AND position > ? ORDER BY position LIMIT ?"""
    after = _FIRST
    while rows := query.beginning(sql, (conversation_pk, after, most), content, CHARACTERS):
        yield rows
        if len(rows) < most and not _is_much(map(itemgetter(content), rows)):
            return
        after, most = rows[-1][-1], MOST


def messages_of(query: Query, conversation_pks: Sequence[int]) -> Said | None:
    """Return all messages of conversations in their order; None where a batch cannot hold them."""
    rows = query.beginning(
        f"""SELECT {_COLUMNS} FROM message
            WHERE conversation_pk IN ({_marks(conversation_pks)})
            ORDER BY conversation_pk, position LIMIT {MOST + 1}""",
        conversation_pks,
        _CONTENT,
        CHARACTERS,
    )
    if len(rows) > MOST or _is_much(map(itemgetter(_CONTENT), rows)):
        return None
    counts = Counter(map(itemgetter(0), rows))
    wanted = [pk for pk in conversation_pks if pk in counts]
    if wanted != list(counts):
        place = {pk: number for number, pk in enumerate(wanted)}
        rows.sort(key=lambda row: place[row[0]])
    seq = list(chain.from_iterable(range(1, counts[pk] + 1) for pk in wanted))
    columns = list(zip(*rows, strict=True))
    return Said(seq, *columns) if columns else Said._make([()] * len(Said._fields))


def seams(query: Query, conversation_pks: Sequence[int]) -> dict[int, SeamKind]:
    """Return which seam the messages stand behind that do, by their keys, as `Message.seam` says it."""
    return dict(
        query.rows(
            f"""SELECT message_pk, kind FROM seam
               WHERE conversation_pk IN ({_marks(conversation_pks)}) AND closed_at IS NULL
               ORDER BY pk""",
            conversation_pks,
        )
    )


def by_first_message(query: Query, subject_pk: int) -> array[int]:
    """Return a subject's conversations in the order in which they began; those without a time last."""
    return query.keys(
        """SELECT c.pk FROM conversation c WHERE c.subject_pk = ? ORDER BY (
               SELECT m.created_at FROM message m WHERE m.conversation_pk = c.pk
               ORDER BY m.position LIMIT 1) NULLS LAST, c.pk""",
        [subject_pk],
    )


def sources_in(query: Query, conversation_pks: Sequence[int]) -> list[NamedSource]:
    """Return the sources of the memories that name conversations.

    They stand by conversation, in each those of the memory first that was made first.
    """
    rows = query.rows(
        f"""SELECT l.conversation_pk, m.memory_id, o.role, o.excerpt, o.message_id, o.time
            FROM listing l JOIN memory m ON m.pk = l.memory_pk
            JOIN memory_source o ON o.memory_pk = m.pk
            WHERE l.conversation_pk IN ({_marks(conversation_pks)})
            ORDER BY l.conversation_pk, m.created_at NULLS LAST, l.pk, o.ordinal""",
        conversation_pks,
    )
    return list(map(_named, rows))


def sources_of(query: Query, memory_pks: Sequence[int]) -> dict[int, list[MemorySource]]:
    """Return the sources of some memories by the memory's key, in the service's order."""
    select = """SELECT o.memory_pk, o.ordinal, o.kind, o.role, o.excerpt, o.message_id, o.time
                FROM memory_source o"""
    found: dict[int, list[MemorySource]] = {}
    for pk, _, *source in sorted(
        query.rows_of(select, "o.memory_pk", memory_pks), key=lambda row: row[:2]
    ):
        found.setdefault(pk, []).append(MemorySource._make(source))
    return found


def message_raws(query: Query, pks: Sequence[int]) -> dict[int, str]:
    """Return the service's own objects of some messages as JSON text, by the message's key."""
    return dict(query.rows_of("SELECT message_pk, raw FROM message_raw", "message_pk", pks))


def message_ids(query: Query, pks: Sequence[int]) -> dict[int, str]:
    """Return the service's own ids of some messages, where it gave any, by the message's key."""
    sql = "SELECT message_pk, message_id FROM message_raw"
    found = query.rows_of(sql, "message_pk", pks)
    return {pk: message_id for pk, message_id in found if message_id is not None}


def memory_raws(query: Query, pks: Sequence[int]) -> dict[int, str]:
    """Return the service's own objects of some memories as JSON text, by the memory's key."""
    return dict(query.rows_of("SELECT memory_pk, raw FROM memory_raw", "memory_pk", pks))


def message_count(
    query: Query, *, conversation_pk: int | None = None, subject_pk: int | None = None
) -> int:
    """Return how many messages are stored of a conversation, of all of a subject, or of everyone."""
    if conversation_pk is subject_pk is None:
        return int(next(query.rows("SELECT count(*) FROM message"))[0])
    where, pk = _which(conversation_pk, subject_pk)
    (row,) = query.rows(
        f"""SELECT count(*) FROM conversation c JOIN message m ON m.conversation_pk = c.pk
            WHERE {where}""",
        [pk],
    )
    return int(row[0])


def coverage(
    query: Query, *, conversation_pk: int | None = None, subject_pk: int | None = None
) -> Coverage:
    """Return how complete the messages are of a conversation, of all of a subject, or of everyone."""
    where, pk = _which(conversation_pk, subject_pk)
    ((conversations, never, empty, late, *rest),) = query.rows(
        f"""SELECT count(*), count(*) FILTER (WHERE fetched_at IS NULL),
               count(*) FILTER (WHERE {EMPTY}),
               count(*) FILTER (
                   WHERE fetched_at IS NOT NULL AND messages > 0 AND NOT {BEGINS}),
               count(older_at), min(older_at),
               count(*) FILTER (
                   WHERE fetched_at IS NOT NULL AND messages > 0 AND {NOT_LOOKED_AT}),
               {OF_KEPT}
            FROM conversation c WHERE {where}""",
        [pk],
    )
    seams = query.rows(
        f"""SELECT g.kind, count(*) FROM conversation c JOIN seam g ON g.conversation_pk = c.pk
            WHERE {where} AND g.closed_at IS NULL GROUP BY g.kind""",
        [pk],
    )
    return Coverage(conversations, never, empty, late, dict(seams), *rest)


def listings(query: Query, subject_pk: int | None = None) -> Listings:
    """Return how complete the memories of a subject are, or everybody's."""
    (counts,) = query.rows(
        f"""SELECT count(*), count(*) FILTER (WHERE listed_at IS NULL),
               count(*) FILTER (WHERE problem IS NOT NULL),
               count(*) FILTER (WHERE {UNFINISHED}),
               count(*) FILTER (WHERE {TROUBLED}), min(listed_at),
               (SELECT count(*) FROM listing l WHERE {DOUBTED} AND (?1 IS NULL OR l.subject_pk = ?1))
           FROM subject WHERE ?1 IS NULL OR pk = ?1""",
        [subject_pk],
    )
    return Listings(*counts)


def _is_much(texts: Iterable[str]) -> bool:
    return sum(map(len, texts)) >= CHARACTERS


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _which(conversation_pk: int | None, subject_pk: int | None) -> tuple[str, int | None]:
    if conversation_pk is not None:
        return "c.pk = ?", conversation_pk
    return "? IS NULL" if subject_pk is None else "c.subject_pk = ?", subject_pk

"""Reads of the jump box: which ids are, begin with, or contain a text.

A keystroke must not wait for a large table. The roster is small enough to be walked; so are tables
of up to `SMALL` rows. Of larger ones only the beginnings of ids are looked at, by their indexes:
conversation ids are indexed within a subject, so that every subject is one step there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from memos_admin.store.conditions import contains, subject_values
from memos_admin.store.query import Query
from memos_admin.store.records import SubjectRef

SMALL = 20_000
"""Rows that are walked in a few milliseconds."""

_NEAR = 1_000
"""How many ids with a common beginning are put in order; beyond that any are as good."""

_MOST_WORDS = 20

_WORD = re.compile(r"[^\W_]+")


class Rank(IntEnum):
    """How well an id fits a text, the best one first."""

    EXACT = 0
    ALIKE = 1
    """Exact but for capitals of ASCII."""
    BEGINNING = 2
    INSIDE = 3
    WORDS = 4
    """All words of the text are in it somewhere."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The key of a subject, a conversation or a listing, and how well its id fits."""

    pk: int
    rank: Rank


def find_subjects(query: Query, text: str, limit: int) -> list[Fit]:
    """Return subjects whose id fits, best first, latest activity first among equals."""
    where, values = _fits("external_id", text)
    return _found(
        query,
        f"""SELECT pk, {_rank("external_id")} AS rank FROM subject WHERE {where}
            ORDER BY rank, last_activity DESC NULLS LAST, external_id LIMIT :limit""",
        values | {"limit": limit},
    )


def find_conversations(
    query: Query, text: str, limit: int, subject: SubjectRef | None = None
) -> list[Fit]:
    """Return conversations whose id fits, best first, latest message first among equals.

    Args:
        query: the connection.
        text: an id or a part of one.
        limit: at most so many.
        subject: only this one's. Of all subjects only beginnings fit where the table is large.
    """
    if subject is None and not few_conversations(query):
        return _conversations_by_beginning(query, text, limit)
    where, values = _fits("c.conversation_id", text)
    if subject is not None:
        where += " AND s.kind = :kind AND s.external_id = :whose"
        values |= dict(zip(("kind", "whose"), subject_values(subject), strict=True))
    return _found(
        query,
        f"""SELECT c.pk, {_rank("c.conversation_id")} AS rank
            FROM conversation c JOIN subject s ON s.pk = c.subject_pk WHERE {where}
            ORDER BY rank, COALESCE(c.last_message_at, s.last_activity) DESC NULLS LAST, c.pk
            LIMIT :limit""",
        values | {"limit": limit},
    )


def find_memories(query: Query, text: str, limit: int) -> list[Fit]:
    """Return listings of memories whose id fits, best first, last updated first among equals."""
    if few_memories(query):
        where, values = _fits("memory_id", text)
        found = f"SELECT pk, memory_id, updated_at FROM memory WHERE {where}"
    else:
        # Ids are mostly UUIDs, in lower case: one pasted in capitals is found by its index too.
        values = {"text": text} | _between(text, "") | _between(text.lower(), "_lower")
        found = " UNION ".join(
            f"""SELECT * FROM (SELECT pk, memory_id, updated_at FROM memory
                WHERE memory_id >= :from{which} AND memory_id < :to{which}
                ORDER BY memory_id LIMIT {_NEAR})"""
            for which in ("", "_lower")
        )
    return _found(
        query,
        f"""SELECT l.pk, {_rank("m.memory_id")} AS rank
            FROM ({found}) m JOIN listing l ON l.memory_pk = m.pk
            ORDER BY rank, m.updated_at DESC NULLS LAST, m.memory_id, l.pk LIMIT :limit""",
        values | {"limit": limit},
    )


def few_conversations(query: Query) -> bool:
    """Return whether the table of conversations is small enough to be walked."""
    return _last(query, "SELECT max(pk) FROM conversation") <= SMALL


def few_memories(query: Query) -> bool:
    """Return whether the table of memories is small enough to be walked."""
    return _last(query, "SELECT max(pk) FROM memory") <= SMALL


def _conversations_by_beginning(query: Query, text: str, limit: int) -> list[Fit]:
    """Return conversations of any subject whose id begins with `text`.

    Of the subjects that were active last; an exact id is found wherever it is.
    """
    select = f"""
        SELECT pk, rank FROM (
            SELECT c.pk, {_rank("c.conversation_id")} AS rank,
                   COALESCE(c.last_message_at, s.last_activity) AS at
            FROM subject s CROSS JOIN conversation c ON c.subject_pk = s.pk
            WHERE {{}} ORDER BY s.last_activity DESC LIMIT {_NEAR})
        ORDER BY rank, at DESC NULLS LAST, pk LIMIT :limit"""
    values = {"text": text, "limit": limit, **_between(text, "")}
    near = select.format("c.conversation_id >= :from AND c.conversation_id < :to")
    found = _found(query, near, values)
    if len(found) < limit:
        return found
    exact = _found(query, select.format("c.conversation_id = :text"), values)
    return list(dict.fromkeys(exact + found))[:limit]


def _fits(column: str, text: str) -> tuple[str, dict[str, Any]]:
    """Return the condition that `column` contains all words of `text`, and its values."""
    words = list(dict.fromkeys(_WORD.findall(text))) or [text]
    named = {f"word{number}": word for number, word in enumerate(words[:_MOST_WORDS])}
    terms = [contains(column).replace("?", f":{name}") for name in named]
    return " AND ".join(terms), {"text": text} | named


def _rank(column: str) -> str:
    """Return the expression for how well `column` fits ``:text``."""
    return f"""CASE WHEN {column} = :text THEN 0 WHEN lower({column}) = lower(:text) THEN 1
        ELSE CASE instr(lower({column}), lower(:text)) WHEN 1 THEN 2 WHEN 0 THEN 4 ELSE 3 END END"""


def _between(text: str, which: str) -> dict[str, str]:
    """Return the bounds of all ids that begin with `text`, the second one excluded."""
    code = ord(text[-1]) + 1
    if code == 0xD800:  # no surrogates: they have no place in UTF-8
        code = 0xE000
    after = text[:-1] + chr(code) if code <= 0x10FFFF else text + "\U0010ffff"
    return {f"from{which}": text, f"to{which}": after}


def _found(query: Query, sql: str, values: dict[str, Any]) -> list[Fit]:
    return [Fit(pk, Rank(rank)) for pk, rank in query.rows(sql, values)]


def _last(query: Query, sql: str) -> int:
    return next(query.rows(sql))[0] or 0

"""Which memories a filter names: the keys of their listings in order, or how many there are.

SQLite's planner knows nothing of how many rows a condition leaves, so it is told where to begin.
Where a condition with an index leaves few, these are read and sorted. Else the rows come in the order
of the order's own index and are tried one after the other: the first ones are there at once, however
many follow. A ``+`` before a column keeps SQLite from the index that is not meant.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from memos_admin.store.as_of import over_then
from memos_admin.store.conditions import contains, subject_values
from memos_admin.store.query import Query
from memos_admin.store.records import Filter, MemoryOrder

FEW = 20_000
"""Rows that are read and sorted within the time that a person does not notice."""

_FROM_LISTINGS = "FROM listing l CROSS JOIN memory m ON m.pk = l.memory_pk"
_FROM_MEMORIES = "FROM memory m CROSS JOIN listing l ON l.memory_pk = m.pk"

_NAMED = "COALESCE(NULLIF(m.title, ''), m.content)"
_ORDERS: dict[MemoryOrder, tuple[str, ...]] = {
    "updated": ("m.updated_at",),
    "created": ("m.created_at",),
    # The index has the beginnings, which decide nearly always; only what shares one is compared.
    "title": (f"substr({_NAMED}, 1, 40) COLLATE NOCASE", f"{_NAMED} COLLATE NOCASE"),
    "view": ("m.view",),
    "status": ("m.status",),
    "confidence": ("m.confidence",),
}


class _Condition(NamedTuple):
    """What a row must satisfy.

    Attributes:
        sql: of listing l and memory m, without an index.
        values: of its variables.
        rows: the rows that an index leaves, as ``FROM … WHERE …``; ``""``: there is no index.
        first: the same as `sql` where its index is begun with.
    """

    sql: str
    values: list[Any]
    rows: str = ""
    first: str = ""

    @property
    def of_memory(self) -> bool:
        """Whether its index is one of memories."""
        return not self.rows.startswith("FROM listing")


def keys(query: Query, wanted: Filter, first: int | None = None) -> array[int]:
    """Return the keys of the listings that a filter names, in its order; only the `first` ones."""
    conditions = list(_conditions(query, wanted))
    start = _narrowest(query, conditions, wanted)
    walked = start is None and first is not None
    source = _FROM_MEMORIES if walked or (start and start.of_memory) else _FROM_LISTINGS
    direction = "DESC" if wanted.descending else "ASC"
    by, *ties = (f"{column} {direction}" for column in (*_ORDERS[wanted.order], "m.pk", "l.pk"))

    def found(nulls: str, most: int | None, *more: _Condition) -> array[int]:
        where, values = _where([*conditions, *more], start)
        order = ", ".join([f"{by} {nulls}", *ties])
        limit = "" if most is None else f"LIMIT {most}"
        sql = f"SELECT l.pk {source} WHERE {where} ORDER BY {order} {limit}"
        return query.keys(*over_then(sql, values, wanted.as_of))

    if first is None or not walked or wanted.descending:
        return found("NULLS LAST", first)
    # NULLS LAST is not the index's order here; what has no value is asked for by itself.
    column = _ORDERS[wanted.order][0]
    known = found("", first, _Condition(f"{column} IS NOT NULL", []))
    rest = first - len(known)
    return known + found("", rest, _Condition(f"{column} IS NULL", [])) if rest else known


def passing(query: Query, wanted: Filter, pks: Sequence[int]) -> set[int]:
    """Return which of these listings, a few hundred at most, a filter names."""
    where, values = _where(list(_conditions(query, wanted)), None)
    marks = ",".join("?" * len(pks))
    sql = f"SELECT l.pk {_FROM_LISTINGS} WHERE {where} AND l.pk IN ({marks})"
    return set(query.keys(*over_then(sql, [*values, *pks], wanted.as_of)))


def count(query: Query, wanted: Filter, most: int | None = None) -> int:
    """Return how many listings a filter names.

    Args:
        query: the connection.
        wanted: the filter.
        most: where they cannot be counted without looking at each, no more than one more than this.
    """
    return _count(query, wanted, list(_conditions(query, wanted)), most)


def count_dropped(query: Query, wanted: Filter) -> int:
    """Return of how many of the listings, as of an instant, the text of then is no longer kept."""
    dropped = _Condition("m.dropped", [])
    return _count(query, wanted, [*_conditions(query, wanted), dropped])


def _count(
    query: Query, wanted: Filter, conditions: list[_Condition], most: int | None = None
) -> int:
    start = _narrowest(query, conditions, wanted)
    where, values = _where(conditions, start)
    if "m." not in where:
        sql = f"SELECT count(*) FROM listing l WHERE {where}"
    else:
        source = _FROM_MEMORIES if start and start.of_memory else _FROM_LISTINGS
        limit = "" if most is None else f"LIMIT {most + 1}"
        sql = f"SELECT count(*) FROM (SELECT 1 {source} WHERE {where} {limit})"
    return int(next(query.rows(*over_then(sql, values, wanted.as_of)))[0])


def tags(query: Query, wanted: Filter) -> list[tuple[str, int]]:
    """Return how many listings each tag would leave instead of the filter's tags, most first."""
    conditions = list(_conditions(query, replace(wanted, tags=frozenset(), any_tags=frozenset())))
    start = _narrowest(query, conditions, wanted)
    where, values = _where(conditions, start)
    if wanted.as_of is not None:
        sql = f"""SELECT g.value, count(*) {_FROM_LISTINGS} JOIN json_each(m.tags) g
                  WHERE {where} GROUP BY g.value ORDER BY count(*) DESC, g.value"""
        return list(query.rows(*over_then(sql, values, wanted.as_of)))
    source = _FROM_MEMORIES if start and start.of_memory else _FROM_LISTINGS
    if "m." not in where:
        source = "FROM listing l"
    sql = f"""SELECT g.tag, count(*) {source} JOIN memory_tag g ON g.memory_pk = l.memory_pk
              WHERE {where} GROUP BY g.tag ORDER BY count(*) DESC, g.tag"""
    return list(query.rows(sql, values))


class Part(NamedTuple):
    """Listings of a filter between two keys: a statement's source and condition on l and m.

    Attributes:
        done: keys behind which these end, `of` how many; both 1 where they are all.
    """

    source: str
    where: str
    values: list[Any]
    done: int
    of: int


def parts(query: Query, wanted: Filter) -> Iterator[Part]:
    """Yield the listings that a filter names (as they are now) in parts, each soon looked at.

    Where an index leaves few they are one part.
    """
    conditions = list(_conditions(query, wanted))
    start = _narrowest(query, conditions, wanted)
    where, values = _where(conditions, start)
    if start is not None:
        yield Part(_FROM_MEMORIES if start.of_memory else _FROM_LISTINGS, where, values, 1, 1)
        return
    last = int(next(query.rows("SELECT COALESCE(max(pk), 0) FROM listing"))[0])
    for first in range(0, last, FEW):
        end = min(first + FEW, last)
        between = f"l.pk > {first} AND l.pk <= {end} AND {where}"
        yield Part(_FROM_LISTINGS, between, values, end, last)


def _where(conditions: list[_Condition], start: _Condition | None) -> tuple[str, list[Any]]:
    terms = [c.first if c is start else c.sql for c in conditions]
    return " AND ".join(terms) or "1", [value for c in conditions for value in c.values]


def _narrowest(query: Query, conditions: list[_Condition], wanted: Filter) -> _Condition | None:
    """Return the condition that leaves the fewest rows; None where all leave many."""
    if wanted.as_of is not None:
        return next((c for c in conditions if c.rows and not c.of_memory), None)
    fewest, best = FEW, None
    for condition in conditions:
        if condition.rows:
            counted = f"SELECT count(*) FROM (SELECT 1 {condition.rows} LIMIT {fewest})"
            number = next(query.rows(counted, condition.values))[0]
            if number < fewest:
                fewest, best = number, condition
    return best


def _conditions(query: Query, wanted: Filter) -> Iterator[_Condition]:
    """Yield what a filter asks of listing l and memory m."""
    yield from _whose(query, wanted)
    for column, names in (("view", wanted.views), ("status", wanted.statuses)):
        if names:
            yield _indexed("memory", f"{column} IN ({','.join('?' * len(names))})", sorted(names))
    yield from _tags(wanted)
    for column, names in (("view", wanted.not_views), ("status", wanted.not_statuses)):
        if names:
            mark = ",".join("?" * len(names))
            yield _Condition(f"COALESCE(m.{column}, '') NOT IN ({mark})", sorted(names))
    for column, comparison, bound in (
        ("updated_at", ">=", wanted.since),
        ("updated_at", "<", wanted.until),
        ("created_at", ">=", wanted.created_since),
        ("created_at", "<", wanted.created_until),
    ):
        if bound is not None:
            yield _indexed("memory", f"{column} {comparison} ?", [bound])
    yield from _flags(wanted)
    if wanted.text:
        yield _said(wanted.text, then=wanted.as_of is not None)
    for text in sorted(wanted.not_texts):
        said = _said(text, then=wanted.as_of is not None)
        yield _Condition(f"NOT {said.sql}", said.values)


def _tags(wanted: Filter) -> Iterator[_Condition]:
    """Yield which tags there are, and which are not."""
    then = wanted.as_of is not None
    for tag in sorted(wanted.tags):
        yield _tagged([tag], then=then)
    for some in sorted(map(sorted, wanted.any_tags)):
        yield _tagged(some, then=then)
    if wanted.not_tags:
        tagged = _tagged(sorted(wanted.not_tags), then=then)
        yield _Condition(f"NOT {tagged.sql}", tagged.values)


def _flags(wanted: Filter) -> Iterator[_Condition]:
    """Yield what is asked with yes or no."""
    if wanted.vanished:
        yield _indexed("listing", "vanished_at IS NOT NULL", [])
    elif wanted.vanished is not None:
        yield _Condition("l.vanished_at IS NULL", [])
    if wanted.sourced is not None:
        there = "EXISTS (SELECT 1 FROM memory_source o WHERE o.memory_pk = m.pk)"
        yield _Condition(there if wanted.sourced else f"NOT {there}", [])
    if wanted.inferred is not None:
        yield _Condition(f"is_inferred(m.content) = {int(wanted.inferred)}", [])


def _tagged(tags: list[str], *, then: bool) -> _Condition:
    """Return the condition that a memory has one of these tags."""
    marks = ",".join("?" * len(tags))
    if then:
        one = f"EXISTS (SELECT 1 FROM json_each(m.tags) WHERE value IN ({marks}))"
        return _Condition(one, tags)
    rows = f"FROM memory_tag WHERE tag IN ({marks})"
    one = f"EXISTS (SELECT 1 FROM memory_tag t WHERE t.memory_pk = m.pk AND +t.tag IN ({marks}))"
    return _Condition(one, tags, rows, f"m.pk IN (SELECT memory_pk {rows})")


def _said(text: str, *, then: bool) -> _Condition:
    """Return the condition that a memory has a text somewhere."""
    tags = (
        f"SELECT 1 FROM json_each(m.tags) WHERE {contains('value')}"
        if then
        else f"SELECT 1 FROM memory_tag t WHERE t.memory_pk = m.pk AND {contains('t.tag')}"
    )
    where = f"(COALESCE({contains('m.title')}, 0) OR {contains('m.content')} OR EXISTS ({tags}))"
    return _Condition(where, [text] * 3)


def _whose(query: Query, wanted: Filter) -> Iterator[_Condition]:
    """Yield whose memories and of which conversation."""
    subject_pk = conversation_pk = None
    if wanted.subject is not None:
        sql = "SELECT pk FROM subject WHERE kind = ? AND external_id = ?"
        subject_pk = next(query.rows(sql, subject_values(wanted.subject)), (-1,))[0]
        yield _indexed("listing", "subject_pk = ?", [subject_pk])
    # As of an instant a memory may have named another one than the listing stands under now.
    if wanted.conversation_id and subject_pk is not None and wanted.as_of is None:
        sql = "SELECT pk FROM conversation WHERE subject_pk = ? AND conversation_id = ?"
        known = next(query.rows(sql, [subject_pk, wanted.conversation_id]), None)
        conversation_pk = None if known is None else known[0]
    if conversation_pk is not None:
        yield _indexed("listing", "conversation_pk = ?", [conversation_pk])
    elif wanted.conversation_id == "":
        yield _Condition("m.conversation_id IS NULL", [])
    elif wanted.conversation_id is not None:
        yield _Condition("m.conversation_id = ?", [wanted.conversation_id])


def _indexed(table: str, test: str, values: list[Any]) -> _Condition:
    """Return a condition on a column that has an index."""
    column = f"{table[0]}.{test}"
    return _Condition(f"+{column}", values, f"FROM {table} WHERE {test}", column)

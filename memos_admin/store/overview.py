"""Counts of a project: users by when they were read, seams, and memories, block by block."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from memos_admin.store import listings
from memos_admin.store.conditions import DOUBTED, TROUBLED
from memos_admin.store.query import Query
from memos_admin.store.records import Filter

DAY = 86_400_000

_USERS = {
    "users": "kind = 'user'",
    "agents": "kind = 'agent'",
    "listed": "listed_at IS NOT NULL",
    "never": "listed_at IS NULL",
    "behind": "synced_at < :now - 86400000",
    "problem": TROUBLED,
}
_LISTED = {
    "1d": "listed_at >= :now - 86400000",
    "7d": "listed_at >= :now - 604800000 AND listed_at < :now - 86400000",
    "30d": "listed_at >= :now - 2592000000 AND listed_at < :now - 604800000",
    "older": "listed_at < :now - 2592000000",
    "never": "listed_at IS NULL",
}
_CLASSES = {"users": _USERS, "readings": _LISTED}

_ARCHIVED = "l.vanished_at IS NOT NULL AND l.reason IS 'archived' AND m.status IS 'archived'"
"""Whoever listed it last may know better by now than the listing that lost it: so both."""

MOST_TAGS = 100_000
"""Different tags that are counted at a time."""


class Tally(NamedTuple):
    """How many listings have a view, status and age.

    Attributes:
        gone: they are listed no more; `missed`: the last whole listing lacked them.
        archived: they are listed no more since they are archived, as the service said under their id.
        age: index of the first bound that the update is not before; None: it has no time.
    """

    view: str
    status: str | None
    gone: bool
    archived: bool
    missed: bool
    age: int | None
    number: int


class Block(NamedTuple):
    """What one block of listings added; `done` of `of` keys are looked at."""

    done: int
    of: int
    tallies: list[Tally]
    tags: list[tuple[str, int]]


def subjects(query: Query, section: str, now: int, subject_pk: int | None) -> dict[str, int]:
    """Return how many subjects are in each class of a section: ``users`` or ``readings``."""
    classes = _CLASSES[section]
    counts = ", ".join(f"count(*) FILTER (WHERE {test})" for test in classes.values())
    (row,) = query.rows(
        f"SELECT {counts} FROM subject WHERE (:pk IS NULL OR pk = :pk)",
        {"now": now, "pk": subject_pk},
    )
    return dict(zip(classes, row, strict=True))


def subject_keys(
    query: Query, section: str, item: str, now: int, subject_pk: int | None
) -> array[int]:
    """Return the keys of the subjects that `subjects` counts in a class, the latest activity first."""
    return query.keys(
        f"""SELECT pk FROM subject WHERE {_CLASSES[section][item]} AND (:pk IS NULL OR pk = :pk)
            ORDER BY last_activity DESC, pk""",
        {"now": now, "pk": subject_pk},
    )


def archived(query: Query) -> set[int]:
    """Return the keys of the listings that `Tally.archived` counts."""
    sql = f"SELECT l.pk FROM listing l JOIN memory m ON m.pk = l.memory_pk WHERE {_ARCHIVED}"
    return {pk for (pk,) in query.rows(sql)}


def roster_since(query: Query, subject_pk: int | None) -> int | None:
    """Return when the first subject was added."""
    (row,) = query.rows(
        "SELECT min(added_at) FROM subject WHERE (?1 IS NULL OR pk = ?1)", [subject_pk]
    )
    found: int | None = row[0]
    return found


def seams(query: Query, subject_pk: int | None) -> dict[str, int]:
    """Return how many places of each kind there are where windows were joined without certainty."""
    if subject_pk is None:
        sql = "SELECT kind, count(*) FROM seam WHERE closed_at IS NULL GROUP BY kind"
        return dict(query.rows(sql))
    return dict(
        query.rows(
            """SELECT g.kind, count(*) FROM conversation c JOIN seam g ON g.conversation_pk = c.pk
               WHERE c.subject_pk = ? AND g.closed_at IS NULL GROUP BY g.kind""",
            [subject_pk],
        )
    )


def blocks(query: Query, wanted: Filter, bounds: Sequence[int]) -> Iterator[Block]:
    """Yield counts of the listings that a filter names, block by block.

    Args:
        query: the connection.
        wanted: the filter; tags are those of what is listed, where it does not ask for what is gone.
        bounds: classes of the update's time, milliseconds, the latest first.
    """
    age = "".join(f" WHEN m.updated_at >= {bound:d} THEN {n}" for n, bound in enumerate(bounds))
    columns = f"""m.view, m.status, l.vanished_at IS NOT NULL, {_ARCHIVED},
        {DOUBTED},
        CASE WHEN m.updated_at IS NULL THEN NULL{age} ELSE {len(bounds)} END"""
    for part in listings.parts(query, wanted):
        rows = query.rows(
            f"SELECT {columns}, count(*) {part.source} WHERE {part.where} GROUP BY 1, 2, 3, 4, 5, 6",
            part.values,
        )
        tallies = [Tally(v, s, bool(g), bool(k), bool(m), a, n) for v, s, g, k, m, a, n in rows]
        listed = "" if wanted.vanished else "AND l.vanished_at IS NULL"
        tags = query.rows(
            f"""SELECT g.tag, count(*) {part.source} JOIN memory_tag g ON g.memory_pk = l.memory_pk
                WHERE {part.where} {listed} GROUP BY g.tag""",
            part.values,
        )
        yield Block(part.done, part.of, tallies, list(tags))


class Tags:
    """Counts tags; where there are too many different ones, the rarest are forgotten.

    Attributes:
        forgotten: so that a number may be too low.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self.forgotten = False

    def add(self, some: Sequence[tuple[str, int]]) -> None:
        """Count more."""
        for tag, number in some:
            self._counts[tag] += number
        if len(self._counts) > MOST_TAGS:
            self.forgotten = True
            self._counts = Counter(dict(self._counts.most_common(MOST_TAGS // 2)))

    def top(self, most: int) -> list[tuple[str, int]]:
        """Return the most frequent tags, those of the same number by name."""
        return sorted(self._counts.items(), key=lambda it: (-it[1], it[0]))[:most]

    def __len__(self) -> int:
        return len(self._counts)

"""What is asked of verdicts and queues: plain SQL. Verdicts are given by people, so they are few."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from memos_admin.store import alike
from memos_admin.store.conditions import subject_values
from memos_admin.store.query import Query
from memos_admin.store.records import SubjectRef
from memos_admin.store.verdict_records import Queue, Verdict

_COLUMNS = """v.pk, v.memory_pk, v.version, v.operator, v.verdict, v.note, v.ticket, v.judged_at,
    v.ended_at, v.ended, COALESCE((SELECT o.view FROM memory_version o
        WHERE o.memory_pk = v.memory_pk AND o.version = v.version), m.view), m.version"""
_VERDICT = f"SELECT {_COLUMNS} FROM verdict v JOIN memory m ON m.pk = v.memory_pk"
_STANDING = f"""SELECT {_COLUMNS} FROM (SELECT * FROM verdict WHERE ended_at IS NULL) v
    JOIN memory m ON m.pk = v.memory_pk"""
_STOOD = f"""SELECT {_COLUMNS} FROM (SELECT * FROM verdict
        WHERE judged_at <= ?1 AND (ended_at IS NULL OR ended_at > ?1)) v
    JOIN memory m ON m.pk = v.memory_pk"""

_QUEUE = """
SELECT q.pk, q.kind, q.blind, s.kind, s.external_id, q.asked, q.made_at, q.fitting,
    (SELECT count(*) FROM verdict_queue_item i WHERE i.queue_pk = q.pk),
    (SELECT count(*) FROM verdict_queue_item i
     WHERE i.queue_pk = q.pk AND i.ordinal < q.position)
FROM verdict_queue q LEFT JOIN subject s ON s.pk = q.subject_pk"""


def standing(
    query: Query,
    memory_pks: Sequence[int],
    as_of: int | None = None,
    versions: Mapping[int, int] | None = None,
) -> dict[int, list[Verdict]]:
    """Return the verdicts that stand of some memories, by the memory's key, earliest first.

    Of each operator the one on what a memory says; where there is none, that on the latest version.

    Args:
        query: the store.
        memory_pks: of which memories.
        as_of: those that stood at this instant.
        versions: the one of each memory that is shown, and later ones are not known of; None: the latest.
    """
    if as_of is None:
        rows = query.rows_of(_STANDING, "v.memory_pk", memory_pks)
    else:
        rows = query.rows_of(_STOOD, "v.memory_pk", memory_pks, as_of)
    found = _verdicts(query, rows)
    if as_of is not None:
        found = [one._replace(ended_at=None, ended=None) for one in found]
    if versions is not None:
        found = [one._replace(latest=versions[one.memory_pk]) for one in found]
        found = [one for one in found if one.version <= one.latest]
    latest: dict[tuple[int, str], Verdict] = {}
    # Of one version the first: a later row of the same time stands since the first one ended.
    for one in sorted(found, key=lambda it: (it.is_of_now, it.version, -it.pk)):
        latest[one.memory_pk, one.operator] = one
    by_memory: dict[int, list[Verdict]] = {}
    for one in sorted(latest.values(), key=lambda it: it.pk):
        by_memory.setdefault(one.memory_pk, []).append(one)
    return by_memory


def history(query: Query, memory_pk: int) -> list[Verdict]:
    """Return all that was ever said of a memory, in the order in which it was."""
    rows = query.rows(f"{_VERDICT} WHERE v.memory_pk = ? ORDER BY v.pk", [memory_pk])
    return _verdicts(query, rows)


def verdicts(query: Query, *, ended: bool = False) -> list[Verdict]:
    """Return the verdicts of all operators, the last one first; `ended`: those that ended too."""
    rows = query.rows(
        f"{_VERDICT} WHERE v.ended_at IS NULL OR ? ORDER BY v.judged_at DESC, v.pk DESC", [ended]
    )
    return _verdicts(query, rows)


def judged_listings(query: Query) -> list[tuple[int, int, int | None]]:
    """Return the listings of judged memories: key, memory, and the subject of their last verdict."""
    return [
        (pk, memory_pk, subject_pk)
        for pk, memory_pk, subject_pk in query.rows(
            """SELECT l.pk, l.memory_pk, (SELECT v.subject_pk FROM verdict v
                   WHERE v.memory_pk = l.memory_pk AND v.subject_pk = l.subject_pk LIMIT 1)
               FROM listing l WHERE l.memory_pk IN (SELECT memory_pk FROM verdict) ORDER BY l.pk"""
        )
    ]


def listed_twice(query: Query) -> dict[int, int]:
    """Return the memories of those listings that are not the only one, by the listing's key."""
    return dict(
        query.rows(
            """SELECT pk, memory_pk FROM listing WHERE memory_pk IN (
                   SELECT memory_pk FROM listing GROUP BY memory_pk HAVING count(*) > 1)"""
        )
    )


def memories_of(query: Query, listing_pks: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Return the memory's key and id of listings, by the listing's key."""
    rows = query.rows_of(
        "SELECT l.pk, m.pk, m.memory_id FROM listing l JOIN memory m ON m.pk = l.memory_pk",
        "l.pk",
        listing_pks,
    )
    return {pk: (memory_pk, memory_id) for pk, memory_pk, memory_id in rows}


def queues(query: Query, operator: str) -> list[Queue]:
    """Return the queues of an operator, the one that was used last first."""
    rows = query.rows(
        f"{_QUEUE} WHERE q.operator = ? ORDER BY q.used_at DESC, q.pk DESC", [operator]
    )
    return [_queue(row) for row in rows]


def queue_items(query: Query, queue_pk: int) -> list[tuple[int, int, int | None]]:
    """Return the items of a queue in order: ordinal, the memory, and a listing of it.

    That of the queue's subject where there is one, else the first that is not gone.
    """
    return list(
        query.rows(
            """SELECT i.ordinal, i.memory_pk, (SELECT l.pk FROM listing l
                   WHERE l.memory_pk = i.memory_pk
                   ORDER BY l.subject_pk IS (SELECT subject_pk FROM verdict_queue WHERE pk = ?1) DESC,
                       l.vanished_at IS NOT NULL, l.pk LIMIT 1)
               FROM verdict_queue_item i WHERE i.queue_pk = ?1 ORDER BY i.ordinal""",
            [queue_pk],
        )
    )


def of_subject(query: Query, ref: SubjectRef) -> list[tuple[str, Verdict]]:
    """Return all verdicts on the memories of a subject, with the memory's id, by memory and time."""
    rows = query.rows(
        f"""SELECT {_COLUMNS}, m.memory_id FROM subject s JOIN listing l ON l.subject_pk = s.pk
            JOIN memory m ON m.pk = l.memory_pk JOIN verdict v ON v.memory_pk = m.pk
            WHERE s.kind = ? AND s.external_id = ? ORDER BY m.pk, v.pk""",
        subject_values(ref),
    )
    found = list(rows)
    memory_ids = [row[-1] for row in found]
    return list(zip(memory_ids, _verdicts(query, (row[:-1] for row in found)), strict=True))


def _verdicts(query: Query, rows: Iterable[Any]) -> list[Verdict]:
    found = [Verdict(*row) for row in rows]
    several = {one.memory_pk for one in found if one.latest > 1}
    same = alike.of_memories(query, sorted(several))
    none = frozenset[int]()
    return [one._replace(alike=same.get((one.memory_pk, one.version), none)) for one in found]


def _queue(row: Any) -> Queue:
    pk, queue_kind, blind, kind, external_id, *rest = row
    ref = None if kind is None else SubjectRef(kind, external_id)
    return Queue(pk, queue_kind, bool(blind), ref, *rest)

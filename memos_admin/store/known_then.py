"""What there was to know at an instant, and what of it nobody can know any more."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from memos_admin.store import listings
from memos_admin.store.conditions import subject_values
from memos_admin.store.query import Query
from memos_admin.store.records import MOVES_KEPT_SINCE, Filter, SubjectRef


class Known(NamedTuple):
    """What there was to know at an instant, of one subject or of everybody.

    Attributes:
        subjects: on the roster now.
        unlisted: of these, never listed whole until then.
        began: when the first whole listing of all of them was there; None: of some there is none yet.
        read: the last reading before, by which each one is known as of then at least.
        next: the first reading behind it, which may have found what had changed before the instant.
        dropped: memories whose text of then is no longer kept.
        untold: until when this store did not keep that memories came back; None: it always did.
        unmoved: the same of that they moved to another conversation.
    """

    subjects: int
    unlisted: int
    began: int | None
    read: int | None
    next: int | None
    dropped: int
    untold: int | None
    unmoved: int | None


_READ = """
SELECT count(*), count(*) FILTER (WHERE listed IS NULL OR listed > :at),
       CASE WHEN count(listed) = count(*) THEN max(listed) END, min(before), min(after)
FROM (SELECT
    (SELECT min(p.finished_at) FROM sync_progress p WHERE p.subject_pk = s.pk AND p.listed) AS listed,
    (SELECT max(p.finished_at) FROM sync_progress p
     WHERE p.subject_pk = s.pk AND p.finished_at <= :at) AS before,
    (SELECT min(p.finished_at) FROM sync_progress p
     WHERE p.subject_pk = s.pk AND p.finished_at > :at) AS after
    FROM subject s WHERE :id IS NULL OR (s.kind = :kind AND s.external_id = :id))"""
_UNTOLD = """
SELECT max(r.finished_at) FROM sync_run r WHERE r.returned > 0 AND NOT EXISTS (
    SELECT 1 FROM absence a WHERE a.returned_at BETWEEN r.started_at AND r.finished_at)"""
_UNMOVED = "SELECT max(CAST(value AS INTEGER)) FROM setting WHERE name = ?"


def known(query: Query, wanted: Filter, moment: int) -> Known:
    """Return what there was to know of what a filter names."""
    kind, name = (None, None) if wanted.subject is None else subject_values(wanted.subject)
    (row,) = query.rows(_READ, {"at": moment, "kind": kind, "id": name})
    (untold,) = next(query.rows(_UNTOLD))
    (unmoved,) = next(query.rows(_UNMOVED, [MOVES_KEPT_SINCE]))
    dropped = listings.count_dropped(query, replace(wanted, as_of=moment))
    return Known._make((*row, dropped, untold, unmoved))


class FirstListed(NamedTuple):
    """Since when a subject is on the roster, and when it was first listed whole; None: never until then."""

    added_at: int
    listed_at: int | None


def first_listings(
    query: Query, ref: SubjectRef | None, until: int | None = None
) -> list[FirstListed]:
    """Return when a subject, or each one, was first listed whole, as was known at `until`."""
    kind, name = (None, None) if ref is None else subject_values(ref)
    whose = "1" if ref is None else "s.kind = :kind AND s.external_id = :id"
    rows = query.rows(
        f"""SELECT s.added_at, (SELECT min(p.finished_at) FROM sync_progress p
               WHERE p.subject_pk = s.pk AND p.listed AND (:until IS NULL OR p.finished_at <= :until))
           FROM subject s WHERE {whose} AND (:until IS NULL OR s.added_at <= :until) ORDER BY s.pk""",
        {"kind": kind, "id": name, "until": until},
    )
    return [FirstListed._make(row) for row in rows]


def doubted(
    query: Query, ref: SubjectRef | None, until: int | None = None
) -> list[tuple[int, int | None]]:
    """Return from when until when memories were missed and not known to be gone; None: they still are.

    Of those that came to be listed again before that was known nothing is kept.
    """
    kind, name = (None, None) if ref is None else subject_values(ref)
    # Nearly all are found to be gone by the reading that missed them: those of one are told once.
    whose = (
        "1"
        if ref is None
        else "l.subject_pk = (SELECT pk FROM subject WHERE kind = :kind AND external_id = :id)"
    )
    rows = query.rows(
        f"""SELECT DISTINCT missed_at, iif(vanished_at > :until, NULL, vanished_at) FROM (
                SELECT l.missed_at, l.vanished_at FROM listing l
                WHERE l.missed_at IS NOT NULL AND {whose}
                UNION SELECT a.missed_at, a.vanished_at FROM absence a JOIN listing l ON l.pk = a.listing_pk
                WHERE a.missed_at IS NOT NULL AND {whose})
            WHERE :until IS NULL OR missed_at <= :until""",
        {"kind": kind, "id": name, "until": until},
    )
    return [(missed, gone) for missed, gone in rows]


def readings(
    query: Query, ref: SubjectRef | None, unit: int, until: int | None = None
) -> list[int]:
    """Return when syncs first read the memories of a subject, or of anybody: one for each sync.

    In units of so many milliseconds since 1970, in no order; only those that had ended by `until`.
    """
    kind, name = (None, None) if ref is None else subject_values(ref)
    whose = "1" if ref is None else "s.kind = :kind AND s.external_id = :id"
    rows = query.rows(
        f"""SELECT min(p.finished_at) / :unit FROM sync_progress p JOIN subject s ON s.pk = p.subject_pk
           WHERE {whose} AND (:until IS NULL OR p.finished_at <= :until) GROUP BY p.run_pk""",
        {"kind": kind, "id": name, "unit": unit, "until": until},
    )
    return [row[0] for row in rows]

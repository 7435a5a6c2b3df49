"""What is known of how complete a store is: readings, listings, windows, holes, requests, syncs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from memos_admin.store.conditions import (
    BEGINS,
    BEGUN_ELSEWHERE,
    DOUBTED,
    EMPTY,
    ERASED,
    ERASING,
    KEPT,
    NAMED,
    NOT_LOOKED_AT,
    OF_KEPT,
    TROUBLED,
    UNFINISHED,
    subject_values,
)
from memos_admin.store.query import Query
from memos_admin.store.records import Bound, SubjectRef, bound

_GONE_ON_WITH = 3_600_000
"""So long a run goes on with what an interrupted one had read, in milliseconds."""

HoleKind = Literal["gap", "reset", "uncertain", "beginning", "unread"]
"""A seam's kind, what is before the first message, or a conversation that was never read."""


class Memories(NamedTuple):
    """Memories of a view: listed now, vanished, and neither: missed by the last whole listing only."""

    view: str
    listed: int
    vanished: int
    unconfirmed: int


class Readings(NamedTuple):
    """Readings of the memories of subjects, as syncs noted them.

    Attributes:
        readings: how many; `whole`: those of them that listed everything.
        first, last: the first and last whole one.
        pages: of the last whole listing; of several subjects the sum.
        set_back: one is dated before one that was made before it, so that the clock was set back; of
            several subjects a sync.
    """

    readings: int
    whole: int
    first: int | None
    last: int | None
    pages: int
    set_back: bool = False


class Windows(NamedTuple):
    """Conversations, and their last windows.

    Attributes:
        by_memory, by_hand: how they are known.
        never: not read; `empty`: read, and MemOS returned nothing at the last reading; `kept`: those of
            them of which earlier readings had messages, `kept_messages`; `kept_served_at` and
            `kept_fetched_at` are as in `streams.Coverage`.
        late: not known from the beginning; `older`: those of them that show all that is served, where a
            memory is older than the first message; `unlooked`: where nobody has looked yet.
        full: whose last window had as many messages as the service returns at most.
        stale: something of them changed since they were read, or they were opened since.
        oldest, latest: when the conversations were read that were read longest ago, and last, whether or not
            MemOS returned any messages of them.
    """

    conversations: int
    by_memory: int
    by_hand: int
    never: int
    empty: int
    late: int
    older: int
    full: int
    stale: int
    messages: int
    oldest: int | None
    latest: int | None
    unlooked: int = 0
    kept_messages: int = 0
    kept: int = 0
    kept_served_at: int | None = None
    kept_fetched_at: int | None = None


class Hole(NamedTuple):
    """A place in a conversation where messages are missing, or may be.

    Attributes:
        message_pk: of the message behind it; None: no message is stored.
        before, after: when the messages around it were written; None: there is none, or no time.
        seen_at: when it was found.
        older_at: what stands for it, where it is a beginning: the time of a memory, or of what one quotes.
        unlooked: it is a beginning, and nobody has looked yet whether it is the conversation's.
    """

    kind: HoleKind
    ref: SubjectRef
    conversation_id: str
    message_pk: int | None
    before: int | None
    after: int | None
    seen_at: int | None
    older_at: int | None = None
    unlooked: bool = False


class Requests(NamedTuple):
    """Requests of syncs by route, of one subject or of all.

    Attributes:
        runs: syncs of the subject alone, or all of the project.
        shared: syncs that read the subject and others, before requests were counted for each subject;
            `shared_requests`: what they sent in all.
        unknown: syncs that were killed: what they sent was not noted, or not all of it.
    """

    runs: int
    routes: dict[str, int]
    shared: int
    shared_requests: int
    unknown: int


_MEMORIES = f"""
SELECT m.view, count(*) FILTER (WHERE l.vanished_at IS NULL AND l.missed_at IS NULL),
       count(l.vanished_at),
       count(*) FILTER (WHERE {DOUBTED})
FROM listing l JOIN memory m ON m.pk = l.memory_pk WHERE l.subject_pk {{whose}}
GROUP BY m.view ORDER BY m.view"""

_READINGS = """
SELECT count(*), count(*) FILTER (WHERE listed), min(finished_at) FILTER (WHERE listed),
       max(finished_at) FILTER (WHERE listed)
FROM sync_progress WHERE subject_pk {whose}"""

_PAGES = """
SELECT COALESCE(sum(pages), 0) FROM sync_progress p WHERE p.subject_pk {whose}
AND p.pk = (SELECT o.pk FROM sync_progress o WHERE o.subject_pk = p.subject_pk AND o.listed
            ORDER BY o.finished_at DESC, o.pk DESC LIMIT 1)"""

_SET_BACK = """
SELECT COALESCE(max(at < before), 0) FROM (
    SELECT finished_at AS at, lag(finished_at) OVER (ORDER BY pk) AS before
    FROM sync_progress WHERE subject_pk = ?1)"""

# The readings of everybody are too many to be looked through in their order.
_SYNCS_SET_BACK = """
SELECT COALESCE(max(at < before), 0) FROM (
    SELECT started_at AS at, lag(started_at) OVER (ORDER BY pk) AS before FROM sync_run)"""

_WINDOWS = f"""
SELECT count(*), count(*) FILTER (WHERE known_from = 'memory'),
       count(*) FILTER (WHERE known_from <> 'memory'), count(*) FILTER (WHERE fetched_at IS NULL),
       count(*) FILTER (WHERE {EMPTY}),
       count(*) FILTER (WHERE fetched_at IS NOT NULL AND messages > 0 AND NOT {BEGINS}),
       count(older_at),
       count(*) FILTER (WHERE window >= ?2),
       count(*) FILTER (WHERE fetched_at IS NOT NULL AND (stale OR opened_at > fetched_at)),
       COALESCE(sum(messages), 0), min(fetched_at), max(fetched_at),
       count(*) FILTER (WHERE fetched_at IS NOT NULL AND messages > 0 AND {NOT_LOOKED_AT}),
       COALESCE(sum(messages) FILTER (WHERE {KEPT}), 0), {OF_KEPT}
FROM conversation c WHERE subject_pk {{whose}}"""

_HOLES = f"""
SELECT g.kind AS kind, s.kind AS whose, s.external_id, c.conversation_id, g.message_pk,
       (SELECT p.created_at FROM message p WHERE p.conversation_pk = m.conversation_pk
        AND p.position < m.position ORDER BY p.position DESC LIMIT 1),
       m.created_at, g.seen_at, NULL, 0, s.pk AS subject_pk, c.pk AS conversation_pk, m.position AS position
FROM seam g JOIN message m ON m.pk = g.message_pk JOIN conversation c ON c.pk = g.conversation_pk
JOIN subject s ON s.pk = c.subject_pk
WHERE g.closed_at IS NULL AND s.pk {{whose}}
UNION ALL
SELECT 'beginning', s.kind, s.external_id, c.conversation_id, m.pk, NULL, m.created_at, m.first_seen,
       c.older_at, {NOT_LOOKED_AT}, s.pk, c.pk, m.position - 1
FROM conversation c JOIN subject s ON s.pk = c.subject_pk JOIN message m ON m.pk = (
    SELECT pk FROM message WHERE conversation_pk = c.pk ORDER BY position LIMIT 1)
WHERE NOT {BEGINS} AND s.pk {{whose}}
UNION ALL
SELECT 'unread', s.kind, s.external_id, c.conversation_id, NULL, NULL, NULL, c.added_at,
       NULL, 0, s.pk, c.pk, 0
FROM conversation c JOIN subject s ON s.pk = c.subject_pk
WHERE c.fetched_at IS NULL AND s.pk {{whose}}"""

_COUNTED_FROM = """COALESCE((SELECT CAST(value AS INTEGER) FROM setting
WHERE name = 'requests_counted_from'), 9223372036854775807)"""

_ALONE = "(r.scope = :word OR substr(r.scope, 1, length(:word) + 14) = :word || ' conversation:')"


def _about(statement: str, subject_pk: int | None) -> str:
    """Return a statement about one subject, or about everybody; ``?1`` is the subject's key."""
    # With "?1 IS NULL OR ..." SQLite would walk through everybody's rows for one subject.
    return statement.format(whose="IS NOT ?1" if subject_pk is None else "= ?1")


def memories(query: Query, subject_pk: int | None) -> list[Memories]:
    """Return the memories of a subject, or of everybody, by view."""
    return [Memories(*row) for row in query.rows(_about(_MEMORIES, subject_pk), [subject_pk])]


def updated_since(query: Query, since: int) -> dict[int, int]:
    """Return how many memories of their largest view are listed and were updated since, by subject."""
    rows = query.rows(
        """SELECT subject_pk, max(number) FROM (
               SELECT l.subject_pk, count(*) AS number
               FROM memory m CROSS JOIN listing l ON l.memory_pk = m.pk
               WHERE m.updated_at >= ? AND l.vanished_at IS NULL GROUP BY l.subject_pk, m.view)
           GROUP BY subject_pk""",
        [since],
    )
    return dict(rows)


def readings(query: Query, subject_pk: int | None) -> Readings:
    """Return the readings of a subject, or of everybody."""
    (counts,) = query.rows(_about(_READINGS, subject_pk), [subject_pk])
    (pages,) = next(query.rows(_about(_PAGES, subject_pk), [subject_pk]))
    if subject_pk is None:
        (set_back,) = next(query.rows(_SYNCS_SET_BACK, []))
    else:
        (set_back,) = next(query.rows(_SET_BACK, [subject_pk]))
    return Readings._make((*counts, pages, bool(set_back)))


def windows(query: Query, subject_pk: int | None, window: int) -> Windows:
    """Return how the conversations of a subject, or of everybody, are known; `window`: a full one."""
    (counts,) = query.rows(_about(_WINDOWS, subject_pk), [subject_pk, window])
    return Windows(*counts)


def full_windows(query: Query, subject_pk: int, window: int, most: int) -> list[str]:
    """Return the ids of (the first) conversations of a subject whose last window was a full one."""
    rows = query.rows(
        """SELECT conversation_id FROM conversation WHERE subject_pk = ? AND window >= ?
           ORDER BY conversation_id LIMIT ?""",
        [subject_pk, window, most],
    )
    return [name for (name,) in rows]


def holes(query: Query, subject_pk: int | None, most: int | None = None) -> list[Hole]:
    """Return the places where messages are missing, or may be, by subject and conversation."""
    limit = "" if most is None else "LIMIT ?2"
    values = [subject_pk] if most is None else [subject_pk, most]
    rows = query.rows(
        f"SELECT * FROM ({_about(_HOLES, subject_pk)}) "
        f"ORDER BY subject_pk, conversation_pk, position {limit}",
        values,
    )
    return [_hole(row) for row in rows]


def _hole(row: Any) -> Hole:
    kind, whose, external_id, *rest, unlooked = row[:10]
    return Hole._make((kind, SubjectRef(whose, external_id), *rest, bool(unlooked)))


def count_holes(query: Query, subject_pk: int | None) -> dict[HoleKind, int]:
    """Return how many holes of each kind there are; kinds without one are left out."""
    found = _about(_HOLES, subject_pk)
    return dict(query.rows(f"SELECT kind, count(*) FROM ({found}) GROUP BY kind", [subject_pk]))


def requests(query: Query, ref: SubjectRef | None, word: str) -> Requests:
    """Return what syncs of a subject, or all of them, have sent.

    Args:
        query: the connection.
        ref: whose; None: everybody's.
        word: the scope of a sync of the subject alone.
    """
    if ref is not None:
        return _requests_of(query, ref, word)
    routes = query.rows(
        "SELECT route, sum(requests) FROM request_log GROUP BY route ORDER BY route", []
    )
    (runs, unknown) = next(
        query.rows("SELECT count(*), count(*) FILTER (WHERE outcome = 'running') FROM sync_run", [])
    )
    return Requests(runs, dict(routes), 0, 0, unknown)


def _requests_of(query: Query, ref: SubjectRef, word: str) -> Requests:
    kind, name = subject_values(ref)
    values = {"word": word, "kind": kind, "id": name}
    routes = query.rows(
        f"""SELECT route, sum(requests) FROM (
                SELECT q.route, q.requests FROM subject_requests q
                JOIN subject s ON s.pk = q.subject_pk WHERE s.kind = :kind AND s.external_id = :id
                UNION ALL
                SELECT q.route, q.requests FROM request_log q JOIN sync_run r ON r.pk = q.run_pk
                WHERE {_ALONE} AND r.pk < {_COUNTED_FROM})
            GROUP BY route ORDER BY route""",
        values,
    )
    (runs, unknown) = next(
        query.rows(
            f"""SELECT count(*) FILTER (WHERE {_ALONE}), count(*) FILTER (WHERE r.outcome = 'running')
                FROM sync_run r
                WHERE {_ALONE} OR r.outcome = 'running' AND r.pk >= {_COUNTED_FROM} AND (
                    r.scope = 'all' OR instr(' ' || r.scope || ' ', ' ' || :word || ' ')) AND NOT EXISTS (
                    SELECT 1 FROM sync_progress p JOIN subject s ON s.pk = p.subject_pk
                    WHERE p.run_pk = r.pk AND s.kind = :kind AND s.external_id = :id)""",
            values,
        )
    )
    shared, sent = _shared(query, ref, word)
    return Requests(runs, dict(routes), shared, sent, unknown)


def _shared(query: Query, ref: SubjectRef, word: str) -> tuple[int, int]:
    """Return how many syncs read a subject and others, uncounted, and what these sent in all."""
    kind, name = subject_values(ref)
    rows = query.rows(
        f"""SELECT count(*), COALESCE(sum(r.requests), 0) FROM sync_run r
            WHERE NOT {_ALONE} AND r.pk < {_COUNTED_FROM} AND EXISTS (
                SELECT 1 FROM sync_progress p JOIN subject s ON s.pk = p.subject_pk
                WHERE p.run_pk = r.pk AND s.kind = :kind AND s.external_id = :id)""",
        {"word": word, "kind": kind, "id": name},
    )
    counts: tuple[int, int] = next(rows)
    return counts


def outcomes(query: Query, ref: SubjectRef | None, word: str) -> dict[str, int]:
    """Return how syncs of a subject alone, or all of them, ended: counts by outcome."""
    alone = "1" if ref is None else _ALONE
    rows = query.rows(
        f"SELECT r.outcome, count(*) FROM sync_run r WHERE {alone} GROUP BY r.outcome ORDER BY 1",
        {"word": word},
    )
    return dict(rows)


def without_end(query: Query, ref: SubjectRef | None = None) -> set[int]:
    """Return the keys of subjects (or the one) that a sync without an end was to read, and none read whole since.

    Whom one before it had read, which it went on from, is left out, and so are those with a problem: that is told.
    """
    kind, name = (None, None) if ref is None else subject_values(ref)
    scopes = query.rows(
        """SELECT scope, max(pk), max(started_at) FROM sync_run
           WHERE outcome = 'running' AND instr(scope, ' conversation:') = 0 GROUP BY scope"""
    )
    found: set[int] = set()
    for scope, run_pk, began in list(scopes):
        rows = query.rows(
            f"""SELECT s.pk FROM (SELECT pk, kind, external_id, problem, {NAMED} AS named FROM subject) s
                WHERE s.problem IS NULL
                AND (:scope = 'all' OR instr(' ' || :scope || ' ', ' ' || s.named || ' '))
                AND (:id IS NULL OR s.kind = :kind AND s.external_id = :id) AND NOT EXISTS (
                    SELECT 1 FROM sync_progress p JOIN sync_run r ON r.pk = p.run_pk
                    WHERE p.subject_pk = s.pk AND (p.run_pk >= :run
                        OR r.outcome <> 'complete' AND p.finished_at >= :began - {_GONE_ON_WITH}))""",
            {"scope": scope, "run": run_pk, "began": began, "kind": kind, "id": name},
        )
        found |= {pk for (pk,) in rows}
    return found


class Summary(NamedTuple):
    """How complete one subject is, in a line.

    `requests` are those of syncs that counted them for each subject; `uncounted`: earlier syncs.
    `without_end`: a sync of it has no end, as `without_end` tells. `problem`, `erasing`, `erased` and `begun_elsewhere` are as `Subject` has them.
    """

    ref: SubjectRef
    listed_at: int | None
    synced_at: int | None
    problem: str | None
    memories: int
    pages: int | None
    vanished: int
    unconfirmed: int
    conversations: int
    never: int
    empty: int
    late: int
    full: int
    gaps: int
    uncertain: int
    resets: int
    requests: int
    uncounted: int
    erasing: str | None
    erased: str | None
    begun_elsewhere: str | None
    without_end: bool = False

    @property
    def bound(self) -> Bound:
        """What the number of its memories is, as `Subject.bound`."""
        return bound(lacks=self.listed_at is None, doubted=self.unconfirmed > 0)


_SUMMARY = f"""
SELECT pk, kind, external_id, listed_at, synced_at, problem, memories,
    (SELECT p.pages FROM sync_progress p WHERE p.subject_pk = s.pk AND p.listed
     ORDER BY p.finished_at DESC, p.pk DESC LIMIT 1),
    (SELECT count(*) FROM listing l WHERE l.subject_pk = s.pk AND l.vanished_at IS NOT NULL),
    (SELECT count(*) FROM listing l WHERE l.subject_pk = s.pk AND {DOUBTED}),
    conversations,
    (SELECT count(*) FROM conversation c WHERE c.subject_pk = s.pk AND c.fetched_at IS NULL),
    (SELECT count(*) FROM conversation c WHERE c.subject_pk = s.pk AND {EMPTY}),
    (SELECT count(*) FROM conversation c WHERE c.subject_pk = s.pk AND c.fetched_at IS NOT NULL
     AND c.messages > 0 AND NOT {BEGINS}),
    (SELECT count(*) FROM conversation c WHERE c.subject_pk = s.pk AND c.window >= ?1),
    (SELECT count(*) FROM conversation c JOIN seam g ON g.conversation_pk = c.pk
     WHERE c.subject_pk = s.pk AND g.closed_at IS NULL AND g.kind = 'gap'),
    (SELECT count(*) FROM conversation c JOIN seam g ON g.conversation_pk = c.pk
     WHERE c.subject_pk = s.pk AND g.closed_at IS NULL AND g.kind = 'uncertain'),
    (SELECT count(*) FROM conversation c JOIN seam g ON g.conversation_pk = c.pk
     WHERE c.subject_pk = s.pk AND g.closed_at IS NULL AND g.kind = 'reset'),
    (SELECT COALESCE(sum(q.requests), 0) FROM subject_requests q WHERE q.subject_pk = s.pk),
    (SELECT count(*) FROM sync_progress p WHERE p.subject_pk = s.pk AND p.run_pk < COALESCE((
     SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'requests_counted_from'),
     9223372036854775807)),
    {ERASING}, {ERASED}, {BEGUN_ELSEWHERE}
FROM subject s"""


def summaries(query: Query, subject_pks: Sequence[int], window: int) -> list[Summary]:
    """Return how complete subjects are, in the order of their keys."""
    found, endless = {}, without_end(query)
    for pk, kind, external_id, *rest in query.rows_of(_SUMMARY, "pk", subject_pks, window):
        summary = Summary(SubjectRef(kind, external_id), *rest)
        found[pk] = summary._replace(without_end=pk in endless)
    return [found[pk] for pk in subject_pks if pk in found]


def unfinished(query: Query, most: int) -> list[int]:
    """Return keys of subjects never listed whole, or with a problem; unfinished erasures first."""
    rows = query.rows(
        f"""SELECT pk FROM subject WHERE listed_at IS NULL OR {TROUBLED}
            ORDER BY {UNFINISHED} DESC, external_id LIMIT ?""",
        [most],
    )
    return [pk for (pk,) in rows]

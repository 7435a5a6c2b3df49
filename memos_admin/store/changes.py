"""What happened here, as syncs found it: memories added, changed, gone and back, and new messages.

One statement a kind, each with the same columns, so that they are listed, counted and put on a time
line alike. A change of a memory that two subjects list is told for both, unless one of them lists it
first with that change. The status with which a memory goes or comes back is told as that only; what else
it says differently when it comes back is told beside that, as of one that never was gone.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

from memos_admin.store.conditions import subject_values
from memos_admin.store.query import Query
from memos_admin.store.records import SubjectRef

_NEVER = 1 << 62
"""A moment that never comes."""

ChangeKind = Literal["added", "changed", "status", "vanished", "returned", "messages", "edited"]
"""``status``: its status changed and nothing else; ``changed``: anything else that makes a version; ``edited``: a
message says something else."""

KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)

OF_MEMORIES = tuple(kind for kind in KINDS if kind not in {"messages", "edited"})


class Edit(NamedTuple):
    """A message that was found to say something else.

    Attributes:
        number: which one of its conversation it is, from 1.
        before: what it said before, and `after` what then; None: that is no longer kept.
    """

    message_pk: int
    number: int
    role: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a sync found.

    Attributes:
        at: when it was found here, milliseconds.
        listing_pk: of the memory; None for messages.
        conversation_pk: of the messages, or the one that changed; None for a memory.
        messages: how many new ones.
        fields: what another version says differently: view, title, content, tags, status,
            conversation_id.
        version: the number of the version that came with it; None: none did.
        reason: why a memory went; None where it did not, or is not told.
        dropped: what the version before said is no longer kept: other fields may differ too.
        replaced: the version of a message that was replaced; None: it is no message that changed.
        status: of the memory behind the change, whatever it is by now; None: none, or messages.
        status_before: of the version that was replaced by the change; None: none was, or it had none.
        conversation_id: which one the memory named behind the change; ``""``: none; None: it is not
            kept which, or messages.
        conversation_before: which one the version named that was replaced; ``""`` and None as there.
        edit: what that message said before and then, where it was asked for.
        content_before: what the memory said before, where that was asked for, another text came in its place, and both
            are kept; None else.
    """

    kind: ChangeKind
    at: int
    listing_pk: int | None = None
    conversation_pk: int | None = None
    messages: int = 0
    fields: tuple[str, ...] = ()
    version: int | None = None
    reason: str | None = None
    dropped: bool = False
    replaced: int | None = None
    status: str | None = None
    status_before: str | None = None
    conversation_id: str | None = None
    conversation_before: str | None = None
    edit: Edit | None = None
    content_before: str | None = None


_WHOSE = "l.subject_pk IN (SELECT pk FROM subject WHERE kind = :kind AND external_id = :id)"
_EVERYBODY = "1"

_COLUMNS = """
SELECT NULL AS kind, NULL AS at, NULL AS listing_pk, NULL AS conversation_pk, NULL AS messages,
       NULL AS fields, NULL AS version, NULL AS reason, NULL AS dropped, NULL AS replaced WHERE 0"""
"""No row: it names the columns of all statements."""

_ADDED = """
SELECT 'added', l.first_seen, l.pk, NULL, 0, '', NULL, NULL, 0, NULL
FROM listing l WHERE l.first_seen BETWEEN :since AND :until AND {whose}"""

_VANISHED = """
SELECT 'vanished', l.vanished_at, l.pk, NULL, 0, '', NULL, l.reason, 0, NULL
FROM listing l WHERE l.vanished_at BETWEEN :since AND :until AND {whose}
UNION ALL
SELECT 'vanished', a.vanished_at, l.pk, NULL, 0, '', NULL, a.reason, 0, NULL
FROM listing l JOIN absence a ON a.listing_pk = l.pk
WHERE a.vanished_at BETWEEN :since AND :until AND {whose}"""

_RETURNED = """
SELECT 'returned', a.returned_at, l.pk, NULL, 0, '', NULL, NULL, 0, NULL
FROM listing l JOIN absence a ON a.listing_pk = l.pk
WHERE a.returned_at BETWEEN :since AND :until AND {whose}"""

_SAME_TAGS = """
    (SELECT json_group_array(value) FROM (
        SELECT DISTINCT value FROM json_each(v.tags) ORDER BY value))
    IS (SELECT json_group_array(value) FROM (
        SELECT DISTINCT value FROM (
            SELECT value FROM json_each(n.tags) UNION ALL
            SELECT tag FROM memory_tag WHERE n.pk IS NULL AND memory_pk = m.pk) ORDER BY value))"""

_CHANGED = f"""
SELECT iif(fields = 'status ' AND NOT dropped, 'status', 'changed'),
       at, listing_pk, NULL, 0, fields, version, NULL, dropped, NULL
FROM (SELECT v.replaced_at AS at, l.pk AS listing_pk, v.version + 1 AS version,
        (v.tags = '' OR n.tags IS '') AS dropped,
        iif(v.view IS iif(n.pk IS NULL, m.view, n.view), '', 'view ') ||
        CASE WHEN v.tags = '' OR n.tags IS '' THEN '' ELSE
            iif(v.title IS iif(n.pk IS NULL, m.title, n.title), '', 'title ') ||
            iif(v.content IS iif(n.pk IS NULL, m.content, n.content), '', 'content ') ||
            iif({_SAME_TAGS}, '', 'tags ') END ||
        iif(v.status IS iif(n.pk IS NULL, m.status, n.status), '', 'status ') ||
        iif(v.conversation_id <> iif(n.pk IS NULL, ifnull(m.conversation_id, ''), n.conversation_id),
            'conversation_id ', '') AS fields,
        EXISTS (SELECT 1 FROM absence a
                WHERE a.listing_pk = l.pk AND a.returned_at = v.replaced_at) AS is_back
    FROM listing l JOIN memory_version v ON v.memory_pk = l.memory_pk JOIN memory m ON m.pk = v.memory_pk
    LEFT JOIN memory_version n ON n.memory_pk = v.memory_pk AND n.version = v.version + 1
    WHERE v.replaced_at BETWEEN :since AND :until AND l.first_seen < v.replaced_at
      AND l.vanished_at IS NOT v.replaced_at AND {{whose}}
      AND NOT EXISTS (SELECT 1 FROM absence a WHERE a.listing_pk = l.pk
                      AND a.vanished_at = v.replaced_at))
WHERE NOT is_back OR dropped OR fields <> 'status '"""

_MESSAGES = """
SELECT 'messages', m.first_seen, NULL, l.pk, count(*), '', NULL, NULL, 0, NULL
FROM conversation l CROSS JOIN message m ON m.conversation_pk = l.pk
WHERE l.fetched_at >= :since AND m.first_seen BETWEEN :since AND :until AND {whose}
GROUP BY l.pk, m.first_seen"""
"""Joined in this order: only the messages of conversations that were read since are looked at."""

_EDITED = """
SELECT 'edited', v.replaced_at, NULL, l.pk, 0, '', NULL, NULL, v.parts IS '', v.pk
FROM message_version v JOIN message m ON m.pk = v.message_pk JOIN conversation l ON l.pk = m.conversation_pk
WHERE v.replaced_at BETWEEN :since AND :until AND {whose}"""

_STATUS = """
iif(EXISTS (SELECT 1 FROM memory_version v WHERE v.memory_pk = m.pk AND v.replaced_at > c.at),
    (SELECT v.status FROM memory_version v WHERE v.memory_pk = m.pk AND v.replaced_at > c.at
     ORDER BY v.version LIMIT 1), m.status)"""
"""What the version says that was not replaced yet when a change was found, or that came with it."""

_CONVERSATION = """
iif(EXISTS (SELECT 1 FROM memory_version v WHERE v.memory_pk = m.pk AND v.replaced_at > c.at),
    (SELECT v.conversation_id FROM memory_version v WHERE v.memory_pk = m.pk AND v.replaced_at > c.at
     ORDER BY v.version LIMIT 1), iif(m.pk IS NULL, NULL, ifnull(m.conversation_id, '')))"""
"""The same of the conversation that it names."""

_BEFORE = """
(SELECT v.{name} FROM memory_version v
 WHERE v.memory_pk = m.pk AND v.replaced_at = c.at AND v.version = c.version - 1)"""

_BESIDE = ", ".join(
    (
        _STATUS,
        _BEFORE.format(name="status"),
        _CONVERSATION,
        _BEFORE.format(name="conversation_id"),
    )
)
"""What a change has beside the columns of the statements."""

_STATEMENTS: dict[frozenset[ChangeKind], str] = {
    frozenset({"added"}): _ADDED,
    frozenset({"changed", "status"}): _CHANGED,
    frozenset({"vanished"}): _VANISHED,
    frozenset({"returned"}): _RETURNED,
    frozenset({"messages"}): _MESSAGES,
    frozenset({"edited"}): _EDITED,
}


def changes(
    query: Query,
    since: int,
    subject: SubjectRef | None = None,
    *,
    until: int | None = None,
    kinds: Collection[ChangeKind] = KINDS,
    most: int | None = None,
) -> list[Change]:
    """Return what was found since a moment, latest first.

    New messages are told once for each reading of a conversation.

    Args:
        query: the connection.
        since: a moment, milliseconds.
        subject: only what is its.
        until: a moment; None: now.
        kinds: only these.
        most: the latest so many.
    """
    statements, values = _of(since, subject, until, kinds)
    limit = "" if most is None else "LIMIT :most"
    rows = query.rows(
        f"""SELECT c.*, {_BESIDE} FROM (
                SELECT * FROM ({statements}) ORDER BY at DESC, version DESC {limit}) c
            LEFT JOIN listing l ON l.pk = c.listing_pk LEFT JOIN memory m ON m.pk = l.memory_pk
            ORDER BY c.at DESC, c.version DESC""",
        values | {"most": most},
    )
    return [_change(row) for row in rows]


def _change(row: Any) -> Change:
    kind, at, listing_pk, conversation_pk, number, fields, version, reason, dropped, *more = row
    about = listing_pk, conversation_pk, number
    return Change(kind, at, *about, tuple(fields.split()), version, reason, bool(dropped), *more)


class Said(NamedTuple):
    """What a memory said behind a change; `dropped`: that is no longer kept."""

    view: str
    title: str | None
    content: str
    dropped: bool


_SAID = """
SELECT p.key, v.view, v.title, v.content, v.tags = ''
FROM json_each(?) p JOIN listing l ON l.pk = json_extract(p.value, '$[0]')
JOIN memory_version v ON v.pk = (
    SELECT o.pk FROM memory_version o
    WHERE o.memory_pk = l.memory_pk AND o.replaced_at > json_extract(p.value, '$[1]')
    ORDER BY o.version LIMIT 1)"""


def said_behind(query: Query, found: Sequence[Change]) -> dict[int, Said]:
    """Return what memories said behind changes, by the place among them.

    Those are left out that say the same version by now, and messages.
    """
    asked = json.dumps([(one.listing_pk, one.at) for one in found])
    rows = query.rows(_SAID, [asked])
    return {
        place: Said(view, title, content, bool(dropped))
        for place, view, title, content, dropped in rows
    }


_SAID_BEFORE = """
SELECT p.key, v.content
FROM json_each(?) p JOIN listing l ON l.pk = json_extract(p.value, '$[0]')
JOIN memory_version v ON v.memory_pk = l.memory_pk AND v.version = json_extract(p.value, '$[1]') - 1"""


def said_before(query: Query, found: Sequence[Change]) -> dict[int, str]:
    """Return the texts that changes of memories have replaced, by the place among them; without those that are not kept."""
    asked = {
        str(place): (one.listing_pk, one.version)
        for place, one in enumerate(found)
        if "content" in one.fields  # never of a text that is not kept
    }
    return {int(place): said for place, said in query.rows(_SAID_BEFORE, [json.dumps(asked)])}


def count(
    query: Query,
    since: int,
    subject: SubjectRef | None = None,
    *,
    until: int | None = None,
    kinds: Collection[ChangeKind] = KINDS,
) -> dict[ChangeKind, int]:
    """Return how many changes of each kind `changes` would tell; kinds without one are left out."""
    statements, values = _of(since, subject, until, kinds)
    return dict(query.rows(f"SELECT kind, count(*) FROM ({statements}) GROUP BY kind", values))


_EDITS = """
SELECT v.pk, m.pk, (SELECT count(*) FROM message o
        WHERE o.conversation_pk = m.conversation_pk AND o.position <= m.position),
    m.role, iif(v.parts IS '', NULL, v.content),
    CASE WHEN n.pk IS NULL THEN m.content WHEN n.parts IS '' THEN NULL ELSE n.content END
FROM message_version v JOIN message m ON m.pk = v.message_pk
LEFT JOIN message_version n ON n.pk = (
    SELECT min(o.pk) FROM message_version o WHERE o.message_pk = v.message_pk AND o.pk > v.pk)"""


def edits(query: Query, found: Sequence[Change]) -> dict[int, Edit]:
    """Return what messages said before changes and then, by `Change.replaced`; without other changes."""
    replaced = [one.replaced for one in found if one.replaced is not None]
    rows = query.rows_of(_EDITS, "v.pk", replaced)
    return {pk: Edit(*said) for pk, *said in rows}


def last_edited(query: Query, until: int | None = None) -> int | None:
    """Return when a message was last found to say something else, up to an instant; None: never."""
    sql = "SELECT max(replaced_at) FROM message_version WHERE replaced_at <= ?"
    ((found,),) = query.rows(sql, [_NEVER if until is None else until])
    return None if found is None else int(found)


QUARTER = 900_000
"""Milliseconds that `by_quarter` puts together: every zone's day begins with such a quarter hour."""

_WHICH_QUARTER = f"(at - ((at % {QUARTER}) + {QUARTER}) % {QUARTER}) / {QUARTER}"


def by_quarter(
    query: Query,
    subject: SubjectRef | None = None,
    until: int | None = None,
    *,
    since: int = -_NEVER,
) -> list[tuple[ChangeKind, int, int]]:
    """Return how many changes of memories were found in each quarter of an hour: kind, which, number.

    Quarters are counted from 1970. Whatever happened from `since`, else the
    beginning, until `until` is in it.
    """
    statements, values = _of(since, subject, until, OF_MEMORIES)
    return list(
        query.rows(
            f"""SELECT kind, {_WHICH_QUARTER}, count(*)
                FROM ({statements}) GROUP BY 1, 2 ORDER BY 2""",
            values,
        )
    )


def each_by_quarter(
    query: Query, subject: SubjectRef | None = None, until: int | None = None
) -> Iterator[tuple[ChangeKind, int, int]]:
    """Yield the same one by one: kind, which quarter, and the key of the memory's listing."""
    statements, values = _of(-_NEVER, subject, until, OF_MEMORIES)
    yield from query.each(f"SELECT kind, {_WHICH_QUARTER}, listing_pk FROM ({statements})", values)


def archived_by_quarter(
    query: Query, subject: SubjectRef | None = None, *, since: int
) -> list[tuple[int, int]]:
    """Return how many of those that `by_quarter` tells as vanished were archived: which, number."""
    statements, values = _of(since, subject, None, ["vanished"])
    return list(
        query.rows(
            f"""SELECT {_WHICH_QUARTER}, count(*)
                FROM ({statements}) WHERE reason = 'archived' GROUP BY 1""",
            values,
        )
    )


def _of(
    since: int, subject: SubjectRef | None, until: int | None, kinds: Collection[ChangeKind]
) -> tuple[str, dict[str, Any]]:
    """Return the statements of kinds, and their values."""
    values: dict[str, Any] = {"since": since, "until": _NEVER if until is None else until}
    whose = _EVERYBODY
    if subject is not None:
        whose = _WHOSE
        values |= dict(zip(("kind", "id"), subject_values(subject), strict=True))
    values["kinds"] = json.dumps(sorted(kinds))
    parts = [sql.format(whose=whose) for told, sql in _STATEMENTS.items() if told & {*kinds}]
    statements = " UNION ALL ".join([_COLUMNS, *parts])
    return (
        f"SELECT * FROM ({statements}) WHERE kind IN (SELECT value FROM json_each(:kinds))",
        values,
    )

"""What a bundle of all that is stored of a subject asks beside what other exports read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from memos_admin.store.conditions import AS_OF
from memos_admin.store.evidence import others_with
from memos_admin.store.query import Query
from memos_admin.store.records import SubjectRef

_OF_MESSAGES = "FROM conversation c JOIN message m ON m.conversation_pk = c.pk"
_OF_MEMORIES = "FROM listing l JOIN memory m ON m.pk = l.memory_pk"


class Behind(NamedTuple):
    """Conversations of a subject that are to be read, and as of when their messages are.

    Attributes:
        conversations: how many.
        never: of them, those that were never read.
        read_at: as of when those are that are oldest, UTC milliseconds; None: none of them ever was read.
    """

    conversations: int
    never: int
    read_at: int | None


class Dropped(NamedTuple):
    """What retention has dropped of a subject: raw objects of the service, and texts of versions."""

    message_raws: int
    memory_raws: int
    message_versions: int
    memory_versions: int


def standing(query: Query, subject_pk: int) -> tuple[int, ...]:
    """Return counts of what is stored of a subject, of which some change whenever any of it does."""
    counts = next(
        query.rows(
            f"""SELECT count(*), ifnull(max(m.pk), 0),
                   (SELECT count(*) {_OF_MESSAGES} JOIN message_version v ON v.message_pk = m.pk
                    WHERE c.subject_pk = ?1),
                   (SELECT count(*) FROM conversation WHERE subject_pk = ?1)
                {_OF_MESSAGES} WHERE c.subject_pk = ?1""",
            [subject_pk],
        )
    )
    memories = next(
        query.rows(
            f"""SELECT count(*), ifnull(sum(m.version), 0), count(l.vanished_at),
                   count(l.missed_at),
                   ifnull(max(m.pk), 0),
                   (SELECT count(*) + count(v.ended_at) {_OF_MEMORIES}
                    JOIN verdict v ON v.memory_pk = m.pk WHERE l.subject_pk = ?1)
                {_OF_MEMORIES} WHERE l.subject_pk = ?1""",
            [subject_pk],
        )
    )
    return (*counts, *memories)


def behind(query: Query, subject_pk: int) -> Behind:
    """Return which conversations of a subject are to be read: they changed, or could not be read."""
    rows = query.rows(
        f"""SELECT count(*), count(*) FILTER (WHERE fetched_at IS NULL), min({AS_OF})
           FROM conversation WHERE subject_pk = ? AND (stale OR fetched_at IS NULL)""",
        [subject_pk],
    )
    return Behind._make(next(rows))


def dropped(query: Query, subject_pk: int) -> Dropped:
    """Return how much of a subject is no longer kept; see `memos_admin.store.retaining`."""
    counts = next(
        query.rows(
            f"""SELECT
                (SELECT count(*) {_OF_MESSAGES} JOIN message_raw r ON r.message_pk = m.pk
                 WHERE c.subject_pk = ?1 AND r.raw = ''),
                (SELECT count(*) {_OF_MEMORIES} JOIN memory_raw r ON r.memory_pk = m.pk
                 WHERE l.subject_pk = ?1 AND r.raw = ''),
                (SELECT count(*) {_OF_MESSAGES} JOIN message_version v ON v.message_pk = m.pk
                 WHERE c.subject_pk = ?1 AND v.parts IS ''),
                (SELECT count(*) {_OF_MEMORIES} JOIN memory_version v ON v.memory_pk = m.pk
                 WHERE l.subject_pk = ?1 AND v.tags = '')""",
            [subject_pk],
        )
    )
    return Dropped._make(counts)


def versions(query: Query, subject_pk: int) -> tuple[int, int]:
    """Return how many earlier versions of a subject's messages and of its memories there are."""
    messages, memories = next(
        query.rows(
            f"""SELECT
                (SELECT count(*) {_OF_MESSAGES} JOIN message_version v ON v.message_pk = m.pk
                 WHERE c.subject_pk = ?1),
                (SELECT count(*) {_OF_MEMORIES} JOIN memory_version v ON v.memory_pk = m.pk
                 WHERE l.subject_pk = ?1)""",
            [subject_pk],
        )
    )
    return messages, memories


def revised(query: Query, subject_pk: int) -> dict[int, list[int]]:
    """Return the messages of a subject that once said something else, by their conversation."""
    found: dict[int, list[int]] = {}
    for conversation_pk, pk in query.rows(
        f"""SELECT DISTINCT m.conversation_pk, m.pk {_OF_MESSAGES}
            JOIN message_version v ON v.message_pk = m.pk
            WHERE c.subject_pk = ? ORDER BY m.conversation_pk, m.position""",
        [subject_pk],
    ):
        found.setdefault(conversation_pk, []).append(pk)
    return found


class Speakers(NamedTuple):
    """Messages of the same speaker: what the service says of who that is, and how many they are."""

    role: str
    role_id: str | None
    role_name: str | None
    messages: int


def speakers(query: Query, subject_pk: int) -> list[Speakers]:
    """Return who speaks in a subject's conversations."""
    rows = query.rows(
        f"""SELECT m.role, m.role_id, m.role_name, count(*) {_OF_MESSAGES}
            WHERE c.subject_pk = ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
        [subject_pk],
    )
    return list(map(Speakers._make, rows))


def naming_others(query: Query, subject_pk: int, external_id: str) -> Sequence[int]:
    """Return the keys of a subject's conversations with messages of users that have another id."""
    return query.keys(
        f"""SELECT DISTINCT c.pk {_OF_MESSAGES}
            WHERE c.subject_pk = ? AND m.role = 'user' AND m.role_id <> '' AND m.role_id <> ?
                ORDER BY c.pk""",
        [subject_pk, external_id],
    )


def in_conversations(query: Query, message_pks: Sequence[int]) -> set[int]:
    """Return the keys of the conversations that messages stand in."""
    select = "SELECT DISTINCT conversation_pk FROM message"
    return {pk for (pk,) in query.rows_of(select, "pk", message_pks)}


def sources_of_others(query: Query, subject_pk: int) -> dict[str, SubjectRef]:
    """Return whose message it is, by its id, of those that a subject's memories name and only others have."""
    rows = query.rows(
        f"""SELECT DISTINCT o.message_id {_OF_MEMORIES} JOIN memory_source o ON o.memory_pk = m.pk
            WHERE l.subject_pk = ? AND o.message_id <> ''""",
        [subject_pk],
    )
    return others_with(query, subject_pk, [message_id for (message_id,) in rows])


def oldest_reading(query: Query, subject_pk: int) -> int | None:
    """Return when those messages of a subject were read that were read longest ago.

    A reading that returned none of those that are kept here did not read them.
    """
    (row,) = query.rows(f"SELECT min({AS_OF}) FROM conversation WHERE subject_pk = ?", [subject_pk])
    return None if row[0] is None else int(row[0])


def last_partial(query: Query, word: str) -> int | None:
    """Return when the last sync of a subject began that did not read all of those it was about.

    None: there was none, or it was stopped or failed as a whole, and may not have come to the subject.

    Args:
        query: the connection.
        word: the subject in the scope of a sync.
    """
    found = query.rows(
        """SELECT started_at, outcome FROM sync_run WHERE outcome <> 'complete'
           AND (scope = 'all' OR instr(' ' || scope || ' ', ' ' || ? || ' '))
           ORDER BY started_at DESC LIMIT 1""",
        [word],
    )
    return next((int(at) for at, outcome in found if outcome == "partial"), None)

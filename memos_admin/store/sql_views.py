"""The views that SQL of a person's own reads: named and described once, made anew at each opening.

They are views of the connection (TEMP), so that nothing is written, kept or rebuilt for them. Tables
stay ours: a migration may change them, the views then say the same of the new ones. What is removed
or renamed here, or means something else, raises `VERSION`; what is added does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from memos_admin.store.conditions import BEGINS
from memos_admin.store.rows import LAST_SEEN

VERSION = 1
"""Of the views, as ``SELECT views_version FROM about`` has it."""


class View(NamedTuple):
    """A view: what a row is, its columns with a few words each, and what it selects."""

    row: str
    columns: Mapping[str, str]
    select: str


def _time(column: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {column} / 1000.0, 'unixepoch')"


_WHOSE = {"subject_kind": "user or agent", "user_id": "id of the user or agent"}
_CONVERSATION = {**_WHOSE, "conversation_id": "id of the conversation, unique per user only"}

_TAGS_NOW = """(SELECT json_group_array(tag) FROM (
        SELECT tag FROM memory_tag t WHERE t.memory_pk = m.pk ORDER BY ordinal))"""

VIEWS: Mapping[str, View] = {
    "users": View(
        "a user or agent of the roster",
        {
            **_WHOSE,
            "conversations": "conversations known here",
            "messages": "messages stored here",
            "memories": "memories listed now",
            "last_activity": "latest message or memory",
            "listed_at": "last time that all memories were listed; absent: never, counts are lower bounds",
            "last_sync": "last sync of it that ended without an error",
            "problem": "the last error, absent after a sync without one",
        },
        f"""SELECT kind, external_id, conversations, messages, memories, {_time("last_activity")},
            {_time("listed_at")}, {_time("synced_at")}, problem FROM subject""",
    ),
    "conversations": View(
        "a conversation of one user or agent",
        {
            **_CONVERSATION,
            "messages": "messages stored here",
            "memories": "memories listed now that name it",
            "gaps": "places where messages are missing",
            "from_beginning": "1: its beginning is stored, as far as is known: no memory of it is older",
            "known_from": "memory or hand",
            "last_message_at": "latest message",
            "fetched_at": "last time that its messages were read, whether or not MemOS returned any; absent: never",
            "served_at": "as of when the messages are: the last reading of which it is known that MemOS returned any; absent: none",
        },
        f"""SELECT s.kind, s.external_id, c.conversation_id, c.messages,
            (SELECT count(*) FROM listing l WHERE l.conversation_pk = c.pk AND l.vanished_at IS NULL),
            c.gaps, {BEGINS}, c.known_from, {_time("c.last_message_at")},
            {_time("c.fetched_at")}, {_time("c.served_at")}
            FROM conversation c JOIN subject s ON s.pk = c.subject_pk""",
    ),
    "messages": View(
        "a message as last served",
        {
            **_CONVERSATION,
            "seq": "position in the conversation now, from 1; counted when it is asked for",
            "role": "user, assistant, tool, …",
            "content": "its text",
            "created_at": "when it was created",
            "updated_at": "when it was updated",
            "first_seen": "when it was first read here",
            "created_ms": "created_at in milliseconds since 1970",
            "gap_before": "1: messages are missing before it",
        },
        f"""SELECT s.kind, s.external_id, c.conversation_id,
            (SELECT count(*) FROM message o
             WHERE o.conversation_pk = m.conversation_pk AND o.position <= m.position),
            m.role, m.content, {_time("m.created_at")}, {_time("m.updated_at")},
            {_time("m.first_seen")}, m.created_at,
            EXISTS (SELECT 1 FROM seam g WHERE g.message_pk = m.pk AND g.kind = 'gap'
                    AND g.closed_at IS NULL)
            FROM message m JOIN conversation c ON c.pk = m.conversation_pk
            JOIN subject s ON s.pk = c.subject_pk""",
    ),
    "memories": View(
        "a memory, once for each user or agent that it is or was listed for",
        {
            **_WHOSE,
            "memory_id": "id of the memory",
            "view": "detail_factual, preference, tool_memory, skill, event, profile",
            "title": "its title",
            "content": "its text",
            "tags": "a JSON array",
            "status": "the service's status",
            "type": "the service's type",
            "confidence": "the service's figure",
            "conversation_id": "the conversation that it names",
            "created_at": "when MemOS says that it was created",
            "updated_at": "when MemOS says that it was updated",
            "first_seen": "when it was first listed here",
            "last_seen": "the last complete listing with it, or when its present version was read, if that was later; never after it was missed",
            "vanished": "1: it is no longer listed",
            "vanished_at": "since when",
            "reason": "why it is no longer listed",
            "missed_at": "when a whole listing lacked it first; where vanished is 0, that it is gone is not confirmed",
            "version": "from 1, as seen from here",
            "sources": "how many sources the service named",
            "created_ms": "created_at in milliseconds since 1970",
            "updated_ms": "updated_at likewise",
        },
        f"""SELECT s.kind, s.external_id, m.memory_id, m.view, m.title, m.content, {_TAGS_NOW},
            m.status, m.type, m.confidence, m.conversation_id, {_time("m.created_at")},
            {_time("m.updated_at")}, {_time("l.first_seen")},
            {_time(LAST_SEEN)},
            l.vanished_at IS NOT NULL, {_time("l.vanished_at")}, l.reason,
            {_time("l.missed_at")}, m.version,
            (SELECT count(*) FROM memory_source o WHERE o.memory_pk = m.pk),
            m.created_at, m.updated_at
            FROM listing l JOIN memory m ON m.pk = l.memory_pk JOIN subject s ON s.pk = l.subject_pk""",
    ),
    "memory_tags": View(
        "a tag of a memory",
        {
            "memory_id": "id of the memory",
            "ordinal": "from 0, in the service's order",
            "tag": "the tag",
        },
        """SELECT m.memory_id, t.ordinal, t.tag
           FROM memory_tag t JOIN memory m ON m.pk = t.memory_pk""",
    ),
    "memory_versions": View(
        "what a memory said, the present version included",
        {
            "memory_id": "id of the memory",
            "version": "from 1",
            "view": "its view then",
            "title": "its title then",
            "content": "its text then",
            "tags": "a JSON array; absent where it is no longer kept",
            "status": "its status then",
            "seen_from": "the reading that first had it",
            "replaced_at": "the reading that had another one; absent: it is the present one",
            "conversation_id": "the conversation that it named then, '' where it named none; absent where that is not kept",
        },
        f"""SELECT m.memory_id, v.version, v.view, v.title, v.content, NULLIF(v.tags, ''), v.status,
            {_time("v.seen_from")}, {_time("v.replaced_at")}, v.conversation_id
            FROM memory_version v JOIN memory m ON m.pk = v.memory_pk
            UNION ALL SELECT m.memory_id, m.version, m.view, m.title, m.content, {_TAGS_NOW}, m.status,
            {_time("m.version_since")}, NULL, ifnull(m.conversation_id, '') FROM memory m""",
    ),
    "memory_sources": View(
        "what a memory says that it came from",
        {
            "memory_id": "id of the memory",
            "ordinal": "from 0",
            "kind": "the service's kind",
            "role": "who said it",
            "excerpt": "the words that it quotes",
            "message_id": "the service's id of the message, seldom given",
            "time": "as the service writes it",
        },
        """SELECT m.memory_id, o.ordinal, o.kind, o.role, o.excerpt, o.message_id, o.time
           FROM memory_source o JOIN memory m ON m.pk = o.memory_pk""",
    ),
    "absences": View(
        "a time during which a memory was not listed, and came back",
        {
            **_WHOSE,
            "memory_id": "id of the memory",
            "vanished_at": "when it was found to be gone",
            "returned_at": "when it was listed again",
            "reason": "why it was gone",
        },
        f"""SELECT s.kind, s.external_id, m.memory_id, {_time("a.vanished_at")},
            {_time("a.returned_at")}, a.reason
            FROM absence a JOIN listing l ON l.pk = a.listing_pk JOIN memory m ON m.pk = l.memory_pk
            JOIN subject s ON s.pk = l.subject_pk""",
    ),
    "message_versions": View(
        "what a message said before",
        {
            **_CONVERSATION,
            "position": "orders messages of a conversation; not its seq",
            "content": "its text then; empty where it is no longer kept",
            "replaced_at": "the reading that had another one",
        },
        f"""SELECT s.kind, s.external_id, c.conversation_id, m.position, v.content,
            {_time("v.replaced_at")}
            FROM message_version v JOIN message m ON m.pk = v.message_pk
            JOIN conversation c ON c.pk = m.conversation_pk JOIN subject s ON s.pk = c.subject_pk""",
    ),
    "gaps": View(
        "a place of a conversation where readings were joined without certainty",
        {
            **_CONVERSATION,
            "kind": "gap: messages are missing; uncertain: repeats are a lower bound; "
            "reset: the service no longer has the earlier ones",
            "seen_at": "the reading that found it",
            "before": "text of the message behind it",
        },
        f"""SELECT s.kind, s.external_id, c.conversation_id, g.kind, {_time("g.seen_at")}, m.content
            FROM seam g JOIN conversation c ON c.pk = g.conversation_pk
            JOIN subject s ON s.pk = c.subject_pk JOIN message m ON m.pk = g.message_pk
            WHERE g.closed_at IS NULL""",
    ),
    "syncs": View(
        "a sync",
        {
            "started_at": "when it began",
            "finished_at": "when it ended; absent: it runs, or was killed",
            "mode": "full or changes",
            "scope": "whom it was about",
            "outcome": "running (or killed), complete, partial, stopped (by an error), cancelled (by hand), failed",
            "requests": "requests sent",
            "added": "memories found new",
            "changed": "memories found changed",
            "vanished": "memories found gone",
            "returned": "memories found again",
            "messages": "messages found new",
            "gaps": "gaps found",
            "failed": "users that could not be read",
            "kept": "conversations that it read, of whose stored messages MemOS returned none; absent: not known",
        },
        f"""SELECT {_time("started_at")}, {_time("finished_at")}, mode, scope, outcome, requests,
            added, changed, vanished, returned, messages, gaps, failed, kept FROM sync_run""",
    ),
    "verdicts": View(
        "what an operator judged of a version of a memory",
        {
            "memory_id": "id of the memory",
            "version": "which version",
            "operator": "who judged",
            "verdict": "what",
            "note": "in their words",
            "ticket": "for which",
            "judged_at": "when",
            "ended_at": "when it was replaced or withdrawn; absent: it stands",
        },
        f"""SELECT m.memory_id, v.version, v.operator, v.verdict, v.note, v.ticket,
            {_time("v.judged_at")}, {_time("v.ended_at")}
            FROM verdict v JOIN memory m ON m.pk = v.memory_pk""",
    ),
    "memory_json": View(
        "what the service sent of a memory, where that is kept",
        {"memory_id": "id of the memory", "json": "the service's object"},
        """SELECT m.memory_id, r.raw FROM memory_raw r JOIN memory m ON m.pk = r.memory_pk
           WHERE r.raw <> ''""",
    ),
    "about": View(
        "the store itself: one row",
        {
            "views_version": "the version of these views",
            "users": "users and agents of the roster",
            "memories": "memories stored, gone ones too",
            "messages": "messages stored",
        },
        f"""SELECT {VERSION}, (SELECT count(*) FROM subject), (SELECT count(*) FROM memory),
            (SELECT count(*) FROM message)""",
    ),
}
"""By name. All times but those in ``_ms`` are texts as ``2025-09-17T07:58:05.922Z``, UTC."""


def definitions(*, temporary: bool) -> list[str]:
    """Return the statements that make the views: of a connection, or kept in a file, where others may be."""
    kind = "TEMP VIEW" if temporary else "VIEW"
    before = [] if temporary else [f"DROP VIEW IF EXISTS {name}" for name in VIEWS]
    made = (
        f"CREATE {kind} {name} ({', '.join(view.columns)}) AS {view.select}"
        for name, view in VIEWS.items()
    )
    return [*before, *made]

"""Removing a subject with all that a store holds of it, and what of it stays in a store's files.

What others list too stays, unless the service has let go of it. A removal is one transaction. It leaves a note that the file is still to be rewritten, see `rewriting`.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, select

from memos_admin.store import erasures, messages, runs, schema, subjects, unlisting, verdicts
from memos_admin.store.connection import READING, explained, is_fixed, open_file
from memos_admin.store.memories import memory
from memos_admin.store.records import RECALL_CHECKS, SubjectRef
from memos_admin.store.scopes import refs_in, scope_of
from memos_admin.store.search import removals
from memos_admin.store.subjects import chunks

NAMES = 5
"""Others that are named where something is shared with them."""

UNSWEPT = "unswept"
"""Setting: something was removed since the file was last rewritten; unlike at any other time."""

_COUNTS = {
    "conversations": "SELECT count(*) FROM conversation WHERE subject_pk = :pk",
    "messages": """SELECT count(*) FROM message m JOIN conversation c ON c.pk = m.conversation_pk
        WHERE c.subject_pk = :pk""",
    "message_versions": """SELECT count(*) FROM conversation c
        JOIN message m ON m.conversation_pk = c.pk JOIN message_version v ON v.message_pk = m.pk
        WHERE c.subject_pk = :pk""",
    "memories": "SELECT count(*) FROM listing l WHERE l.subject_pk = :pk AND NOT {shared}",
    "memory_versions": """SELECT count(*) FROM listing l
        JOIN memory_version v ON v.memory_pk = l.memory_pk
        WHERE l.subject_pk = :pk AND NOT {shared}""",
    "verdicts": """SELECT count(*) FROM listing l JOIN verdict v ON v.memory_pk = l.memory_pk
        WHERE l.subject_pk = :pk AND NOT {shared}""",
    "shared_memories": "SELECT count(*) FROM listing l WHERE l.subject_pk = :pk AND {shared}",
    "let_go_alone": """SELECT count(*) FROM memory m
        WHERE m.memory_id IN (SELECT value FROM json_each(:let_go))
        AND NOT EXISTS (SELECT 1 FROM listing l WHERE l.memory_pk = m.pk AND l.subject_pk IS :pk)""",
    "said_elsewhere": """SELECT count(*) FROM message m
        JOIN conversation c ON c.pk = m.conversation_pk
        WHERE m.role_id = :id AND c.subject_pk IS NOT :pk""",
    "perhaps_said_elsewhere": """SELECT count(*) FROM message m
        JOIN conversation c ON c.pk = m.conversation_pk
        WHERE m.role = 'user' AND ifnull(m.role_id, '') = '' AND c.subject_pk IS NOT :pk
        AND (m.role_name = :id OR m.role_name IN (
            SELECT o.role_name FROM message o WHERE o.role_id = :id AND o.role_name <> ''))""",
}
_SHARED = """(EXISTS (SELECT 1 FROM listing o
    WHERE o.memory_pk = l.memory_pk AND o.subject_pk <> l.subject_pk)
    AND NOT EXISTS (SELECT 1 FROM memory m WHERE m.pk = l.memory_pk
    AND m.memory_id IN (SELECT value FROM json_each(:let_go))))"""
_IDS_OF_SHARED = """SELECT m.memory_id FROM listing l
    JOIN memory m ON m.pk = l.memory_pk JOIN subject s ON s.pk = l.subject_pk
    WHERE s.kind = :kind AND s.external_id = :id AND EXISTS (SELECT 1 FROM listing o
        WHERE o.memory_pk = l.memory_pk AND o.subject_pk <> l.subject_pk)
    ORDER BY m.pk"""
_IDS_OF_OTHERS = """SELECT m.memory_id FROM listing l
    JOIN memory m ON m.pk = l.memory_pk JOIN subject s ON s.pk = l.subject_pk
    WHERE s.kind = :kind AND s.external_id = :id AND EXISTS (SELECT 1 FROM listing o
        WHERE o.memory_pk = l.memory_pk AND o.subject_pk <> l.subject_pk AND o.vanished_at IS NULL)
    ORDER BY m.pk"""
_SHARED_WITH = """SELECT DISTINCT s.kind, s.external_id FROM listing l
    JOIN listing o ON o.memory_pk = l.memory_pk AND o.subject_pk <> l.subject_pk
    JOIN subject s ON s.pk = o.subject_pk WHERE l.subject_pk = :pk LIMIT :most"""
_SAID_WITH = """SELECT DISTINCT s.kind, s.external_id FROM message m
    JOIN conversation c ON c.pk = m.conversation_pk JOIN subject s ON s.pk = c.subject_pk
    WHERE m.role_id = :id AND c.subject_pk IS NOT :pk LIMIT :most"""
_GONE = """SELECT m.memory_id FROM listing l JOIN memory m ON m.pk = l.memory_pk
    JOIN subject s ON s.pk = l.subject_pk
    WHERE s.kind = :kind AND s.external_id = :id AND l.vanished_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM listing o
            WHERE o.memory_pk = l.memory_pk AND o.vanished_at IS NULL)
    ORDER BY m.pk"""
_NAMED = "SELECT count(*) FROM sync_run WHERE instr(' ' || scope || ' ', ' ' || :word || ' ')"


@dataclass(frozen=True, slots=True)
class Held:
    """What a store holds of a subject: whether its roster has it, and counts.

    Attributes:
        memories, memory_versions, verdicts: of memories that nobody else lists, or that the service
            has let go of.
        shared_memories: that others list too; a removal leaves them.
        let_go_alone: those that the service has let go of, and that others alone list here.
        said_elsewhere: messages that it said in conversations of others; a removal leaves them.
        perhaps_said_elsewhere: messages there that have its name, and no id that tells whether it said them.
        shared_with, said_with: some of the others, at most `NAMES`.
        runs: syncs that name it.
        unswept: something was removed, and the file not rewritten since.
    """

    known: bool
    conversations: int
    messages: int
    message_versions: int
    memories: int
    memory_versions: int
    verdicts: int
    shared_memories: int
    let_go_alone: int
    said_elsewhere: int
    perhaps_said_elsewhere: int
    shared_with: tuple[SubjectRef, ...]
    said_with: tuple[SubjectRef, ...]
    runs: int
    unswept: bool

    @property
    def anything(self) -> bool:
        """Whether there is something to erase."""
        return self.known or self.runs > 0 or self.let_go_alone > 0


@contextmanager
def looking(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that changes nothing but what a killed program has left half-way.

    Raises:
        FileNotFoundError: there is no such file.
        StoreTooNew: a newer version wrote it.
        StoreBroken: it was written to before, and is empty or gone; or it is something else.
        StoreError: it cannot be opened or is no store.
    """
    schema.refuse_lost(path)
    path.stat()
    with explained(path):
        connection = open_file(path, READING if is_fixed(path) else "mode=rw")
        with closing(connection):
            connection.execute("PRAGMA query_only = ON")
            schema.number_of(connection, path)
            yield connection


def held(connection: sqlite3.Connection, ref: SubjectRef, let_go: Collection[str] = ()) -> Held:
    """Return what a store of any schema holds of a subject.

    `let_go`: ids of memories of it that the service has no more, so that they are nobody else's either.
    """
    asked = {"kind": ref.kind, "id": ref.external_id, "word": scope_of([ref])}
    found = connection.execute(
        "SELECT pk FROM subject WHERE kind = :kind AND external_id = :id", asked
    ).fetchone()
    values = {
        **asked,
        "pk": None if found is None else found[0],
        "most": NAMES,
        "let_go": json.dumps(sorted(let_go)),
    }
    counts = {
        name: connection.execute(sql.format(shared=_SHARED), values).fetchone()[0]
        for name, sql in _COUNTS.items()
    }
    return Held(
        known=found is not None,
        shared_with=_refs(connection, _SHARED_WITH, values),
        said_with=_refs(connection, _SAID_WITH, values),
        runs=connection.execute(_NAMED, asked).fetchone()[0],
        unswept=unswept(connection) is not None,
        **counts,
    )


def named(connection: sqlite3.Connection) -> Iterator[tuple[SubjectRef, int]]:
    """Yield everybody whom a store of any schema holds, or whom one of its syncs names, and since when."""
    for kind, external_id, added_at in connection.execute(
        "SELECT kind, external_id, added_at FROM subject"
    ):
        yield SubjectRef(kind, external_id), added_at
    for scope, first in connection.execute(
        "SELECT scope, min(started_at) FROM sync_run GROUP BY scope"
    ):
        for ref in refs_in(scope):
            yield ref, first


def shared(connection: sqlite3.Connection, ref: SubjectRef) -> list[str]:
    """Return ids of memories that others list too."""
    asked = {"kind": ref.kind, "id": ref.external_id}
    return [memory_id for (memory_id,) in connection.execute(_IDS_OF_SHARED, asked)]


def of_others(connection: sqlite3.Connection, ref: SubjectRef) -> list[str]:
    """Return ids of memories of a subject that the service still lists for others, as it was last read."""
    asked = {"kind": ref.kind, "id": ref.external_id}
    return [memory_id for (memory_id,) in connection.execute(_IDS_OF_OTHERS, asked)]


def gone(connection: sqlite3.Connection, ref: SubjectRef) -> list[str]:
    """Return ids of memories that were listed for a subject, and are listed for nobody any more."""
    asked = {"kind": ref.kind, "id": ref.external_id}
    return [memory_id for (memory_id,) in connection.execute(_GONE, asked)]


def remove(connection: Connection, ref: SubjectRef, let_go: Collection[str] = ()) -> bool:
    """Remove a subject with all that is stored of it; return whether there was anything.

    Memories that others list too stay, but for those that the service has let go of (`let_go`, their
    ids); and so does what it said in conversations of others.
    """
    pk = subjects.pk_of(connection, ref)
    nobodys = _memory_pks(connection, let_go)
    with removals.of_whole_memories(connection, nobodys):
        unlisting.remove_memories(connection, nobodys)
    if pk is not None:
        with removals.of_subject(connection, pk):
            for conversation_pk in subjects.conversation_pks(connection, pk).values():
                messages.delete_conversation(connection, conversation_pk)
            verdicts.forget_subject(connection, pk)
            unlisting.remove_listings(connection, pk)
    named = runs.forget_subject(connection, ref, pk)
    # Digests of questions, of which nobody can say any more whom they are about.
    runs.drop_setting(connection, RECALL_CHECKS)
    erasures.forget(connection, ref)
    if pk is not None:
        connection.execute(delete(subjects.subject).where(subjects.subject.c.pk == pk))
    there_was = pk is not None or named or bool(nobodys)
    if there_was:
        note_unswept(connection)
    return there_was


def _memory_pks(connection: Connection, memory_ids: Collection[str]) -> list[int]:
    return [
        pk
        for some in chunks(sorted(memory_ids))
        for pk in connection.scalars(select(memory.c.pk).where(memory.c.memory_id.in_(some)))
    ]


def note_unswept(connection: Connection) -> None:
    """Note, in the transaction that removes, that the file is to be rewritten."""
    runs.set_setting(connection, UNSWEPT, secrets.token_hex(8))


def unswept(connection: sqlite3.Connection) -> str | None:
    """Return the note that the file is to be rewritten; None where there is none."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", [UNSWEPT]).fetchone()
    return None if row is None else str(row[0])


def note_swept(connection: sqlite3.Connection, note: str | None) -> None:
    """Take a note away, unless something was removed since it was read."""
    connection.execute("DELETE FROM setting WHERE name = ? AND value = ?", [UNSWEPT, note or ""])


def _refs(
    connection: sqlite3.Connection, sql: str, values: Mapping[str, object]
) -> tuple[SubjectRef, ...]:
    return tuple(SubjectRef(kind, name) for kind, name in connection.execute(sql, values))

"""What screens, commands and exports ask of a store: plain SQL on an own connection.

SQLModel costs more to import than the first screen costs to paint, so these reads know the schema
by name only; a test prepares every one of them against the tables.

Lists are read in two steps: the keys of all rows in order (8 bytes each), then the rows of the part
that is shown. No method keeps a read transaction open after it returns.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self, TypeVar

from memos_admin.store import listings
from memos_admin.store.conditions import DOUBTED, contains, subject_values
from memos_admin.store.memories_then import memories_then
from memos_admin.store.query import NOWHERE, Elsewhere, Query, ServiceTime
from memos_admin.store.records import (
    Conversation,
    ConversationOrder,
    Filter,
    Memory,
    MemorySource,
    MemoryVersion,
    Message,
    MessageVersion,
    Seam,
    Subject,
    SubjectOrder,
    SubjectRef,
    SyncRun,
    Totals,
)
from memos_admin.store.rows import (
    CONVERSATION,
    MEMORY,
    MESSAGE,
    SUBJECT,
    VERSIONS,
    conversation_of,
    memory_of,
    message_of,
    subject_of,
    version_of,
)

T = TypeVar("T")

_SUBJECT_ORDERS: dict[SubjectOrder, str] = {
    "activity": "last_activity DESC NULLS LAST, external_id",
    "name": "external_id COLLATE NOCASE, external_id",
    "memories": "memories DESC, external_id",
}
_CONVERSATION_ORDERS: dict[ConversationOrder, str] = {
    "activity": """COALESCE(last_message_at, (
        SELECT max(m.updated_at) FROM listing l JOIN memory m ON m.pk = l.memory_pk
        WHERE l.conversation_pk = c.pk)) DESC NULLS LAST""",
    "name": "conversation_id COLLATE NOCASE",
    "messages": "messages DESC",
    "memories": """(SELECT count(*) FROM listing l
        WHERE l.conversation_pk = c.pk AND l.vanished_at IS NULL) DESC""",
}
_TAGS = """
SELECT DISTINCT t.memory_pk, t.ordinal, t.tag
FROM listing l JOIN memory_tag t ON t.memory_pk = l.memory_pk"""


class Reads:
    """A read connection to one store. Any method may raise `memos_admin.store.errors.StoreError`.

    To be used by one thread at a time. `interrupt` may come from any thread. What only one part of
    the program reads stands in a module of its own, as functions of `query`.
    """

    def __init__(
        self,
        path: Path,
        service_time: ServiceTime = lambda _raw: None,
        elsewhere: Elsewhere = NOWHERE,
    ) -> None:
        """Take the file, what reads raw times (those of versions are wanted as of an instant), and what asks other stores."""
        self.query = Query(path, service_time, elsewhere)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.query.close()

    def interrupt(self) -> None:
        """Make a running read end with `StoreInterrupted`."""
        self.query.interrupt()

    def steady(self) -> AbstractContextManager[None]:
        """Keep one state of the store for the reads inside; hold it for a batch only."""
        return self.query.steady()

    def changes(self) -> int:
        """Return a number that is another one once another connection has written to the store."""
        return int(next(self.query.rows("PRAGMA data_version"))[0])

    # Users and agents

    def subject_pks(self, text: str = "", order: SubjectOrder = "activity") -> array[int]:
        """Return the keys of the subjects whose id contains `text`, in order."""
        where, values = "", []
        if text:
            where, values = f"WHERE {contains('external_id')}", [text]
        return self.query.keys(
            f"SELECT pk FROM subject {where} ORDER BY {_SUBJECT_ORDERS[order]}", values
        )

    def subjects(self, pks: Sequence[int]) -> list[Subject]:
        """Return the subjects with these keys, in their order; those gone since are left out."""
        return _in_order(
            pks, map(subject_of, self.query.rows_of(SUBJECT, "pk", pks)), lambda s: s.pk
        )

    def subject_ids(self) -> list[tuple[str, str]]:
        """Return the kind and the id of every subject."""
        return [
            (kind, name) for kind, name in self.query.rows("SELECT kind, external_id FROM subject")
        ]

    def subject(self, ref: SubjectRef) -> Subject | None:
        """Return one subject of the roster, or None."""
        rows = self.query.rows(f"{SUBJECT} WHERE kind = ? AND external_id = ?", subject_values(ref))
        return next(map(subject_of, rows), None)

    def doubted_in(self, subject_pk: int) -> set[int | None]:
        """Return the keys of conversations that memories in doubt of a subject name; None: some name none."""
        rows = self.query.rows(
            f"SELECT DISTINCT l.conversation_pk FROM listing l WHERE l.subject_pk = ? AND {DOUBTED}",
            [subject_pk],
        )
        return {row[0] for row in rows}

    def never_listed(self) -> int:
        """Return how many subjects were never listed whole."""
        rows = self.query.rows("SELECT count(*) FROM subject WHERE listed_at IS NULL")
        return int(next(rows)[0])

    def was_answered(self) -> bool:
        """Return whether the service has ever listed somebody's memories whole."""
        rows = self.query.rows("SELECT 1 FROM subject WHERE listed_at IS NOT NULL LIMIT 1")
        return next(rows, None) is not None

    # Conversations and messages

    def conversation_pks(
        self, subject_pk: int, text: str = "", order: ConversationOrder = "activity"
    ) -> array[int]:
        """Return the keys of a subject's conversations whose id contains `text`, in order.

        The activity of one is its latest message, or memory where no message is known.
        """
        return self.query.keys(
            f"""SELECT pk FROM conversation c
               WHERE subject_pk = ? AND {contains("conversation_id")}
               ORDER BY {_CONVERSATION_ORDERS[order]}, conversation_id""",
            [subject_pk, text],
        )

    def conversations(self, pks: Sequence[int]) -> list[Conversation]:
        """Return the conversations with these keys, in their order."""
        rows = self.query.rows_of(CONVERSATION, "c.pk", pks)
        return _in_order(pks, map(conversation_of, rows), lambda c: c.pk)

    def conversation(self, ref: SubjectRef, conversation_id: str) -> Conversation | None:
        """Return one conversation of a subject, or None."""
        rows = self.query.rows(
            f"{CONVERSATION} WHERE s.kind = ? AND s.external_id = ? AND c.conversation_id = ?",
            [*subject_values(ref), conversation_id],
        )
        return next(map(conversation_of, rows), None)

    def message_pks(self, conversation_pk: int) -> array[int]:
        """Return the keys of a conversation's messages, oldest first."""
        return self.query.keys(
            "SELECT pk FROM message WHERE conversation_pk = ? ORDER BY position", [conversation_pk]
        )

    def messages(
        self, pks: Sequence[int], *, cut: int | None = None, first_seq: int = 1
    ) -> list[Message]:
        """Return the messages with these keys, in their order.

        Args:
            pks: a consecutive slice of `message_pks`.
            cut: return at most so many characters of each content.
            first_seq: the position of the first key in the conversation.
        """
        seqs = {pk: seq for seq, pk in enumerate(pks, first_seq)}
        rows = self.query.rows_of(MESSAGE, "m.pk", pks)
        return _in_order(pks, (message_of(row, seqs[row[0]], cut) for row in rows), lambda m: m.pk)

    def message_text(self, pk: int) -> str:
        """Return the whole content of a message, ``""`` where there is no such message."""
        return self.query.text("SELECT content FROM message WHERE pk = ?", [pk]) or ""

    def message_versions(self, pk: int) -> list[MessageVersion]:
        """Return what a message said before, oldest first."""
        rows = self.query.rows(
            """SELECT content, update_time, replaced_at, parts IS '' FROM message_version
               WHERE message_pk = ? ORDER BY pk""",
            [pk],
        )
        return [
            MessageVersion(content, update_time, replaced_at, bool(dropped))
            for content, update_time, replaced_at, dropped in rows
        ]

    def message_raw(self, pk: int) -> str | None:
        """Return the service's own object of a message as JSON text; ``""``: no longer kept."""
        return self.query.text("SELECT raw FROM message_raw WHERE message_pk = ?", [pk])

    def seams(self, conversation_pk: int) -> list[Seam]:
        """Return a conversation's open seams in the order of its messages."""
        rows = self.query.rows(
            """SELECT s.message_pk, s.kind, s.seen_at FROM seam s
               JOIN message m ON m.pk = s.message_pk
               WHERE s.conversation_pk = ? AND s.closed_at IS NULL ORDER BY m.position, s.pk""",
            [conversation_pk],
        )
        return [Seam(*row) for row in rows]

    # Memories

    def memory_pks(self, query: Filter, first: int | None = None) -> array[int]:
        """Return the keys of the listings that a filter names, in its order; only the `first` ones."""
        return listings.keys(self.query, query, first)

    def memory_count(self, query: Filter, most: int | None = None) -> int:
        """Return how many listings a filter names; `most` as for `listings.count`."""
        return listings.count(self.query, query, most)

    def memories(
        self, listing_pks: Sequence[int], *, cut: int | None = None, as_of: int | None = None
    ) -> list[Memory]:
        """Return the memories of these listings, in their order.

        Args:
            listing_pks: keys from `memory_pks`.
            cut: return at most so many characters of each content.
            as_of: as they were known at this instant, without those not known by then.
        """
        if as_of is not None:
            found = memories_then(self.query, listing_pks, as_of, cut=cut)
            return _in_order(listing_pks, found, lambda m: m.listing_pk)
        tags: dict[int, list[str]] = {}
        for memory_pk, _, tag in sorted(self.query.rows_of(_TAGS, "l.pk", listing_pks)):
            tags.setdefault(memory_pk, []).append(tag)
        rows = self.query.rows_of(MEMORY, "l.pk", listing_pks)
        found = (memory_of(row, cut, tags.get(row[0], ())) for row in rows)
        return _in_order(listing_pks, found, lambda m: m.listing_pk)

    def memory(self, memory_id: str) -> list[Memory]:
        """Return one memory, once for each subject that it is or was listed for."""
        return self.memories(
            self.query.keys(
                """SELECT l.pk FROM listing l JOIN memory m ON m.pk = l.memory_pk
                   WHERE m.memory_id = ? ORDER BY l.pk""",
                [memory_id],
            )
        )

    def memory_sources(self, memory_pk: int) -> list[MemorySource]:
        """Return what a memory says that it came from, in the service's order."""
        rows = self.query.rows(
            """SELECT kind, role, excerpt, message_id, time FROM memory_source
               WHERE memory_pk = ? ORDER BY ordinal""",
            [memory_pk],
        )
        return [MemorySource(*row) for row in rows]

    def memory_versions(self, memory_pk: int) -> list[MemoryVersion]:
        """Return all that a memory has said, oldest first, the present version last."""
        rows = self.query.rows(VERSIONS, {"pk": memory_pk})
        return [version_of(row) for row in rows]

    def memory_raw(self, memory_pk: int) -> str | None:
        """Return the service's own object of a memory, from its last listing, as JSON text.

        ``""``: it is no longer kept.
        """
        return self.query.text("SELECT raw FROM memory_raw WHERE memory_pk = ?", [memory_pk])

    def tags(self, query: Filter) -> list[tuple[str, int]]:
        """Return the tags of what a filter names, its own tags aside, with how many carry each."""
        return listings.tags(self.query, query)

    def message_seq(self, pk: int) -> int:
        """Return a message's position in its conversation, from 1; 0 where there is none such."""
        rows = self.query.rows(
            """SELECT count(*) FROM message m JOIN message o
               ON o.conversation_pk = m.conversation_pk AND o.position <= m.position
               WHERE m.pk = ?""",
            [pk],
        )
        return int(next(rows)[0])

    # The store as a whole

    def totals(self) -> Totals:
        """Return the counts of the whole store."""
        row = next(
            self.query.rows(
                """SELECT (SELECT count(*) FROM subject WHERE kind = 'user'),
                          (SELECT count(*) FROM subject WHERE kind = 'agent'),
                          (SELECT count(*) FROM conversation),
                          (SELECT count(*) FROM message),
                          (SELECT count(*) FROM memory),
                          (SELECT count(DISTINCT l.memory_pk) FROM listing l
                           WHERE l.vanished_at IS NOT NULL AND NOT EXISTS (
                               SELECT 1 FROM listing o
                               WHERE o.memory_pk = l.memory_pk AND o.vanished_at IS NULL))""",
                [],
            )
        )
        users, agents, conversations, messages, memories, vanished = row
        return Totals(users, agents, conversations, messages, memories - vanished, vanished)

    def last_run(self) -> SyncRun | None:
        """Return the latest sync, or None."""
        return next(iter(self.runs(1)), None)

    def runs(self, most: int) -> list[SyncRun]:
        """Return the latest syncs, the last one first."""
        rows = self.query.rows(
            """SELECT pk, started_at, finished_at, mode, outcome, requests, failed, scope,
                      added, changed, vanished, returned, messages, gaps, kept
               FROM sync_run ORDER BY pk DESC LIMIT ?""",
            [most],
        )
        return [SyncRun(*row) for row in rows]

    def setting(self, name: str) -> str | None:
        """Return what the store remembers under `name`."""
        return self.query.text("SELECT value FROM setting WHERE name = ?", [name])


def _in_order(pks: Sequence[int], found: Iterable[T], key: Callable[[T], int]) -> list[T]:
    by_pk = {key(item): item for item in found}
    return [by_pk[pk] for pk in pks if pk in by_pk]

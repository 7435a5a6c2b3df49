"""The rows of lists and exports: messages and memories as plain values, in the columns' order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from memos_admin.backend.export.batches import batches
from memos_admin.backend.model import (
    Conversation,
    Filter,
    Memory,
    MemorySource,
    Reads,
)
from memos_admin.backend.times import utc_text
from memos_admin.store import streams
from memos_admin.store.streams import PlainMessage

Row = dict[str, Any]
Values = tuple[Any, ...]
"""A row's values in the columns' order, of JSON's own types; times are text in UTC."""

_CONVERSATIONS = 100
_MEMORIES = 500
"""Of so many what stands beside the messages is read at once."""

MESSAGE_COLUMNS = (
    "project",
    "subject_kind",
    "user_id",
    "conversation_id",
    "seq",
    "role",
    "content",
    "created_at",
    "updated_at",
    "gap_before",
    "derived_memory_ids",
    "fetched_at",
)
MEMORY_COLUMNS = (
    "project",
    "subject_kind",
    "user_id",
    "memory_id",
    "view",
    "title",
    "content",
    "tags",
    "status",
    "confidence",
    "conversation_id",
    "created_at",
    "updated_at",
    "first_seen",
    "last_seen",
    "vanished",
    "sources",
)


def message_rows(reads: Reads, project: str, conversation: Conversation) -> Iterator[Row]:
    """Yield a conversation's messages in order, each with the keys `MESSAGE_COLUMNS`.

    Values are JSON's own types; times are text in UTC, ``derived_memory_ids`` a list of the
    memories that certainly came from the message. Reads in batches, so memory stays bounded and no
    read of the store outlives a batch.
    """
    for batch in message_values(reads, project, [conversation]):
        for values in batch:
            yield dict(zip(MESSAGE_COLUMNS, values, strict=True))


def memory_rows(
    reads: Reads, project: str, wanted: Filter, first: int | None = None
) -> Iterator[Row]:
    """Yield the (`first`) memories that a filter names, each with the keys `MEMORY_COLUMNS`.

    Values are JSON's own types as in `message_rows`; ``sources`` is a list of readable texts.
    """
    for memory, sources in chain.from_iterable(memory_batches(reads, wanted, first)):
        yield dict(zip(MEMORY_COLUMNS, memory_values(project, memory, sources), strict=True))


def message_values(
    reads: Reads, project: str, conversations: Sequence[Conversation]
) -> Iterator[list[Values]]:
    """Yield the messages of conversations in order as rows of `MESSAGE_COLUMNS`, batch by batch."""
    for some in _together(conversations):
        pks = [conversation.pk for conversation in some]
        behind_gap = streams.gaps(reads.query, pks)
        sources = streams.sources_in(reads.query, pks)
        for conversation in some:
            ref, fetched = conversation.ref, utc(conversation.fetched_at)
            head = project, ref.kind, ref.external_id, conversation.conversation_id
            # What is before the first one may be missing too; nothing else in the file says so.
            unknown_before = 0 if conversation.from_beginning else 1
            derived, read = _linked(reads, conversation.pk, sources.get(conversation.pk, ()))
            for batch in read:
                yield [
                    (
                        *head,
                        seq,
                        role,
                        content,
                        utc(created),
                        utc(updated),
                        pk in behind_gap or seq == unknown_before,
                        derived.get(pk) or [],
                        fetched,
                    )
                    for seq, pk, role, content, _, created, updated, _ in batch
                ]


def _together(conversations: Sequence[Conversation]) -> Iterator[list[Conversation]]:
    """Yield conversations in order, as many together as have few memories in all."""
    some: list[Conversation] = []
    held = 0
    for conversation in conversations:
        if some and (len(some) == _CONVERSATIONS or held + conversation.memories > _MEMORIES):
            yield some
            some, held = [], 0
        some.append(conversation)
        held += conversation.memories
    if some:
        yield some


def memory_values(project: str, memory: Memory, sources: Sequence[MemorySource]) -> Values:
    """Return one memory as a row of `MEMORY_COLUMNS`."""
    return (
        project,
        memory.ref.kind,
        memory.ref.external_id,
        memory.memory_id,
        memory.view,
        memory.title,
        memory.content,
        list(memory.tags),
        memory.status,
        memory.confidence,
        memory.conversation_id,
        utc(memory.created_at),
        utc(memory.updated_at),
        utc(memory.first_seen),
        utc(memory.last_seen),
        memory.vanished_at is not None,
        [source_text(source) for source in sources],
    )


def source_text(source: MemorySource) -> str:
    """Return a source in words: ``user: I like tea``, or ``message id 17``."""
    named = f"message id {source.message_id}" if source.message_id else None
    if not source.excerpt:
        return named or source.kind
    return f"{source.role or named or source.kind}: {source.excerpt}"


def memory_batches(
    reads: Reads, wanted: Filter, first: int | None = None
) -> Iterator[list[tuple[Memory, list[MemorySource]]]]:
    """Yield the (`first`) memories that a filter names, whole and in its order, with their sources."""
    for batch in batches(reads.memory_pks(wanted, first), lambda pks, _: reads.memories(pks)):
        found = streams.sources_of(reads.query, [one.pk for one in batch if one.sources])
        yield [(memory, found.get(memory.pk, [])) for memory in batch]


def derived_ids(reads: Reads, conversation: Conversation) -> Mapping[int, list[str]]:
    """Return for message pks the ids of the conversation's memories that came from them."""
    sources = streams.sources_in(reads.query, [conversation.pk])
    return _linked(reads, conversation.pk, sources.get(conversation.pk, ()))[0]


def _linked(
    reads: Reads, conversation_pk: int, sources: Sequence[tuple[str, MemorySource]]
) -> tuple[Mapping[int, list[str]], Iterator[list[PlainMessage]]]:
    """Return `derived_ids`, and the messages: read once more only where they are many."""
    from memos_admin.backend.provenance import Linker, by_message, quoted

    query = reads.query
    batches = streams.message_batches(query, conversation_pk)
    if not sources:
        return {}, batches
    first, second = next(batches, []), next(batches, None)
    if second is None:
        ids = _message_ids(reads, first) if any(one.message_id for _, one in sources) else None
        return quoted(first, sources, ids), iter([first] if first else [])
    linker = Linker(sources)
    for batch in chain((first, second), batches):
        linker.look(batch, _message_ids(reads, batch) if linker.wants_ids else None)
    return by_message(linker.links()), streams.message_batches(query, conversation_pk)


def _message_ids(reads: Reads, messages: Sequence[PlainMessage]) -> dict[int, str]:
    from memos_admin.backend.provenance import message_id

    raws = streams.message_raws(reads.query, [message.pk for message in messages])
    found = ((pk, message_id(raw)) for pk, raw in raws.items())
    return {pk: name for pk, name in found if name is not None}


@lru_cache(maxsize=4096)
def utc(ms: int | None) -> str | None:
    """Return a time as text, None where there is none."""
    # Remembered, since the times of a conversation repeat from row to row.
    return None if ms is None else utc_text(ms)

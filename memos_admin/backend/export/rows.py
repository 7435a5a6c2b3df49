"""The rows of lists and exports: messages and memories as plain values, in the columns' order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from memos_admin.backend.export.batches import batches
from memos_admin.backend.model import (
    Conversation,
    Filter,
    Memory,
    MemorySource,
    Message,
    Reads,
)
from memos_admin.backend.provenance import Linker, by_message, message_id
from memos_admin.backend.times import utc_text

Row = dict[str, Any]

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
    made_from = derived_ids(reads, conversation)
    for message in each_message(reads, conversation):
        yield message_row(project, conversation, message, made_from.get(message.pk, ()))


def message_row(
    project: str, conversation: Conversation, message: Message, derived: Sequence[str]
) -> Row:
    """Return one message's row."""
    return {
        "project": project,
        "subject_kind": conversation.ref.kind,
        "user_id": conversation.ref.external_id,
        "conversation_id": conversation.conversation_id,
        "seq": message.seq,
        "role": message.role,
        "content": message.content,
        "created_at": utc(message.created_at),
        "updated_at": utc(message.updated_at),
        "gap_before": message.seam == "gap",
        "derived_memory_ids": list(derived),
        "fetched_at": utc(conversation.fetched_at),
    }


def memory_rows(reads: Reads, project: str, wanted: Filter) -> Iterator[Row]:
    """Yield the memories that a filter names in its order, each with the keys `MEMORY_COLUMNS`.

    Values are JSON's own types as in `message_rows`; ``sources`` is a list of readable texts.
    """
    for memory in each_memory(reads, wanted):
        yield memory_row(project, memory, reads.memory_sources(memory.pk))


def memory_row(project: str, memory: Memory, sources: Sequence[MemorySource]) -> Row:
    """Return one memory's row."""
    return {
        "project": project,
        "subject_kind": memory.ref.kind,
        "user_id": memory.ref.external_id,
        "memory_id": memory.memory_id,
        "view": memory.view,
        "title": memory.title,
        "content": memory.content,
        "tags": list(memory.tags),
        "status": memory.status,
        "confidence": memory.confidence,
        "conversation_id": memory.conversation_id,
        "created_at": utc(memory.created_at),
        "updated_at": utc(memory.updated_at),
        "first_seen": utc(memory.first_seen),
        "last_seen": utc(memory.last_seen),
        "vanished": memory.vanished_at is not None,
        "sources": [source_text(source) for source in sources],
    }


def source_text(source: MemorySource) -> str:
    """Return a source in words: ``user: I like tea``, or ``message id 17``."""
    named = f"message id {source.message_id}" if source.message_id else None
    if not source.excerpt:
        return named or source.kind
    return f"{source.role or named or source.kind}: {source.excerpt}"


def each_message(reads: Reads, conversation: Conversation) -> Iterator[Message]:
    """Yield a conversation's messages in order, whole."""
    for batch in _message_batches(reads, conversation):
        yield from batch


def each_memory(reads: Reads, wanted: Filter) -> Iterator[Memory]:
    """Yield the memories that a filter names, in its order, whole."""
    for batch in batches(reads.memory_pks(wanted), lambda pks, _: reads.memories(pks)):
        yield from batch


def derived_ids(reads: Reads, conversation: Conversation) -> Mapping[int, list[str]]:
    """Return for message pks the ids of the conversation's memories that came from them."""
    wanted = Filter(
        subject=conversation.ref,
        conversation_id=conversation.conversation_id,
        order="created",
        descending=False,
    )
    linker = Linker(
        (memory.memory_id, source)
        for memory in each_memory(reads, wanted)
        if memory.sources
        for source in reads.memory_sources(memory.pk)
    )
    if linker.is_empty:
        return {}
    for batch in _message_batches(reads, conversation):
        linker.look(batch, _message_ids(reads, batch) if linker.wants_ids else None)
    return by_message(linker.links())


def _message_batches(reads: Reads, conversation: Conversation) -> Iterator[list[Message]]:
    return batches(
        reads.message_pks(conversation.pk),
        lambda pks, before: reads.messages(pks, first_seq=before + 1),
    )


def _message_ids(reads: Reads, messages: Sequence[Message]) -> dict[int, str]:
    found = ((message.pk, message_id(reads.message_raw(message.pk))) for message in messages)
    return {pk: name for pk, name in found if name is not None}


@lru_cache(maxsize=4096)
def utc(ms: int | None) -> str | None:
    """Return a time as text, None where there is none."""
    # Remembered, since the times of a conversation repeat from row to row.
    return None if ms is None else utc_text(ms)

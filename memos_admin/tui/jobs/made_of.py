"""What was made of a message, and of each of a conversation, read in one go in the reader's thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memos_admin.backend.model import (
    Conversation,
    Filter,
    Memory,
    Message,
    MessageVersion,
    Reads,
)
from memos_admin.tui.jobs.linking import (
    MOST_MESSAGES,
    ids_named,
    known_by,
    latest_messages,
    said_by_these,
)

if TYPE_CHECKING:
    from memos_admin.backend.strays import Known

MOST_MEMORIES = 500
"""So many memories of a conversation are looked at for what was made of its messages."""

DETAIL_CUT = 20_000
"""Characters of a message that the detail shows."""


@dataclass(frozen=True)
class MessageEvidence:
    """A message with what it said before and the memories that were made from it.

    Attributes:
        how: what shows that they came from it, in words, by the memory's id.
        conversation: that the message stands in.
        looking: memories of other conversations are still being looked through.
    """

    message: Message
    versions: tuple[MessageVersion, ...]
    memories: tuple[Memory, ...]
    how: dict[str, str]
    conversation: Conversation
    looking: bool = False


def derived_memories(reads: Reads, conversation: Conversation) -> dict[int, list[str]]:
    """Return the ids of the memories made from each message, by the message's key."""
    from memos_admin.backend.provenance import derived

    query = Filter(subject=conversation.ref, conversation_id=conversation.conversation_id)
    memories = reads.memories(reads.memory_pks(query, MOST_MEMORIES))
    with_sources = [(memory.memory_id, reads.memory_sources(memory.pk)) for memory in memories]
    if not with_sources:
        return {}
    messages = latest_messages(reads, conversation.pk)
    before = said_by_these(reads, conversation, {message.pk for message in messages})
    ids = ids_named(reads, [source for _, some in with_sources for source in some], messages)
    return derived(messages, with_sources, before, ids)


def memories_from_elsewhere(
    reads: Reads, conversation: Conversation, known: Known | None
) -> tuple[dict[int, list[str]], Known | None]:
    """Return the same of the memories that name another conversation, or none.

    `known` is what was returned beside it before.
    """
    from memos_admin.backend.strays import Elsewhere, latest

    elsewhere = Elsewhere(reads, known)
    shown = latest(reads, conversation, MOST_MESSAGES)
    return elsewhere.made_of(conversation, shown), elsewhere.known


def message_evidence(
    reads: Reads,
    message: Message,
    memory_ids: Sequence[str],
    conversation: Conversation,
    *,
    looking: bool,
) -> MessageEvidence:
    """Return a message whole, with its earlier versions and the memories made from it.

    Args:
        reads: the store.
        message: which one.
        memory_ids: of these memories.
        conversation: that it stands in.
        looking: whether more may be found.
    """
    from memos_admin.backend.provenance import link_sources

    whole = reads.messages([message.pk], cut=DETAIL_CUT, first_seq=message.seq)
    before = said_by_these(reads, conversation, {message.pk}) if message.versions else []
    memories: list[Memory] = []
    how: dict[str, str] = {}
    for memory_id in memory_ids:
        for memory in [one for one in reads.memory(memory_id) if one.ref == conversation.ref]:
            memories.append(memory)
            sources = reads.memory_sources(memory.pk)
            for link in link_sources(sources, whole, ids_named(reads, sources, whole), before):
                how[memory_id] = known_by(link)
    return MessageEvidence(
        whole[0] if whole else message,
        tuple(reads.message_versions(message.pk)),
        tuple(memories),
        how,
        conversation,
        looking,
    )

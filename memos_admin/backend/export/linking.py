"""Which memories came from the messages that are exported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from memos_admin.backend.model import Conversation, NamedSource, Reads
from memos_admin.backend.strays import Elsewhere, look_before, merged, message_ids
from memos_admin.store import evidence as stored
from memos_admin.store import streams
from memos_admin.store.streams import Said

if TYPE_CHECKING:
    from memos_admin.backend.provenance import Linker

Derived = Mapping[int, list[str]]
"""The ids of memories by the key of the message that they certainly came from."""

Batch = TypeVar("Batch")


def derived_of(
    reads: Reads, conversations: Sequence[Conversation], said: Said, elsewhere: Elsewhere
) -> Derived:
    """Return what came from all messages of some conversations."""
    found: Derived = {}
    if sources := streams.sources_in(reads.query, [one.pk for one in conversations]):
        texts = zip(said.conversation_pk, said.pk, said.content, strict=True)
        found = _derived(reads, sources, texts)
    for conversation in conversations:
        found = merged(found, elsewhere.made_of(conversation))
    return found


def with_derived(
    reads: Reads,
    conversation: Conversation,
    batches: Iterable[Batch],
    keys: Callable[[Batch], Sequence[int]],
    elsewhere: Elsewhere,
) -> Iterator[tuple[Batch, Derived]]:
    """Yield the messages of a conversation, batch by batch, each with what came from them.

    What came from a message depends on all others: who else says what a memory quotes? Reading all
    of a long conversation takes a while, so the first batch comes before that wherever it can.

    Args:
        reads: the store.
        conversation: whose messages these are.
        batches: all of them, in order.
        keys: tells those of a batch.
        elsewhere: finds what came from them of memories that name another conversation.
    """
    rest = iter(batches)
    for first in rest:
        sources = streams.sources_in(reads.query, [conversation.pk])
        soon = _soon(reads, conversation, keys(first), sources)
        if soon is not None:
            said = stored.texts_of(reads.query, keys(first))
            yield first, merged(soon, elsewhere.made_of(conversation, list(said.values())))
        derived: Derived = {}
        if sources:
            texts = streams.texts(reads.query, conversation.pk)
            derived = _derived(reads, sources, texts)
        del sources
        derived = merged(derived, elsewhere.made_of(conversation))
        for batch in rest if soon is not None else chain([first], rest):
            yield batch, derived


def _soon(
    reads: Reads, conversation: Conversation, pks: Sequence[int], sources: Sequence[NamedSource]
) -> Derived | None:
    """Return what came from the first messages of a conversation; None: that takes all of it."""
    if not sources:
        return {}
    if conversation.messages <= streams.MOST:
        return None  # all of them are read as fast
    if stored.said_before(reads.query, conversation.pk):
        return None  # a source may quote what one of them said before
    from memos_admin.backend.provenance import derived_first

    return derived_first(
        streams.plain_messages_of(reads.query, pks),
        sources,
        lambda texts: streams.saying(reads.query, conversation.pk, texts),
        message_ids(reads, pks),
    )


def _derived(
    reads: Reads, sources: Sequence[NamedSource], said: Iterable[tuple[int, int, str]]
) -> Derived:
    """Return what came from messages, given conversation, key and content of all of them."""
    from memos_admin.backend.provenance import derived_in

    def search(linker: Linker[str], conversation_pk: int, pks: Sequence[int] | None) -> None:
        if pks is not None:
            linker.look(streams.plain_messages_of(reads.query, pks))
            return
        for messages in streams.plain_messages(reads.query, conversation_pk):
            ids = [message.pk for message in messages] if linker.wants_ids else []
            linker.look(messages, message_ids(reads, ids))
        look_before(reads, linker, conversation_pk)

    return derived_in(said, sources, search)

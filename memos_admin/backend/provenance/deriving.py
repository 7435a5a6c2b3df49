"""Which memories came from each message of conversations, which may be too long to be held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import attrgetter

from memos_admin.backend.model import MemorySource, Message, NamedSource
from memos_admin.backend.provenance.sources import Linker, quote

Derived = dict[int, list[str]]
"""The ids of memories by the key of the message that they certainly came from."""


def derived(
    messages: Sequence[Message], memories: Iterable[tuple[str, Sequence[MemorySource]]]
) -> Derived:
    """Return what came from the messages of one conversation.

    Ids stand in the order of `memories`, (memory id, sources); other messages are left out.
    """
    named = [
        NamedSource(0, memory_id, one.role, one.excerpt, one.message_id, one.time)
        for memory_id, sources in memories
        for one in sources
    ]
    pks, contents = [one.pk for one in messages], [one.content for one in messages]
    said = [0] * len(messages), pks, contents
    return derived_in([said], named, lambda _, linker: linker.look(messages))


def derived_in(
    said: Iterable[tuple[Iterable[int], Iterable[int], Iterable[str]]],
    sources: Sequence[NamedSource],
    search: Callable[[int, Linker[str]], None],
) -> Derived:
    """Return what came from the messages of some conversations.

    Most sources quote all of one message, which needs no search.

    Args:
        said: conversation, key and content of all messages: a column each, batch by batch.
        sources: those of a conversation together, and within it those of a memory.
        search: lets a linker look at the messages of a conversation.
    """
    quotes = [(source.conversation_pk, quote(source)) for source in sources]
    wanted = {one for one in quotes if one[1]}
    whole: dict[tuple[int, str], int | None] = {}
    for conversation_pks, pks, contents in said:
        texts = zip(conversation_pks, map(str.strip, contents), strict=True)
        for one, pk in zip(texts, pks, strict=True):
            if one in wanted:
                whole[one] = None if one in whole else pk
    certain = [
        None if source.message_id else whole.get(one)
        for source, one in zip(sources, quotes, strict=True)
    ]
    others = [source for source, pk in zip(sources, certain, strict=True) if pk is None]
    linked: dict[tuple[int, str], list[int]] = {}
    for conversation_pk, some in groupby(others, attrgetter("conversation_pk")):
        ours = [(source.memory_id, source) for source in some]
        linker = Linker(ours, {text for pk, text in whole if pk == conversation_pk})
        search(conversation_pk, linker)
        for memory_id, links in linker.links().items():
            linked[conversation_pk, memory_id] = [link.message_pk for link in links]
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for source, said_by in zip(sources, certain, strict=True):
        if said_by is not None:
            found[said_by][source.memory_id] = None
        else:
            for pk in linked.get((source.conversation_pk, source.memory_id), ()):
                found[pk][source.memory_id] = None
    return {pk: list(ids) for pk, ids in found.items()}

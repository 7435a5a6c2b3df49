"""Which memories came from each message of conversations, which may be too long to be held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, groupby

from memos_admin.backend.model import MemorySource, Message, NamedSource, SaidBefore
from memos_admin.backend.provenance.sources import Linker, quote

Derived = dict[int, list[str]]
"""The ids of memories by the key of the message that they certainly came from."""


def derived(
    messages: Sequence[Message],
    memories: Iterable[tuple[str, Sequence[MemorySource]]],
    before: Sequence[SaidBefore] = (),
    message_ids: Mapping[int, str] | None = None,
) -> Derived:
    """Return what came from the messages of one conversation.

    Ids stand in the order of `memories`, (memory id, sources); other messages are left out. `before`: what
    the messages said before. `message_ids`: the service's own ids of messages, by their keys.
    """
    named = [
        NamedSource(0, memory_id, one.role, one.excerpt, one.message_id, one.time)
        for memory_id, sources in memories
        for one in sources
    ]
    said = ((0, one.pk, one.content) for one in messages)

    def search(linker: Linker[str], *_: object) -> None:
        linker.look(messages, message_ids)
        linker.look_before(before)

    return derived_in(said, named, search)


def derived_in(
    said: Iterable[tuple[int, int, str]],
    sources: Sequence[NamedSource],
    search: Callable[[Linker[str], int, Sequence[int] | None], None],
) -> Derived:
    """Return what came from the messages of some conversations.

    Most sources quote all of one message, which needs no search.

    Args:
        said: conversation, key and content of all messages.
        sources: those of a conversation together, and within it those of a memory.
        search: lets a linker look at the messages of a conversation: those with the keys, or all.
    """
    quotes = [(source.conversation_pk, quote(source)) for source in sources]
    wanted = {text for _, text in quotes} - {""}
    whole: dict[tuple[int, str], list[int]] = defaultdict(list)
    for conversation_pk, pk, content in said:
        if (text := content.strip()) in wanted:
            whole[conversation_pk, text].append(pk)
    sayers = [
        [] if source.message_id else whole.get(one, [])
        for source, one in zip(sources, quotes, strict=True)
    ]
    searched = _searched(sources, sayers, search)
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for source, pks in zip(sources, sayers, strict=True):
        for pk in pks if len(pks) == 1 else searched.get(source[:2], ()):
            found[pk][source.memory_id] = None
    return {pk: list(ids) for pk, ids in found.items()}


def _searched(
    sources: Sequence[NamedSource],
    sayers: Sequence[Sequence[int]],
    search: Callable[[Linker[str], int, Sequence[int] | None], None],
) -> dict[tuple[int, str], list[int]]:
    """Return the messages of those sources, by conversation and memory, whose message has to be searched.

    Of several that say the same, role and time may tell one. Where no message says all of a quote,
    it can stand in any.
    """
    others = [(source, pks) for source, pks in zip(sources, sayers, strict=True) if len(pks) != 1]
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for conversation_pk, some in groupby(others, lambda one: one[0].conversation_pk):
        ours, candidates = zip(*some, strict=True)
        whole = {quote(source) for source, pks in zip(ours, candidates, strict=True) if pks}
        linker = Linker([(source.memory_id, source) for source in ours], whole)
        pks = sorted({*chain.from_iterable(candidates)}) if all(candidates) else None
        search(linker, conversation_pk, pks)
        for memory_id, pk in linker.found():
            found[conversation_pk, memory_id].append(pk)
    return found

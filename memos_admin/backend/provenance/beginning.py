"""Which memories came from the first messages of a conversation, told before all of it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from memos_admin.backend.model import MemorySource, NamedSource
from memos_admin.backend.provenance.deriving import Derived
from memos_admin.backend.provenance.quotes import normal
from memos_admin.backend.provenance.sources import Linker, quote

if TYPE_CHECKING:
    from memos_admin.store.streams import PlainMessage

_MOST = 100_000
"""Characters of the first messages, with all of which every source is compared."""

_MOST_TEXTS = 500

_PIECE = 8
_PLAIN = re.compile(
    rf"(?=(?:[0-9A-Za-z\u4e00-\u9fff]| (?=[0-9A-Za-z\u4e00-\u9fff])){{{_PIECE + 1}}})"
    r"[^:：\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]*"
)
"""Quotes whose first `_PIECE` characters stand in whatever they are found in: no form changes these
characters, and it is neither several lines nor said to be somebody's."""


def derived_first(
    first: Sequence[PlainMessage],
    sources: Iterable[NamedSource],
    saying: Callable[[Sequence[str]], Sequence[PlainMessage]],
    message_ids: Mapping[int, str],
) -> Derived | None:
    """Return what came from the first messages of a conversation; None: all of it has to be read.

    Where each source that can mean one of them quotes all of some message, what tells is who says the same.

    Args:
        first: these messages.
        sources: those of a memory together; all of the conversation.
        saying: returns the messages of the conversation that say one of some texts and no more,
            white space around it aside.
        message_ids: the service's own ids of the messages, by their keys.
    """
    if sum(len(message.content) for message in first) > _MOST:
        return None
    said = {message.content.strip() for message in first} - {""}
    named = set(message_ids.values())
    whole: list[NamedSource] = []
    others: list[NamedSource] = []
    for source in sources:
        text = quote(source)
        if source.message_id and (source.message_id in named or text in said):
            return None
        (whole if text in said else others).append(source)
    elsewhere = _stand_in(first, others)
    texts = {*map(quote, whole), *elsewhere}
    if len(texts) > _MOST_TEXTS:
        return None
    sayers = saying(sorted(texts)) if texts else []
    if not elsewhere <= {message.content.strip() for message in sayers}:
        return None
    linker = Linker([(source.memory_id, source) for source in whole], texts)
    linker.look(sayers)
    found: dict[int, dict[str, None]] = {message.pk: {} for message in first}
    for memory_id, pk in linker.found():
        if pk in found:
            found[pk][memory_id] = None
    return {pk: list(ids) for pk, ids in found.items() if ids}


def _stand_in(messages: Sequence[PlainMessage], sources: Iterable[NamedSource]) -> set[str]:
    """Return the quotes that stand in one of the messages, however loosely."""
    forms = [form for one in messages for form in (one.content, normal(one.content))]
    pieces = {text[at : at + _PIECE] for text in forms for at in range(len(text) - _PIECE + 1)}
    near = {
        text
        for source in sources
        if (text := quote(source)) and (text[:_PIECE] in pieces or not _PLAIN.fullmatch(text))
    }
    linker = Linker((text, MemorySource("", None, text, None, None)) for text in near)
    linker.look(messages)
    return {text for text, _ in linker.found()}

"""The message that is most similar to a memory without a source: a guess, and never against what is known. Pure.

Where MemOS quotes a text, or names a document, the source is that: a message that does not have it is known to be
another one. So is one whose numbers or names are others than those of the memory.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from memos_admin.backend.documents import is_document
from memos_admin.backend.evidence.checking import LONGEST
from memos_admin.backend.evidence.facts import Known, facts, known
from memos_admin.backend.figures import CHINESE
from memos_admin.backend.model import MemorySource
from memos_admin.backend.provenance import Link
from memos_admin.backend.provenance.quotes import COMMON, lowered, without_perspective, word_set

TRIED = 20
"""Messages that are looked at, the nearest first."""

_LABELLED = re.compile(
    rf"(?:\b(?P<latin>[^\W\d_{CHINESE}]{{2,}})|(?P<before>[{CHINESE}]{{2}})(?<!第))"
    r"(?: ?[#№:]| no\.?| nr\.?)? ?(?P<figures>\d{1,12})(?![\d.,]\d)"
    rf"|第(?P<ordinal>\d{{1,12}})(?P<behind>[{CHINESE}]{{1,2}})"
)
"""A number with what it numbers: shop 7, 第7号."""


class _Said(Protocol):
    """What is needed of a message."""

    @property
    def content(self) -> str: ...
    @property
    def created_at(self) -> int | None: ...


def is_open(sources: Iterable[MemorySource]) -> bool:
    """Whether MemOS leaves open which message a memory came from: it quotes none, and names no document."""
    return not any((one.excerpt or "").strip() or is_document(one.kind) for one in sources)


def most_similar(
    near: Sequence[Link], content: str, messages: Mapping[int, _Said], ids: Mapping[int, str]
) -> Link | None:
    """Return the nearest message that may be what a memory came from; None: there is none.

    Args:
        near: the nearest messages, the nearest first.
        content: of the memory.
        messages: by their keys.
        ids: of messages by their keys, where MemOS names the sources by ids that are none of these.
    """
    text = without_perspective(content)[:LONGEST]
    for link in near:
        if link.message_pk not in ids and may_say(messages[link.message_pk], text):
            return link
    return None


def may_say(message: _Said, text: str) -> bool:
    """Whether a message may say what a text does, as far as numbers and names tell it.

    Of those of the text it has some of each kind that it has any of, and numbers the same things by the same figures.
    """
    stated, said = facts(text), message.content[:LONGEST]
    theirs, there = facts(said), known([(said, message.created_at)])
    numbers, names = [one for one in stated.numbers if one.sure], stated.names
    has_number, has_name = any(map(there.has_number, numbers)), any(map(there.has_name, names))
    if (numbers and theirs.numbers and not has_number) or (names and theirs.names and not has_name):
        return False
    dated = any(map(there.has_day, stated.days)) or any(map(there.has_clock, stated.clocks))
    if (numbers or names) and not (has_number or has_name or dated):
        return False
    return not _numbers_others(text, said, there)


def _numbers_others(text: str, said: str, there: Known) -> bool:
    """Whether two texts number the same thing by different figures, and those of the first are not in the other one."""
    mine, theirs = _labelled(text), _labelled(said)
    return any(
        mine[label].isdisjoint(theirs[label]) and not mine[label] <= there.numbers
        for label in mine.keys() & theirs.keys()
    )


def _labelled(text: str) -> Mapping[str, set[Decimal]]:
    found = defaultdict[str, set[Decimal]](set)
    for one in _LABELLED.finditer(lowered(text)):
        label = one["latin"] or one["before"] or one["behind"]
        for word in word_set(label) - COMMON:
            found[word].add(Decimal(one["figures"] or one["ordinal"]).normalize())
    return found

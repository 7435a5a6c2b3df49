"""The message whose words are nearest to a memory's: a guess, for memories without a source."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import fsum, log
from typing import Protocol

from memos_admin.backend.provenance.link import Link
from memos_admin.backend.provenance.quotes import COMMON, joined_spans, without_perspective, words

LEAST = 0.15
"""The least nearness that is told; two texts that share no more than a topic stay below."""

_UNSHARED = 0.1
"""How much a word that only the message has counts against it: messages say more than a memory."""

_MOST = 2_000_000
_MOST_OF_ONE = 50_000
_LEAST_OF_ONE = 2_000
"""Characters looked at: of all messages together, of one, and of each however many there are."""


class _Said(Protocol):
    """What is needed of a message."""

    @property
    def pk(self) -> int: ...
    @property
    def content(self) -> str: ...


class Nearness:
    """The words of some messages, to be compared with many memories.

    Attributes:
        is_whole: all of each message is searched; of long ones it is only the beginning.
    """

    def __init__(self, messages: Sequence[_Said]) -> None:
        self._messages = messages
        self._reach = max(_LEAST_OF_ONE, min(_MOST_OF_ONE, _MOST // max(1, len(messages))))
        self.is_whole = all(len(one.content) <= self._reach for one in messages)
        self._said = [
            {word for word, _, _ in words(m.content[: self._reach])} - COMMON for m in messages
        ]
        self._among = Counter(word for some in self._said for word in some)
        self._with: defaultdict[str, list[int]] = defaultdict(list)
        for index, some in enumerate(self._said):
            for word in some:
                self._with[word].append(index)

    def nearest(self, memory_text: str) -> Link | None:
        """Return the message that shares most of the memory's words, with the spans of these words.

        Rare words count more. Of equally near messages the first is returned, so the answer is always
        the same. None where none is near: fewer than two words shared (one, where the memory has no
        more than two), or a nearness below `LEAST`.
        """
        wanted = {word for word, _, _ in words(without_perspective(memory_text)[:_MOST_OF_ONE])}
        wanted -= COMMON
        best, score = None, 0.0
        for index in sorted({index for word in wanted for index in self._with.get(word, ())}):
            some = self._said[index]
            shared = wanted & some
            if len(shared) < min(2, len(wanted) - 1 or 1):
                continue
            near = self._weight(shared)
            near /= near + self._weight(wanted - some) + _UNSHARED * self._weight(some - wanted)
            if near > score + 1e-9:
                best, score = self._messages[index], near
        if best is None or score < LEAST:
            return None
        places = words(best.content[: self._reach])
        spans = joined_spans([(start, end) for word, start, end in places if word in wanted])
        return Link(best.pk, "overlap", spans)

    def _weight(self, some: set[str]) -> float:
        return fsum(log(1 + len(self._messages) / (self._among[word] or 1)) for word in some)


def nearest(memory_text: str, messages: Sequence[_Said]) -> Link | None:
    """Return the message that is nearest to a memory, as `Nearness.nearest` does."""
    return Nearness(messages).nearest(memory_text)

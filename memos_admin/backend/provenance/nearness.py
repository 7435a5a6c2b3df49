"""The message whose words are nearest to a memory's: a guess, for memories without a source."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from heapq import heapify, heappop
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

    def ranked(self, memory_text: str) -> Iterator[Link]:
        """Yield the messages that share words with a memory, the nearest first, with the spans of these words.

        Rare words count more. Equally near messages stand in their order, so the answer is always the same. Left out
        are those that share fewer than two words (one, where the memory has no more than two), or are less near
        than `LEAST`.
        """
        wanted = {word for word, _, _ in words(without_perspective(memory_text)[:_MOST_OF_ONE])}
        wanted -= COMMON
        found: list[tuple[float, int]] = []
        for index in sorted({index for word in wanted for index in self._with.get(word, ())}):
            some = self._said[index]
            shared = wanted & some
            if len(shared) < min(2, len(wanted) - 1 or 1):
                continue
            near = self._weight(shared)
            near /= near + self._weight(wanted - some) + _UNSHARED * self._weight(some - wanted)
            if near >= LEAST:
                found.append((-round(near, 9), index))
        heapify(found)
        while found:
            message = self._messages[heappop(found)[1]]
            places = words(message.content[: self._reach])
            spans = joined_spans([(start, end) for word, start, end in places if word in wanted])
            yield Link(message.pk, "overlap", spans)

    def _weight(self, some: set[str]) -> float:
        return fsum(log(1 + len(self._messages) / (self._among[word] or 1)) for word in some)


def nearest(memory_text: str, messages: Sequence[_Said]) -> Link | None:
    """Return the message that is nearest to a memory, as `Nearness.ranked` has it; None: none is near."""
    return next(Nearness(messages).ranked(memory_text), None)

"""The message whose words are nearest to a memory's: a guess, for memories without a source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import fsum, log

from memos_admin.backend.model import Message
from memos_admin.backend.provenance.link import Link
from memos_admin.backend.provenance.quotes import joined_spans, without_perspective, words

LEAST = 0.15
"""The least nearness that is told; two texts that share no more than a topic stay below."""

_UNSHARED = 0.1
"""How much a word that only the message has counts against it: messages say more than a memory."""

_MOST = 2_000_000
_MOST_OF_ONE = 50_000
_LEAST_OF_ONE = 2_000
"""Characters looked at: of all messages together, of one, and of each however many there are."""

_COMMON = frozenset(
    word
    for word, _, _ in words(
        "a an the and or but if so of to in on at for from with by as is are was were be been being"
        " am do does did done have has had having will would can could should may might must this"
        " that these those there here it its he she they them his her their we us our you your i me"
        " my not no yes than then too very also about into over after before what which who whom"
        " when where why how all any some more most other such only own same just like user users"
        " assistant assistants said says say want wants wanted think thinks get gets got ok okay"
        " please thanks 用户 助手 我们 你们 他们 她们 这个 那个 一个 可以 什么 怎么 没有 不是 就是"
        " 如果 因为 所以 但是 的 了 是 我 你 他 她 在 有 和 也 很 不 吗 呢 吧"
    )
)


def nearest(memory_text: str, messages: Sequence[Message]) -> Link | None:
    """Return the message that shares most of the memory's words, with the spans of these words.

    Rare words count more. Of equally near messages the first is returned, so the answer is always
    the same. None where none is near: fewer than two words shared (one, where the memory has no
    more than two), or a nearness below `LEAST`.
    """
    wanted = {word for word, _, _ in words(without_perspective(memory_text)[:_MOST_OF_ONE])}
    wanted -= _COMMON
    if not wanted or not messages:
        return None
    reach = max(_LEAST_OF_ONE, min(_MOST_OF_ONE, _MOST // len(messages)))
    said = [{word for word, _, _ in words(m.content[:reach])} - _COMMON for m in messages]
    among = Counter(word for some in said for word in some)

    def weight(some: set[str]) -> float:
        return fsum(log(1 + len(messages) / (among[word] or 1)) for word in some)

    best, score = None, 0.0
    for message, some in zip(messages, said, strict=True):
        shared = wanted & some
        if len(shared) < min(2, len(wanted) - 1 or 1):
            continue
        near = weight(shared)
        near /= near + weight(wanted - some) + _UNSHARED * weight(some - wanted)
        if near > score + 1e-9:
            best, score = message, near
    if best is None or score < LEAST:
        return None
    places = words(best.content[:reach])
    spans = joined_spans([(start, end) for word, start, end in places if word in wanted])
    return Link(best.pk, "overlap", spans)

"""The words of a part of a clause as denials compare them, and those that a negation in it denies. Pure.

What changes nothing of what is said is left out of them, so that 没买保险 and 买了保险, `do not deliver` and `delivery`, are of the same.
"""

from __future__ import annotations

import re

from memos_admin.backend.evidence.numerals import MEASURES
from memos_admin.backend.evidence.terms import loose_terms
from memos_admin.backend.provenance.quotes import CJK, word_set, words

_HAVING = re.compile("没有?$")
_HAS = re.compile("有([\u4e00-\u9fff])(?=[^\u4e00-\u9fff]|[和与跟也还]|$)")
_PARTICLES = re.compile("[了吗呢吧的啊呀过变来去到动走]")
_ASPECT = re.compile(
    "(?<=[\u4e00-\u9fff])了(?=[\u4e00-\u9fff])(?![解得然不])"
    f"|(?<=[去来吃用买看听坐住做养学喝玩])过(?![敏期])|一[{MEASURES}](?=[\u4e00-\u9fff])"
)
"""What stands between a verb and its object, and changes nothing of what they are: 买了保险, 养了一只猫."""
_CANNOT = re.compile(
    "(?P<verb>[开关打用收进出连登买吃喝睡看听见找拿拆装充修付换取接赶学坐住送寄发上下])"
    "不(?P<how>了(?!解)|[到上开动出进起])(?P<what>[\u4e00-\u9fff]*)"
)
"""A verb that a negation takes apart: 开不了机 denies 开机, 收不到短信 that it is got (收到)."""
LIKING = re.compile(r"喜欢|喜爱")
_AND = re.compile("[和与跟及或、]")
_RECEIVING = re.compile("[给向](?:我|用户|他|她)们?(?:发送?|寄|打|送)|收到|接收|接到")
_IS_A = re.compile(r"(?:['’]m|\b(?:am|is|are|was|were)) (?:an?|the) ", re.IGNORECASE)
BEING = "is a"
"""Stands among the words of a clause that says what somebody is: who met a nurse is none."""
_LINKING = frozenset({"neither", "nor", "either"}) | word_set("itself myself himself herself")
_NOUN_ENDINGS = ("ment", "ation", "al")
_SHORTEST_STEM = 4


def said_words(part: str) -> frozenset[str]:
    """Return the words of some meaning of a part of a clause.

    Chinese has no spaces: 喜欢 stands apart from what is liked, of which one character is a word too,
    and what is sent to somebody is what he gets.
    """
    if not CJK.search(part):
        being = {BEING} if _IS_A.search(part) else set[str]()
        return frozenset({*map(_verbal, loose_terms(part) - _LINKING), *being})
    part, single = _RECEIVING.sub(" 收到 ", _ASPECT.sub("", part)), set[str]()
    if like := LIKING.search(part):
        liked = _AND.sub(" ", part[like.end() :].strip("，。！？；：,.!?;: \n"))
        single = {one for one in liked.split() if len(one) == 1 and CJK.match(one)}
        part = f"{part[: like.start()]} 喜欢 {liked}"
    return frozenset(loose_terms(part) | single | {_having(one[1]) for one in _HAS.finditer(part)})


def _having(thing: str) -> str:
    """Return what stands for that somebody has a thing of one character, and not what begins with it: 车, not 车位."""
    return f"有 {thing}"


def _verbal(word: str) -> str:
    """Return a stem without what makes a noun of a verb: delivery and deliver, payment and pay are compared as one."""
    if word.endswith("eri"):
        return word[:-1]
    for ending in _NOUN_ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_STEM:
            return stem
    return word


def words_in_order(part: str) -> list[str]:
    """Return all words of an English part in the order in which they stand, each as `said_words` has it."""
    return [_verbal(word) for word, _start, _end in words(part)]


def denied_words(part: str, first: int, last: int) -> frozenset[str]:
    """Return the words that a negation denies in a clause, in which it stands from `first` to `last`."""
    behind = part[last:]
    if CJK.search(part):
        if (apart := _CANNOT.match(part, first - 1)) is not None and first:
            how = apart["how"].replace("了", "")
            return said_words(f"{apart['verb']}{how}{apart['what']}") or said_words(
                part[: first - 1]
            )
        thing = behind.strip("，。！？；：,.!?;: \n")
        is_thing = len(thing) == 1 and CJK.match(thing) and not _PARTICLES.match(thing)
        if is_thing and _HAVING.search(part[first:last]):
            return frozenset({_having(thing)})
    return said_words(behind) or said_words(part[:first])

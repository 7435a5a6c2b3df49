"""What a text says as a key and a value: ``home.city: Madrid``, “The user's home city is Madrid”, 城市：马德里. Pure.

Also where the user is quoted with it: “The user said: ‘My home city is Madrid.’”
Only where the key names what a person has one of, and the value is short and plain: no list, no question, nothing
that is denied, doubted or of another time.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from memos_admin.backend.evidence.dates import days, told_from_today
from memos_admin.backend.evidence.denials import negates
from memos_admin.backend.evidence.facts import facts
from memos_admin.backend.evidence.moments import Date
from memos_admin.backend.hygiene.attributes import attribute, takes_words
from memos_admin.backend.hygiene.finding import Hit
from memos_admin.backend.hygiene.pairs import LATEST, Text
from memos_admin.backend.provenance.quotes import CJK, normal

_SENTENCE = re.compile(r"\n|(?<=[.!?])\s+|[。！？；，;]")
_PAIR = re.compile(r"[-*•\s]*(?P<key>[^:：=]{1,60}?)\s*[:：=]\s*(?P<value>[^:：=]{1,60})")
_OF_USER = re.compile(
    r"\s*(?:the user['’]s|user['’]s|my) (?P<key>[\w .-]{1,60}?) is (?:now )?(?P<value>.{1,60})"
    r"|\s*(?:用户|我)的?(?P<chinese>\w{1,16}?)(?:是|为)(?P<said>.{1,30})",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"\s*(?:(?:the )?user (?:said|says|stated|states|wrote|mentioned|confirmed|replied)"
    r"(?: that)?|用户(?:说|表示|提到|称|写道|确认|回答)过?)\s*[:：,，]?\s*[\"“‘'「『]",
    re.IGNORECASE,
)
"""Before what is told as the words of the user; what others are quoted with may be about themselves."""
_PATH = re.compile(r"[\w-]+(?:\.[\w-]+)+|(?:the )?user['’]s .*|用户的?.*", re.IGNORECASE)
"""A key that says whose it is, or is a path; any other may be one of the card of a doctor."""
_UNCLEAR = re.compile(
    r"[,;&|()（）、，?？]|/(?! ?[A-Z])|\b(?:and|or|but|not|until|since|from|before|after|during|maybe|perhaps|probably|possibly"
    r"|sometimes|usually|former\w*|previous\w*|if|when|unless|depends|both|either|various|unknown|none|tbd|private"
    r"|unspecified|other|user|same|different|in|on|at|near|too|very)\b|\ban? (?=\w)|n/a"
    r"|[和或与及未曾]|以前|之前|原来|可能|也许|大概|保密|其他|用户|^一[家个名位所座份种]|^[在很有被]",
    re.IGNORECASE,
)
_ENDS = " \t.。!！\"“”'‘’「」『』"
_MOST_WORDS = 6
_SPELLED_ALIKE = 75
"""Percent: *Muenchen* and *München*."""
_ENDING = re.compile("[市省区县国色型码号族语话元]$")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class Keyed(NamedTuple):
    """A key and its value.

    Attributes:
        key: what it names, in one form.
        value: as it is written.
        said: all of it, to be quoted.
    """

    key: str
    value: str
    said: str


def keyed(text: str, *, of_user: bool = False) -> list[Keyed]:
    """Return the keys with their values that a text says.

    Args:
        text: what it is.
        of_user: a profile: whatever key stands there is about the user.
    """
    found = []
    parts = [part for part in _SENTENCE.split(text) if part.strip(_ENDS)]
    for whole in parts:
        quoted = _QUOTED.match(whole)
        part = whole if quoted is None else whole[quoted.end() :]
        one = _of_pair(part, alone=of_user or len(parts) == 1) or _of_sentence(part)
        if one is not None:
            found.append(one)
    return found


def _of_pair(part: str, *, alone: bool) -> Keyed | None:
    match = _PAIR.fullmatch(part)
    if match is None or not (alone or _PATH.fullmatch(match["key"])):
        return None
    name = attribute(re.sub("^用户的?", "", match["key"]))
    value = _plain(match["value"])
    return Keyed(name, value, part.strip(_ENDS)) if name and value else None


def _of_sentence(part: str) -> Keyed | None:
    match = _OF_USER.fullmatch(part)
    if match is None:
        return None
    name = attribute(match["key"] or match["chinese"])
    value = _plain(match["value"] or match["said"])
    if name is None or not value:
        return None
    named = value[0].isupper() or bool(CJK.match(value)) or bool(_NUMBER.search(value))
    return Keyed(name, value, part.strip(_ENDS)) if named or takes_words(name) else None


def _plain(value: str) -> str:
    """Return a value as it is compared, ``""`` where it says too much or too little."""
    value = normal(value).strip(_ENDS)
    if (
        not value
        or len(value.split()) > _MOST_WORDS
        or _UNCLEAR.search(value)
        or negates(value)
        or told_from_today(value)
    ):
        return ""
    return value


def differ(one: str, other: str) -> bool:
    """Whether two values of a key cannot both be meant; where that is doubtful, they can."""
    if bool(CJK.search(one)) != bool(CJK.search(other)):
        return False  # the same may be said in two languages
    one, other = one.casefold(), other.casefold()
    if _NUMBER.search(one) or _NUMBER.search(other):
        return _differ_in_number(one, other)
    mine, theirs = re.findall(r"\w+", one), re.findall(r"\w+", other)
    if not mine or not theirs or not set(mine).isdisjoint(theirs):
        return False
    short, long = sorted((_ENDING.sub("", one), _ENDING.sub("", other)), key=len)
    if short in long or _initials(mine) == other or _initials(theirs) == one:
        return False
    if CJK.search(one):
        return True
    from rapidfuzz import fuzz

    return fuzz.ratio(one, other) < _SPELLED_ALIKE


def _initials(words: list[str]) -> str:
    return "".join(word[0] for word in words)


def _differ_in_number(one: str, other: str) -> bool:
    mine, theirs = days(one), days(other)
    if mine and theirs:
        # What can be read in two ways (03/07/85) agrees with either.
        pairs = product(mine[0].readings, theirs[0].readings)
        return all(_other_date(first[:3], second[:3]) for first, second in pairs)
    if mine or theirs or _NUMBER.sub("#", one) != _NUMBER.sub("#", other):
        return False  # 180 cm and 1.8 m
    stated = [
        {each for number in facts(value).numbers for each in (number.value, *number.also)}
        or set(_NUMBER.findall(value))
        for value in (one, other)
    ]
    return stated[0].isdisjoint(stated[1])


def _other_date(one: Date, other: Date) -> bool:
    return any(
        first and second and first != second for first, second in zip(one, other, strict=True)
    )


class Keys:
    """Finds, of memories that come one after the other, earlier ones that have another value of a key."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[str, deque[tuple[Text, Keyed]]] = {}

    def before(self, text: Text) -> Iterator[tuple[Hit, Text]]:
        """Yield the earlier memories that contradict this one, the latest first, and remember it."""
        mine = keyed(text.text, of_user=text.memory.view == "profile")
        for one in mine:
            for other, said in reversed(self._known.get(one.key, ())):
                if other.memory.pk != text.memory.pk and differ(said.value, one.value):
                    yield Hit("key", (one.said, said.said)), other
        for one in mine:
            self._known.setdefault(one.key, deque(maxlen=LATEST)).append((text, one))

"""Numbers that are told by others: four boxes of 12, 20 mg three times a day, a month, 每箱12瓶, 翻了一番. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from memos_admin.backend.evidence.numerals import (
    CHINESE_DIGITS,
    MEASURES,
    chinese_value,
    english_value,
)
from memos_admin.backend.evidence.signs import has_any, has_digit
from memos_admin.backend.provenance.quotes import CJK

_N = (
    r"(?:\d{1,5}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|sixteen|eighteen|twenty|thirty|forty"
    r"|fifty|hundred)"
)
_NOUN = r"[a-z][a-z-]{0,20}"
_PRODUCTS = (
    re.compile(
        rf"(?<![\w.,])(?P<n>{_N})(?: {_NOUN}){{1,2}},? (?:of|with|each with|containing) (?P<m>{_N})\b(?![.,]\d)"
    ),
    re.compile(r"(?<![\w.,])(?P<n>\d{1,5}) ?[x×*] ?(?P<m>\d{1,5})\b(?![.,]\d)"),
    re.compile(
        rf"(?<![\w.,])(?P<n>{_N})(?: {_NOUN}){{1,3}},? (?:(?:at|for|with) )?(?P<m>{_N})(?: {_NOUN}){{0,2}} (?:each|apiece)\b"
    ),
    re.compile(rf"(?<![\w.,])(?P<m>{_N}) ?{_NOUN}(?: {_NOUN})? (?P<n>twice|{_N} times)\b"),
)
_CN = rf"(?:\d{{1,5}}|[{CHINESE_DIGITS}]{{1,5}})"
_CHINESE_PRODUCTS = (
    re.compile(
        rf"(?P<n>{_CN})(?P<what>[{MEASURES}]).{{0,10}}?[每一](?P=what)(?:有|装|是|吃)?(?P<m>{_CN})"
    ),
    re.compile(
        rf"[每一](?P<what>[{MEASURES}])(?:有|装|是|吃)?(?P<m>{_CN}).{{0,10}}?(?P<n>{_CN})(?P=what)"
    ),
)
_TIMES = re.compile(rf"(?:翻|涨|增|长|加|多|高|升|大)了?(?P<n>{_CN})倍|翻了?(?P<doublings>{_CN})番")
_PERSON = (
    r"(?:adults?|grown-ups?|kids?|child|children|bab(?:y|ies)|toddlers?|teenagers?|sons?|daughters?|boys?|girls?|man|men|woman|women"
    r"|brothers?|sisters?|guests?|people|persons?|seniors?|students?|dogs?|cats?)"
)
_ADDED = r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_SUM = re.compile(
    rf"(?<![\w.,])(?P<n>{_ADDED}) {_PERSON} ?(?:and|plus|with|[+&,]) ?(?P<m>{_ADDED}) {_PERSON}\b"
)
_CN_PERSON = (
    "(?:大人|成人|老人|小孩|孩子|儿子|女儿|儿童|婴儿|男孩|女孩|男生|女生|哥哥|弟弟|姐姐|妹妹|人)"
)
_CN_ADDED = rf"(?:\d{{1,3}}|(?<![{CHINESE_DIGITS}])[{CHINESE_DIGITS}]{{1,2}})"
_CHINESE_SUM = re.compile(
    rf"(?P<n>{_CN_ADDED})[个位名]?{_CN_PERSON}[和、，,加带+]?(?P<m>{_CN_ADDED})[个位名]?{_CN_PERSON}"
)
"""Persons, and pets, that are counted apart: one son and one daughter are two children."""
_MOST_DOUBLINGS = 10
_ENGLISH_SIGNS = (*map(str, range(10)), " of ", " each", "apiece", " times", "twice", " with ")

_ONE = {
    "hour": (60,), "day": (24,), "week": (7,), "fortnight": (14, 2), "month": (30, 31, 4), "year": (12, 365, 52),
    "小时": (60,), "天": (24,), "周": (7,), "星期": (7,), "礼拜": (7,), "月": (30, 31, 4), "年": (12, 365, 52),
}  # fmt: skip
_A = re.compile(
    r"\b(?:one|1|(?:for|in|within|after|took|takes|lasts?|lasted|about|around|almost|nearly|over|exactly) an?)"
    r" (?P<en>hour|day|week|fortnight|month|year)\b"
    r"|(?:(?P<half>半)个月|[一1](?P<cn>天|周(?!岁|围)|年(?!级))|[一1]个?(?P<cn2>小时|星期|礼拜)|[一1]个(?P<cn3>月))"
    rf"(?![{CHINESE_DIGITS}\d]|.{{1,4}}[次元块])"
)
"""How long something took, not how often it is in a week, or what a month costs."""


class Retold(NamedTuple):
    """What some words come to, and where they stand."""

    values: frozenset[Decimal]
    start: int
    end: int


def retold(text: str) -> Iterator[Retold]:
    """Yield what numbers of a text in small letters come to, where they are told one by the other."""
    if has_digit(text) or has_any(text, _ENGLISH_SIGNS):
        yield from _products(text, _PRODUCTS)
    for found in _A.finditer(text):
        unit = found["en"] or found["cn"] or found["cn2"] or found["cn3"]
        yield _of(found, *([15, 2] if found["half"] else _ONE[unit]))
    yield from _sums(text, _SUM)
    if CJK.search(text):
        yield from _sums(text, _CHINESE_SUM)
        yield from _products(text, _CHINESE_PRODUCTS)
        for found in _TIMES.finditer(text):
            n = _value(found["n"] or found["doublings"]) or 0
            if found[
                "n"
            ]:  # 翻了2倍 is told of what is three times as much, and of what is twice as much
                yield _of(found, n, n + 1, n * 100)
            elif n <= _MOST_DOUBLINGS:
                yield _of(found, 2**n, 2**n - 1, (2**n - 1) * 100)


def _of(found: re.Match[str], *values: int) -> Retold:
    return Retold(frozenset(Decimal(one).normalize() for one in values), *found.span())


def _products(text: str, patterns: tuple[re.Pattern[str], ...]) -> Iterator[Retold]:
    for pattern in patterns:
        for found in pattern.finditer(text):
            one, other = _value(found["n"].removesuffix(" times")), _value(found["m"])
            if one is not None and other is not None:
                yield _of(found, one * other)


def _sums(text: str, pattern: re.Pattern[str]) -> Iterator[Retold]:
    for found in pattern.finditer(text):
        one, other = _value(found["n"]), _value(found["m"])
        if one is not None and other is not None:
            yield _of(found, one + other)


def _value(said: str) -> int | None:
    if said == "twice":
        return 2
    return english_value(said) if said.isascii() else chinese_value(said)

"""Numbers that are told in two parts: one point two million, three grand, the thirty-second, 三十八度五, 十九块九毛九. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from memos_admin.backend.evidence.numerals import (
    CHINESE_DIGITS,
    MEASURES,
    NUMBER_WORD,
    Number,
    chinese_value,
    english_value,
    numeral,
)
from memos_admin.backend.evidence.ordinals import ORDINAL_SIGNS, ORDINALS, ordinal_value
from memos_admin.backend.evidence.signs import has_any
from memos_admin.backend.provenance.quotes import CJK

_WORDS = rf"(?:{NUMBER_WORD})(?:[ -](?:and )?(?:{NUMBER_WORD})){{0,8}}"
_DIGIT_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_DIGIT = "(?:" + "|".join(("oh", "nought", *_DIGIT_WORDS)) + ")"
_SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000, "million": 1_000_000, "billion": 1_000_000_000, "trillion": 1_000_000_000_000}  # fmt: skip
_POINT = re.compile(
    rf"\b(?P<whole>zero|{_WORDS}) point (?P<part>{_DIGIT}(?:[ -]{_DIGIT})*)\b(?: (?P<scale>{'|'.join(_SCALES)})\b)?"
)
_GRAND = re.compile(rf"\b(?P<n>{_WORDS}) grand\b")

_CN = numeral(6)
_ONE = "[一二三四五六七八九]"
_IN_PARTS = re.compile(
    rf"(?P<n>{_CN})(?:度|[块元](?:零(?=[一二三四五六七八九]分?))?)(?P<tenth>{_ONE}|\d)(?![{CHINESE_DIGITS}\d{MEASURES}])(?:[毛角](?P<hundredth>{_ONE})分?)?"
)
_WITH = re.compile(rf"(?P<tens>[二三四五六七八九]?十)有(?P<ones>{_ONE})")
_SPELLED = re.compile("[〇零一二三四五六七八九幺]{2,12}")


def in_parts(text: str) -> Iterator[Number]:
    """Yield the numbers of a text in small letters that are told in two parts; an ordinal is never doubted."""
    if " point " in text:
        for found in _POINT.finditer(text):
            whole = 0 if found["whole"] == "zero" else english_value(found["whole"])
            if whole is not None:
                part = "".join(map(_figure, re.split("[ -]", found["part"])))
                value = Decimal(f"{whole}.{part}") * _SCALES.get(found["scale"] or "", 1)
                yield Number(value.normalize(), *found.span())
    if " grand" in text:
        for found in _GRAND.finditer(text):
            if (thousands := english_value(found["n"])) is not None:
                yield Number(Decimal(thousands * 1000).normalize(), *found.span())
    if has_any(text, ORDINAL_SIGNS):
        for found in ORDINALS.finditer(text):
            if found["before"] and (nth := ordinal_value(found)) is not None:
                also = english_value(found["before"])  # a thirty second break
                others = frozenset() if also is None else frozenset({Decimal(also).normalize()})
                yield Number(Decimal(nth).normalize(), *found.span(), others, sure=False)
    if CJK.search(text):
        yield from _chinese(text)


def _figure(word: str) -> str:
    return str(_DIGIT_WORDS.index(word)) if word in _DIGIT_WORDS else "0"


def _chinese(text: str) -> Iterator[Number]:
    for found in _IN_PARTS.finditer(text):
        whole = int(found["n"]) if found["n"].isdigit() else chinese_value(found["n"])
        if whole is not None:
            parts = [found["tenth"], *([found["hundredth"]] if found["hundredth"] else [])]
            part = "".join(one if one.isascii() else str(chinese_value(one)) for one in parts)
            yield Number(Decimal(f"{whole}.{part}").normalize(), *found.span())
    for found in _WITH.finditer(text):
        value = chinese_value(found["tens"] + found["ones"])
        yield Number(Decimal(value or 0).normalize(), *found.span())
    for found in _SPELLED.finditer(text) if "幺" in text else ():
        if "幺" in found[0]:
            value = chinese_value(found[0].replace("幺", "一"))
            yield Number(Decimal(value or 0).normalize(), *found.span())

"""Numbers in a text, in digits or in words, English and Chinese, as one value. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from memos_admin.backend.provenance.quotes import lowered

CHINESE_DIGITS = "〇零一二两三四五六七八九十百千万亿"


class Number(NamedTuple):
    """A number with where it stands."""

    value: Decimal
    start: int
    end: int


_BEFORE = r"(?:(?<![\w-])(?<!\d[.,:/])(?<![^\w.]\.)(?<!^\.)|(?<=\d-)|(?<=[\u3400-\u9fff]))"
"""What figures stand behind: no letter, and no figure that they belong to; of a span (10-12) both ends are read."""
_FIGURES = re.compile(
    rf"{_BEFORE}(?:\d{{1,3}}(?:,\d{{3}}(?!\d))++|\d++)(?:\.\d++)?+(?![.:]\d)|(?<=[\u3400-\u9fff])\d++"
)
_TIMES = {"k": 1000, "千": 1000, "万": 10_000, "亿": 100_000_000}
_TIMES_BEHIND = re.compile(r"\s?(千|万|亿)|(k)(?![A-Za-z])")
_LETTERS_BEHIND = re.compile(r"[A-Za-z]+")
_LONGEST = 24
"""Characters of a number; what is longer is none that anybody compares."""
_UNITS = frozenset(
    [
        "mg",
        "g",
        "kg",
        "t",
        "ml",
        "cl",
        "l",
        "mm",
        "cm",
        "m",
        "km",
        "h",
        "min",
        "s",
        "k",
        "x",
        "st",
        "nd",
        "rd",
        "th",
        "am",
        "pm",
        "gb",
        "mb",
        "tb",
        "w",
        "kw",
        "v",
        "px",
        "ft",
        "in",
        "lb",
        "lbs",
        "oz",
        "eur",
        "usd",
        "chf",
        "gbp",
        "cny",
        "rmb",
        "sgd",
        "yen",
    ]
)

_SMALL = dict(
    zip(
        [
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ],
        range(2, 20),
        strict=True,
    )
)
_TENS = dict(
    zip(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
        range(20, 100, 10),
        strict=True,
    )
)
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_WORD = "|".join(["one", *_SMALL, *_TENS, *_SCALES])
_SIGNS = re.compile(rf"\d|[{CHINESE_DIGITS}半]|{_WORD}")
_WORDS = re.compile(rf"\b(?:{_WORD})(?:[ -](?:and )?(?:{_WORD}))*\b", re.IGNORECASE)

_MEASURES = (
    "个位名人天日号晚夜次杯件张只条元块岁年月周秒斤克米码份盒本家间套双瓶片顿口辆层楼室居级折倍页场站种遍桌箱台部款"
    "分公小千厘毫平度股门笔步排座"
)
_BEGIN_MEASURES = "公小千厘毫平"
_MEASURE = re.compile(
    rf"\s?(?:[{_BEGIN_MEASURES}分][斤里时钟克米升方]|个月|(?![{_BEGIN_MEASURES}])[{_MEASURES}])"
)
_CHINESE = re.compile(rf"[{CHINESE_DIGITS}]+")
_NO_NUMBERS = re.compile(
    "万一|千万(?!元)|一[样起些定直般共切边路面旦会心时下贯律向再点]|十分(?!钟|之)|三亚|三峡|四川|五一|七夕|八卦|九江|百度|统一|唯一|第一|星期[一二三四五六日天]|(?<![一两二三四五六七八九十每])周[一二三四五六日](?![次个天回节顿小])|礼拜[一二三四五六]"
)
_HALF = re.compile(r"半(?=公斤|斤|小时|天|年|个|公里|米|杯|份|价)")


_HEIGHT = re.compile(rf"([{CHINESE_DIGITS}])米([{CHINESE_DIGITS}]{{1,2}})(?![{_MEASURES}十百千万])")
"""A length such as 一米二五: metres, and tenths or hundredths."""


def with_measure(text: str, end: int) -> int:
    """Return where a Chinese numeral ends with what it counts: 二 is cut out of 二年级."""
    last = end
    while end and text[end - 1] in CHINESE_DIGITS and last < min(len(text), end + 2):
        if text[last] not in _MEASURES:
            break
        last += 1
    return last


def measure(text: str, end: int) -> int:
    """Return where what a number counts ends, ``end`` where no Chinese measure stands behind it: 1,280 元."""
    found = _MEASURE.match(text, end)
    return found.end() if found else end


def may_count(text: str) -> bool:
    """Whether a text may have numbers at all: without any of their signs there is nothing to look for."""
    return _SIGNS.search(lowered(text)) is not None


def numbers(text: str) -> Iterator[Number]:
    """Yield the numbers of a text; ``one`` alone and 一 alone are seldom meant as numbers: left out."""
    yield from _in_figures(text)
    yield from _in_english(text)
    yield from _in_chinese(text)


def _in_figures(text: str) -> Iterator[Number]:
    for found in _FIGURES.finditer(text):
        letters = _LETTERS_BEHIND.match(text, found.end())
        if letters and letters[0].lower() not in _UNITS:
            continue
        if len(found[0]) > _LONGEST:
            continue
        value = Decimal(found[0].replace(",", ""))
        end = found.end()
        if times := _TIMES_BEHIND.match(text, end):
            value *= _TIMES[times[1] or times[2]]
            end = times.end()
        yield Number(value.normalize(), found.start(), end)


def _in_english(text: str) -> Iterator[Number]:
    for found in _WORDS.finditer(text):
        words = re.split(r"[ -]+(?:and )?", found[0].lower())
        if words == ["one"] or len(words) > _LONGEST:
            continue
        if (value := _english_value(words)) is not None:
            yield Number(Decimal(value).normalize(), found.start(), found.end())


def _english_value(words: list[str]) -> int | None:
    """Return what number words mean; None where they are no one number (``two three``)."""
    total = part = 0
    for word in words:
        if word in _SCALES:
            scale = _SCALES[word]
            if scale == 100:
                part = (part or 1) * 100
            else:
                total, part = total + (part or 1) * scale, 0
            continue
        value = _TENS.get(word) or _SMALL.get(word) or 1
        if part % 100 and not (part % 10 == 0 and value < 10):
            return None
        part += value
    return total + part


def _in_chinese(text: str) -> Iterator[Number]:
    without = _NO_NUMBERS.sub(lambda found: "\x00" * len(found[0]), text)
    for found in _HEIGHT.finditer(without):
        metres, rest = (chinese_value(part) for part in found.groups())
        if metres is not None and rest is not None:
            value = Decimal(f"{metres}.{rest}").normalize()
            yield Number(value, found.start(), found.end())
    without = _HEIGHT.sub(lambda found: "\x00" * len(found[0]), without)
    for found in _CHINESE.finditer(without):
        digits = found[0]
        behind = without[found.end() : found.end() + 1]
        if digits in {"一", "零", "〇"} or (len(digits) == 1 and behind not in _MEASURES):
            continue
        if (
            found.start()
            and without[found.start() - 1].isascii()
            and without[found.start() - 1].isdigit()
        ):
            continue  # 2万: its figures have it
        meant = chinese_value(digits)
        if meant is not None:
            yield Number(Decimal(meant).normalize(), found.start(), found.end())
    for found in _HALF.finditer(text):
        yield Number(Decimal("0.5"), found.start(), found.end())


def chinese_value(digits: str) -> int | None:
    """Return what a Chinese numeral means, read digit by digit or with 十百千万亿; None: nothing."""
    if len(digits) > _LONGEST:
        return None
    values = [2 if char == "两" else int(unicodedata.numeric(char, 0)) for char in digits]
    if all(value < 10 for value in values):
        return int("".join(map(str, values)))
    total = section = digit = 0
    for value in values:
        if value < 10:
            digit = value
        elif value < 10_000:
            section, digit = section + (digit or 1) * value, 0
        else:
            total, section, digit = (total + section + digit) * value, 0, 0
    # 两万五 is 25,000, 三百二 is 320
    if digit and len(values) > 1 and values[-2] >= 100:
        digit *= values[-2] // 10
    return total + section + digit

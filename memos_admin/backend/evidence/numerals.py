"""Numbers in a text, in digits or in words, English and Chinese, as one value. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from memos_admin.backend.evidence.grouped import FIGURES, reading
from memos_admin.backend.evidence.number_words import ONES, SCALES, TENS
from memos_admin.backend.evidence.signs import at_figures, has_any, has_digit
from memos_admin.backend.provenance.quotes import lowered

CHINESE_DIGITS = "〇零一二两三四五六七八九十廿卅百千万亿"


def numeral(longest: int) -> str:
    """Return the pattern of a number of few characters, from where it begins: 五 is no number of 十五."""
    return rf"(?:(?<!\d)\d{{1,{longest}}}|(?<![{CHINESE_DIGITS}])[{CHINESE_DIGITS}]{{1,{longest}}})"


class Number(NamedTuple):
    """A number with where it stands.

    Attributes:
        value: what it most likely means.
        also: what else it can mean: 85.000 is 85,000 or 85, half an hour 0.5 or 30.
        parts: the numbers that it is made of; whoever has all of them has it too: 1 h 45.
        sure: it is meant as a number for certain; else nobody doubts it.
    """

    value: Decimal
    start: int
    end: int
    also: frozenset[Decimal] = frozenset()
    parts: frozenset[Decimal] = frozenset()
    sure: bool = True

    @property
    def told(self) -> frozenset[Decimal]:
        """All that a text tells by it."""
        return self.also | self.parts | {self.value}


_TIMES = {
    "k": 1000,
    "m": 1_000_000,
    "mio": 1_000_000,
    "mn": 1_000_000,
    "mln": 1_000_000,
    "bn": 1_000_000_000,
    "hundred": 100,
    "thousand": 1000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000,
    "grand": 1000,
    "lakh": 100_000,
    "crore": 10_000_000,
    "百": 100,
    "千": 1000,
    "万": 10_000,
    "百万": 1_000_000,
    "千万": 10_000_000,
    "亿": 100_000_000,
}
_TIMES_BEHIND = re.compile(
    r"\s?[多几来余]?\s?(百万|千万|百(?!分)|千(?![克米瓦卡])|万|亿)|([kKM])(?![A-Za-z])"
    r"|\s?(mio|mn|mln|bn|(?:hundred|thousand|[mb]illion|trillion|grand|lakh|crore)(?=s?\b))(?![A-Za-z]{2})",
)
_SMALL_M = re.compile(r"m(?![A-Za-z²³])")
_DOUBTED = 2
"""Zero and one are told in so many ways (``a dog``, ``no dog``) that they are no matter of doubt."""
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
        "hr",
        "hrs",
        "mins",
        "sec",
        "secs",
        "wk",
        "wks",
        "yr",
        "yrs",
        "mo",
        "d",
        "y",
        "p",
        "pp",
        "m",
        "mio",
        "mn",
        "mln",
        "bn",
        "kb",
        "hz",
        "khz",
        "mhz",
        "ghz",
        "mbps",
        "mah",
        "kwh",
        "kcal",
        "cal",
        "kj",
        "sqm",
        "qm",
        "dl",
        "mph",
        "kmh",
        "c",
        "f",
    ]
)

NUMBER_WORD = "|".join([*ONES, *TENS, *SCALES])
_ALL_WORDS = frozenset(NUMBER_WORD.split("|"))
_SIGNS = re.compile(
    rf"\d|[{CHINESE_DIGITS}半½¼¾⅓⅔]|{NUMBER_WORD}|dozen|couple|half|twice|fortnight|third|quarter"
)
_WORDS = re.compile(rf"\b(?:{NUMBER_WORD})(?:[ -](?:and )?(?:{NUMBER_WORD}))*\b")
_ENGLISH_SIGNS = (
    *list(ONES)[1:],
    "twent",
    "thirt",
    "fort",
    "fift",
    *SCALES,
)  # "one" alone counts nothing
_CHINESE_SIGNS = f"{CHINESE_DIGITS}半"

MEASURES = (
    "个位名人天日号晚夜次杯件张只条元块岁年月周秒斤克米码份盒本家间套双瓶片顿口辆层楼室居级折倍页场站种遍桌箱台部款"
    "分公小千厘毫平度股门笔步排座星"
)
_BEGIN_MEASURES = "公小千厘毫平"
_MEASURE = re.compile(
    rf"\s?(?:[{_BEGIN_MEASURES}分][斤里时钟克米升方]|个月|(?![{_BEGIN_MEASURES}])[{MEASURES}])"
)
_CHINESE = re.compile(rf"[{CHINESE_DIGITS}]+")
_NO_NUMBERS = re.compile(
    rf"(?<![\d{CHINESE_DIGITS}])[几数][十百千万亿]+|"
    "上[百千万](?=[个人次元块])|万一|千万(?!元)|一[样起些定直般共切边路面旦会心时下贯律向再点]|十分(?!钟|之)|三亚|三星(?!级|期|酒店)|三峡|四川|五一|七夕|八卦|九江|百度|统一|唯一|第一|星期[一二三四五六日天]|(?<![一两二三四五六七八九十每])周[一二三四五六日](?![次个天回节顿小])|礼拜[一二三四五六]"
)
_HALF = re.compile(r"半(?=公斤|斤|小时|天|年|岁|个|公里|米|杯|份|价)")


_OVER = re.compile(r"[几多来余](百万|千万|[百千万亿])")
_ABOUT = re.compile(r"([一二两三四五六七八九])([二三四五六七八九])([十百千万]?)")
_HEIGHT = re.compile(
    rf"(?<![{CHINESE_DIGITS}])([{CHINESE_DIGITS}])米([{CHINESE_DIGITS}]{{1,2}})(?![{MEASURES}十百千万])"
)
"""A length such as 一米二五: metres, and tenths or hundredths."""


def with_measure(text: str, end: int) -> int:
    """Return where a Chinese numeral ends with what it counts: 二 is cut out of 二年级."""
    last = end
    while end and text[end - 1] in CHINESE_DIGITS and last < min(len(text), end + 2):
        if text[last] not in MEASURES:
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
    small = lowered(text)
    yield from apart(
        _in_figures(text) if has_digit(text) else (),
        _in_english(small) if has_any(small, _ENGLISH_SIGNS) else (),
        _in_chinese(text) if not text.isascii() and has_any(text, _CHINESE_SIGNS) else (),
    )


def apart(*some: Iterable[Number]) -> Iterator[Number]:
    """Yield numbers of several kinds, none that stands within one that came before."""
    taken = set[int]()
    for one in chain.from_iterable(some):
        span = range(one.start, one.end)
        if taken.isdisjoint(span):
            yield one
            taken.update(span)


def _in_figures(text: str) -> Iterator[Number]:
    for found in at_figures(FIGURES, text):
        letters = _LETTERS_BEHIND.match(text, found.end())
        if letters and letters[0].lower() not in _UNITS:
            continue
        if len(found[0]) > _LONGEST:
            continue
        read, end, scale = reading(found[0]), found.end(), 1
        also = set(read.also)
        if times := _TIMES_BEHIND.match(text, end):
            scale = _TIMES[(times[1] or times[2] or times[3]).lower()]
            end = times.end()
        elif _SMALL_M.match(text, end):
            also.add(read.value * _TIMES["m"])
        yield Number(
            (read.value * scale).normalize(),
            found.start(),
            end,
            frozenset((one * scale).normalize() for one in also),
            frozenset(one.normalize() for one in read.parts) if scale == 1 else frozenset(),
            read.value * scale >= _DOUBTED or read.value % 1 != 0,
        )


def _in_english(text: str) -> Iterator[Number]:
    for found in _WORDS.finditer(text):
        words = re.split(r"[ -]+(?:and )?", found[0].lower())
        if words == ["one"] or len(words) > _LONGEST:
            continue
        if (value := _english_value(words)) is not None:
            yield Number(Decimal(value).normalize(), found.start(), found.end())
            continue
        parts = frozenset(Decimal(_english_value([word]) or 1).normalize() for word in words)
        price = _price(words)
        also = frozenset[Decimal]() if price is None else frozenset({price})
        likeliest = Decimal(_year(words) or max(parts))
        yield Number(likeliest, *found.span(), also, parts, sure=False)


def _price(words: list[str]) -> Decimal | None:
    """Return what two numbers, one behind the other, are as a price: ``twelve fifty``."""
    whole, cents = _english_value(words[:1]), _english_value(words[1:])
    if whole is None or cents is None or not 10 <= cents < 100:
        return None
    return Decimal(f"{whole}.{cents}").normalize()


def english_value(text: str) -> int | None:
    """Return what number words or figures mean, ``a`` being one; None: nothing."""
    words = re.split(r"[ -]+(?:and )?", text.lower())
    if words in (["a"], ["an"]):
        return 1
    if len(words) == 1 and words[0].isdigit() and len(text) <= _LONGEST:
        return int(text)
    return _english_value(words) if all(word in _ALL_WORDS for word in words) else None


def _year(words: list[str]) -> int | None:
    """Return the year that is told in two halves: ``nineteen ninety-eight``."""
    century, rest = _english_value(words[:1]), _english_value(words[1:])
    if century in {18, 19, 20} and rest is not None and 10 <= rest < 100:
        return century * 100 + rest
    return None


def _english_value(words: list[str]) -> int | None:
    """Return what number words mean; None where they are no one number (``two three``)."""
    total = part = 0
    for word in words:
        if word in SCALES:
            scale = SCALES[word]
            if scale == 100:
                part = (part or 1) * 100
            else:
                total, part = total + (part or 1) * scale, 0
            continue
        value = TENS.get(word) or ONES.get(word) or 1
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
        if digits in {"一", "零", "〇"} or (len(digits) == 1 and behind not in MEASURES):
            continue
        if (
            found.start()
            and without[found.start() - 1].isascii()
            and without[found.start() - 1].isdigit()
        ):
            continue  # 2万: its figures have it
        meant = chinese_value(digits)
        if meant is None:
            continue
        end = found.end()
        if scale := _OVER.match(without, end):  # 二十几万
            meant, end = meant * _TIMES[scale[1]], scale.end()
        value = Decimal(meant).normalize()
        if about := _ABOUT.fullmatch(digits):  # 两三个, 三四十
            unit = chinese_value(about[3] or "一") or 1
            one, other = (Decimal((chinese_value(about[n]) or 0) * unit) for n in (1, 2))
            if other == one + unit:
                parts = frozenset({one.normalize(), other.normalize()})
                yield Number(value, found.start(), end, parts=parts, sure=False)
                continue
        yield Number(value, found.start(), end)
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

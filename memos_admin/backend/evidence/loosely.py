"""Numbers and days that words tell without naming them: twins, the twenty-first, her mid-forties, 俩, 对折, 月底. Pure.

Nothing is doubted for these: they only say what may have been meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from memos_admin.backend.evidence.moments import Day
from memos_admin.backend.evidence.number_words import MONTHS
from memos_admin.backend.evidence.numerals import CHINESE_DIGITS, chinese_value, english_value
from memos_admin.backend.evidence.ordinals import ORDINAL, ORDINALS, ordinal_value
from memos_admin.backend.evidence.signs import has_any
from memos_admin.backend.provenance.quotes import CJK

_MEANT = {
    2: r"both|pairs?|twins?|duo|doubl(?:e|es|ed|ing)|couples?|twofold|tandem|half-dozen",
    3: r"tripl(?:e|es|ed|ets?)|trio|threesome|threefold",
    4: r"quadrupl(?:e|es|ed|ets?)|fourfold|fourth|quarters?",
    5: r"quintupl(?:e|es|ed|ets?)|fivefold",
    50: r"halv(?:e|es|ed|ing)",
    100: r"doubl(?:es|ed|ing)|twofold",
    200: r"tripl(?:es|ed|ing)|threefold",
    300: r"quadrupl(?:es|ed|ing)|fourfold",
    6: r"half a dozen|half-dozen|sextuplets?",
}
_WORDS = tuple((n, re.compile(rf"\b(?:{pattern})\b")) for n, pattern in _MEANT.items())
_COUNT = r"(?:\d{1,3}|half an?|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|couple of|few)"
_MEASURED = re.compile(
    rf"\b(?:(?P<n>{_COUNT}) )?(?P<what>decades?|century|centuries|pairs?|dozens?|hundreds?|thousands?|grand|millions?)\b"
)
_SIZES = {
    "decade": 10, "centur": 100, "pair": 2, "dozen": 12, "hundred": 100, "thousand": 1000, "grand": 1000, "million": 1_000_000,
}  # fmt: skip
_TENS = {
    "teens": 10, "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80,
    "nineties": 90,
}  # fmt: skip
_DECADE = re.compile(
    rf"\b(?P<word>{'|'.join(_TENS)})\b|(?<![\d.,])(?:\d{{2}})?(?P<figure>[1-9]0)['’]?s\b"
)
_CENTURY = 1900

_CN = rf"(?:\d{{1,4}}|[{CHINESE_DIGITS}]{{1,4}})"
_POINT = re.compile(rf"(?P<n>{_CN})[点块元度](?P<part>\d{{1,3}}|[零一二三四五六七八九]{{1,3}})")
_METRES = re.compile(
    rf"(?P<n>{_CN})米(?P<part>\d{{1,2}}|[一二三四五六七八九]{{1,2}})(?![\d.米{CHINESE_DIGITS}])"
)
_DOZENS = re.compile(rf"(?P<n>{_CN}|半)打(?!开|电|车|工|折|扫|算|扰|听|卡|球|针|分)")
_SIBLINGS = re.compile(r"([双二两三四五])胞胎")
_CHINESE = {2: "俩双对", 3: "仨"}
_UNREAD = re.compile(
    r"\b(?:(?:sextu|septu|octu|nonu|decu)pl\w+|(?:six|seven|eight|nine|ten|hundred)fold|umpteen\w*|gross|scores?|dozens"
    r"|myriads?|\w+-odd|\w+ish)\b"
)
_READ = f"{CHINESE_DIGITS}½¼¾⅓⅔"


def loose_numbers(text: str) -> set[Decimal]:
    """Return the numbers that a text in small letters may tell by words that are no numerals."""
    return {value.normalize() for value in _english(text)} | {
        value.normalize() for value in (_chinese(text) if CJK.search(text) else ())
    }


def _english(text: str) -> Iterator[Decimal]:
    for n, pattern in _WORDS:
        if pattern.search(text):
            yield Decimal(n)
    for found in ORDINALS.finditer(text):
        if (value := ordinal_value(found)) is not None:
            yield Decimal(value)
            yield Decimal(_CENTURY + value)
    for found in _MEASURED.finditer(text):
        size = next(size for name, size in _SIZES.items() if found["what"].startswith(name))
        yield Decimal(_count(found["n"]) * size)
    for found in _DECADE.finditer(text):
        first = _TENS[found["word"]] if found["word"] else int(found["figure"])
        for value in range(first, first + 10):
            yield Decimal(value)
            yield Decimal(_CENTURY + value)


def _count(said: str | None) -> Decimal:
    if said is None:
        return Decimal(1)
    if said.startswith("half"):
        return Decimal("0.5")
    return Decimal({"couple of": 2, "few": 3}.get(said) or english_value(said) or 1)


def _chinese(text: str) -> Iterator[Decimal]:
    for n, chars in _CHINESE.items():
        if has_any(text, chars):
            yield Decimal(n)
    for found in _SIBLINGS.finditer(text):
        yield Decimal(2 if found[1] == "双" else chinese_value(found[1]) or 2)
    for found in _DOZENS.finditer(text):
        value = Decimal("0.5") if found["n"] == "半" else Decimal(_value(found["n"]))
        yield value * 12
    if "对折" in text or "半价" in text:
        yield from (Decimal(50), Decimal(5), Decimal("0.5"))
    for found in _METRES.finditer(text):  # 1米2 is 120 cm
        yield from (_metres(found), _metres(found) * 100)
    for found in _POINT.finditer(text):
        part = found["part"] if found["part"].isdigit() else _value(found["part"], found["part"])
        yield Decimal(f"{_value(found['n'])}.{part}")


def _metres(found: re.Match[str]) -> Decimal:
    part = found["part"] if found["part"].isascii() else _value(found["part"], found["part"])
    return Decimal(f"{_value(found['n'])}.{part}")


def _value(said: str, digits: str = "") -> str:
    """Return what figures or a numeral mean, in figures; `digits`: read figure by figure."""
    if said.isascii():
        return said
    if digits:
        return "".join(str(chinese_value(one) or 0) for one in digits)
    return str(chinese_value(said) or 0)


def has_unread_number(text: str) -> bool:
    """Whether a text in small letters has a word or sign that may be a number, and that is not understood."""
    if _UNREAD.search(text):
        return True
    return not text.isascii() and any(
        one.isnumeric() and not one.isdecimal() and one not in _READ for one in text
    )


class Around(NamedTuple):
    """Days of a month, of any month where none is named, that a text tells without naming them."""

    month: int | None
    first: int
    last: int

    def may_be(self, day: Day) -> bool:
        """Whether a date may be one of them."""
        is_month = self.month is None or day.month in {None, self.month}
        return day.day is not None and is_month and self.first <= day.day <= self.last


_PARTS = {"end": (20, 31), "begin": (1, 12), "mid": (8, 23)}
_VAGUE = re.compile(
    r"\b(?:(?P<end>end|close|last (?:day|days|week)|late|latter half)|(?P<begin>beginning|start|early|first (?:days|week|half))"
    rf"|(?P<mid>middle|mid))[ -](?:of )?(?:the |this |next |last )?(?:(?P<month>{'|'.join(MONTHS)})|month)\b"
)
_CHINESE_VAGUE = re.compile(
    rf"(?P<month>{_CN})?个?月份?(?:(?P<end>底|末|下旬)|(?P<begin>初|上旬)|(?P<mid>中旬|中(?![国文学秋])))"
)
_ON_THE = re.compile(rf"\b(?:on|by|until|till|since|from|before|after|to|every) the {ORDINAL}")
_LAST_DAY = 31


def vague_days(text: str) -> set[Around]:
    """Return the days that a text in small letters tells loosely: the end of March, on the thirty-first, 月底."""
    found = set[Around]()
    for match in _VAGUE.finditer(text):
        month = MONTHS.index(match["month"]) + 1 if match["month"] else None
        found.add(Around(month, *_of_part(match)))
    for match in _ON_THE.finditer(text):
        day = ordinal_value(match)
        if day is not None and day <= _LAST_DAY:
            found.add(Around(None, day, day))
    for match in _CHINESE_VAGUE.finditer(text) if "月" in text else ():
        month = int(_value(match["month"])) if match["month"] else None
        found.add(Around(month, *_of_part(match)))
    return found


def _of_part(match: re.Match[str]) -> tuple[int, int]:
    return next(days for part, days in _PARTS.items() if match[part])

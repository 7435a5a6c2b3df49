"""Dates and times of day in a text, as far as they are given, and what ``next week`` may mean. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from memos_admin.backend.evidence import clocks_in_words, dates_in_figures
from memos_admin.backend.evidence.moments import Clock, Day, minutes_of
from memos_admin.backend.evidence.number_words import DAYS, MONTHS
from memos_admin.backend.evidence.numerals import CHINESE_DIGITS, MEASURES, chinese_value, numeral
from memos_admin.backend.evidence.signs import has_any, has_digit
from memos_admin.backend.evidence.weeks import CHINESE_WEEKDAY, weekday_spans, weeks
from memos_admin.backend.provenance.quotes import CJK, joined_spans, lowered

_MONTH_OF = (
    {name: n for n, name in enumerate(MONTHS, 1)}
    | {name[:3]: n for n, name in enumerate(MONTHS, 1)}
    | {"sept": 9}
)
_MONTH = r"(?P<month>" + "|".join(sorted(_MONTH_OF, key=len, reverse=True)) + r")\b\.?"
_ORDINAL = rf"(?P<ordinal>{'|'.join(sorted(DAYS, key=len, reverse=True))})"
_DAY = r"(?P<{}>\d{{1,2}})(?:st|nd|rd|th)?"
_BETWEEN = r"\s*(?:to|and|until|till|through|or|-|–|—|,)\s*"
_IN_FIGURES = (
    re.compile(r"(?<!\d)(?P<year>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<first>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>(?:19|20)\d{2})-(?P<m>0[1-9]|1[0-2])(?![\d-])"),
)
_WITH_MONTH = (
    re.compile(
        rf"(?<![\w.,:]){_DAY.format('first')}(?:{_BETWEEN}(?:the )?{_DAY.format('last')})?\s+(?:of\s+)?{_MONTH}"
        r"(?:,?\s+(?P<year>\d{4}))?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b{_MONTH}\s+(?:the )?{_DAY.format('first')}(?![\d:])(?:{_BETWEEN}{_DAY.format('last')}(?![\d:]))?"
        r"(?:,?\s+(?P<year>\d{4}))?",
        re.IGNORECASE,
    ),
    re.compile(rf"\b{_ORDINAL}\s+of\s+{_MONTH}(?:,?\s+(?P<year>\d{{4}}))?", re.IGNORECASE),
    re.compile(
        rf"\b{_MONTH}\s+(?:the )?{_ORDINAL}\b(?:,?\s+(?P<year>\d{{4}}))?",
        re.IGNORECASE,
    ),
    re.compile(rf"\b{_MONTH},?\s+(?P<year>\d{{4}})", re.IGNORECASE),
    re.compile(
        r"(?<=[a-z,] )(?P<month>January|February|April|June|July|August|September|October|November|December)\b"
        r"|(?:\b(?:in|of|since|until|till|by|next|last|early|late|mid|this|before|after|from|to) )(?P<month2>March|May)\b"
    ),
)
_REST = (
    re.compile(r"\bthe (?P<first>\d{1,2})(?:st|nd|rd|th)\b"),
    re.compile(
        r"\b(?:in|since|from|of|until|till|by|before|after|summer|winter|spring|autumn|fall|during|around)"
        r" (?P<year>(?:19|20)\d{2})(?![\d:])(?!\s?(?:euro|dollar|yen|km|kilo|pound|yuan|g\b|m\b|by\b|[x×*] ?\d))",
        re.IGNORECASE,
    ),
)
_MONTH_SIGNS = tuple(name[:3] for name in MONTHS)
_CN = numeral(3)
_CHINESE = re.compile(
    rf"(?:(?P<year>\d{{4}}|[〇零一二三四五六七八九]{{4}})\s*年\s*)?"
    rf"(?P<month>{_CN})\s*月(?:份)?(?:\s*(?P<day>{_CN})\s*[日号](?![楼线店门]))?"
    rf"|(?P<alone>(?:19|20)\d{{2}})\s*年(?!级)"
    rf"|(?P<only>{_CN})\s*[日号](?![楼线店门码])"
    rf"|(?:(?<=[上下这本]月)|(?<=[上下这本]个月))(?P<bare>{_CN})(?![{MEASURES}{CHINESE_DIGITS}\d几多来百千万点半:：.%])"
)

_CLOCK = re.compile(
    r"(?<![\d:.])(?P<h>[01]?\d|2[0-4]):(?P<min>[0-5]\d)(?::(?P<s>[0-5]\d))?(?![\d:])(?:\s*(?P<half>[ap]\.?m\b))?"
    r"|(?<![\d:.,])(?P<h2>1?\d)(?:[.:](?P<min2>[0-5]\d))?\s?(?P<half2>[ap]\.?m\b)",
    re.IGNORECASE,
)
_CHINESE_CLOCK = re.compile(
    rf"(?P<part>上午|下午|早上|早晨|清晨|晚上|中午|凌晨|傍晚|夜里|今晚|明晚|当晚)?\s?(?P<h>{_CN})\s*(?:点钟?|时(?![候间刻]))(?:(?P<half>半)|(?P<quarter>[一三])刻|\s*(?P<min>{_CN})\s*分|零?(?P<bare>[二三四五]?十[一二三四五六七八九]?|零[一-九]|\d{{2}})(?![{CHINESE_DIGITS}\d个人次元块天年月斤杯页%:.]))?"
)
_AFTERNOON = frozenset({"下午", "晚上", "傍晚", "夜里", "今晚", "明晚", "当晚"})
_MORNING = frozenset({"上午", "早上", "早晨", "清晨", "凌晨"})


def is_month(word: str) -> bool:
    """Whether a word is the English name of a month, or a short form of one."""
    return word.lower() in _MONTH_OF


def days(text: str) -> list[Day]:
    """Return the dates of a text; of a span of dates both ends."""
    found = list(dates_in_figures.days(text))
    taken = {at for day in found for at in range(day.start, day.end)}
    small = lowered(text)
    has_figure, has_month = has_digit(text), has_any(small, _MONTH_SIGNS)
    for pattern in (
        *(_IN_FIGURES if has_figure else ()),
        *(_WITH_MONTH if has_month else ()),
        *(_REST if has_figure else ()),
    ):
        for match in pattern.finditer(text):
            if taken.isdisjoint(range(match.start(), match.end())):
                found += _from_match(match)
                taken.update(range(match.start(), match.end()))
    found += (
        day
        for match in (_CHINESE.finditer(text) if has_any(text, "年月日号") else ())
        if taken.isdisjoint(range(match.start(), match.end()))
        for day in _from_chinese(match)
    )
    return sorted(found, key=lambda day: day.start)


def _from_match(match: re.Match[str]) -> Iterator[Day]:
    said = match.groupdict()
    year = int(said["year"]) if said.get("year") else None
    month = int(said["m"]) if said.get("m") else None
    if name := said.get("month") or said.get("month2"):
        month = _MONTH_OF[name.lower()]
    ends: Sequence[int | None] = [int(said[name]) for name in ("first", "last") if said.get(name)]
    if ordinal := said.get("ordinal"):
        ends = [DAYS[ordinal.lower()]]
    for day in ends or (None,):
        if _possible(month, day):
            yield Day(year, month, day, match.start(), match.end())


def _from_chinese(match: re.Match[str]) -> Iterator[Day]:
    year, month, day, alone, only, bare = (
        _number(match[name]) for name in ("year", "month", "day", "alone", "only", "bare")
    )
    only = bare if only is None else only
    if _possible(month, day if day is not None else only):
        yield Day(
            year if year is not None else alone,
            month,
            day if day is not None else only,
            match.start(),
            match.end(),
        )


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) if text.isdigit() and text.isascii() else chinese_value(text)


def _possible(month: int | None, day: int | None) -> bool:
    return (month is None or 1 <= month <= 12) and (day is None or 1 <= day <= 31)


def clocks(text: str) -> Iterator[Clock]:
    """Yield the times of day of a text; a duration such as ``1:52:40`` is one too."""
    in_words = list(clocks_in_words.clocks(text))
    yield from in_words
    taken = {at for clock in in_words for at in range(clock.start, clock.end)}
    yield from (clock for clock in _clocks_in_figures(text) if clock.start not in taken)


def _clocks_in_figures(text: str) -> Iterator[Clock]:
    for match in _CLOCK.finditer(text) if has_digit(text) else ():
        hour = int(match["h"] or match["h2"])
        minute = int(match["min"] or match["min2"] or 0)
        half = (match["half"] or match["half2"] or "").replace(".", "").lower()
        minutes = minutes_of(hour, minute, afternoon=half == "pm", morning=half == "am")
        if match["s"]:  # with seconds it is no time that is told in two ways
            minutes = frozenset({-(hour * 3600 + minute * 60 + int(match["s"]))})
        yield Clock(minutes, match.start(), match.end())
    # Of 周一三点 the day is no part of the time.
    without = CHINESE_WEEKDAY.sub(lambda found: "\x00" * len(found[0]), text)
    for match in _CHINESE_CLOCK.finditer(without) if has_any(text, "点时") else ():
        said = match["h"]
        found = _number(said)
        if found is None or found > 24 or (said == "一" and not match["part"]):
            continue  # 一点 is a little
        minute = 30 if match["half"] else 0
        if match["quarter"]:
            minute = 15 if match["quarter"] == "一" else 45
        if said_minute := match["min"] or match["bare"]:
            minute = _number(said_minute) or 0
        part = match["part"]
        minutes = minutes_of(found, minute, afternoon=part in _AFTERNOON, morning=part in _MORNING)
        yield Clock(minutes, match.start(), match.end())


# -- what is told from the day on which it is said -------------------------------------------------

_SHIFTS = {
    name: shift
    for names, shift in (
        ("today,tonight,this morning,this afternoon,this evening,now,今天,今晚,今早,刚刚", 0),
        ("tomorrow,明天,明早,明晚", 1),
        ("day after tomorrow,后天", 2),
        ("大后天", 3),
        ("yesterday,last night,昨天,昨晚", -1),
        ("day before yesterday,前天", -2),
        ("大前天", -3),
    )
    for name in names.split(",")
}
_SHIFT = re.compile(
    "|".join(
        name if CJK.search(name) else rf"\b{name}\b"
        for name in sorted(_SHIFTS, key=len, reverse=True)
    ),
    re.IGNORECASE,
)
_MONTHS_FROM_NOW = (
    (re.compile(r"\bnext month|下个?月", re.IGNORECASE), 1),
    (re.compile(r"\blast month|上个?月", re.IGNORECASE), -1),
)
_YEARS_FROM_NOW = (
    (re.compile(r"\bnext year|明年", re.IGNORECASE), 1),
    (re.compile(r"\blast year|去年", re.IGNORECASE), -1),
    (re.compile(r"前年"), -2),
    (re.compile(r"后年"), 2),
)
_NUMBER = (
    r"(?P<n>\d{1,3}|two|three|four|five|six|seven|eight|ten|a|one|[一二两三四五六七八九十]{1,2})"
)
_AWAY = re.compile(
    rf"\b(?:in|for|since|within) {_NUMBER} (?P<unit>day|week|month)s?\b"
    rf"|\b{_NUMBER.replace('<n>', '<n2>')} (?P<unit2>day|week|month)s? (?:ago|later|from now)"
    rf"|{_NUMBER.replace('<n>', '<n3>')}\s*(?P<unit3>天|周|个星期|个月)(?:以?[后前内]|之[后前])",
    re.IGNORECASE,
)
_UNIT_DAYS = {"day": 1, "天": 1, "week": 7, "周": 7, "个星期": 7, "month": 30, "个月": 30}
_SMALL = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10}  # fmt: skip
_SEASONS = (
    (r"new year|元旦", (12, 1)),
    (r"春节|过年|寒假|chinese new year|spring festival", (1, 2)),
    (r"easter|清明|复活节", (3, 4)),
    (r"五一|劳动节", (4, 5)),
    (r"端午", (5, 6)),
    (r"\bspring\b|春天", (3, 4, 5)),
    (r"\bsummer\b|夏天|暑假", (6, 7, 8)),
    (r"中秋", (9, 10)),
    (r"国庆|十一假期", (9, 10)),
    (r"\bautumn\b|\bfall\b|秋天", (9, 10, 11)),
    (r"christmas|圣诞", (12,)),
    (r"\bwinter\b|冬天", (12, 1, 2)),
)
_SEASON = tuple((re.compile(pattern, re.IGNORECASE), months) for pattern, months in _SEASONS)


_WEEKDAY_NAMES = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_FROM_TODAY = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday)\b(?!['’]s\b)"
    rf"|\b(?:next|last|this|coming) (?:week(?:end)?|month|year|spring|summer|autumn|winter|{_WEEKDAY_NAMES})\b(?!['’]s\b)"
    rf"|\bin {_NUMBER} (?:day|week|month)s?\b(?! of\b)"
    rf"|\b{_NUMBER.replace('<n>', '<n2>')} (?:day|week|month)s? (?:ago|from now)\b"
)
_CHINESE_FROM_TODAY = re.compile(
    r"[今明昨]天|[今明昨]晚|[今明]早|大?[后前]天|[明去后前]年"
    r"|(?:[上下]个?|[这本])(?:周末|周[一二三四五六日天]?|星期[一二三四五六日天]?|礼拜[一二三四五六日天]?|月)(?![内底])"
    rf"|{_NUMBER}\s*(?:天|周|个星期|个月)(?:以|之)?[后前]"
)
"""Both are looked for in small letters."""


def told_from_today(text: str) -> list[tuple[int, int]]:
    """Return where a text tells a day, week, month or year from the day on which it is said."""
    small = lowered(text)
    found = [match.span() for match in _FROM_TODAY.finditer(small)]
    if CJK.search(small):
        found += [match.span() for match in _CHINESE_FROM_TODAY.finditer(small)]
    return sorted(found)


_LONGER = re.compile(r"\bthe day (?:after tomorrow|before yesterday)\b|\blast night\b")


def day_words(text: str) -> list[tuple[int, int]]:
    """Return where a text tells a day in words that mean one only when they are said, those of the week too."""
    longer = (match.span() for match in _LONGER.finditer(lowered(text)))
    return list(joined_spans([*told_from_today(text), *weekday_spans(text), *longer]))


_AWAY_SIGNS = [
    "day",
    "tonight",
    "tomorrow",
    "now",
    "week",
    "month",
    "year",
    "next",
    "last",
    "spring",
    "summer",
    "autumn",
    "fall",
    "winter",
    "christmas",
    "easter",
]
_CHINESE_AWAY = "今明昨前后天刚周期拜月年节春夏秋冬寒暑圣五十清端"


class Relative(NamedTuple):
    """What a text can mean that tells days from the day on which it is said."""

    days: frozenset[date]
    months: frozenset[tuple[int, int]]
    """Years and months."""
    years: frozenset[int]


@lru_cache(256)
def relative(text: str, said: date) -> Relative:
    """Return the days, months and years that ``next Tuesday`` and the like can mean, the day itself too."""
    around = {said + timedelta(shift) for shift in (-1, 0, 1)}  # the writer's zone is not known
    small = lowered(text)
    if has_any(small, _AWAY_SIGNS) or (not small.isascii() and has_any(small, _CHINESE_AWAY)):
        return _relative(text, said, around)
    months = frozenset((day.year, day.month) for day in around)
    return Relative(frozenset(around), months, frozenset({said.year} | {y for y, _ in months}))


def _relative(text: str, said: date, around: Set[date]) -> Relative:
    found, names_day = weeks(text, said, around)
    # What names its day is not told of the days around the message's own.
    found |= {said} if names_day else around
    for shift in _SHIFT.findall(text):
        found |= {day + timedelta(_SHIFTS[shift.lower()]) for day in around}
    for match in _AWAY.finditer(text):
        number = match["n"] or match["n2"] or match["n3"]
        unit = match["unit"] or match["unit2"] or match["unit3"]
        count = _SMALL.get(number.lower()) or _number(number) or 1
        length, loose = count * _UNIT_DAYS[unit.lower()], _UNIT_DAYS[unit.lower()] // 3
        for sign in (-1, 1):
            found |= {said + timedelta(sign * length + n) for n in range(-loose - 1, loose + 2)}
    months = {(day.year, day.month) for day in found}
    for pattern, shift in _MONTHS_FROM_NOW:
        if pattern.search(text):
            months.add(_month_from(said, shift))
    years = {said.year}
    for pattern, shift in _YEARS_FROM_NOW:
        if pattern.search(text):
            years.add(said.year + shift)
    for pattern, some in _SEASON:
        if pattern.search(text):
            months |= {
                (year, month) for month in some for year in {*years, said.year, said.year + 1}
            }
    return Relative(frozenset(found), frozenset(months), frozenset(years | {y for y, _ in months}))


_YEAR_BEFORE = re.compile(
    r"(?:\b(?P<en>last|next|this) year,? (?:on |in )?(?:the )?|(?P<cn>大前|前|去|今|明|后)年的?)$"
)
_YEAR_BEHIND = re.compile(r"(?<!\.),? (?:of )?(?P<en>last|next|this) year\b")
_YEARS = {
    "大前": -3,
    "前": -2,
    "去": -1,
    "last": -1,
    "今": 0,
    "this": 0,
    "明": 1,
    "next": 1,
    "后": 2,
}
_BESIDE = 20
"""Characters before a date in which its year is told."""


def told_years(text: str, day: Day, said: date) -> set[int]:
    """Return the years that the words beside a date tell: 去年8月3号, ``3 August last year``; none where it has one, or none is told."""
    if day.year is not None or day.month is None:
        return set()
    small = lowered(text[max(0, day.start - _BESIDE) : day.end + _BESIDE])
    start = min(day.start, _BESIDE)
    found = _YEAR_BEFORE.search(small[:start]) or _YEAR_BEHIND.match(
        small, start + day.end - day.start
    )
    if found is None:
        return set()
    which = _YEARS[found.groupdict().get("cn") or found["en"]]
    return {(said + timedelta(shift)).year + which for shift in (-1, 0, 1)}


def _month_from(said: date, shift: int) -> tuple[int, int]:
    month = said.year * 12 + said.month - 1 + shift
    return month // 12, month % 12 + 1

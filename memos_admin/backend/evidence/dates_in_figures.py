"""Dates that are written in figures alone, or with a year of two figures: 07.03.1985, 3/14, '98, 九八年. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memos_admin.backend.evidence.moments import Date, Day
from memos_admin.backend.evidence.signs import at_figures, has_digit

_ALONE, _ENDS = r"(?<![\w.,:/-])", r"(?![\w/]|[.,:-]\d)"
_WITH_YEAR = re.compile(
    rf"{_ALONE}(?P<one>\d{{1,2}})(?P<mark>[./-])(?P<two>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}}){_ENDS}"
)
_MONTH_AND_YEAR = re.compile(
    rf"{_ALONE}(?P<month>0?[1-9]|1[0-2])/(?P<year>(?:19|20)\d{{2}}){_ENDS}"
)
_WITHOUT_YEAR = re.compile(rf"{_ALONE}(?P<one>\d{{1,2}})/(?P<two>\d{{1,2}}){_ENDS}")
_DOTTED = re.compile(
    rf"{_ALONE}(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?!\d)"
    rf"|(?:\b(?:on|by|until|till|from|since|before|after|am|bis|ab|vom) )(?P<day2>\d{{1,2}})\.(?P<month2>\d{{1,2}})(?![\d.])"
)
_SHORT_YEAR = re.compile(r"(?<![\w'’])['’](?P<year>\d{2})(?![\w'’])")
_CHINESE_YEAR = re.compile(
    r"(?<![〇零一二三四五六七八九十百千万第\d])(?P<year>[〇零一二三四五六七八九]{2}|\d{2})年"
    r"(?![级前后内间以之来半多龄的]时?|又)"
)
_DIGITS = "零一二三四五六七八九"
_ALL_YEAR, _MONTHS, _DAYS = (24, 7), 12, 31
"""24/7 is no date."""
_THIS_CENTURY = 40
"""A year of two figures up to here may be of this century or of the last one, any other is of the last."""


def days(text: str) -> Iterator[Day]:
    """Yield the dates of a text that are certainly meant as such."""
    if has_digit(text):
        for match in at_figures(_WITH_YEAR, text):
            yield from _with_year(match)
        for match in at_figures(_MONTH_AND_YEAR, text):
            yield Day(int(match["year"]), int(match["month"]), None, *match.span())
        for match in at_figures(_WITHOUT_YEAR, text):
            if (found := _without_year(match)) is not None and _is_date(match):
                yield found
        for match in _SHORT_YEAR.finditer(text):
            year, *others = _years(match["year"])
            also = tuple((one, None, None) for one in others)
            yield Day(year, None, None, *match.span(), also)
    for match in _chinese_years(text):
        if _is_sure(match["year"]):
            year, *others = _years(_figures(match["year"]))
            also = tuple((one, None, None) for one in others)
            yield Day(year, None, None, *match.span(), also)


def loose_days(text: str) -> Iterator[Day]:
    """Yield what may be a date or a number: 1/3, 31.12., 五六年."""
    if not has_digit(text) and "年" not in text:
        return
    for match in at_figures(_WITHOUT_YEAR, text) if "/" in text else ():
        if (found := _without_year(match)) is not None and not _is_date(match):
            yield found
    for match in _DOTTED.finditer(text):
        day, month = int(match["day"] or match["day2"]), int(match["month"] or match["month2"])
        if 1 <= day <= _DAYS and 1 <= month <= _MONTHS:
            start = match.start("day") if match["day"] else match.start("day2")
            yield Day(None, month, day, start, match.end())
    for match in _chinese_years(text):
        if not _is_sure(match["year"]):
            year, *others = _years(_figures(match["year"]))
            also = tuple((one, None, None) for one in others)
            yield Day(year, None, None, *match.span(), also)


def _with_year(match: re.Match[str]) -> Iterator[Day]:
    one, two, written = match["one"], match["two"], match["year"]
    short = len(written) == 2
    if match["mark"] == ".":
        if short and not (len(one) == len(two) == 2 or int(written) > _DAYS):
            return  # 7.2.1 and 7.2.10 are versions
        pairs = [(int(two), int(one))] if int(two) <= _MONTHS else [(int(one), int(two))]
    else:
        pairs = [(int(two), int(one)), (int(one), int(two))]
    possible = [
        (year, month, day)
        for year in (_years(written) if short else [int(written)])
        for month, day in dict.fromkeys(pairs)
        if 1 <= month <= _MONTHS and 1 <= day <= _DAYS
    ]
    if possible:
        yield Day(*possible[0], *match.span(), tuple(possible[1:]))


def _is_date(match: re.Match[str]) -> bool:
    """Whether one of two figures can only be a day: 3/14 is no fraction, as 3/4 may be."""
    return max(int(match["one"]), int(match["two"])) > _MONTHS


def _without_year(match: re.Match[str]) -> Day | None:
    one, two = int(match["one"]), int(match["two"])
    if (one, two) == _ALL_YEAR:
        return None
    possible: list[Date] = [
        (None, month, day)
        for month, day in dict.fromkeys([(one, two), (two, one)])
        if 1 <= month <= _MONTHS and 1 <= day <= _DAYS
    ]
    return Day(*possible[0], *match.span(), tuple(possible[1:])) if possible else None


def _chinese_years(text: str) -> Iterator[re.Match[str]]:
    return _CHINESE_YEAR.finditer(text) if "年" in text else iter(())


def _figures(written: str) -> str:
    return "".join(
        str(_DIGITS.index(one)) if one in _DIGITS else one for one in written.replace("〇", "零")
    )


def _is_sure(written: str) -> bool:
    """Whether two figures before 年 are a year: 零八年, 九八年; 二三年 and 20年 may be a time that passes."""
    first, second = map(int, _figures(written))
    if first == 0:
        return True
    return not written.isascii() and first >= 7 and second != first + 1


def _years(written: str) -> list[int]:
    """Return the years that two figures can mean, the likeliest first."""
    year = int(written)
    return [1900 + year] if year > _THIS_CENTURY else [2000 + year, 1900 + year]

"""Days that are told by a week or a day of a week: last Friday, this weekend, 下周三, 上周末. Pure.

In English people tell weeks in two ways, in Chinese by the calendar, Monday being the first day. The writer's zone is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from datetime import date, timedelta

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CHINESE_WEEKDAYS = "一二三四五六日天"
CHINESE_WEEKDAY = re.compile(
    r"(?:(?<![一两二三四五六七八九十每\d])周|星期|礼拜)[一二三四五六日天](?![次个天回节顿小])"
)
WEEKDAY = re.compile(rf"{'|'.join(_WEEKDAYS)}|{CHINESE_WEEKDAY.pattern}", re.IGNORECASE)
_DAYS_OF_WEEK = ("mon", "tues?", "wed(?:nes)?", "thu(?:rs?)?", "fri", "sat(?:ur)?", "sun")
_ENGLISH_WEEKDAY = "|".join(rf"(?P<d{n}>{name})" for n, name in enumerate(_DAYS_OF_WEEK))
_OF_A_WEEK = re.compile(
    rf"\b(?P<which>last|past|next|this) (?:(?P<week>week(?P<end>end)?)|(?:{_ENGLISH_WEEKDAY})(?:day)?)\b"
    r"|(?P<chinese>上上|下下|上|下|这|本)(?:个)?(?:周|星期|礼拜)(?:(?P<day>[一二三四五六日天])(?![次个天回节顿小])|(?P<cn_end>末))?",
    re.IGNORECASE,
)
"""What names the week, and perhaps its day: ``last Friday``, ``next week``, 上周五, 下下周."""
_HAPPENED = re.compile(
    r"\b(?:came|went|saw|met|ate|got|left|fell|broke|died|won|lost|flew|drove|slept|arrived|happened|visited|started|finished|ended"
    r"|called|delivered|picked (?:\w+ )?up)\b",
    re.IGNORECASE,
)
"""What was over when it was told; what was booked or moved need not be."""
_TO_COME = re.compile(
    r"\b(?:will|going|gonna|to|for|till|until|by|if|would|could|should|may|might|be|is|are)\b|['’](?:ll|d)\b",
    re.IGNORECASE,
)
_STOPS = ".;!?,\n"
_REACH = 120
"""Characters before and behind a day of a week in which its clause tells whether it is over."""
_WEEK, _FRIDAY, _SUNDAY = 7, 4, 6
_CALENDAR = {"上": -1, "这": 0, "本": 0, "下": 1}


def weeks(text: str, said: date, around: Set[date]) -> tuple[set[date], bool]:
    """Return the days that a text tells so, and whether it does at all.

    Args:
        text: the text.
        said: the day of the message.
        around: the days on which it may have been said, as its zone is not known.
    """
    found = set[date]()
    near = [said + timedelta(n) for n in range(-_WEEK, _WEEK + 1)]
    names = False
    for match in _OF_A_WEEK.finditer(text):
        names = True
        found |= _of_a_week(match, said, around, near)
    for match in _alone(text):
        names = True
        weekday = _weekday(match[0])
        found |= {day for day in _of_clause(match, said, near) if day.weekday() == weekday}
    return found, names


def weekday_spans(text: str) -> list[tuple[int, int]]:
    """Return where a text tells a day by its week or as a day of a week."""
    named = (one.span() for one in _OF_A_WEEK.finditer(text))
    return sorted([*named, *(one.span() for one in _alone(text))])


def _alone(text: str) -> Iterator[re.Match[str]]:
    """Yield the days of a week whose week is not named."""
    without = _OF_A_WEEK.sub(lambda found: "\x00" * len(found[0]), text)
    yield from WEEKDAY.finditer(without)


def _of_a_week(match: re.Match[str], said: date, around: Set[date], near: list[date]) -> set[date]:
    if match["chinese"] in _CALENDAR:
        return _of_calendar(match, around)
    which = (match["which"] or match["chinese"]).lower()
    weekday = next((n for n in range(_WEEK) if match[f"d{n}"]), None)
    if match["day"]:
        weekday = _weekday(match["day"])
    if which == "this":
        days = set(_of_clause(match, said, near))
    else:
        further = _WEEK if which in {"上上", "下下"} else 0
        sign = 1 if which in {"next", "下下"} else -1
        shifts = range(1 + further, 2 * _WEEK + 1 + further)
        days = {said + timedelta(sign * n) for n in shifts}
    if match["end"] or match["cn_end"]:
        latest = {day - timedelta(day.weekday() + 1) for day in around}
        weekends = {day for day in days if day.weekday() in {5, _SUNDAY}}
        if which in {"last", "past"}:  # the one that is over: there is no other one
            weekends = latest
        # It may begin on Friday and last until Monday.
        return {day + timedelta(n) for day in weekends for n in (-2, -1, 0, 1)}
    return days if weekday is None else {one for one in days if one.weekday() == weekday}


def _of_calendar(match: re.Match[str], around: Set[date]) -> set[date]:
    """Return the days of a Chinese week: 下周三 is no other Wednesday; of Sunday it depends on where a week begins."""
    shift = timedelta(_CALENDAR[match["chinese"]] * _WEEK)
    mondays = {day - timedelta(day.weekday()) + shift for day in around}
    if match["cn_end"]:
        return {monday + timedelta(n) for monday in mondays for n in range(_FRIDAY, _WEEK)}
    if not match["day"]:
        return {monday + timedelta(n) for monday in mondays for n in range(-1, _WEEK)}
    weekday = _weekday(match["day"])
    if weekday == _SUNDAY:
        mondays |= {monday - timedelta(_WEEK) for monday in mondays}
    return {monday + timedelta(weekday) for monday in mondays}


def _of_clause(match: re.Match[str], said: date, near: list[date]) -> list[date]:
    """Return those of the near days that the clause around a day leaves: what came this Friday is over."""
    text, (start, end) = match.string, match.span()
    reach = max(0, start - _REACH)
    first = max(reach, *(text.rfind(stop, reach, start) + 1 for stop in _STOPS))
    behind = (at for stop in _STOPS if (at := text.find(stop, end, end + _REACH)) >= 0)
    clause = slice(first, min(behind, default=end + _REACH))
    if not _HAPPENED.search(text[clause]) or _TO_COME.search(text[clause]):
        return near
    return [day for day in near if day <= said + timedelta(1)]


def _weekday(name: str) -> int:
    """Return the number of a day of the week, Monday being 0; a Chinese one ends in its character."""
    if name.isascii():
        return _WEEKDAYS.index(name.lower())
    return min(_CHINESE_WEEKDAYS.index(name[-1]), _CHINESE_WEEKDAYS.index("日"))

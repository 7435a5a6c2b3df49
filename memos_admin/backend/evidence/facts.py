"""What texts state that can be compared: numbers, dates, times of day, names and codes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from memos_admin.backend.evidence.amounts import amounts
from memos_admin.backend.evidence.clocks_in_words import loose_clocks
from memos_admin.backend.evidence.dates import clocks, days, relative, told_years
from memos_admin.backend.evidence.dates_in_figures import loose_days
from memos_admin.backend.evidence.feasts import feasts
from memos_admin.backend.evidence.loosely import Around, loose_numbers, vague_days
from memos_admin.backend.evidence.moments import Clock, Date, Day
from memos_admin.backend.evidence.names import (
    Name,
    folded,
    names,
    sizes,
    without_size_signs,
    words_of,
)
from memos_admin.backend.evidence.numerals import Number
from memos_admin.backend.evidence.retold import retold
from memos_admin.backend.evidence.runs import joined
from memos_admin.backend.evidence.signs import has_any, has_digit
from memos_admin.backend.provenance.quotes import CJK, lowered

LONGEST = 20_000
"""Characters of a text that are looked at in one piece."""

_SEAM = 200
"""Characters at the end of a piece that the next one begins with: what would be cut stands in it whole."""
_FULL_HOURS = 24
_YEAR_SIGNS = (" year", "前年", "去年", "今年", "明年", "后年")
_BESIDE = re.compile(
    r"(?<=[A-Za-z:/-])\d{1,12}(?:\.\d{1,6})?(?!\d)|(?<!\d)\d{1,12}(?:\.\d{1,6})?(?=[A-Za-z:/-])"
)
"""Figures that are part of something else, such as 3:2 or H100: no number to be doubted, but one that is there."""


@dataclass(frozen=True)
class Facts:
    """What one text states.

    Attributes:
        loose_days, loose_clocks: what may be a date or a time of day, and may be a number.
    """

    numbers: tuple[Number, ...]
    days: tuple[Day, ...]
    clocks: tuple[Clock, ...]
    names: tuple[Name, ...]
    loose_days: tuple[Day, ...] = ()
    loose_clocks: tuple[Clock, ...] = ()


def facts(text: str) -> Facts:
    """Return what a text states; what is a part of a date or a code is no number beside."""
    return _facts(text[:LONGEST])


@lru_cache(256)
def _facts(text: str) -> Facts:
    found_days, found_clocks = days(text), tuple(clocks(text))
    dated = {at for one in found_days for at in range(one.start, one.end)}
    found_names = tuple(one for one in names(text) if one.start not in dated)
    located: list[Day | Clock | Name] = [*found_days, *found_clocks, *found_names]
    return Facts(
        tuple(amounts(without_size_signs(_without(text, located)))),
        tuple(found_days),
        found_clocks,
        found_names,
        tuple(one for one in loose_days(text) if one.start not in dated),
        tuple(one for one in loose_clocks(text) if one.start not in dated),
    )


def _without(text: str, located: Sequence[Day | Clock | Name]) -> str:
    """Return a text with nothing to be read where these stand."""
    at, parts = 0, []
    for start, end in sorted((one.start, one.end) for one in located):
        if end > at:
            first = max(start, at)
            parts += [text[at:first], "\x00" * (end - first)]
            at = end
    return "".join([*parts, text[at:]])


def pieces(text: str) -> Iterator[str]:
    """Yield a text piece by piece, so that none is longer than is looked at in one."""
    at = 0
    while at + LONGEST < len(text):
        yield text[at : at + LONGEST]
        at += LONGEST - _SEAM
    yield text[at:]


class _Told(NamedTuple):
    """What one text tells of what may be compared with it."""

    numbers: frozenset[Decimal]
    days: frozenset[Date]
    minutes: frozenset[int]
    words: frozenset[str]
    feasts: frozenset[int]
    joined: frozenset[str]
    vague: frozenset[Around]


@lru_cache(256)
def _told(text: str) -> _Told:
    found, small = facts(text), lowered(text)
    fixed, movable = feasts(small)
    days = {one[:3] for day in (*found.days, *found.loose_days) for one in day.readings} | fixed
    numbers = set(chain.from_iterable(one.told for one in found.numbers))
    # What looks like a day may have been meant as a number, and the other way round.
    numbers.update(Decimal(part).normalize() for one in days for part in one if part)
    if has_digit(small):
        beside = _BESIDE.findall(_without(text, [*found.days, *found.clocks]))
        numbers.update(Decimal(figures).normalize() for figures in beside)
    numbers |= loose_numbers(small)
    numbers.update(chain.from_iterable(one.values for one in retold(small)))
    return _Told(
        frozenset(numbers),
        frozenset(days),
        frozenset(chain.from_iterable(one.minutes for one in (*found.clocks, *found.loose_clocks))),
        frozenset(words_of(text)) | {one.key for one in found.names} | sizes(text),
        movable,
        frozenset(joined(text)) if has_digit(text) else frozenset(),
        frozenset(vague_days(small)),
    )


def _with_years(text: str, days: frozenset[Date], said: date) -> Set[Date]:
    """Return the dates of a text, those whose year is told from the day on which it is said with that year."""
    if not has_any(text.lower(), _YEAR_SIGNS):
        return days
    told = [(one[:3], told_years(text, one, said)) for one in facts(text).days]
    plain = {parts for parts, years in told if not years}
    dated = {parts for parts, years in told if years} - plain
    return (days - dated) | {(year, *parts[1:]) for parts, years in told for year in years}


@dataclass
class Known:
    """What some messages state together."""

    numbers: set[Decimal] = field(default_factory=set)
    days: set[Date] = field(default_factory=set)
    minutes: set[int] = field(default_factory=set)
    near: set[date] = field(default_factory=set)
    months: set[tuple[int, int]] = field(default_factory=set)
    years: set[int] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    chinese: set[str] = field(default_factory=set)
    feasts: set[int] = field(default_factory=set)
    joined: set[str] = field(default_factory=set)
    vague: set[Around] = field(default_factory=set)

    def __or__(self, other: Known) -> Known:
        """Return what both state."""
        return Known(*(getattr(self, one.name) | getattr(other, one.name) for one in fields(Known)))

    def add(self, text: str, said_at: int | None, *, nearby: bool = True) -> None:
        """Take what a message says.

        Args:
            text: what it says.
            said_at: when, UTC milliseconds.
            nearby: words such as ``tomorrow`` are told from that day.
        """
        if CJK.search(text):
            self.chinese.add(folded(text))
        day = None if said_at is None else datetime.fromtimestamp(said_at / 1000, UTC).date()
        for piece in pieces(text):
            self._add(piece, day)
        if day is not None:
            if not nearby:
                self.years.add(day.year)
                return
            for piece in pieces(text):
                can = relative(piece, day)
                self.near |= can.days
                self.months |= can.months
                self.years |= can.years

    def _add(self, text: str, said: date | None) -> None:
        told = _told(text)
        self.numbers |= told.numbers
        self.days |= told.days if said is None else _with_years(text, told.days, said)
        self.minutes |= told.minutes
        self.words |= told.words
        self.feasts |= told.feasts
        self.joined |= told.joined
        self.vague |= told.vague

    def has_number(self, number: Number) -> bool:
        """Whether a number stands in the messages, as a full hour too."""
        if not self.numbers.isdisjoint({number.value, *number.also}):
            return True
        if number.parts and (number.parts <= self.numbers or int(number.value) in self.minutes):
            return True
        value = number.value
        hour = int(value) if value == value.to_integral_value() and 0 < value <= _FULL_HOURS else -1
        return hour * 60 in self.minutes or hour in self.years or int(value) in self.years

    def has_clock(self, clock: Clock) -> bool:
        """Whether a time of day stands in the messages, as a bare number where it is a full hour."""
        if clock.minutes & self.minutes:
            return True
        hours = {minute // 60 for minute in clock.minutes if minute >= 0 and minute % 60 == 0}
        if any(Decimal(hour).normalize() in self.numbers for hour in hours):
            return True
        # 1:45 may be told as 105 minutes, which are 1 h 45.
        return any(
            Decimal(minute).normalize() in self.numbers for minute in clock.minutes if minute > 60
        )

    def has_day(self, day: Day) -> bool:
        """Whether a date stands in the messages or is near to when they were said, in their words."""
        return any(map(self._has_day, day.readings))

    def _has_day(self, day: Day) -> bool:
        if self._may_tell(day):
            return True
        others = (Day(*parts, 0, 0) for parts in self.days)
        if any(day.agrees(other) for other in others) and self._has_year(day):
            return True
        if any(day.fits(one) for one in self.near):
            return True
        if day.day is None and day.month is not None:
            return any(
                month == day.month and day.year in {None, year} for year, month in self.months
            )
        if day.day is None and day.month is None:
            return day.year in self.years or Decimal(day.year or 0).normalize() in self.numbers
        return False

    def _may_tell(self, day: Day) -> bool:
        """Whether a day is told loosely: by a feast, as the end of a month, as the twenty-first."""
        if day.day is None:
            return False
        is_number = day.month is None and Decimal(day.day).normalize() in self.numbers
        return is_number or day.month in self.feasts or any(one.may_be(day) for one in self.vague)

    def _has_year(self, day: Day) -> bool:
        if day.year is None or not self.years:
            return True
        stated = {parts[0] for parts in self.days} - {None}
        return day.year in stated or min(self.years) - 1 <= day.year <= max(self.years) + 1

    def has_name(self, name: Name) -> bool:
        """Whether a name or code stands in the messages."""
        if name.key in self.words or name.key + "s" in self.words:
            return True
        return bool(CJK.search(name.key)) and any(name.key in text for text in self.chinese)


def known(messages: Iterable[tuple[str, int | None]]) -> Known:
    """Return what messages, (text, time), state together."""
    found = Known()
    for text, said_at in messages:
        found.add(text, said_at)
    return found

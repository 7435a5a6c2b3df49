"""What texts state that can be compared: numbers, dates, times of day, names and codes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain

from memos_admin.backend.evidence.dates import Clock, Day, clocks, days, relative
from memos_admin.backend.evidence.names import Name, folded, names, words_of
from memos_admin.backend.evidence.numerals import Number, numbers
from memos_admin.backend.provenance.quotes import CJK

LONGEST = 20_000
"""Characters of one text that are looked at."""

_FULL_HOURS = 24


@dataclass(frozen=True)
class Facts:
    """What one text states."""

    numbers: tuple[Number, ...]
    days: tuple[Day, ...]
    clocks: tuple[Clock, ...]
    names: tuple[Name, ...]


def facts(text: str) -> Facts:
    """Return what a text states; what is a part of a date or a code is no number beside."""
    return _facts(text[:LONGEST])


@lru_cache(256)
def _facts(text: str) -> Facts:
    found_days, found_clocks, found_names = days(text), tuple(clocks(text)), tuple(names(text))
    spans = [(one.start, one.end) for one in found_days]
    spans += [(one.start, one.end) for one in found_clocks]
    spans += [(one.start, one.end) for one in found_names]
    taken = {at for start, end in spans for at in range(start, end)}
    found_numbers = tuple(one for one in numbers(text) if one.start not in taken)
    return Facts(found_numbers, tuple(found_days), found_clocks, found_names)


@lru_cache(256)
def _words(text: str) -> frozenset[str]:
    return frozenset(words_of(text))


@dataclass
class Known:
    """What some messages state together."""

    numbers: set[Decimal] = field(default_factory=set)
    days: set[tuple[int | None, int | None, int | None]] = field(default_factory=set)
    minutes: set[int] = field(default_factory=set)
    near: set[date] = field(default_factory=set)
    months: set[tuple[int, int]] = field(default_factory=set)
    years: set[int] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    chinese: set[str] = field(default_factory=set)

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
        text = text[:LONGEST]
        found = facts(text)
        self.numbers.update(one.value for one in found.numbers)
        # What looks like a day may have been meant as a number, and the other way round.
        self.numbers.update(Decimal(part) for one in found.days for part in one[:3] if part)
        self.days.update(one[:3] for one in found.days)
        self.minutes.update(chain.from_iterable(one.minutes for one in found.clocks))
        self.words |= _words(text) | {one.key for one in found.names}
        if CJK.search(text):
            self.chinese.add(folded(text))
        if said_at is not None:
            day = datetime.fromtimestamp(said_at / 1000, UTC).date()
            if not nearby:
                self.years.add(day.year)
                return
            can = relative(text, day)
            self.near |= can.days
            self.months |= can.months
            self.years |= can.years

    def has_number(self, number: Number) -> bool:
        """Whether a number stands in the messages, as a full hour too."""
        value = number.value
        if value in self.numbers:
            return True
        hour = int(value) if value == value.to_integral_value() and 0 < value <= _FULL_HOURS else -1
        return hour * 60 in self.minutes or hour in self.years or int(value) in self.years

    def has_clock(self, clock: Clock) -> bool:
        """Whether a time of day stands in the messages, as a bare number where it is a full hour."""
        if clock.minutes & self.minutes:
            return True
        hours = {minute // 60 for minute in clock.minutes if minute >= 0 and minute % 60 == 0}
        return any(Decimal(hour).normalize() in self.numbers for hour in hours)

    def has_day(self, day: Day) -> bool:
        """Whether a date stands in the messages or is near to when they were said, in their words."""
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
            return day.year in self.years or Decimal(day.year or 0) in self.numbers
        return False

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

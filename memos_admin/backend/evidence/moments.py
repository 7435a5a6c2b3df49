"""A date and a time of day as a text gives them. Pure."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

Date = tuple[int | None, int | None, int | None]
"""Year, month and day, as far as they are given."""


class Day(NamedTuple):
    """A date as far as it is given, with where it stands.

    Attributes:
        also: what else it can mean: 03/07/85 is 3 July or 7 March.
    """

    year: int | None
    month: int | None
    day: int | None
    start: int
    end: int
    also: tuple[Date, ...] = ()

    @property
    def readings(self) -> tuple[Day, ...]:
        """All that it can mean, each as a date of one meaning."""
        others = (Day(*one, self.start, self.end) for one in self.also)
        return self._replace(also=()), *others

    def agrees(self, other: Day) -> bool:
        """Whether another date says all that this one says of month and day, and no other year."""
        if self.month is None and self.day is None:
            return self.year == other.year
        return (
            (self.year is None or other.year is None or self.year == other.year)
            and (self.month is None or other.month in {self.month, None})
            and (self.day is None or other.day == self.day)
            and (self.day is not None or other.month == self.month)
        )

    def fits(self, other: date) -> bool:
        """Whether a whole date is the one that this one gives."""
        return (
            self.year in {None, other.year}
            and self.month in {None, other.month}
            and self.day in {None, other.day}
        )


class Clock(NamedTuple):
    """A time of day with where it stands: the minutes that it can mean."""

    minutes: frozenset[int]
    start: int
    end: int


_NOON = 12 * 60


def minutes_of(
    hour: int, minute: int, *, afternoon: bool = False, morning: bool = False
) -> frozenset[int]:
    """Return the minutes of the day that a time can mean: of 8:30 two, where nothing says of which half."""
    at = hour * 60 + minute
    if hour > 12 or morning:
        return frozenset({at})
    if afternoon:
        return frozenset({at % _NOON + _NOON})
    return frozenset({at, at % _NOON + _NOON})

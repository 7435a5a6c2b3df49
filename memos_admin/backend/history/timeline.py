"""Day by day: how many memories were listed, and what was found to have changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta, tzinfo
from itertools import groupby
from typing import NamedTuple

from memos_admin.backend.model import Bound, Filter, Reads, SubjectRef, bound
from memos_admin.backend.times import local
from memos_admin.store import changes as stored
from memos_admin.store import known_then

_SIGNS = {"added": 1, "returned": 1, "vanished": -1}
_EIGHTHS = " ▏▎▍▌▋▊▉"


class Day(NamedTuple):
    """A day, or several in a row of which nothing is known since nothing was read.

    Attributes:
        day: the first one.
        days: how many.
        readings: syncs that read the user, or anybody; 0: that nothing changed is not known.
        listed: memories listed at the day's end, as far as readings had found them; of everybody
            once for each who lists them.
        added, changed, status, vanished, returned: changes found on the day, as `changes` tells them.
        bound: ``least``: whoever it is about, or one of everybody, had not been listed whole at its end;
            ``most``: some of `listed` were in doubt then, see `Memory.in_doubt`; ``about``: both.
    """

    day: date
    days: int
    readings: int
    listed: int
    added: int
    changed: int
    status: int
    vanished: int
    returned: int
    bound: Bound = "exact"

    @property
    def broke_off(self) -> bool:
        """Whether memories were found by a reading that did not end: it counts as none."""
        return self.added > 0 and not self.readings


def days(
    reads: Reads,
    ref: SubjectRef | None,
    now: int,
    zone: tzinfo | None,
    *,
    as_of: int | None = None,
    within: Filter | None = None,
) -> list[Day]:
    """Return each day from the first reading until today, earliest first.

    Args:
        reads: the store.
        ref: whose; None: everybody's.
        now: milliseconds.
        zone: in which days begin; None: this machine's.
        as_of: an instant that the last day ends with; nothing that was found later is told.
        within: only the memories that it names as they are now; None: all.
    """
    found: dict[date, Counter[str]] = {}
    for (kind, quarter), number in _counts(reads, ref, as_of, within):
        day = local(quarter * stored.QUARTER, zone).date()
        found.setdefault(day, Counter())[kind] += number
    read = Counter(
        local(quarter * stored.QUARTER, zone).date()
        for quarter in known_then.readings(reads.query, ref, stored.QUARTER, as_of)
    )
    there_are = {*found, *read}
    if not there_are:
        return []
    today = max(local(now if as_of is None else as_of, zone).date(), *there_are)
    least = _least(known_then.first_listings(reads.query, ref, as_of), zone)
    doubted = _doubted(known_then.doubted(reads.query, ref, as_of), zone)
    rows, day, listed = [], min(there_are), 0
    while day <= today:
        counts = found.get(day, Counter[str]())
        listed += sum(sign * counts[kind] for kind, sign in _SIGNS.items())
        kinds = (counts[kind] for kind in stored.OF_MEMORIES)
        is_bound = bound(lacks=least(day), doubted=doubted(day))
        rows.append(Day._make((day, 1, read[day], listed, *kinds, is_bound)))
        day += timedelta(days=1)
    return rows


def _least(first: Iterable[known_then.FirstListed], zone: tzinfo | None) -> Callable[[date], bool]:
    """Return whether somebody on the roster had not been listed whole at the end of a day."""
    spans = set[tuple[date, date]]()
    for one in first:
        added = local(one.added_at, zone).date()
        listed = date.max if one.listed_at is None else local(one.listed_at, zone).date()
        spans.add((added, listed))
    return lambda day: any(added <= day < listed for added, listed in spans)


def _doubted(
    spans: Iterable[tuple[int, int | None]], zone: tzinfo | None
) -> Callable[[date], bool]:
    """Return whether a memory was in doubt at the end of a day."""
    days = {
        (local(missed, zone).date(), date.max if gone is None else local(gone, zone).date())
        for missed, gone in spans
    }
    return lambda day: any(missed <= day < gone for missed, gone in days)


def _counts(
    reads: Reads, ref: SubjectRef | None, as_of: int | None, within: Filter | None
) -> Iterable[tuple[tuple[str, int], int]]:
    """Return how many changes of a kind were found in a quarter of an hour."""
    if within is None:
        every = stored.by_quarter(reads.query, ref, as_of)
        return [((kind, quarter), number) for kind, quarter, number in every]
    passing = frozenset(reads.memory_pks(replace(within, subject=ref)))
    each = stored.each_by_quarter(reads.query, ref, as_of)
    return Counter((kind, quarter) for kind, quarter, pk in each if pk in passing).items()


def folded(rows: Iterable[Day]) -> Iterator[Day]:
    """Yield days in their order, those in a row together on which nothing was read or found."""
    for unread, some in groupby(rows, lambda row: not row.readings and not any(row[4:9])):
        together = list(some)
        if unread:
            yield together[0]._replace(days=len(together))
        else:
            yield from together


def scale(rows: Sequence[Day]) -> int:
    """Return the number that the longest bar stands for."""
    return max((row.listed for row in rows), default=0)


def bar(number: int, most: int, cells: int) -> str:
    """Return a bar of at most `cells` for a number of at most `most`; anything above 0 is seen."""
    if number <= 0 or most <= 0:
        return ""
    eighths = max(1, round(number * cells * 8 / most))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()

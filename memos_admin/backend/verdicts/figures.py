"""What was said of memories of which view in which week, and how much was looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from memos_admin.backend.model import Filter, Reads
from memos_admin.backend.times import to_ms
from memos_admin.backend.verdicts.agreement import FEW, wilson
from memos_admin.backend.verdicts.choosing import chosen, listings_of_judged
from memos_admin.backend.verdicts.verdict_filter import VerdictFilter
from memos_admin.store import verdict_reads
from memos_admin.store.verdict_records import Verdict


class Figure(NamedTuple):
    """Verdicts on memories of a view in a week.

    Attributes:
        week: its Monday, in UTC, ``2026-11-23``; ``""``: of all weeks.
        view: of the versions that were judged; ``""``: all views.
        verdicts: those that stand, of all operators; `memories`: different memories among them.
        counts: by verdict.
        correct: the share of *correct*; None: too few verdicts.
        interval: of that share, 95 %.
    """

    week: str
    view: str
    verdicts: int
    memories: int
    counts: dict[str, int]
    correct: float | None
    interval: tuple[float, float] | None


class Reviewed(NamedTuple):
    """On how many memories the verdicts of a filter are, each memory once.

    Attributes:
        reviewed: judged as they are now by one of them; gone ones only where the filter asks for them.
        changed: judged before they changed, and not since; gone ones too: archiving changes a memory.
        gone: those of `changed` that are listed no more; 0 where the filter says whether they are.
    """

    reviewed: int
    changed: int
    gone: int = 0


def figures(verdicts: Iterable[Verdict]) -> list[Figure]:
    """Return what was said by week and view, the last week first."""
    found: dict[tuple[str, str], list[Verdict]] = {}
    for one in verdicts:
        if one.ended_at is None:
            found.setdefault((week_of(one.judged_at), one.view), []).append(one)
    ordered = sorted(found.items(), key=lambda item: item[0][1])
    ordered.sort(key=lambda item: item[0][0], reverse=True)
    return [_figure(week, view, some) for (week, view), some in ordered]


def by_view(verdicts: Iterable[Verdict]) -> list[Figure]:
    """Return what was said by view, whenever it was: their week is ``""``."""
    found: dict[str, list[Verdict]] = {}
    for one in verdicts:
        if one.ended_at is None:
            found.setdefault(one.view, []).append(one)
    return [_figure("", view, some) for view, some in sorted(found.items())]


def total(verdicts: Iterable[Verdict]) -> Figure:
    """Return what was said in all: its week and view are ``""``."""
    return _figure("", "", [one for one in verdicts if one.ended_at is None])


def _figure(week: str, view: str, some: list[Verdict]) -> Figure:
    counts = Counter(one.verdict for one in some)
    number, memories = len(some), len({one.memory_pk for one in some})
    if number < FEW:
        return Figure(week, view, number, memories, dict(counts), None, None)
    correct = counts["correct"]
    interval = wilson(correct, number)
    return Figure(week, view, number, memories, dict(counts), correct / number, interval)


def week_of(ms: int) -> str:
    """Return the Monday of the week of an instant, in UTC."""
    day = datetime.fromtimestamp(ms / 1000, UTC).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def days_of(week: str) -> tuple[int, int]:
    """Return when a week began and ended of which `week_of` returned the Monday, milliseconds."""
    begin = datetime.fromisoformat(week).replace(tzinfo=UTC)
    return to_ms(begin), to_ms(begin + timedelta(days=7))


def memories_there(reads: Reads, wanted: Filter) -> int:
    """Return how many memories a filter names, each once; gone ones only where the filter asks for them."""
    if wanted.vanished is None:
        wanted = replace(wanted, vanished=False)
    keys, twice = reads.memory_pks(wanted), verdict_reads.listed_twice(reads.query)
    return len({-twice[pk] if pk in twice else pk for pk in keys}) if twice else len(keys)


def reviewed(reads: Reads, wanted: VerdictFilter) -> Reviewed:
    """Return on how many memories verdicts of a filter stand."""
    of_now: dict[int, bool] = {}
    for one, _listing in chosen(reads, replace(wanted, ended=False, stands=True)):
        of_now[one.memory_pk] = of_now.get(one.memory_pk, False) or not one.is_changed
    gone = set[int]()
    if wanted.vanished is None:
        listed = Filter(subject=wanted.subject, vanished=False)
        gone = of_now.keys() - listings_of_judged(reads, listed).keys()
    changed = {pk for pk, is_of_now in of_now.items() if not is_of_now}
    return Reviewed(len(of_now.keys() - changed - gone), len(changed), len(changed & gone))

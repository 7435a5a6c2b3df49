"""Where the words that two texts share stand in each of them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from memos_admin.backend.evidence.facts import facts, known
from memos_admin.backend.evidence.moments import Day
from memos_admin.backend.evidence.names import names
from memos_admin.backend.evidence.numerals import measure
from memos_admin.backend.figures import has_figure
from memos_admin.backend.provenance.link import Spans
from memos_admin.backend.provenance.quotes import CJK, COMMON, joined_spans, words

_Word = tuple[str, int, int]
_Span = tuple[int, int]


class _Whole(NamedTuple):
    """A number, a time or a code: a part of it tells nothing.

    Attributes:
        keys: the other text has it where one of its own has any of these.
        counted: what it counts, such as 元, up to `end_counted`; ``""``: nothing stands behind it.
    """

    keys: frozenset[Hashable]
    start: int
    end: int
    counted: str
    end_counted: int


class _Said(NamedTuple):
    """A text with what of it is compared; of dates those that tell month and day."""

    words: list[_Word]
    wholes: list[_Whole]
    dates: dict[_Span, list[Day]]


def matching(one: str, other: str) -> tuple[Spans, Spans]:
    """Return the spans of the words that both texts have, in either; everyday words are left out.

    A name that only one of them has is none, though it has the stem of a word of the other one. Numbers,
    times and dates are the same in whatever spelling; of one that only one text has no part is marked.
    """
    mine, theirs = _said(one), _said(other)
    shared = ({word for word, _, _ in mine.words} & {word for word, _, _ in theirs.words}) - COMMON
    shared -= _names_of_one(one, mine.words, other) | _names_of_one(other, theirs.words, one)
    return _spans(mine, theirs, shared), _spans(theirs, mine, shared)


def _names_of_one(text: str, found: list[_Word], other: str) -> set[str]:
    """Return the stems of the names of a text that the other one does not have."""
    latin = [name for name in names(text) if not CJK.search(name.key)]
    there = known([(other, None)] if latin else [])
    alone = _covered((name.start, name.end) for name in latin if not there.has_name(name))
    return {word for word, start, end in found if start in alone and end - 1 in alone}


def _said(text: str) -> _Said:
    found, stated = words(text), facts(text)
    figures = {(start, end): word for word, start, end in found if has_figure(word)}
    inside = {at for start, end in figures for at in range(start + 1, end)}
    dates: dict[_Span, list[Day]] = {}
    for day in stated.days:
        whole = day.month is not None and day.day is not None
        if whole and inside.isdisjoint((day.start, day.end)):
            dates.setdefault((day.start, day.end), []).append(day)
    wholes = [
        _Whole(frozenset(("at", minute) for minute in one.minutes), one.start, one.end, "", one.end)
        for one in stated.clocks
        if inside.isdisjoint((one.start, one.end))
    ]
    for number in stated.numbers:
        span = number.start, number.end
        if inside.isdisjoint(span):
            # As it is written too: what the other text has may be a year, and no number to be compared.
            written = {figures[span]} if span in figures else set()
            wholes.append(_counting(text, frozenset({number.value, *number.also, *written}), span))
    taken = _covered([*((one.start, one.end) for one in wholes), *dates])
    wholes += (
        _counting(text, frozenset({word}), span)
        for span, word in figures.items()
        if span[0] not in taken
    )
    return _Said(found, wholes, dates)


def _counting(text: str, keys: frozenset[Hashable], span: _Span) -> _Whole:
    start, end = span
    behind = measure(text, end)
    return _Whole(keys, start, end, text[end:behind].strip(), behind)


def _covered(spans: Iterable[_Span]) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


def _spans(one: _Said, other: _Said, shared: set[str]) -> Spans:
    there = {(key, whole.counted) for whole in other.wholes for key in whole.keys}
    keys = {key for key, _ in there}
    marked: list[_Span] = []
    apart: list[_Span] = []
    for span, is_there in _dates(one, other):
        (marked if is_there else apart).append(span)
    for whole in one.wholes:
        end = whole.start if keys.isdisjoint(whole.keys) else whole.end
        if any((key, whole.counted) in there for key in whole.keys):
            end = whole.end_counted
        marked.append((whole.start, end))
        apart.append((end, whole.end_counted))
    not_shared = _covered(apart) - _covered(marked)
    single = [
        (start, end)
        for word, start, end in one.words
        if word in shared and not_shared.isdisjoint(range(start, end))
    ]
    return joined_spans([(start, end) for start, end in marked if start < end] + single)


def _dates(one: _Said, other: _Said) -> Iterator[tuple[_Span, bool]]:
    """Yield where dates stand, and whether the other text has them too, of the same year or of none."""
    years = defaultdict[tuple[int | None, int | None], set[int | None]](set)
    for day in chain.from_iterable(other.dates.values()):
        years[day.month, day.day].add(day.year)
    for span, days in one.dates.items():
        found = [(day.year, years.get((day.month, day.day), set())) for day in days]
        yield span, all(some and (year is None or some & {year, None}) for year, some in found)


def share(text: str, spans: Sequence[tuple[int, int]]) -> float:
    """Return how much of what a text says is within spans of it: of its words, everyday ones left out."""
    said = [(start, end) for word, start, end in words(text) if word not in COMMON]
    inside = sum(any(at <= start and end <= to for at, to in spans) for start, end in said)
    return inside / len(said) if said else 0.0

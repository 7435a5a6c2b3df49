"""Putting what was found in order of relevance.

Everything found has all words, so what counts is how often it has them (less each time), how much
else it says, whether whole words fit, and whether title or tags have them: BM25's shape.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from memos_admin.store.search.find import Found
from memos_admin.store.search.tokens import Term, Wanted

MOST_RANKED = 5_000
"""Only so many of the latest arrivals are ranked: to rank all could take seconds."""

_CONTENT, _TITLE, _TAG = 1.0, 3.0, 2.0
_BEGINNING = 0.5
"""What a longer word counts that only begins with what was asked for."""
_SATURATION, _LENGTH = 1.2, 0.75


def ranked(wanted: Wanted, found: Iterable[Found]) -> list[Found]:
    """Return the latest of what was found, most relevant first, latest first among equals."""
    counted = [
        (replace(each, fields=()), _counts(wanted, each.fields), len(each.fields[0]))
        for each in islice(found, MOST_RANKED)
    ]
    if not counted:
        return []
    usual = sum(length for _, _, length in counted) / len(counted) or 1.0

    def score(counts: list[float], length: int) -> float:
        slack = _SATURATION * (1 - _LENGTH + _LENGTH * length / usual)
        return sum(count / (count + slack) for count in counts)

    counted.sort(key=lambda each: score(each[1], each[2]), reverse=True)
    return [each for each, _, _ in counted]


def _counts(wanted: Wanted, fields: tuple[str, ...]) -> list[float]:
    """Return how often each term stands in a document, weighed."""
    weighed = [
        (f" {field} ", (_CONTENT, _TITLE)[number] if number < 2 else _TAG)
        for number, field in enumerate(fields)
        if field
    ]
    return [sum(weight * _count(term, field) for field, weight in weighed) for term in wanted.terms]


def _count(term: Term, field: str) -> float:
    whole = field.count(f" {' '.join(term.words)} ")
    return whole if not term.open else whole + _BEGINNING * (field.count(term.needle) - whole)

"""Where the words that two texts share stand in each of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from memos_admin.backend.evidence.facts import known
from memos_admin.backend.evidence.names import names
from memos_admin.backend.provenance.link import Spans
from memos_admin.backend.provenance.quotes import CJK, COMMON, joined_spans, words


def matching(one: str, other: str) -> tuple[Spans, Spans]:
    """Return the spans of the words that both texts have, in either; everyday words are left out.

    A name that only one of them has is none, though it has the stem of a word of the other one.
    """
    mine, theirs = words(one), words(other)
    shared = ({word for word, _, _ in mine} & {word for word, _, _ in theirs}) - COMMON
    shared -= _names_of_one(one, mine, other) | _names_of_one(other, theirs, one)
    return _spans(mine, shared), _spans(theirs, shared)


def _names_of_one(text: str, found: list[tuple[str, int, int]], other: str) -> set[str]:
    """Return the stems of the names of a text that the other one does not have."""
    latin = [name for name in names(text) if not CJK.search(name.key)]
    there = known([(other, None)] if latin else [])
    alone = [name for name in latin if not there.has_name(name)]
    return {
        word
        for word, start, end in found
        if any(name.start <= start and end <= name.end for name in alone)
    }


def _spans(found: list[tuple[str, int, int]], shared: set[str]) -> Spans:
    return joined_spans([(start, end) for word, start, end in found if word in shared])


def share(text: str, spans: Sequence[tuple[int, int]]) -> float:
    """Return how much of what a text says is within spans of it: of its words, everyday ones left out."""
    said = [(start, end) for word, start, end in words(text) if word not in COMMON]
    inside = sum(any(at <= start and end <= to for at, to in spans) for start, end in said)
    return inside / len(said) if said else 0.0

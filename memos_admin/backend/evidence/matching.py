"""Where the words that two texts share stand in each of them. Pure."""

from __future__ import annotations

from memos_admin.backend.provenance.link import Spans
from memos_admin.backend.provenance.quotes import COMMON, joined_spans, words


def matching(one: str, other: str) -> tuple[Spans, Spans]:
    """Return the spans of the words that both texts have, in either; everyday words are left out."""
    mine, theirs = words(one), words(other)
    shared = ({word for word, _, _ in mine} & {word for word, _, _ in theirs}) - COMMON
    return _spans(mine, shared), _spans(theirs, shared)


def _spans(found: list[tuple[str, int, int]], shared: set[str]) -> Spans:
    return joined_spans([(start, end) for word, start, end in found if word in shared])

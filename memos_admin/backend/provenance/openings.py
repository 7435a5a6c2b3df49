"""How the quotes of sources begin, so that one look at a text tells which of many can stand in it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from functools import lru_cache
from typing import Generic, TypeVar

from memos_admin.backend.provenance.quotes import lines_said, normal, uncut

Owner = TypeVar("Owner", bound=Hashable)

_FIRST, _MOST = 8, 64
"""Characters by which quotes are found, and so many of those that are found are compared."""

_FEW = 30
"""So many are sooner looked for one after the other."""

_ENOUGH = 4 * _MOST
_CUTS = ("...", "…", "⋯")
_SEVERAL = re.compile(r"[:：\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
"""What stands in a quote of several lines, or of one that says whose it is."""

_AT_ONCE = 100_000
"""Characters of a text whose places are held at once."""


class Openings(Generic[Owner]):
    """The beginnings of quotes, with whose they are."""

    def __init__(self) -> None:
        self._by_length: defaultdict[int, dict[str, dict[str, list[Owner]]]] = defaultdict(dict)

    def add(self, owner: Owner, quote: str) -> None:
        """Take a quote."""
        for text in dict.fromkeys(form[:_MOST] for form in _forms(quote) if form):
            first = text[:_FIRST]
            alike = self._by_length[len(first)].setdefault(first, {})
            alike.setdefault(text, []).append(owner)

    def in_text(self, text: str) -> set[Owner]:
        """Return whose quotes can stand in a text: all that do, and a few that do not.

        None is missed, whichever rule of `sources` finds the quote.
        """
        found: set[Owner] = set()
        same = normal(text) if self._by_length else text
        for form in (text,) if same == text else (text, same):
            for length, quotes in self._by_length.items():
                for first in _standing(quotes, form, length):
                    for opening, owners in quotes[first].items():
                        if opening in form:
                            found.update(owners)
        return found


def _forms(quote: str) -> Iterator[str]:
    """Yield the beginnings of what of a quote stands in whatever says it, as each rule looks for it."""
    yield quote
    same = normal(quote[:_ENOUGH])
    if (
        len(quote) > _ENOUGH and len(same) < 2 * _MOST
    ):  # else the beginning depends on nothing behind it
        same = normal(quote)
    yield (same := same.strip())
    if same.endswith(_CUTS) and (shorter := uncut(same)) is not None:
        yield shorter
    if _SEVERAL.search(quote):
        for line in lines_said(quote):
            yield normal(line).strip()


def _standing(quotes: Mapping[str, object], text: str, length: int) -> Iterator[str]:
    """Yield which of some beginnings of a length stand where they can in a text, or anywhere in it."""
    if len(quotes) <= _FEW:
        yield from (first for first in quotes if first in text)
        return
    for places in _places(text, length):
        if not quotes.keys().isdisjoint(places):
            yield from quotes.keys() & set(places)


def _places(text: str, length: int) -> Iterator[list[str]]:
    """Yield what stands where a quote can begin: never at white space, nor inside a Latin word."""
    for start in range(0, len(text), _AT_ONCE):
        yield _pattern(length).findall(text[start : start + _AT_ONCE + length])


@lru_cache(_FIRST)
def _pattern(length: int) -> re.Pattern[str]:
    rest = f".{{{length - 1}}}"
    return re.compile(rf"(?:(?<![0-9A-Za-z])|(?![0-9A-Za-z]))(?=(\S{rest}))", re.DOTALL)

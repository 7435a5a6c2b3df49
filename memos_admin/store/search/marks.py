"""Where the words that were asked for stand in a text, for showing them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from memos_admin.store.search.tokens import LONGEST, Term, Wanted, fold, fold_part

Span = tuple[int, int]

_WINDOW = 4_000
"""Characters that are looked at closely; a folded window tells cheaply whether it is worth it."""

_OVERLAP = 200
_ASCII_WORD = re.compile("[A-Za-z0-9]+")
_JOINING = ((0x1160, 0x11FF), (0x314F, 0x318E), (0xFF9E, 0xFF9F), (0xFFC2, 0xFFDC))
"""Letters that may melt with the one before: parts of Korean syllables, marks of kana."""


class _Word(NamedTuple):
    """A word of a text, and where each of its folded characters comes from."""

    text: str
    places: list[Span]


def spans(wanted: Wanted, text: str) -> list[Span]:
    """Return where the terms stand in a text that is shown, in order and apart from each other.

    A text that was cut within a word has words at its ends that the whole one does not have.
    """
    words = list(_words(text))
    found = sorted(span for term in wanted.terms for span in _places(term, words))
    apart: list[Span] = []
    for start, end in found:
        if apart and start <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        else:
            apart.append((start, end))
    return apart


def part(wanted: Wanted, text: str, around: int) -> Span | None:
    """Return the part of a text around the first of the terms; None where it has none of them.

    Args:
        wanted: what was asked for.
        text: of any length.
        around: characters on each side.
    """
    for at in range(0, max(len(text), 1), _WINDOW - _OVERLAP):
        window = text[at : at + _WINDOW]
        folded = f" {fold(window)} "
        if not any(term.needle in folded for term in wanted.terms):
            continue
        if found := spans(wanted, window):
            first, last = found[0][0] + at, found[0][1] + at
            end = min(last, first + 2 * around) + around
            return max(0, first - around), min(len(text), end)
    return None


def _places(term: Term, words: list[_Word]) -> Iterator[Span]:
    """Yield where a term stands; of a longer word only the beginning that was asked for."""
    count = len(term.words)
    *before, last = term.words
    for number in range(len(words) - count + 1):
        here = words[number : number + count]
        if [word.text for word in here[:-1]] != before:
            continue
        if here[-1].text == last or (term.open and here[-1].text.startswith(last)):
            yield here[0].places[0][0], here[-1].places[len(last) - 1][1]


def _words(text: str) -> Iterator[_Word]:
    """Yield the words of a text as `fold` has them."""
    if text.isascii():
        for found in _ASCII_WORD.finditer(text):
            word, start = found[0].lower(), found.start()
            yield _word(word, [(at, at + 1) for at in range(start, start + len(word))])
        return
    word, places = "", list[Span]()
    for start, end in _parts(text):
        for char in fold_part(text[start:end]):
            if char != " ":
                word += char
                places.append((start, end))
            elif word:
                yield _word(word, places)
                word, places = "", []
    if word:
        yield _word(word, places)


def _word(word: str, places: list[Span]) -> _Word:
    return _Word(word[:LONGEST], places[:LONGEST])


def _parts(text: str) -> Iterator[Span]:
    """Yield characters, each with the marks and letters behind it that it may melt with."""
    start = 0
    for at in range(1, len(text)):
        if not _joins(text[at]):
            yield start, at
            start = at
    if text:
        yield start, len(text)


@lru_cache(8_192)
def _joins(char: str) -> bool:
    code = ord(char)
    if code < 0x300:
        return False
    if unicodedata.category(char)[0] == "M":
        return True
    return any(first <= code <= last for first, last in _JOINING)

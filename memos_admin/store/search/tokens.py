"""What a word is, what a person asks for, and whether a text has it.

A text is folded to words with one space around each. These rules are the index's format: who changes
one raises `FORMAT`, and every index is made anew.

* Forms that look alike are one (NFKC: full-width, half-width, ligatures), so are capitals and small
  letters (casefold) and letters with and without the accents of Latin, Greek and Cyrillic. Invisible
  characters are as if they were not there. Simplified and traditional characters differ.
* A word is a run of letters, digits and marks. In scripts that put no spaces between words (Chinese,
  Japanese, Korean, Thai, …) each character is a word. So is a symbol, such as an emoji.
* Everything else separates words. Of a long word the first `LONGEST` characters count.

A text has what is asked for if it has each term; terms are parted by white space. The words of a term
follow each other directly; its last word may be the beginning of a longer one from two letters on, but
not in ``"quotes"``, which also keep spaces inside a term. There are no operators.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

FORMAT = 2
LONGEST = 64

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1100, 0x11FF),  # parts of Korean syllables
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x9FFF),  # radicals, kana, bopomofo, Chinese
    (0xA000, 0xA4CF),  # Yi
    (0xA960, 0xA97F),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xAC00, 0xD7FF),  # Korean
    (0xF900, 0xFAFF),
    (0x16FE0, 0x18DFF),
    (0x1AFF0, 0x1B2FF),
    (0x20000, 0x3FFFF),  # rarer Chinese
)
_ACCENTS = frozenset((*range(0x0300, 0x0370), *range(0x20D0, 0x2100)))
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0").union(
    map(chr, range(0xFE00, 0xFE10)), map(chr, range(0xE0100, 0xE01F0))
)
"""Characters that are drawn as nothing, beside those of the category Cf."""

_QUOTES = re.compile('["“”„＂]')
_PLAIN = re.compile(r"[\x00-\x7f\u4e00-\u9fff，。、：；？！（）《》「」“”‘’…—]*").fullmatch
"""Tells texts of which folding only makes capitals small and separates: ASCII, usual Chinese."""
_TOO_LONG = re.compile(rf"(\S{{{LONGEST}}})\S+")


class _Folding(dict[int, str]):
    """What stands for a character in a folded text; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFD", chr(code).casefold())
        plain = "".join(char for char in plain if ord(char) not in _ACCENTS)
        self[code] = "".join(map(_folded, unicodedata.normalize("NFC", plain)))
        return self[code]


def _folded(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf" or char in _INVISIBLE:
        return ""
    if category[0] in "LMN":
        return f" {char} " if is_unspaced(char) else char
    if category == "So" or 0x1F3FB <= ord(char) <= 0x1F3FF:  # the skins of emoji are modifiers
        return f" {char} "
    return " "


_FOLDING = _Folding()


def is_unspaced(char: str) -> bool:
    """Return whether a character belongs to a script without spaces between words."""
    code = ord(char)
    return any(first <= code <= last for first, last in _UNSPACED)


def fold(text: str) -> str:
    """Return the words of a text with single spaces between them, and none around."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _TOO_LONG.sub(r"\1", " ".join(plain.translate(_FOLDING).split()))


def fold_part(part: str) -> str:
    """Return what a part of a text becomes, with the spaces around its words."""
    return _fold_short(part) if len(part) <= _SHORT else _fold_long(part)


def _fold_long(part: str) -> str:
    return unicodedata.normalize("NFKC", part).translate(_FOLDING)


_fold_short = lru_cache(8_192)(_fold_long)
_SHORT = 8
"""Characters of a part that is remembered; hostile ones go on for ever."""


@dataclass(frozen=True, slots=True)
class Term:
    """Words that follow each other directly; `open`: the last may be the beginning of a longer one."""

    words: tuple[str, ...]
    open: bool

    @property
    def needle(self) -> str:
        """The text to look for in a folded text that has a space at both ends."""
        return f" {' '.join(self.words)}{'' if self.open else ' '}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks for: all of these terms. Without any nothing is found."""

    terms: tuple[Term, ...]

    def is_in(self, fields: Sequence[str]) -> bool:
        """Return whether each term stands in one of the folded fields of a document."""
        padded = [f" {field} " for field in fields]
        return all(any(term.needle in field for field in padded) for term in self.terms)

    def may_be_in(self, texts: Sequence[str]) -> bool:
        """Return whether these texts, as they are, are worth to be folded: that costs more.

        Where a text is plain, a word that stands in it does so before it is folded.
        """
        small = [text.lower() if text.isascii() or _PLAIN(text) else None for text in texts]
        return all(
            any(text is None or term.words[0] in text for text in small) for term in self.terms
        )


def wanted(text: str) -> Wanted:
    """Return what a text asks for; whatever cannot be understood separates words."""
    parts = _QUOTES.split(text)
    terms: dict[Term, None] = {}
    for number, part in enumerate(parts):
        quoted = number % 2 == 1 and number < len(parts) - 1  # the last quote may be open
        for chunk in [part] if quoted else part.split():
            if words := tuple(fold(chunk).split()):
                terms[Term(words, open=not quoted and len(words[-1]) > 1)] = None
    return Wanted(tuple(terms))

"""Names and codes in a text: what must stand in the source letter by letter. Pure.

Chinese names are told from other words only where a text marks them (“…”, 《…》): without a
dictionary nothing else shows them. Whoever is called 张 is not found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from memos_admin.backend.evidence.dates import is_month
from memos_admin.backend.provenance.quotes import CJK, is_common


class Name(NamedTuple):
    """A name, or a code such as W-88213, as it is compared, with where it stands."""

    key: str
    start: int
    end: int


_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9._-]{0,40}\d)(?=[A-Za-z0-9._-]{0,40}[A-Za-z])"
    r"[A-Za-z0-9]{1,40}(?:[-_.][A-Za-z0-9]{1,40}){0,8}"
)
_FIGURES_FIRST = re.compile(
    r"\d+(?:\.\d+)?[A-Za-z]{1,5}|\d{1,4}(?:-[a-z]{3,20}){1,3}|\d{1,3}[hH]\d{1,2}(?:m|min)?|\d{1,3}(?:\.\d{3})+"
)
"""A number with its unit or what it counts (5-star, 7-year-old), a duration (1h45), a number in groups (1.250.000): no codes."""
_SIZE = re.compile(
    r"(?<![A-Za-z0-9.,])(?P<one>\d{1,6}) ?(?:[x×*]|by|乘以?) ?(?P<other>\d{1,6})(?![A-Za-z0-9]|[.,]\d)",
    re.IGNORECASE,
)
_IN_FIGURES = re.compile(
    r"(?<![A-Za-z0-9.,-])[1-9]\d{0,5}(?:[xX×]\d{1,6}){1,3}(?:[mck]?m|m?g|kg|m?l|in|ft|px)?(?![A-Za-z0-9]|[.,-]\d)"
)
"""A size, or so many of something: 1280x720, 4x100m, 2x500mg."""
_SIGN = re.compile("[xX×]")
_VERSION = re.compile(r"(?<![\w.])\d{1,9}(?:\.\d{1,9}){2,8}(?![\w.])")
_MARKED = re.compile(r"[“「『《]([^“”「」『』《》]{1,30})[”」』》]")
_CAPITAL = re.compile(r"(?<![\w’'-])[A-ZÀ-ÖØ-Þ][\w’'-]*[\w]")
_WORDS = re.compile(r"[A-Za-zÀ-ÿ0-9]+(?:[-_.'’][A-Za-zÀ-ÿ0-9]+)*")
_MARK = re.compile(r"[\W_]+", re.ASCII)
_LATIN = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
_BEGINS = re.compile(
    r"(?:(?<!Dr)(?<!Mr)(?<!Ms)(?<!Mrs)(?<!St)(?<!Prof)(?<!No)(?:^|[.!?:;。！？：；\n…]|[\]】)）]\s*$|[\"“(（•-])\s*$)"
)
_NO_NAMES = frozenset(
    [
        "i",
        "i'm",
        "i'd",
        "i'll",
        "i've",
        "ok",
        "okay",
        "usb",
        "wifi",
        "tv",
        "pdf",
        "html",
        "url",
        "pc",
        "ai",
        "am",
        "pm",
        "eu",
        "us",
        "uk",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "english",
        "chinese",
        "german",
        "french",
        "spanish",
        "japanese",
    ]
)


def names(text: str) -> Iterator[Name]:
    """Yield the names and codes of a text, those at the beginning of a sentence left out."""
    taken: set[int] = set()
    for pattern in (_CODE, _VERSION):
        for match in pattern.finditer(text):
            if not (_FIGURES_FIRST.fullmatch(match[0]) or _IN_FIGURES.fullmatch(match[0])):
                taken.update(range(*match.span()))
                yield Name(folded(match[0]), *match.span())
    for match in _MARKED.finditer(text):
        if CJK.search(match[1]):
            taken.update(range(*match.span(1)))
            yield Name(folded(match[1]), *match.span(1))
    chinese = bool(CJK.search(text))
    for match in (_LATIN if chinese else _CAPITAL).finditer(text):
        word = match[0].replace("’", "'").removesuffix("'s")
        if not taken.isdisjoint(range(*match.span())) or word.lower() in _NO_NAMES:
            continue
        if is_month(word) or is_common(word):
            continue
        if not chinese and _BEGINS.search(text[max(0, match.start() - 8) : match.start()]):
            continue
        if not chinese and match.start() == 0:
            continue
        yield Name(folded(word), match.start(), match.start() + len(word))


def folded(text: str) -> str:
    """Return a text as names are compared: without spaces, hyphens, capitals and accents."""
    if text.isascii():
        return text.lower() if text.isalnum() else _MARK.sub("", text.lower())
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in plain if char.isalnum())


def without_size_signs(text: str) -> str:
    """Return a text of the same length in which the figures of a size such as 1280x720 stand apart: they are numbers."""
    return _IN_FIGURES.sub(lambda found: _SIGN.sub("\x00", found[0]), text)


def sizes(text: str) -> set[str]:
    """Return what a text gives by two figures as names are compared: 1920x1080 of ``1920 by 1080``, 1920乘1080."""
    return {f"{found['one']}x{found['other']}" for found in _SIZE.finditer(text)}


def words_of(text: str) -> set[str]:
    """Return the Latin words and codes of a text as names are compared, with the parts of codes."""
    found = {match[0] for match in _WORDS.finditer(text)}
    parts = {part for word in found if not word.isalnum() for part in _MARK.split(word)}
    return {folded(word.removesuffix("'s").removesuffix("’s")) for word in found | parts}

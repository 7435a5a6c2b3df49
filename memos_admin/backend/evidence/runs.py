"""Codes and long numbers as their letters and figures alone: 138-0013-8000 and 13800138000, AB 12 345 and AB12345. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

_TOKEN = re.compile(r"\d+|[A-Za-z]+")
_BETWEEN = re.compile(r"[ \u00a0\u2009\u202f./·–—_()+-]{0,3}")
_LONGEST_WORD, _LONGEST, _MOST = 5, 40, 16
"""Letters of a part, characters and parts of what is put together."""
_FIGURES, _FIGURES_OF_CODE = 5, 2
"""So many figures has what is compared so, with letters fewer: other numbers are read, not put together."""
_RUN = re.compile(
    r"(?:[A-Za-z]{1,4}[-./]?)?\d[\dA-Za-z]*(?:[-./·]\d[\dA-Za-z]*|[ \u00a0]\d{2}[\dA-Za-z]*)*"
)
_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)+")


def joined(text: str) -> set[str]:
    """Return what the parts of a text come to that stand one behind the other, put together."""
    return {one for one, _start, _end in _all(text)}


def has_joined(text: str, span: tuple[int, int], known: set[str]) -> bool:
    """Whether something in a text is a part of what is known, put together."""
    first, last = max(0, span[0] - 2 * _LONGEST), span[1] + 2 * _LONGEST
    shift = span[0] - first, span[1] - first
    return any(
        start <= shift[0] and shift[1] <= end and one in known
        for one, start, end in _all(text[first:last])
    )


def _all(text: str) -> Iterator[tuple[str, int, int]]:
    tokens = [
        one for one in _TOKEN.finditer(text) if one[0].isdigit() or len(one[0]) <= _LONGEST_WORD
    ]
    together = [
        _BETWEEN.fullmatch(text, one.end(), other.start()) is not None
        for one, other in pairwise(tokens)
    ]
    for at, first in enumerate(tokens):
        whole = ""
        for to in range(at, min(at + _MOST, len(tokens))):
            token = tokens[to]
            if (to > at and not together[to - 1]) or not _is_part(text, token):
                break
            whole += token[0].lower()
            if len(whole) > _LONGEST:
                break
            figures = sum(map(str.isdigit, whole))
            if figures >= (_FIGURES if figures == len(whole) else _FIGURES_OF_CODE):
                yield whole, first.start(), token.end()


def _is_part(text: str, token: re.Match[str]) -> bool:
    """Whether letters may be of a code: capitals, or beside a figure."""
    if token[0].isdigit() or token[0].isupper():
        return True
    start, end = token.span()
    return text[start - 1 : start].isdigit() or text[end : end + 1].isdigit()


def whole_run(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where a number stands with all that it is a part of: no one quotes 138 of 138-0013-8000."""
    first, last = max(0, start - _LONGEST), end + _LONGEST
    for pattern in (_RUN, _WORD):
        for found in pattern.finditer(text, first, last):
            if found.start() < end and start < found.end():
                start, end = min(start, found.start()), max(end, found.end())
    return start, end

"""A text with masks in it, and where each of its characters went. Pure.

A mask is ``[e-mail **]``: what stood there, and in stars how long it was, up to 8, 16, 32 and more
characters. The same text always has the same mask.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

_CLASSES = (8, 16, 32)


class Edit(NamedTuple):
    """A part of a text, and what stands in its place."""

    start: int
    end: int
    mask: str


class Covered(NamedTuple):
    """A text with masks in it.

    Attributes:
        text: what is shown of it.
        edits: in order, by where they are in the original.
    """

    text: str
    edits: Sequence[Edit] = ()

    def moved(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of the original is now; of a mask it has the whole."""
        return self._moved(start, last=False), self._moved(end, last=True)

    def _moved(self, position: int, *, last: bool) -> int:
        before = bisect_right(self.edits, position, key=lambda edit: edit.start)
        shift = 0
        for start, end, mask in self.edits[:before]:
            if start < position < end or (start == position and not last):
                return start + shift + (len(mask) if last else 0)
            if end <= position:
                shift += len(mask) - (end - start)
        return position + shift


def mask(word: str, length: int) -> str:
    """Return what stands for something that is called `word` and was `length` characters long."""
    stars = 1 + sum(length > most for most in _CLASSES)
    return f"[{word} {'*' * stars}]"


def cover(text: str, edits: Sequence[Edit]) -> Covered:
    """Return a text with masks in the place of parts of it, which are in order."""
    if not edits:
        return Covered(text)
    parts, at = [], 0
    for start, end, put in edits:
        parts += [text[at:start], put]
        at = end
    return Covered("".join((*parts, text[at:])), edits)

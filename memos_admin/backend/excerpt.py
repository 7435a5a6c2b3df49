"""A part of a text, with enough around it to know what in it is personal whenever it is shown."""

from __future__ import annotations

from typing import NamedTuple, Self

from memos_admin.backend import display


class Excerpt(NamedTuple):
    """A part of a text.

    Attributes:
        text: the part, and what stands around it.
        start: where the part begins in it.
        end: where it ends.
        follows: something stands before `text`.
        goes_on: something stands behind it.
    """

    text: str
    start: int
    end: int
    follows: bool = False
    goes_on: bool = False

    @classmethod
    def of(cls, text: str, start: int, end: int) -> Self:
        """Return a part of a text of any length."""
        first, last = max(0, start - display.BEFORE), min(len(text), end + display.BEFORE)
        end = min(len(text), end)
        return cls(text[first:last], start - first, end - first, first > 0, last < len(text))

    @property
    def shown(self) -> str:
        """The part with masks as they are now, none of them cut, and ``…`` where there is more."""
        start, end = display.uncut(self.text, self.start, self.end)
        before = display.ELLIPSIS if self.follows or start else ""
        behind = display.ELLIPSIS if self.goes_on or end < len(self.text) else ""
        return f"{before}{display.part(self.text, start, end)}{behind}"

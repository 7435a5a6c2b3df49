"""Pop-ups whose text stays whole, whatever lies below them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import _toast


class UncutStrip(Strip):
    """A line that is drawn at once.

    Textual draws a line in pieces, cut wherever a widget begins or ends, those below too, and a
    character of two cells that a cut goes through is lost. What is above everything needs no pieces.
    """

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Return the whole line for the first piece, and nothing for the others."""
        return [self, *(Strip([], 0) for _cut in [*cuts][1:])]

    def crop(self, start: int, end: int | None = None) -> Strip:
        """Return the whole line where only its beginning is to be drawn."""
        return self if start == 0 else super().crop(start, end)


class Toast(_toast.Toast):
    """A pop-up."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return its lines, never to be cut."""
        return [UncutStrip(strip, strip.cell_length) for strip in super().render_lines(crop)]


def use() -> None:
    """Let pop-ups be ours: Textual's rack of them names its own class."""
    _toast.Toast = Toast  # type: ignore[misc]  # a class in the place of a class

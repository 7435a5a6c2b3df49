"""What the top line of whichever screen is shown says of a project: how far its syncs are, as of when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakSet


@dataclass(frozen=True)
class Progress:
    """How far something is; `total` 0: not known yet."""

    done: int
    total: int
    text: str


class Line(Protocol):
    """What shows it."""

    def refresh(self) -> object:
        """Draw anew."""


class Standing:
    """What many lines show.

    Attributes:
        progress: of the syncs that run; None: none does.
        stop: stops them.
        then: says that not the present is shown; ``""``: it is.
    """

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self.stop: Callable[[], None] = lambda: None
        self.then = ""
        self._lines: WeakSet[Line] = WeakSet()

    def shown_by(self, line: Line) -> None:
        """Draw a line anew whenever the progress is another."""
        self._lines.add(line)

    def set(self, progress: Progress | None) -> None:
        """Show how far the syncs are, or that none runs."""
        self.progress = progress
        self._refresh()

    def set_then(self, text: str) -> None:
        """Say that not the present is shown, whatever else stands in the line. ``""``: it is."""
        if text != self.then:
            self.then = text
            self._refresh()

    def _refresh(self) -> None:
        for line in self._lines:
            line.refresh()

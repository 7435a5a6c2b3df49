"""How far the syncs of a project are, for the top line of whichever screen is shown."""

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
    """The one progress that many lines show.

    Attributes:
        progress: of the syncs that run; None: none does.
        stop: stops them.
    """

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self.stop: Callable[[], None] = lambda: None
        self._lines: WeakSet[Line] = WeakSet()

    def shown_by(self, line: Line) -> None:
        """Draw a line anew whenever the progress is another."""
        self._lines.add(line)

    def set(self, progress: Progress | None) -> None:
        """Show how far the syncs are, or that none runs."""
        self.progress = progress
        for line in self._lines:
            line.refresh()

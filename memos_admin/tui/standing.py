"""What the top line of whichever screen is shown says of a project, and of what one does there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakSet

from memos_admin.language import gettext as _
from memos_admin.tui.layout.fitting import Part


@dataclass(frozen=True)
class Marks:
    """What is said for as long as it holds; ``""``: it does not.

    Attributes:
        changeable: what the project holds in MemOS may be changed.
        warning: what is done is not journaled.
        masked: what of that which is shown is masked, ever shorter; empty: nothing.
        others: whatever else, such as the ticket, in parts that give way.
        fixed: what is shown is as it was then, since nothing can be written.
    """

    changeable: str = ""
    warning: str = ""
    masked: tuple[str, ...] = ()
    others: tuple[Part, ...] = ()
    fixed: str = ""


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
        behind: how far something is that nobody asked for, nor stops; None: nothing is.
        stop: stops them.
        waits: says what keeps what is written waiting, ever shorter; empty: nothing does.
        then: says that not the present is shown, ever shorter; empty: it is.
        marks: what holds wherever one is.
        find_marks: finds out what does.
        changes: how often the store has changed, as far as it was told.
    """

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self.behind: Progress | None = None
        self.stop: Callable[[], None] = lambda: None
        self.waits: tuple[str, ...] = ()
        self.then: tuple[str, ...] = ()
        self.marks = Marks()
        self.find_marks: Callable[[], Marks] = Marks
        self.changes = 0
        self._lines: WeakSet[Line] = WeakSet()

    def shown_by(self, line: Line) -> None:
        """Draw a line anew whenever the progress is another."""
        self._lines.add(line)

    def set(self, progress: Progress | None) -> None:
        """Show how far the syncs are, or that none runs."""
        self.progress = progress
        self._refresh()

    def set_behind(self, progress: Progress | None) -> None:
        """Show how far that is which nobody asked for, or that it is over."""
        self.behind = progress
        self._refresh()

    def set_waits(self, *texts: str) -> None:
        """Say what keeps what is written waiting, before progress and errors; nothing: it goes on."""
        if texts != self.waits:
            self.waits = texts
            self._refresh()

    def set_then(self, *texts: str) -> None:
        """Say that not the present is shown, whatever else stands in the line; nothing: it is.

        The first of the texts is said that there is room for.
        """
        if texts != self.then:
            self.then = texts
            self._refresh()

    @property
    def known_now(self) -> list[Part]:
        """What a screen that shows the present says where the top line says that it is not shown."""
        return [Part(_("as known now, not as of then"))] if self.then else []

    def mark(self) -> None:
        """Say what holds by now."""
        if (marks := self.find_marks()) != self.marks:
            self.marks = marks
            self._refresh()

    def _refresh(self) -> None:
        for line in self._lines:
            line.refresh()

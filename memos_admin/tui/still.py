"""The picture stays as it is until a place that was chosen is there, whose panes are filled one by one."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TypeVar

from textual.app import App
from textual.await_complete import AwaitComplete
from textual.screen import Screen

from memos_admin.tui.desk.place import Place

T = TypeVar("T")

LONGEST = 1.0
"""Seconds for which nothing is drawn at most: from then on a person sees how far it is."""


class Still(App[int]):
    """An app whose picture can be kept for a moment."""

    _still: ExitStack | None = None

    def stand_still(self) -> None:
        """Draw nothing until it is told to, or it took too long."""
        if self._still is None:
            self._still = ExitStack()
            self._still.enter_context(self.batch_update())
            self.set_timer(LONGEST, self.draw_on)

    def draw_on(self) -> None:
        """Draw what is there by now, and all that comes."""
        if self._still is not None:
            still, self._still = self._still, None
            still.close()
            self.screen.refresh(layout=True)


class LeadsTo(Screen[T], inherit_bindings=False):
    """A screen that stays to be seen until the place is there that was chosen on it."""

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Leave the screen; see `Screen.dismiss`."""
        if isinstance(result, Place) and isinstance(self.app, Still):
            self.app.stand_still()
        return super().dismiss(result)

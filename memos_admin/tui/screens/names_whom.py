"""Screens that name whom they are about: what they show is of nobody else, also where reading fails, or is slow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, TypeVar

from textual.screen import Screen

from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.words import troubles

T = TypeVar("T")

_NOT_SAID = object()
"""Whom a screen is about that has not said it yet."""


class NamesWhom(Screen[T], inherit_bindings=False):
    """Screens of this kind put the pane whose title says it into `_pane`.

    Attributes:
        reading: what stands in the pane until something was read.
        unreadable: what is said where that cannot be read, with ``{error}``.
    """

    reading: ClassVar[str] = N_("Reading …")
    unreadable: ClassVar[str] = N_("The list cannot be read: {error}")
    _pane: Pane
    _whose: object = _NOT_SAID

    def turn_to(self, whose: object, *title: str) -> None:
        """Be about somebody from now on, which the title says; nothing of another one is shown any more."""
        before, self._whose = self._whose, whose
        if before not in (whose, _NOT_SAID):
            self.let_go()
        self._pane.set_title(*title)

    def let_go(self) -> None:
        """Show nothing until something is read."""
        self._pane.set_note([])
        self._pane.set_foot("", 0)
        self._pane.wait(_(self.reading))

    @contextmanager
    def reads(self) -> Iterator[object]:
        """Yield whose it is to read, and say it where that fails; not of somebody whom it is no longer about."""
        whose = self._whose
        try:
            yield whose
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            if whose == self._whose:
                self.say_unread(error)

    def say_unread(self, error: Exception) -> None:
        """Say why it could not be read; nothing of what was read before is shown, or can be chosen."""
        self.let_go()
        self._pane.fail(troubles.unread(_(self.unreadable), error))

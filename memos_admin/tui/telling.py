"""What is told and goes by itself: a few words at the bottom, above whatever screen is shown."""

from __future__ import annotations

from typing import Any, cast

from textual.app import App
from textual.notifications import Notification
from textual.screen import Screen

from memos_admin.backend.display import one_line

LONGEST_TOLD = 400
"""Cells of a text that is told."""


class Telling(App[int]):
    """Tells one thing at a time, and those that stay."""

    _told: Notification | None = None
    _told_on: Screen[Any] | None = None

    def on_mount(self) -> None:
        """Follow which screen is looked at."""
        self.screen_change_signal.subscribe(self, self._leave, immediate=True)

    def tell(
        self,
        text: str,
        *,
        below: str = "",
        stays: bool = False,
        on: Screen[Any] | None = None,
    ) -> None:
        """Tell a person something that needs no answer; the text is gated here.

        Args:
            text: takes the place of what was told before.
            below: stands on a line of its own.
            stays: nothing takes its place until its time is over.
            on: the screen that it is about: it goes when another one is looked at, unless it `stays`.
        """
        lines = [one_line(line, LONGEST_TOLD) for line in (text, below) if line]
        told = Notification("\n".join(lines), timeout=6)
        if not stays:
            self._forget()
            self._told, self._told_on = told, on
        self._notifications.add(told)
        self._refresh_notifications()

    def _forget(self) -> None:
        """Tell no longer what was told last, and does not stay."""
        if self._told is not None and self._told in self._notifications:
            self._unnotify(self._told, refresh=False)
        self._told = self._told_on = None

    def _leave(self, screen: Screen[Any]) -> None:
        """Let what was told on another screen not cover this one."""
        if self._told_on not in {None, screen}:
            self._forget()


def tell(screen: Screen[Any], text: str, *, below: str = "", stays: bool = False) -> None:
    """Tell something on a screen, with which it goes; see `Telling.tell`."""
    cast("Telling", screen.app).tell(text, below=below, stays=stays, on=screen)

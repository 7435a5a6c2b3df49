"""Screens that go on telling what the store has, while a sync that runs brings more of it."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.screen import Screen

from memos_admin.tui import background
from memos_admin.tui.session import Session

T = TypeVar("T")

FOLLOW = 1.0
"""Seconds between two looks at whether the store has changed."""


class FollowsStore(Screen[T], inherit_bindings=False):
    """Reads again what it shows when the store has changed, in `_show` or as `read_anew` does it.

    Attributes:
        reads_in: the group of the work that reads.
    """

    reads_in: ClassVar[str]
    _session: Session
    _store_seen = -1

    def on_mount(self) -> None:
        """Follow the store from now on: what is shown is read now."""
        self._store_seen = self._session.standing.changes
        self.set_interval(FOLLOW, self._follow)

    def _follow(self) -> None:
        """Read again, unless it is being read: then it is looked at later."""
        now = self._session.standing.changes
        if now == self._store_seen:
            return
        reads = any(one.group == self.reads_in and not one.is_finished for one in self.workers)
        if not reads and self.follows_now():
            self._store_seen = now
            background.start(self, self.read_anew, self.reads_in)

    def follows_now(self) -> bool:
        """Whether what has changed is to be read now, and not later."""
        return True

    def action_again(self) -> None:
        """Read what is shown."""
        background.start(self, self._show, self.reads_in, awaited=True)

    async def read_anew(self) -> None:
        """Read again what is shown; the cursor stays where it is."""
        await self._show()

    async def _show(self) -> None:
        """Read what is shown."""
        raise NotImplementedError

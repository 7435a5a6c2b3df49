"""Fills the demo when its screen is shown first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memos_admin.backend.times import now_ms

if TYPE_CHECKING:
    from memos_admin.tui.screens.main import MainScreen

_OLD_MS = 3_600_000
"""A demo that was read longer ago has its past only."""

_LOOK_AGAIN = 0.1
"""Seconds between two looks at whether it is filled."""


async def fill(screen: MainScreen) -> None:
    """Read what the demo has now, unless that was done already."""
    if screen.fetching.syncing:
        return
    last = await screen.session.reader(lambda reads: reads.last_run())
    if last is None or now_ms() - last.started_at > _OLD_MS:
        screen.fetching.sync(tell=False)
        _begin_at_the_top(screen)


def _begin_at_the_top(screen: MainScreen) -> None:
    """Stand on the user with the latest activity once it is filled, unless a person has moved."""
    users = screen.desk.panes.users
    here = users.cursor_key

    def look() -> None:
        if screen.fetching.busy or screen.is_reloading:
            return
        timer.stop()
        if screen.pane == "users" and users.cursor_key == here and len(users):
            users.move_to(0, by_hand=False)

    timer = screen.set_interval(_LOOK_AGAIN, look)

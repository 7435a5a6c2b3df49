"""The table ``[watch]`` of ``config.toml``: how a watch on the screen asks, and whether it rings.

::

    [watch]
    interval = 30               # seconds between polls
    bell = true                 # ring the terminal's bell at a change
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from memos_admin.backend import config
from memos_admin.backend.watching.calm import DEFAULT_INTERVAL, SHORTEST_INTERVAL
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.home import Home

_LONGEST = 86_400


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """What ``[watch]`` says."""

    interval: float = DEFAULT_INTERVAL
    bell: bool = False


def of_home(home: Home) -> WatchSettings:
    """Return what a configuration says of watching. Raises HomeError where it cannot be read."""
    return of_table(config.read(home))


def of_table(top: config.Table) -> WatchSettings:
    """Return what a configuration says of watching. Raises ConfigError where that cannot be."""
    table = top.table("watch")
    table.only(("interval", "bell"))
    interval = table.values.get("interval", DEFAULT_INTERVAL)
    number = isinstance(interval, int | float) and not isinstance(interval, bool)
    if not number or not SHORTEST_INTERVAL <= interval <= _LONGEST:
        problem = _("must be a number of seconds from {least} to {most}.")
        raise table.error("interval", problem.format(least=f"{SHORTEST_INTERVAL:g}", most=_LONGEST))
    return WatchSettings(float(interval), table.flag("bell", default=False))

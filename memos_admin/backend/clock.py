"""How far the clock of this machine is from the service's, in words. Pure."""

from __future__ import annotations

from memos_admin.backend.ages import DAY, HOUR, MINUTE
from memos_admin.language import counted
from memos_admin.language import gettext as _

TOLD_MS = 5 * MINUTE
"""From so far on it is told: an answer takes a while, and its date has no parts of a second."""


def apart(ahead: float) -> str:
    """Return how far the clock here is from the service's, a sentence; ``""``: they go together.

    Args:
        ahead: seconds that the one here is ahead, as `Remote.clock_ahead`; 0: that is not known.
    """
    ms = abs(round(ahead * 1000))
    if ms < TOLD_MS:
        return ""
    text = _("The clock of this computer is {time} behind that of MemOS.")
    if ahead > 0:
        text = _("The clock of this computer is {time} ahead of that of MemOS.")
    return text.format(time=_span(ms))


def _span(ms: int) -> str:
    if ms < 2 * HOUR:
        return counted(ms // MINUTE, "{count} minute", "{count} minutes")
    if ms < 2 * DAY:
        return counted(ms // HOUR, "{count} hour", "{count} hours")
    return counted(ms // DAY, "{count} day", "{count} days")

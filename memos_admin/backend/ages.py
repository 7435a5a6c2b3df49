"""How long ago something was, in words: the same wherever it is said. Pure."""

from __future__ import annotations

from memos_admin.language import N_
from memos_admin.language import gettext as _

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
"""Milliseconds."""


def ago(ms: int, now: int) -> str:
    """Return ``just now``, ``5 min ago``, ``3 h ago``, ``2 days ago``, ``5 months ago``."""
    past = now - ms
    if past < -MINUTE:
        return _("in the future")
    if past < MINUTE:
        return _("just now")
    if DAY <= past < 2 * DAY:
        return _("yesterday")
    steps = (
        (HOUR, MINUTE, N_("{count} min ago")),
        (DAY, HOUR, N_("{count} h ago")),
        (60 * DAY, DAY, N_("{count} days ago")),
        (730 * DAY, 30 * DAY, N_("{count} months ago")),
        (past + 1, 365 * DAY, N_("{count} years ago")),
    )
    text, unit = next((text, unit) for limit, unit, text in steps if past < limit)
    return _(text).format(count=past // unit)

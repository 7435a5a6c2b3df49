"""Words for times, counts, views and states, the same on every screen. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from memos_admin.backend.times import local

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

VIEWS = {
    "detail_factual": "Fact",
    "preference": "Preference",
    "tool_memory": "Tool",
    "skill": "Skill",
    "event": "Event",
    "profile": "Profile",
}
"""The views in the order of the service, with the words for them."""

STATUSES = ("activated", "resolving", "archived", "deleted")

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

_PERSPECTIVE = re.compile(
    r"\[\s*(user|assistant)('s)? (perspective|opinion|inference|viewpoint)\s*\]"
    r"|\[\s*(用户|助手)(视角|观点)\s*\]",
    re.IGNORECASE,
)


def count(number: int) -> str:
    """Return ``12,040``."""
    return f"{number:,}"


def counted(number: int, one: str, many: str = "") -> str:
    """Return ``1 memory``, ``2 memories``: `many` is by default `one` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def short_age(ms: int | None, now: int) -> str:
    """Return ``now``, ``5 m``, ``3 h``, then ``17 Sep`` or ``Sep ’24``; ``""`` where unknown."""
    if ms is None:
        return ""
    past = now - ms
    if -MINUTE < past < MINUTE:
        return "now"
    if 0 <= past < HOUR:
        return f"{past // MINUTE} m"
    if 0 <= past < DAY:
        return f"{past // HOUR} h"
    return short_date(ms, now)


def short_date(ms: int, now: int) -> str:
    """Return ``17 Sep`` within the last eleven months, else ``Sep ’24``."""
    day = local(ms)
    month = MONTHS[day.month - 1]
    return f"{day.day} {month}" if abs(now - ms) < 335 * DAY else f"{month} ’{day.year % 100:02d}"


def ago(ms: int, now: int) -> str:
    """Return ``just now``, ``5 min ago``, ``3 h ago``, ``2 days ago``, ``5 months ago``."""
    past = now - ms
    if past < -MINUTE:
        return "in the future"
    steps = (
        (MINUTE, "just now"),
        (HOUR, f"{past // MINUTE} min ago"),
        (DAY, f"{past // HOUR} h ago"),
        (2 * DAY, "yesterday" if past < 2 * DAY else ""),
        (60 * DAY, f"{past // DAY} days ago"),
        (730 * DAY, f"{past // (30 * DAY)} months ago"),
    )
    return next((text for limit, text in steps if past < limit), f"{past // (365 * DAY)} years ago")


def long_day(moment: datetime) -> str:
    """Return ``Tue 10 Jun 2025``."""
    return f"{DAYS[moment.weekday()]} {moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def clock(ms: int) -> str:
    """Return the local time of day, ``09:58``."""
    return f"{local(ms):%H:%M}"


def exact(ms: int | None, now: int) -> str:
    """Return ``17 Sep 2025 09:58:05 +02:00, 2 days ago``; ``unknown`` where it is None."""
    if ms is None:
        return "unknown"
    moment = local(ms)
    offset = f"{moment:%z}"
    return (
        f"{moment.day} {MONTHS[moment.month - 1]} {moment.year} {moment:%H:%M:%S} "
        f"{offset[:3]}:{offset[3:5]}, {ago(ms, now)}"
    )


def idle(ms: int) -> str:
    """Return the length of a pause: ``7 hours``, ``3 days``."""
    if ms < 2 * DAY:
        return counted(round(ms / HOUR), "hour")
    return counted(ms // DAY, "day")


def duration(seconds: float) -> str:
    """Return what is left: ``20 s``, ``4 min``, ``2 h``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"


def size(characters: int) -> str:
    """Return ``1 character``, ``1,204 characters``."""
    return counted(characters, "character")


def view_word(view: str) -> str:
    """Return the word for a view; a view that we do not know is its own word."""
    return VIEWS.get(view, view)


def perspective(content: str) -> str | None:
    """Return whose words a memory's text says that it holds, or None where it does not say.

    Texts carry marks such as ``[user perspective]`` (memos-cloud-api, "Times come in every form").
    """
    found = _PERSPECTIVE.search(content)
    if found is None:
        return None
    who = (found[1] or found[4]).lower()
    if who in {"assistant", "助手"}:
        return "assistant's inference"
    what = (found[3] or "").lower()
    return "user's opinion" if what == "opinion" or found[5] == "观点" else "user perspective"


def without_marks(content: str) -> str:
    """Return a memory's text without its perspective marks, for a line in a list."""
    return _PERSPECTIVE.sub("", content).strip()

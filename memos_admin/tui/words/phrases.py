"""Words for times, counts, views and states, the same on every screen. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len

from memos_admin import language
from memos_admin.backend import ages
from memos_admin.backend.gone_words import ARCHIVED, GONE, WAS_GONE
from memos_admin.backend.perspective import INFERENCE, perspective
from memos_admin.backend.times import local
from memos_admin.backend.view_words import VIEWS
from memos_admin.language import N_, counted
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.history.memories import Absence
    from memos_admin.backend.model import Memory

MONTHS = (
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
    N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
)  # fmt: skip
DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))

STATUSES = {
    "activated": N_("activated"),
    "resolving": N_("resolving"),
    "archived": N_("archived"),
    "deleted": N_("deleted"),
}
"""The statuses of the service, with the words for them."""

ROLES = {
    "user": N_("user"),
    "assistant": N_("assistant"),
    "system": N_("system"),
    "tool": N_("tool"),
}

KINDS = {
    "user": N_("user"),
    "agent": N_("agent"),
    "conversation": N_("conversation"),
    "memory": N_("memory"),
    "task": N_("task"),
}
"""What an id can be of."""

NO_BREAK = "\u00a0"
"""A space that no line breaks at."""

MINUTE, HOUR, DAY = ages.MINUTE, ages.HOUR, ages.DAY

ago = ages.ago

TOLD_ANEW = 20
"""Seconds after which ages are written anew."""


def count(number: int) -> str:
    """Return ``12,040``."""
    return f"{number:,}"


def at_least(number: int, *, whole: bool) -> str:
    """Return ``12,040``, or where not all is known ``12,040+``, or ``?`` of none."""
    if whole:
        return count(number)
    return f"{count(number)}+" if number else "?"


SIGNS = {"least": "≥", "most": "≤", "about": "~"}
"""What a number is that is not exact, before it."""


def bounded(number: int, bound: str) -> str:
    """Return the same of memories of which some may be in doubt: ``≤12,040``, or ``~12,040`` where both is so."""
    if bound in {"most", "about"}:
        return f"{SIGNS[bound]}{count(number)}"
    return at_least(number, whole=bound == "exact")


def of(number: int, total: int) -> str:
    """Return ``2 of 12``."""
    return _("{number} of {total}").format(number=count(number), total=count(total))


def memories(number: int) -> str:
    """Return ``1 memory``, ``12,040 memories``."""
    return counted(number, "{count} memory", "{count} memories")


def messages(number: int) -> str:
    """Return ``1 message``, ``12,040 messages``."""
    return counted(number, "{count} message", "{count} messages")


def short_age(ms: int | None, now: int) -> str:
    """Return ``now``, ``5 m``, ``3 h``, then ``17 Sep`` or ``Sep ’24``; ``""`` where unknown."""
    if ms is None:
        return ""
    past = now - ms
    if -MINUTE < past < MINUTE:
        return _("now")
    if 0 <= past < HOUR:
        return _("{count} m").format(count=past // MINUTE)
    if 0 <= past < DAY:
        return _("{count} h").format(count=past // HOUR)
    return short_date(ms, now)


def short_date(ms: int, now: int) -> str:
    """Return ``17 Sep`` within the last eleven months, else ``Sep ’24``."""
    day = local(ms)
    month = _(MONTHS[day.month - 1])
    if abs(now - ms) < 335 * DAY:
        return day_of_month(day)
    return _("{month} ’{year}").format(month=month, year=f"{day.year % 100:02d}")


def day_of_month(day: datetime) -> str:
    """Return ``17 Sep``."""
    return _("{day} {month}").format(day=day.day, month=_(MONTHS[day.month - 1]))


def age_cells() -> int:
    """Return the width of a column of `short_age`."""
    return _age_cells(language.active())


@lru_cache
def _age_cells(_language: str) -> int:
    last = datetime(2000, 12, 31)  # noqa: DTZ001 - only its letters are looked at
    year = _("{month} ’{year}").format(month=_(MONTHS[11]), year="00")
    hours = _("{count} h").format(count=23), _("{count} m").format(count=59), _("now")
    return widest([day_of_month(last), year, *hours])


def widest(texts: Iterable[str]) -> int:
    """Return the cells of the widest of texts."""
    return max(map(cell_len, texts))


def as_of(ms: int, now: int) -> str:
    """Return ``as of now``, ``as of 5 min ago``."""
    if -MINUTE <= now - ms < MINUTE:
        return _("as of now")
    return _("as of {age}").format(age=ago(ms, now))


def long_day(moment: datetime) -> str:
    """Return ``Tue 10 Jun 2025``."""
    return _("{weekday} {day} {month} {year}").format(
        weekday=_(DAYS[moment.weekday()]),
        day=moment.day,
        month=_(MONTHS[moment.month - 1]),
        year=moment.year,
    )


def minute(moment: datetime, *, year: bool, seconds: bool = False) -> str:
    """Return ``10 Jun 10:40``, or ``10 Jun 2025 10:40``, or that with its seconds."""
    text = _("{day} {month} {year} {time}") if year else _("{day} {month} {time}")
    return text.format(
        day=moment.day,
        month=_(MONTHS[moment.month - 1]),
        year=moment.year,
        time=f"{moment:%H:%M:%S}" if seconds else f"{moment:%H:%M}",
    )


def clock(ms: int) -> str:
    """Return the local time of day, ``09:58``."""
    return f"{local(ms):%H:%M}"


def clock_seconds(ms: int) -> str:
    """Return the same with its seconds, ``09:58:05``."""
    return f"{local(ms):%H:%M:%S}"


def exact(ms: int | None, now: int) -> str:
    """Return ``17 Sep 2025 09:58:05 +02:00, 2 days ago``; ``unknown`` where it is None.

    A line may break before the age, not in it.
    """
    if ms is None:
        return _("unknown")
    moment = local(ms)
    offset = f"{moment:%z}"
    return _("{day} {month} {year} {time} {zone}, {age}").format(
        day=moment.day,
        month=_(MONTHS[moment.month - 1]),
        year=moment.year,
        time=f"{moment:%H:%M:%S}",
        zone=f"{offset[:3]}:{offset[3:5]}",
        age=ago(ms, now).replace(" ", NO_BREAK),
    )


def idle(ms: int) -> str:
    """Return the length of a pause: ``7 hours``, ``3 days``."""
    if ms < 2 * DAY:
        return counted(round(ms / HOUR), "{count} hour", "{count} hours")
    return counted(ms // DAY, "{count} day", "{count} days")


def duration(seconds: float) -> str:
    """Return what is left: ``20 s``, ``4 min``, ``2 h``."""
    if seconds < 90:
        return _("{count} s").format(count=max(1, round(seconds)))
    if seconds < 5400:
        return _("{count} min").format(count=round(seconds / 60))
    return _("{count} h").format(count=round(seconds / 3600))


def size(characters: int) -> str:
    """Return ``1 character``, ``1,204 characters``."""
    return counted(characters, "{count} character", "{count} characters")


def view_word(view: str) -> str:
    """Return the word for a view; a view that we do not know is its own word."""
    return _(VIEWS[view]) if view in VIEWS else view


def status_word(status: str) -> str:
    """Return the word for a status; one that we do not know is its own word."""
    return _(STATUSES[status]) if status in STATUSES else status


def full_status(status: str) -> str:
    """Return the word for a status, and the service's own where that is another one."""
    word = status_word(status)
    return word if word == status else f"{word} {status}"


def reason_word(reason: str) -> str:
    """Return the words for why a memory is gone; another status of the service is its own word."""
    return _(GONE[reason]) if reason in GONE else status_word(reason)


def absence(one: Absence) -> str:
    """Return when a memory was not listed for a while, and why."""
    gone, back = (minute(local(ms), year=True) for ms in (one.vanished_at, one.returned_at))
    if one.reason is None:
        return _("not listed from {gone} until {back}").format(gone=gone, back=back)
    text = _("not listed from {gone} until {back}: {reason}")
    known = WAS_GONE.get(one.reason)
    reason = _(known) if known else status_word(one.reason)
    return text.format(gone=gone, back=back, reason=reason)


def role_word(role: str) -> str:
    """Return the word for a role; one that we do not know is its own word."""
    return _(ROLES[role]) if role in ROLES else role


def view_cells() -> int:
    """Return the width of a column of views."""
    return _view_cells(language.active())


@lru_cache
def _view_cells(_language: str) -> int:
    return widest(map(view_word, VIEWS))


def state(memory: Memory, now: int) -> str:
    """Return what is special about a memory in a word or two, ``""`` where nothing is."""
    if memory.vanished_at is not None:
        archived, gone = _("archived {day}"), _("gone since {day}")
        since = archived if memory.reason == ARCHIVED else gone
        return since.format(day=short_date(memory.vanished_at, now))
    if memory.in_doubt and memory.missed_at is not None:
        return _("in doubt since {day}").format(day=short_date(memory.missed_at, now))
    return state_word(memory)


def state_word(memory: Memory) -> str:
    """Return the same in a word where there is no room for when."""
    if memory.vanished_at is not None:
        return status_word(ARCHIVED) if memory.reason == ARCHIVED else _("gone")
    if memory.in_doubt:
        return _("in doubt")
    if memory.status and memory.status != "activated":
        return status_word(memory.status)
    if perspective(memory.content) == INFERENCE:
        return _("inferred")
    return ""

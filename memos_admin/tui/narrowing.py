"""The filter of the memories: in words, made wider, ordered by the next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar, get_args

from memos_admin.backend.model import Filter, MemoryOrder
from memos_admin.backend.times import local
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui import phrases
from memos_admin.tui.fitting import Part

T = TypeVar("T")

PERIODS = (
    ("1", N_("24 hours")),
    ("7", N_("7 days")),
    ("30", N_("30 days")),
    ("365", N_("12 months")),
)
"""Days since memories were updated, and the words for them."""


def chips(chosen: Filter) -> list[Part]:
    """Return the filters of the memories in words, which say less where the room is short."""
    views = [phrases.view_word(view) for view in sorted(chosen.views)]
    parts = []
    if chosen.as_of is not None:
        parts.append(Part(_("as of {time}").format(time=then(chosen.as_of))))
    parts += [Part(_("view {view}").format(view=view), (view,)) for view in views]
    parts += [Part(_("tag {tag}").format(tag=tag), (tag,)) for tag in sorted(chosen.tags)]
    statuses = [phrases.status_word(status) for status in sorted(chosen.statuses)]
    parts += [Part(_("status {status}").format(status=word), (word,)) for word in statuses]
    if chosen.vanished is not None:
        parts.append(Part(_("gone") if chosen.vanished else _("listed now")))
    if chosen.since is not None:
        since = then(chosen.since).removesuffix(" 00:00")
        parts.append(Part(_("since {time}").format(time=since)))
    return parts


def then(ms: int) -> str:
    """Return a local time: ``2026-11-12 10:00``."""
    return f"{local(ms):%Y-%m-%d %H:%M}"


def exactly(ms: int) -> str:
    """Return a local time with what tells two of a minute apart: ``2026-11-12 10:00:07.250``."""
    return local(ms).isoformat(" ", "milliseconds")[:23]


def days_ago(days: int, now: int) -> int:
    """Return since when so many days are, UTC milliseconds: of several, from a day's beginning."""
    if days == 1:
        return now - phrases.DAY
    then = local(now) - timedelta(days=days)
    return int(then.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def moment(key: str, now: int) -> int | None:
    """Return the instant that a choice names: milliseconds, minus so many days ago, ``""``: now."""
    if not key:
        return None
    return now + int(key) * phrases.DAY if key.startswith("-") else int(key)


def day(text: str) -> int | None:
    """Return when a day begins here, UTC milliseconds; None for a text that is no day."""
    try:
        begins = datetime.strptime(text.strip(), "%Y-%m-%d").astimezone()
    except (ValueError, OverflowError):
        return None
    return int(begins.timestamp() * 1000)


def wider(chosen: Filter) -> Filter:
    """Return the filter without the last of its conditions, itself where it has none."""
    nothing = Filter()
    for name in ("since", "vanished", "statuses", "tags", "views", "as_of"):
        if getattr(chosen, name) != getattr(nothing, name):
            return replace(chosen, **{name: getattr(nothing, name)})
    return chosen


def next_order(chosen: Filter) -> Filter:
    """Return the filter in the next order."""
    return ordered(chosen, following(get_args(MemoryOrder), chosen.order))


def ordered(chosen: Filter, order: MemoryOrder) -> Filter:
    """Return the filter in another order, the way round that is asked for most."""
    return replace(chosen, order=order, descending=order not in {"title", "view", "status"})


def following(values: Sequence[T], value: T) -> T:
    """Return the value behind another one, the first one behind the last."""
    return values[(values.index(value) + 1) % len(values)]


GONE, LISTED = "+gone", "+listed"
"""Stand beside the statuses for whether a memory is still listed."""


def with_view(chosen: Filter, view: str) -> Filter:
    """Return the filter with one view instead of others; ``""``: with all."""
    return replace(chosen, views=_one(view))


def with_tag(chosen: Filter, tag: str) -> Filter:
    """Return the filter with one tag instead of others; ``""``: with any."""
    return replace(chosen, tags=_one(tag))


def with_status(chosen: Filter, status: str) -> Filter:
    """Return the filter with one status, `GONE` or `LISTED` instead; ``""``: with any."""
    if status in {GONE, LISTED}:
        return replace(chosen, statuses=frozenset(), vanished=status == GONE)
    return replace(chosen, statuses=_one(status), vanished=None)


def _one(value: str) -> frozenset[str]:
    return frozenset({value} if value else ())

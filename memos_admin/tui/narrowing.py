"""The filter of the memories: in words, made wider, ordered by the next. Pure."""

from __future__ import annotations

from dataclasses import replace

from memos_admin.backend.model import Filter, MemoryOrder
from memos_admin.tui import phrases

MEMORY_ORDERS: tuple[MemoryOrder, ...] = ("updated", "created", "title", "view", "confidence")


def chips(chosen: Filter) -> list[str]:
    """Return the filters of the memories in words."""
    parts = [f"view {phrases.view_word(view)}" for view in sorted(chosen.views)]
    parts += [f"tag {tag}" for tag in sorted(chosen.tags)]
    parts += [f"status {status}" for status in sorted(chosen.statuses)]
    if chosen.vanished is not None:
        parts.append("gone" if chosen.vanished else "listed now")
    return parts


def wider(chosen: Filter) -> Filter:
    """Return the filter without the last of its conditions, itself where it has none."""
    nothing = Filter()
    for name in ("vanished", "statuses", "tags", "views"):
        if getattr(chosen, name) != getattr(nothing, name):
            return replace(chosen, **{name: getattr(nothing, name)})
    return chosen


def next_order(chosen: Filter) -> Filter:
    """Return the filter ordered by the next of `MEMORY_ORDERS`."""
    at = MEMORY_ORDERS.index(chosen.order) + 1 if chosen.order in MEMORY_ORDERS else 0
    order = MEMORY_ORDERS[at % len(MEMORY_ORDERS)]
    return replace(chosen, order=order, descending=order not in {"title", "view"})

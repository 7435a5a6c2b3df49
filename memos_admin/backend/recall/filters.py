"""Whether a memory passes a filter of ``search/memory``, as far as its own item tells.

The service does not say what a filter kept out. A field that the item does not have may be there all
the same, and nothing says in which zone a date of a filter begins: then the answer is None, unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from memos_admin.backend.times import parse_service_time, to_ms

_HOUR = 3_600_000
_DAY = 24 * _HOUR
_MARGIN = 28 * _HOUR
"""How far a date may be from where it begins in UTC: a zone of the date, and one of a time without it."""

_COMPARISONS = frozenset({"lt", "lte", "gt", "gte"})
_TIMES = {
    "create_time": ("create_time", "created_at"),
    "update_time": ("update_time", "updated_at"),
}


def passes(wanted: Mapping[str, Any] | None, item: Mapping[str, Any], user_id: str) -> bool | None:
    """Return whether an item of an answer passes a filter; None: that cannot be told.

    Args:
        wanted: the filter; None lets everything through.
        item: the service's own object of the memory.
        user_id: whose memory it is.
    """
    if not wanted:
        return True
    if len(wanted) != 1:
        return None
    root, conditions = next(iter(wanted.items()))
    if root == "user" and isinstance(conditions, Mapping):
        return passes(conditions, item, user_id)
    if root not in {"and", "or"} or not isinstance(conditions, list):
        return None
    told = [
        _passes(name, value, item, user_id)
        for condition in conditions
        if isinstance(condition, Mapping)
        for name, value in condition.items()
    ]
    if any(not isinstance(condition, Mapping) for condition in conditions):
        told.append(None)
    return _all(told) if root == "and" else _any(told)


def _all(told: Iterable[bool | None]) -> bool | None:
    told = list(told)
    if False in told:
        return False
    return None if None in told else True


def _any(told: Iterable[bool | None]) -> bool | None:
    told = list(told)
    if not told:
        return None  # what an empty `or` lets through is not documented
    if True in told:
        return True
    return None if None in told else False


def _passes(  # noqa: PLR0911 - one line a field
    name: str, value: Any, item: Mapping[str, Any], user_id: str
) -> bool | None:
    if name in _TIMES:
        return _in_time(value, item, _TIMES[name])
    if name == "tags":
        tags = item.get("tags")
        if not isinstance(value, Mapping) or list(value) != ["contains"]:
            return None
        return value["contains"] in tags if isinstance(tags, list) else None
    if name == "related_id":
        return True if isinstance(value, list) and user_id in value else None
    if name in {"agent_id", "app_id", "user_id"}:
        return item[name] == value if item.get(name) is not None else None
    info = item.get("info")
    if isinstance(info, Mapping) and name in info:
        return bool(info[name] == value)
    return None


def _in_time(value: Any, item: Mapping[str, Any], names: tuple[str, ...]) -> bool | None:
    if not isinstance(value, Mapping) or not value or not value.keys() <= _COMPARISONS:
        return None
    given = [item[name] for name in names if name in item]
    if not given:
        return None
    said = next((one for one in given if one is not None), None)
    if said is None:
        return False  # documented: no time never matches
    moment = parse_service_time(str(said), UTC)
    if moment is None:
        return None
    return _all(_on_its_side(word, day, moment) for word, day in value.items())


def _on_its_side(word: str, day: Any, moment: int) -> bool | None:
    try:
        begins = to_ms(datetime.strptime(str(day), "%Y-%m-%d").replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
    if moment < begins - _MARGIN:
        return word in {"lt", "lte"}
    if moment >= begins + _DAY + _MARGIN:
        return word in {"gt", "gte"}
    return None

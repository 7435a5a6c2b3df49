"""The ``filter`` of get/memory, search/memory and delete/memory.

Times are compared with dates, and with nothing but dates: every published example has one, and
nothing says that a time of day or an epoch works. A date means its first instant, UTC. A memory
without the time never matches. ``tags`` is documented for search only and refused elsewhere.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from memos_admin.emulator import codes
from memos_admin.emulator.codes import ApiError
from memos_admin.emulator.records import Record

Test = Callable[[Record], bool]

GROUPS: Final = ("user", "agent", "public", "knowledgebase")
COMPARISONS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "lt": operator.lt,
    "gt": operator.gt,
    "lte": operator.le,
    "gte": operator.ge,
}


@dataclass(frozen=True)
class Filter:
    """A compiled filter.

    Attributes:
        low, high: bounds of the update time in epoch milliseconds that the filter implies, `high`
            excluded; None where it implies none.
    """

    tests: tuple[Test, ...]
    every: bool
    low: int | None = None
    high: int | None = None

    def matches(self, record: Record) -> bool:
        """Whether a memory passes."""
        results = (test(record) for test in self.tests)
        return all(results) if self.every else any(results)


EVERYTHING: Final = Filter((), every=True)


def compile_filter(raw: object, *, search: bool = False) -> Filter:
    """Return the compiled filter; `EVERYTHING` for None or ``{}``. Raises ApiError.

    Args:
        raw: the value of ``filter``.
        search: allows ``tags`` and groups under ``user``, ``agent``, ``public``, ``knowledgebase``,
            of which the one for users is what counts here.
    """
    if raw is None or raw == {}:
        return EVERYTHING
    if not isinstance(raw, Mapping):
        raise ApiError(codes.INVALID, "filter must be an object")
    if search and raw and all(group in GROUPS for group in raw):
        return compile_filter(raw.get("user"), search=True)
    if len(raw) != 1 or next(iter(raw)) not in {"and", "or"}:
        raise ApiError(codes.INVALID, "the root of a filter must be either and or or")
    root, conditions = next(iter(raw.items()))
    if not isinstance(conditions, list):
        raise ApiError(codes.INVALID, f"filter.{root} must be a list of conditions")
    tests: list[Test] = []
    low: int | None = None
    high: int | None = None
    for condition in conditions:
        if not isinstance(condition, Mapping) or not condition:
            raise ApiError(codes.INVALID, "a filter condition must be an object")
        for name, value in condition.items():
            test, bounds = _condition(name, value, search=search)
            tests.append(test)
            if root == "and" and name == "update_time":
                low = max((n for n in (low, bounds[0]) if n is not None), default=None)
                high = min((n for n in (high, bounds[1]) if n is not None), default=None)
    return Filter(tuple(tests), root == "and" or not tests, low, high)


Bounds = tuple[int | None, int | None]


def _condition(name: str, value: Any, *, search: bool) -> tuple[Test, Bounds]:
    """Return the test of one field, and the bounds that it sets if it compares a time."""
    if name in {"create_time", "update_time"}:
        return _time_condition(name, value)
    if name == "tags":
        return _tag_condition(value, search=search), (None, None)
    if name == "related_id":
        if not isinstance(value, list):
            raise ApiError(codes.INVALID, "related_id must be a list of ids")
        wanted = frozenset(map(str, value))
        return lambda record: any(s.id in wanted for s in record.subjects), (None, None)
    if name in {"agent_id", "user_id"}:
        kind = name.removesuffix("_id")
        return lambda record: any(s == (kind, value) for s in record.subjects), (None, None)
    if name == "app_id":
        return lambda record: record.app_id == value, (None, None)
    if isinstance(value, (Mapping, list)):
        raise ApiError(codes.INVALID, f"{name} must be compared with a plain value")
    return lambda record: (record.item.get("info") or {}).get(name) == value, (None, None)


def _tag_condition(value: Any, *, search: bool) -> Test:
    if not search:
        raise ApiError(codes.UNSUPPORTED, "tags can be filtered in search/memory only")
    if not isinstance(value, Mapping) or list(value) != ["contains"]:
        raise ApiError(codes.INVALID, "tags must be an object with contains")
    tag = value["contains"]
    return lambda record: tag in (record.item.get("tags") or ())


def _time_condition(name: str, value: Any) -> tuple[Test, Bounds]:
    if not isinstance(value, Mapping) or not value or not set(value) <= set(COMPARISONS):
        raise ApiError(codes.INVALID, f"{name} must be an object with lt, gt, lte or gte")
    limits = [(word, _date(name, text)) for word, text in value.items()]

    def test(record: Record) -> bool:
        moment = record.created if name == "create_time" else record.updated
        return moment is not None and _within(moment, limits)

    low = max((limit for word, limit in limits if word in {"gt", "gte"}), default=None)
    high = min(
        (limit + (word == "lte") for word, limit in limits if word in {"lt", "lte"}), default=None
    )
    return test, (low, high)


def _within(moment: int, limits: Sequence[tuple[str, int]]) -> bool:
    return all(COMPARISONS[word](moment, limit) for word, limit in limits)


def _date(name: str, text: Any) -> int:
    try:
        day = datetime.strptime(str(text), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ApiError(codes.INVALID, f"{name} takes dates like 2025-12-10") from None
    return int(day.timestamp()) * 1000

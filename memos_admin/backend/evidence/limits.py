"""The side of a time of day or a date that a clause is about: before noon, after 8 pm, 十点以后. Pure."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

_TIME = (
    r"(?:the |about |around |my )?(?:\d|noon|midday|midnight|half|quarter|one|two|three|four|five|six|seven|eight|nine|ten|eleven"
    r"|twelve|breakfast|lunch|dinner|supper|dark|sunset|sunrise|dawn|work|school|weekend|tomorrow|christmas|easter|new year"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october|november"
    r"|december)"
)
_LIMIT = re.compile(
    rf"\b(?:(?P<before>before|earlier than|prior to)|(?P<after>after|past|later than)) {_TIME}"
    r"|(?:点半?|[号午晚夜早饭节底]|星期[一二三四五六日天]|周[一二三四五六日]|[下上]班)钟?"
    r"(?:(?P<cn_before>之前|以前|前(?!台|面|后|天))|(?P<cn_after>之后|以后|过后|后(?!面|天|院|门)))",
    re.IGNORECASE,
)


Side = Literal["before", "after"]


class Limit(NamedTuple):
    """Where a clause says so, as (start, end)."""

    side: Side
    span: tuple[int, int]


def limit_of(part: str) -> Limit | None:
    """Return the side of a time that a clause is about; None: it names none, or both."""
    found: dict[Side, tuple[int, int]] = {}
    for one in _LIMIT.finditer(part):
        found["before" if one["before"] or one["cn_before"] else "after"] = one.span()
    return Limit(*next(iter(found.items()))) if len(found) == 1 else None

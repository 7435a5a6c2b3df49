"""Days that are told from the day on which they were written: “next Tuesday”, 上周二. Pure."""

from __future__ import annotations

import re

from memos_admin.backend.evidence.dates import days, told_from_today
from memos_admin.backend.evidence.denials import clause_spans
from memos_admin.backend.hygiene.finding import Hit

_DAY_MS = 86_400_000
_AGAIN = re.compile(
    r"\b(?:every|each|always|usually|often|daily|weekly|monthly|whenever)\b|每|天天|经常|通常|平时|总是",
    re.IGNORECASE,
)
"""What is told of any week stays true."""


def stale(text: str, written: int, now: int, stale_days: int) -> Hit | None:
    """Return the first such day of a text that was written too long ago; none where a date stands beside it."""
    age = (now - written) // _DAY_MS
    if age <= stale_days:
        return None
    spans = told_from_today(text)
    if not spans or any(day.month and (day.day or day.year) for day in days(text)):
        return None
    for start, end in clause_spans(text):
        if _AGAIN.search(text, start, end):
            continue
        for first, last in spans:
            if start <= first < end:
                return Hit(parts=(text[first:last],), number=age)
    return None

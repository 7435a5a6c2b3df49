"""Whether a text holds data of somebody near to the user, who never agreed to that. Pure.

Only where both stand in one clause: somebody such as a sister or 同事, and a topic that is sensitive, an
address, a birthday, or what screen-safe mode masks. Whoever is called by a name alone is not seen.
"""

from __future__ import annotations

import re

from memos_admin.backend.evidence.denials import clause_spans
from memos_admin.backend.evidence.persons import named
from memos_admin.backend.hygiene.finding import Hit
from memos_admin.backend.hygiene.topics import told
from memos_admin.backend.masking.finding import find

_PRIVATE = re.compile(
    r"\bborn (?:on|in)\b|\bbirthday\b|\bdate of birth\b|\blives? at \d|\b\d{1,5} [A-Z]\w+ (?:street|st|road|lane|avenue|ave|way)\b"
    r"|生日|出生于|住址|家庭地址|身份证|住在[^，。；]{0,20}\d{1,5}号",
    re.IGNORECASE,
)


def other_person(text: str) -> Hit | None:
    """Return whose data a text holds and of which kind; the data itself is not quoted."""
    spans = named(text)
    if not spans:
        return None
    data = [(one.start, one.kind) for one in find(text)]
    for start, end in _sentences(text):
        whose = next((text[first:last] for first, last in spans if start <= first < end), None)
        if whose is None:
            continue
        kinds: set[str] = {kind for at, kind in data if start <= at < end}
        kinds |= {one.topic for one in told(text[start:end])}
        if _PRIVATE.search(text, start, end):
            kinds.add("address or birthday")
        if kinds:
            return Hit(",".join(sorted(kinds)), (whose,))
    return None


def _sentences(text: str) -> list[tuple[int, int]]:
    """Return the clauses of a text; an address has full stops, which end none here."""
    joined: list[tuple[int, int]] = []
    for start, end in clause_spans(text):
        if joined and text[start - 1] == "." and not text[start].isspace():
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined

"""Whether a text tells of what is sensitive. Pure."""

from __future__ import annotations

from collections.abc import Collection

from memos_admin.backend.hygiene.finding import Hit
from memos_admin.backend.hygiene.kinds import TOPICS, Topic
from memos_admin.backend.hygiene.topics import told

_MOST = 6
"""Words that are named."""


def sensitive(text: str, topics: Collection[Topic]) -> Hit | None:
    """Return the topics that a text tells of, and by which words."""
    found = list(told(text, topics))
    if not found:
        return None
    named = {one.topic for one in found}
    words = dict.fromkeys(text[one.start : one.end] for one in found)
    kinds = ",".join(topic for topic in TOPICS if topic in named)
    return Hit(kinds, tuple(words)[:_MOST])

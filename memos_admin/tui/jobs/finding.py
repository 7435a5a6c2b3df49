"""Finding words in a transcript."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memos_admin.backend.model import Reads

_AT_ONCE = 500


def pattern(text: str) -> re.Pattern[str] | None:
    """Return what matches `text` wherever it stands, capitals and runs of white space aside.

    None where there is nothing to look for.
    """
    words = text.split()
    return re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE) if words else None


def spans(sought: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Return where the words stand in a text."""
    return [found.span() for found in sought.finditer(text)]


def messages_with(reads: Reads, keys: Sequence[int], sought: re.Pattern[str]) -> list[int]:
    """Return the keys of those messages whose whole text has the words, in their order."""
    return [
        message.pk
        for start in range(0, len(keys), _AT_ONCE)
        for message in reads.messages(keys[start : start + _AT_ONCE])
        if sought.search(message.content)
    ]

"""Where the most frequent Chinese characters follow each other: words of the index of their own.

Each of these is in a large part of all Chinese texts. To look for a phrase that is made of them alone
FTS5 would walk through all places of each, though they may never meet: 110 ms at a million memories. So
where some of them follow each other, the index has each two of them as one word too, which is in far
fewer texts. Who changes the characters raises `FORMAT` of `tokens`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

FREQUENT = (
    "的一是不了人我在有他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可"
    "她里后小么心多天而能好都然没"
)
_RUN = re.compile(f"[{FREQUENT}](?: [{FREQUENT}])+")
_PAIR = "\ue001"


def runs_in(field: str) -> Iterator[str]:
    """Yield for each place of a folded text where frequent characters follow each other their pairs."""
    if not field.isascii():
        for run in _RUN.finditer(field):
            yield _pairs(run[0][::2])


def run_of(words: Sequence[str]) -> str | None:
    """Return the pairs of a phrase; None where it is not made of frequent characters alone."""
    if len(words) < 2 or any(len(word) > 1 or word not in FREQUENT for word in words):
        return None
    return _pairs(words)


def _pairs(characters: Sequence[str]) -> str:
    return " ".join(f"{_PAIR}{a}{b}" for a, b in pairwise(characters))

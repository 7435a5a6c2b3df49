"""Sentences in English and Chinese with what is personal or secret in them, labelled by hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

LANGUAGES = (
    *("english", "chinese", "english-unseen", "chinese-unseen", "chats", "chats-unseen"),
    *("talks-unseen", "broken-unseen"),
)
"""The finder was looked through with the first two, *chats* and *chats-unseen*; not with the others, of which
*talks-unseen* and *broken-unseen* alone were written before the rules of today.
"""

_SIGNS = str.maketrans("⏎␛", "\n\x1b")
"""What stands for what a line of a file cannot have."""

_LABEL = re.compile(r"\{\{([^|]+)\|([^}]+)\}\}")


class Sentence(NamedTuple):
    """A sentence, and the parts of it that are to be found: start, end, kind."""

    text: str
    parts: frozenset[tuple[int, int, str]]


def sentences(language: str) -> list[Sentence]:
    """Return the sentences of a language."""
    file = Path(__file__).with_name(f"{language}.txt")
    lines = file.read_text("utf-8").splitlines()
    return [
        _sentence(line.translate(_SIGNS)) for line in lines if line and not line.startswith("#")
    ]


def _sentence(line: str) -> Sentence:
    text, at = "", 0
    parts = set()
    for label in _LABEL.finditer(line):
        text += line[at : label.start()]
        parts.add((len(text), len(text) + len(label[2]), label[1]))
        text, at = text + label[2], label.end()
    return Sentence(text + line[at:], frozenset(parts))

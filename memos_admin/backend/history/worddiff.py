"""What two texts have in common and what not, word by word; of CJK, character by character.

A number, a time or a code in figures is one word: ``1,240`` is no ``1,420`` with another end.

While a veil is drawn what is personal is one word, and its mask stands in the parts: once half an
address stood in one part and half in another, nobody would know it for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Literal, NamedTuple

from memos_admin.backend import display
from memos_admin.backend.figures import CHINESE, JOINED, LETTER

_WORD = re.compile(rf"[{CHINESE}]|{LETTER}+(?:{JOINED})+|\w+?(?=[{CHINESE}]|\W|$)|\s+|\W")

_MOST_COMPARED = 2_000
"""Words on a side that differ; comparing takes the square of that. More are one change."""


class _Word(NamedTuple):
    """What is compared, and what is shown of it."""

    said: str
    shown: str


class Part(NamedTuple):
    """A part of a text: in both, in the earlier one only, or in the later one only."""

    kind: Literal["same", "gone", "new"]
    text: str


def marked(part: Part) -> str:
    """Return a part with its mark: ``[-gone-]``, ``{+new+}``, what is the same as it is."""
    if part.kind == "same":
        return part.text
    return f"[-{part.text}-]" if part.kind == "gone" else f"{{+{part.text}+}}"


def around(parts: Sequence[Part], most: int) -> list[Part]:
    """Return parts with so many characters at most of what is the same on each side of a difference."""
    found = []
    for number, part in enumerate(parts):
        text = part.text
        before, after = most if number else 0, most if number + 1 < len(parts) else 0
        if part.kind == "same" and len(text) > before + after + 1:
            text = f"{text[:before]}…{text[len(text) - after :]}"
        found.append(Part(part.kind, text))
    return found


def word_diff(before: str, after: str, *beside: str) -> list[Part]:
    """Return the parts of two texts in order: what is gone stands before what came in its place.

    `beside`: texts that may make known what is masked in these, such as those below two titles.
    """
    old, new = _words(before, after, *beside), _words(after, before, *beside)
    head = _in_common(old, new)
    tail = _in_common(old[head:][::-1], new[head:][::-1])
    inside = old[head : len(old) - tail], new[head : len(new) - tail]
    parts = [
        Part("same", _shown(old[:head])),
        *_differing(*inside),
        Part("same", _shown(old[len(old) - tail :])),
    ]
    return [part for part in parts if part.text]


def _words(text: str, *others: str) -> list[_Word]:
    """Return the words of a text; what is masked in those that it stands with is so in it."""
    words, at = list[_Word](), 0
    for start, end, mask in display.edits_beside(text, *others):
        words += (_Word(word, word) for word in _WORD.findall(text, at, start))
        words.append(_Word(text[start:end], mask))
        at = end
    return words + [_Word(word, word) for word in _WORD.findall(text, at)]


def _shown(words: list[_Word]) -> str:
    return "".join(word.shown for word in words)


def _differing(old: list[_Word], new: list[_Word]) -> Iterator[Part]:
    if max(len(old), len(new)) > _MOST_COMPARED:
        yield Part("gone", _shown(old))
        yield Part("new", _shown(new))
        return
    # Words that stand everywhere are no place to begin at: with them long texts would take seconds.
    matcher = SequenceMatcher(None, old, new)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            yield Part("same", _shown(old[start:end]))
        else:
            yield Part("gone", _shown(old[start:end]))
            yield Part("new", _shown(new[new_start:new_end]))


def _in_common(one: list[_Word], other: list[_Word]) -> int:
    """Return with how many words both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))

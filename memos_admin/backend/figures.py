"""What is one word where figures stand in it: all of a number, a time, a date in figures or a code."""

from __future__ import annotations

import re

CHINESE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Chinese and Japanese characters, as ranges of a pattern: each may be a word of its own."""

LETTER = rf"[^\W_{CHINESE}]"
"""A letter of any other script, or a figure."""

_ALPHABETIC = rf"[^\W\d_{CHINESE}]"

JOINED = (
    r"(?:"
    r"(?<=\d)[.,:：/](?=\d)"  # 1,240.50 or 9:45 or 14/07/2025
    r"|(?<=\d)['’\u00a0\u2009\u202f](?=\d{3}(?!\d))"  # 1’240
    rf"|(?<!:\d\d)-(?={_ALPHABETIC}{{0,9}}\d)"  # QX-4471 or 2025-07-14, but from 9:15-10:45 two times
    r"|(?<=\d)-(?=[A-Z](?![a-z]))"  # 4471-QX, but not 20-minute
    r"|(?<=[A-Z])-(?=(?:[A-Z]{1,9}-){1,3}\d)"  # AB-QX-4471
    rf"|(?:(?<=\d)_|_(?=\d))(?={LETTER})"
    rf"){LETTER}+"
)
"""What goes on with a word behind its first letters or figures; more of it may follow."""

_GROUPS = re.compile(r"(?<=\d)[,'’\u00a0\u2009\u202f](?=\d{3}(?!\d))")


def has_figure(word: str) -> bool:
    """Whether a figure stands in a word."""
    return any(map(str.isdigit, word))


def is_number(word: str) -> bool:
    """Whether a word is a number, a time or a date in figures: it has no letter."""
    return word[:1].isdigit() and not any(map(str.isalpha, word))


def ungrouped(word: str) -> str:
    """Return a word with its figures as they are compared: ``1,240`` and ``1240`` are the same number."""
    return _GROUPS.sub("", word).replace("：", ":")

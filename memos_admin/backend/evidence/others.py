"""Whether a memory tells of the user what only another person of the conversation said. Pure.

Only what is plain: the memory speaks of the user, and names neither whoever said it nor anybody near to the user.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from memos_admin.backend.authors import Author, Writer
from memos_admin.backend.evidence.persons import names_near
from memos_admin.backend.provenance.quotes import CJK, lowered

_OTHERS: frozenset[Author] = frozenset({"another person", "assistant", "system", "tool"})
"""Whoever is certainly not the user."""

_USER = re.compile(r"\buser\b|用户", re.IGNORECASE)
_PARTS = re.compile(rf"{CJK.pattern}+|(?:(?!{CJK.pattern})[^\W\d_])+")
_NO_NAMES = frozenset({"user", "用户"})
_LEAST = 2
"""Letters of a part of a name that is looked for."""


def of_others(text: str, writers: Sequence[Writer | None]) -> list[int]:
    """Return which of its sources other people wrote, where none is the user's and the memory is told of the user.

    Args:
        text: of the memory, without its mark.
        writers: who wrote each of its sources; None: that is not known.
    """
    theirs = [n for n, one in enumerate(writers) if one and one.author == "another person"]
    if not theirs or not all(one is not None and one.author in _OTHERS for one in writers):
        return []
    if not _USER.search(text) or names_near(text):
        return []
    small = lowered(text)
    if any(one and _is_named(small, one) for one in writers):
        return []
    return theirs


def _is_named(text: str, writer: Writer) -> bool:
    """Whether a text in small letters has a part of the name of whoever wrote a message."""
    words = {*_PARTS.findall(text)}
    for part in {*_PARTS.findall(lowered(writer.name.partition("@")[0]))} - _NO_NAMES:
        if CJK.search(part):
            # Of 王小明 both 小明 and the whole name are his.
            if part in text or (len(part) > _LEAST and part[-_LEAST:] in text):
                return True
        elif len(part) >= _LEAST and part in words:
            return True
    return False

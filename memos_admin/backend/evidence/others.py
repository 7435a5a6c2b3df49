"""Whether a memory tells of the user what only another person of the conversation said. Pure.

Only what is plain: the memory speaks of the user, and names neither whoever said it nor anybody near to the user,
unless that is whom the other person told of as near to himself. What is reported of what somebody else said is nothing
plain: that may be the user.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from memos_admin.backend.authors import Author, Writer
from memos_admin.backend.evidence.denials import clause_spans
from memos_admin.backend.evidence.persons import named, names_near
from memos_admin.backend.evidence.subjects import USER, whose
from memos_admin.backend.provenance.quotes import CJK, lowered

_OTHERS: frozenset[Author] = frozenset({"another person", "assistant", "system", "tool"})
"""Whoever is certainly not the user."""

_USER = re.compile(r"\buser\b|用户|^\s*我(?!们)", re.IGNORECASE)
_REPORTED = re.compile(
    r"\s*(?!备注|另外|注意|补充|对了|提醒|更正|地址|时间)(?P<who>[^\W\d_a-zA-Z我咱]{2,4}?)(?:刚才|刚刚|昨天|今天|之前|也|还)?(?:[跟和对]我)?"
    r"(?:(?P<quoted>[说讲]?\s*[：:])|[说讲]|提到)(?P<what>.*)",
    re.DOTALL,
)
_PARTS = re.compile(rf"{CJK.pattern}+|(?:(?!{CJK.pattern})[^\W\d_])+")
_NO_NAMES = frozenset({"user", "用户"})
_LEAST = 2
"""Letters of a part of a name that is looked for."""


def of_others(
    text: str, writers: Sequence[Writer | None], sources: Sequence[str] | None = None
) -> list[int]:
    """Return which of its sources other people wrote, where none is the user's and the memory is told of the user.

    Args:
        text: of the memory, without its mark.
        writers: who wrote each of its sources; None: that is not known.
        sources: what each of them says; None: that is not compared.
    """
    said = sources or [""] * len(writers)
    theirs = [n for n, one in enumerate(writers) if one and one.author == "another person"]
    if not theirs or not all(one is not None and one.author in _OTHERS for one in writers):
        return []
    if not _USER.search(text):
        return []
    if names_near(text) and not _is_carried_over(text, [said[n] for n in theirs]):
        return []
    small = lowered(text)
    if any(one and _is_named(small, one) for one in writers):
        return []
    return [n for n in theirs if not _is_reported(said[n], writers[n])]


def _is_carried_over(text: str, sources: Sequence[str]) -> bool:
    """Whether the one near person of a memory, as the user's, is whom sources tell of as their writers'."""
    near = {text[start:end] for start, end in named(text)}
    told = _persons(text)
    return (
        len(near) == 1
        and bool(told)
        and told <= {one for said in sources for one in _persons(said)}
    )


def _persons(text: str) -> set[frozenset[str]]:
    """Return of whom near to the one who speaks, or to the user, the clauses of a text tell."""
    found = (whose(text[start:end]) - {USER} for start, end in clause_spans(text))
    return {persons for persons in found if persons}


def _is_reported(source: str, writer: Writer | None) -> bool:
    """Whether a message says in Chinese what somebody else said: 小雅：我不吃辣, 小雅说她不吃辣, but not 医生说我血压高."""
    found = _REPORTED.match(source)
    if found is None or (writer is not None and _is_named(lowered(found["who"]), writer)):
        return False
    return bool(found["quoted"]) or "我" not in found["what"]


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

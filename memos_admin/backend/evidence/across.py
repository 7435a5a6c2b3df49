"""What a memory and a message in another language say the opposite of: where the user lives, works, what he likes or uses. Pure.

Words of two languages cannot be compared, but a name stands in both as it is written: ``I live in Paris`` and
用户不住在 Paris. A small table has the few verbs that are understood; whoever tells it must be the user himself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from memos_admin.backend.evidence.denials import Flip, clause_spans
from memos_admin.backend.evidence.names import folded
from memos_admin.backend.evidence.subjects import USER, whose
from memos_admin.backend.provenance.quotes import CJK

_NAME = r"(?P<name>[A-ZÀ-ÖØ-Þ][\w'’.-]*(?: [A-ZÀ-ÖØ-Þ][\w'’-]*){0,3})"
_IN_CHINESE = r"[“「《]? ?(?P<name>[A-Za-zÀ-ÿ][\w'’.-]*(?: [A-Za-zÀ-ÿ][\w'’-]*){0,3}) ?[”」》]?"
_ENGLISH_VERBS = {
    "lives": "(?:(?:lives?|living|resides?) in|(?:based|at home) in)",
    "works": "work(?:s|ing)? (?:at|for|in)",
    "likes": "(?:likes?|loves?|enjoys?|liked)",
    "uses": "uses?",
}
_CHINESE_VERBS = (
    ("lives", f"(?:居住|定居|生活|住)[在于]{_IN_CHINESE}"),
    ("lives", f"在{_IN_CHINESE}(?:居住|定居|生活|住)"),
    ("works", f"在{_IN_CHINESE}(?:公司|集团)?(?:工作|上班|任职)"),
    ("likes", f"(?:喜欢|喜爱|爱)[吃喝看听去用玩]?{_IN_CHINESE}"),
    ("uses", f"使?用{_IN_CHINESE}"),
)
_ENGLISH_NO = r"(?P<no>don['’]?t|doesn['’]?t|do not|does not|never|not|no longer)"
_ADVERBS = (
    r"(?:really|very much|absolutely|still|also|now|currently|always|actually|have|has|am|is|been)"
)
_ENGLISH = [
    (
        verb,
        re.compile(
            rf"(?i:\b(?:I|user)\b(?:['’](?:m|ve)\b)?(?: {_ADVERBS})*(?: {_ENGLISH_NO})?(?: {_ADVERBS})* {said}) (?:the )?{_NAME}"
        ),
    )
    for verb, said in _ENGLISH_VERBS.items()
]
_CHINESE_ADVERBS = (
    "(?:现在|目前|其实|一直|从来|已经|也|都|还|很|真的?|非常|特别|最|比较|平时|并|是|就)*"
)
_CHINESE = [
    (
        verb,
        re.compile(
            f"(?:我|用户)们?{_CHINESE_ADVERBS}(?P<no>不再|不|没有?)?{_CHINESE_ADVERBS}{said}"
        ),
    )
    for verb, said in _CHINESE_VERBS
]
_UNCLEAR = re.compile(
    r"[?？]|吗|呢|\b(?:if|whether|when|unless|until|might|may|maybe|perhaps|would|could|wish|want\w*|plan\w*|used to|only|before|but not)\b"
    r"|如果|要是|假如|以前|曾|过去|想|打算|希望|可能|也许|的话|只",
    re.IGNORECASE,
)


_LINKS = re.compile(r"\W*(?:(?:and|but) |但是?|而且|可是)?", re.IGNORECASE)
_STOPS = (".", "!", ";", "\n", "。", "！", "；")
"""Behind these nobody is told of without being named."""


class _Told(NamedTuple):
    """That somebody does something with what has a name, or does not."""

    verb: str
    name: str
    holds: bool
    is_chinese: bool
    span: tuple[int, int]


def flips_across(memory: str, source: str) -> Iterator[Flip]:
    """Yield what a memory tells of the user and his message the opposite of himself in the other language.

    Nothing of which either tells both.
    """
    mine, theirs = list(_told(memory)), list(_told(source))
    for one in mine:
        same = [it for it in (*mine, *theirs) if (it.verb, it.name) == (one.verb, one.name)]
        there = [it for it in theirs if it in same]
        apart = there and all(it.holds is not one.holds for it in there)
        if apart and all(it.holds is one.holds for it in mine if it in same):
            other = there[0]
            if other.is_chinese is not one.is_chinese:
                words = frozenset({one.name})
                yield Flip(words, one.span, other.span, memory_denies=not one.holds)


def _told(text: str) -> Iterator[_Told]:
    of, goes_on = frozenset[str](), False
    for start, end in clause_spans(text):
        part = text[start:end]
        is_chinese, named = bool(CJK.search(part)), whose(part)
        if not named and goes_on and of == {USER}:  # "lives in Rome, likes opera"
            part = f"{'我' if is_chinese else 'I '}{_LINKS.sub('', part, count=1)}"
        of, goes_on = named or of, not part.rstrip().endswith(_STOPS)
        if _UNCLEAR.search(part):
            continue
        for verb, pattern in _CHINESE if is_chinese else _ENGLISH:
            for found in pattern.finditer(part):
                holds = found["no"] is None
                yield _Told(verb, folded(found["name"]), holds, is_chinese, (start, end))

"""Whether somebody is married, as he says of himself and a memory tells of the user. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memos_admin.backend.evidence.denials import Flip
from memos_admin.backend.provenance.quotes import lowered

_ADVERBS = r"(?: (?:still|now|currently|already|happily|recently|also|just|both))*"
_STATE = (
    r"(?:(?P<no>single|unmarried|not married|not yet married|never been married|divorced|widowed|a widow(?:er)?)|(?P<yes>married))"
    r"(?![\w-]| (?:room|ticket|bed|parent))"
)
_CN_BETWEEN = "(?:现在|目前|至今|一直|还|仍|已经|早就|是|的?婚姻状况[是为：:]?)*"
_CN_STATE = "(?:(?P<cn_no>未婚(?![夫妻])|单身|没有?结婚|离异|离了?婚|丧偶)|(?P<cn_yes>已婚|结了?婚(?!照|礼|纪|典|那|前|的)))"
_TOLD = re.compile(
    rf"(?:\bi['’]m|\bi am|\bi['’]ve|\buser is|\buser has){_ADVERBS} {_STATE}|\bmarital status(?: is|:) {_STATE.replace('P<no>', 'P<no2>').replace('P<yes>', 'P<yes2>')}"
    rf"|(?:我|用户){_CN_BETWEEN}{_CN_STATE}|(?:^|[，。！；\n])(?:(?P<cn_no2>未婚(?![夫妻])|单身|离异)|(?P<cn_yes2>已婚))(?=[，。！；\n]|$)"
)
_DOUBTFUL = re.compile(r"\b(?:if|when|until|before)\b|如果|要是|以前|之前|曾|[？?]|吗|打算|想|准备")


def told_otherwise(memory: str, source: str) -> Iterator[Flip]:
    """Yield what a memory tells of whether the user is married where his message tells of himself the opposite."""
    mine, theirs = list(_told(memory)), list(_told(source))
    if len({is_married for is_married, _ in mine}) != 1 or len({one for one, _ in theirs}) != 1:
        return
    if mine[0][0] is not theirs[0][0]:
        yield Flip(frozenset(), mine[0][1], theirs[0][1], memory_denies=not mine[0][0])


def _told(text: str) -> Iterator[tuple[bool, tuple[int, int]]]:
    small = lowered(text)
    for found in _TOLD.finditer(small):
        start, end = found.span()
        if not _DOUBTFUL.search(small, max(0, start - 12), end + 2):
            is_married = bool(found["yes"] or found["yes2"] or found["cn_yes"] or found["cn_yes2"])
            yield is_married, (start, end)

"""One thing of which its source tells several: one dog of two dogs, 一个孩子 of 两个孩子. Pure.

Only what is plain: the memory says nothing of it that the source does not say of several, and says it of
nobody else; and the conversation has the thing in the plural alone, in Chinese never one of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Set
from itertools import islice
from typing import NamedTuple

from memos_admin.backend.evidence.denials import clause_spans, negates
from memos_admin.backend.evidence.numerals import CHINESE_DIGITS
from memos_admin.backend.evidence.signs import has_any
from memos_admin.backend.evidence.subjects import are_others, whose
from memos_admin.backend.evidence.terms import loose_terms
from memos_admin.backend.provenance.quotes import CJK, lowered

_HAS = r"(?:have|has|had|['’]ve|got|owns?|keeps?|kept)(?! to\b)"
_SEVERAL = r"(?:[2-9]|[1-9]\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_ONE = re.compile(r"\w\W+(?P<all>(?:one|1|a single) (?P<what>[a-z]+(?: [a-z]+)?))(?![\w'’-])")
_MANY = re.compile(
    rf"(?P<has>\b{_HAS} (?:\w+ )?|\b(?:my|our) )?(?<![\w.,:/-])(?P<all>{_SEVERAL} (?P<what>[a-z]+(?: [a-z]+)?))(?![\w'’-])"
)
_WORD = re.compile("[a-z]+")
_HAS_ONE = re.compile(rf"\b{_HAS} (?:only |just )?(?:one|1|a single) ")
_OTHERWISE = re.compile(
    r"\?|？|\b(?:more|another|other|extra|left|each|every|per|if|or|least|most)\b|吗"
)

_COUNTED = "个只条张件辆台部双套瓶盒箱份杯本把间位口匹名头"
_CHINESE_ONE = re.compile(
    f"(?P<verb>[\u4e00-\u9fff])了?(?P<all>[一1](?P<measure>[{_COUNTED}])(?P<noun>[\u4e00-\u9fff]{{1,4}}?))(?=[和跟与、，。！；,.!;\\s]|$)"
)
_CHINESE_MANY = re.compile(
    f"(?P<verb>[\u4e00-\u9fff])了?(?P<all>(?<![.\\d])(?:[2-9]|[1-9]\\d{{1,3}}|[{CHINESE_DIGITS[3:]}]{{1,3}})(?P<measure>[{_COUNTED}]))"
)
_CHINESE_HAS = frozenset("有养")
_CHINESE_OTHERWISE = "再另又还其每第剩共吗？?"
_LONGEST, _MOST = 20_000, 20
"""Characters of a source that are looked at, and how many times a thing is."""


class Several(NamedTuple):
    """Where a memory says one, and its source several, both as (start, end)."""

    memory: tuple[int, int]
    source: tuple[int, int]


class _Many(NamedTuple):
    """Several things that a source tells of: where, what its clause says, of whom, whether somebody has them."""

    found: re.Match[str]
    end: int
    words: frozenset[str]
    whose: frozenset[str]
    has: bool = False


def several(memory: str, source: str, words: Set[str], texts: Set[str]) -> Iterator[Several]:
    """Yield the things that a memory has one of, and its source several.

    Args:
        memory: what it says.
        source: what a message that it came from says.
        words: all words of the conversation, in small letters.
        texts: its messages that have Chinese.
    """
    told, said = lowered(memory), lowered(source[:_LONGEST])
    if has_any(told, ("one", "1", "single")):
        yield from _english(told, said, words)
    if CJK.search(told) and has_any(told, "一1"):
        yield from _chinese(told, said, texts)


def _plain(
    text: str, pattern: re.Pattern[str]
) -> Iterator[tuple[tuple[int, int], list[re.Match[str]]]]:
    """Yield the clauses that neither ask nor deny, nor tell of more or of others, with where a pattern stands in them."""
    for start, end in clause_spans(text):
        found = list(islice(pattern.finditer(text, start, end), _MOST))
        part = text[start:end]
        if found and not negates(part) and not _OTHERWISE.search(part):
            yield (start, end), found


def _english(told: str, said: str, words: Set[str]) -> Iterator[Several]:
    there = defaultdict[str, list[_Many]](list)
    for span, some in _plain(said, _MANY):
        part = said[slice(*span)]
        theirs, of = frozenset(loose_terms(part)), whose(part)
        for found in some:
            for word in _WORD.finditer(said, *found.span("what")):
                many = _Many(found, word.end(), theirs, of, bool(found["has"]))
                for stem in loose_terms(word[0]):
                    there[stem].append(many)
    for (start, end), ones in islice(_plain(told, _ONE), _MOST) if there else ():
        one, of = ones[0], whose(told[start:end])
        beside = loose_terms(told[start : one.start("all")])
        mine = beside | loose_terms(told[one.start("what") : end])
        has = _HAS_ONE.search(told, start, end)
        for noun in _WORD.finditer(told, *one.span("what")):
            same = (many for stem in loose_terms(noun[0]) for many in there[stem][:_MOST])
            best = next(
                (it for it in same if mine <= it.words and (it.has if has else beside)), None
            )
            if best is None or are_others(of, best.whose):
                continue
            if noun[0] not in words:
                yield Several((one.start("all"), noun.end()), (best.found.start("all"), best.end))
                break


def _chinese(told: str, said: str, texts: Set[str]) -> Iterator[Several]:
    there = defaultdict[str, list[_Many]](list)
    for span, some in _plain(said, _CHINESE_MANY):
        of = whose(said[slice(*span)])
        for found in some if not has_any(said[slice(*span)], _CHINESE_OTHERWISE) else ():
            end = found.end()
            there[found["measure"] + said[end : end + 1]].append(_Many(found, end, frozenset(), of))
    for span, ones in islice(_plain(told, _CHINESE_ONE), _MOST) if there else ():
        one, part = ones[0], told[slice(*span)]
        same = there[one["measure"] + one["noun"][0]][:_MOST]
        best = next((it for it in same if _counts(it.found, said, one)), None)
        if best is None or has_any(part, _CHINESE_OTHERWISE) or are_others(whose(part), best.whose):
            continue
        single = re.compile(f"(?:[一1]{one['measure']}?|唯一的?|独生).{{0,2}}{one['noun']}")
        if not any(map(single.search, texts)):
            there_is = best.found.start("all"), best.end + len(one["noun"])
            yield Several(one.span("all"), there_is)


def _counts(found: re.Match[str], said: str, one: re.Match[str]) -> bool:
    """Whether several of the same thing are told of in the same way."""
    same_verb = found["verb"] == one["verb"] or {found["verb"], one["verb"]} <= _CHINESE_HAS
    return same_verb and said.startswith(one["noun"], found.end("all"))

"""Whether a memory tells of the user what its source says of somebody near to him. Pure.

Only what is plain: a clause that begins with ``my sister`` or 我妹妹 and tells of nobody else, and a
memory that tells the same of the user and names no person beside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from memos_admin.backend.evidence.denials import clause_spans
from memos_admin.backend.evidence.terms import loose_terms
from memos_admin.backend.provenance.quotes import CJK, lowered

_KIN = (
    "sister|brother|son|daughter|child|kid|baby|toddler|mother|mom|mum|father|dad|wife|husband|partner"
    "|fiancée?|girlfriend|boyfriend|friend|colleague|coworker|co-worker|boss|neighbou?r|cousin|aunt|uncle"
    "|niece|nephew|grandmother|grandma|grandfather|grandpa|roommate|flatmate"
)
_CHINESE_KIN = (
    "姐姐|妹妹|哥哥|弟弟|姐夫|妹夫|儿子|女儿|孩子|妈妈|母亲|爸爸|父亲|妻子|老婆|太太|爱人|丈夫|老公|先生"
    "|男朋友|女朋友|朋友|同事|老板|邻居|表[哥姐弟妹]|堂[哥姐弟妹]|奶奶|爷爷|外婆|外公|姥姥|姥爷|室友|同学"
    "|婆婆|公公|岳父|岳母|[姐妹哥弟妈爸](?!们)"
)
_TOLD_OF = re.compile(
    rf"\W*(?:(?:and|but|so|because|since|also|well|yes|no|oh|one thing|by the way)\b\W*)*my (?:\w+ )?(?:{_KIN})\b"
    rf"(?!['’]s\b)(?: \w+(?= (?:is|was|has|had)\b))?"
    rf"|\W*(?:因为|但是?|而且|还有|所以|那|不过|对了)?我(?:们家|家|的)?(?:大|小|老)?(?:{_CHINESE_KIN})(?!的)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\W*(?:and |but |so )?(?:she|he)\b|\W*(?:而且|但是?|还)?[他她]", re.IGNORECASE
)
_SELF = re.compile(
    r"\b(?:i|me|we|us|our|ours|my|mine|myself|i['’]\w+)\b|我|咱|俩|一家", re.IGNORECASE
)
_PERSONS = re.compile(
    rf"\b(?:(?:{_KIN})s?|he|she|they|him|them|his|her|hers|their|famil\w+|parents?|siblings?|spouse|child\w*"
    r"|wives|relatives?|grand\w+|couple|guests?|someone|somebody|person|people)\b"
    rf"|{_CHINESE_KIN}|他|她|家人|家里|全家|亲|友|人",
    re.IGNORECASE,
)
_OF_THE_USER = re.compile(
    r"\buser(?:['’]s)? (?:also )?(?!(?:\w+ )?(?:say|said|tell|told|mention|ask|want|wish|need|plan|look|search|request"
    r"|wonder|book|buy|bought|order|pay|invit|visit|help|car(?:e|es|ed|ing) |pick|driv|giv|gave|cook|bring|brought"
    r"|tak|accompan|travel|meet|know|knew|think|hope|worr|would|should|talk|call|describe|describing|report|explain|chose|choose|choosing"
    r"|prepar|organi|arrange|arranging|consider|recommend|due|going)\w*)\w+"
    r"|用户(?!.{0,4}(?:说|提到|问|想|要|需|希望|计划|打算|买|订|送|带|陪|帮|给|和|跟|与|照顾|接|找|邀|请|担心|觉得"
    r"|知道|让|为|替|家))",
    re.IGNORECASE,
)
_ME_TOO = re.compile(
    r"\b(?:me|i) (?:too|as well|neither)\b|\b(?:so|neither|nor) (?:am|do|have|can) i\b|我也",
    re.IGNORECASE,
)
_IS = re.compile(r"\buser is (?:an? )?[\w-]{4,}\W*$", re.IGNORECASE)
_NAMED = re.compile(rf"\b(?:{_KIN})\b")
_SEVERAL = re.compile(rf"\b(?:(?:{_KIN})s|children|wives|famil(?:y|ies)|parents)\b")
_CHINESE_NAMED = re.compile(_CHINESE_KIN)
"""All are looked for in small letters."""
_SENTENCE_ENDS = tuple(".!?。！？\n")
_LEAST, _PART = 2, 0.6
"""So many words, and this part of the memory's words, must both share."""


class Swap(NamedTuple):
    """Where a memory tells of the user, and its source of somebody else, both as (start, end)."""

    memory: tuple[int, int]
    source: tuple[int, int]


def named(text: str) -> list[tuple[int, int]]:
    """Return where a text names somebody near to the user, such as a sister."""
    small = lowered(text)
    found = [match.span() for match in _NAMED.finditer(small)]
    if CJK.search(small):
        found += [match.span() for match in _CHINESE_NAMED.finditer(small)]
    return sorted(found)


def names_near(text: str) -> bool:
    """Whether a text names somebody near to the user, or several such as ``flatmates``."""
    return bool(_SEVERAL.search(lowered(text))) or bool(named(text))


def swapped(memory: str, source: str) -> Swap | None:
    """Return the first clause that a memory tells of the user and its source of somebody near to him."""
    if _PERSONS.search(memory) or _ME_TOO.search(source):
        return None
    spoken = list(_spoken(source))
    if not any(of_other for _, _, of_other in spoken):
        return None
    for start, end in clause_spans(memory):
        told = _OF_THE_USER.search(memory, start, end)
        mine = loose_terms(memory[told.start() : end]) if told else set[str]()
        mine -= {"user", "用户"} | {word for word in mine if word[0] == "户"}
        if told is not None and (alone := _one_word(memory[start:end], mine)):
            only = [span for span, words, of_other in spoken if of_other and words == {alone}]
            elsewhere = any(alone in words for _, words, of_other in spoken if not of_other)
            if only and not elsewhere:
                return Swap((start, end), only[0])
        if len(mine) < _LEAST or told is None:
            continue
        shared = [len(mine & words) for _, words, _ in spoken]
        most = max(shared)
        best = [one for one, many in zip(spoken, shared, strict=True) if many == most]
        enough = most >= max(_LEAST, _PART * len(mine))
        if enough and all(of_other for _, _, of_other in best):
            return Swap((start, end), best[0][0])
    return None


def _one_word(clause: str, words: set[str]) -> str | None:
    """Return what a clause says that the user is, in a word: ``The user is diabetic``; None: it says more, or less."""
    return next(iter(words)) if len(words) == 1 and _IS.search(clause) else None


def _spoken(source: str) -> Iterator[tuple[tuple[int, int], set[str], bool]]:
    """Yield the clauses of a source: where, its words, whether it tells of somebody else only."""
    before = False
    for start, end in clause_spans(source):
        part = source[start:end]
        told = _TOLD_OF.match(part)
        rest = part[told.end() :] if told else part
        goes_on = before and (bool(_GOES_ON.match(part)) or bool(CJK.search(part)))
        of_other = (bool(told) or goes_on) and not _SELF.search(rest)
        yield (start, end), loose_terms(rest), of_other
        if part.strip():
            before = of_other and not (CJK.search(part) and part.rstrip().endswith(_SENTENCE_ENDS))

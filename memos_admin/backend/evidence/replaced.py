"""What a text sets aside for something else: tea instead of coffee, not London but Leeds, from Denver to Austin, 而不是. Pure.

Only what is plain: a clause of the memory says what was set aside, nothing of what stands for it, and else no more than the
messages do. Who took the train rather than the plane may be afraid of planes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Literal, NamedTuple

from memos_admin.backend.evidence.denials import Flip, clause_spans, negates
from memos_admin.backend.evidence.signs import has_any
from memos_admin.backend.provenance.quotes import CJK, COMMON, lowered, word_set

_How = Literal["one", "before", "left"]


class Replaced(NamedTuple):
    """Something that was set aside.

    Attributes:
        aside, kept: what, and what for; of who left a place of work nothing is kept.
        how: whether it was one of two, was so before, or is a place of work that somebody left.
        start, end: where that is told.
        at: where what was set aside begins.
    """

    aside: str
    kept: str
    how: _How
    start: int
    end: int
    at: int


_SENTENCE = re.compile(r"(?:[^.;!?\n。；！？]|\.(?=\d))+")
_TITLE = re.compile(r"\b(dr|mr|mrs|ms|prof|st)\.")
"""Its point ends no sentence."""
_LONGEST = 400
"""Characters of a longer sentence are not looked at: it has more than one thing to set aside."""
_MOST, _MOST_CLAUSES = 40, 200
"""Things of a message that are set aside, and clauses of a memory, that are compared with each other."""
_LONGEST_TEXT = 20_000
"""Characters of a text that are looked at."""
_SIGNS = ("instead of", "than ", "not ", " from ", " by ", " at ", "不是", "不如", "从")
_BEFORE = r"(?:(?:the|an?|my|our|your|his|her|their|in|at|on|to|by|for|with|of|from|taking|having|going) ){0,2}"
_NO_PART = (
    r"(?:with|for|in|at|on|to|by|from|of|because|since|when|while|and|or|but|as|if|so|that|which|who|this|next|last|today|tomorrow"
    r"|please|now|again|i|we|it|he|she|they|you|is|was|are|were|the|an?|my)\b"
)


def _thing(name: str) -> str:
    word = rf"(?!{_NO_PART})[\w'’-]+\.?"
    return rf"{_BEFORE}(?P<{name}>{word}(?: {{1,2}}{word}){{0,2}})"


_NO_CORRECTION = (
    r"(?!(?:only|just|merely|even|yet|really|sure|certain|until|before|after|because|when|if|as|that|so|too|very|any|much|many"
    r"|always|often|now|today|all|including|necessarily|to|at all)\b)"
)
_INSTEAD = re.compile(rf"(?:\binstead of|\brather (?:\S+ ){{0,6}}?than) {_thing('aside')}")
_NOT_BUT = re.compile(
    rf"\bnot {_NO_CORRECTION}{_thing('aside')},? but (?:rather )?{_thing('kept')}"
)
_NOT = re.compile(rf"[,–—-] ?(?:and )?not {_NO_CORRECTION}{_thing('aside')}\W*(?=,|$)")
_CHANGED = re.compile(
    r"\b(?:moved|relocated|transferred|changed|switched|swapped|shifted|rescheduled|postponed|went|rose|risen|fell|increased|dropped|raised|lowered)\b"
    rf"(?: \S+){{0,5}}? from {_thing('aside')} to {_thing('kept')}"
)
_LEFT = re.compile(
    rf"\b(?:(?:quit|left|lost) my job|resigned|retired|(?:was|got) (?:fired|laid off)) (?:at|from|with|by) {_thing('aside')}"
)
_NOT_YET = re.compile(
    r"\b(?:will|going to|gonna|wants?|might|may|could|would|if|plan\w*|hope\w*|not|never|almost|nearly|considered)\b|n['’]t\b|['’](?:ll|d)\b"
    r"|[如若]果|要是|打算|想|准备|要|将|会|可能|也许|考虑|[明后]年|下个?[月周]|差点|没|不"
)
_OTHERWISE = re.compile(
    r"\?|\b(?:from|instead|than|rather|used to|formerly|previous\w*|before|once|or|no longer|left|leav\w+|considered|if|may|might|maybe"
    r"|perhaps|until)\b|从|以前|之前|原来|原本|曾|不再|考虑|或|离开|如果|可能|吗|过去"
)
"""Of a memory: what tells of something that was, or may be."""
_WAS = re.compile(r"\b(?:was|were|had|did|went|took|came|\w{2,}ed)\b|过|了")
_GENERAL = word_set(
    "user want wants like prefer take have get order buy choose use live reside base stay home is now currently still would actually"
    " current call name s"
)
"""Words of a memory, as they are compared, that say nothing beside: what is done with one thing or the other one."""
_WORK = word_set("work job employ employed employee")
_WORD = re.compile(r"[\w'’-]+")
_FIGURE = re.compile(r"\d\d")
_PARTS: tuple[tuple[re.Pattern[str], _How], ...] = (
    (_INSTEAD, "one"),
    (_NOT_BUT, "one"),
    (_NOT, "one"),
    (_CHANGED, "before"),
    (_LEFT, "left"),
)

_T = r"[\u4e00-\u9fffA-Za-z0-9]{1,8}?"
_CN_END = r"(?=[，,、：）)\s]|$)"
_CN_PARTS: tuple[tuple[re.Pattern[str], _How], ...] = (
    (re.compile(rf"与其(?:说)?(?P<aside>{_T})[，,]?(?:倒|还)?不如(?P<kept>{_T}){_CN_END}"), "one"),
    (re.compile(rf"不是(?P<aside>{_T})[，,]?而?是(?P<kept>{_T}){_CN_END}"), "one"),
    (
        re.compile(
            rf"(?P<kept>{_T})(?:[，,]\s*(?:而|可)?|而)不是(?P<aside>{_T})[的了啊哦]?{_CN_END}"
        ),
        "one",
    ),
    (
        re.compile(
            rf"从(?P<aside>{_T})(?:搬|迁|改|换|调|转|挪|推迟|提前|涨|降|升|跌|减|加)(?:家|价)?[到至成去]了?(?P<kept>{_T})了?{_CN_END}"
        ),
        "before",
    ),
    (re.compile(rf"从(?P<aside>{_T})(?:辞职|离职|退休|辞了职)(?P<kept>)了"), "left"),
)
_CN_NO_THING = re.compile("[我你他她它不没很太只最]|因为|为了|所以|这|那|说|什么")
_CN_GENERAL = frozenset("用户现在目前如今仍还是要想喜欢爱住居在的了吃喝坐用买选有去到元块钱")
_CN_WORK = re.compile("上班|工作|任职|就职")
_CN_FILLING = "用户现在目前如今仍还的，。！；,. \n"


def set_aside(memory: str, source: str, asked: str = "") -> Iterator[Flip]:
    """Yield what a memory says that its source sets aside for something else.

    Args:
        memory: its text.
        source: what the messages say that it came from.
        asked: the questions that these answer, whose words the memory may have.
    """
    told, said = (_TITLE.sub(r"\1 ", lowered(text[:_LONGEST_TEXT])) for text in (memory, source))
    found = list(islice(replaced(said), _MOST))
    if not found:
        return
    spans = clause_spans(told)[:_MOST_CLAUSES]
    known = f"{said}\n{lowered(asked[:_LONGEST_TEXT])}"
    says = _InChinese(told, known) if CJK.search(told) else _InEnglish(told, known)
    for one in found:
        elsewhere = f"{said[: one.at]}\n{said[one.at + len(one.aside) :]}"
        for start, end in spans:
            clause = told[start:end]
            if says.clause(one, clause) and not _is_unclear(clause):
                if not says.has(elsewhere, one.aside):
                    yield Flip(frozenset(), (start, end), (one.start, one.end), memory_denies=False)
                break


def replaced(text: str) -> Iterator[Replaced]:
    """Yield what the sentences of a text in small letters set aside for something else."""
    if not has_any(text, _SIGNS):
        return
    for sentence in _SENTENCE.finditer(text):
        said, at = sentence[0], sentence.start()
        if len(said) > _LONGEST or text[sentence.end() : sentence.end() + 1] in {"?", "？"}:
            continue
        for pattern, how in _CN_PARTS if CJK.search(said) else _PARTS:
            for match in pattern.finditer(said):
                aside, kept = match["aside"], match.groupdict().get("kept")
                if kept is None and how == "one":
                    kept = _last(said[: match.start()], aside)
                if CJK.search(said) and (_CN_NO_THING.search(aside) or (kept and aside in kept)):
                    continue
                if how != "one" and _NOT_YET.search(said, 0, match.end()):
                    continue
                where = at + match.start("aside")
                yield Replaced(aside, kept or "", how, at, at + match.end(), where)


def _last(before: str, aside: str) -> str:
    """Return the last word of what stands before ``instead of aside`` and the like that says which: blue of ``the blue one``."""
    general = _GENERAL | _meaning(aside)
    said = [word for word in _WORD.findall(before) if _meaning(word) - general]
    return said[-1] if said else ""


def _meaning(text: str) -> set[str]:
    return word_set(text) - COMMON


def _is_unclear(clause: str) -> bool:
    return bool(_OTHERWISE.search(clause)) or negates(clause)


class _InEnglish:
    """What clauses of a memory say of what was set aside."""

    def __init__(self, memory: str, known: str) -> None:
        self._memory, self._may_be_said = _meaning(memory), _meaning(known) | _GENERAL

    def has(self, text: str, aside: str) -> bool:
        """Whether a text has what was set aside."""
        return _meaning(aside) <= _meaning(text)

    def clause(self, one: Replaced, clause: str) -> bool:
        """Whether a clause says what was set aside, and nothing that the messages do not say."""
        aside, kept = _meaning(one.aside), _meaning(one.kept)
        if not aside or not aside <= self._memory or not aside <= (said := _meaning(clause)):
            return False
        rest = said - aside
        if one.how != "one" and _WAS.search(clause):
            return False
        if one.how == "left":
            return bool(rest & _WORK) and rest <= _WORK | _GENERAL
        instead = kept - aside
        return bool(instead) and instead.isdisjoint(self._memory) and rest <= self._may_be_said


class _InChinese:
    """The same of Chinese, which has no spaces: characters stand for words."""

    def __init__(self, memory: str, known: str) -> None:
        self._memory, self._may_be_said = memory, {*known} | _CN_GENERAL

    def has(self, text: str, aside: str) -> bool:
        """Whether a text has what was set aside."""
        return aside in text

    def clause(self, one: Replaced, clause: str) -> bool:
        """Whether a clause says what was set aside, and nothing that the messages do not say."""
        before, aside, behind = clause.partition(one.aside)
        if (
            not aside
            or _FIGURE.search(before[-1:] + aside[0])
            or _FIGURE.search(aside[-1] + behind[:1])
        ):
            return False
        rest = before + behind
        if one.how == "left":
            return bool(_CN_WORK.search(rest)) and not _CN_WORK.sub("", rest).strip(_CN_FILLING)
        letters = {letter for letter in rest if letter.isalnum()}
        return one.kept not in self._memory and letters <= self._may_be_said

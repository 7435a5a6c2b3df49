"""What somebody likes, does, or is no more, told by a word instead of by a negation: hate, avoid, quit, 讨厌, 戒. Pure.

Only what is plain: one says it of himself, the other of the user, in a clause each, and both of the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from memos_admin.backend.evidence.denials import Flip, clause_spans, negates
from memos_admin.backend.evidence.signs import has_any
from memos_admin.backend.evidence.terms import loose_terms
from memos_admin.backend.provenance.quotes import CJK, lowered, word_set


class Stance(NamedTuple):
    """What a clause tells.

    Attributes:
        of: whether something is liked, or done.
        holds: whether it is, or is not.
        words: what; of Chinese as it is written.
        does: what is done begins with a verb, and more of it may be told elsewhere.
        start, end: where the clause stands.
    """

    of: Literal["likes", "does"]
    holds: bool
    words: frozenset[str]
    does: bool
    start: int
    end: int


_SPEAKER = r"\bi(?:['’](?P<short>m|ve)\b)?"
_USER = r"\buser\b(?!['’]s)"
_ADVERBS = r"(?: (?:really|absolutely|just|totally|simply|also|still|always|often|usually|already|finally|now|have|has|am|is|currently|generally|do|does))*"
_DISLIKES = (
    r"(?:hates?|detests?|loathes?|despises?|dislikes?|(?:can['’]?t|cannot|can not) (?:stand|bear)"
    r"|(?:don['’]?t|doesn['’]?t|do not|does not) (?:really )?(?:like|enjoy|love)|unhappy with|not (?:happy with|a fan of|fond of|keen on|into))"
)
_LIKES = r"(?:loves?|likes?|enjoys?|adores?|(?:(?:ca|could)n['’]?t|cannot|can not|could not) resist|(?:very )?happy with|could(?:n['’]?t| not) be happier with|a (?:big |huge )?fan of|fond of|keen on|into)"
_CEASED = (
    r"(?:gave up|gives? up|given up|quit|stopped|no longer|used to|avoids?|avoided|stays? away from|steers? clear of|cut out"
    r"|abstains? from|off)"
)
_NO_MORE = re.compile(r" (?:any ?more|any longer)\W*$")
_NOT = r"(?:not|don['’]?t|doesn['’]?t|do not|does not)"
_UNCLEAR = re.compile(
    r"\?|\b(?:if|when|whenever|unless|until|except|again|sometimes|occasionally|would|could|might|may|maybe|perhaps|tried|try"
    r"|trying|plans?|wants?|hopes?|started|back|because|than|instead|but not|almost|nearly|for (?:lent|a|the|now|one|two)|during"
    r"|before|temporarily|wish|alone)\b|[如若]果|的时候|有时|偶尔|除了|吗|呢|过敏|可能|也许|想要?|打算|希望"
)
_PAST = re.compile(
    r"\b(?:was|were|had|did|ago|past|ex|former\w*|previous\w*|once|earlier|\w{2,}ed|gave|quit|no longer|used to|never)\b|以前|曾|过去|[戒停]"
)
_CONSUMES = word_set("eat drink consume take use have has buy wear keep own play watch visit")
_FILLING = word_set(
    "day every daily week often usually still always really much very has user regularly currently now already all any"
)
"""Both as words are compared."""
_LIKES_IT = re.compile(rf"{_ADVERBS} {_LIKES} (?P<what>.+)")
_DISLIKES_IT = re.compile(rf"{_ADVERBS} {_DISLIKES} (?P<what>.+)")
_CEASED_IT = re.compile(rf"{_ADVERBS} (?P<how>{_CEASED}) (?P<what>.+)")
_NO_MORE_IT = re.compile(rf"{_ADVERBS} {_NOT} (?P<what>.+)")
_DOES_IT = re.compile(rf"{_ADVERBS} (?P<what>[a-z].+)")
_WHEN = re.compile(
    r" (?:(?:last|this) \w+|(?:in|at|by) ['’]?\d+|(?:\w+ )?(?:years?|months?|weeks?|days?) ago|long ago|completely|entirely"
    r"|altogether|for good|(?:since|after|and|in (?:january|february|march|april|may|june|july|august|september|october"
    r"|november|december))\b.*)"
)
_IDIOMS = re.compile(r"^(?:to|that|it|how|when|by)\b")
_SUBJECTS = {True: re.compile(_SPEAKER), False: re.compile(_USER)}

_CN_ADVERBS = "(?:真的?|很|最|特别|非常|超级?|一直|也|从小|就|都|实在|已经|现在|早就|平时|每天|经常|常常?|还|仍然?|比较)*"
_CN_SUBJECT = {True: "(?:^|[，。！\\s])我", False: "用户"}
_CN_LIKES = re.compile(
    f"{_CN_ADVERBS}(?:喜欢|喜爱|热爱|(?:抵挡|抵抗|抗拒)不[住了]|爱(?=[吃喝看听玩去]))(?P<what>.+)"
)
_CN_DISLIKES = re.compile(
    f"{_CN_ADVERBS}(?:讨厌|厌恶|反感|受不了|不喜欢|不爱(?=[吃喝看听玩去])|痛恨|恨)(?P<what>.+)"
)
_CN_QUIT = re.compile(f"{_CN_ADVERBS}戒(?:掉)?(?:了)?(?P<what>[^了掉]+)")
_CN_NO_MORE = re.compile(f"{_CN_ADVERBS}(?:不再|再也不|再没)(?P<what>.+)")
_CN_DOES = re.compile(f"{_CN_ADVERBS}(?P<what>[抽吸喝吃用玩打碰养].+)")
_CN_STRIP = re.compile("^[吃喝看听玩抽吸用打碰养]|[了的呢啊呀]+$|的诱惑$")
_ENDS = " ，。！；：,.!;:\n"

_PAIRS = (
    "loud/quiet noisy/quiet hot/cold warm/cold big/small large/small expensive/cheap early/late long/short fast/slow"
    " heavy/light high/low bright/dark hard/soft hard/easy wide/narrow old/young strong/weak thick/thin tight/loose"
    " wet/dry 吵/安静 热/冷 大/小 贵/便宜 早/晚 长/短 快/慢 重/轻 高/低 高/矮 亮/暗 硬/软 难/容易 宽/窄 厚/薄 紧/松"
)
_OPPOSITE = frozenset(frozenset(pair.split("/")) for pair in _PAIRS.split())
_TOO = re.compile(
    r"\btoo (?P<how>[a-z]+)|太(?P<cn>安静|便宜|容易|[吵热冷大小贵早晚长短快慢重轻高低矮亮暗硬软难宽窄厚薄紧松])"
)
_SIGNS = (
    "like", "love", "enjoy", "hate", "detest", "loath", "despis", "stand", "bear", "ador", "fan of", "fond", "keen", "into", "resist", "happ",
    "gave up", "give up", "given up", "gives up", "quit", "stopped", "no longer", "used to", "avoid", "away from", "clear of", "cut out",
    "abstain", " off ", "more", "any longer", "too ",
)  # fmt: skip
_CN_SIGNS = "抵抗欢爱厌恶恨反受戒再太"


def opposed(memory: str, source: str) -> Flip | None:
    """Return the first thing of which a memory tells of the user the opposite of what his message says of himself."""
    said, told = lowered(source), lowered(memory)
    if not any(has_any(text, _SIGNS) or has_any(text, _CN_SIGNS) for text in (said, told)):
        return None
    if "too " in told or "太" in told:
        for flip in _too(told, said):
            return flip
    theirs = list(_stances(said, speaker=True))
    for mine in _stances(told, speaker=False):
        same = [one for one in theirs if _same(mine, one)]
        near = (one for one in theirs if one.of == mine.of and one.words & mine.words)
        if same and all(one.holds is not mine.holds for one in near):
            other = same[0]
            return Flip(
                mine.words & other.words,
                (mine.start, mine.end),
                (other.start, other.end),
                memory_denies=not mine.holds,
            )
    return None


def _same(one: Stance, other: Stance) -> bool:
    if one.of != other.of:
        return False
    if one.words == other.words:
        return True
    no, yes = (other, one) if one.holds else (one, other)
    # Who quit smoking does not smoke a pack a day.
    return one.holds is not other.holds and no.does and no.words < yes.words


def _too(memory: str, source: str) -> Iterator[Flip]:
    """Yield what is ``too loud`` in one text and ``too quiet`` in the other one."""
    mine, theirs = list(_excesses(memory)), list(_excesses(source))
    for how, words, span in mine:
        if any(how == other for other, _, _ in theirs):
            continue
        for other, others, there in theirs:
            shared = (words & others) - {how, other}
            if shared and frozenset({how, other}) in _OPPOSITE:
                yield Flip(shared, span, there, memory_denies=False)


def _excesses(text: str) -> Iterator[tuple[str, frozenset[str], tuple[int, int]]]:
    for start, end in clause_spans(text):
        part = text[start:end]
        found = _TOO.search(part)
        if found and not negates(part) and not part.rstrip().endswith(("?", "？", "吗")):
            how = found["how"] or found["cn"]
            yield how, frozenset(loose_terms(part.replace(found[0], " "))), (start, end)


def _stances(text: str, *, speaker: bool) -> Iterator[Stance]:
    for start, end in clause_spans(text):
        part = text[start:end]
        if _UNCLEAR.search(part):
            continue
        if CJK.search(part):
            yield from _chinese(part, start, end, speaker=speaker)
        else:
            yield from _english(part, start, end, speaker=speaker)


def _english(part: str, start: int, end: int, *, speaker: bool) -> Iterator[Stance]:
    subject = _SUBJECTS[speaker].search(part)
    if subject is None or "'s" in part[: subject.end()]:
        return
    at = subject.end()
    if found := _DISLIKES_IT.match(part, at):
        yield from _of("likes", found["what"], (start, end), holds=False)
    elif not negates(part) and (found := _LIKES_IT.match(part, at)):
        yield from _of("likes", found["what"], (start, end), holds=True)
    elif found := _CEASED_IT.match(part, at):
        for one in _of("does", _NO_MORE.sub("", found["what"]), (start, end), holds=False):
            yield one._replace(does=one.does or found["how"] == "used to")
    elif _NO_MORE.search(part) and (found := _NO_MORE_IT.match(part, at)):
        yield from _of("does", _NO_MORE.sub("", found["what"]), (start, end), holds=False)
    elif not negates(part) and not _PAST.search(part) and (found := _DOES_IT.match(part, at)):
        yield from _of("does", found["what"], (start, end), holds=True)


def _of(
    of: Literal["likes", "does"], what: str, span: tuple[int, int], *, holds: bool
) -> Iterator[Stance]:
    if _IDIOMS.match(what):
        return
    said = loose_terms(_WHEN.sub("", what)) - _FILLING
    words = frozenset(said - _CONSUMES or said)
    first = what.split(maxsplit=1)[0]
    if words:
        yield Stance(of, holds, words, of == "does" and first.endswith("ing"), *span)


def _chinese(part: str, start: int, end: int, *, speaker: bool) -> Iterator[Stance]:
    subject = re.search(_CN_SUBJECT[speaker], part)
    if subject is None:
        return
    at = subject.end()
    for pattern, of, holds in _CN_PATTERNS:
        if found := pattern.match(part, at):
            what = found["what"].strip(_ENDS)
            while (shorter := _CN_STRIP.sub("", what)) != what and len(shorter) > 0:
                what = shorter
            if what:
                yield Stance(of, holds, frozenset({what}), False, start, end)
            return


_CN_PATTERNS: tuple[tuple[re.Pattern[str], Literal["likes", "does"], bool], ...] = (
    (_CN_DISLIKES, "likes", False),
    (_CN_LIKES, "likes", True),
    (_CN_QUIT, "does", False),
    (_CN_NO_MORE, "does", False),
    (_CN_DOES, "does", True),
)

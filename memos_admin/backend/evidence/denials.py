"""What a text denies, clause by clause, English and Chinese. Pure.

A negation denies the words behind it up to the end of its clause, and those before it where none is
behind it (``meat no``). Of a list (``neither milk nor sugar``, ``no nuts, eggs or milk``, 不吃牛奶和鸡蛋) each
thing is denied by itself, with what is done with it. Words such as ``avoid``, ``without`` or 拒绝 deny in their own way: what
stands with them counts neither as said nor as denied, and so do questions, double negations and idioms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from memos_admin.backend.evidence.idioms import denies_otherwise, without_number_signs
from memos_admin.backend.evidence.limits import Limit, Side, limit_of
from memos_admin.backend.evidence.said_words import (
    BEING,
    LIKING,
    denied_words,
    said_words,
    words_in_order,
)
from memos_admin.backend.evidence.subjects import are_others, is_subject, whose
from memos_admin.backend.evidence.terms import terms
from memos_admin.backend.provenance.quotes import CJK

_CLAUSE = re.compile(
    r"[^.;:,!?\n，。；：！？…—]*(?:\d[.,:]\d[^.;:,!?\n，。；：！？…—]*)*[.;:,!?\n，。；：！？…—]?"
)
_CONJUNCTION = re.compile(
    r"(?<!nothing )(?<!anything )(?<!anywhere )(?<!choice )(?<!option )\bbut\b|\b(?:and|because|although|though|while|so that|so|since)\b|但是|但|而且|因为|所以|不过(?=我|他|她|也|还|可|有)",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    r"^\W*not\b(?=(?:,? [\w'’-]+){1,5}? n?or\b)(?! (?:only|just|merely|sure|certain|yet|until|unless|because)\b)|"
    r"\b(?:(?:do|does|did|is|are|was|were|can|could|will|would|should|must|need|has|have|had|may|might"
    r"|ai|wo|sha|does|be|am)(?:n['’]?t| not)\b|['’](?:m|re|s) not\b(?! (?:just|merely)\b)|(?:dont|doesnt|didnt|isnt|cant|wont|cannot|can['’]?t|won['’]?t)\b"
    r"|never\b|without\b|not to\b(?! (?:mention|say|worry)\b)|no(?! (?:problem|doubt|thanks|thank|matter|worries|way|idea)\b)(?=\s+\w)|(?<= )no\b|none\b|nothing\b|nobody\b|nowhere\b|neither\b|nor\b)",
    re.IGNORECASE,
)
_NO_ENGLISH = re.compile(
    r"\b(?:(?:ca|could)n['’]?t|cannot|can not|could not) (?:wait (?:to|for|until|till)|help (?:but|\w+ing)|stop \w+ing|get enough"
    r"|believe (?:it|that|how|i|we|he|she|they|my|the)|(?:thank|recommend|praise)\b[^.;!?]* enough|agree more|be happier)\b"
    r"|\b(?:ca|could)n['’]?t resist\b|\b(?:cannot|can not|could not) resist\b"
    r"|\b(?:would|do|did|does)n['’]?t (?:mind|say no|hesitate)\b|\bnot (?:only|bad|un\w+|impossible)\b|\bno wonder\b"
    r"|\bnot (?:that|because) (?:i|we|he|she|they) (?:do|did|ca|could|would)(?:n['’]?t| not)\b|\bnever not\b"
    r"|(?<=[\w,] )with(?:out| no)(?: (?!(?:i|you|we|they|he|she|it|who|that|which|as|never)\b)[\w'’-]+){1,3}?"
    r"(?= (?:says?|said|tells?|told|claims?|claimed|writes?|wrote|reports?|reported|mentions?|mentioned|thinks?|thought)\b)",
    re.IGNORECASE,
)
"""What has the form of a negation and denies nothing of what is said: ``can't wait to``, ``not that I don't``, and what
tells only who says it: ``somebody without an id says``."""
_CHINESE = re.compile("不(?:能|可以|会|想|用|必|应该|该|敢|愿意|许|准|要)?|没有|没|无|别|未|勿|莫")
_NO_CHINESE = re.compile(
    "不错|^不过(?!敏|期|夜|量)|不仅|不但|不只|不光|不管|不论|不久|不同(?!意)|不断|不少|不客气|不好意思|对不起|没关系|^没问题$"
    "|别人|别的|别墅|特别|区别|级别|性别|分别|差别|个别|告别|类别|识别|别名|无线|无论|未来|差不多|不要紧|不得不|不是不|并非不|没有不|不会不|不可能不|不能不|不可不|未必不|没少|无不"
    "|(?:抵挡|抵抗|抗拒)不[住了]|迫不及待|等不及"
    "|(.)不\\1|有没有|要不要|是不是|能不能|莫干|[不别]超过|不多于|不少于|不低于|不高于|(?<![收找看听买拿])不到"
    "|(?:没有?|无)[^说，。；！？]{1,12}的[^说，。；！？]{1,4}(?=说)"
)
_SOFT = re.compile(
    r"\b(?:avoid\w*|stop\w*|quit\w*|refus\w*|declin\w*|dislik\w*|hat(?:e|es|ed)|lack\w*|except|instead"
    r"|rather than|against|former\w*|cancel\w*|remov\w*|exclud\w*|(?:left|leav\w+)\b(?!(?: (?:it|them|(?:the|an?|my|any) [\w'-]+(?: [\w'-]+)?))? (?:at|with|on|outside|beside|behind|under|near|next to|in front)\b)|sold|gave up|give up|off|free of"
    r"|\w+-free|no longer|any ?more|not|unless|until|too \w+|hardly|barely|scarcely|rarely|seldom|fail\w*|annoyed|only|before|earlier|more than|less than|over|under"
    r"|(?:be|is|was|are|were|been) \w+(?:ed|en) by)\b"
    r"|被|拒绝|避免|停止|讨厌|除了|免|戒|取消|退(?!款)|除外|只|非|不再|作废|少|怕|去掉|排除|不然|否则|才",
    re.IGNORECASE,
)
_COMPLAINT = re.compile(
    r"\b(?:hurt\w*|pain\w*|ache\w*|aching|uncomfortabl\w*|sick)\b|疼|痛|难受|不舒服|恶心",
    re.IGNORECASE,
)
_ITEM = re.compile(
    r"\W*(?:(?:and|(?P<or>n?or))\s+)?(?:an?|any|some|another|\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven"
    r"|twelve)(?:\s+(?!(?:of|in|on|at|to|is|are|was|were|has|have|had|do|does|did|can|will|would|should|must|who|which"
    r"|that|i|he|she|it|we|they|you)\b)[\w'’-]+){1,3}\W*",
    re.IGNORECASE,
)
"""A further thing of a list, behind a comma or ``and``."""
_NAME = (
    r"(?!(?:of|in|on|at|to|is|are|was|were|has|have|had|do|does|did|can|will|would|should|must|who|which|that"
    r"|i|he|she|it|we|they|you|so|then|also)\b)[^\W\d_][\w'’-]*"
)
_BARE = re.compile(
    rf"\W*(?:(?:(?P<or>n?or)|(?P<and>and))\s+)?{_NAME}(?:\s+{_NAME})?(?:\s+(?P<then>n?or)\s+{_NAME}(?:\s+{_NAME})?)?\W*",
    re.IGNORECASE,
)
"""The same of one or two words with nothing before them: a list has them where it ends in ``or`` or ``and``."""
_NO_LIST = re.compile(
    r"\b(?:if|when|whenever|unless|in case)\b|\b(?:mind|know|care|worry|remember|matter)\W*$",
    re.IGNORECASE,
)
"""In what no list begins, though a comma and two things with ``or`` follow."""
_CONTRAST = re.compile(
    r"\s*not (?:the|an?|that|those|these) (?P<what>[\w'’-]+(?: [\w'’-]+)?) ones?\W*", re.IGNORECASE
)
"""What is denied beside something that is said: ``the blue sofa, not the red one``."""
_OTHER = re.compile(
    r"\s*not (?:(?:in|at|on|to|for|from|with|by|the|an?|my|our|his|her) ){0,2}"
    r"(?!(?:yet|really|sure|certain|today|tonight|now|any ?more|before|after|until|too|so|very|bad|all|including|that|this|only|just|even"
    r"|necessarily|quite|much|many|always|often|once|twice|ever|again|here|there|problem|chance|fan|bit|lot|all|least|worry|what|if"
    r"|when|because|as|like)\b)(?P<what>[\w'’-]+(?: [\w'’-]+)?)\s*[^\w\s]?\s*",
    re.IGNORECASE,
)
"""What something is not, behind what it is: ``I live in Leeds, not in London``, ``I'm a teacher, not a nurse``."""
_ORDER = re.compile(
    r"\W*(?:(?:so|and|but|then)\W+)?(?:please\W+)?(?:do not|don['’]?t|never)\b", re.IGNORECASE
)
_NEAR = re.compile(
    r"\b(?:near|close to|outside|not far from|on the edge of)\b|附近|旁边|郊区|周边", re.IGNORECASE
)
_NO_MORE = re.compile(r"any ?more|any longer", re.IGNORECASE)
"""What is not to be done ``any more`` is plainly denied; what is not done so any more was done."""
_LONGEST_ITEM, _MOST_THINGS = 60, 40
"""Characters of a further thing of a list, and how many of them a list has."""
_STOPS = ".;:!?\n"
_ALTERNATIVE = re.compile(
    r",\s|\bn?or\b(?! (?:i|he|she|it|we|they|you|else|so)\b)"
    r"|(?<![暖温柔平缓饱])和(?![平气谐解好睦善])|或(?!许)者?|、|(?<!参)与|以及|[也又](?:不|没有?)(?:能|会|想|要)?",
    re.IGNORECASE,
)
_OF_THINGS = re.compile(
    r"no|not|neither|nor|none|nothing|nobody|nowhere|without|没有|无", re.IGNORECASE
)
"""Behind these a thing stands, behind other negations what is done with it."""
_SHORT_NO = re.compile(r"\bnot\b|\bno\b|不|没", re.IGNORECASE)
_LONGEST = 20_000
"""Characters of a text that are looked at."""


class Item(NamedTuple):
    """Something that is denied.

    Attributes:
        words: what it is.
        beside: what is done with it, or is said before it; whoever says it has a word of these, if there are any.
    """

    words: frozenset[str]
    beside: frozenset[str] = frozenset()


class Clause(NamedTuple):
    """A part of a sentence.

    Attributes:
        start, end: where it stands in the text.
        said: its words of some meaning.
        denied: those of them that a negation denies.
        each: the same, thing by thing, where any of several is denied: ``no dog or cat``.
        unclear: it asks, or denies in its own way.
        complains: it tells what is bad about something: a reason to deny it, and no contradiction.
        whose: of whom it tells; nobody: it is not known.
        is_near: it tells what something is near to: who does not live in London may live near it.
        about: what stands before a denial of one word, of which whoever says it must have something: 退款没有到账.
        limit: the side of a time that it is about: who is not to be called before noon may be called after it.
    """

    start: int
    end: int
    said: frozenset[str]
    denied: frozenset[str]
    unclear: bool
    complains: bool = False
    each: tuple[Item, ...] = ()
    whose: frozenset[str] = frozenset()
    limit: Limit | None = None
    about: frozenset[str] = frozenset()
    is_near: bool = False


def clauses(text: str) -> list[Clause]:
    """Return the clauses of a text that say something."""
    found: list[Clause] = []
    spilling, told, beginning = False, frozenset[str](), frozenset[str]()
    text = without_number_signs(text[:_LONGEST])
    for start, end in _with_lists(text, clause_spans(text)):
        part = text[start:end]
        said = said_words(part)
        negations = _negations(part)
        if not said:
            # "No." or "it's not me" says something of what stands beside it, but not of what.
            spilling = bool(negations) or bool(_SHORT_NO.search(part))
            if spilling and found:
                found[-1] = found[-1]._replace(unclear=True)
            continue
        denied, about, each = frozenset[str](), frozenset[str](), tuple[Item, ...]()
        if found and (contrast := _contrast(text, found[-1], (start, end))) is not None:
            found.append(contrast)
            spilling = False
            continue
        if negations:  # what is behind the first one is behind the others too, or between them
            first, last = negations[0]
            denied = denied_words(part, first, last)
            if len(denied) == 1 and CJK.search(part):
                about = terms(part[:first]) - denied
            each = tuple(_each(part, first, last))
        asks = part.rstrip().endswith(("?", "？")) or part.rstrip("。，, .").endswith(("吗", "呢"))
        limit = limit_of(part)
        clear = [*negations, *([limit.span] if limit else [])]
        soft = any(
            not any(first <= match.start() < last for first, last in clear)
            for match in _SOFT.finditer(part)
            if not (_NO_MORE.fullmatch(match[0]) and _ORDER.match(part))
        )
        idiom = bool(negations) and denies_otherwise(part, negations)
        spilled = spilling and not negations  # "No, I did not order it" says what
        unclear, complains = asks or spilled or soft or idiom, bool(_COMPLAINT.search(part))
        told = whose(part, told) | beginning
        beginning = told if is_subject(part) else frozenset()
        near = bool(_NEAR.search(part))
        found.append(
            Clause(start, end, said, denied, unclear, complains, each, told, limit, about, near)
        )
        spilling = False
    return found


def _contrast(text: str, before: Clause, span: tuple[int, int]) -> Clause | None:
    """Return what a clause such as ``not the red one`` or ``not in London`` denies of what stands before it.

    Of the last word of that another one is denied, together with what is said before it: who does not live in London may go there.
    """
    part = text[slice(*span)]
    ones, other = _CONTRAST.fullmatch(part), _OTHER.fullmatch(part)
    if ones is None and (other is None or before.denied):
        return None
    in_order = words_in_order(text[before.start : before.end])
    said = [word for word in in_order if word in before.said]
    if ones is not None:
        denied = frozenset({*said_words(ones["what"]), *said[-1:]})
    else:
        beside = frozenset({*said[:-1], *(before.said & {BEING})})
        what = said_words(other["what"]) if other else frozenset[str]()
        denied = what | beside
        if not beside or denied == beside:
            return None
    return Clause(*span, denied, denied, unclear=False, whose=before.whose)


def _each(part: str, first: int, last: int) -> Iterator[Item]:
    """Yield the things that are denied behind a negation, which stands from `first` to `last`."""
    items = [one for one in _ALTERNATIVE.split(part[last:]) if one and one.strip()]
    if len(items) < 2 or not (said_words(items[0]) or CJK.search(items[0])):
        return
    beside, doing = said_words(part[:first]), ""
    if not _OF_THINGS.fullmatch(part[first:last].strip(" ,")):
        doing = _done(items[0])
        beside = frozenset({doing}) if doing else beside
    if alone := said_words(items[0]):
        yield Item(alone)
    for item in items[1:]:
        said = said_words(f"{doing}{item}" if LIKING.fullmatch(doing) else item) - {doing}
        if said:
            yield Item(said, beside)


def _done(item: str) -> str:
    """Return what is done with the first thing of a list, ``""`` where it stands alone; of Chinese a character."""
    item = item.strip()
    if CJK.match(item):
        if liked := LIKING.match(item):
            return liked[0]
        return item[0] if len(item) > 1 else ""
    said = said_words(item)
    in_order = [word for word in words_in_order(item) if word in said]
    return in_order[0] if len(said) > 1 else ""


def _has_any(said: frozenset[str], beside: frozenset[str]) -> bool:
    """Whether something has one of some words, or characters of Chinese within its pairs; also where there are none."""
    if not beside or beside & said:
        return True
    letters = {word for word in beside if len(word) == 1}
    return any(letter in word for letter in letters for word in said)


def negates(text: str) -> bool:
    """Whether a negation stands in a text."""
    return bool(_negations(text))


def denials_in(text: str, clauses: Iterable[str]) -> list[tuple[int, int]]:
    """Return where in a text the words stand that deny something, in some clauses of it."""
    places = ((at, clause) for clause in clauses if clause and (at := text.find(clause)) >= 0)
    return [(at + start, at + end) for at, clause in places for start, end in _negations(clause)]


def clause_spans(text: str) -> list[tuple[int, int]]:
    """Return where the clauses of a text begin and end."""
    found = []
    for match in _CLAUSE.finditer(text):
        start = match.start()
        for conjunction in _CONJUNCTION.finditer(text, *match.span()):
            if conjunction.start() > start:
                found.append((start, conjunction.start()))
                start = conjunction.start()
        if match.end() > start:
            found.append((start, match.end()))
    return found


def _with_lists(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the same with each list of things in one: ``a piano, a sofa and a bed``.

    Behind something denied only what ``or`` goes on to is denied for certain: not in ``no car and a bike``.
    """
    thing = cache(lambda index: _thing(text, spans[index]))
    at = 0
    while at < len(spans):
        start, end = spans[at]
        items = list(_things(thing, at, len(spans), bare=not _NO_LIST.search(text, start, end)))
        denies = negates(text[start:end])
        while items and not _ends_list(items[-1], denies=denies):
            items.pop()
        yield start, items[-1].end() if items else end
        at += 1 + len(items)


def _things(
    thing: Callable[[int], re.Match[str] | None], at: int, end: int, *, bare: bool
) -> Iterator[re.Match[str]]:
    """Yield the further things of the list that begins in a clause, the one at `at`."""
    for index in range(at + 1, min(end, at + 1 + _MOST_THINGS)):
        item = thing(index)
        if item is None or (item.re is _BARE and not bare):
            return
        yield item


def _thing(text: str, span: tuple[int, int]) -> re.Match[str] | None:
    """Return a further thing of a list; one without ``a`` or the like has no negation."""
    start, end = span
    if (start and text[start - 1] in _STOPS) or end - start > _LONGEST_ITEM:
        return None
    if (item := _ITEM.fullmatch(text, start, end)) is not None:
        return item
    links = re.sub(r"\bnor\b", "or", text[start:end], flags=re.IGNORECASE)
    if _SOFT.search(text, start, end) or _negations(links):
        return None
    return _BARE.fullmatch(text, start, end)


def _ends_list(item: re.Match[str], *, denies: bool) -> bool:
    """Whether a list may end with a thing: one that is denied only behind ``or``."""
    if item.re is _ITEM:
        return bool(item["or"]) or not denies
    return bool(item["or"] or item["then"] or (item["and"] and not denies))


def _negations(part: str) -> list[tuple[int, int]]:
    english = _NO_ENGLISH.sub(lambda match: "_" * len(match[0]), part)
    found = [match.span() for match in _ENGLISH.finditer(english)]
    if CJK.search(part):
        plain = part.strip("，。！？；：,.!?;: \n")
        shift = part.find(plain)
        hidden = _NO_CHINESE.sub(lambda match: "＿" * len(match[0]), plain)
        found += [
            (match.start() + shift, match.end() + shift) for match in _CHINESE.finditer(hidden)
        ]
    return sorted(found)


class Flip(NamedTuple):
    """Something that one text denies and the other one says.

    Attributes:
        words: what it is about.
        memory, source: the clauses, as (start, end).
        denies: which of the two denies it.
    """

    words: frozenset[str]
    memory: tuple[int, int]
    source: tuple[int, int]
    memory_denies: bool


_COVERED = 0.5
"""The part of the denied words that the other text must say."""


def flips(memory: str, source: str) -> list[Flip]:
    """Return what a memory denies and its source says, or the other way round."""
    mine, theirs = clauses(memory), clauses(source)
    found = [
        Flip(words, (ours.start, ours.end), (other.start, other.end), memory_denies=True)
        for ours, other, words in _flipped(mine, theirs)
    ]
    found += [
        Flip(words, (other.start, other.end), (ours.start, ours.end), memory_denies=False)
        for ours, other, words in _flipped(theirs, mine)
    ]
    return found


def _flipped(
    denying: list[Clause], saying: list[Clause]
) -> list[tuple[Clause, Clause, frozenset[str]]]:
    found = []
    affirmed = cache(lambda of: _affirmed(denying, of))
    doubtful = cache(lambda of: _doubtful(saying, of))
    opposing = cache(lambda of, side: _opposing(saying, of, side))
    seen = set[tuple[object, ...]]()
    for clause in denying:
        side = clause.limit and clause.limit.side
        what = clause.denied, clause.each, clause.whose, side, clause.complains
        if not clause.denied or clause.unclear or what in seen:
            continue
        seen.add(what)
        others = opposing(clause.whose, side)
        for denied, beside in dict.fromkeys((Item(clause.denied, clause.about), *clause.each)):
            best = max(
                others,
                key=lambda other: (len(denied & other.said), _has_any(other.said, beside)),
                default=None,
            )
            if best is None or (best.complains and not clause.complains):
                continue
            shared, alone = denied & best.said, denied - affirmed(clause.whose)
            is_said = len(shared) >= max(min(2, len(denied)), _COVERED * len(denied))
            # What it says beside, too, such as the verb of "likes dogs, does not like cats", tells nothing.
            is_said &= len(shared & alone) >= max(1, _COVERED * len(alone))
            is_said &= _has_any(best.said, beside) and (clause.is_near or not best.is_near)
            if is_said and not alone & doubtful(clause.whose):
                found.append((clause, best, shared))
                break
    return found


def _opposing(some: Iterable[Clause], of: frozenset[str], side: Side | None) -> list[Clause]:
    """Return the clauses that tell of somebody, as far as is known, and where a side of a time is denied, of that side.

    Of those that say the same only the first.
    """
    found: dict[tuple[object, ...], Clause] = {}
    for one in some:
        is_same = side is None or (one.limit is not None and one.limit.side == side)
        if is_same and not are_others(of, one.whose):
            found.setdefault((one.said, one.complains), one)
    return list(found.values())


def _affirmed(some: Iterable[Clause], of: frozenset[str]) -> frozenset[str]:
    """Return what is said without a negation beside it, of somebody as far as is known."""
    near = (one for one in some if not one.denied and not are_others(one.whose, of))
    return frozenset[str]().union(*(one.said for one in near))


def _doubtful(some: Iterable[Clause], of: frozenset[str]) -> frozenset[str]:
    """Return what is denied or told in an unclear way of somebody, as far as is known."""
    near = (one for one in some if not are_others(one.whose, of))
    return frozenset[str]().union(*(one.said if one.unclear else one.denied for one in near))

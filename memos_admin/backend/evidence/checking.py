"""What of a memory does not agree with the messages that it came from. Pure.

Nothing here says that a memory is wrong: it says what was compared and what was not found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import SequenceMatcher
from functools import cached_property
from itertools import accumulate, chain, islice, pairwise
from typing import NamedTuple, Protocol

from memos_admin.backend.authors import PERHAPS_NOT_USER, Writer
from memos_admin.backend.evidence.across import flips_across
from memos_admin.backend.evidence.dates import day_words
from memos_admin.backend.evidence.denials import Flip, clause_spans, flips
from memos_admin.backend.evidence.facts import Facts, Known, facts, known
from memos_admin.backend.evidence.implied import answered, contradicted, wished
from memos_admin.backend.evidence.kinds import CHECKS, CheckKind
from memos_admin.backend.evidence.loosely import has_unread_number, loose_numbers
from memos_admin.backend.evidence.marriage import told_otherwise
from memos_admin.backend.evidence.moments import Clock, Day
from memos_admin.backend.evidence.names import Name
from memos_admin.backend.evidence.numerals import Number, with_measure
from memos_admin.backend.evidence.ones import several
from memos_admin.backend.evidence.others import of_others
from memos_admin.backend.evidence.persons import swapped
from memos_admin.backend.evidence.replaced import set_aside
from memos_admin.backend.evidence.retold import Retold, retold
from memos_admin.backend.evidence.runs import has_joined, whole_run
from memos_admin.backend.evidence.stances import opposed
from memos_admin.backend.evidence.terms import script, terms
from memos_admin.backend.perspective import INFERENCE, perspective
from memos_admin.backend.provenance.quotes import joined_spans, lowered, without_perspective

COMPARED = frozenset({"detail_factual", "preference", "event"})
"""Views whose memories tell what was said. A tool or skill is a lesson, a profile a form."""

LONGEST = 20_000
"""Characters of a memory that are compared."""


class Numbered(NamedTuple):
    """A message by its number in its conversation.

    Attributes:
        elsewhere: the conversation, where it is another one than the memory names; None: it is that one.
    """

    seq: int
    elsewhere: str | None = None


class Said(NamedTuple):
    """A message that a memory is compared with.

    Attributes:
        seq: its number in its conversation; None: a text that MemOS quotes and no message has.
        elsewhere: as of `Numbered`.
        at: when, UTC milliseconds.
        asks: it is the question that a short source answers, and not a source itself.
        by: who wrote it; None: that is not known, as of what MemOS quotes.
    """

    text: str
    role: str | None = None
    seq: int | None = None
    at: int | None = None
    asks: bool = False
    by: Writer | None = None
    elsewhere: str | None = None

    @property
    def numbered(self) -> tuple[Numbered, ...]:
        """Which message it is; empty where it is none."""
        return () if self.seq is None else (Numbered(self.seq, self.elsewhere),)

    @property
    def may_be_of_others(self) -> bool:
        """Whether it is known that another person said it, or may have."""
        return self.by is not None and self.by.author in PERHAPS_NOT_USER


_ENDS = " \n.,;:，。；："
_FIGURES = re.compile(r"\d+")
_DURATION = re.compile(r"\b(?:hours?|minutes?|mins?|seconds?)\b|小时|分钟?|秒", re.IGNORECASE)
SHORT = 4
"""Words of some meaning and numbers; a message with fewer is understood by the one that it answers."""


def is_short(text: str) -> bool:
    """Whether a message says so little that what it answers belongs to it."""
    return len(text) < LONGEST and len(terms(text)) + len(facts(text).numbers) < SHORT


def _may_mean_anything(text: str) -> bool:
    """Whether a message says so little that anything may come of it, such as “Yes, please”."""
    return is_short(text) and len(terms(text)) < (_PAIRS if script(text) == "chinese" else _SOME)


_SOME, _PAIRS = 2, 3
"""Words of some meaning from which on a short message says something of its own; in pairs of Chinese
characters, of which two words have three."""


_IMPLIED = 10
"""Sentences that a message implies that are compared."""


@dataclass(frozen=True, slots=True)
class Check:
    """Something that does not agree.

    Attributes:
        memory: what the memory says, a few words each.
        source: what its source says instead, a few words each; may be empty.
        messages: those that it was compared with.
        memory_denies: of a negation: it is the memory that denies.
        texts: where these words stand, whole.
        until: of a source that has changed since: when something else was read.
        changed: messages among those it was compared with that said something else before, each with when
            that was last seen.
    """

    kind: CheckKind
    memory: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    messages: tuple[Numbered, ...] = ()
    memory_denies: bool = False
    texts: tuple[str, ...] = field(default=(), repr=False, compare=False)
    until: int | None = None
    changed: tuple[tuple[Numbered, int], ...] = ()

    @property
    def seqs(self) -> tuple[int, ...]:
        """Numbers of the messages that it was compared with, each in its own conversation."""
        return tuple(one.seq for one in self.messages)


class _Located(Protocol):
    """Something that stands in a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def check(
    content: str, sources: Sequence[Said], around: Known, *, certain: bool = True
) -> list[Check] | None:
    """Return what of a memory does not agree with its sources; None: they cannot be compared.

    Args:
        content: of the memory.
        sources: the messages that it came from, each behind what it answers where it is short.
        around: what all messages of the conversation state: what stands there is not invented.
        certain: the sources are known; else they are only nearest and words are not compared.
    """
    text = without_perspective(content)[:LONGEST]
    if not text.strip() or not sources:
        return None
    both = _Comparison(text, sources, around)
    found = both.figures()
    if both.same_script:
        found += both.names()
        if certain:
            denied = _each_once([*both.denials(), *both.across()])
            found += (denied or both.nothing()) + both.persons()
    elif certain:
        found += _each_once(both.across())
    if certain:
        found += both.others() + both.speaker(perspective(content))
    if not both.same_script and not found and not both.has_figures:
        return None
    texts = content, *(one.text for one in sources)
    told = (replace(one, texts=texts) for one in found)
    return sorted(told, key=lambda one: CHECKS.index(one.kind))


class _Comparison:
    """A memory's text and its sources, with what they state."""

    def __init__(self, text: str, sources: Sequence[Said], around: Known) -> None:
        self.text, self.sources, self.around = text, sources, around
        self.given = [one for one in sources if not one.asks]
        self.mine = facts(text)
        self.theirs = [(one.text, facts(one.text)) for one in self.given]
        self.whole = "\n".join(one.text for one in sources)
        self.messages = _messages(self.given)
        scripts = {script(text), script(self.whole)} - {""}
        self.same_script = len(scripts) < 2

    @property
    def has_figures(self) -> bool:
        """Whether the memory has what can be compared across languages."""
        return bool(self.mine.numbers or self.mine.days or self.mine.clocks)

    @cached_property
    def retold(self) -> tuple[Retold, ...]:
        """What the memory's numbers come to, such as 48 of four boxes of 12."""
        return tuple(retold(lowered(self.text)))

    @property
    def _is_read(self) -> bool:
        """Whether the sources have no number-like word or sign that is not understood."""
        return not any(has_unread_number(lowered(one.text)) for one in self.given)

    def figures(self) -> list[Check]:
        """Return the numbers, dates and times that no message states."""
        found = []
        wrong = [one for one in self.mine.numbers if self._is_read and self._is_wrong(one)]
        ones = list(self._ones()) if self._is_read else []
        if wrong or ones:
            said = self._said(lambda stated: stated.numbers) if wrong else ()
            parts = (*_parts(self.text, wrong), *(mine for mine, _ in ones))
            theirs = dict.fromkeys((*said, *(other for _, other in ones)))
            found.append(Check("number", parts, tuple(theirs), self.messages))
        days = [
            one
            for one in self.mine.days
            if not self.around.has_day(one) and not self._is_joined(one)
        ]
        clocks = [
            one
            for one in self.mine.clocks
            if not self.around.has_clock(one) and not self._may_be_told(one)
        ]
        if days or clocks:
            # A time beside a date would say nothing.
            stated = [
                *(self._said_days() if days else ()),
                *(self._said(lambda one: (*one.clocks, *one.loose_clocks)) if clocks else ()),
            ]
            parts = _parts(self.text, (*days, *clocks))
            found.append(Check("date", parts, tuple(dict.fromkeys(stated)), self.messages))
        return found

    def _ones(self) -> Iterator[tuple[str, str]]:
        """Yield what the memory has one of and a source several, in the words of both."""
        for one in self.given:
            for it in several(self.text, one.text, self.around.words, self.around.chinese):
                yield self.text[slice(*it.memory)], one.text[slice(*it.source)]

    def _is_wrong(self, number: Number) -> bool:
        """Whether no message has a number, nor the date or time that it may be."""
        if not number.sure or self.around.has_number(number) or self._is_joined(number):
            return False
        loose: list[Day | Clock] = [
            *(one for one in self.mine.loose_days if self.around.has_day(one)),
            *(one for one in self.mine.loose_clocks if self.around.has_clock(one)),
        ]
        told = (one for one in self.retold if not one.values.isdisjoint(self.around.numbers))
        return not any(one.start <= number.start < one.end for one in (*loose, *told))

    def _is_joined(self, one: _Located) -> bool:
        """Whether a message has something with other spaces or hyphens, or as a part of a longer code."""
        return has_joined(self.text, (one.start, one.end), self.around.joined)

    def _may_be_told(self, clock: Clock) -> bool:
        """Whether a time is told in its parts (three hours and 22 minutes), or is a number (六点八)."""
        if self._is_joined(clock):
            return True
        parts = _FIGURES.findall(self.text[clock.start : clock.end])
        values = {Decimal(part).normalize() for part in parts} - {Decimal(0)}
        if len(parts) > 1 and values <= self.around.numbers and _DURATION.search(self.whole):
            return True
        said = loose_numbers(lowered(self.text[clock.start : clock.end + 1]))
        return any(value % 1 and value in self.around.numbers for value in said)

    def names(self) -> list[Check]:
        """Return the names and codes that no message has."""
        wrong = [
            one
            for one in self.mine.names
            if not self.around.has_name(one) and not self._is_joined(one)
        ]
        if not wrong:
            return []
        said = tuple(dict.fromkeys(self._instead(wrong)))
        return [Check("name", _parts(self.text, wrong), said, self.messages)]

    def _instead(self, wrong: Sequence[Name]) -> Iterator[str]:
        """Yield names of the sources for which a wrong one may stand; others would only confuse."""
        own = {one.key for one in self.mine.names}
        meant = [(one.key, _beside(self.text, one)) for one in wrong[:_COMPARED_NAMES]]
        for text, stated in self.theirs:
            others = [one for one in stated.names if one.key not in own][:_COMPARED_NAMES]
            alike = [one for one in others if _may_stand_for(one.key, _beside(text, one), meant)]
            yield from _parts(text, alike)

    def _said(self, which: Callable[[Facts], Iterable[_Located]]) -> tuple[str, ...]:
        """Return what the sources state of a kind, in their words."""
        parts = (_parts(text, which(stated)) for text, stated in self.theirs)
        return tuple(dict.fromkeys(chain.from_iterable(parts)))

    def _said_days(self) -> Iterator[str]:
        """Yield the dates of the sources, and the words that tell a day from when they are said: last Friday, 下周三."""
        for text, stated in self.theirs:
            dates = (
                (one.start, with_measure(text, one.end))
                for one in (*stated.days, *stated.loose_days)
            )
            for start, end in joined_spans([*dates, *day_words(text[:LONGEST])]):
                yield text[start:end].strip(" .")

    def nothing(self) -> list[Check]:
        """Return whether memory and sources share no word, number, date or name."""
        mine = terms(self.text)
        if not mine or len(self.text) >= LONGEST:  # what else it says is not known
            return []
        if all(_may_mean_anything(one.text) for one in self.given):
            return []
        if any(mine & terms(one.text) for one in self.sources):
            return []
        # The day of a message says nothing by itself, but where it tells one from it.
        sources = known((one.text, one.at if day_words(one.text) else None) for one in self.sources)
        stated = (
            (bool(self.mine.numbers) and not self._is_read)
            or any(map(sources.has_number, self.mine.numbers))
            or any(map(sources.has_name, self.mine.names))
            or any(map(sources.has_day, self.mine.days))
            or any(map(sources.has_clock, self.mine.clocks))
        )
        return [] if stated else [Check("nothing shared", messages=self.messages)]

    def denials(self) -> list[Check]:
        """Return what one of the two denies and the other one says, of a clause of the memory the first."""
        whole = "\n".join(one.text for one in self.given)
        found: dict[tuple[int, int], Check] = {}
        for flip in flips(self.text, whole):
            ends = accumulate(len(one.text) + 1 for one in self.given)
            index = next(n for n, end in enumerate(ends) if flip.source[0] < end)
            check = Check(
                "negation",
                (self.text[slice(*flip.memory)].strip(_ENDS),),
                (whole[slice(*flip.source)].strip(_ENDS),),
                self.given[index].numbered,
                memory_denies=flip.memory_denies,
            )
            found.setdefault(flip.memory, check)
        return [*found.values()] or self._implied() or self._set_aside() or self._stances()

    def across(self) -> list[Check]:
        """Return what a message of the user says in another language the opposite of."""
        return [
            self._of_flip(flip, one)
            for one in self.given
            if one.role != "assistant" and not one.may_be_of_others
            for flip in flips_across(self.text, one.text[:LONGEST])
        ]

    def _implied(self) -> list[Check]:
        """Return what a message denies or says by a yes or a no, or by telling of it as if it were so."""
        for before, one in pairwise([None, *self.sources]):
            if one is None or one.asks or one.role == "assistant" or one.may_be_of_others:
                continue
            found = list(islice(wished(one.text[:LONGEST]), _IMPLIED))
            if before is not None and before.asks and before.role == "assistant":
                told = answered(before.text, one.text)
                found += [told] if told else []
            for it in found:
                for flip in contradicted(self.text, it):
                    return [self._of_flip(flip, one)]
            for flip in told_otherwise(self.text[:LONGEST], one.text[:LONGEST]):
                return [self._of_flip(flip, one)]
        return []

    def _set_aside(self) -> list[Check]:
        """Return what a memory says that a message sets aside for something else."""
        asked = "\n".join(one.text for one in self.sources if one.asks)
        for one in self.given:
            for flip in set_aside(self.text, one.text, asked):
                return [self._of_flip(flip, one)]
        return []

    def _of_flip(self, flip: Flip, one: Said) -> Check:
        """Return what one message and the memory say the opposite of."""
        memory = self.text[slice(*flip.memory)].strip(_ENDS)
        source = one.text[slice(*flip.source)].strip(_ENDS)
        return Check(
            "negation", (memory,), (source,), one.numbered, memory_denies=flip.memory_denies
        )

    def _stances(self) -> list[Check]:
        """Return what a memory tells of the user and his message the opposite of himself, by a word such as hate."""
        for one in (it for it in self.given if it.role != "assistant" and not it.may_be_of_others):
            if (flip := opposed(self.text, one.text[:LONGEST])) is not None:
                return [self._of_flip(flip, one)]
        return []

    def persons(self) -> list[Check]:
        """Return what is told of the user while its source says it of somebody near to him."""
        for one in (it for it in self.given if it.role == "user" and not it.may_be_of_others):
            if (swap := swapped(self.text, one.text[:LONGEST])) is not None:
                memory = self.text[slice(*swap.memory)].strip(_ENDS)
                source = one.text[slice(*swap.source)].strip(_ENDS)
                return [Check("person", (memory,), (source,), one.numbered)]
        return []

    def others(self) -> list[Check]:
        """Return that a memory tells of the user what only another person of the conversation said."""
        theirs = of_others(
            self.text, [one.by for one in self.given], [one.text for one in self.given]
        )
        found = _messages(self.given[number] for number in theirs)
        return [Check("another person", messages=found)] if found else []

    def speaker(self, whose: str | None) -> list[Check]:
        """Return that a memory is told as the user's words while only the assistant said them."""
        if whose in {None, INFERENCE} or not all(one.role == "assistant" for one in self.given):
            return []
        return [Check("speaker", messages=self.messages)]


def _messages(said: Iterable[Said]) -> tuple[Numbered, ...]:
    """Return which messages these are, each once."""
    return tuple(dict.fromkeys(chain.from_iterable(one.numbered for one in said)))


def _each_once(found: Iterable[Check]) -> list[Check]:
    """Return checks, of those that quote the same of the memory the first."""
    by_words: dict[tuple[str, ...], Check] = {}
    for one in found:
        by_words.setdefault(one.memory, one)
    return [*by_words.values()]


_ALIKE = 0.7
"""Of two names that are spelled alike, as `SequenceMatcher.ratio` tells it."""


_COMPARED_NAMES, _COMPARED_LETTERS = 40, 60
"""Wrong names of a memory, and names of a message, that are compared with each other, and their letters."""


def _may_stand_for(name: str, beside: Set[str], wrong: Iterable[tuple[str, Set[str]]]) -> bool:
    """Whether a name is spelled like one of the wrong ones, or stands with the same words."""
    for key, words in wrong:
        if _is_code(key) or _is_code(name):
            if _is_code(key) and _is_code(name):
                return True
            continue
        spelled = SequenceMatcher(None, key[:_COMPARED_LETTERS], name[:_COMPARED_LETTERS]).ratio()
        if spelled >= _ALIKE or (words & beside) - {key, name}:
            return True
    return False


def _is_code(name: str) -> bool:
    return any(map(str.isdigit, name))


def _beside(text: str, name: Name) -> frozenset[str]:
    """Return the words of some meaning of the clause that a name stands in."""
    for start, end in clause_spans(text[:LONGEST]):
        if start <= name.start < end:
            return terms(text[start:end])
    return frozenset()


def _parts(text: str, found: Iterable[_Located]) -> tuple[str, ...]:
    whole = (_whole(text, one) for one in found)
    return tuple(dict.fromkeys(part.strip(" .") for part in whole))


def _whole(text: str, one: _Located) -> str:
    """Return a number, date or name as a text has it, with what it is a part of and what it counts."""
    start, end = one.start, one.end
    if isinstance(one, (Number, Name)):
        start, end = whole_run(text, start, end)
    return text[start : with_measure(text, end)]

"""Which memories of a user may say the same or the contrary: few of all pairs, by rare words they share.

Of each clause the rarest words are looked up, and of a word only the latest memories that have it: the time
grows with the number of memories, not with its square. What is compared is what shares half of its words.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import chain

from memos_admin.backend.evidence.denials import Clause, clause_spans, clauses, negates
from memos_admin.backend.evidence.facts import Facts, facts
from memos_admin.backend.evidence.numerals import may_count
from memos_admin.backend.evidence.persons import named
from memos_admin.backend.evidence.terms import loose_terms, terms
from memos_admin.backend.model import Memory
from memos_admin.backend.provenance.quotes import normal, without_perspective

LONGEST = 1_000
"""Characters of a memory that are compared with others."""

RAREST = 3
"""Words of a clause by which others are looked up."""

LATEST = 50
"""Memories that have such a word and are compared, the latest ones."""


class Part:
    """A clause of a memory, with what it states where that is asked for."""

    __slots__ = ("_facts", "_negates", "_numbers", "clause", "of", "text", "words")

    of: Text
    """The memory that it is a part of."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = terms(text)
        self._facts: Facts | None = None
        self._numbers: frozenset[Decimal] | None = None
        self._negates: bool | None = None
        self.clause: Clause | None = None

    @property
    def facts(self) -> Facts:
        """What it states."""
        if self._facts is None:
            self._facts = facts(self.text)
        return self._facts

    @property
    def numbers(self) -> frozenset[Decimal]:
        """The numbers that it states."""
        if self._numbers is None:
            found = self.facts.numbers if may_count(self.text) else ()
            self._numbers = frozenset(one.value for one in found)
        return self._numbers

    @property
    def readings(self) -> frozenset[Decimal]:
        """The same with all that they can mean: 85.000 is 85,000 or 85."""
        return frozenset(each for one in self.facts.numbers for each in (one.value, *one.also))

    @property
    def key(self) -> frozenset[str]:
        """Its words without its numbers: what the numbers are about."""
        text = self.text
        for one in sorted(self.facts.numbers, key=lambda it: -it.start):
            text = f"{text[: one.start]} {text[one.end :]}"
        return frozenset(loose_terms(text))

    @property
    def occasion(self) -> tuple[frozenset[object], ...]:
        """What makes it another occasion: days, times of day, names, persons."""
        found = self.facts
        return (
            frozenset(one[:3] for one in found.days),
            frozenset(one.minutes for one in found.clocks),
            frozenset(one.key for one in found.names),
            frozenset(self.text[start:end].lower() for start, end in named(self.text)),
        )

    @property
    def negates(self) -> bool:
        """Whether a negation stands in it: without one it denies nothing."""
        if self._negates is None:
            self._negates = negates(self.text)
        return self._negates

    @property
    def denied(self) -> Clause | None:
        """The clause with what it denies."""
        if self.clause is None:
            self.clause = next(iter(clauses(self.text)), None)
        return self.clause


@dataclass(eq=False)
class Text:
    """A memory as it is compared."""

    memory: Memory
    text: str
    parts: list[Part] = field(default_factory=list)

    @cached_property
    def plain(self) -> str:
        """The text as its letters are compared."""
        return normal(self.text).casefold()

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of some meaning of all parts."""
        return frozenset[str]().union(*(part.words for part in self.parts))


def text_of(memory: Memory) -> Text:
    """Return a memory as it is compared."""
    plain = without_perspective(memory.content[:LONGEST]).strip()
    spans = ((start, end) for start, end in clause_spans(plain))
    parts = [Part(plain[start:end]) for start, end in spans]
    text = Text(memory, plain, [part for part in parts if part.words])
    for part in text.parts:
        part.of = text
    return text


class Candidates:
    """Finds, of memories that come one after the other, the earlier ones that may be compared with each."""

    def __init__(self, texts: Sequence[Text]) -> None:
        """Take all of them: how rare a word is decides by what they are looked up."""
        self._rare = Counter(word for one in texts for word in one.words)
        self._with: dict[str, deque[Part]] = {}

    def before(self, text: Text) -> Iterator[tuple[Text, Part, Part]]:
        """Yield earlier texts with a clause of each that are about the same, and remember this one."""
        mine: list[tuple[str, Part]] = []
        for part in text.parts:
            rarest = sorted(part.words, key=lambda word: (self._rare[word], word))[:RAREST]
            mine += ((word, part) for word in rarest)
            known = (reversed(self._with.get(word, ())) for word in rarest)
            size = len(part.words)
            for other in dict.fromkeys(chain.from_iterable(known)):
                # The same as an overlap of a half; the sizes alone rule most of it out.
                theirs = len(other.words)
                if size <= 2 * theirs <= 4 * size and (
                    3 * len(part.words & other.words) >= size + theirs
                ):
                    yield other.of, other, part
        for word, part in mine:
            if self._rare[word] > 1:
                self._with.setdefault(word, deque(maxlen=LATEST)).append(part)


def overlap(one: Set[str], other: Set[str]) -> float:
    """Return the shared part of two sets of words, from 0 to 1."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0

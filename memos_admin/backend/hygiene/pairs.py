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

from memos_admin.backend.evidence.denials import Clause, clause_spans, clauses
from memos_admin.backend.evidence.facts import Facts, facts
from memos_admin.backend.evidence.persons import named
from memos_admin.backend.evidence.terms import loose_terms, terms
from memos_admin.backend.model import Memory
from memos_admin.backend.provenance.quotes import without_perspective

LONGEST = 1_000
"""Characters of a memory that are compared with others."""

RAREST = 3
"""Words of a clause by which others are looked up."""

LATEST = 50
"""Memories that have such a word and are compared, the latest ones."""

_SHARED = 0.5


class Part:
    """A clause of a memory, with what it states where that is asked for."""

    __slots__ = ("_facts", "clause", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = terms(text)
        self._facts: Facts | None = None
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
        return frozenset(one.value for one in self.facts.numbers)

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
    def words(self) -> frozenset[str]:
        """The words of some meaning of all parts."""
        return frozenset[str]().union(*(part.words for part in self.parts))


def text_of(memory: Memory) -> Text:
    """Return a memory as it is compared."""
    plain = without_perspective(memory.content[:LONGEST]).strip()
    spans = ((start, end) for start, end in clause_spans(plain))
    parts = [Part(plain[start:end]) for start, end in spans]
    return Text(memory, plain, [part for part in parts if part.words])


class Candidates:
    """Finds, of memories that come one after the other, the earlier ones that may be compared with each."""

    def __init__(self, texts: Sequence[Text]) -> None:
        """Take all of them: how rare a word is decides by what they are looked up."""
        self._rare = Counter(word for one in texts for word in one.words)
        self._with: dict[str, deque[tuple[Text, Part]]] = {}

    def before(self, text: Text) -> Iterator[tuple[Text, Part, Part]]:
        """Yield earlier texts with a clause of each that are about the same, and remember this one."""
        mine: list[tuple[str, Part]] = []
        for part in text.parts:
            rarest = sorted(part.words, key=lambda word: (self._rare[word], word))[:RAREST]
            compared: set[int] = set()
            for word in rarest:
                mine.append((word, part))
                for other, theirs in reversed(self._with.get(word, ())):
                    if id(theirs) not in compared:
                        compared.add(id(theirs))
                        if overlap(part.words, theirs.words) >= _SHARED:
                            yield other, theirs, part
        for word, part in mine:
            if self._rare[word] > 1:
                self._with.setdefault(word, deque(maxlen=LATEST)).append((text, part))


def overlap(one: Set[str], other: Set[str]) -> float:
    """Return the shared part of two sets of words, from 0 to 1."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0

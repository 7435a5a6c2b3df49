"""Precision and recall of the rules on the labelled sets, precision on the demo as it is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from memos_admin.backend.hygiene.finding import Finding
from memos_admin.backend.hygiene.kinds import RULES, RuleId
from memos_admin.backend.hygiene.looking import Between, of_each
from memos_admin.backend.hygiene.pairs import text_of
from memos_admin.backend.hygiene.scan import scan
from memos_admin.backend.hygiene.settings import HygieneSettings
from memos_admin.backend.model import Filter, Reads
from tests.hygiene.labelled import LANGUAGES, NOW, Labelled, demo_findings, people


@dataclass
class Measured:
    """How a rule fared in a set. `missed` is None where nobody looked for what is missed."""

    set: str
    rule: str
    hit: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] | None = field(default_factory=list)

    @property
    def precision(self) -> float:
        """What part of what was found is right."""
        return self.hit / max(1, self.hit + len(self.wrong))

    @property
    def recall(self) -> float | None:
        """What part of what is labelled was found."""
        return None if self.missed is None else self.hit / max(1, self.hit + len(self.missed))


def findings(some: Sequence[Labelled], settings: HygieneSettings | None = None) -> list[Finding]:
    """Return what is found about the memories of one user."""
    asked = settings or HygieneSettings()
    memories = [one.memory for one in some]
    sources = {one.memory.pk: one.sources for one in some}
    texts = [text_of(memory) for memory in memories]
    between = Between(texts, asked)
    found = list(of_each(memories, sources, asked, NOW))
    return [*found, *(one for text in texts for one in between.look(text))]


def of_labelled() -> list[Measured]:
    """Return how every rule fared in every labelled set."""
    result: list[Measured] = []
    for language in LANGUAGES:
        of = {rule: Measured(language, rule) for rule in RULES}
        for some in people(language).values():
            rules = defaultdict[int, set[str]](set)
            for one in findings(some):
                rules[one.memory_pk].add(one.rule)
            for labelled in some:
                _count(of, labelled, rules[labelled.memory.pk])
        result += of.values()
    return result


def _count(of: Mapping[RuleId, Measured], labelled: Labelled, found: Set[str]) -> None:
    for rule, one in of.items():
        if rule in labelled.labels and rule in found:
            one.hit += 1
        elif rule in labelled.labels and one.missed is not None:
            one.missed.append(labelled.memory.content)
        elif rule in found:
            one.wrong.append(labelled.memory.content)


def of_demo(reads: Reads) -> list[Measured]:
    """Return how right is what every rule finds in the demo; what is missed nobody has looked for."""
    right = demo_findings()
    of = {rule: Measured("demo", rule, missed=None) for rule in RULES}
    for step in scan(reads, Filter(), HygieneSettings(), NOW):
        for one in step.findings:
            text = reads.memory(one.memory_id)[0].content
            of_rule = [
                words
                for rule, whose, words in right
                if (rule, whose) == (one.rule, one.ref.external_id)
            ]
            if any(words in text for words in of_rule):
                of[one.rule].hit += 1
            else:
                of[one.rule].wrong.append(f"{one.ref.external_id} | {text}")
    return list(of.values())


def total(found: Iterable[Measured], name: str) -> Measured:
    """Return all rules of a set together."""
    some = [one for one in found if one.set == name]
    missed = (
        None
        if any(one.missed is None for one in some)
        else [text for one in some for text in one.missed or ()]
    )
    return Measured(
        name,
        "all",
        sum(one.hit for one in some),
        [text for one in some for text in one.wrong],
        missed,
    )


def table(found: Sequence[Measured]) -> str:
    """Return the figures as a table for a page."""
    lines = [
        "| set | rule | rightly found | wrongly found | missed | precision | recall |",
        "| --- " * 7 + "|",
    ]
    for name in dict.fromkeys(one.set for one in found):
        rows = [one for one in found if one.set == name and (one.hit or one.wrong or one.missed)]
        for one in (*rows, total(found, name)):
            missed = "not looked for" if one.missed is None else len(one.missed)
            recall = "" if one.recall is None else f"{one.recall:.2f}"
            lines.append(
                f"| {one.set} | {one.rule} | {one.hit} | {len(one.wrong)} | {missed} "
                f"| {one.precision:.2f} | {recall} |"
            )
    return "\n".join(lines)

"""Precision and recall of the checks on the labelled sets, and on the demo as it is synced and stored.

A memory counts once for each kind of error: found, missed, or found where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from memos_admin.backend.evidence import comparing
from memos_admin.backend.evidence.checking import Said
from memos_admin.backend.evidence.facts import Known, known
from memos_admin.backend.evidence.kinds import CHECKS
from memos_admin.backend.evidence.names import words_of
from memos_admin.backend.evidence.review import review
from memos_admin.backend.evidence.support import Support
from memos_admin.backend.model import Reads
from memos_admin.backend.provenance import nearest
from tests.backend.stored import stored_message
from tests.evidence.labelled import (
    ACROSS,
    EVERYDAY,
    LABELS,
    LANGUAGES,
    NEW_USER,
    SEVERAL,
    SPELLINGS,
    SUPPORT,
    Labelled,
    Scene,
    demo_labels,
    scenes,
)

MEASURED = tuple(kind for kind in CHECKS if kind != "changed since")
"""That a message has changed since is no judgement: the store has what it said before."""


@dataclass
class Measured:
    """How a kind of error fared in a set."""

    set: str
    kind: str
    hit: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def labelled(self) -> int:
        """How many have it."""
        return self.hit + len(self.missed)

    @property
    def recall(self) -> float:
        """What part of these was found."""
        return self.hit / max(1, self.labelled)

    @property
    def precision(self) -> float:
        """What part of what was found has it."""
        return self.hit / max(1, self.hit + len(self.wrong))


def found_in(scene: Scene, memory: Labelled) -> Set[str]:
    """Return the kinds of check that a labelled memory gets, in the way in which a review asks."""
    said = [
        Said(text, by.role, number, scene.at, by=by)
        for number, (by, text) in enumerate(scene.messages, 1)
    ]

    def around() -> Known:
        found = known((one.text, one.at) for one in said)
        for by, _text in scene.messages:
            found.words |= words_of(by.name)
        return found

    def before(seq: int) -> Said | None:
        return said[seq - 2] if seq > 1 else None

    if memory.sources:
        linked = [said[number - 1] for number in memory.sources]
        sources = comparing.with_questions(linked, before)
        compared = comparing.compare("detail_factual", memory.text, sources, around)
    else:
        near = nearest(memory.text, [stored_message(one.seq or 0, one.text) for one in said])
        guess = None if near is None else said[near.message_pk - 1]
        compared = comparing.compare_with_all("detail_factual", memory.text, guess, around)
    return {one.kind for one in compared.checks}


def of_labelled() -> list[Measured]:
    """Return how every kind fared in every labelled set."""
    result: list[Measured] = []
    for language in (*LANGUAGES, *SPELLINGS, *SUPPORT, *NEW_USER, *EVERYDAY, *SEVERAL, *ACROSS):
        of: dict[str, Measured] = {kind: Measured(language, kind) for kind in MEASURED}
        for scene in scenes(language):
            for memory in scene.memories:
                _count(of, memory.text, memory.labels, found_in(scene, memory))
        result += of.values()
    return result


def of_demo(reads: Reads) -> list[Measured]:
    """Return the same for the memories of the demo, which went the whole way: synced, stored, reviewed."""
    labels = demo_labels()
    of: dict[str, Measured] = {kind: Measured("demo", kind) for kind in MEASURED}
    for memory_id, support in supports_in(reads).items():
        kinds = {one.kind for one in support.checks}
        text = reads.memory(memory_id)[0].content
        _count(of, text, labels.pop(memory_id, frozenset()), kinds)
    if labels:
        raise ValueError(f"The store has no such memories: {', '.join(labels)}")
    return list(of.values())


def supports_in(reads: Reads) -> dict[str, Support]:
    """Return what a review of everybody in a store finds, by the memory's id."""
    return {
        support.memory_id: support
        for subject in reads.subjects(reads.subject_pks())
        for part in review(reads, subject)
        for support in part.supports
    }


def _count(of: Mapping[str, Measured], text: str, labels: Iterable[str], found: Set[str]) -> None:
    wanted = {LABELS[label] for label in labels if label in LABELS}
    for kind, one in of.items():
        if kind in wanted and kind in found:
            one.hit += 1
        elif kind in wanted:
            one.missed.append(text)
        elif kind in found:
            one.wrong.append(text)


def total(found: Iterable[Measured], name: str) -> Measured:
    """Return all kinds of a set together."""
    whole = Measured(name, "all")
    for one in found:
        if one.set == name:
            whole.hit += one.hit
            whole.missed += one.missed
            whole.wrong += one.wrong
    return whole


def table(found: Sequence[Measured]) -> str:
    """Return the figures as a table for a page."""
    lines = [
        "| set | kind | labelled | found wrongly | precision | recall |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name in dict.fromkeys(one.set for one in found):
        rows = [one for one in found if one.set == name and (one.labelled or one.wrong)]
        lines += (
            f"| {one.set} | {one.kind} | {one.labelled} | {len(one.wrong)} "
            f"| {one.precision:.2f} | {one.recall:.2f} |"
            for one in (*rows, total(found, name))
        )
    return "\n".join(lines)

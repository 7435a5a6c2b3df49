"""Precision and recall of the finder on the labelled set.

A labelled part counts as found if everything of it is masked, whatever its kind is taken for: on a
screen it is the letters that matter. What is masked outside of all labelled parts is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from memos_admin.backend.masking.finding import KINDS, find
from tests.masking.labelled import LANGUAGES, Sentence, sentences


@dataclass
class Measured:
    """How a kind fared in a language: parts that were masked, those missed, and what was not one."""

    language: str
    kind: str
    hit: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.hit / max(1, self.hit + len(self.missed))

    @property
    def precision(self) -> float:
        return self.hit / max(1, self.hit + len(self.wrong))


def measured() -> list[Measured]:
    """Return how every kind fared in every language."""
    found: list[Measured] = []
    for language in LANGUAGES:
        of: dict[str, Measured] = {kind: Measured(language, kind) for kind in KINDS}
        for sentence in sentences(language):
            _measure(sentence, of)
        found += of.values()
    return found


def _measure(sentence: Sentence, of: dict[str, Measured]) -> None:
    spans = find(sentence.text)
    covered = {at for start, end, _ in spans for at in range(start, end)}
    for start, end, kind in sentence.parts:
        letters = (at for at in range(start, end) if sentence.text[at].isalnum())
        if all(at in covered for at in letters):
            of[kind].hit += 1
        else:
            of[kind].missed.append(sentence.text)
    labelled = {at for start, end, _ in sentence.parts for at in range(start, end)}
    for start, end, kind in spans:
        if not labelled & {*range(start, end)}:
            of[kind].wrong.append(f"{sentence.text[start:end]} in: {sentence.text}")


def total(found: Iterable[Measured], language: str) -> Measured:
    """Return all kinds of a language together."""
    whole = Measured(language, "all")
    for one in found:
        if one.language == language:
            whole.hit += one.hit
            whole.missed += one.missed
            whole.wrong += one.wrong
    return whole


def table(found: Sequence[Measured]) -> str:
    """Return the figures as a table for a page."""
    lines = [
        "| set | kind | labelled | precision | recall |",
        "| --- | --- | --- | --- | --- |",
    ]
    for language in LANGUAGES:
        rows = [one for one in found if one.language == language]
        for one in (*rows, total(found, language)):
            number = one.hit + len(one.missed)
            if not number and not one.wrong:
                continue
            lines.append(
                f"| {language} | {one.kind} | {number} | {one.precision:.2f} | {one.recall:.2f} |"
            )
    return "\n".join(lines)

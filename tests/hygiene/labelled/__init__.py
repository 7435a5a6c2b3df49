"""Memories in English and Chinese, labelled by hand with the rules that are to find something."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from memos_admin.backend.hygiene.kinds import RULES
from memos_admin.backend.model import Memory, MemorySource, SubjectRef

LANGUAGES = ("english", "chinese", "english-unseen", "chinese-unseen")
"""The rules were looked through with the first two, and never changed for the others."""

NOW = int(datetime(2026, 11, 29, tzinfo=UTC).timestamp() * 1000)
_LINE = re.compile(r"([\w+-]+) @ (\S+)(?: \{([^}]*)\})? \| (.+)")
_HERE = Path(__file__).parent


class Labelled(NamedTuple):
    """A memory with the messages that it came from, and the rules that are to find something."""

    memory: Memory
    sources: tuple[MemorySource, ...]
    labels: frozenset[str]


def memory_of(
    pk: int,
    text: str,
    *,
    at: int = NOW,
    user: str = "emma",
    view: str = "detail_factual",
    confidence: float | None = None,
    sources: int = 1,
) -> Memory:
    """Return a memory as a store would."""
    return Memory(
        pk, pk, SubjectRef("user", user), f"m{pk}", view, None, text, len(text), (), "activated", None,
        confidence, None, None, None, at, at, at, at, None, None, None, 1, at, sources,
    )  # fmt: skip


def people(language: str) -> dict[str, list[Labelled]]:
    """Return the memories of a set by whose they are."""
    found: dict[str, list[Labelled]] = {}
    for line in (_HERE / f"{language}.txt").read_text("utf-8").splitlines():
        if line.startswith("## "):
            found[line[3:]] = []
        elif line and not line.startswith("#"):
            user = list(found)[-1]
            found[user].append(_labelled(sum(map(len, found.values())) + 1, user, line))
    return found


def _labelled(pk: int, user: str, line: str) -> Labelled:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"This is no memory: {line}")
    labels = frozenset(match[1].split("+")) - {"ok"}
    if unknown := labels.difference(RULES):
        raise ValueError(f"There is no rule {unknown}: {line}")
    notes = (match[3] or "user").split()
    confidence = next((float(note) for note in notes if note[0].isdigit()), None)
    roles = [note for note in notes if not note[0].isdigit() and note != "none"]
    if confidence is not None and not roles:
        roles = ["user"]
    at = int(datetime.fromisoformat(match[2]).replace(tzinfo=UTC).timestamp() * 1000)
    memory = memory_of(pk, match[4], at=at, user=user, confidence=confidence, sources=len(roles))
    return Labelled(
        memory, tuple(MemorySource("chat", role, None, None, None) for role in roles), labels
    )


def demo_findings() -> set[tuple[str, str, str]]:
    """Return what is rightly found in the demo, by hand: rule, whose, words of the memory."""
    rows = (_HERE / "demo.txt").read_text("utf-8").splitlines()
    return {tuple(row.split(" | ")) for row in rows if row and not row.startswith("#")}  # type: ignore[misc]

"""Conversations in English and Chinese and what was remembered of them, labelled by hand."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from memos_admin.backend.authors import Writer, writer
from memos_admin.emulator.demo import demo_data, midnight
from memos_admin.emulator.demo.screenplay import DAY_MS

LANGUAGES = ("english", "chinese", "english-unseen", "chinese-unseen")
"""The rules were looked through with the first two, and never changed for the others."""

SPELLINGS = ("spellings-unseen", "spoken-unseen")
"""Odd ways to write numbers, dates and denials in both languages; the rules were never changed for them."""

SUPPORT = ("support-english-unseen", "support-chinese-unseen", "support-later-unseen")
"""What people write to a support: idioms, prohibitions, one and several; the rules were never changed for them."""

NEW_USER = ("new-user",)
"""Pairs that somebody tried who did not know the rules, measured before the rules were changed for them."""

EVERYDAY = ("everyday", "everyday-unseen")
"""Everyday contradictions; the rules were changed with the first in view, and never for the second."""

SEVERAL = ("several-chinese",)
"""Relatives and reported words among several people, measured before the rules were changed for them."""

ACROSS = ("across",)
"""What is told in one language and remembered in the other, measured before there was a rule for it."""

LABELS = {
    "nothing": "nothing shared",
    "negation": "negation",
    "person": "person",
    "number": "number",
    "date": "date",
    "name": "name",
    "another": "another person",
    "speaker": "speaker",
}
"""Labels with the kinds of check that they are to be found as; ``ok`` and ``other`` have none."""

_MEMORY = re.compile(r"\+ ([\w+]+) <([\d,]*|-): (.+)")
_SAID = re.compile(r"(user|assistant)(?: ([^:<]+))?(?: <([^>]*)>)?: (.+)")
"""Among several people the speaker is named, and has an id where MemOS gives one; the user's is ``me``."""


@dataclass(frozen=True)
class Labelled:
    """A memory, the numbers of the messages that it came from, and what is wrong with it."""

    text: str
    sources: tuple[int, ...]
    labels: frozenset[str]


@dataclass(frozen=True)
class Scene:
    """A conversation: when it began (UTC milliseconds), who said what in it, memories."""

    name: str
    at: int
    messages: list[tuple[Writer, str]] = field(default_factory=list)
    memories: list[Labelled] = field(default_factory=list)


def scenes(language: str) -> list[Scene]:
    """Return the conversations of a language. Raises ValueError for a line that is none."""
    file = Path(__file__).with_name(f"{language}.txt")
    found: list[Scene] = []
    for line in file.read_text("utf-8").splitlines():
        if not line or (line.startswith("#") and not line.startswith("## ")):
            continue
        if line.startswith("## "):
            name, _, at = line.removeprefix("## ").partition(" @ ")
            moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
            found.append(Scene(name, int(moment.timestamp() * 1000)))
        elif said := _SAID.fullmatch(line):
            role, name, role_id, text = said.groups()
            found[-1].messages.append((writer(role, role_id, name, "me"), text))
        elif memory := _MEMORY.fullmatch(line):
            numbers = tuple(int(n) for n in memory[2].split(",") if n.isdigit())
            labels = frozenset(memory[1].split("+")) - {"ok"}
            if not labels <= {*LABELS, "other"}:
                raise ValueError(line)
            found[-1].memories.append(Labelled(memory[3], numbers, labels))
        else:
            raise ValueError(line)
    return found


def demo_labels() -> dict[str, frozenset[str]]:
    """Return the labels of the demo's memories by their ids; those without an error are left out.

    Raises ValueError where the demo has no such memory, or more than one.
    """
    before = demo_data(midnight() - 40 * DAY_MS).records  # some are gone by now
    records = {one.id: one for one in (*before, *demo_data().records)}.values()
    found: dict[str, frozenset[str]] = {}
    for line in Path(__file__).with_name("demo.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        labels, owner, text = re.split(r"\s+", line, maxsplit=2)
        ids = [
            one.id
            for one in records
            if one.subjects[0].id == owner and text in json.dumps(one.item, ensure_ascii=False)
        ]
        if len(ids) != 1:
            raise ValueError(f"{len(ids)} memories: {line}")
        found[ids[0]] = frozenset(labels.split("+"))
    return found

"""The rules that look at one memory by itself. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from memos_admin.backend.authors import Writer
from memos_admin.backend.evidence.checking import COMPARED
from memos_admin.backend.evidence.others import of_others
from memos_admin.backend.hygiene.finding import Hit, written_at
from memos_admin.backend.hygiene.kinds import RuleId
from memos_admin.backend.hygiene.other_person import other_person
from memos_admin.backend.hygiene.sensitive import sensitive
from memos_admin.backend.hygiene.settings import HygieneSettings
from memos_admin.backend.hygiene.stale import stale
from memos_admin.backend.model import Memory, MemorySource
from memos_admin.backend.perspective import INFERENCE, perspective
from memos_admin.backend.provenance.quotes import without_perspective


class Looked(NamedTuple):
    """A memory that is looked at: its text without marks of whose words it is, and its sources.

    `said`: who wrote what they quote, in a conversation of several people; None: that is not known.
    """

    memory: Memory
    text: str
    sources: Sequence[MemorySource]
    said: Sequence[tuple[Writer | None, str]] = ()


def looked(
    memory: Memory,
    sources: Sequence[MemorySource],
    longest: int,
    said: Sequence[tuple[Writer | None, str]] = (),
) -> Looked:
    """Return a memory as the rules look at it."""
    title = f"{memory.title}\n" if memory.title else ""
    return Looked(memory, title + without_perspective(memory.content[:longest]), sources, said)


def _stale(one: Looked, settings: HygieneSettings, now: int) -> Hit | None:
    if one.memory.view not in COMPARED:
        return None
    return stale(one.text, written_at(one.memory), now, settings.stale_days)


def _sensitive(one: Looked, settings: HygieneSettings, _now: int) -> Hit | None:
    return sensitive(one.text, settings.topics)


def _other_person(one: Looked, _settings: HygieneSettings, _now: int) -> Hit | None:
    return other_person(one.text)


def _low_confidence(one: Looked, settings: HygieneSettings, _now: int) -> Hit | None:
    value = one.memory.confidence
    return Hit(number=value) if value is not None and value < settings.confidence else None


def _no_source(one: Looked, _settings: HygieneSettings, _now: int) -> Hit | None:
    return Hit() if one.memory.view in COMPARED and not one.memory.sources else None


def _speaker(one: Looked, _settings: HygieneSettings, _now: int) -> Hit | None:
    marked = perspective(one.memory.content)
    writers, quoted = [by for by, _said in one.said], [said for _by, said in one.said]
    if marked != INFERENCE and of_others(one.text, writers, quoted):
        return Hit("another person")
    if not one.sources or marked in {None, INFERENCE}:
        return None
    return Hit() if all(source.role == "assistant" for source in one.sources) else None


SINGLE: Mapping[RuleId, Callable[[Looked, HygieneSettings, int], Hit | None]] = {
    "stale-date": _stale,
    "other-person": _other_person,
    "sensitive": _sensitive,
    "speaker": _speaker,
    "low-confidence": _low_confidence,
    "no-source": _no_source,
}

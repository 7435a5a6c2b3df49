"""A scan of the memories that a filter names, user by user, so that what is found can be shown meanwhile.

What is held at a time is a batch of whole memories, and of one user's the beginnings of at most `TOGETHER`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from memos_admin.backend.hygiene.finding import Finding, written_at
from memos_admin.backend.hygiene.looking import LONGEST, Between, of_each
from memos_admin.backend.hygiene.pairs import Text, text_of
from memos_admin.backend.hygiene.settings import HygieneSettings
from memos_admin.backend.hygiene.speakers import Speakers
from memos_admin.backend.model import Filter, Memory, MemorySource, Reads
from memos_admin.language import gettext as _
from memos_admin.store import streams
from memos_admin.store.errors import StoreInterrupted

TOGETHER = 10_000
"""Memories of a user that are compared with each other: of one with more those said one after the other."""

_BATCH = 200
_SUBJECTS = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan is: memories looked at, of how many.

    Attributes:
        compared: of `together`, the memories of a user that are being compared with each other; 0: none are.
    """

    memories: int
    of: int
    compared: int = 0
    together: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What was found in one step."""

    progress: Progress
    findings: list[Finding] = field(default_factory=list)


def scan(reads: Reads, wanted: Filter, settings: HygieneSettings, now: int) -> Iterator[Step]:
    """Yield what the rules find, step by step; gone memories only where the filter asks for them.

    Raises:
        StoreInterrupted: `Reads.interrupt` was called.
        ValueError: the filter asks for another time than now.
    """
    if wanted.as_of is not None:
        raise ValueError("A scan looks at what is known now.")
    wanted = replace(
        wanted,
        vanished=False if wanted.vanished is None else wanted.vanished,
        order="updated",
        descending=False,
    )
    return _Scan(reads, wanted, settings, now).steps()


class _Scan:
    def __init__(self, reads: Reads, wanted: Filter, settings: HygieneSettings, now: int) -> None:
        self._reads, self._wanted, self._settings, self._now = reads, wanted, settings, now
        self._interrupts = reads.query.interrupts
        self._speakers = Speakers(reads)
        self._done, self._of = 0, reads.memory_count(wanted)
        self._pairs = not {"duplicate", "contradiction"}.isdisjoint(settings.rules)

    def steps(self) -> Iterator[Step]:
        """Yield what is found."""
        yield Step(Progress(0, self._of))
        for keys in self._by_subject():
            for start in range(0, len(keys), TOGETHER):
                yield from self._together(keys[start : start + TOGETHER])

    def _by_subject(self) -> Iterator[array[int]]:
        if self._wanted.subject is not None:
            yield self._reads.memory_pks(self._wanted)
            return
        pks = self._reads.subject_pks()
        for start in range(0, len(pks), _SUBJECTS):
            for subject in self._reads.subjects(pks[start : start + _SUBJECTS]):
                yield self._reads.memory_pks(replace(self._wanted, subject=subject.ref))

    def _together(self, keys: array[int]) -> Iterator[Step]:
        texts: list[Text] = []
        for start in range(0, len(keys), _BATCH):
            memories = self._reads.memories(keys[start : start + _BATCH], cut=LONGEST)
            if self._pairs:
                texts += map(text_of, memories)
            sources = self._sources(memories)
            said = self._speakers.of(memories, sources)
            found = list(of_each(memories, sources, self._settings, self._now, said))
            self._done += len(memories)
            yield Step(self._progress(), found)
        # Of few it is done at once, and not worth to be told of.
        texts.sort(key=lambda text: written_at(text.memory))
        together = len(texts) if len(texts) > _BATCH else 0
        yield Step(self._progress(together=together))
        between = Between(texts, self._settings)
        for start in range(0, len(texts), _BATCH):
            some = texts[start : start + _BATCH]
            found = [one for text in some for one in between.look(text)]
            compared = min(start + _BATCH, together)
            yield Step(self._progress(compared, together), found)

    def _sources(self, memories: list[Memory]) -> dict[int, list[MemorySource]]:
        if "speaker" not in self._settings.rules:
            return {}
        return streams.sources_of(self._reads.query, [one.pk for one in memories if one.sources])

    def _progress(self, compared: int = 0, together: int = 0) -> Progress:
        if self._reads.query.interrupts != self._interrupts:
            raise StoreInterrupted(_("Stopped."))
        return Progress(min(self._done, self._of), self._of, compared, together)

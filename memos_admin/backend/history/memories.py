"""What a memory said at each reading that found it changed, and what of it was new then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from memos_admin.backend.history.worddiff import Part, word_diff
from memos_admin.backend.model import Memory, MemoryVersion, Reads, SyncRun
from memos_admin.store import history as stored
from memos_admin.store.history import Absence, found_in

__all__ = [
    "FIELDS",
    "Absence",
    "Difference",
    "Found",
    "absences",
    "began_in",
    "differences",
    "differences_of",
    "versions",
]

FIELDS = ("view", "title", "content", "tags", "status", "conversation_id")
"""What makes a version."""


class Found(NamedTuple):
    """A version, and the sync in which it was read first; None: that is not known."""

    version: MemoryVersion
    run: SyncRun | None


class Difference(NamedTuple):
    """A field that says something else than before, part by part."""

    field: str
    parts: list[Part]

    @property
    def between(self) -> str:
        """What stands between two parts where they are told in one line: tags are words apart."""
        return ", " if self.field == "tags" else ""


def versions(reads: Reads, memory_pk: int) -> list[Found]:
    """Return all that a memory has said, oldest first, the present version last."""
    runs = found_in(reads.query, memory_pk)
    return [Found(one, runs.get(one.version)) for one in reads.memory_versions(memory_pk)]


def absences(reads: Reads, memories: Sequence[Memory], as_of: int | None = None) -> list[Absence]:
    """Return when memories, as listed for somebody, were gone and came back; those begun by an instant."""
    found = stored.absences(reads.query, [one.listing_pk for one in memories])
    return [one for one in found if as_of is None or one.vanished_at <= as_of]


def began_in(version: MemoryVersion, found: Sequence[Absence]) -> list[Absence]:
    """Return those that began while a version was what the memory said."""
    until = version.replaced_at
    return [
        one
        for one in found
        if version.seen_from <= one.vanished_at and (until is None or one.vanished_at < until)
    ]


def differences(before: MemoryVersion, after: MemoryVersion) -> list[Difference]:
    """Return what a version says differently than the one before it.

    Of a version whose text is no longer kept only view, status and conversation can be compared, and
    what is not kept of one cannot be.
    """
    found = []
    known = ("view", "status", "conversation_id") if before.dropped or after.dropped else FIELDS
    for name in known:
        if name in before.not_kept or name in after.not_kept:
            continue
        old, new = getattr(before, name), getattr(after, name)
        if name == "tags":
            parts = _tags(old, new)
        elif name in {"title", "content"}:
            beside = (before.content, after.content) if name == "title" else ()
            differs = (old or "") != (new or "")
            parts = word_diff(old or "", new or "", *beside) if differs else []
        else:
            parts = _whole(old or "", new or "")
        if any(part.kind != "same" for part in parts):
            found.append(Difference(name, parts))
    return found


def differences_of(reads: Reads, memory_pk: int, version: int) -> tuple[Difference, ...]:
    """Return what a version says differently than the one before it, as far as both are kept."""
    known = {one.version: one for one in reads.memory_versions(memory_pk)}
    before, after = known.get(version - 1), known.get(version)
    if before is None or after is None:
        return ()
    return tuple(differences(before, after))


def _whole(old: str, new: str) -> list[Part]:
    parts = [Part("same", old)] if old == new else [Part("gone", old), Part("new", new)]
    return [part for part in parts if part.text]


def _tags(old: tuple[str, ...], new: tuple[str, ...]) -> list[Part]:
    """Return tags one by one: those that stay in their order, those gone, those new."""
    if {*old} == {*new}:
        return []
    return [
        *(Part("same" if tag in new else "gone", tag) for tag in old),
        *(Part("new", tag) for tag in new if tag not in old),
    ]

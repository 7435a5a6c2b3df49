"""Which verdicts are meant: those on the memories of a filter, narrowed by who, what and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from memos_admin.backend.model import Filter, Memory, Reads
from memos_admin.store import verdict_reads
from memos_admin.store.verdict_records import Verdict

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which verdicts; empty fields do not narrow.

    Attributes:
        memories: on which memories; its time is that of their update.
        verdicts: which ones.
        operators: whose.
        since, until: bounds of when they were given, milliseconds, `until` excluded.
        changed: True: only on memories that say something else since; False: on what they say now.
        ended: those that were replaced or withdrawn too.
    """

    memories: Filter = field(default_factory=Filter)
    verdicts: frozenset[str] = frozenset()
    operators: frozenset[str] = frozenset()
    since: int | None = None
    until: int | None = None
    changed: bool | None = None
    ended: bool = False

    def fits(self, one: Verdict) -> bool:
        """Whether a verdict is meant, its memory aside."""
        return (
            (not self.verdicts or one.verdict in self.verdicts)
            and (not self.operators or one.operator in self.operators)
            and (self.since is None or one.judged_at >= self.since)
            and (self.until is None or one.judged_at < self.until)
            and (self.changed is None or self.changed == (one.version != one.latest))
        )


def chosen(reads: Reads, wanted: Wanted) -> list[tuple[Verdict, int]]:
    """Return verdicts, the last one first, each with the key of the listing that it is shown with."""
    listings = listings_of_judged(reads, wanted.memories)
    return [
        (one, listings[one.memory_pk])
        for one in verdict_reads.verdicts(reads.query, ended=wanted.ended)
        if one.memory_pk in listings and wanted.fits(one)
    ]


def listings_of_judged(reads: Reads, wanted: Filter) -> dict[int, int]:
    """Return a listing of each memory that was ever judged and passes a filter, by the memory's key.

    It is the one that was looked at where that passes.
    """
    judged = verdict_reads.judged_listings(reads.query)
    if is_narrow(wanted):
        passing = set(reads.memory_pks(wanted))
        judged = [row for row in judged if row[0] in passing]
    found: dict[int, int] = {}
    for pk, memory_pk, subject_pk in judged:
        if subject_pk is not None:
            found[memory_pk] = pk
        else:
            found.setdefault(memory_pk, pk)
    return found


def is_narrow(wanted: Filter) -> bool:
    """Whether a filter leaves anything out."""
    return replace(wanted, order="updated", descending=True) != Filter()


def with_memories(
    reads: Reads, found: Sequence[tuple[Verdict, int]]
) -> Iterator[tuple[Verdict, Memory]]:
    """Yield verdicts with their memories as they are now, whole; without those removed since."""
    for start in range(0, len(found), _BATCH):
        some = found[start : start + _BATCH]
        keys = list(dict.fromkeys(pk for _, pk in some))
        memories = {one.listing_pk: one for one in reads.memories(keys)}
        for verdict, pk in some:
            if pk in memories:
                yield verdict, memories[pk]

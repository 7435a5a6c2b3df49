"""Which verdicts are meant: those on the memories of a filter, narrowed by who, what and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from memos_admin.backend.model import Filter, Memory, Reads
from memos_admin.backend.verdicts.agreement import Pair, compared
from memos_admin.backend.verdicts.verdict_filter import VerdictFilter
from memos_admin.store import verdict_reads
from memos_admin.store.listings import passing
from memos_admin.store.verdict_records import Verdict

_BATCH = 200
_FEW = 2_000
"""Listings that are asked for by their keys."""


def chosen(reads: Reads, wanted: VerdictFilter) -> list[tuple[Verdict, int]]:
    """Return verdicts, the last one first, each with the key of the listing that it is shown with."""
    listings = _listings(reads, wanted)
    given = verdict_reads.verdicts(reads.query, ended=wanted.ended or bool(wanted.both))
    fitting = [one for one in given if one.memory_pk in listings and _fits(one, wanted)]
    if wanted.both:
        among = _compared_by_all(_pairs(given, listings, wanted), wanted.both)
        fitting = [one for one in fitting if one.pk in among]
    if wanted.stands:
        fitting = [one for one in fitting if one.ended_at is None]
    return [(one, listings[one.memory_pk]) for one in fitting]


def chosen_pairs(reads: Reads, wanted: VerdictFilter) -> list[Pair]:
    """Return what `agreement` counts of each two operators: where both verdicts are meant."""
    given = verdict_reads.verdicts(reads.query, ended=True)
    return _pairs(given, _listings(reads, wanted), wanted)


def _pairs(
    given: Sequence[Verdict], listings: Mapping[int, int], wanted: VerdictFilter
) -> list[Pair]:
    return [
        pair
        for pair in compared(one for one in given if one.memory_pk in listings)
        if all(_fits(one, wanted) for one in pair)
    ]


def _listings(reads: Reads, wanted: VerdictFilter) -> dict[int, int]:
    """Return the listings of judged memories; their views are those that were judged, see `_fits`."""
    memories = replace(wanted.memories, views=frozenset(), not_views=frozenset())
    return listings_of_judged(reads, memories)


def _fits(one: Verdict, wanted: VerdictFilter) -> bool:
    """Whether a verdict is meant, its memory and the verdicts of others aside."""
    return (
        (not wanted.verdicts or one.verdict in wanted.verdicts)
        and (not wanted.operators or one.operator in wanted.operators)
        and (not wanted.both or one.operator in wanted.both)
        and (not wanted.views or one.view in wanted.views)
        and one.view not in wanted.not_views
        and (wanted.given_since is None or one.judged_at >= wanted.given_since)
        and (wanted.given_until is None or one.judged_at < wanted.given_until)
        and (wanted.changed is None or wanted.changed == one.is_changed)
    )


def _compared_by_all(pairs: Iterable[Pair], operators: frozenset[str]) -> set[int]:
    """Return the keys of what is compared, where each of these operators has judged the same."""
    said: dict[tuple[int, int], dict[str, set[int]]] = {}
    for pair in pairs:
        for one in pair:
            of_version = said.setdefault((one.memory_pk, one.said), {})
            of_version.setdefault(one.operator, set()).add(one.pk)
    whole = (some for some in said.values() if some.keys() == operators)
    return {pk for some in whole for pks in some.values() for pk in pks}


def listings_of_judged(reads: Reads, wanted: Filter) -> dict[int, int]:
    """Return a listing of each memory that was ever judged and passes a filter, by the memory's key.

    It is the one that was looked at where that passes.
    """
    judged = verdict_reads.judged_listings(reads.query)
    if is_narrow(wanted):
        keys = [pk for pk, _memory, _subject in judged]
        named = _passing(reads, wanted, keys)
        judged = [row for row in judged if row[0] in named]
    found: dict[int, int] = {}
    for pk, memory_pk, subject_pk in judged:
        if subject_pk is not None:
            found[memory_pk] = pk
        else:
            found.setdefault(memory_pk, pk)
    return found


def _passing(reads: Reads, wanted: Filter, keys: Sequence[int]) -> set[int]:
    """Return which of these listings a filter names; where they are few the others are not looked at."""
    if len(keys) > _FEW:
        return set(reads.memory_pks(wanted))
    found: set[int] = set()
    for start in range(0, len(keys), _BATCH):
        found |= passing(reads.query, wanted, keys[start : start + _BATCH])
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

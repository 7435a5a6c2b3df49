"""Which shards of an index still fit their store, and what of the store no shard covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from memos_admin.store.query import Query
from memos_admin.store.search.index import Shard
from memos_admin.store.search.logs import LOGS, Log, bounds, shard_of
from memos_admin.store.search.notes import Removals


class Stretch(NamedTuple):
    """Keys of a log from `first` to `last`, in a shard or (None) in none."""

    first: int
    last: int
    shard: Shard | None


def fitting(query: Query, shards: Sequence[Shard], removals: Removals, seen: str) -> list[Shard]:
    """Return the shards that hold what the store holds.

    Args:
        query: the store.
        shards: of an index that was read before the store is.
        removals: what the store has noted.
        seen: the latest removal that the shards know of.
    """
    missed = removals.since(seen)
    if missed is None:
        return []
    given_up = {
        (log, number)
        for removal in missed
        for log, numbers in removal.shards.items()
        for number in numbers
    }
    kept = []
    for log in LOGS:
        mine = [shard for shard in shards if shard.log == log.name]
        marks = log.marks(query, [shard.marked_pk for shard in mine if shard.mark])
        floor = min([log.last(query), *(removal.floors[log.name] for removal in missed)])
        kept += [
            shard
            for shard in mine
            if (log.name, shard.number) not in given_up
            and shard.done <= floor
            and (not shard.mark or marks.get(shard.marked_pk) == shard.mark)
        ]
    return kept


def stretches(log: Log, last: int, shards: Sequence[Shard]) -> Iterator[Stretch]:
    """Yield all keys of a log up to `last`, latest first.

    Args:
        log: which.
        last: its highest key.
        shards: those that fit.
    """
    mine = {shard.number: shard for shard in shards if shard.log == log.name}
    for number in range(shard_of(last), -1, -1):
        first, end = bounds(number)
        end = min(end, last)
        shard = mine.get(number)
        if shard is None:
            yield Stretch(first, end, None)
            continue
        if shard.done < end:
            yield Stretch(shard.done + 1, end, None)
        if shard.done >= first:
            yield Stretch(first, min(shard.done, end), shard)

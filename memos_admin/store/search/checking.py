"""Whether an index holds what it says that it holds, by our own questions.

FTS5 cannot tell: it keeps no texts, so to its own check any words are right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from pathlib import Path

from memos_admin.store.errors import StoreError
from memos_admin.store.query import Beside, Query
from memos_admin.store.search.fitting import fitting
from memos_admin.store.search.index import (
    EVERYTHING,
    SEEN,
    Index,
    Shard,
    everything_of,
    path_beside,
)
from memos_admin.store.search.logs import LOGS, Document, Log, bounds
from memos_admin.store.search.notes import Removals
from memos_admin.store.search.pairs import runs_in

SAMPLE = 100
"""Documents of a shard whose every word is looked for."""

_AT_ONCE = 40
"""Words of a phrase that is asked for."""
_PHRASES = 25
"""Phrases of a field that are asked for, spread over a long one."""
_CHANGED = {
    "listing": "SELECT memory_pk FROM memory_version",
    "message": "SELECT message_pk FROM message_version",
    "memory_version": """SELECT v.pk FROM memory_version v WHERE EXISTS (
        SELECT 1 FROM memory_version w WHERE w.memory_pk = v.memory_pk AND w.pk > v.pk)""",
    "message_version": """SELECT v.pk FROM message_version v WHERE EXISTS (
        SELECT 1 FROM message_version w WHERE w.message_pk = v.message_pk AND w.pk > v.pk)""",
}
"""Of what need no more be found by this log: items of the first two, rows of the others."""


def problems(
    store: Path,
    *,
    sample: int | None = SAMPLE,
    holding: Callable[[Beside], AbstractContextManager[object]] = nullcontext,
) -> list[str]:
    """Return what is wrong with a store's index, a sentence each; empty: nothing, or there is none.

    Args:
        store: the store, whose index is looked at while others may use both.
        sample: documents of a shard to compare word by word, spread evenly; None: all.
        holding: each connection is used inside this.

    Raises:
        StoreError: the store or its index cannot be read; StoreBroken: the index is damaged.
    """
    path = path_beside(store)
    if not path.exists():
        return []
    query = Query(store)
    try:
        try:
            index = Index(path, read_only=True)
        except StoreError:
            if path.exists():
                raise
            return []  # it was deleted meanwhile
        try:
            with holding(query), holding(index):
                return list(_problems(query, index, sample))
        finally:
            index.close()
    finally:
        query.close()


def _problems(query: Query, index: Index, sample: int | None) -> Iterator[str]:
    damage = index.rows("PRAGMA quick_check(1)")[0][0]
    if damage != "ok":
        yield f"Its file is damaged: {damage.splitlines()[-1]}."
        return
    with index.steady():
        shards, seen = index.shards(), index.state(SEEN)
        with query.steady():
            fit = fitting(query, shards, Removals.in_store(query), seen)
        for log in LOGS:
            changed = set(query.keys(_CHANGED[log.name]))
            for shard in fit:
                if shard.log == log.name:
                    yield from _shard_problems(
                        query, index, log, shard, changed=changed, sample=sample
                    )


def _shard_problems(
    query: Query, index: Index, log: Log, shard: Shard, *, changed: set[int], sample: int | None
) -> Iterator[str]:
    first, last = bounds(shard.number)
    name = f"Its part {shard.number} of {log.name}"
    held = set(index.found(shard, EVERYTHING, first, last, last))
    sql = f"SELECT pk FROM {log.name} WHERE pk BETWEEN ? AND ?"
    stored = set(query.keys(sql, [first, shard.done]))
    if missing := stored - held:
        yield f"{name} lacks {len(missing):,} of {len(stored):,} texts."
    if extra := held - stored:
        yield f"{name} has {len(extra):,} texts that the store does not have."
    keys = sorted(stored & held)
    step = 1 if sample is None else max(1, len(keys) // sample)
    wrong = sum(
        not _has_all(index, shard, document)
        for some in _chunks(keys[::step])
        for document in log.some(query, some)
        if (document.item if log.name in ("listing", "message") else document.pk) not in changed
    )
    if wrong:
        yield f"{name} lacks words of {wrong:,} of {len(keys[::step]):,} texts that were compared."


def _chunks(keys: Sequence[int], size: int = 100) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def _has_all(index: Index, shard: Shard, document: Document) -> bool:
    """Return whether a document is found by all of its words, and by those whom it belongs to."""
    asked = [everything_of(subject) for subject in document.subjects[:1]]
    for field in document.fields:
        words = field.split()
        places = range(0, len(words), _AT_ONCE)
        asked += [
            f'"{" ".join(words[at : at + _AT_ONCE])}"'
            for at in places[:: 1 + len(places) // _PHRASES]
        ]
        runs = (run.split()[:_AT_ONCE] for run in islice(runs_in(field), _PHRASES))
        asked += [f'"{" ".join(pairs)}"' for pairs in runs]
    return all(index.found(shard, query, document.pk, document.pk, 1) for query in asked)

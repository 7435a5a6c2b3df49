"""Lists: what the widgets ask the store for, and the widget itself beside a DataTable."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sqlite3
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from random import Random
from typing import get_args

from benchmarks.bench import Bench, Store
from benchmarks.list_apps import TABLE_ROWS, measured_list, measured_table
from benchmarks.measure import Figure, Samples, alternating, timed
from memos_admin.backend.model import Filter, MemoryOrder, Reads, SubjectOrder
from memos_admin.tui.rows.main import TITLE_CUT
from memos_admin.tui.widgets.row_source import WINDOW

_TIMES = 7
_PAGES = 200
_LIMITED = """
SELECT m.pk, l.pk, s.external_id, m.memory_id, m.view, m.title, substr(m.content, 1, 400), m.status,
       m.updated_at, m.confidence
FROM memory m CROSS JOIN listing l ON l.memory_pk = m.pk JOIN subject s ON s.pk = l.subject_pk
ORDER BY m.updated_at DESC LIMIT 128"""
"""What the first rows could cost at best: an index read from its end, no keys of the rest.

CROSS JOIN tells SQLite to begin with the index."""

Ask = Callable[[], object]


def lists(bench: Bench) -> Iterator[Figure]:
    """What the widgets ask at each size, then the widgets."""
    for name, aim, asks in (
        ("users", "≤ 150 ms", _user_asks),
        ("memories", "≤ 150 ms", _memory_asks),
    ):
        yield from _first_rows(bench, name, aim, asks)
    for store in bench.stores:
        yield from _pages(store, bench.sizes[0] == store.size)
    yield from _widgets(bench)


def _first_rows(
    bench: Bench, name: str, aim: str, asks: Callable[[Reads], dict[str, Ask]]
) -> Iterator[Figure]:
    smallest: dict[str, Samples] = {}
    for store in bench.stores:
        with store.workspace().open_reads() as reads:
            calls = asks(reads)
            if name == "memories":
                calls |= {"floor": partial(_limited, store)}
            samples = alternating(calls, _TIMES)
        floor = samples.pop("floor", None)
        for what, taken in samples.items():
            against, reference = smallest.get(what), f"the same at {bench.sizes[0]}"
            if what == "by updated" and floor is not None:
                against, reference = floor, "plain SQL with LIMIT 128"
            yield taken.figure(
                f"{name}, first rows {what}",
                store=str(store.size),
                against=against,
                reference="" if against is None else reference,
                aim=aim,
            )
        smallest = smallest or samples


def _limited(store: Store) -> list[object]:
    with contextlib.closing(sqlite3.connect(store.path)) as connection:
        return connection.execute(_LIMITED).fetchall()


def _user_asks(reads: Reads) -> dict[str, Ask]:
    def first(text: str, order: SubjectOrder) -> None:
        reads.subjects(reads.subject_pks(text, order)[:WINDOW])

    calls: dict[str, Ask] = {
        f"by {order}": partial(first, "", order) for order in get_args(SubjectOrder)
    }
    return calls | {"with a text": partial(first, "7", "activity")}


def _memory_asks(reads: Reads) -> dict[str, Ask]:
    def first(wanted: Filter) -> None:
        reads.memories(reads.memory_pks(wanted, WINDOW), cut=TITLE_CUT)

    (largest,) = reads.subjects(reads.subject_pks(order="memories")[:1])
    (conversation,) = reads.conversations(reads.conversation_pks(largest.pk)[:1])
    tags = [tag for tag, _ in reads.tags(Filter())]
    (newest,) = reads.memories(reads.memory_pks(Filter(), 1))
    last_week = (newest.updated_at or 0) - 7 * 24 * 3_600_000
    mine = Filter(subject=largest.ref)
    filters = {
        **{f"by {order}": Filter(order=order) for order in get_args(MemoryOrder)},
        "of a view": Filter(views=frozenset({"skill"})),
        "of a status": Filter(statuses=frozenset({"activated"})),
        "with a frequent tag": Filter(tags=frozenset(tags[:1])),
        "with a rare tag": Filter(tags=frozenset(tags[-1:])),
        "of the last week": Filter(since=last_week),
        "gone": Filter(vanished=True),
        "of the largest user": mine,
        "of the largest user by title": replace(mine, order="title", descending=False),
        "of a conversation": replace(mine, conversation_id=conversation.conversation_id),
    }
    return {what: partial(first, wanted) for what, wanted in filters.items()}


def _pages(store: Store, smallest: bool) -> Iterator[Figure]:
    """Pages at random places, and the end."""
    rng, size = Random(1), str(store.size)
    with store.workspace().open_reads() as reads:
        for name, keys, rows in (
            ("users", reads.subject_pks(), reads.subjects),
            ("memories", reads.memory_pks(Filter()), partial(reads.memories, cut=TITLE_CUT)),
        ):
            pages, ends = Samples(), Samples()
            for _ in range(_PAGES):
                window = WINDOW * rng.randrange(len(keys) // WINDOW + 1)
                pages.seconds.append(timed(partial(_page, rows, keys, window)))
            for _ in range(_TIMES):
                ends.seconds.append(timed(partial(_page, rows, keys, len(keys) - WINDOW)))
            yield pages.figure(f"{name}, {WINDOW} rows anywhere", store=size, aim="p95 ≤ 30 ms")
            yield ends.figure(f"{name}, the last {WINDOW} rows", store=size, aim="p95 ≤ 60 ms")
        if not smallest:
            totals = Samples([timed(reads.totals) for _ in range(_TIMES)])
            yield totals.figure("counts of everything", store=size)


def _page(rows: Callable[[Sequence[int]], object], keys: array[int], at: int) -> None:
    rows(keys[max(0, at) : at + WINDOW])


def _widgets(bench: Bench) -> Iterator[Figure]:
    """The widget over everything against a DataTable of so many rows as people still bear."""
    gc.collect()
    gc.freeze()  # as the program does with what it has imported
    table = asyncio.run(measured_table(bench.largest))
    name = f"DataTable of {TABLE_ROWS // 1000} k rows"
    for what, samples in table.items():
        yield samples.figure(f"{name}: {what}")
    for store in bench.stores:
        ours = asyncio.run(measured_list(store))
        for what, samples in ours.items():
            yield samples.figure(
                f"memories widget: {what}",
                store=str(store.size),
                against=table[what],
                reference=name,
            )
    gc.unfreeze()

"""What a person waits for, from the smallest store to the largest: a table, and a plot beside it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench, Store
from benchmarks.list_apps import PAGE, measured_list
from benchmarks.measure import Figure, Samples, timed
from benchmarks.plot import Line, plot
from benchmarks.search import fill, first
from benchmarks.service import Service, running
from benchmarks.sync import UNLIMITED, both_syncs
from benchmarks.terminal import Terminal
from memos_admin.backend.export.exporting import export
from memos_admin.backend.export.scope import SubjectScope
from memos_admin.backend.upkeep import indexing
from memos_admin.store.search.index import discard, path_beside

PLOT = Path(__file__).parent / "results" / "growth.svg"
_TIMES = 5
_QUESTIONS = ("the", "doctor", "的", "喜欢", "一个人", "do", "zzyzx")


def growth(bench: Bench) -> Iterator[Figure]:
    """Opening, a page, a search, a sync and an export of one user at each size."""
    lines: dict[str, Line] = {}
    with running(1, latency_ms=0, seed=bench.seed) as service:
        for store in bench.stores:
            for what, samples in _measured(bench, store, service):
                line = lines.setdefault(what, Line(what))
                line.points.append((store.size.memories, samples.median))
                smallest = line.points[0][1]
                yield Figure(
                    what,
                    samples.median,
                    "ms",
                    str(store.size),
                    samples.best,
                    ratio=samples.median / smallest,
                    reference=f"the same at {bench.sizes[0]}",
                    aim="flat",
                )
    PLOT.parent.mkdir(exist_ok=True)
    PLOT.write_text(plot(list(lines.values()), "memories in the store", "milliseconds"), "utf-8")
    bench.say(f"plot in {PLOT}")


def _measured(bench: Bench, store: Store, service: Service) -> Iterator[tuple[str, Samples]]:
    opened = [_open(store) for _ in range(_TIMES + 1)]
    yield "open: the first frame with users", Samples(opened[1:])
    yield "page down in all memories, drawn", asyncio.run(measured_list(store))[PAGE]
    try:
        fill(store)
        yield "search: the first 50 hits", _searches(store)
    finally:
        indexing.stop(store.path, wait=True)
        discard(path_beside(store.path), 5)
    with bench.copy(store, base_url=service.base_url) as copy:
        run, _ = asyncio.run(both_syncs(copy, service, UNLIMITED))
    yield f"sync of one more user of {Service.MEMORIES} memories", Samples([run.seconds])
    yield "export of the largest user, for 1,000 messages", _exports(bench, store)


def _open(store: Store) -> float:
    with store.workspace().open_reads() as reads:
        (user,) = reads.subjects(reads.subject_pks()[:1])
    with Terminal((sys.executable, "-m", "memos_admin"), store.environment) as terminal:
        return terminal.seen(user.ref.external_id)


def _searches(store: Store) -> Samples:
    samples = Samples()
    with store.workspace().open_reads() as reads:
        for text in _QUESTIONS:
            first(reads, text)
        for text in _QUESTIONS * _TIMES:
            samples.seconds.append(timed(partial(first, reads, text)))
    return samples


def _exports(bench: Bench, store: Store) -> Samples:
    target = bench.folder / "one.csv"
    with store.workspace().open_reads() as reads:
        (largest,) = reads.subjects(reads.subject_pks(order="memories")[:1])
    write = partial(export, store.workspace(), SubjectScope(largest.ref), output=target)
    seconds = [timed(write) for _ in range(_TIMES + 1)][1:]
    return Samples([one * 1000 / largest.messages for one in seconds])

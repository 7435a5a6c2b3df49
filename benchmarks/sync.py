"""Syncs of an emulator with latency, beside the service's own Python client reading the same."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.bench import Bench, Store
from benchmarks.measure import Figure, percentile
from benchmarks.official import read_everything
from benchmarks.search import fill
from benchmarks.service import Service, running
from memos_admin.backend import roster
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.sync import SyncReport, SyncScope
from memos_admin.backend.sync import sync as sync_all
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.client import CloudClient
from memos_admin.cloud.key import ApiKey

RATE = 50.0
LATENCY_MS = 60.0
UNLIMITED = 100_000.0
_TICK = 0.005
_CLIENT = "the official client"


@dataclass(slots=True)
class _Run:
    """One sync and what it took."""

    report: SyncReport
    seconds: float
    cpu: float
    lags: list[float] = field(default_factory=list)


def sync(bench: Bench) -> Iterator[Figure]:
    """First and second syncs, limited and not."""
    users = 1_000 if bench.full else 60
    with running(users, latency_ms=LATENCY_MS, seed=bench.seed) as service:
        with bench.empty(base_url=service.base_url) as store:
            first, second = _both(store, service, RATE)
        yield from _limited("empty", first, second)
        yield from _against_client(bench, service, first, second)
        with bench.copy(bench.largest, base_url=service.base_url) as store:
            fill(store)  # else the index of all that is there already would be made meanwhile
            first, second = _both(store, service, RATE)
        yield from _limited(str(bench.largest.size), first, second)
        with bench.empty(base_url=service.base_url) as store:
            first, _ = _both(store, service, UNLIMITED)
        yield from _unlimited(f"no limit, {LATENCY_MS:.0f} ms latency", first)
    with running(users, latency_ms=0, seed=bench.seed) as service:
        with bench.empty(base_url=service.base_url) as store:
            first, _ = _both(store, service, UNLIMITED)
        yield from _unlimited("no limit, no latency", first)


def _limited(store: str, first: _Run, second: _Run) -> Iterator[Figure]:
    asked, pages = first.report.requests, first.report.requests / first.seconds
    yield Figure("first sync", first.seconds, "s", store)
    yield Figure(
        "first sync: rate reached",
        pages,
        "requests/s",
        store,
        ratio=pages / RATE,
        reference=f"--rate {RATE:.0f}",
        aim="≥ 0.95 ×",
    )
    yield Figure("first sync: CPU a page", 1000 * first.cpu / asked, "ms", store)
    yield Figure(
        "first sync: CPU", 100 * first.cpu / first.seconds, "% of a core", store, aim="≤ 70"
    )
    yield Figure(
        "first sync: event-loop lag",
        1000 * percentile(first.lags, 50),
        "ms",
        store,
        p95=1000 * percentile(first.lags, 95),
        aim="p95 ≤ 16 ms",
    )
    yield Figure("second sync, nothing changed", second.seconds, "s", store)
    yield Figure(
        "second sync: requests a user",
        second.report.requests / second.report.subjects,
        "",
        store,
        aim="≤ 1",
    )


def _unlimited(what: str, run: _Run) -> Iterator[Figure]:
    yield Figure(f"first sync, {what}", run.report.requests / run.seconds, "requests/s", "empty")
    yield Figure(f"first sync, {what}: CPU", 100 * run.cpu / run.seconds, "% of a core", "empty")


def _against_client(bench: Bench, service: Service, first: _Run, second: _Run) -> Iterator[Figure]:
    bench.say(f"{_CLIENT} reads the same, one request after the other")
    try:
        seconds = read_everything(service, RATE)
    except ModuleNotFoundError as error:
        bench.skip(f"{_CLIENT} ({error.name} is missing; see tests/official-client.txt)")
        return
    yield Figure(f"{_CLIENT} reads the same", seconds, "s")
    for name, run, aim in (("first", first, "≤ 0.36 ×"), ("second", second, "≤ 0.05 ×")):
        yield Figure(
            f"{name} sync",
            run.seconds,
            "s",
            "empty",
            ratio=run.seconds / seconds,
            reference=_CLIENT,
            aim=aim,
        )


def _both(store: Store, service: Service, rate: float) -> tuple[_Run, _Run]:
    """Return a first sync of all of the service's users and a second one."""
    return asyncio.run(both_syncs(store, service, rate))


async def both_syncs(store: Store, service: Service, rate: float) -> tuple[_Run, _Run]:
    """Return a first sync of all of the service's users and a second one."""
    workspace = store.workspace()
    workspace.use_remote(CloudClient(service.base_url, ApiKey(service.api_key), rate=rate))
    refs = tuple(SubjectRef("user", user) for user in service.user_ids)
    try:
        await roster.add_subjects(workspace, refs)  # imports are no part of what is measured
        return await _measured(workspace, refs), await _measured(workspace, refs)
    finally:
        await workspace.close()


async def _measured(workspace: Workspace, refs: tuple[SubjectRef, ...]) -> _Run:
    lags: list[float] = []
    watching = asyncio.create_task(_watch(lags))
    start, cpu = time.perf_counter(), time.process_time()
    report = await sync_all(workspace, SyncScope(refs), on_progress=lambda _: None)
    run = _Run(report, time.perf_counter() - start, time.process_time() - cpu, lags)
    watching.cancel()
    if not report.complete:
        raise RuntimeError(f"the sync was not complete: {report}")
    return run


async def _watch(lags: list[float]) -> None:
    """Note how much later than asked for the event loop comes back."""
    while True:
        start = time.perf_counter()
        await asyncio.sleep(_TICK)
        lags.append(time.perf_counter() - start - _TICK)

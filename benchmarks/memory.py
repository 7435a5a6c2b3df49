"""Resident memory of the interface: with the cache on the screen, and after the first refresh."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import bare
from benchmarks.bench import Bench, Store, clean_environment
from benchmarks.generate import PROJECT
from benchmarks.measure import Figure
from benchmarks.search import fill
from benchmarks.service import Service, running
from benchmarks.terminal import Terminal
from memos_admin.backend import roster
from memos_admin.backend.model import SubjectRef

_OURS = (sys.executable, "-m", "memos_admin", "--project", PROJECT)
_BARE = "bare Textual app"


def memory(bench: Bench) -> Iterator[Figure]:
    """The interface at each size beside a bare Textual app."""
    if not Path("/proc/self/status").exists():
        bench.skip("resident memory, since there is no /proc")
        return
    with Terminal((sys.executable, str(Path(bare.__file__))), clean_environment()) as terminal:
        terminal.seen(bare.TEXT)
        terminal.settle()
        least = _resident(terminal)
    yield Figure(_BARE, least, "MiB")
    with running(1, latency_ms=0, seed=bench.seed) as service:
        installed = _as_installed(bench.folder / "installed")
        for store in bench.stores:
            with bench.copy(store, base_url=service.base_url) as copy:
                fill(copy)  # else the index of all that is there already would be made meanwhile
                before, after = asyncio.run(_refreshed(copy, service, installed))
            for what, value, aim in (
                ("before the first refresh", before, "≤ 60 MiB"),
                ("after it", after, "≤ 90 MiB"),
            ):
                yield Figure(
                    f"interface {what}",
                    value,
                    "MiB",
                    str(store.size),
                    ratio=value / least,
                    reference=_BARE,
                    aim=aim,
                )


def _as_installed(folder: Path) -> dict[str, str]:
    """Return the environment in which the program finds what comes with its wheel alone.

    The tools of the development bring click, for which httpx loads a command line of its own: 4 MiB
    that nobody else has.
    """
    folder.mkdir()
    (folder / "click.py").write_text("raise ImportError('it does not come with the program')\n")
    return {"PYTHONPATH": str(folder)}


async def _refreshed(
    store: Store, service: Service, installed: dict[str, str]
) -> tuple[float, float]:
    """Return the memory before and after a user of the service was read in the interface."""
    (name,) = service.user_ids
    workspace = store.workspace()
    await roster.add_subjects(workspace, [SubjectRef("user", name)])
    await workspace.close()
    environment = dict(store.environment) | installed | {"MEMOS_API_KEY": service.api_key}
    with Terminal(_OURS, environment) as terminal:
        terminal.seen("memos_user_")
        terminal.settle()
        before = _resident(terminal)
        terminal.type("G")  # who was never read is the last one
        terminal.seen(name)
        terminal.settle()
        terminal.type("\r")
        terminal.seen("c-0001")
        terminal.settle(2.0)
        return before, _resident(terminal)


def _resident(terminal: Terminal) -> float:
    """Return the resident memory of a terminal's program, in MiB."""
    for line in Path(f"/proc/{terminal.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the program has ended")

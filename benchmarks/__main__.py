"""``python -m benchmarks``: measures, prints one table, keeps it in ``benchmarks/results/``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import cast

from benchmarks.bench import Bench
from benchmarks.generate import Size
from benchmarks.machine import description, is_busy
from benchmarks.measure import Figure
from benchmarks.report import markdown, short

SECTIONS = ("start", "lists", "search", "sync", "export", "write", "encrypted", "memory", "growth")
"""Each is a module of this package with a function of its name."""

QUICK = (10_000, 100_000)
FULL = (10_000, 100_000, 1_000_000)
RESULTS = Path(__file__).parent / "results"

_INTERRUPTED = 130
"""The exit code of what Ctrl+C ended."""

Section = Callable[[Bench], Iterator[Figure]]


def main() -> int:
    """Measure what was asked for; interrupted, keep what is finished."""
    options = _options()
    sizes = tuple(map(Size, sorted(options.memories or (FULL if options.full else QUICK))))
    begun = datetime.now(UTC)
    machine = [*description(), f"seed {options.seed}, {begun:%Y-%m-%d %H:%M} UTC"]
    if is_busy():
        machine.append("**the machine was busy: read the ratios, trust no times**")
    with tempfile.TemporaryDirectory(prefix="memos-admin-bench-") as folder:
        bench = Bench(
            Path(folder), sizes, full=options.full, seed=options.seed, kept=options.stores
        )
        figures: dict[str, list[Figure]] = {}
        interrupted = not finished(bench, options.sections or SECTIONS, figures)
    if not any(figures.values()):
        bench.say("nothing was measured")
        return _INTERRUPTED
    text = markdown(machine, figures, bench.skipped)
    RESULTS.mkdir(exist_ok=True)
    kept = RESULTS / f"{begun:%Y%m%d-%H%M%S}.md"
    kept.write_text(text, "utf-8")
    print(text)
    bench.say(f"kept in {kept}")
    return _INTERRUPTED if interrupted else 0


def finished(bench: Bench, names: Sequence[str], figures: dict[str, list[Figure]]) -> bool:
    """Measure sections into `figures`; return whether nobody interrupted it."""
    for number, name in enumerate(names):
        figures[name] = []
        try:
            for figure in _measured(bench, name):
                figures[name].append(figure)
        except KeyboardInterrupt:
            bench.skip(f"the rest of {', '.join(names[number:])}: it was interrupted")
            return False
    return True


def _measured(bench: Bench, name: str) -> Iterator[Figure]:
    section = cast("Section", getattr(import_module(f"benchmarks.{name}"), name))
    print(f"{name}:", file=sys.stderr)
    start = time.monotonic()
    for figure in section(bench):
        bench.say(short(figure))
        yield figure
    bench.say(f"{name} took {time.monotonic() - start:.0f} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument(
        "--full", action="store_true", help="up to 1 M memories, 2 M messages, 10 k users"
    )
    parser.add_argument(
        "--memories", type=int, nargs="+", metavar="N", help="stores of these sizes instead"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--stores", type=Path, metavar="FOLDER", help="keep the stores there for the next run"
    )
    options = parser.parse_args()
    for name in options.sections:
        if name not in SECTIONS:
            parser.error(f"{name!r} is no section; there are {', '.join(SECTIONS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())

"""Taking times, and what a measured figure is."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

BUDGET = 20.0
"""Seconds that one call may use in all; the whole suite stays bounded whatever is slow."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, a row of the table.

    Attributes:
        what: what was measured.
        store: the size of the store it was measured on, "" where there is none.
        value: the median where there are several samples.
        unit: of `value`, `best` and `p95`.
        reference: what `ratio` compares with, measured in the same run, alternating.
        ratio: `value` divided by the reference's.
        aim: what was asked for, in words.
    """

    what: str
    value: float
    unit: str = "ms"
    store: str = ""
    best: float | None = None
    p95: float | None = None
    ratio: float | None = None
    reference: str = ""
    aim: str = ""


@dataclass(slots=True)
class Samples:
    """Times of one thing, in seconds."""

    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The median, in milliseconds."""
        return 1000 * statistics.median(self.seconds)

    @property
    def best(self) -> float:
        """The shortest, in milliseconds: what the machine can do when nothing disturbs it."""
        return 1000 * min(self.seconds)

    @property
    def p95(self) -> float:
        """The 95th percentile (of few samples the longest), in milliseconds."""
        return 1000 * percentile(self.seconds, 95)

    def figure(
        self,
        what: str,
        *,
        store: str = "",
        against: Samples | None = None,
        reference: str = "",
        aim: str = "",
    ) -> Figure:
        """Return the row of these samples; the ratio is that of the medians."""
        return Figure(
            what,
            self.median,
            "ms",
            store,
            self.best,
            self.p95 if len(self.seconds) >= 20 else None,
            None if against is None else self.median / against.median,
            reference,
            aim,
        )


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest of `values` that `percent` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def timed(call: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def alternating(calls: Mapping[str, Callable[[], object]], times: int) -> dict[str, Samples]:
    """Return the times of each call, all of them in turn, after a round that does not count.

    What disturbs the machine for a while then disturbs each alike. Garbage of one call is collected
    before the next. A call that has used `BUDGET` is not repeated any more; one whose first round
    has is measured by that.
    """
    samples = {name: Samples() for name in calls}
    first = {}
    for name, call in calls.items():
        gc.collect()
        first[name] = timed(call)
    for _ in range(times):
        for name, call in calls.items():
            if first[name] + sum(samples[name].seconds) < BUDGET:
                gc.collect()
                samples[name].seconds.append(timed(call))
    for name, taken in samples.items():
        taken.seconds = taken.seconds or [first[name]]
    return samples

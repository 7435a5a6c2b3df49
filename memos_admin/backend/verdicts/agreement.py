"""How often two operators agree, and by how much more than chance would have them.

Compared are versions of memories that both have judged, by the verdicts that stand. A number that few
cases do not carry is not told: below `FEW` cases there is no share, below `ENOUGH` no kappa, and kappa
comes with an interval of 95 %.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from math import sqrt
from typing import NamedTuple

from memos_admin.store.verdict_records import Verdict

FEW, ENOUGH = 10, 30
Z = 1.96
"""Of an interval of 95 %."""


class Agreement(NamedTuple):
    """How two operators agree.

    Attributes:
        compared: versions of memories that both have judged.
        agreed: those of which they say the same.
        share: `agreed` of `compared`; None: too few.
        kappa: Cohen's; None: too few, or both said the same of everything, where it is not defined.
        interval: of kappa, 95 %; asymptotic (Fleiss, Cohen and Everitt's simple form).
        disagreements: what the first and the second said, and how often, most first.
    """

    first: str
    second: str
    compared: int
    agreed: int
    share: float | None
    kappa: float | None
    interval: tuple[float, float] | None
    disagreements: tuple[tuple[str, str, int], ...]


def agreement(verdicts: Iterable[Verdict]) -> list[Agreement]:
    """Return how each two operators agree who have judged the same, the pair with most of it first."""
    said: dict[str, dict[tuple[int, int], str]] = {}
    for one in verdicts:
        if one.ended_at is None:
            said.setdefault(one.operator, {})[one.memory_pk, one.version] = one.verdict
    found = []
    for first, second in combinations(sorted(said), 2):
        both = said[first].keys() & said[second].keys()
        if both:
            pairs = [(said[first][key], said[second][key]) for key in both]
            found.append(_of(first, second, pairs))
    return sorted(found, key=lambda one: (-one.compared, one.first, one.second))


def _of(first: str, second: str, pairs: Sequence[tuple[str, str]]) -> Agreement:
    number = len(pairs)
    agreed = sum(one == other for one, other in pairs)
    share = agreed / number if number >= FEW else None
    kappa, interval = (None, None) if number < ENOUGH else cohen(pairs)
    differing = Counter(pair for pair in pairs if pair[0] != pair[1])
    ordered = sorted(differing.items(), key=lambda item: (-item[1], item[0]))
    told = tuple((one, other, times) for (one, other), times in ordered)
    return Agreement(first, second, number, agreed, share, kappa, interval, told)


def cohen(
    pairs: Sequence[tuple[str, str]],
) -> tuple[float | None, tuple[float, float] | None]:
    """Return Cohen's kappa and its interval; None where chance alone would have all agree."""
    number = len(pairs)
    firsts, seconds = (Counter(side) for side in zip(*pairs, strict=True))
    observed = sum(one == other for one, other in pairs) / number
    expected = sum(firsts[name] * seconds[name] for name in firsts) / number**2
    if expected >= 1:
        return None, None
    kappa = (observed - expected) / (1 - expected)
    error = sqrt(observed * (1 - observed) / (number * (1 - expected) ** 2))
    return kappa, (max(-1.0, kappa - Z * error), min(1.0, kappa + Z * error))


def wilson(hits: int, number: int) -> tuple[float, float]:
    """Return the interval of 95 % of a share (Wilson's), `number` at least 1."""
    share = hits / number
    spread = Z * sqrt(share * (1 - share) / number + Z**2 / (4 * number**2))
    middle, scale = share + Z**2 / (2 * number), 1 + Z**2 / number
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)

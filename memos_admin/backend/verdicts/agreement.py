"""How often two operators agree, and by how much more than chance would have them.

Compared are versions of memories that both have judged (those that say the same are one), each by what was
said before the other one's verdict could be seen: who was first, by what stood when the other one judged;
the other one, by what was said first then. What either says afterwards, or takes back, agrees with what is
known by then, and does not count; nor does a slip, which was taken back before anything was shown. A number
that few cases do not carry is not told: below `FEW` cases there is no share, below `ENOUGH` no kappa, and
kappa comes with an interval of 95 %.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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


Pair = tuple[Verdict, Verdict]
"""What two operators said of the same, not knowing of each other's; in the order of their names."""


def compared(verdicts: Iterable[Verdict]) -> Iterator[Pair]:
    """Yield what is compared; `verdicts`: all that were ever given, those that ended among them."""
    said: dict[tuple[int, int], dict[str, list[Verdict]]] = {}
    for one in sorted(verdicts, key=lambda one: (one.judged_at, one.pk)):
        if one.ended != "slip":
            of_version = said.setdefault((one.memory_pk, one.said), {})
            of_version.setdefault(one.operator, []).append(one)
    for by_operator in said.values():
        for first, second in combinations(sorted(by_operator), 2):
            ones, others = by_operator[first], by_operator[second]
            counted = _unknowing(ones, others[0]), _unknowing(others, ones[0])
            if counted[0] is not None and counted[1] is not None:
                yield counted[0], counted[1]


def _unknowing(own: Sequence[Verdict], seen: Verdict) -> Verdict | None:
    """Return which of an operator's verdicts, earliest first, owes nothing to the other one's first."""
    at = (seen.judged_at, seen.pk)
    stood = [
        one
        for one in own
        if (one.judged_at, one.pk) < at and (one.ended_at is None or one.ended_at >= seen.judged_at)
    ]
    if stood:  # the first: a later one of the same time stands since that ended
        return min(stood, key=lambda one: one.pk)
    return next((one for one in own if (one.judged_at, one.pk) > at), None)


def agreement(pairs: Iterable[Pair]) -> list[Agreement]:
    """Return how each two operators agree, of what `compared` yields; who has most of it first."""
    said: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for one, other in pairs:
        said.setdefault((one.operator, other.operator), []).append((one.verdict, other.verdict))
    found = [_of(first, second, some) for (first, second), some in said.items()]
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

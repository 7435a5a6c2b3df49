"""When to ask next: slowly, more slowly while nothing changes, and hardly while MemOS cannot answer.

The rate of the service is the account's, which production shares. Nothing here reads a clock.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Literal

DEFAULT_INTERVAL = 30.0
"""Seconds between two polls."""

SHORTEST_INTERVAL = 2.0

MOST_WATCHED = 100
"""Subjects that are watched at once: of more, those of the latest activity."""

PER_SECOND = 1.0
"""Requests a second that a watch may need in the long run, whatever the interval, where one a subject is
enough: a tenth of the usual rate."""

_GROWS, _MOST_GROWN, _LONGEST = 1.5, 10.0, 600.0
_LIMITED_AT_LEAST, _LIMITED_AT_MOST = 60.0, 900.0
_JITTER = 0.2

Outcome = Literal["changed", "quiet", "limited", "away", "refused", "quota"]
"""What came of a poll. ``away``: MemOS did not answer; ``refused`` and ``quota`` need a person."""

ENDS: frozenset[Outcome] = frozenset({"refused", "quota"})
"""Outcomes after which no poll follows."""


class Calm:
    """The time between polls.

    Args:
        interval: seconds that a person wants.
        subjects: whom each poll asks about.
        chance: from 0 to below 1; injectable for tests.
    """

    def __init__(
        self,
        interval: float = DEFAULT_INTERVAL,
        subjects: int = 1,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.shortest = max(interval, SHORTEST_INTERVAL, subjects / PER_SECOND)
        """Seconds between polls while things change: as wanted, longer where many are watched."""
        self.longest = max(self.shortest, min(self.shortest * _MOST_GROWN, _LONGEST))
        """Seconds between polls after a while in which nothing changed."""
        self._chance = chance
        self._now = self.shortest
        self._is_quiet = False

    def after(self, outcome: Outcome) -> float:
        """Return in how many seconds to ask again, jitter included: never earlier than said.

        One poll that found nothing does not make it slower: the first wait, and that after a change,
        are as long as a person was told.
        """
        was_quiet, self._is_quiet = self._is_quiet, outcome != "changed"
        if outcome == "changed":
            self._now = self.shortest
        elif outcome == "limited":
            longer = max(self._now * 2, _LIMITED_AT_LEAST)
            self._now = max(self.shortest, min(longer, _LIMITED_AT_MOST))
        elif outcome == "away":
            self._now = max(self.shortest, min(self._now * 2, self.longest))
        elif was_quiet:
            self._now = max(self.shortest, min(self._now * _GROWS, self.longest))
        return self._now * (1 + _JITTER * self._chance())

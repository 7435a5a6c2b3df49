"""One rate, one concurrency and one pause for every request of a client.

The limits of the service are per account and shared with its owner's production: when it says that
the rate is too high, everything waits, not just the request that was told.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from aiolimiter import AsyncLimiter

Wait = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]

BURST_SECONDS = 0.2
"""How much of the rate may be used at once, so that a screen's two or three requests need not
queue; more would be a burst that production feels."""

LONGEST_PAUSE = 300.0
"""Seconds; a longer Retry-After is taken for this."""


@dataclass(slots=True)
class Patience:
    """What one call may still wait.

    Attributes:
        left: seconds.
        waited_until: the instant (of the pace's clock) up to which it has already waited.
    """

    left: float
    waited_until: float = 0.0


class PausedTooLong(Exception):
    """The pause is longer than the call's patience."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"paused for {seconds:.0f} s")
        self.seconds = seconds


class Pace:
    """Lets requests through.

    Args:
        rate: requests a second.
        concurrency: requests at once.
        wait: sleeps; injectable for tests.
        clock: monotonic seconds; injectable for tests.
        on_pause: called with the seconds that a request is about to sit out.
    """

    def __init__(
        self,
        rate: float,
        concurrency: int,
        *,
        wait: Wait,
        clock: Clock,
        on_pause: Callable[[float], None] = lambda _: None,
    ) -> None:
        if not rate > 0 or concurrency < 1:
            raise ValueError("rate must be above 0 and concurrency at least 1")
        period = max(BURST_SECONDS, 1 / rate)
        self._limiter = AsyncLimiter(max(1.0, rate * period), period)
        self._slots = asyncio.Semaphore(concurrency)
        self._wait = wait
        self._clock = clock
        self._on_pause = on_pause
        self._resume_at = 0.0

    def pause(self, seconds: float) -> float:
        """Hold everything back for so long, and return the instant of its end."""
        until = self._clock() + min(seconds, LONGEST_PAUSE)
        self._resume_at = max(self._resume_at, until)
        return until

    @asynccontextmanager
    async def turn(self, patience: Patience) -> AsyncIterator[None]:
        """Enter when a request may be sent.

        Raises:
            PausedTooLong: everything is held back for longer than `patience` lasts.
        """
        async with self._slots:
            while True:
                await self._sit_out(patience)
                resume_at = self._resume_at
                await self._limiter.acquire()
                # Those that stood in line when somebody was told to wait, wait as well.
                if self._resume_at == resume_at:
                    break
            yield

    async def _sit_out(self, patience: Patience) -> None:
        """Wait until the pause is over, if there is one that was not waited for yet."""
        while self._resume_at > max(patience.waited_until, now := self._clock()):
            seconds, until = self._resume_at - now, self._resume_at
            if seconds > patience.left:
                raise PausedTooLong(seconds)
            patience.left -= seconds
            self._on_pause(seconds)
            await self._wait(seconds)
            patience.waited_until = until


def retry_after_seconds(header: str | None, now: float) -> float | None:
    """Return how many seconds a Retry-After header asks for, 0 to `LONGEST_PAUSE`, or None.

    Args:
        header: seconds or an HTTP date (RFC 9110, 10.2.3).
        now: the present instant in epoch seconds, by the clock of whoever sent the header.
    """
    text = (header or "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text, re.ASCII):
        seconds = float(text)
    else:
        moment = http_date(text)
        if moment is None:
            return None
        seconds = moment - now
    return min(max(seconds, 0.0), LONGEST_PAUSE)


def http_date(header: str | None) -> float | None:
    """Return the epoch seconds that an HTTP date (RFC 9110, 5.6.7) names, or None."""
    try:
        moment = parsedate_to_datetime((header or "").strip())
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:  # "-0000": by RFC 5322 UTC
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()

"""What a call is waiting for, in words for a progress line: told before it waits, and while it does.

The words say what was seen: no answer, no connection, an answer that says "not now", a limited rate.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from memos_admin.cloud.envelope import Outcome, in_brackets
from memos_admin.language import gettext as _

Tell = Callable[[str], None]

SILENT_AFTER = 3.0
"""Seconds without an answer after which that is told, every `TELL_EVERY` seconds from then on."""

TELL_EVERY = 1.0


class Waiting:
    """What one call waits for.

    Args:
        tell: is given each text.
        silent_after: see `SILENT_AFTER`; tests have less time.
    """

    def __init__(self, tell: Tell, silent_after: float = SILENT_AFTER) -> None:
        self._tell = tell
        self._silent_after = silent_after
        self._silent_since: float | None = None
        self._try = ""
        self._took = 0.0

    @contextmanager
    def for_an_answer(self) -> Iterator[None]:
        """Tell of a request that is not answered, from `silent_after` until it is left."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        again = self._silent_since is not None
        if self._silent_since is None:
            self._silent_since = loop.time()

        ticking: asyncio.TimerHandle

        def tick_in(seconds: float) -> None:
            nonlocal ticking
            ticking = loop.call_later(seconds, tick)

        def tick() -> None:
            text = self._silence()
            if self._try:
                again = _("{what}; trying again ({try_of})")
                text = again.format(what=text, try_of=self._try)
            self._tell(text)
            tick_in(TELL_EVERY)

        tick_in(TELL_EVERY if again else self._silent_after)
        try:
            yield
        finally:
            ticking.cancel()
            self._took = loop.time() - began

    def for_the_next_try(
        self, outcome: Outcome, seconds: float, number: int, most: int, later: float = 0.0
    ) -> None:
        """Tell why a request is sent again, when, and about how long it takes until that is given up.

        Args:
            outcome: of the last try.
            seconds: until the next one.
            number: of the next one.
            most: tries that there will be.
            later: seconds of the waits behind this one, at most. Each try is taken to last as long as this one.
        """
        self._try = _("try {number} of {total}").format(number=number, total=most)
        left = seconds + later + (most - number + 1) * self._took
        if outcome.limited:
            text = limited_for(seconds)
        else:
            text = _("{what}; trying again in {seconds} s ({try_of}, about {left} more)").format(
                what=self._what(outcome),
                seconds=_whole(seconds),
                try_of=self._try,
                left=duration(left),
            )
        if outcome.lost is None or not outcome.lost.silent:
            self._silent_since = None
        self._tell(text)

    def _what(self, outcome: Outcome) -> str:
        """Return what came of the last try."""
        if outcome.lost is None:
            code = None if outcome.error is None else outcome.error.code
            return _("MemOS cannot answer now{said}").format(said=in_brackets(code, ""))
        return self._silence() if outcome.lost.silent else outcome.lost.what

    def _silence(self) -> str:
        since = self._silent_since
        seconds = 0.0 if since is None else asyncio.get_running_loop().time() - since
        return _("MemOS has not answered for {seconds} s").format(seconds=_whole(seconds))


def limited_for(seconds: float) -> str:
    """Return that the rate is limited, and how long everything waits."""
    return _("MemOS limits the rate; going on in {seconds} s").format(seconds=_whole(seconds))


def duration(seconds: float) -> str:
    """Return a time that is waited, in seconds or minutes."""
    if seconds < 90:
        return _("{seconds} s").format(seconds=_whole(seconds))
    return _("{minutes} min").format(minutes=math.ceil(seconds / 60))


def _whole(seconds: float) -> str:
    return f"{max(seconds, 1):.0f}"

"""What is told on stderr while a person waits: how far it is, or what it waits for.

A line that is rewritten on a terminal; else, in a log, a line for each new thing that is waited for.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from memos_admin.cli.lists import counted
from memos_admin.cli.output import Output

if TYPE_CHECKING:
    from memos_admin.backend.changing.subject_asking import Asked
    from memos_admin.backend.remote import Remote
    from memos_admin.backend.sync import SyncProgress

ASKING = "asking MemOS …"
TELL_AFTER = 1.0
"""Seconds of a silent question after which a person is told what the program does."""


AGAIN_AFTER = 10.0
"""Seconds after which a log is told again of a silence; what ticks in between is not."""

LONG = 3.0
"""Seconds of a wait from which on a person is told that it may be ended, and a log of the next one."""

READING = "Ctrl+C ends it; what was read stays."
NOTHING_READ = "Ctrl+C ends it; nothing is kept here of what it asks."
CHANGING = "Ctrl+C ends it; whether what was just sent is done would not be known then."

_BETWEEN = {CHANGING: "Ctrl+C ends it; what was done until then is told."}
"""What is said instead while nothing is on its way: a change is sent again only where it was not done."""

_ANNOUNCED = re.compile(r"\bin (\d+) s\b")
_SECONDS = re.compile(r"\d+ (s|min)\b")


class Waits:
    """Tells what is waited for, and once, where that is long, what ending it would mean.

    On a terminal by `rewrite`. In a log, where lines cannot be rewritten, each wait that ends later than
    what was told of the same thing before, and a silence every `AGAIN_AFTER` seconds.
    """

    def __init__(self, out: Output, hint: str = READING) -> None:
        self._out = out
        self._hint = hint
        self._hinted: set[str] = set()
        self._told_until: dict[str, float] = {}

    def __call__(self, waiting: str) -> None:
        """Tell what is waited for, ``""``: nothing."""
        if not waiting:
            return
        announced = _ANNOUNCED.search(waiting)
        now = time.monotonic()
        if not self._out.notes_on_terminal:
            thing = _SECONDS.sub("", waiting)
            until = now + (float(announced[1]) if announced else AGAIN_AFTER)
            told = self._told_until.get(thing)
            if told is None or until >= told + (LONG if announced else AGAIN_AFTER):
                self._told_until[thing] = until
                self._out.note(waiting)
        hint = self._hint if announced is None else _BETWEEN.get(self._hint, self._hint)
        if hint not in self._hinted and (announced is None or float(announced[1]) >= LONG):
            self._out.note(hint)
            self._hinted.add(hint)


class Progress:
    """How far a sync is, on a line that is rewritten; without a terminal what it waits for."""

    def __init__(self, out: Output, first: str = "") -> None:
        """Take what is told once a sync has begun, ``""``: nothing."""
        self._out, self._first = out, first
        self._waits = Waits(out)
        self._last: SyncProgress | None = None

    def __call__(self, progress: SyncProgress) -> None:
        """Write the line anew."""
        if self._first:
            self._out.note(self._first)
            self._first = ""
        self._last = progress
        self._waits(progress.waiting)
        if not self._out.notes_on_terminal:
            return
        eta = progress.eta_seconds
        left = "" if eta is None else f" · about {_duration(eta)}"
        # What it does stands before the rest: a narrow terminal cuts the end.
        self._out.rewrite(
            f"{progress.done:,} of {progress.total:,} · {progress.doing}{left} · "
            f"{progress.memories:,} memories, {progress.messages:,} messages"
        )

    def clear(self) -> None:
        """Take the line away."""
        self._out.rewrite("")

    def kept(self) -> str:
        """Return what an interrupted sync keeps."""
        if self._last is None:
            return "Nothing was read yet."
        done, total = self._last.done, self._last.total
        return (
            f"Kept: {done:,} of {total:,} finished, at least {counted(self._last.memories, 'memory')} and "
            f"{counted(self._last.messages, 'message')}. Run it again to go on."
        )


class ReadingBack:
    """Tells how far the reading back of a deletion is; in a log every `AGAIN_AFTER` seconds."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._told_at = float("-inf")
        self._is_hinted = False

    def __call__(self, asked: Asked) -> None:
        """Tell it, and once, where the rest takes long, what ending it would mean."""
        from memos_admin.backend.changing.subject_wording import asked_text

        is_long = asked.seconds >= LONG
        if is_long and not self._is_hinted:
            self._is_hinted = True
            self._out.note("Ctrl+C ends it; what came of it is not verified then.")
        if self._out.notes_on_terminal:
            self._out.rewrite(asked_text(asked))
        elif is_long and time.monotonic() >= self._told_at + AGAIN_AFTER:
            self._told_at = time.monotonic()
            self._out.note(asked_text(asked))


class Waiting:
    """Tells what a command waits for, each thing once."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._told: set[str] = set()

    def __call__(self, what: str) -> None:
        """Tell it, unless that was done."""
        if what not in self._told:
            self._told.add(what)
            self._out.note(f"{what[:1].upper()}{what[1:]} … (Ctrl+C gives up)")


@contextmanager
def asking(out: Output, remote: Remote, hint: str = READING) -> Iterator[None]:
    """Tell a person that the service is asked, where that takes a while, and why.

    Args:
        out: where.
        remote: the service.
        hint: what ending it would mean.
    """
    waits = Waits(out, hint)
    if not out.notes_on_terminal:
        remote.on_wait = waits
        try:
            yield
        finally:
            remote.on_wait = None
        return
    import asyncio

    def tell(text: str) -> None:
        late.cancel()
        waits(text)
        out.rewrite(text or ASKING)

    late = asyncio.get_running_loop().call_later(TELL_AFTER, tell, ASKING)
    remote.on_wait = tell
    try:
        yield
    finally:
        late.cancel()
        remote.on_wait = None
        out.rewrite("")


def until_asked_again(
    out: Output, summary: Callable[[], str]
) -> Callable[[float], Awaitable[object]]:
    """Return what waits until a service is asked again, and tells on a terminal how long.

    Args:
        out: where.
        summary: returns what else is told.
    """
    import asyncio

    async def wait(seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if out.notes_on_terminal:
                out.rewrite(f"asks again in {left:.0f} s · {summary()}")
            await asyncio.sleep(min(left, 1.0) if out.notes_on_terminal else left)

    return wait


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s left"
    return f"{round(seconds / 60)} min left"

"""Reads of the store that may take long: how far they are, and Ctrl+C that ends them at once.

SQLite may be at one statement for minutes, and Python hears a signal only behind that. So a thread listens
beside it: it has the store stop, and tells a person on a terminal what is being done meanwhile.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from memos_admin.cli.output import Output
from memos_admin.cli.progress import TELL_AFTER

if TYPE_CHECKING:
    from memos_admin.backend.workspace import Workspace
    from memos_admin.cli.context import Context

T = TypeVar("T")

_TICK = 0.2
_ENDED = b"\0"
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class LongRead:
    """A read that is under way; a context manager around it.

    Where a signal ends it, that is raised at the end, whatever the store made of it before.

    Attributes:
        says: returns in few words what is being done, and how far that is.
        signal: that asked it to end; None: nobody did.
    """

    def __init__(
        self,
        out: Output,
        says: Callable[[], str],
        interrupt: Callable[[], None] | None,
        *,
        tells: bool = True,
    ) -> None:
        """Take what is told, and what ends the read, called by another thread; None: it hears by itself."""
        self.says = says
        self.signal: int | None = None
        self._out, self._interrupt = out, interrupt
        self._began = time.monotonic()
        self._tells_from = self._began + TELL_AFTER
        self._tells = tells and out.notes_on_terminal
        self._waits, self._leaves = True, False
        self._handlers: dict[int, Callable[[int, FrameType | None], Any]] = {}
        self._woken_before: int | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._heard, self._hears = os.pipe()
        os.set_blocking(self._hears, False)
        if self._interrupt and threading.current_thread() is threading.main_thread():
            self._woken_before = signal.set_wakeup_fd(self._hears, warn_on_full_buffer=False)
            for number in _ENDING:
                if callable(handler := signal.getsignal(number)):  # else it is ignored, or kills
                    self._handlers[number] = handler
                    signal.signal(number, self._on_signal)
        self._out.long_reads.append(self)
        self._beside = threading.Thread(target=self._listen, name="long read", daemon=True)
        self._beside.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leaves = True
        if self._woken_before is not None:
            signal.set_wakeup_fd(self._woken_before)
        os.write(self._hears, _ENDED)
        self._beside.join()
        os.close(self._heard)
        os.close(self._hears)
        self._out.long_reads.remove(self)
        self._out.rewrite("")
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self.signal is not None and (error is None or isinstance(error, Exception)):
            # What a handler raises in a function that SQLite calls is lost there.
            self._handlers[self.signal](self.signal, None)

    def is_over(self) -> bool:
        """Return whether somebody asked it to end."""
        return self.signal is not None

    def each(self, rows: Iterable[T]) -> Iterator[T]:
        """Yield rows; nothing is told while one of them is in use, where it may be written to the terminal."""
        if not self._tells or not self._out.on_terminal:
            yield from rows
            return
        for row in rows:
            with self._lock:
                self._waits = False
                self._out.rewrite("")
            yield row
            # Soon again below what was written, but not between rows that come fast.
            self._tells_from = max(self._tells_from, time.monotonic() + _TICK)
            self._waits = True

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """Raise what was to be raised, but not on the way out: there is something to be put right."""
        self.signal = number
        leaves = self._leaves or (frame is not None and frame.f_code is _LEAVING)
        if not leaves:
            self._handlers[number](number, frame)

    def _listen(self) -> None:
        while True:
            pause = _TICK if self._tells or self.is_over() else None
            if select.select([self._heard], [], [], pause)[0]:
                heard = os.read(self._heard, 64)
                self.signal = next((one for one in heard if one in self._handlers), self.signal)
                if _ENDED in heard:
                    return
            if self._interrupt and self.is_over():
                self._interrupt()  # again and again: it may have been between two statements
            elif self._tells:
                self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        with self._lock:
            if self._waits and now >= self._tells_from and self._out.long_reads[-1:] == [self]:
                self._out.rewrite(f"{self.says()} · {now - self._began:.0f} s · Ctrl+C ends it")


_LEAVING = LongRead.__exit__.__code__


def long_read(context: Context, says: str | Callable[[], str], *, tells: bool = True) -> LongRead:
    """Return what a long read of the project's store is done in.

    Args:
        context: of the command.
        says: as of `LongRead`, or what it always returns.
        tells: a person is told of it, where there is a terminal.
    """
    tell = says if callable(says) else lambda: says
    return LongRead(context.out, tell, context.workspace().interrupt, tells=tells)


def look_at_beginnings(out: Output, workspace: Workspace) -> None:
    """Do as `Workspace.look_at_beginnings`, and tell how far that is; perhaps within another long read."""
    far = ""

    def tell(done: int, total: int) -> None:
        nonlocal far
        far = f": {done:,} of {total:,}"

    with LongRead(out, lambda: f"looking at where conversations begin{far}", None):
        workspace.look_at_beginnings(tell)


def percent(share: float) -> str:
    """Return a share as a person reads it; never 100 before the end."""
    return f"{min(99, int(share * 100))} %"

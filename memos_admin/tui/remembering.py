"""Keeps what a person chose and where they are, so that the next start shows it again.

A thread of its own writes: the event loop waits for no disk, and what changes quickly is written
once. At the end it is written at once; a disk that hangs is not waited for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

DELAY = 1.0
"""Seconds that changes are collected for."""

PATIENCE = 0.3
"""Seconds that quitting waits for the last writing; it takes a few milliseconds."""


class Remembering:
    """Writes the last of what it was given of each kind. Its methods may be called in any thread."""

    def __init__(self, delay: float = DELAY) -> None:
        self._delay = delay
        self._pending: dict[str, Callable[[], object]] = {}
        self._closing = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def keep(self, kind: str, write: Callable[[], object]) -> None:
        """Write soon, with whatever else comes until then.

        Args:
            kind: names what is written: the last of a kind is written, the others are not.
            write: writes it; is called in another thread, and what it raises is ignored, since a
                state that is not remembered harms nobody.
        """
        with self._changed:
            if self._closing:
                return
            self._pending[kind] = write
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="remembering", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self, seconds: float = PATIENCE) -> None:
        """Write at once what is left; give up waiting for it after `seconds`."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pending or self._closing)
                self._changed.wait_for(lambda: self._closing, self._delay)
                pending, self._pending = self._pending, {}
                last = self._closing
            for write in pending.values():
                with suppress(Exception):
                    write()
            if last:
                return

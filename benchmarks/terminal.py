"""A program in a pseudo-terminal, and the moments at which texts appear on it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[1]
_PATIENCE = 60.0


class Terminal:
    """Runs a program in a pseudo-terminal of 160 × 40 cells, wide enough for whole ids; a context manager that ends it.

    A text counts as seen when its bytes have arrived here: that is when a terminal could draw it.
    Looked for are texts that a program writes in one piece and nothing else on the screen contains.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
        self._sent = b""
        self.started = time.perf_counter()
        self._program = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=dict(environment),
            cwd=ROOT,
            start_new_session=True,
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._program.terminate()
        deadline = time.monotonic() + 5
        while self._program.poll() is None and time.monotonic() < deadline:
            self._read(0.05)
        self._program.kill()
        self._program.wait()
        os.close(self._ours)

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._program.pid

    def seen(self, *texts: str) -> float:
        """Wait until all texts have arrived; return the seconds since the start.

        Raises:
            RuntimeError: the program ended, or they did not come within a minute.
        """
        wanted = [text.encode() for text in texts]
        deadline = time.monotonic() + _PATIENCE
        while not all(text in self._sent for text in wanted):
            if time.monotonic() > deadline or not self._read(1.0):
                raise RuntimeError(f"{texts} never came; at the end: {self._sent[-600:]!r}")
        return time.perf_counter() - self.started

    def type(self, keys: str) -> float:
        """Press keys, and forget what was seen; return the seconds since the start."""
        while self._read(0.0, quietly=True):
            pass
        self._sent = b""
        at = time.perf_counter() - self.started
        os.write(self._ours, keys.encode())
        return at

    def settle(self, quiet: float = 0.5) -> None:
        """Return when nothing has arrived for so many seconds."""
        while self._read(quiet, quietly=True):
            pass

    def _read(self, seconds: float, *, quietly: bool = False) -> bool:
        """Read what arrives; return False at the end (or, if quietly, where nothing arrived)."""
        ready, _, _ = select.select([self._ours], [], [], seconds)
        if not ready:
            return not quietly
        try:
            part = os.read(self._ours, 1 << 16)
        except OSError:  # Linux: the program has ended
            return False
        self._sent += part
        return bool(part)

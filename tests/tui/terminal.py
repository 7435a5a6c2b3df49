"""The interface on a real pseudo-terminal: every byte that reaches it, and what a terminal makes of it.

The app runs in the test's process with the driver that it has in a terminal, and a Pilot beside it.
"""

from __future__ import annotations

import base64
import fcntl
import os
import pty
import re
import signal
import struct
import sys
import termios
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pyte
import pytest
from rich.console import ConsoleDimensions
from textual.app import App
from wcwidth import wcwidth

from tests.hostile import unsafe
from tests.tui.looking import PATIENCE, Look, rows

_MARK = "\x1b]7777;{}\x07"
"""Written by a test behind what it looks at: all before it has arrived when it has."""

_OURS = re.compile(
    r"\x1b\[\d*;?\d*H"  # the cursor to a place
    r"|\x1b\[[\d;]*m"  # colours and styles
    r"|\x1b\[\d*[JK]"  # erase, at the start
    r"|\x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]"  # modes
    r"|\x1b\[\?(?:2026|2048)\$p"  # is that mode known?
    r"|\x1b\[(?:>\d+|<)u"  # kitty's keyboard
    r"|\x1b\]22;[a-z]+\x07"  # the shape of the pointer
)
_UNKNOWN = re.compile(r"\x1b\[\?\d+\$p|\x1b\[(?:>\d+|<)u|\x1b\][^\x07]*\x07|\x1b\[\?\d+[hl]")
"""What pyte does not know, which draws nothing."""
_COPIED = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")


class Terminal:
    """A pseudo-terminal of a size, which a thread reads."""

    def __init__(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self.screen)
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._sent = bytearray()
        self._taken = self._marks = 0
        self._arrived = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self.ours, 65536)
            except OSError:
                return
            if not part:
                return
            with self._arrived:
                self._sent += part
                self._arrived.notify_all()

    def type(self, text: str) -> None:
        """Send what a person types or pastes."""
        os.write(self.ours, text.encode("utf-8", "surrogatepass"))

    def sent_until_now(self, app: App[Any]) -> str:
        """Return what the terminal was sent since the last time, when all of it has arrived."""
        driver = app._driver
        assert driver is not None
        self._marks += 1
        mark = _MARK.format(self._marks)
        driver.write(mark)
        driver.flush()
        return self._up_to(mark.encode())

    def _up_to(self, mark: bytes) -> str:
        with self._arrived:
            assert self._arrived.wait_for(lambda: mark in self._sent[self._taken :], PATIENCE)
            end = self._sent.index(mark, self._taken)
            part = bytes(self._sent[self._taken : end])
            self._taken = end + len(mark)
        return part.decode("utf-8")  # strict: what is no UTF-8 was never ours

    def shows(self, sent: str) -> list[str]:
        """Return the rows that a terminal has after it was sent something more.

        Without characters that take no cell, which pyte does not know all of.
        """
        self._stream.feed(with_cells(_UNKNOWN.sub("", sent)))
        return list(self.screen.display)

    @property
    def text(self) -> str:
        """What it shows."""
        return "\n".join(self.screen.display)

    def close(self) -> None:
        """Let go of both sides."""
        os.close(self.theirs)
        os.close(self.ours)
        self._thread.join(PATIENCE)


def with_cells(text: str) -> str:
    """Return a text without characters that take no cell of a terminal."""
    return "".join(char for char in text if wcwidth(char) != 0)


def copied(sent: str) -> list[str]:
    """Return the texts that were put into the clipboard."""
    return [base64.b64decode(found).decode() for found in _COPIED.findall(sent)]


def foreign(sent: str) -> list[str]:
    """Return what of the bytes that a terminal was sent is none of ours, and obeyed or unseen."""
    plain = _OURS.sub("", _COPIED.sub("", sent))
    return unsafe(plain.replace("\r\n", ""))


async def on_terminal(
    app: App[Any],
    terminal: Terminal,
    walk: Callable[[Look], Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Run an app on a terminal while a test walks through it."""
    handlers = {number: signal.getsignal(number) for number in _HANDLED}
    with (
        os.fdopen(os.dup(terminal.theirs), "r") as stdin,
        os.fdopen(os.dup(terminal.theirs), "w", encoding="utf-8") as stderr,
        monkeypatch.context() as patch,
    ):
        patch.setattr(sys, "__stdin__", stdin)
        patch.setattr(sys, "__stderr__", stderr)
        patch.setenv("COLUMNS", str(terminal.columns))
        patch.setenv("LINES", str(terminal.lines))
        patch.setenv("TERM", "xterm-256color")
        patch.setenv("COLORTERM", "truecolor")
        # It was made for the terminal of the tests: its first frame would be laid out for that.
        app.console.size = ConsoleDimensions(terminal.columns, terminal.lines)

        async def through(look: Look) -> None:
            await walk(look)
            app.exit()

        try:
            await app.run_async(auto_pilot=through)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)


_HANDLED = (signal.SIGTSTP, signal.SIGCONT, signal.SIGTTOU, signal.SIGTTIN, signal.SIGWINCH)


def drawn(look: Look) -> list[str]:
    """Return the rows that the app believes to have drawn, as `Terminal.shows` does."""
    return [with_cells(row) for row in rows(look)]

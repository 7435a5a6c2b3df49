"""``ctrl+z``: back to the shell and on again, and never while others would wait for what is under way."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from memos_admin.backend.workspace import Workspace
from memos_admin.tui import background, stopping
from tests.tui.looking import PATIENCE, main, opened, press, told, until

ASKED = "Not stopped: MemOS is being asked, or something is written"


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What would be stopped, as in a terminal whose shell could continue it."""
    stopped: list[bool] = []
    monkeypatch.setattr("textual.drivers.headless_driver.HeadlessDriver.can_suspend", True)
    monkeypatch.setattr(stopping, "stop", lambda: stopped.append(True))
    monkeypatch.setattr(os, "getsid", lambda _process: -1)
    return stopped


async def test_it_stops_when_all_is_written(story: Workspace, stops: list[bool]) -> None:
    async with opened(story, (80, 24)) as look:
        writer, committed = await story.open_writer(), False

        def note(_done: object) -> None:
            nonlocal committed
            committed = not stops

        writer.submit(lambda _connection: None).add_done_callback(note)
        await press(look, "ctrl+z")
        await until(look, lambda: stops == [True])
        assert committed


async def test_it_does_not_while_memos_is_asked(story: Workspace, stops: list[bool]) -> None:
    async with opened(story, (80, 24)) as look:
        over = asyncio.Event()

        async def ask() -> None:
            await over.wait()

        background.start(main(look), ask, "sync")
        await look.press("ctrl+z")
        await told(look, ASKED)
        over.set()
        await look.app.workers.wait_for_complete()
        assert stops == []


async def test_it_does_not_where_no_shell_could_continue_it(
    story: Workspace, stops: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getsid", lambda _process: os.getpgrp())
    async with opened(story, (80, 24)) as look:
        await press(look, "ctrl+z")
        await told(look, "Not stopped: no shell has started memos-admin here")
    assert stops == []


async def test_it_does_not_where_the_terminal_is_none(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await press(look, "ctrl+z")
        await told(look, "Not stopped: this terminal has no shell")


class Shell:
    """A shell with jobs, in a terminal of its own."""

    def __init__(self, folder: Path) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._sent = ""
        # A session without a terminal takes the first that it opens for its own.
        opening = 'exec "$@" <"$0" >"$0" 2>&1'
        words = ["sh", "-c", opening, os.ttyname(theirs), "bash", "--norc", "--noprofile", "-i"]
        env = os.environ | {"TERM": "xterm-256color", "PS1": "READY> ", "HOME": str(folder)}
        self._running = subprocess.Popen(words, start_new_session=True, env=env)
        self._theirs = theirs

    def until(self, text: str) -> str:
        """Return what the terminal was sent up to a text, which it is sent within a time."""
        deadline = time.monotonic() + PATIENCE
        while text not in self._sent:
            assert time.monotonic() < deadline, f"no {text!r} in {self._sent!r}"
            if select.select([self._ours], [], [], 0.05)[0]:
                self._sent += os.read(self._ours, 65536).decode(errors="replace")
        before, _found, self._sent = self._sent.partition(text)
        return before

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._ours, keys.encode())

    def close(self) -> None:
        """End it, and what it has begun."""
        os.close(self._theirs)
        os.close(self._ours)
        self._running.kill()
        self._running.wait()


@pytest.mark.terminal
def test_the_shell_is_there_and_lets_it_go_on(isolated: Path, tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    try:
        shell.until("READY> ")
        shell.press(f"{sys.executable} -m memos_admin\r")
        shell.until("\x1b[?1049h")  # the screen of its own
        shell.until("quit")
        shell.press("\x1a")
        assert "\x1b[?1049l" in shell.until("Stopped")
        shell.until("READY> ")
        shell.press("echo $((20 + 3))\r")
        shell.until("23")
        shell.press("fg\r")
        shell.until("\x1b[?1049h")
        shell.until("quit")  # all is drawn again
        shell.press("q")
        shell.until("\x1b[?1049l")
        shell.until("READY> ")
        shell.press("echo ended with $?\r")
        shell.until("ended with 0")
    finally:
        shell.close()

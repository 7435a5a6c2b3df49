"""Real shells in a pseudo-terminal, with our completion loaded, typed into as a person would."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shlex
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte

from tests.cli.conftest import ROOT, SECONDS

READY = "READY> "
COLUMNS, LINES = 120, 50

_START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "PS1='READY> '; bind 'set bell-style none'"),
    "zsh": (["zsh", "-f", "-i"], "PS1='READY> '; autoload -Uz compinit; compinit -u -D"),
    "fish": (
        ["fish", "--no-config", "-i"],
        "set -g fish_autosuggestion_enabled 0; function fish_prompt; echo -n 'READY> '; end",
    ),
}
_LOAD = {
    "bash": "source <(memos-admin completion bash)",
    "zsh": "source <(memos-admin completion zsh)",
    "fish": "memos-admin completion fish | source",
}


class Shell:
    """A shell in which ``memos-admin`` completes, and else only notes what it was given.

    Args:
        name: bash, zsh or fish.
        folder: is empty, and becomes the working directory and the home.
        load: loads the completion; the way that fits every shell where None.
    """

    def __init__(self, name: str, folder: Path, load: str | None = None) -> None:
        self.folder = folder
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self.sent = b""
        self._note = folder / "given"
        self._write_program()
        command, setting = _START[name]
        self._ours, self._theirs = pty.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        # A session without a terminal takes the first that it opens for its own.
        opening = 'exec "$@" <"$0" >"$0" 2>&1'
        self._running = subprocess.Popen(
            ["sh", "-c", opening, os.ttyname(self._theirs), *command],
            cwd=folder,
            env=self._environment(),
            start_new_session=True,
        )
        self.press(f"{setting}\r")
        self.until(lambda: READY in self.line)
        self.press(f"{load or _LOAD[name]}; clear; echo loaded\r")
        self.until(lambda: self._screen.display[0].startswith("loaded") and READY in self.line)

    def _environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name.startswith("MEMOS_")},
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm",
            "TZ": "UTC",
        }

    def _write_program(self) -> None:
        """Write a ``memos-admin`` that completes, prints its script, and else writes its arguments."""
        program = self.folder / "memos-admin"
        note = shlex.quote(str(self._note))
        program.write_text(
            "#!/bin/sh\n"
            'case "$1" in __complete|completion) '
            f'exec {shlex.quote(sys.executable)} -m memos_admin "$@" ;; esac\n'
            f"for word; do printf '%s\\0' \"$word\"; done > {note}.new; mv {note}.new {note}\n"
        )
        program.chmod(0o700)

    @property
    def line(self) -> str:
        """The line of the screen on which the cursor stands."""
        return str(self._screen.display[self._screen.cursor.y])

    @property
    def text(self) -> str:
        """The screen."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._ours, keys.encode())

    def until(self, condition: Callable[[], bool]) -> None:
        """Look at what the shell writes until a condition holds."""
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"never so; the screen is\n{self.text}"
            if select.select([self._ours], [], [], 0.05)[0]:
                part = os.read(self._ours, 65536)
                self.sent += part
                self._stream.feed(part)

    def given(self, typed: str) -> list[str]:
        """Return what the program is given where a person types so far, lets complete, and goes on."""
        self._note.unlink(missing_ok=True)
        self.press(f"{typed}\t\r")
        self.until(self._note.exists)
        return self._note.read_text().split("\0")[:-1]

    def offered(self, typed: str, last: str) -> str:
        """Return the screen with what is offered, once `last` of it stands there."""
        self.press(f"{typed}\t\t")
        self.until(lambda: last in self.text.split(READY, 1)[-1])
        return self.text

    def close(self) -> None:
        """End it."""
        self._running.kill()
        self._running.wait()
        os.close(self._ours)
        os.close(self._theirs)

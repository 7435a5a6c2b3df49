"""Programs of a few lines that run in processes of their own, to be killed or to meet each other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.forked import Forked

Running = subprocess.Popen[str] | Forked


class Ended(NamedTuple):
    """What a program wrote after it began."""

    out: str
    err: str


def begin(script: str, *arguments: str, waits: bool = False, anew: bool = False) -> Running:
    """Run a program that writes ``ready`` when it begins; return then.

    Args:
        script: the program.
        arguments: its arguments.
        waits: it then waits for a line, which `go` gives it.
        anew: Python begins with it; else it is forked from one that has imported all.
    """
    running: Running
    if anew:
        running = subprocess.Popen(
            [sys.executable, "-c", script, *arguments],
            stdin=subprocess.PIPE if waits else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    else:
        with Path(os.devnull).open() as nothing:
            given = (None if waits else nothing.fileno(), None, None)
            running = Forked(arguments, script=script, given=given)
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n", ended(running)
    return running


def go(*programs: Running) -> None:
    """Let programs that wait go on, all at once."""
    for running in programs:
        assert running.stdin is not None
        running.stdin.write("\n")
        running.stdin.close()


def ended(running: Running) -> Ended:
    """Wait for its end; what it writes is little, and may be in our buffer already."""
    assert running.stdout is not None
    assert running.stderr is not None
    with running, running.stdout, running.stderr:
        return Ended(running.stdout.read(), running.stderr.read())


def a_dead_number() -> int:
    """Return the number of a process that has ended."""
    running = subprocess.Popen([sys.executable, "-c", ""])
    running.wait()
    return running.pid

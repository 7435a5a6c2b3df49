"""Programs of a few lines that run in processes of their own, to be killed or to meet each other."""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple


class Ended(NamedTuple):
    """What a program wrote after it began."""

    out: str
    err: str


def begin(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Run a program that writes ``ready`` when it begins; return then."""
    running = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n", ended(running)
    return running


def ended(running: subprocess.Popen[str]) -> Ended:
    """Wait for its end; what it writes is little, and may be in our buffer already."""
    assert running.stdout is not None
    assert running.stderr is not None
    with running, running.stdout, running.stderr:
        return Ended(running.stdout.read(), running.stderr.read())

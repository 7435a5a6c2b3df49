"""A service to read from: the emulator as a process of its own, on the loopback."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.bench import clean_environment
from benchmarks.terminal import ROOT


@dataclass(frozen=True, slots=True)
class Service:
    """A running emulator: `users` users, each with some pages of memories and conversations."""

    base_url: str
    api_key: str
    users: int

    CONVERSATIONS = 5
    MESSAGES = 40
    MEMORIES = 340  # of which 205 are facts: 5 pages
    PAGES = 5

    @property
    def user_ids(self) -> list[str]:
        """The ids of the users."""
        return [f"user-{number:06}" for number in range(1, self.users + 1)]

    @property
    def requests(self) -> int:
        """How many requests it takes to read everything."""
        return self.users * (self.PAGES + self.CONVERSATIONS)


@contextlib.contextmanager
def running(users: int, *, latency_ms: float, seed: int) -> Iterator[Service]:
    """Start an emulator; it is gone afterwards."""
    numbers = {
        "users": users,
        "conversations": Service.CONVERSATIONS,
        "messages": Service.MESSAGES,
        "memories": Service.MEMORIES,
        "seed": seed,
        "latency-ms": latency_ms,
    }
    options = [text for name, number in numbers.items() for text in (f"--{name}", str(number))]
    with subprocess.Popen(
        [sys.executable, "-m", "memos_admin", "emulator", *options],
        stdout=subprocess.PIPE,
        env=clean_environment(),
        cwd=ROOT,
        encoding="utf-8",
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout is not None else ""
            ready = json.loads(line)
            yield Service(ready["base_url"], ready["api_key"], users)
        finally:
            process.terminate()

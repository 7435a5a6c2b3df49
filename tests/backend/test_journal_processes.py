"""Several processes at one journal, and processes that are killed while they write it."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.journal.verifying import verify
from tests.backend.journals import entries, sealed, with_keyring, written
from tests.effort import LONG

ROOT = Path(__file__).parents[2]

WRITES = """
import sys
from pathlib import Path
from memos_admin.backend.home import Home
from memos_admin.backend.journal import Event, Journal

journal = Journal(Home(Path(sys.argv[1])))
print("ready", flush=True)
sys.stdin.readline()
for at in range(int(sys.argv[2])):
    journal.write(Event("view", memory_id=sys.argv[3], counts={"at": at}), "Nothing was done")
    print(at, flush=True)
"""


@pytest.fixture
def home(isolated: Path) -> Home:
    return Home(isolated)


def start(home: Home, number: int, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITES, str(home.path), str(number), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("\n")
    process.stdin.flush()


def test_processes_that_append_at_once_keep_one_chain(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    processes, number = 4, 200 if LONG else 25
    running = [start(home, number, f"p{at}") for at in range(processes)]
    for process in running:
        begin(process)
    written(home, 3)
    sealed(home)
    for process in running:
        process.communicate(timeout=90)
        assert process.returncode == 0
    found = verify(home)
    assert found.problems == ()
    assert found.entries == processes * number + 3
    assert found.sealed_from is not None
    for at in range(processes):
        counts = [entry.counts["at"] for entry in entries(home) if entry.memory_id == f"p{at}"]
        assert counts == list(range(number))


def test_who_is_killed_loses_nothing_that_was_written(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    written(home, 1)
    sealed(home)
    instants = random.Random(7)
    for at in range(100 if LONG else 6):
        process = start(home, 10_000, f"p{at}")
        begin(process)
        assert process.stdout is not None
        told = process.stdout.readline()
        time.sleep(instants.uniform(0, 0.15))  # an instant, not a condition: that is the point
        process.send_signal(signal.SIGKILL)
        with process:
            told += process.stdout.read()  # communicate would pass over what is buffered
        acknowledged = [int(line) for line in told.splitlines(keepends=True) if line[-1] == "\n"]
        counts = [entry.counts["at"] for entry in entries(home) if entry.memory_id == f"p{at}"]
        assert counts[: len(acknowledged)] == acknowledged
        assert len(counts) - len(acknowledged) in {0, 1}
        assert verify(home).problems == ()
    written(home, 1, first=2)
    assert verify(home).problems == ()

"""A program that is stopped for a while, as by a laptop that sleeps: others go on, and so does it."""

from __future__ import annotations

import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store import connection as connections
from tests.faults.operations import PATIENT, command, sync_all
from tests.faults.programs import known, loaded, sound
from tests.faults.world import ANN, change, copied, store_of
from tests.processes import ended, go

OTHERS = (
    ("users", "list"),
    ("search", "trip", "--user", ANN.external_id),
    ("export", "memories", "--output", "meanwhile.csv"),
    ("users", "add", "somebody-else"),
    ("store", "check"),
)


@pytest.mark.parametrize("after", [0, 4, 9])
def test_a_sync_that_is_stopped_keeps_nobody_from_working(
    home: Home,
    made: Path,
    service: EmulatorThread,
    monkeypatch: pytest.MonkeyPatch,
    after: int,
) -> None:
    """It is stopped behind so many requests, while it waits for the answer to the next ones."""
    monkeypatch.chdir(home.path.parent)
    monkeypatch.setattr(connections.open_file, "__kwdefaults__", {"seconds": 0.5})
    change(service.emulator.state)
    with copied(made, home.path.with_name("never"), service) as never:
        sync_all(never, PATIENT)
        wanted = known(store_of(never))
    service.emulator.faults.replace([f"latency:ms=1000,times=3,after={after}"])
    (slow,) = service.emulator.faults.active
    program = loaded("sync", "--full", "--rate", "50")
    go(program)
    while not slow.struck:
        with suppress(subprocess.TimeoutExpired):
            program.wait(0.02)
        assert program.poll() is None
    program.send_signal(signal.SIGSTOP)
    try:
        for arguments in OTHERS:
            done = command(home, PATIENT, *arguments)
            busy = "is in use by another process. Try again when that has finished." in done.told
            # It may have been stopped while it wrote.
            assert done.whole or (busy and arguments[:2] == ("users", "add")), done.told
    finally:
        program.send_signal(signal.SIGCONT)
    said = ended(program)
    assert program.returncode == 0, said.err
    sound(home)
    assert known(store_of(home)) == wanted

"""A running emulator, a synced home, and ways to run the program: in process, and in a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest

from memos_admin.cli.main import main
from memos_admin.emulator.thread import EmulatorThread
from tests.forked import Forked

ROOT = Path(__file__).parents[2]
SECONDS = 60.0


def asked(running: EmulatorThread, path: str, body: object = None) -> Any:
    """Return what the emulator's own routes or the service's answer, without our client."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Token {running.api_key}", "Content-Type": "application/json"}
    base = running.root_url if path.startswith("/_emulator") else running.base_url
    request = urllib.request.Request(base + path, data, headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return json.load(answer)


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote, as JSON."""
        return json.loads(self.out)

    @property
    def table(self) -> list[dict[str, str]]:
        """The tab-separated rows that it wrote."""
        header, *lines = [line.split("\t") for line in self.out.splitlines()]
        return [dict(zip(header, line, strict=True)) for line in lines]


Cli = Callable[..., Ended]


def confirmed(cli: Cli, *words: str) -> Ended:
    """Return how a change of several memories ends that is confirmed as its dry run says."""
    look = [word for word in words if word != "--json"]
    return cli(*words, "--confirm", cli(*look, "--dry-run", "--json").json["confirm"])


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run the program in this process."""

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        code = main(arguments)
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    return run


@pytest.fixture(scope="session")
def emulator() -> Iterator[EmulatorThread]:
    """The demo's service. Tests do not write to it."""
    with EmulatorThread() as running:
        yield running


def connect(monkeypatch: pytest.MonkeyPatch, running: EmulatorThread) -> None:
    """Make an emulator the project of the environment."""
    monkeypatch.setenv("MEMOS_API_KEY", running.api_key)
    monkeypatch.setenv("MEMOS_BASE_URL", running.base_url)


@pytest.fixture
def connected(emulator: EmulatorThread, monkeypatch: pytest.MonkeyPatch) -> EmulatorThread:
    """The demo's service, as the project of the environment; the home is empty."""
    connect(monkeypatch, emulator)
    return emulator


@pytest.fixture(scope="session")
def synced_home(emulator: EmulatorThread, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds all of the demo. Tests only read it."""
    home = tmp_path_factory.mktemp("synced") / "home"
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home))
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        connect(monkeypatch, emulator)
        assert main(["users", "add", *asked(emulator, "/_emulator/users")]) == 0
        assert main(["users", "add", "--agent", *asked(emulator, "/_emulator/agents")]) == 0
        assert main(["sync", "--rate", "50"]) == 0
    return home


@pytest.fixture
def synced(
    synced_home: Path, connected: EmulatorThread, monkeypatch: pytest.MonkeyPatch
) -> EmulatorThread:
    """The demo's service with everything of it in the store."""
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(synced_home))
    return connected


def process(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run the program as a process of its own, without a terminal."""
    with ExitStack() as stack:
        given, out, err = (
            stack.enter_context(TemporaryFile("w+", encoding="utf-8")) for _ in range(3)
        )
        given.write(stdin)
        given.seek(0)
        streams = (given.fileno(), out.fileno(), err.fileno())
        code = Forked(arguments, apart=True, given=streams, cwd=ROOT).wait(SECONDS)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read(), err.read())


@dataclass(frozen=True)
class Seen:
    """What a terminal was sent, and how the program ended."""

    code: int
    sent: bytes

    @property
    def text(self) -> str:
        """The bytes as text, with plain line ends."""
        return self.sent.decode().replace("\r\n", "\n")


def terminal(
    arguments: Sequence[str],
    *,
    columns: int = 100,
    ahead: str = "",
    replies: Sequence[tuple[str, str]] = (),
    piped: bool = False,
    anew: bool = False,
    script: str = "",
) -> Seen:
    """Run the program in a pseudo-terminal until it ends; return every byte that it was sent.

    Args:
        arguments: after the program's name.
        columns: the width.
        ahead: what is typed before the program begins.
        replies: (what is waited for, what is typed then), in order; what was waited for before is so
            once more.
        piped: stdout is a pipe that nobody looks at; stdin and stderr are the terminal.
        anew: it begins as a program does; else it is forked from one that has (`tests.forked`).
        script: is run there instead of ours.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    os.write(ours, ahead.encode())
    nowhere = os.open(os.devnull, os.O_WRONLY)
    given = (theirs, nowhere if piped else theirs, theirs)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("COLUMNS", "LINES"):  # set where tests run in several processes
            patch.delenv(name, raising=False)
        if anew or ahead:
            running = _begun(arguments, given)
        else:
            running = Forked(arguments, script=script, apart=True, given=given, cwd=ROOT)
    try:
        os.close(nowhere)
        os.close(theirs)
        sent = _talk(ours, list(replies))
        return Seen(running.wait(SECONDS), sent)
    finally:
        running.kill()
        running.wait()
        os.close(ours)


def _begun(
    arguments: Sequence[str], given: tuple[int, int, int]
) -> subprocess.Popen[bytes] | Forked:
    words = [sys.executable, "-m", "memos_admin", *arguments]
    stdin, stdout, stderr = given
    return subprocess.Popen(
        words, stdin=stdin, stdout=stdout, stderr=stderr, cwd=ROOT, start_new_session=True
    )


def _talk(ours: int, replies: list[tuple[str, str]]) -> bytes:
    sent, before = b"", Counter[str]()
    deadline = time.monotonic() + SECONDS
    while True:
        ready, _, _ = select.select([ours], [], [], SECONDS)
        assert ready, f"nothing more after {sent[-500:]!r}"
        assert time.monotonic() < deadline, f"no end after {sent[-500:]!r}"
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux: the other side is closed
            return sent
        if not part:
            return sent
        sent += part
        if replies and sent.count(replies[0][0].encode()) > before[replies[0][0]]:
            awaited, typed = replies.pop(0)
            before[awaited] += 1
            os.write(ours, typed.encode())

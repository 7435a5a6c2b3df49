"""A whole session of the real program in processes of its own, with all that it says kept in a folder.

Run beside a keyring by `tests.test_key_nowhere`: everything that goes wrong on the way is on purpose.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from memos_admin.emulator.demo import demo_data
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import process, terminal
from tests.effort import LONG

USER = "memos_user_123"

FAULTS = (
    "429", "500", "502", "503", "40300", "50004", "html", "reset", "truncate", "invalid-json",
    "invalid-utf8", "content-type", "expired-key",
)  # fmt: skip
"""Each strikes every request of a sync."""

RECORDER = """
import json, os, sys
def note(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        where = args[1] if event in ("socket.connect", "socket.sendto") else list(args[:2])
        with open(os.environ["ADDRESSES"], "a") as file:
            file.write(json.dumps([event, where if not isinstance(where, bytes) else where.decode()]) + chr(10))
sys.addaudithook(note)
"""
"""A ``sitecustomize`` of every process of the session: it notes whom it wants to speak with."""

IMPATIENT = """
import asyncio, sys
sleep = asyncio.sleep
asyncio.sleep = lambda seconds, *rest: sleep(min(seconds, 0.01), *rest)
from memos_admin.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
"""The program that waits hardly at all between two tries."""

MISTAKEN = """
import sys
from memos_admin.cloud import client
from memos_admin.cli.main import main
async def mistaken(self, *args, **options):
    headers = {"Authorization": "Token " + self._transport_key()}
    raise RuntimeError(f"a mistake of ours with {headers!r}")
def key(self):
    from memos_admin.cloud import key
    return max(key._of_this_process, key=len)
client.CloudClient._transport_key = key
client.CloudClient.get_memories = mistaken
sys.exit(main(sys.argv[1:]))
"""
"""The program with a mistake that has the key in its text."""


class Session:
    """Runs commands one after the other.

    Args:
        folder: all that is written goes below it.
        vault: the only place where the keys are; not below it.
    """

    def __init__(self, folder: Path, vault: Path) -> None:
        self.folder, self.vault = folder, vault
        self._said = folder / "said"
        for name in ("said", "tmp", "site"):
            (folder / name).mkdir()
        (folder / "site" / "sitecustomize.py").write_text(RECORDER)
        os.environ |= {
            "TMPDIR": str(folder / "tmp"),
            "XDG_CONFIG_HOME": str(folder / "xdg"),
            "XDG_CACHE_HOME": str(folder / "xdg"),
            "XDG_STATE_HOME": str(folder / "xdg"),
            "ADDRESSES": str(folder / "addresses"),
            "PYTHONPATH": os.pathsep.join((str(folder / "site"), os.environ["PYTHONPATH"])),
        }
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]

    def key(self, name: str) -> str:
        """Return a key of the vault."""
        return (self.vault / name).read_text()

    def served(self, name: str, *faults: str) -> EmulatorThread:
        """Return the service with one of the keys, always at the same address; to be started."""
        return EmulatorThread(
            demo_data(), api_key=self.key(name), port=self._port, faults=list(faults)
        )

    def run(
        self,
        *arguments: str,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        script: str = "",
    ) -> int:
        """Run the program; keep what it says, and return how it ended."""
        program = ["-c", script] if script else ["-m", "memos_admin"]
        done = subprocess.run(
            [sys.executable, *program, *arguments],
            input=stdin, env={**os.environ, **(env or {})}, capture_output=True, text=True,
            timeout=100, check=False,
        )  # fmt: skip
        self.keep(f"{arguments}\n{done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.returncode

    def forked(self, *arguments: str) -> int:
        """Run the program to look at something: forked from one that has begun, unless long.

        Then its words do not stand in the list of processes.
        """
        if LONG:
            return self.run(*arguments)
        done = process(*arguments)
        self.keep(f"{arguments}\n{done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.returncode

    def keep(self, text: str) -> None:
        """Keep something that was said."""
        (self._said / f"{len(list(self._said.iterdir())):03d}").write_text(text)


@contextmanager
def listing_processes(into: Path) -> Iterator[None]:
    """Write down what the list of processes says of every process of this machine meanwhile."""
    over, seen = threading.Event(), set[bytes]()

    def look() -> None:
        while not over.wait(0.05):
            for one in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):  # it has ended
                    seen.add(one.read_bytes())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()
        into.write_bytes(b"\n".join(sorted(seen)))


def whole(folder: Path, vault: Path) -> None:
    """Connect, go wrong in every way, rotate the key, export, look; keep all that is said."""
    session = Session(folder, vault)
    with listing_processes(folder / "processes"):
        _go_through(session)


def _go_through(session: Session) -> None:
    run = session.run
    with session.served("first") as service:
        address = service.base_url
        run(
            "projects",
            "add",
            "acme",
            "--base-url",
            address,
            "--key-stdin",
            stdin=session.key("wrong"),
        )
        run(
            "projects",
            "add",
            "acme",
            "--base-url",
            address,
            "--key-stdin",
            stdin=session.key("first"),
        )
        run("projects", "test")
        run("projects", "set-key", "acme", "--key-stdin", stdin=session.key("wrong"))
        run("users", "add", USER)
        assert run("--verbose", "sync") == 0
        run("sync", env={"MEMOS_API_KEY": session.key("wrong")})
        run("--verbose", "sync", "--full", script=MISTAKEN)
        run("sync", "--full", script=MISTAKEN)
        # Sync all, type another key for this run, leave while it is in the field.
        keys = [(USER, "S"), ("synced", "\x0b"), ("mpg-", session.key("wrong")), ("•", "\x11")]
        looked = terminal([], columns=120, replies=keys, anew=True)
        session.keep(looked.sent.decode())
    for fault in FAULTS if LONG else FAULTS[::6]:
        with session.served("first", fault):
            assert run("--verbose", "sync", "--full", script=IMPATIENT) != 0, fault
    with session.served("second"):
        assert run("sync", "--full") == 3  # the first one was revoked
        assert run("projects", "set-key", "acme", "--key-stdin", stdin=session.key("second")) == 0
        assert run("--verbose", "sync", "--full") == 0
        by_command(session)
        look(session)


def look(session: Session) -> None:
    """Read and export everything, with all that there is to be told of the program itself."""
    for arguments in (
        ["doctor"], ["doctor", "--json"], ["projects", "list", "--json"],
        ["journal", "list", "--limit", "0", "--json"], ["journal", "verify"],
        ["memories", "list", "--json"], ["search", "trip", "--remote", "--user", USER],
        ["store", "path"], ["store", "check"],
    ):  # fmt: skip
        session.forked(*arguments)
    exports = session.folder / "exports"
    exports.mkdir()
    for form in ("csv", "jsonl", "xlsx"):
        export = session.run if form == "csv" else session.forked
        assert export("export", "user", USER, "--output", str(exports / f"user.{form}")) == 0
        assert export("export", "memories", "--output", str(exports / f"memories.{form}")) == 0
    session.forked("journal", "export", "--output", str(exports / "journal.jsonl"))
    session.forked("store", "backup", str(exports / "backup.db"))


def by_command(session: Session) -> None:
    """Sync with a key that a program prints, which notes what it is given, and by whom it is run."""
    program = session.folder / "key"
    noted = session.folder / "child"
    program.write_text(
        f"#!/bin/sh\nenv > {noted}\ncat /proc/$PPID/cmdline >> {noted}\n"
        f"cat /proc/$PPID/environ > {noted}.parent\ncat {session.vault / 'second'}\n"
    )
    program.chmod(0o700)
    config = session.folder / "home" / "config.toml"
    told = config.read_text().replace("\nname = ", f'\nkey_command = ["{program}"]\nname = ', 1)
    config.write_text(told)
    no_keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    foreign = {**no_keyring, "MEMOS_API_KEY": session.key("wrong")}
    assert session.run("--verbose", "sync", env=no_keyring) == 0
    assert noted.exists()
    # A key of another project stands in the environment: the program is asked, and does not get it.
    assert session.run("--project", "acme", "--verbose", "sync", env=foreign) == 0
    Path(f"{noted}.parent").unlink()  # what a person put into it

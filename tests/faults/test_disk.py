"""The disk is full, or may not be written: what was there stays, and what to do is said."""

from __future__ import annotations

import os
import resource
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.emulator.thread import EmulatorThread
from tests.backend.stored import said
from tests.effort import LONG
from tests.faults.operations import PATIENT, PROJECT, command, sync_all
from tests.faults.programs import known, loaded, sound
from tests.faults.world import AIM, ANN, change, copied, store_of
from tests.processes import ended, go

COMMANDS = (
    ("sync", "--full"),
    ("sync", "--user", "somebody-else"),
    ("users", "add", "somebody-else"),
    ("users", "list"),
    ("messages", "list", "--user", ANN.external_id, "--conversation", "c-0001"),
    ("search", "trip"),
    ("export", "memories", "--format", "jsonl", "--output", "FILE"),
    ("export", "memories", "--format", "xlsx", "--output", "FILE"),
    ("store", "backup", "COPY"),
    ("store", "check"),
    ("store", "tidy"),
    ("store", "forget", "--user", ANN.external_id, "--yes"),
    ("projects", "rename", "faults", "other"),
)
MOST_BYTES = 20_000
WRITING = (COMMANDS[0], *COMMANDS[6:9], *COMMANDS[10:12])
"""Those that write more than a few pages: they may begin, and find the disk full on the way."""
FULL = [
    (arguments, free)
    for free in ((0, 20_000, 100_000, 400_000) if LONG else (0, 60_000))
    for arguments in (COMMANDS if LONG or not free else WRITING)
]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 16 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=16m,mode=0700", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("may not mount a file system here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def on_disk(made: Path, disk: Path, service: EmulatorThread) -> Iterator[Home]:
    """A home on that disk, and a service that has changed since it was read."""
    change(service.emulator.state)
    with copied(made, disk / "home", service) as home:
        yield home


@contextmanager
def full(disk: Path, free: int) -> Iterator[None]:
    """Leave so many bytes of the disk."""
    filler = disk / "filler"
    with filler.open("wb") as file:
        left = shutil.disk_usage(disk).free - free
        file.write(bytes(max(left, 0)))
    try:
        yield
    finally:
        filler.unlink()


@pytest.mark.parametrize(
    ("arguments", "free"), FULL, ids=[f"{' '.join(words)}-{free}" for words, free in FULL]
)
def test_on_a_full_disk_nothing_is_lost(
    on_disk: Home, disk: Path, arguments: tuple[str, ...], free: int
) -> None:
    store = store_of(on_disk)
    before, old = said(store), disk / "FILE"
    old.write_text("an older one")
    wanted = [str(disk / each) if each.isupper() else each for each in arguments]
    with full(disk, free):
        done = command(on_disk, PATIENT, *wanted)
        names = {path.name for path in disk.iterdir()}
    assert done.crash == ""
    assert names <= {"home", "FILE", "COPY", "filler"}
    assert old.read_text() == "an older one" or done.whole
    assert done.whole or "Check" in done.told or "Free some space" in done.told
    sound(on_disk)
    if "forget" not in arguments:
        assert {row[0] for row in before["memories"]} <= {row[0] for row in said(store)["memories"]}
    if "rename" not in arguments:
        assert command(on_disk, PATIENT, *wanted).whole or arguments[1] in {"forget", "backup"}
        assert sync_all(on_disk, PATIENT).whole


def test_a_sync_on_a_full_disk_is_made_good_later(
    on_disk: Home, made: Path, tmp_path: Path, disk: Path, service: EmulatorThread
) -> None:
    with full(disk, 0):
        done = sync_all(on_disk, PATIENT)
    assert not done.whole
    assert "cannot be written" in done.told
    assert "Check free disk space" in done.told
    sync_all(on_disk, PATIENT)
    with copied(made, tmp_path / "never", service) as never:
        sync_all(never, PATIENT)
        assert known(store_of(on_disk)) == known(store_of(never))


@pytest.mark.parametrize("arguments", [COMMANDS[0], *COMMANDS[6:9]], ids=" ".join)
def test_files_that_may_not_grow_are_told_and_left(
    home: Home, service: EmulatorThread, arguments: tuple[str, ...]
) -> None:
    """What a quota does; anybody can try it."""
    folder = home.path.parent
    old = folder / "FILE"
    old.write_text("an older one")
    change(service.emulator.state)
    before = said(store_of(home))
    program = loaded(*(str(folder / each) if each.isupper() else each for each in arguments))
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
    go(program)
    told = ended(program).err
    assert program.returncode == 1, told
    assert "Traceback" not in told
    assert "unexpected error" not in told
    assert "Check" in told or "choose another disk" in told
    assert {path.name for path in folder.iterdir()} <= {"home", "own", "xdg", "FILE"}
    assert old.read_text() == "an older one"
    sound(home)
    assert {row[0] for row in before["memories"]} <= {
        row[0] for row in said(store_of(home))["memories"]
    }
    assert sync_all(home, PATIENT).whole


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_disk_that_may_not_be_written_is_told_and_left(
    on_disk: Home, disk: Path, arguments: tuple[str, ...]
) -> None:
    before = store_of(on_disk).read_bytes()
    wanted = [str(disk / each) if each.isupper() else each for each in arguments]
    with only_read(disk):
        done = command(on_disk, PATIENT, *wanted)
    assert done.crash == ""
    assert done.whole or "ermissions" in done.told or "that you can write" in done.told, done.told
    assert store_of(on_disk).read_bytes() == before
    assert sync_all(on_disk, PATIENT).whole


LOOKS = (
    ("users", "list", "--json"),
    ("conversations", "list", "--user", ANN.external_id, "--json"),
    ("messages", "list", "--user", ANN.external_id, "--conversation", "c-0001", "--json"),
    ("memories", "list", "--json"),
    ("memories", "show", AIM, "--json"),
    ("search", "trip", "--json"),
    ("store", "check", "--json"),
)


@contextmanager
def only_read(disk: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


def test_a_disk_that_may_not_be_written_is_read(on_disk: Home, disk: Path) -> None:
    """What is shown is what would be shown, and no look at it is silently left out of the journal."""
    command(on_disk, PATIENT, "search", "trip")
    usual = [command(on_disk, PATIENT, *look).shown for look in LOOKS]
    for at, look in enumerate(LOOKS):
        with only_read(disk):
            done = command(on_disk, PATIENT, *look)
        assert (done.whole, done.shown) == (True, usual[at])
        assert "read as it is there" in done.noted
        assert ("Not journaled (1): " in done.noted) == (look[0] != "store")
    dry = ("store", "forget", "--user", ANN.external_id, "--dry-run")
    with only_read(disk):
        assert command(on_disk, PATIENT, *dry).whole
        done = command(on_disk, PATIENT, "export", "memories", "--format", "csv")
    assert (done.whole, done.shown) == (False, "")
    assert "Nothing was exported, since it could not be journaled" in done.told


@pytest.mark.parametrize("free", [0, 40_000])
def test_a_full_disk_is_read(on_disk: Home, disk: Path, free: int) -> None:
    """As one is that may not be written."""
    command(on_disk, PATIENT, "search", "trip")
    usual = [command(on_disk, PATIENT, *look).shown for look in LOOKS]
    before = store_of(on_disk).read_bytes()
    for at, look in enumerate(LOOKS):
        with full(disk, free):
            done = command(on_disk, PATIENT, *look)
        assert (done.whole, done.shown) == (True, usual[at]), done.told
        assert "read as it is there" in done.noted
        if not free:
            assert ("Not journaled (1): " in done.noted) == (look[0] != "store")
    with full(disk, free):
        assert not command(on_disk, PATIENT, "users", "add", "somebody-else").whole
    assert store_of(on_disk).read_bytes() == before
    assert sync_all(on_disk, PATIENT).whole


@pytest.mark.parametrize("free", [0, 40_000])
@pytest.mark.parametrize(
    "tried", [("sync", "--full"), ("users", "add", "somebody-else")], ids=" ".join
)
def test_what_could_not_be_written_keeps_nobody_from_reading(
    on_disk: Home, disk: Path, tried: tuple[str, ...], free: int
) -> None:
    """SQLite leaves files beside the store that it could not make whole."""
    command(on_disk, PATIENT, "search", "trip")
    usual = [command(on_disk, PATIENT, *look).shown for look in LOOKS]
    before = store_of(on_disk).read_bytes()
    with full(disk, free):
        done = command(on_disk, PATIENT, *tried)
        assert "Check free disk space" in done.told
        assert "read as it is there" not in done.noted
        for at, look in enumerate(LOOKS):
            looked = command(on_disk, PATIENT, *look)
            assert (looked.whole, looked.shown) == (True, usual[at]), looked.told
            assert "read as it is there" in looked.noted
        assert not command(on_disk, PATIENT, *tried).whole
    assert store_of(on_disk).read_bytes() == before
    assert command(on_disk, PATIENT, *tried).whole
    assert sync_all(on_disk, PATIENT).whole


def test_a_log_that_a_killed_program_left_is_not_left_out(on_disk: Home, disk: Path) -> None:
    """The file alone may be half of what was written, and half of what was there before."""
    log = store_of(on_disk).with_name("store.db-wal")
    log.write_bytes(b"what was written last")
    with only_read(disk):
        done = command(on_disk, PATIENT, "users", "list", "--json")
    assert (done.whole, done.shown) == (False, "")
    assert "Copy the folder to a disk that may be written" in done.told
    log.unlink()


UNABLE = (
    ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
)
"""Makes a superuser one who has to be allowed things."""


READ = COMMANDS[3:6]


@contextmanager
def only_for_reading(home: Home, files: int, folders: int) -> Iterator[None]:
    """Take the owner's right to write away; all has to be as it was left, in a folder also which files there are."""
    paths = [home.path, *home.path.rglob("*")]
    kept = {path: path.read_bytes() for path in paths if path.is_file()}
    closed = {path: files if path in kept else folders for path in paths}
    for path, mode in closed.items():
        path.chmod(mode)
    try:
        yield
        assert {path: stat.S_IMODE(path.stat().st_mode) for path in closed} == closed
        assert {path: path.read_bytes() for path in kept} == kept
        if not folders & stat.S_IWUSR:
            assert {home.path, *home.path.rglob("*")} == {*closed}
    finally:
        for path in closed:
            path.chmod(0o600 if path in kept else 0o700)


@pytest.mark.skipif(bool(UNABLE) and shutil.which("setpriv") is None, reason="needs setpriv")
@pytest.mark.parametrize(("files", "folders"), [(0o400, 0o500), (0o400, 0o700)], ids=oct)
@pytest.mark.parametrize(
    "arguments", [*COMMANDS[:6], ("projects", "rename", "faults", "other")], ids=" ".join
)
def test_what_its_owner_may_only_read_is_read_and_left(
    home: Home, arguments: tuple[str, ...], files: int, folders: int
) -> None:
    """No command takes a right that its owner took away."""
    with only_for_reading(home, files, folders):
        program = [*UNABLE, sys.executable, "-m", "memos_admin", "--project", PROJECT, *arguments]
        done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=100)
    assert "Traceback" not in done.stderr
    assert "unexpected error" not in done.stderr
    if arguments in READ:
        assert done.returncode == 0
        assert "read as it is there" in done.stderr
    else:
        assert done.returncode == 1
        assert "ermission" in done.stderr or "may only be read" in done.stderr, done.stderr
        assert "read as it is there" not in done.stderr
    assert sync_all(home, PATIENT).whole

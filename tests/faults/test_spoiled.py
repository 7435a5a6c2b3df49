"""A store that is locked, cut off or overwritten: it is told and left, and a backup can take its place."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from itertools import cycle, product
from pathlib import Path
from uuid import uuid4

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.projects.stored import look_at_store
from memos_admin.backend.workspace import Workspace
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store import connection as connections
from memos_admin.store.restoring import replaced
from tests.effort import LONG
from tests.faults.operations import PATIENT, command, sync_all
from tests.faults.programs import known, sound
from tests.faults.world import ANN, change, store_of
from tests.processes import begin, ended, go
from tests.tui.looking import opened, told

READING: tuple[tuple[str, ...], ...] = (
    ("users", "list"),
    ("messages", "list", "--user", ANN.external_id, "--conversation", "c-0001"),
    ("memories", "list"),
    ("search", "trip"),
    ("export", "memories", "--format", "jsonl", "--output", "FILE"),
)
WRITING: tuple[tuple[str, ...], ...] = (
    ("users", "add", "somebody-else"),
    ("sync", "--full"),
    ("store", "tidy"),
    ("store", "forget", "--user", ANN.external_id, "--yes"),
)
CARE: tuple[tuple[str, ...], ...] = (("store", "check"), ("store", "backup", "COPY"))


def junk(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def cut(path: Path, size: int) -> None:
    with path.open("r+b") as file:
        file.truncate(size)


def overwrite(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def beside(path: Path, name: str, content: bytes) -> None:
    path.with_name(path.name + name).write_bytes(content)


UNREADABLE: dict[str, Callable[[Path], object]] = {
    "all of it": lambda path: path.write_bytes(junk(500_000)),
    "a text": lambda path: path.write_text("not a database\n" * 1000),
    "the first page": lambda path: overwrite(path, 0, junk(4096)),
    "nulls": lambda path: overwrite(path, 0, bytes(4096)),
    "cut to a few bytes": lambda path: cut(path, 100),
    "emptied": lambda path: cut(path, 0),
}
PARTS: dict[str, Callable[[Path], object]] = {
    "half of it": lambda path: cut(path, path.stat().st_size // 8192 * 4096),
    "half of it, in a page": lambda path: cut(path, path.stat().st_size // 2 + 77),
    "pages in the middle": lambda path: overwrite(path, 40 * 4096, junk(60 * 4096)),
    "nearly all": lambda path: overwrite(path, 4096, junk(path.stat().st_size - 4096)),
    "the log": lambda path: beside(path, "-wal", junk(100_000)),
}


ALL = (*READING, *WRITING, *CARE)


def some(damages: Iterable[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return all pairs of a damage and a command, or one command in turn for each."""
    return list(product(damages, ALL)) if LONG else list(zip(damages, cycle(ALL), strict=False))


@pytest.mark.parametrize(("damage", "arguments"), some(UNREADABLE))
def test_what_is_no_store_is_told_and_left(
    home: Home, tmp_path: Path, damage: str, arguments: tuple[str, ...]
) -> None:
    store = store_of(home)
    UNREADABLE[damage](store)
    before = store.read_bytes()
    done = command(home, PATIENT, *(str(tmp_path / a) if a.isupper() else a for a in arguments))
    assert done.crash == ""
    assert not done.whole
    assert "memos-admin store restore" in done.told
    assert store.read_bytes() == before
    assert not list(tmp_path.glob("[A-Z]*"))


def leave_a_log(path: Path) -> None:
    """Leave a log beside a store, as a program does that is killed."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        with connection:
            connection.execute("UPDATE message SET content = content || ' changed'")
            connection.execute("UPDATE memory SET content = content || ' changed'")
        files = {
            name: path.with_name(name).read_bytes()
            for name in ("store.db", "store.db-wal", "store.db-shm")
        }
    for name, content in files.items():
        path.with_name(name).write_bytes(content)


@pytest.mark.parametrize("damage", ["half of it", "nearly all"])
def test_a_damaged_store_keeps_its_log_whoever_looks_at_it(
    home: Home, tmp_path: Path, damage: str
) -> None:
    """SQLite moves it into the file when that is closed, and what could be repaired is another file then."""
    store = store_of(home)
    leave_a_log(store)
    PARTS[damage](store)
    log, shared = store.with_name("store.db-wal"), store.with_name("store.db-shm")
    before = [(file, file.read_bytes()) for file in (store, log)]
    index = shared.read_bytes()
    noticed = []
    for arguments in (*READING, *CARE):
        for file, content in (*before, (shared, index)):
            file.write_bytes(content)
        done = command(home, PATIENT, *(str(tmp_path / a) if a.isupper() else a for a in arguments))
        assert done.crash == ""
        if not done.whole:
            noticed.append(arguments)
            assert [(file, file.read_bytes()) for file in (store, log)] == before, arguments
    assert {("store", "check"), ("search", "trip")} <= {*noticed}
    # What takes its place is closed as any store is.
    assert command(home, PATIENT, "store", "restore", "--none", "--yes").whole
    assert command(home, PATIENT, "sync", "--full").whole
    assert not log.exists()


def rebuilt(path: Path) -> None:
    """Make a store of the dump of one, as sqlite3's own program does: the schema's number is not in it."""
    with closing(sqlite3.connect(path)) as old:
        said = "\n".join(old.iterdump())
    another(path, said)


def another(path: Path, sql: str) -> None:
    """Put a whole database in the place of a store, without a log."""
    for file in path.parent.glob("store.db*"):
        if not file.name.endswith(".written"):
            file.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)


def copied(name: str) -> Callable[[Path], object]:
    """Return what puts a copy of another database of the home in the place of the store."""

    def put(path: Path) -> None:
        (found,) = path.parents[2].rglob(name)
        with (
            closing(sqlite3.connect(found)) as source,
            closing(sqlite3.connect(":memory:")) as held,
        ):
            source.backup(held)
            another(path, "")
            with closing(sqlite3.connect(path)) as target:
                held.backup(target)

    return put


def of_another_project(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE setting SET value = ? WHERE name = 'project'", [str(uuid4())])


ANOTHER: dict[str, tuple[Callable[[Path], object], str]] = {
    "a foreign table": (
        lambda path: another(path, "CREATE TABLE notes (text)"),
        "stands a database that is no store of memos-admin",
    ),
    "a foreign database with a number": (
        lambda path: another(path, "CREATE TABLE notes (text); PRAGMA user_version = 4"),
        "stands a database that is no store of memos-admin",
    ),
    "no table": (lambda path: another(path, "VACUUM"), "something was written to it before"),
    "a journal": (copied("journal.db"), "stands an operator journal"),
    "a search index": (copied("search.db"), "stands a search index"),
    "rebuilt of a dump": (rebuilt, "not the number of their schema"),
    "another project's": (of_another_project, "stands that of another project"),
}


@pytest.mark.parametrize(("damage", "arguments"), some(ANOTHER))
def test_another_database_in_the_place_of_the_store_is_told_and_left(
    home: Home, tmp_path: Path, damage: str, arguments: tuple[str, ...]
) -> None:
    copy, store = tmp_path / "copy.db", store_of(home)
    assert command(home, PATIENT, "store", "backup", str(copy)).whole
    assert command(home, PATIENT, "search", "trip").whole  # makes the index
    there = known(store)
    put, words = ANOTHER[damage]
    put(store)
    before = store.read_bytes()
    for asked in (("users", "list"), arguments, ("doctor",)):
        done = command(home, PATIENT, *(str(tmp_path / a) if a.isupper() else a for a in asked))
        assert done.crash == ""
        assert not done.whole
        assert words in done.told + done.shown
        assert "memos-admin store restore" in done.told + done.shown
        assert store.read_bytes() == before
    assert not list(tmp_path.glob("[A-Z]*"))
    (project,) = Projects(home).list()
    assert look_at_store(project).condition == "damaged"

    done = command(home, PATIENT, "store", "restore", str(copy), "--yes")
    assert "There is no whole store that would be replaced" in done.noted
    assert done.whole, done.told
    assert known(store) == there
    assert any(path.read_bytes() == before for path in replaced(store))
    sound(home)


def test_a_backup_of_another_project_that_was_copied_by_hand_is_told(
    home: Home, tmp_path: Path
) -> None:
    """As of a store of before stores said whose they are: its backups did."""
    copy, store = tmp_path / "copy.db", store_of(home)
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("DELETE FROM setting WHERE name = 'project'")
    assert command(home, PATIENT, "store", "backup", str(copy)).whole
    assert command(home, PATIENT, "users", "list").whole
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE setting SET value = ? WHERE name = 'copy_of'", [str(uuid4())])
    store.write_bytes(copy.read_bytes())
    assert "that of another project" in command(home, PATIENT, "users", "list").told


def test_a_home_that_was_copied_is_read_and_written(home: Home, tmp_path: Path) -> None:
    there = known(store_of(home))
    other = Home(tmp_path / "elsewhere")
    shutil.copytree(home.path, other.path)
    assert known(store_of(other)) == there
    assert command(other, PATIENT, "users", "add", "somebody-else").whole
    sound(other)


LOST = ("gone", "gone, but for its log", "emptied", "emptied, but for its log")


def lose(path: Path, damage: str) -> None:
    """Empty or delete a store, and all beside it but the note that it was written to, or its log."""
    for file in path.parent.iterdir():
        if file.name not in ("store.db", "store.db.written"):
            file.unlink()
    if damage.startswith("emptied"):
        cut(path, 0)
    else:
        path.unlink()
    if damage.endswith("log"):
        beside(path, "-wal", junk(5000))


@pytest.mark.parametrize(("damage", "arguments"), some(LOST))
def test_a_store_that_is_gone_is_missed(
    home: Home, tmp_path: Path, damage: str, arguments: tuple[str, ...]
) -> None:
    store = store_of(home)
    lose(store, damage)
    for asked in (("users", "list"), arguments):
        done = command(home, PATIENT, *(str(tmp_path / a) if a.isupper() else a for a in asked))
        assert done.crash == ""
        assert not done.whole
        assert "`memos-admin store restore` lists the backups" in done.told
        assert not store.exists() or not store.stat().st_size
    assert not list(tmp_path.glob("[A-Z]*"))
    (project,) = Projects(home).list()
    assert look_at_store(project).condition == "damaged"

    aside = command(home, PATIENT, "store", "restore", "--none")
    assert aside.whole, aside.told
    assert sync_all(home, PATIENT).whole
    sound(home)


@pytest.mark.parametrize("damage", LOST)
def test_a_backup_takes_the_place_of_a_store_that_is_gone(
    home: Home, tmp_path: Path, damage: str
) -> None:
    copy, store = tmp_path / "copy.db", store_of(home)
    assert command(home, PATIENT, "store", "backup", str(copy)).whole
    before = known(store)
    lose(store, damage)
    done = command(home, PATIENT, "store", "restore", str(copy), "--yes")
    assert done.whole, done.told
    assert known(store) == before
    logs = [path.read_bytes() for path in replaced(store) if path.name.endswith("-wal")]
    assert logs == ([junk(5000)] if damage.endswith("log") else [])
    sound(home)


@pytest.mark.parametrize(("damage", "arguments"), some(PARTS))
def test_a_store_that_is_damaged_in_part_is_never_taken_for_another(
    home: Home, tmp_path: Path, damage: str, arguments: tuple[str, ...]
) -> None:
    store = store_of(home)
    PARTS[damage](store)
    size, before = store.stat().st_size, store.stat().st_ino
    done = command(home, PATIENT, *(str(tmp_path / a) if a.isupper() else a for a in arguments))
    assert done.crash == ""
    assert done.whole or "memos-admin store restore" in done.told or "left as it is" in done.told
    assert store.stat().st_ino == before
    assert store.stat().st_size >= size or (damage == "the log" and arguments[0] == "store")
    checked = command(home, PATIENT, "store", "check")
    assert checked.whole == (damage == "the log")


@pytest.mark.parametrize("damage", ["all of it", "emptied", "a foreign table", "another project's"])
async def test_the_screen_says_so_too(home: Home, damage: str) -> None:
    damages = UNREADABLE | {name: put for name, (put, _words) in ANOTHER.items()}
    damages[damage](store_of(home))
    (project,) = Projects(home).list()
    workspace = Workspace(project, home)
    async with opened(workspace, (120, 40)) as look:
        await told(look, "memos-admin store restore")
    workspace.abandon()


def test_a_store_that_another_program_holds_is_read_and_not_written(
    home: Home, service: EmulatorThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "BUSY_MS", 50)
    monkeypatch.setattr(connections.open_file, "__kwdefaults__", {"seconds": 0.05})
    change(service.emulator.state)
    store = store_of(home)
    before = known(store)
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for arguments in READING:
            wanted = [str(tmp_path / each) if each.isupper() else each for each in arguments]
            assert command(home, PATIENT, *wanted).whole
        for arguments in WRITING[:2]:
            done = command(home, PATIENT, *arguments)
            assert done.crash == ""
            assert "is in use by another process. Try again when that has finished." in done.told
        other.execute("ROLLBACK")
    assert known(store) == before
    assert sync_all(home, PATIENT).whole
    assert known(store) != before


@pytest.mark.parametrize("damage", ["all of it", "half of it", "emptied", "the log"])
def test_a_backup_takes_the_place_of_a_store_and_the_store_is_kept(
    home: Home, service: EmulatorThread, tmp_path: Path, damage: str
) -> None:
    copy, store = tmp_path / "copy.db", store_of(home)
    assert command(home, PATIENT, "store", "backup", str(copy)).whole
    before = known(store)
    change(service.emulator.state)
    assert sync_all(home, PATIENT).whole
    (UNREADABLE | PARTS)[damage](store)
    spoiled = store.read_bytes()

    listed = command(home, PATIENT, "store", "restore")
    assert listed.shown.splitlines()[1].split("\t")[1:] == [str(copy), "", "copy", "0"]
    done = command(home, PATIENT, "store", "restore", str(copy), "--yes")

    assert done.whole, done.told
    assert known(store) == before
    (kept,) = (path for path in replaced(store) if not path.name.endswith("-wal"))
    assert kept.read_bytes() == spoiled
    assert {path.stat().st_mode & 0o777 for path in replaced(store)} == {0o600}
    sound(home)
    assert "trip" in command(home, PATIENT, "search", "trip", "--json").shown.lower()
    assert sync_all(home, PATIENT).whole
    forgotten = command(home, PATIENT, "store", "forget", "--user", ANN.external_id, "--yes")
    assert f"{kept} is a store whose place a backup has taken" in forgotten.told


@pytest.mark.parametrize("damage", ["all of it", "half of it", "emptied"])
def test_what_is_no_backup_of_it_does_not_take_its_place(
    home: Home, tmp_path: Path, damage: str
) -> None:
    copy, store = tmp_path / "copy.db", store_of(home)
    command(home, PATIENT, "store", "backup", str(copy))
    (UNREADABLE | PARTS)[damage](copy)
    before = known(store)
    done = command(home, PATIENT, "store", "restore", str(copy), "--yes")
    assert not done.whole
    assert done.crash == ""
    assert str(copy) in done.told
    listed = command(home, PATIENT, "store", "restore").shown.splitlines()
    assert [bool(row.split("\t")[2]) for row in listed[1:]] == [True]
    assert (known(store), replaced(store)) == (before, [])


def test_a_store_that_another_program_has_open_is_not_replaced(home: Home, tmp_path: Path) -> None:
    copy, store = tmp_path / "copy.db", store_of(home)
    command(home, PATIENT, "store", "backup", str(copy))
    other = begin(HOLDS, str(store), waits=True)
    done = command(home, PATIENT, "store", "restore", str(copy), "--yes")
    assert "Another program keeps using" in done.told
    assert replaced(store) == []
    go(other)
    ended(other)
    assert command(home, PATIENT, "store", "restore", str(copy), "--yes").whole


HOLDS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM subject").fetchone()
print("ready", flush=True)
sys.stdin.readline()
"""


def test_a_backup_of_another_project_is_refused(home: Home, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    command(home, PATIENT, "store", "backup", str(copy))
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE setting SET value = 'x' WHERE name = 'copy_of'")
    done = command(home, PATIENT, "store", "restore", str(copy), "--yes")
    assert "It is a backup of another project. Nothing was changed." in done.told

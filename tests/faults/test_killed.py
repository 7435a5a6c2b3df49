"""Killed at any instant: what was there is there, nothing twice, and no half of a file under its name.

Upgrades and ``store forget`` are killed in ``tests/store/test_upgrades.py`` and
``tests/backend/test_erasing.py``, a process that fills the index in ``tests/store/test_search.py``.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store import cipher
from tests.effort import LONG
from tests.faults.operations import PATIENT, command
from tests.faults.programs import known, loaded, run, sound
from tests.faults.world import AIM, ANN, change, copied, said, store_of
from tests.processes import Running, ended, go

KILLS = 200 if LONG else 3
SEED = random.SystemRandom().randrange(1_000_000)


@pytest.fixture
def chance() -> random.Random:
    """What instants are chosen by; a failure shows how."""
    print(f"instants are chosen by random.Random({SEED})")
    return random.Random(SEED)


def killed(seconds: float, *arguments: str) -> bool:
    """Run the program and kill it after so long; return whether it still ran."""
    running = loaded(*arguments)
    go(running)
    time.sleep(seconds)  # an instant, not a condition: that is the point
    running.send_signal(signal.SIGKILL)
    ended(running)
    assert running.returncode in (0, -signal.SIGKILL)
    return running.returncode != 0


def test_killed_while_it_syncs(
    home: Home, made: Path, tmp_path: Path, service: EmulatorThread, chance: random.Random
) -> None:
    """The next one goes on; in the end the store is as if nobody had been killed."""
    sync = ("sync", "--full", "--rate", "50")
    store, begun = store_of(home), time.monotonic()
    run(*sync)
    seconds, number = time.monotonic() - begun, 0
    for _ in range(KILLS):
        before = known(store)
        if not killed(chance.uniform(0, seconds), *sync):
            number += 1
            change(service.emulator.state, number)
        after = known(store)
        sound(home)
        ids = [row[:2] for row in after["memories"]]
        assert len(ids) == len(set(ids))
        found = Counter(row[:4] for row in after["messages"])
        assert not Counter(row[:4] for row in before["messages"]) - found
    run(*sync)  # what one that was killed had read within the hour is skipped
    change(service.emulator.state, number + 1)
    run(*sync)
    with copied(made, tmp_path / "never", service) as never:
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setenv("MEMOS_ADMIN_HOME", str(never.path))
            run(*sync)
        assert known(store)["memories"] == known(store_of(never))["memories"]
    # One who comes late is served the latest messages only, so all that was said is asked of the source.
    assert [row[:4] for row in known(store)["messages"]] == said(service.emulator.state)


def grown(store: Path, copies: int = 40) -> None:
    """Have so many memories that an export takes a while."""
    with closing(sqlite3.connect(store)) as connection, connection:
        rows = connection.execute("SELECT * FROM memory LIMIT 0").description
        names = ", ".join(name for name, *_ in rows if name != "pk")
        chosen = names.replace("memory_id", "memory_id || '-' || n")
        connection.execute(
            f"""WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT {copies})
                INSERT INTO memory ({names}) SELECT {chosen} FROM memory, numbers"""
        )
        connection.execute("UPDATE memory SET conversation_id = NULL, version = 1")
        connection.execute("UPDATE listing SET conversation_pk = NULL")
        connection.execute(
            """INSERT INTO memory_raw SELECT pk, '{}' FROM memory
               WHERE pk NOT IN (SELECT memory_pk FROM memory_raw)"""
        )
        connection.execute(
            """INSERT INTO listing (memory_pk, subject_pk, first_seen)
               SELECT pk, 1, 1 FROM memory WHERE pk NOT IN (SELECT memory_pk FROM listing)"""
        )


def test_killed_while_it_exports(home: Home, tmp_path: Path, chance: random.Random) -> None:
    """A file is the old one or the new one; what was begun is gone after the next export."""
    grown(store_of(home), 40 if LONG else 10)
    folder = tmp_path / "exports"
    folder.mkdir()
    whole, seconds = {}, {}
    for form in ("csv", "jsonl", "xlsx"):
        begun = time.monotonic()
        run("export", "memories", "--format", form, "--output", str(folder / f"whole.{form}"))
        seconds[form] = time.monotonic() - begun
        whole[form] = (folder / f"whole.{form}").read_bytes()
    for number in range(KILLS):
        form = ("csv", "jsonl", "xlsx")[number % 3]
        target = folder / f"export.{form}"
        target.unlink(missing_ok=True)
        if number % 2:
            target.write_text("an older one")
        arguments = ("export", "memories", "--format", form, "--output", str(target))
        killed(chance.uniform(0, seconds[form]), *arguments)
        if not target.exists():
            assert number % 2 == 0
        elif target.read_bytes() != b"an older one":
            assert is_whole(target, whole[form])
        sound(home)
    last = folder / "last.csv"
    run("export", "memories", "--format", "csv", "--output", str(last))
    assert last.read_bytes() == whole["csv"]
    names = {path.name for path in folder.iterdir()}
    assert {name for name in names if name.startswith(".")} == set()
    (project,) = Projects(home).list()
    assert not [path for path in project.store_dir.iterdir() if "part" in path.name]


OTHERS = {
    "archive.zip": (
        "subject",
        "export",
        ANN.external_id,
        "--request=SUP-1",
        "--no-sync",
        "--replace",
    ),
    "journal.jsonl": ("journal", "export"),
    "verdicts.csv": ("verdicts", "export"),
}
"""What else is written for others."""


def test_killed_while_it_writes_anything_else(
    home: Home, tmp_path: Path, chance: random.Random
) -> None:
    """The archive of a person, the journal, verdicts: the old file, or a whole one."""
    run("verdicts", "give", AIM, "wrong", "--note", "an older seat")
    folder = tmp_path / "others"
    folder.mkdir()
    seconds = {}
    for name, arguments in OTHERS.items():
        begun = time.monotonic()
        run(*arguments, "--output", str(folder / name))
        seconds[name] = time.monotonic() - begun
        assert is_readable(folder / name)
    for number in range(KILLS):
        if LONG and number % 25 == 0:  # else an archive says in the end that it is an hour old
            run("sync", "--full", "--rate", "50")
        name = [*OTHERS][number % len(OTHERS)]
        target = folder / name
        old = target.read_bytes()
        killed(chance.uniform(0, seconds[name]), *OTHERS[name], "--output", str(target))
        assert target.read_bytes() == old or is_readable(target)
        sound(home)
    for name, arguments in OTHERS.items():
        run(*arguments, "--output", str(folder / name))
    assert {path.name.removesuffix(".manifest.json") for path in folder.iterdir()} == {*OTHERS}


def is_readable(file: Path) -> bool:
    """Whether a file is whole: an archive by its manifest, lines by their ends."""
    if file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            return archive.testzip() is None and "manifest.json" in {
                Path(name).name for name in archive.namelist()
            }
    text = file.read_text()
    if file.suffix == ".jsonl":
        return text.endswith("\n") and all(map(json.loads, text.splitlines()))
    return "an older seat" in text and text.endswith("\n")


def test_what_a_killed_export_has_left_beside_a_store_is_looked_for(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workbook that goes nowhere has what it is made of beside the store, which may then be encrypted."""
    store = store_of(home)
    grown(store)
    text = str(known(store)["memories"][0][2])[:20].encode()
    left, aside = killed_with_parts(store, text), tmp_path / "aside"
    shutil.copytree(left, aside)
    assert str(left) in command(home, PATIENT, "doctor").shown
    for arguments in (
        ("store", "check"),
        ("store", "tidy"),
        ("store", "forget", "--user", ANN.external_id, "--yes"),
        ("store", "encrypt", "--passphrase", "--yes"),
    ):
        if not left.exists():
            shutil.copytree(aside, left)
        monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", "correct horse battery")
        assert command(home, PATIENT, *arguments).whole
        assert not left.exists(), arguments
    assert with_text(store.parent, text) == []

    done = command(home, PATIENT, "export", "memories", "--format", "xlsx", "--output", "/dev/null")
    assert not done.whole
    assert done.crash == ""
    assert "The store is encrypted, and what a workbook is made of" in done.told
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", "correct horse battery")
    running = loaded("export", "memories", "--format", "xlsx", "--output", str(tmp_path / "a.xlsx"))
    go(running)
    wait_for(lambda: with_text(tmp_path, text, but=aside), running)
    running.kill()
    ended(running)
    assert with_text(home.path, text) == []
    cipher.forget(store.parent)


def killed_with_parts(store: Path, text: bytes) -> Path:
    """Kill an export when a text stands in what it writes on the way; return the folder of that."""
    running = loaded("export", "memories", "--format", "xlsx", "--output", "/dev/null")
    go(running)
    wait_for(
        lambda: with_text(store.parent, text, but=store.parent / "search.db", dots=True), running
    )
    running.kill()
    ended(running)
    (left,) = store.parent.glob(".memos-admin.*.parts")
    return left


def wait_for(condition: Callable[[], object], running: Running) -> None:
    """Wait until it is so; fail where the program ends before."""
    until = time.monotonic() + 60
    while not condition():
        assert running.poll() is None, ended(running)
        assert time.monotonic() < until
        time.sleep(0.002)


def with_text(
    folder: Path, text: bytes, *, but: Path | None = None, dots: bool = False
) -> list[Path]:
    """Return the files of a folder in which a text stands as it is; `dots`: those of hidden folders."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and but not in (path, path.parent):
            if dots and not path.parent.name.startswith("."):
                continue
            with suppress(FileNotFoundError):
                if text in path.read_bytes():
                    found.append(path)
    return found


def is_whole(file: Path, wanted: bytes) -> bool:
    """Whether an export is what it is when nobody is killed; workbooks have the time in them."""
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as book:
            return book.testzip() is None and "xl/worksheets/sheet1.xml" in book.namelist()
    return file.read_bytes() == wanted

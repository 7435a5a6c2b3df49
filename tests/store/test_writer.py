"""The writer: what is committed, what is undone, and how it ends."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from memos_admin.store import engine, subjects
from memos_admin.store.connection import explained
from memos_admin.store.errors import StoreBroken, StoreError, StoreInterrupted
from memos_admin.store.holder import holder_of, users_of
from memos_admin.store.reads import Reads
from memos_admin.store.records import SubjectRef
from memos_admin.store.writer import Writer


def add(connection: Connection, name: str) -> None:
    subjects.add(connection, [SubjectRef("user", name)], "hand", 1)


def names(path: Path) -> list[str]:
    with Reads(path) as reads:
        return [s.ref.external_id for s in reads.subjects(reads.subject_pks(order="name"))]


def test_what_is_told_as_done_is_committed(path: Path, writer: Writer) -> None:
    writer.submit(lambda c: add(c, "ann")).result()
    assert names(path) == ["ann"]


def test_a_reader_is_told_that_another_connection_has_written(path: Path, writer: Writer) -> None:
    with Reads(path) as reads:
        before = reads.changes()
        assert reads.changes() == before
        writer.submit(lambda c: add(c, "ann")).result()
        assert reads.changes() != before


def test_what_a_damaged_store_was_before_it_was_found_to_be_is_said_as_it_is(path: Path) -> None:
    started, go = threading.Event(), threading.Event()

    def wait(connection: Connection, name: str) -> None:
        if name:
            add(connection, name)
        started.set()
        go.wait(10)

    def damaged(_connection: Connection) -> None:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise DBAPIError("", None, error)

    writer = Writer(path)
    for written, told in (("", "It was left as it is."), ("ann", "What was written to it before")):
        started.clear()
        go.clear()
        before = writer.submit(partial(wait, name=written))
        started.wait(10)
        failing = writer.submit(damaged)
        go.set()
        with pytest.raises(StoreBroken, match=told):
            failing.result()
        before.result()
    writer.close()
    with pytest.raises(StoreBroken, match="What was written to it before"), explained(path):
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no")  # also where it is read


def test_it_is_told_that_another_program_is_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "TELL_AFTER_MS", 1)
    told: list[str] = []

    def on_busy() -> None:
        told.append("busy")
        other.rollback()

    writer = Writer(path, on_busy)
    writer.submit(lambda c: add(c, "ann")).result()
    assert told == []
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer.submit(lambda c: add(c, "bob")).result()
    assert told == ["busy"]
    writer.close()
    assert names(path) == ["ann", "bob"]


def test_another_program_is_waited_for_as_long_as_is_said_unless_the_writer_ends(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "TELL_AFTER_MS", 1)
    monkeypatch.setattr(engine, "BUSY_MS", 1)
    told: list[str] = []
    ends = threading.Event()

    def on_busy() -> bool:
        told.append("busy")
        if len(told) == 20:
            other.rollback()
        ends.set()
        return True

    writer = Writer(path, on_busy, lambda: told.append("free"))
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer.submit(lambda c: add(c, "ann")).result()
        assert told == ["busy"] * 20 + ["free"]
        other.execute("BEGIN IMMEDIATE")
        ends.clear()
        waiting = writer.submit(lambda c: add(c, "bob"))
        assert ends.wait(10)
        writer.abandon()
        with pytest.raises(StoreInterrupted):
            waiting.result()
    assert told[-1] == "free"
    assert names(path) == ["ann"]


_HOLDS = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="the system does not tell of locks")
def test_who_has_the_store_locked_is_known(path: Path) -> None:
    writer = Writer(path)
    writer.submit(lambda c: add(c, "ann")).result()
    assert holder_of(path) is None
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDS, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        holder, users = holder_of(path), users_of(path)
        other.communicate()
    assert holder is not None
    assert holder.pid == other.pid
    assert users == [holder]
    assert holder.name.startswith("python")
    assert holder_of(path) is None
    assert users_of(path) == []
    writer.close()


def test_failed_job_is_undone_alone(path: Path, writer: Writer) -> None:
    started, go = threading.Event(), threading.Event()

    def wait(connection: Connection) -> None:
        add(connection, "first")
        started.set()
        go.wait(10)

    def fail(connection: Connection) -> None:
        add(connection, "half")
        raise ValueError("no")

    first = writer.submit(wait)
    started.wait(10)
    failing = writer.submit(fail)
    last = writer.submit(lambda c: add(c, "last"))
    go.set()
    first.result()
    last.result()
    with pytest.raises(ValueError, match="no"):
        failing.result()
    assert names(path) == ["first", "last"]


def test_error_of_sqlite_becomes_our_own(writer: Writer) -> None:
    future = writer.submit(lambda c: c.execute(text("SELECT * FROM nowhere")))
    with pytest.raises(StoreError, match="no such table"):
        future.result()


def test_close_commits_what_is_queued(path: Path) -> None:
    writer = Writer(path)
    futures = [writer.submit(partial(add, name=f"u{n:03}")) for n in range(250)]
    writer.close()
    for future in futures:
        future.result(timeout=0)
    assert len(names(path)) == 250
    with pytest.raises(StoreInterrupted):
        writer.submit(lambda c: None).result()


def test_abandon_ends_at_once_and_undoes_the_running_transaction(path: Path) -> None:
    writer = Writer(path)
    writer.submit(lambda c: add(c, "kept")).result()
    started = threading.Event()

    def endless(connection: Connection) -> None:
        add(connection, "undone")
        started.set()
        connection.execute(
            text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                 "SELECT count(*) FROM n")
        )  # fmt: skip

    running = writer.submit(endless)
    queued = writer.submit(lambda c: add(c, "dropped"))
    started.wait(10)
    writer.abandon()
    for future in (running, queued):
        with pytest.raises(StoreInterrupted):
            future.result(timeout=10)
    assert names(path) == ["kept"]


def test_two_processes_write_to_one_store(path: Path) -> None:
    code = """
import sys
from pathlib import Path
from memos_admin.store import subjects
from memos_admin.store.records import SubjectRef
from memos_admin.store.writer import Writer
writer = Writer(Path(sys.argv[1]))
for n in range(300):
    ref = SubjectRef("user", f"{sys.argv[2]}-{n}")
    shared = SubjectRef("user", f"shared-{n}")
    writer.submit(lambda c: subjects.add(c, [ref, shared], "hand", 1)).result()
writer.close()
"""
    Reads(path).close()
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), name], stderr=subprocess.PIPE, text=True
        )
        for name in ("a", "b")
    ]
    for process in running:
        _, errors = process.communicate(timeout=100)
        assert process.returncode == 0, errors
    assert len(names(path)) == 900


def test_killed_process_leaves_a_sound_store(path: Path) -> None:
    code = """
import sys
from pathlib import Path
from memos_admin.store import subjects
from memos_admin.store.records import SubjectRef
from memos_admin.store.writer import Writer
writer = Writer(Path(sys.argv[1]))
n = 0
while n < 100_000:
    ref = SubjectRef("user", f"{n:06}")
    writer.submit(lambda c: subjects.add(c, [ref], "hand", 1)).result()
    print(n, flush=True)
    n += 1
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = -1
    for line in process.stdout:
        told = int(line)
        if told >= 50:
            process.kill()
            break
    rest = process.stdout.read().splitlines()
    process.wait()
    process.stdout.close()
    told = int(rest[-1]) if rest and rest[-1].isdigit() else told
    kept = names(path)
    assert kept == [f"{n:06}" for n in range(len(kept))]
    assert len(kept) in (told + 1, told + 2)  # all that was told, and perhaps the next

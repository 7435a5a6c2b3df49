"""Long reads say what they do, and a signal ends them while SQLite is at one statement."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from memos_admin.backend.sync import beginnings
from memos_admin.cli import long_reads
from memos_admin.cli.long_reads import LongRead, percent
from memos_admin.cli.output import Output
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store import runs
from memos_admin.store.records import UNLOOKED
from memos_admin.store.writer import Writer
from tests.cli.conftest import Cli

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max({x}) FROM c"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def out() -> Output:
    made = Output()
    made.data = made.notes = Terminal()
    return made


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as opened:
        yield opened


@contextmanager
def ctrl_c(after: float) -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    pressed = threading.Timer(after, os.kill, [os.getpid(), signal.SIGINT])
    pressed.start()
    try:
        yield
    finally:
        pressed.cancel()
        signal.signal(signal.SIGINT, before)


def said(out: Output) -> str:
    assert isinstance(out.notes, Terminal)
    return out.notes.getvalue()


def until_said(out: Output, text: str) -> None:
    deadline = time.monotonic() + 30
    while text not in said(out):
        assert time.monotonic() < deadline, said(out)
        time.sleep(0.005)


@pytest.mark.parametrize("x", ["x", "same(x)"])
def test_ctrl_c_ends_a_statement_also_where_it_calls_python(
    out: Output, connection: sqlite3.Connection, x: str
) -> None:
    connection.create_function("same", 1, lambda value: value)
    with (
        ctrl_c(0.2),
        pytest.raises(KeyboardInterrupt),
        LongRead(out, lambda: "looking", connection.interrupt),
    ):
        connection.execute(ENDLESS.format(x=x)).fetchall()


def test_who_is_asked_to_end_between_two_statements_ends_the_next(
    out: Output, connection: sqlite3.Connection
) -> None:
    def read() -> None:
        with LongRead(out, lambda: "looking", connection.interrupt):
            with suppress(KeyboardInterrupt):  # lost, as in a function that SQLite calls
                time.sleep(60)
            connection.execute(ENDLESS.format(x="x")).fetchall()

    with ctrl_c(0.1), pytest.raises(KeyboardInterrupt):
        read()


def test_signals_are_heard_as_before_behind_it(out: Output, connection: sqlite3.Connection) -> None:
    before = signal.set_wakeup_fd(-1)
    with LongRead(out, lambda: "looking", connection.interrupt):
        pass
    assert signal.set_wakeup_fd(before) == -1


def test_it_is_told_what_is_done_and_not_while_a_row_is_in_use(
    out: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_reads, "TELL_AFTER", 0)
    steps = iter(["first", "second"])

    def rows() -> Iterator[int]:
        until_said(out, "0 s · Ctrl+C ends it")
        yield 1

    with LongRead(out, lambda: next(steps, "last"), lambda: None) as read:
        for _ in read.each(rows()):
            assert said(out).endswith("\r")  # the line is empty
            told = said(out)
        assert said(out).startswith(told)
        until_said(out, "last · ")
    assert "first · " in said(out)
    assert said(out).endswith("\r")


def test_it_is_told_again_soon_below_rows_and_stays_where_they_go_elsewhere(
    out: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_reads, "TELL_AFTER", 0.5)

    def rows() -> Iterator[int]:
        for row in range(4):  # none of the waits is as long as the first telling waits
            time.sleep(0.45)
            yield row

    with LongRead(out, lambda: "looking", lambda: None) as read:
        list(read.each(rows()))
        assert "looking · " in said(out)
    out.data = io.StringIO()
    with LongRead(out, lambda: "reading", lambda: None) as read:
        for _ in read.each([1]):
            until_said(out, "reading · ")
            assert not said(out).endswith("\r")


def test_of_two_the_inner_one_tells_and_the_outer_one_again_behind_it(
    out: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_reads, "TELL_AFTER", 0)
    monkeypatch.setattr(long_reads, "_TICK", 0.01)
    with LongRead(out, lambda: "searching", lambda: None):
        with LongRead(out, lambda: "looking", None):
            until_said(out, "looking · ")
            told = len(said(out))
            time.sleep(0.1)
            assert "searching" not in said(out)[told:]
        until_said(out, "searching · ")


def test_it_is_told_where_it_is_looked_at_the_beginnings_before_a_list(
    synced_home: Path,
    isolated: Path,
    connected: EmulatorThread,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unlook(connection: Connection) -> None:
        runs.set_setting(connection, UNLOOKED, "1")

    def look(connection: Connection, after: int, zone: ZoneInfo) -> tuple[int, int | None]:
        time.sleep(0.5)
        return look_on(connection, after, zone)

    look_on = beginnings._look_on
    shutil.copytree(synced_home, isolated, dirs_exist_ok=True)
    with closing(Writer(next(isolated.glob("projects/*/store.db")))) as writer:
        writer.submit(unlook).result()
    monkeypatch.setattr(beginnings, "_look_on", look)
    monkeypatch.setattr(long_reads, "TELL_AFTER", 0)
    monkeypatch.setattr(long_reads, "_TICK", 0.01)
    monkeypatch.setattr(Output, "notes_on_terminal", True)
    ended = cli("conversations", "list", "--user", "memos_user_123", "--json")
    assert ended.code == 0
    assert re.search(r"looking at where conversations begin: 0 of \d+ · 0 s · Ctrl", ended.err)
    assert {row["from_beginning"] for row in ended.json} == {True}


def test_nothing_is_told_to_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_reads, "TELL_AFTER", 0)
    out = Output()
    out.notes = io.StringIO()
    with LongRead(out, lambda: "looking", lambda: None) as read:
        assert list(read.each([1, 2])) == [1, 2]
        time.sleep(2 * long_reads._TICK)
    assert out.notes.getvalue() == ""


def test_a_share_is_whole_only_at_the_end() -> None:
    assert [percent(share) for share in (0.0, 0.129, 0.9999, 1.0)] == [
        "0 %",
        "12 %",
        "99 %",
        "99 %",
    ]


def _endless(connection: Any) -> Any:
    """Run a statement that does not end, until Ctrl+C is pressed a little later."""
    threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT]).start()
    run = connection.rows if hasattr(connection, "rows") else connection.execute
    return list(run(ENDLESS.format(x="x")))


LONG: dict[tuple[str, ...], tuple[str, Any]] = {
    ("search", "family"): (
        "memos_admin.store.search.find.Search.__iter__",
        lambda search: (found for _ in "1" for found in _endless(search._query)),
    ),
    ("memories", "list", "--text", "tea"): (
        "memos_admin.store.listings.count",
        lambda query, *_: _endless(query),
    ),
    ("memories", "list", "--limit", "0"): (
        "memos_admin.backend.export.rows.memory_batches",
        lambda reads, *_: _endless(reads.query),
    ),
    ("store", "check"): (
        "memos_admin.store.damage.findings",
        lambda connection, _most: _endless(connection),
    ),
    ("export", "memories"): (
        "memos_admin.backend.export.content.memory_batches",
        lambda reads, *_: _endless(reads.query),
    ),
}


@pytest.mark.parametrize("command", LONG, ids=" ".join)
def test_ctrl_c_ends_what_reads_for_long(
    synced: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr(*LONG[command])
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        ended = cli(*command)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (ended.code, ended.err.splitlines()[-1]) == (130, "memos-admin: interrupted.")

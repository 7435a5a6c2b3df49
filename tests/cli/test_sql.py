"""``sql``: the answer in its forms, what is refused, and what the journal keeps of it."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from memos_admin.backend.sql import shape
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store.sql_views import VERSION, VIEWS
from tests.cli.conftest import Cli

ONE = "SELECT memory_id, title, tags FROM memories WHERE user_id = 'memos_user_123' ORDER BY 1"


def test_the_answer_is_that_of_the_list(synced: EmulatorThread, cli: Cli) -> None:
    rows = cli("sql", ONE, "--json").json
    listed = cli("memories", "list", "--user", "memos_user_123", "--json").json
    assert [row["memory_id"] for row in rows] == sorted(row["memory_id"] for row in listed)
    assert cli("sql", ONE).table == rows
    as_csv = cli("sql", ONE, "--csv").out
    assert list(csv.DictReader(io.StringIO(as_csv, newline=""))) == rows
    cut = cli("sql", "SELECT user_id FROM users", "--limit", "1", "--json")
    assert len(cut.json) == 1
    assert "there are more" in cut.err


def test_formulas_and_bytes(synced: EmulatorThread, cli: Cli) -> None:
    ended = cli("sql", "SELECT '=1+1' AS a, x'00ff' AS b, 'q\"' AS c", "--csv")
    assert ended.out == 'a,b,c\r\n\'=1+1,00ff,"q"""\r\n'
    assert "1 cell got a ' so that no cell, and no part of one, is a formula." in ended.err
    ended = cli("sql", "SELECT 'hi;=1+1' AS a, 'x' || char(9) || '=2' AS b", "--csv")
    assert ended.out == 'a,b\r\n"hi;\'=1+1","x\t\'=2"\r\n'


def test_what_is_refused_ends_with_2(synced: EmulatorThread, cli: Cli) -> None:
    for statement in ("DELETE FROM memories", "SELECT * FROM memory", "SELECT", "x"):
        ended = cli("sql", statement)
        assert ended.code == 2
        assert not ended.out
    assert cli("sql", "SELECT 1", "--json", "--csv").code == 2


def test_of_what_is_unknown_it_says_what_there_is(synced: EmulatorThread, cli: Cli) -> None:
    ended = cli("sql", "SELECT titles FROM memories")
    assert ended.code == 2
    assert "no such column: titles. The view memories has" in ended.err
    assert ", title," in ended.err
    ended = cli("sql", "SELECT * FROM memory")
    assert ended.code == 2
    assert "memories" in ended.err


def test_the_views_are_told(synced: EmulatorThread, cli: Cli) -> None:
    ended = cli("sql", "--json", "--limit", "0")
    assert {row["view"] for row in ended.json} == VIEWS.keys()
    assert f"Version {VERSION}" in ended.err
    made = cli("sql", "--definitions").out.splitlines()
    assert len(made) == 2 * len(VIEWS)
    assert all(
        line.startswith(("DROP VIEW", "CREATE VIEW ")) and line.endswith(";") for line in made
    )


@pytest.mark.usefixtures("connected")
def test_the_views_of_a_copy_can_be_made_again(
    synced_home: Path, isolated: Path, cli: Cli, tmp_path: Path
) -> None:
    shutil.copytree(synced_home, isolated)
    made = cli("sql", "--definitions").out
    assert cli("store", "backup", str(tmp_path / "copy.db")).code == 0
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        for _ in range(2):
            copy.executescript(made)
        assert copy.execute("SELECT count(*) FROM memories").fetchone() != (0,)


def test_the_page_describes_every_view_and_column() -> None:
    page = (Path(__file__).parents[2] / "docs" / "sql.md").read_text(encoding="utf-8")
    assert f"version {VERSION}" in page
    for name, view in VIEWS.items():
        assert f"### {name}" in page
        for column, says in view.columns.items():
            assert f"| `{column}` | {says} |" in page


def test_the_journal_has_the_shape_of_it_only(synced: EmulatorThread, cli: Cli) -> None:
    cli("sql", "SELECT title FROM memories WHERE title = 'secret words' LIMIT 7")
    entry = cli("journal", "list", "--json", "--limit", "0").json[-1]
    if entry["details"].get("what") != "sql":
        entry = cli("journal", "list", "--json", "--limit", "0").json[0]
    assert entry["details"]["views"] == ["memories"]
    assert entry["details"]["statement"] == "SELECT title FROM memories WHERE title = ? LIMIT ?"


def test_no_literal_is_left() -> None:
    said = "select 'it''s', \"x\", [y], `z`, 12.5e3, 0xff, x'ab' -- mine\n, /* my */ a1 from t where 'o"
    assert shape(said) == "select ?, ?, ?, ?, ?, ?, ? , a1 from t where ?"
    assert not re.search("mine|my|it", shape(said))


def test_ctrl_c_ends_a_statement(synced: EmulatorThread, cli: Cli) -> None:
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        ended = cli("sql", endless)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGINT, before)
    assert ended.code == 130

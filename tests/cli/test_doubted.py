"""What commands say of memories that the last whole listing lacked, and that may be gone or not."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from memos_admin.backend.times import now_ms
from memos_admin.cli.memories import COLUMNS
from memos_admin.cli.table import at_least, bounded
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli

USER = "memos_user_123"


@pytest.fixture
def doubted(connected: EmulatorThread, cli: Cli) -> Cli:
    """One of two memories of the user was not listed at the last reading."""
    assert cli("sync", "--user", USER, "--full").code == 0
    store = Path(cli("store", "path").out.strip())
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute(
            """UPDATE listing SET missed_at = ?, last_seen = first_seen WHERE pk = (
                   SELECT min(l.pk) FROM listing l JOIN subject s ON s.pk = l.subject_pk
                   WHERE s.external_id = ?)""",
            [now_ms(), USER],
        )
    return cli


def test_an_archive_with_memories_in_doubt_is_not_complete(doubted: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    ended = doubted(
        "subject", "export", USER, "--request", "DV", "--no-sync", "--output", f"{path}"
    )
    assert ended.code == 4
    assert "1 memory is in doubt" in ended.err
    assert "Whether all memories in the archive are still in use is not confirmed." in ended.err
    with zipfile.ZipFile(path) as archive:
        said = json.loads(archive.read("manifest.json"))["completeness"]["said"]
    assert any(line.startswith("1 memory is in doubt") for line in said)


def test_an_archive_is_read_first_to_settle_them(doubted: Cli, tmp_path: Path) -> None:
    """MemOS lists it again: nothing is in doubt then."""
    path = tmp_path / "a.zip"
    ended = doubted("subject", "export", USER, "--request", "DV", "--output", f"{path}")
    assert "So it is read from MemOS first" in ended.err
    assert ended.code == 0
    assert "in doubt" not in ended.err


def test_lists_of_memories_say_which_they_are(doubted: Cli) -> None:
    listed = doubted("memories", "list", "--user", USER, "--json")
    assert sorted(row["missed_at"] is None for row in listed.json) == [False, True]
    assert "1 memory is in doubt" in listed.err
    titles = [COLUMNS[1].value(row) for row in listed.json]
    assert sum(title.startswith("in doubt · ") for title in titles) == 1
    (memory_id,) = (row["memory_id"] for row in listed.json if row["missed_at"])
    shown = doubted("memories", "show", memory_id, "--json").json
    assert [bool(one["missed_at"]) for one in shown["listed_for"]] == [True]
    assert "in doubt since" in doubted("memories", "show", memory_id).out
    assert "In doubt since" in doubted("memories", "history", memory_id).err


def test_no_number_of_memories_is_called_exact(doubted: Cli) -> None:
    listed = doubted("users", "list", "--json")
    (row,) = (row for row in listed.json if row["user_id"] == USER)
    assert (row["memories"], row["bound"]) == (2, "most")
    assert "1 memory is in doubt" in listed.err
    shown = doubted("users", "show", USER, "--json")
    assert (shown.json["bound"], "in doubt" in shown.err) == ("most", True)
    (row,) = doubted("completeness", "list", "--json").json
    assert (row["memories"], row["bound"], row["missed_once"]) == (2, "most", 1)
    day = doubted("timeline", "--user", USER, "--json").json[-1]
    assert (day["listed"], day["bound"]) == (2, "most")
    assert "At most (≤)" in doubted("timeline", "--user", USER).err
    views = [row for row in doubted("overview", "--json").json if row["section"] == "views"]
    bounds = {row["item"]: row["bound"] for row in views}
    assert (bounds["detail_factual"], bounds["missed"], bounds["vanished"]) == (
        "most", "exact", "least",
    )  # fmt: skip


def test_tables_have_a_sign_for_what_is_in_doubt() -> None:
    memories = bounded("n", "Memories")
    told = {"exact": "2", "least": "2+", "most": "≤2", "about": "~2"}
    assert {name: memories.value({"n": 2, "bound": name}) for name in told} == told
    others = at_least("n", "Messages")
    assert {name: others.value({"n": 2, "bound": name}) for name in ("exact", "most")} == {
        "exact": "2", "most": "2",
    }  # fmt: skip


def test_whom_a_killed_sync_was_to_read_has_that_as_its_problem(doubted: Cli) -> None:
    store = Path(doubted("store", "path").out.strip())
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute(
            """INSERT INTO sync_run (started_at, mode, scope, outcome, requests, added, changed, vanished,
                   returned, messages, gaps, failed) VALUES (?, 'full', ?, 'running', 0, 0, 0, 0, 0, 0, 0, 0)""",
            [now_ms() + 7_200_000, f"user:{USER}"],
        )
    (row,) = doubted("completeness", "list", "--json").json
    assert row["problem"].startswith("a sync has no end, or is running now")

"""The store's own commands."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli


def test_path(connected: EmulatorThread, cli: Cli, isolated: Path) -> None:
    ended = cli("store", "path")
    path = Path(ended.out.removesuffix("\n"))
    assert path.is_relative_to(isolated)
    assert path.name == "store.db"
    assert not isolated.exists()
    cli("users", "add", "x")
    assert path.exists()


def test_check(synced: EmulatorThread, cli: Cli) -> None:
    ended = cli("store", "check", "--json")
    assert (ended.code, ended.json) == (0, [])
    assert "whole" in cli("store", "check").err


def test_a_damaged_store_is_told_and_left_alone(connected: EmulatorThread, cli: Cli) -> None:
    cli("sync", "--user", "memos_user_123")
    path = Path(cli("store", "path").out.strip())
    connection = sqlite3.connect(path)
    connection.execute("UPDATE memory SET view = 'gone' WHERE 0")
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("DELETE FROM subject")
    connection.commit()
    connection.close()
    ended = cli("store", "check")
    assert ended.code == 1
    assert ended.out


def test_what_is_no_store_is_1(connected: EmulatorThread, cli: Cli) -> None:
    cli("users", "add", "x")
    path = Path(cli("store", "path").out.strip())
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    before = path.read_bytes()
    for arguments in (["users", "list"], ["store", "check"], ["users", "add", "y"]):
        ended = cli(*arguments)
        assert ended.code == 1
        assert "Traceback" not in ended.err
    assert path.read_bytes() == before


def test_backup(synced: EmulatorThread, cli: Cli, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert cli("store", "backup", str(copy)).code == 0
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    connection = sqlite3.connect(copy)
    assert connection.execute("SELECT count(*) FROM message").fetchone()[0] > 4
    connection.close()
    assert cli("store", "backup", str(copy)).code == 1
    assert cli("store", "backup", str(tmp_path)).code == 2


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("taken.db", "exists already. Choose another name."),
        ("no/such/copy.db", "its folder does not exist. Make it, or choose another one."),
        ("taken.db/copy.db", "it would not stand in a folder. Choose another name."),
        ("x" * 300, "File name too long."),
    ],
    ids=["taken", "no folder", "no folder at all", "too long"],
)
def test_a_backup_that_cannot_be_is_told_with_its_path(
    synced: EmulatorThread, cli: Cli, tmp_path: Path, target: str, reason: str
) -> None:
    (tmp_path / "taken.db").write_text("mine")
    ended = cli("store", "backup", str(tmp_path / target))
    assert (ended.code, ended.out) == (1, "")
    assert str(tmp_path / target) in ended.err
    assert reason in ended.err
    assert "partial" not in ended.err
    assert (tmp_path / "taken.db").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["taken.db"]

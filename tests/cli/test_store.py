"""The store's own commands."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli, terminal


@pytest.fixture
def mine(synced_home: Path, connected: EmulatorThread, isolated: Path) -> Path:
    """A home of the test's own with all of the demo in it: what is written there is noted there."""
    shutil.copytree(synced_home, isolated)
    return isolated


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


def test_backup(mine: Path, cli: Cli, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert cli("store", "backup", str(copy)).code == 0
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    connection = sqlite3.connect(copy)
    assert connection.execute("SELECT count(*) FROM message").fetchone()[0] > 4
    connection.close()
    assert cli("store", "backup", str(copy)).code == 1
    assert cli("store", "backup", str(tmp_path)).code == 2


def test_backups_are_listed_and_restored_as_json(mine: Path, cli: Cli, tmp_path: Path) -> None:
    assert cli("store", "restore", "--json").json == []
    copy = tmp_path / "copy.db"
    cli("store", "backup", str(copy))
    (offer,) = cli("store", "restore", "--json").json
    assert (offer["path"], offer["problem"]) == (str(copy), None)
    assert offer["written_at"].endswith("Z")
    ended = cli("store", "restore", str(copy), "--json")
    assert (ended.code, ended.json["restored"]) == (0, str(copy))
    assert Path(ended.json["kept"]).exists()
    copy.unlink()
    (offer,) = cli("store", "restore", "--json").json
    assert (offer["written_at"], offer["problem"]) == (None, "There is no such file.")


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
    mine: Path, cli: Cli, tmp_path: Path, target: str, reason: str
) -> None:
    (tmp_path / "taken.db").write_text("mine")
    ended = cli("store", "backup", str(tmp_path / target))
    assert (ended.code, ended.out) == (1, "")
    assert str(tmp_path / target) in ended.err
    assert reason in ended.err
    assert "partial" not in ended.err
    assert (tmp_path / "taken.db").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["taken.db"]


def in_any_file(folder: Path, *texts: str) -> list[str]:
    """Return which files but the journal, which keeps ids, have one of the texts."""
    return [
        file.name
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and not file.name.startswith("journal.")
        and any(text.encode() in file.read_bytes() for text in texts)
    ]


USER = "memos_user_123"


def test_forget_tells_what_goes_and_then_nothing_is_left(
    mine: Path, cli: Cli, tmp_path: Path
) -> None:
    said = cli("messages", "list", "--user", USER, "--conversation", "0610", "--json").json
    texts = {row["content"] for row in said}
    assert cli("store", "backup", str(tmp_path / "copy.db")).code == 0
    others = len(cli("users", "list", "--json", "--limit", "0").json)
    assert in_any_file(tmp_path, USER, *texts)

    planned = cli("store", "forget", "--user", USER, "--dry-run", "--json")
    assert (planned.code, planned.json["erased"]) == (0, False)
    assert planned.json["store"]["messages"] == 4
    assert planned.json["backups"][0]["holds"]["messages"] == 4
    refused = cli("store", "forget", "--user", USER)
    assert (refused.code, refused.out) == (2, "")
    assert f"Of user {USER} the store holds 1 conversation, 4 messages, 2 memories" in refused.err
    assert f"Backup {tmp_path / 'copy.db'}: 1 conversation, 4 messages, 2 memories" in refused.err
    assert "Out of reach, so not erased: what MemOS itself holds" in refused.err
    assert "repeat it with --yes" in refused.err
    assert in_any_file(tmp_path, USER, *texts)

    ended = cli("store", "forget", "--user", USER, "--yes", "--json")
    assert (ended.code, ended.json["complete"], ended.json["remains"]) == (0, True, [])
    assert in_any_file(tmp_path, USER, *texts) == []
    assert len(cli("users", "list", "--json", "--limit", "0").json) == others - 1
    assert cli("store", "check", "--json").json == []
    again = cli("store", "forget", "--user", USER, "--yes")
    assert again.code == 1
    assert "There is nothing of user" in again.err


def test_forget_in_part_is_4_and_says_what_remains(mine: Path, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    cli("store", "backup", str(tmp_path / "disk" / "copy.db"))
    shutil.move(tmp_path / "disk", tmp_path / "another")
    ended = cli("store", "forget", "--user", USER, "--yes")
    assert ended.code == 4
    assert f"Not erased: {tmp_path / 'disk' / 'copy.db'}: " in ended.err
    assert "Attach that disk, and repeat it." in ended.err
    shutil.move(tmp_path / "another", tmp_path / "disk")
    assert cli("store", "forget", "--user", USER, "--yes").code == 0
    assert in_any_file(tmp_path, USER) == []


def test_a_backup_that_is_missing_remains_until_it_is_said_to_be_deleted(
    mine: Path, cli: Cli, tmp_path: Path
) -> None:
    """Its folder is there, as is the empty one that a disk is attached to."""
    copy = tmp_path / "copy.db"
    cli("store", "backup", str(copy))
    copy.rename(tmp_path / "elsewhere")
    ended = cli("store", "forget", "--user", USER, "--yes", "--json")
    assert (ended.code, ended.json["complete"]) == (4, False)
    assert [f"{copy}: " in one for one in ended.json["remains"]] == [True]
    (tmp_path / "elsewhere").rename(copy)
    assert cli("store", "forget", "--user", USER, "--yes").code == 0
    assert in_any_file(tmp_path, USER) == []
    copy.unlink()
    ended = cli("store", "tidy", "--drop-missing")
    assert (ended.code, f"Looked for no more: {copy}" in ended.err) == (0, True)
    assert cli("store", "restore", "--json").json == []
    (entry, _) = cli("journal", "list", "--action", "remove", "--json").json
    assert (entry["file"], entry["result"]) == (str(copy), "done")
    assert "No backup that is known is missing" in cli("store", "tidy", "--drop-missing").err


@pytest.mark.terminal
@pytest.mark.parametrize(("typed", "code"), [(USER, 0), ("memos_user_124", 2)])
def test_forget_asks_for_the_id(mine: Path, typed: str, code: int) -> None:
    seen = terminal(["store", "forget", "--user", USER], replies=[("Type the name", f"{typed}\n")])
    assert seen.code == code
    assert bool(in_any_file(mine, USER)) == bool(code)


def test_tidy_ends_what_a_removal_began(mine: Path, cli: Cli) -> None:
    removed = cli("users", "remove", USER, "--yes")
    assert f"memos-admin store forget --user {USER}" in removed.err
    assert "memos-admin store tidy" in cli("store", "check").err
    assert cli("store", "tidy").code == 0
    assert in_any_file(mine, USER) == []
    assert "tidy" not in cli("store", "check").err

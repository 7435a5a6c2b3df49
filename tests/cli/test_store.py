"""The store's own commands."""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from memos_admin.backend import journal
from memos_admin.backend.erasing import forgetting
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.saved_filters import SavedFilter, SavedFilters
from memos_admin.cli.journal.listing import COLUMNS
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store import rewriting
from memos_admin.store.errors import StoreError
from memos_admin.store.migrations import migrate
from tests.cli.conftest import Cli, terminal
from tests.damage import overwrite_page_of


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


def test_a_backup_goes_to_no_standard_output(mine: Path, cli: Cli) -> None:
    result = cli("store", "backup", "-")
    assert result.code == 2
    assert "standard output" in result.err
    assert not Path("-").exists()


@pytest.mark.parametrize("command", ["store backup", "export memories --output"])
def test_a_file_whose_name_is_not_utf_8_is_refused_before_anything_is_done(
    mine: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/h\xff"))
    odd.mkdir()
    for name in (str(odd / "b.csv"), "b.csv"):
        result = cli(*command.split(), name)
        assert result.code == 2
        assert r"h\xff/b.csv" in result.err
        assert "not UTF-8" in result.err
        monkeypatch.chdir(odd)
    assert not [*odd.iterdir()]


def test_backups_are_listed_and_restored_as_json(mine: Path, cli: Cli, tmp_path: Path) -> None:
    assert cli("store", "restore", "--json").json == []
    copy = tmp_path / "copy.db"
    cli("store", "backup", str(copy))
    (offer,) = cli("store", "restore", "--json").json
    assert (offer["path"], offer["problem"]) == (str(copy), None)
    assert offer["written_at"].endswith("Z")
    refused = cli("store", "restore", str(copy), "--json")
    assert (refused.code, refused.out) == (2, "")
    assert "The store is whole. It holds 16 users and agents" in refused.err
    assert "The backup holds 16 users and agents" in refused.err
    ended = cli("store", "restore", str(copy), "--yes", "--json")
    assert (ended.code, ended.json["restored"]) == (0, str(copy))
    assert Path(ended.json["kept"]).exists()
    copy.unlink()
    (offer,) = cli("store", "restore", "--json").json
    assert (offer["time_from"], offer["problem"]) == ("notes", "There is no such file.")


@pytest.mark.parametrize(
    "text",
    [
        "a list of what to buy: tea, bread\n",
        "要买的东西：茶叶、面包、牛奶。\n",
        "tea\n" * 256,
        "茶叶、面包" * 1024,
    ],
)
def test_a_file_of_words_and_a_folder_are_told_to_be_no_backup(
    mine: Path, cli: Cli, tmp_path: Path, text: str
) -> None:
    (tmp_path / "notes.txt").write_text(text)
    ended = cli("store", "restore", str(tmp_path / "notes.txt"), "--yes")
    assert ended.code == 1
    assert "is no store" in ended.err
    assert "passphrase" not in ended.err
    ended = cli("store", "restore", str(tmp_path), "--yes")
    assert ended.code == 1
    assert f"{tmp_path}: It is a folder." in ended.err


def test_neither_a_pipe_nor_the_store_itself_takes_its_place(
    mine: Path, cli: Cli, tmp_path: Path
) -> None:
    """Nobody writes into the pipe: whoever opened it would wait."""
    os.mkfifo(pipe := tmp_path / "pipe")
    ended = cli("store", "restore", str(pipe), "--yes")
    assert (ended.code, f"{pipe}: It is no file, but such as a pipe" in ended.err) == (1, True)
    store = Path(cli("store", "path").out.strip())
    (other := tmp_path / "other.db").hardlink_to(store)
    for path in (store, other):
        ended = cli("store", "restore", str(path), "--yes")
        assert (ended.code, f"{path}: It is the store itself." in ended.err) == (1, True)
    assert list(store.parent.glob("*.replaced-*")) == []


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
    for told in (planned.err, refused.err):
        assert "4 messages, 2 memories; will be erased there too." in told
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
    assert "Nothing was erased." in again.err
    assert "conversations of others" not in cli("store", "forget", "--user", "nosuch").err


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


def test_saved_filters_that_stay_are_named(
    mine: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "saved filter" not in cli("store", "forget", "--user", USER, "--dry-run").err
    monkeypatch.setattr(SavedFilters, "list", lambda _: (SavedFilter("pf", "Lisbon"),))
    planned = cli("store", "forget", "--user", USER, "--dry-run", "--json")
    assert planned.json["saved_filters"] == ["pf"]
    erased = cli("store", "forget", "--user", USER, "--yes")
    for told in (planned, erased):
        assert (
            "What stays: 1 saved filter (pf). What is looked for in them may be words" in told.err
        )


def test_without_room_to_rewrite_the_store_nothing_is_erased(
    mine: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("store", "backup", str(tmp_path / "copy.db")).code == 0
    usage = shutil.disk_usage(mine)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    planned = cli("store", "forget", "--user", USER, "--dry-run")
    assert (planned.code, "store.db is written anew, which needs " in planned.err) == (0, True)
    for verb in (("forget", "--user", USER, "--yes"), ("forget", "--user", USER), ("tidy",)):
        ended = cli("store", *verb)
        assert (ended.code, ended.out) == (1, "")
        assert "there are 1 MB. Free some space, then try again. Nothing was " in ended.err
        assert "was lost" not in ended.err
    assert USER in {row["user_id"] for row in cli("users", "list", "--json", "--limit", "0").json}
    assert cli("journal", "list", "--action", "forget", "--json").json == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert cli("store", "forget", "--user", USER, "--yes").code == 0
    assert in_any_file(tmp_path, USER) == []


def test_a_backup_that_is_larger_than_what_is_free_keeps_all_from_being_erased(
    mine: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it remains, where the room is short on a disk of its own."""
    copy, away = tmp_path / "copy.db", tmp_path / "away" / "copy.db"
    away.parent.mkdir()
    for path in (copy, away):
        assert cli("store", "backup", str(path)).code == 0
    usage, free = shutil.disk_usage(mine), {away.parent: 1_000_000}
    monkeypatch.setattr(
        shutil, "disk_usage", lambda folder: usage._replace(free=free.get(folder, usage.free))
    )
    monkeypatch.setattr(rewriting, "_on_one_disk", lambda path, _folder: path != away)
    with copy.open("ab") as file:
        file.truncate(usage.free)  # it takes nothing of the disk
    ended = cli("store", "forget", "--user", USER, "--yes")
    assert ended.code == 1
    assert f"{copy} is written anew, which needs " in ended.err
    assert USER in {row["user_id"] for row in cli("users", "list", "--json", "--limit", "0").json}
    copy.unlink()
    assert cli("store", "tidy", "--drop-missing").code == 0
    before = away.read_bytes()
    planned = cli("store", "forget", "--user", USER, "--dry-run")
    assert f"Backup {away}: will not be erased there. {away} is written anew" in planned.err
    ended = cli("store", "forget", "--user", USER, "--yes")
    assert ended.code == 4
    assert "Free some space, then try again. It was left as it is." in ended.err
    assert away.read_bytes() == before
    free.clear()
    assert cli("store", "forget", "--user", USER, "--yes").code == 0
    assert in_any_file(tmp_path, USER) == []


def test_that_the_disk_is_full_is_told_once(
    mine: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    why = f"{mine} is written anew, which needs 2 MB."
    monkeypatch.setattr(forgetting, "lacking", lambda *_: why)
    for rest, code in ((["--dry-run"], 0), (["--yes"], 1)):
        ended = cli("store", "forget", "--user", USER, *rest)
        assert (ended.code, ended.err.count(why)) == (code, 1)


def test_a_disk_that_fills_up_behind_the_removal_is_told_as_done_in_part(
    mine: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.db"
    assert cli("store", "backup", str(copy)).code == 0

    def full(_connection: object) -> bool:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(rewriting, "_vacuum", full)
        ended = cli("store", "forget", "--user", USER, "--yes")
        assert cli("store", "tidy").code == 1
    assert ended.code == 4
    assert "was lost" not in ended.err
    for path, then in ((copy, f"forget --user {USER}"), (mine, "tidy")):
        assert f"What was removed from {path}" in ended.err
        assert f"then run: memos-admin store {then}\n" in ended.err
    assert f"Erased user {USER} in part. Repeat it for what is left." in ended.err
    (entry, _) = cli("journal", "list", "--action", "forget", "--json").json
    assert (entry["result"], entry["counts"]["messages"]) == ("done", 4)
    assert entry["counts"]["remain"] == 2
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
    (entry, *_) = cli("journal", "list", "--action", "forget", "--json").json
    assert entry["result"] == "done"
    assert entry["details"] == {"ended": "in part", "remain": [str(copy)]}
    (did,) = (column for column in COLUMNS if column.title == "Did")
    assert did.value(entry) == "forget done in part"
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


def test_an_unfinished_erasure_is_told_until_it_is_finished(
    mine: Path, cli: Cli, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    cli("store", "backup", str(copy))
    assert cli("store", "restore", str(copy), "--yes").code == 0
    kept, *logs = sorted(mine.glob("projects/*/store.db.replaced-*"))
    overwrite_page_of(copy, "memory_raw")
    before = copy.read_bytes()
    planned = cli("store", "forget", "--user", USER, "--dry-run")
    assert f"Backup {copy}: will not be erased there. It is damaged" in planned.err
    assert "erased there too" not in planned.err
    assert cli("store", "forget", "--user", USER, "--yes").code == 4
    assert copy.read_bytes() == before
    for verb in ("check", "tidy"):
        ended = cli("store", verb)
        assert ended.code == 4
        for path in (copy, kept):
            assert f"An erasure is unfinished: {path} may still hold" in ended.err
    assert f"Left as it is, whatever retention says: {kept}" in ended.err
    told = [line for line in ended.err.splitlines() if ": rm " not in line]
    assert not any(str(log) in "".join(told) for log in logs if not log.stat().st_size)
    assert set(in_any_file(mine, USER)) <= {path.name for path in (kept, *logs)}
    assert cli("store", "forget", "--user", USER, "--yes").code == 4  # nothing else of it is here
    for path in (kept, *logs, copy):
        path.unlink()
    assert cli("store", "check").code == 4
    assert cli("store", "tidy", "--drop-missing").code == 0
    assert cli("store", "check").code == 0


def test_a_project_whose_users_were_all_erased_says_so(mine: Path, cli: Cli) -> None:
    here = cli("users", "list", "--json", "--limit", "0").json
    for one in here:
        assert cli("store", "forget", f"--{one['kind']}", one["user_id"], "--yes").code == 0
    told = cli("users", "list").err
    assert f"Nobody is on the roster. Erased here: {len(here)} (memos-admin journal list" in told
    for command in (("users", "list"), ("sync",)):
        assert "yet" not in cli(*command).err


def restored_without(cli: Cli, tmp_path: Path, user: str) -> Path:
    """Have a store without somebody, who was in the one whose place it took; return that."""
    cli("users", "remove", user, "--yes")
    cli("store", "tidy")
    cli("store", "backup", str(tmp_path / "without.db"))
    cli("sync", "--user", user)
    ended = cli("store", "restore", str(tmp_path / "without.db"), "--yes", "--json")
    return Path(ended.json["kept"])


def stopped(*_given: object, **_named: object) -> None:
    raise StoreError("It goes no further.")


def test_an_erasure_that_was_killed_is_told_and_finished(
    mine: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when it is killed, nothing is journaled after what was begun."""
    with monkeypatch.context() as killed:
        killed.setattr(journal, "failed", lambda *_given: None)
        killed.setattr(forgetting, "_erase", stopped)
        assert cli("store", "forget", "--user", USER, "--yes").code == 1
    store = cli("store", "path").out.strip()
    for verb in ("check", "tidy"):
        ended = cli("store", verb)
        assert (ended.code, f"An erasure is unfinished: {store} may" in ended.err) == (4, True)
        assert "delete those files" not in ended.err
    assert f"something may still stand in {store}" in cli("doctor").out
    (begun,) = cli("journal", "list", "--unfinished", "--json").json
    planned = cli("store", "forget", "--user", USER, "--dry-run", "--json")
    assert planned.json["begun_in_entries"] == [begun["seq"]]
    assert f"has no end: entry {begun['seq']} of" in planned.err
    ended = cli("store", "forget", "--user", USER, "--yes")
    assert (ended.code, f"finished what entry {begun['seq']} began" in ended.err) == (0, True)
    assert cli("journal", "list", "--unfinished", "--json").json == []
    assert cli("store", "check").code == 0


def test_somebody_in_a_kept_store_alone_is_told_until_that_is_deleted(
    mine: Path, cli: Cli, tmp_path: Path
) -> None:
    kept = restored_without(cli, tmp_path, USER)
    for end in ("-wal", "-shm"):
        kept.with_name(kept.name + end).touch()
    files = [kept, *sorted(kept.parent.glob(f"{kept.name}-*"), reverse=True)]
    command = shlex.join(["rm", *map(str, files)])
    before = {path.name: path.read_bytes() for path in kept.parent.glob(f"{kept.name}*")}
    planned = cli("store", "forget", "--user", USER, "--dry-run", "--json")
    assert planned.code == 0
    assert f"{kept.name}, a store whose place a backup has taken: to be left, with" in planned.err
    (told,) = planned.json["replaced"]
    assert (told["path"], told["holds"]["known"], told["problem"]) == (str(kept), True, None)
    assert f"helps, once nothing in it is missed: {command}\n" in planned.err
    for _time in range(2):
        ended = cli("store", "forget", "--user", USER, "--yes")
        assert ended.code == 4
        assert (
            f"Not erased: {kept} is a store whose place a backup has taken, and holds" in ended.err
        )
        assert "damaged" not in ended.err
        assert f"helps, once nothing in it is missed: {command}\n" in ended.err
        assert "it stays until that is deleted, as said above, however often" in ended.err
        assert "Repeat" not in ended.err
    for verb in ("check", "tidy"):
        ended = cli("store", verb)
        assert (ended.code, f"An erasure is unfinished: {kept} may" in ended.err) == (4, True)
        assert f"helps, once nothing in it is missed: {command}\n" in ended.err
        assert "Repeat" not in ended.err
    assert "What follows was left as it is." in ended.err
    assert "nothing that was removed is left" not in ended.err
    doctor = cli("doctor", "--json")
    (found,) = (check for check in doctor.json if check["name"] == "Erasures")
    assert (doctor.code, found["ok"]) == (1, False)
    assert f"something may still stand in {kept}" in found["detail"]
    assert {path.name: path.read_bytes() for path in kept.parent.glob(f"{kept.name}*")} == before
    for path in files:
        path.unlink()
    assert cli("store", "forget", "--user", USER, "--yes").code == 1
    assert cli("store", "check").code == 0
    assert "Erasures" not in {check["name"] for check in cli("doctor", "--json").json}


def test_a_kept_store_without_somebody_is_no_rest_of_an_erasure(
    mine: Path, cli: Cli, tmp_path: Path
) -> None:
    restored_without(cli, tmp_path, USER)
    cli("sync", "--user", USER)
    cli("store", "backup", str(tmp_path / "with.db"))
    cli("users", "add", "somebody-else")
    planned = cli("store", "forget", "--user", "somebody-else", "--dry-run")
    assert "a store whose place a backup has taken: holds nothing of it." in planned.err
    assert cli("store", "forget", "--user", "somebody-else", "--yes").code == 0


def test_a_kept_store_that_cannot_be_read_is_named_where_nothing_else_is_known(
    mine: Path, cli: Cli, tmp_path: Path
) -> None:
    kept = restored_without(cli, tmp_path, USER)
    kept.write_bytes(b"no database at all")
    ended = cli("store", "forget", "--user", USER, "--yes")
    assert ended.code == 1
    assert f"could not be looked into, and may hold something of it: {kept}." in ended.err


def test_a_damaged_store_is_not_backed_up_and_one_without_a_backup_starts_anew(
    mine: Path, cli: Cli, tmp_path: Path
) -> None:
    store = Path(cli("store", "path").out.strip())
    overwrite_page_of(store, "message_raw")
    ended = cli("store", "backup", str(tmp_path / "copy.db"))
    assert (ended.code, ended.out) == (1, "")
    assert "Nothing was copied" in ended.err
    assert "memos-admin store restore" in ended.err
    assert not list(tmp_path.glob("*copy.db*"))
    assert cli("store", "restore", "--json").json == []
    spoiled = store.read_bytes()
    ended = cli("store", "restore", "--none", "--json")
    assert (ended.code, ended.json["restored"]) == (0, None)
    assert Path(ended.json["kept"]).read_bytes() == spoiled
    assert cli("store", "restore", "--none", str(store)).code == 2
    assert cli("sync", "--user", USER).code == 0
    assert [row["user_id"] for row in cli("users", "list", "--json").json] == [USER]
    assert cli("store", "check").code == 0


def test_backups_are_listed_by_when_they_were_made(mine: Path, cli: Cli, tmp_path: Path) -> None:
    """Whatever was done to their files since; a row has a reason of one line."""
    paths = [tmp_path / name for name in ("monday.db", "tuesday.db", "spoiled.db")]
    for path in paths:
        cli("store", "backup", str(path))
    made = [offer["written_at"] for offer in cli("store", "restore", "--json").json]
    os.utime(paths[0])  # as an erasure does
    overwrite_page_of(paths[2], "memory_raw")
    listed = cli("store", "restore").out.splitlines()
    rows = [line.split("\t") for line in listed]
    assert rows[0] == ["written_at", "path", "problem", "time_from", "encrypted"]
    assert [row[1] for row in rows[1:]] == [str(path) for path in reversed(paths)]
    moments = [
        [datetime.fromisoformat(at) for at in times]
        for times in ([row[0] for row in rows[1:]], made)
    ]
    for shown, was in zip(
        *moments, strict=True
    ):  # the notes have when the copy was about to be made
        assert abs(shown - was) < timedelta(seconds=30)
    assert [row[3] for row in rows[1:]] == ["notes", "copy", "copy"]
    assert "page" in rows[1][2]
    assert "***" not in rows[1][2]


@pytest.mark.terminal
@pytest.mark.parametrize(("typed", "code"), [(USER, 0), ("memos_user_124", 2)])
def test_forget_asks_for_the_id(mine: Path, typed: str, code: int) -> None:
    seen = terminal(["store", "forget", "--user", USER], replies=[("Type the name", f"{typed}\n")])
    assert seen.code == code
    assert bool(in_any_file(mine, USER)) == bool(code)


@pytest.mark.terminal
@pytest.mark.parametrize(("ahead", "typed", "code"), [(USER, "no", 2), ("no", USER, 0)])
def test_what_was_typed_before_it_was_asked_is_no_answer(
    mine: Path, ahead: str, typed: str, code: int
) -> None:
    command = ["store", "forget", "--user", USER]
    seen = terminal(command, ahead=f"{ahead}\n", replies=[("Type the name", f"{typed}\n")])
    assert seen.code == code
    assert bool(in_any_file(mine, USER)) == bool(code)


def test_tidy_ends_what_a_removal_began(mine: Path, cli: Cli) -> None:
    removed = cli("users", "remove", USER, "--yes")
    assert f"memos-admin store forget --user {USER}" in removed.err
    assert "memos-admin store tidy" in cli("store", "check").err
    assert cli("store", "tidy").code == 0
    assert in_any_file(mine, USER) == []
    assert "tidy" not in cli("store", "check").err


def test_an_upgrade_is_told_once_and_where_the_store_is_kept_as_it_was(
    connected: EmulatorThread, isolated: Path, cli: Cli
) -> None:
    home = Home(isolated)
    project = Projects(home).resolve(None, os.environ)
    store = home.create_project_dir(project.uuid) / "store.db"
    migrate(store, to="0003")
    ended = cli("users", "list")
    copy = store.with_name("store.db.schema-3.bak")
    assert f"As it was before it is kept as {copy}, " in ended.err
    assert copy.exists()
    assert "kept as" not in cli("users", "list").err
    assert str(copy) in cli("doctor").out


def test_an_upgrade_by_what_writes_is_told_too(
    connected: EmulatorThread, isolated: Path, cli: Cli
) -> None:
    home = Home(isolated)
    project = Projects(home).resolve(None, os.environ)
    migrate(home.create_project_dir(project.uuid) / "store.db", to="0003")
    ended = cli("users", "add", "somebody")
    assert ended.err.count("store.db.schema-3.bak") == 1

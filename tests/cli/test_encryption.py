"""``store encrypt``, ``decrypt`` and ``key``, and what other commands say of an encrypted store."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store import cipher
from tests.backend import keyrings
from tests.cli.conftest import Cli, process, terminal
from tests.damage import overwrite_page_of

PASSPHRASE = "correct horse battery"
EXTRA = "import sys; sys.modules['sqlcipher3'] = None\nfrom memos_admin.cli.main import main\nmain(sys.argv[1:])"


@pytest.fixture
def store(
    synced: EmulatorThread, synced_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """The file of a store that holds the demo, in a home that may be changed."""
    home = tmp_path / "copied"
    shutil.copytree(synced_home, home)
    home.chmod(0o700)
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home))
    path = next(home.glob("projects/*/store.db"))
    yield path
    lock(path)


def lock(store: Path) -> None:
    """Forget the key, as at the end of a process."""
    cipher.forget(store.parent)


def is_encrypted(store: Path) -> bool:
    return not store.read_bytes().startswith(b"SQLite format 3")


def test_by_the_keyring_everything_works_as_before(
    cli: Cli, store: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keyring = keyrings.Memory()
    keyrings.use(monkeypatch, keyring)
    users = cli("users", "list", "--json").json
    cli("search", "tea")
    cli("search", "trip")
    assert cli("projects", "list", "--json").json[0]["encrypted"] is False
    assert cli("store", "backup", str(tmp_path / "copy.db")).code == 0
    ended = cli("store", "encrypt", "--yes")
    assert (ended.code, ended.out) == (0, "")
    assert "Without its key an encrypted store cannot be read by anybody" in ended.err
    assert f"Also encrypted: {tmp_path / 'copy.db'}" in ended.err
    words = sum(
        bool(entry["query"]) for entry in cli("journal", "list", "--limit", "0", "--json").json
    )
    assert words >= 2
    assert f"in {words} entries of before it has words that were searched for" in ended.err
    assert is_encrypted(store)
    assert is_encrypted(tmp_path / "copy.db")
    for arguments in (
        ("users", "list", "--json"),
        ("store", "check"),
        ("search", "tea", "--json"),
        ("store", "tidy"),
        ("store", "path"),
        ("export", "memories", "--format", "jsonl", "--output", "-"),
    ):
        lock(store)
        ended = cli(*arguments)
        assert ended.code == 0, ended.err
        if arguments[0] == "users":
            assert ended.json == users
    assert cli("projects", "list", "--json").json[0]["encrypted"] is True
    lock(store)
    user = users[0]["user_id"]
    assert cli("store", "forget", "--user", user, "--yes").code == 0
    assert cli("store", "encrypt").code == 0
    key = cli("store", "key", "--yes")
    assert bytes.fromhex(key.out.strip().replace(" ", "")).hex() in keyring.kept.values()
    ended = cli("store", "decrypt")
    assert ended.code == 0
    assert "whoever has the disk can read it" in ended.err
    assert not is_encrypted(store)
    assert not is_encrypted(tmp_path / "copy.db")
    assert cli("store", "check").code == 0
    assert "Its key stays in the keyring" in ended.err
    assert [name for _service, name in keyring.kept if name.endswith(" store")]


def test_it_is_asked_before_and_refused_where_nobody_can_be(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", PASSPHRASE)
    words = ("store", "encrypt", "--passphrase")
    refused = process(*words)
    assert (refused.returncode, is_encrypted(store)) == (2, False)
    assert "cannot be read by anybody" in refused.stderr
    assert "repeat it with --yes to go on" in refused.stderr
    other = terminal(list(words), replies=[("Type the name to go on:", "another\n")])
    assert (other.code, is_encrypted(store)) == (2, False)
    assert "Nothing was changed." in other.text


def test_without_a_keyring_it_says_what_there_is_instead(cli: Cli, store: Path) -> None:
    ended = cli("store", "encrypt", "--yes")
    assert ended.code == 3
    assert "A passphrase needs no keyring" in ended.err
    assert "MEMOS_API_KEY=" not in ended.err
    ended = cli("store", "encrypt", "--passphrase", "--yes")
    assert (ended.code, is_encrypted(store)) == (2, False)


def test_by_a_passphrase_that_the_environment_gives(
    cli: Cli, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", "too short")
    refused = cli("store", "encrypt", "--passphrase", "--yes")
    assert (refused.code, is_encrypted(store)) == (2, False)
    assert "at least 12 characters" in refused.err
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", PASSPHRASE)
    assert cli("store", "encrypt", "--passphrase", "--yes").code == 0
    ended = process("users", "list")
    assert ended.returncode == 0, ended.stderr
    monkeypatch.delenv("MEMOS_ADMIN_STORE_KEY")
    for arguments in (("users", "list"), ("store", "check"), ("sync",), ("store", "decrypt")):
        found = process(*arguments)
        assert found.returncode == 3
        assert "its key is not here" in found.stderr
        assert "Traceback" not in found.stderr
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", "this is wrong, entirely")
    found = process("users", "list")
    assert found.returncode == 3
    assert "neither the passphrase nor the recovery key" in found.stderr
    assert "entirely" not in found.stderr


@pytest.mark.terminal
def test_a_passphrase_that_is_typed(store: Path) -> None:
    ask = "New passphrase of the store of"
    again = "Once more, the new passphrase of the store of"
    asked = process("store", "encrypt").stderr
    name = asked.partition("encrypts the store of ")[2].partition(",")[0]
    given_up = terminal(["store", "encrypt", "--passphrase", "--yes"], replies=[(ask, "\x04")])
    assert given_up.code != 0
    assert not is_encrypted(store)
    seen = terminal(
        ["store", "encrypt", "--passphrase"],
        replies=[
            ("Type the name to go on:", f"{name}\n"),
            (ask, "short\n"),
            (ask, f"{PASSPHRASE}\n"),
            (again, "another horse battery\n"),
            (ask, f"{PASSPHRASE}\n"),
            (again, f"{PASSPHRASE}\n"),
        ],
    )
    assert seen.code == 0, seen.text
    assert "at least 12 characters" in seen.text
    assert "These were two different ones" in seen.text
    assert "Its passphrase is kept nowhere" in seen.text
    assert PASSPHRASE not in seen.text
    seen = terminal(["store", "check"], replies=[("Passphrase or recovery key", f"{PASSPHRASE}\n")])
    assert seen.code == 0, seen.text
    question, mistyped = "Passphrase or recovery key", "correct hose battery"
    seen = terminal(["users", "list"], replies=[(question, f"{mistyped}\n")] * 3)
    assert seen.code == 3
    assert seen.text.count("neither the passphrase nor the recovery key") == 3
    assert mistyped not in seen.text
    answers = [f"{mistyped}\n", f"{PASSPHRASE}\n"]
    seen = terminal(["store", "check"], replies=[(question, answer) for answer in answers])
    assert seen.code == 0, seen.text
    assert PASSPHRASE not in seen.text
    seen = terminal(["users", "list"], replies=[("Passphrase or recovery key", "\x04")])
    assert seen.code == 3
    assert "Nothing was given" in seen.text


def test_completion_knows_no_names_of_a_locked_store(
    cli: Cli, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", PASSPHRASE)
    assert cli("store", "encrypt", "--passphrase", "--yes").code == 0
    lock(store)
    asked = ("__complete", "bash", "memos-admin users show ", "23", " \t\n\"'><=;|&(:")
    ended = cli(*asked)
    assert (ended.out, ended.err) == ("", "")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "whole": lambda path: None,
    "overwritten": lambda path: path.write_bytes(random.Random(1).randbytes(100_000)),
    "cut off": lambda path: os.truncate(path, path.stat().st_size // 2),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_encrypted_backup_takes_the_place_of_the_store(
    cli: Cli, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", PASSPHRASE)
    users = cli("users", "list", "--json").json
    assert cli("store", "encrypt", "--passphrase", "--yes").code == 0
    monkeypatch.chdir(tmp_path)
    assert cli("store", "backup", "fresh.db").code == 0
    DAMAGES[damage](store)
    lock(store)
    if damage == "overwritten":
        ended = cli("users", "list")
        assert ended.code == 1
        assert "`memos-admin store restore` lists them" in ended.err

    listed = cli("store", "restore")
    assert listed.out.splitlines()[1].split("\t")[1:] == [
        str(tmp_path / "fresh.db"),
        "",
        "copy",
        "1",
    ]
    lock(store)
    ended = cli("store", "restore", "fresh.db", "--yes")

    assert ended.code == 0, ended.err
    lock(store)
    assert cli("users", "list", "--json").json == users
    assert cli("store", "check").code == 0
    assert is_encrypted(store)


def test_a_backup_from_before_is_encrypted_as_the_store_now_is(
    cli: Cli, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", PASSPHRASE)
    users = cli("users", "list", "--json").json
    shutil.copy(store, tmp_path / "plain.db")
    assert cli("store", "encrypt", "--passphrase", "--yes").code == 0
    lock(store)
    ended = cli("store", "restore", str(tmp_path / "plain.db"), "--yes")
    assert ended.code == 0, ended.err
    assert is_encrypted(store)
    lock(store)
    assert cli("users", "list", "--json").json == users
    assert not is_encrypted(tmp_path / "plain.db")


EARLIER = "the passphrase of last year"


@pytest.fixture
def earlier(
    cli: Cli, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, list[str]]:
    """A backup from when the store had another passphrase, and how it is restored."""
    copy = tmp_path / "earlier.db"
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", EARLIER)
    assert cli("store", "encrypt", "--passphrase", "--yes").code == 0
    assert cli("store", "backup", str(tmp_path / "noted.db")).code == 0
    (tmp_path / "noted.db").rename(copy)
    assert cli("store", "decrypt").code == 4  # the backup was taken away
    assert cli("store", "tidy", "--drop-missing").code == 0
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", PASSPHRASE)
    assert cli("store", "encrypt", "--passphrase", "--yes").code == 0
    lock(store)
    cipher.forget(tmp_path / "noted.db")
    return copy, ["store", "restore", str(copy), "--yes"]


def test_a_backup_of_an_earlier_passphrase_is_opened_by_a_variable_of_its_own(
    cli: Cli, store: Path, earlier: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, restore = earlier
    before = store.read_bytes()
    ended = cli(*restore)
    assert (ended.code, store.read_bytes()) == (3, before)
    assert f"{copy}: It is encrypted with a key that is not here, or is damaged." in ended.err
    assert "MEMOS_ADMIN_BACKUP_KEY" in ended.err
    lock(store)
    monkeypatch.setenv("MEMOS_ADMIN_BACKUP_KEY", "another one, entirely")
    ended = cli(*restore)
    assert (ended.code, store.read_bytes()) == (3, before)
    assert "What MEMOS_ADMIN_BACKUP_KEY has is neither the passphrase nor" in ended.err
    assert "another one" not in ended.err
    lock(store)
    monkeypatch.setenv("MEMOS_ADMIN_BACKUP_KEY", EARLIER)
    ended = cli(*restore)
    assert ended.code == 0, ended.err
    assert "in the place of the store it will have the key that the store has now" in ended.err
    lock(store)
    monkeypatch.delenv("MEMOS_ADMIN_BACKUP_KEY")
    assert cli("store", "check").code == 0


def test_a_backup_that_keeps_an_earlier_passphrase_is_told(
    cli: Cli, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "noted.db"
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", EARLIER)
    assert cli("store", "encrypt", "--passphrase", "--yes").code == 0
    assert cli("store", "backup", str(copy)).code == 0
    copy.rename(tmp_path / "away.db")
    assert cli("store", "decrypt").code == 4
    (tmp_path / "away.db").rename(copy)
    told = f"{copy} stays encrypted with an earlier key"
    cipher.forget(copy)
    ended = cli("store", "encrypt", "--passphrase", "--yes")
    assert (ended.code, told in ended.err) == (0, False)
    shutil.move(copy, tmp_path / "away.db")
    assert cli("store", "decrypt").code == 4
    shutil.move(tmp_path / "away.db", copy)
    cipher.forget(copy)
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", PASSPHRASE)
    ended = cli("store", "encrypt", "--passphrase", "--yes")
    assert (ended.code, told in ended.err) == (0, True)


def test_a_backup_that_will_not_be_encrypted_any_more_is_told_as_such(
    cli: Cli, store: Path, earlier: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("store", "decrypt").code == 0
    lock(store)
    monkeypatch.setenv("MEMOS_ADMIN_BACKUP_KEY", EARLIER)
    ended = cli(*earlier[1])
    assert ended.code == 0, ended.err
    assert "in its place it will not be encrypted" in ended.err
    assert not is_encrypted(store)


def test_the_earlier_passphrase_of_a_backup_is_asked_for(
    cli: Cli, store: Path, earlier: tuple[Path, list[str]]
) -> None:
    copy, restore = earlier
    ask = "Passphrase or recovery key of the backup: "
    seen = terminal(restore, replies=[(ask, "another one, entirely\n")] * 3)
    assert seen.code == 3
    wrong = "neither the passphrase nor the recovery key that this backup was"
    assert seen.text.count(wrong) == 3
    answers = ["another one, entirely\n", f"{EARLIER}\n"]
    seen = terminal(restore, replies=[(ask, answer) for answer in answers])
    assert seen.code == 0, seen.text
    assert f"{copy} is encrypted with another key than the store has now." in seen.text
    assert EARLIER not in seen.text
    lock(store)
    assert cli("store", "check").code == 0


def test_backups_are_not_judged_without_the_key(
    cli: Cli, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", PASSPHRASE)
    assert cli("store", "encrypt", "--passphrase", "--yes").code == 0
    assert cli("store", "backup", str(tmp_path / "fresh.db")).code == 0
    before = store.read_bytes()
    lock(store)
    monkeypatch.delenv("MEMOS_ADMIN_STORE_KEY")
    for arguments in ((), (str(tmp_path / "fresh.db"),)):
        ended = cli("store", "restore", *arguments)
        assert ended.code == 3
        assert "its key is not here" in ended.err
    assert store.read_bytes() == before


KILLED = """
import os, sys
from memos_admin.store import converting
converting._put_in_place = lambda *_: os._exit(9)
from memos_admin.cli.main import main
main(sys.argv[1:])
"""


def test_half_of_a_plain_backup_is_deleted_at_the_next_start(
    cli: Cli, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", PASSPHRASE)
    shutil.copy(store, tmp_path / "plain.db")
    assert cli("store", "encrypt", "--passphrase", "--yes").code == 0
    lock(store)

    def kill() -> list[Path]:
        arguments = ["store", "restore", str(tmp_path / "plain.db"), "--yes"]
        words = [sys.executable, "-c", KILLED, *arguments]
        assert subprocess.run(words, capture_output=True, check=False).returncode == 9
        return sorted(store.parent.glob("*.partial*"))

    left = kill()
    assert [path.read_bytes()[:15] for path in left if path.name.startswith(".store")] == [
        b"SQLite format 3"
    ]
    assert cli("users", "list").code == 0
    assert not [path for path in left if path.exists()]
    left = kill()
    ended = cli("store", "check")
    assert ended.code == 0
    assert all(f"killed: {path}" in ended.err for path in left)
    assert not [path for path in left if path.exists()]


@pytest.mark.parametrize("table", ["memory_raw", "ix_memory_title", "setting"])
def test_a_damaged_backup_is_not_converted(
    cli: Cli, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", PASSPHRASE)
    copy = tmp_path / "copy.db"
    assert cli("store", "backup", str(copy)).code == 0
    overwrite_page_of(copy, table)
    before = copy.read_bytes()
    ended = cli("store", "encrypt", "--passphrase", "--yes")
    assert ended.code == 4
    assert f"Not encrypted: {copy}: It is damaged" in ended.err
    assert copy.read_bytes() == before

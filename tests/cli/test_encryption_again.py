"""``store encrypt`` and ``decrypt`` once more: they do what was left to do, and what is left is named until then."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store import cipher
from tests.cli.conftest import Cli
from tests.damage import overwrite_page_of

NOW = "correct horse battery"
EARLIER = "the passphrase of last year"
ENCRYPT = ("store", "encrypt", "--passphrase", "--yes")


@pytest.fixture
def store(
    synced: EmulatorThread, synced_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """The file of a store that holds the demo, in a home that may be changed."""
    home = tmp_path / "copied"
    shutil.copytree(synced_home, home)
    home.chmod(0o700)
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home))
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", NOW)
    path = next(home.glob("projects/*/store.db"))
    yield path
    forget(path)


def forget(store: Path, *copies: Path) -> None:
    """Know no key any more, as at the end of a process."""
    for place in (store.parent, *copies):
        cipher.forget(place)


def is_plain(path: Path) -> bool:
    return path.read_bytes().startswith(b"SQLite format 3")


def doctor(cli: Cli) -> dict[str, dict[str, object]]:
    return {check["name"]: check for check in cli("doctor", "--json").json}


def test_a_backup_that_was_away_is_named_until_it_is_encrypted(
    cli: Cli, store: Path, tmp_path: Path
) -> None:
    copy, away = tmp_path / "b.db", tmp_path / "away.db"
    assert cli("store", "backup", str(copy)).code == 0
    copy.rename(away)
    ended = cli(*ENCRYPT)
    assert (ended.code, f"Not encrypted: {copy}: It is not there." in ended.err) == (4, True)
    forget(store)
    assert cli("store", "check").code == 0
    assert "Plain copies" not in doctor(cli)
    away.rename(copy)

    command = "memos-admin store encrypt"
    for words in (("store", "check"), ("store", "tidy")):
        forget(store)
        ended = cli(*words)
        assert ended.code == 4
        assert f"Not encrypted, though the store is: {copy}" in ended.err
        assert f"To encrypt what is not: {command}\n" in ended.err
    found = doctor(cli)["Plain copies"]
    assert (found["ok"], found["advice"]) == (False, f"To encrypt what is not: {command}")
    assert str(copy) in str(found["detail"])
    listed = cli("store", "restore")
    assert listed.out.splitlines()[0].split("\t")[-1] == "encrypted"
    assert listed.out.splitlines()[1].split("\t")[-1] == "0"
    assert f"To encrypt those that are not: {command}\n" in listed.err
    assert [offer["encrypted"] for offer in cli("store", "restore", "--json").json] == [False]
    assert is_plain(copy)

    forget(store, copy)
    ended = cli(
        "store", "encrypt"
    )  # what is encrypted already needs no consent, and no new passphrase
    assert ended.code == 0, ended.err
    assert f"Also encrypted: {copy}" in ended.err
    assert not is_plain(copy)
    forget(store, copy)
    assert cli("store", "check").code == 0
    assert "Plain copies" not in doctor(cli)
    listed = cli("store", "restore")
    assert [offer["encrypted"] for offer in cli("store", "restore", "--json").json] == [True]
    assert "not each of its backups is" not in listed.err
    ended = cli(*ENCRYPT)
    assert (ended.code, "No copy of it that is known here was left" in ended.err) == (0, True)


def test_a_wrong_key_of_a_store_that_is_encrypted_encrypts_nothing(
    cli: Cli, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "b.db"
    assert cli(*ENCRYPT).code == 0
    assert cli("store", "backup", str(copy)).code == 0
    forget(store, copy)
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", "a new one, by mistake")
    ended = cli(*ENCRYPT)
    assert (ended.code, "neither the passphrase nor" in ended.err) == (3, True)


def test_a_store_that_was_replaced_is_encrypted_and_decrypted_too(
    cli: Cli, store: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "b.db"
    assert cli("store", "backup", str(copy)).code == 0
    assert cli("store", "restore", str(copy), "--yes").code == 0
    (kept,) = store.parent.glob("store.db.replaced-*")
    ended = cli(*ENCRYPT)
    assert (ended.code, f"Also encrypted: {kept}" in ended.err) == (0, True)
    assert not is_plain(kept)
    forget(store, copy, kept)
    ended = cli("store", "decrypt")
    assert (ended.code, f"Also decrypted: {kept}" in ended.err) == (0, True)
    assert is_plain(kept)


def test_one_that_was_replaced_and_cannot_be_converted_is_named(
    cli: Cli, store: Path, tmp_path: Path
) -> None:
    """Though its beginning is damaged, so that nothing would open it: what stands behind that is readable."""
    copy = tmp_path / "b.db"
    assert cli("store", "backup", str(copy)).code == 0
    with store.open("r+b") as file:
        file.write(bytes(range(100, 200)))
    assert cli("store", "restore", str(copy), "--yes").code == 0
    (kept,) = (
        path for path in store.parent.glob("store.db.replaced-*") if path.suffix != ".db-wal"
    )
    ended = cli(*ENCRYPT)
    assert (ended.code, f"Not encrypted: {kept}: " in ended.err) == (4, True)
    assert "once nothing in it is missed, delete it" in ended.err
    forget(store, copy)
    ended = cli("store", "check")
    assert (ended.code, f"though the store is: {kept}\n" in ended.err) == (4, True)
    kept.unlink()
    forget(store, copy)
    assert cli(*ENCRYPT).code == 0
    assert cli("store", "check").code == 0


def test_a_damaged_backup_in_plain_text_is_named_until_it_is_gone(
    cli: Cli, store: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "b.db"
    assert cli("store", "backup", str(copy)).code == 0
    overwrite_page_of(copy, "memory_raw")
    assert cli(*ENCRYPT).code == 4
    forget(store)
    assert cli(*ENCRYPT).code == 4
    assert cli("store", "check").code == 4
    copy.unlink()
    assert cli("store", "tidy", "--drop-missing").code == 0
    assert cli("store", "check").code == 0


def test_an_empty_log_of_a_store_that_was_replaced_is_nothing_plain(
    cli: Cli, store: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "b.db"
    assert cli(*ENCRYPT).code == 0
    assert cli("store", "backup", str(copy)).code == 0
    store.with_name("store.db-wal").touch()
    forget(store)
    assert cli("store", "restore", str(copy), "--yes").code == 0
    (kept,) = store.parent.glob("store.db.replaced-*")
    assert not is_plain(kept)
    empty = kept.with_name(f"{kept.name}-wal")
    empty.touch()  # as earlier versions left them
    forget(store)
    ended = cli("store", "decrypt")
    assert (ended.code, ended.err.count("decrypted: ")) == (0, 2)
    empty.touch()
    forget(store, copy, kept)
    ended = cli(*ENCRYPT)
    assert (ended.code, "-wal" in ended.err) == (0, False)


def test_backups_of_earlier_passphrases_are_decrypted_one_after_the_other(
    cli: Cli, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, away = tmp_path / "b1.db", tmp_path / "away.db"
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", EARLIER)
    assert cli(*ENCRYPT).code == 0
    assert cli("store", "backup", str(first)).code == 0
    first.rename(away)
    assert cli("store", "decrypt").code == 4
    away.rename(first)
    forget(store, first)
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", NOW)
    assert cli(*ENCRYPT).code == 0
    forget(store, first)
    ended = cli("store", "decrypt")
    assert (ended.code, f"Not decrypted: {first}: It is encrypted with a key" in ended.err) == (
        4,
        True,
    )
    forget(store, first)
    assert cli("store", "decrypt").code == 4
    assert not is_plain(first)

    monkeypatch.setenv("MEMOS_ADMIN_BACKUP_KEY", EARLIER)
    ended = cli("store", "decrypt")

    assert (ended.code, f"Also decrypted: {first}" in ended.err) == (0, True)
    assert is_plain(first)
    ended = cli("store", "decrypt")
    assert (ended.code, "No copy of it that is known here was left" in ended.err) == (0, True)

"""An encrypted store: nothing of it in any file, opened by its key alone, the one or the other when killed."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from memos_admin.backend import encryption, roster, screen_state
from memos_admin.backend.credentials import remove_project
from memos_admin.backend.doctor import checks
from memos_admin.backend.encryption import converting, declaration, store_keys
from memos_admin.backend.encryption.finishing import Others
from memos_admin.backend.erasing import forgetting
from memos_admin.backend.home import Home
from memos_admin.backend.journal import Event
from memos_admin.backend.journal import of as journal_of
from memos_admin.backend.journal.reading import Wanted, listing
from memos_admin.backend.projects import Projects
from memos_admin.backend.projects.stored import look_at_store
from memos_admin.backend.screen_state import ScreenState
from memos_admin.backend.search import search
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.upkeep import indexing, maintenance, restoring, tidying
from memos_admin.backend.upkeep.turns import silently
from memos_admin.backend.workspace import Workspace
from memos_admin.store import cipher
from memos_admin.store.connection import open_file
from memos_admin.store.errors import (
    CipherMissing,
    StoreBroken,
    StoreBusy,
    StoreError,
    StoreLocked,
    StoreTooNew,
    WrongStoreKey,
)
from memos_admin.store.records import SubjectRef
from memos_admin.store.search.filling import Filling
from tests.backend import keyrings
from tests.backend.service import Service, a_memory, a_message
from tests.effort import LONG
from tests.processes import begin, ended

ANN = SubjectRef("user", "ann")
CANARY = "quetzalcoatl xylophone"
CHINESE = "她换了工作去冰岛"
PASSPHRASE = "correct horse battery"


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> keyrings.Memory:
    kept = keyrings.Memory()
    keyrings.use(monkeypatch, kept)
    return kept


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where SQLite and Python would put temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setenv("SQLITE_TMPDIR", str(folder))
    return folder


@pytest.fixture
async def workspace(workspace: Workspace, service: Service) -> AsyncIterator[Workspace]:
    service.put("ann", a_memory("m1", f"Ann likes {CANARY}"), a_memory("m2"))
    service.say("ann", "c1", a_message(f"hello {CANARY}"), a_message(CHINESE, "assistant"))
    await roster.add_subjects(workspace, [ANN])
    yield workspace
    cipher.forget(workspace.project.store_dir)


def fresh(workspace: Workspace, service: Service | None = None) -> Workspace:
    """The same project as a new process would open it."""
    cipher.forget(workspace.project.store_dir)
    opened = Workspace(workspace.project, workspace.home)
    if service is not None:
        opened.use_remote(service)
    return opened


def begin_anew(workspace: Workspace) -> None:
    """Delete the store, and that it ever was."""
    for name in ("store.db", "store.db.written"):
        workspace.store_path.with_name(name).unlink()


def fill_index(workspace: Workspace) -> None:
    indexing.stop(workspace.store_path, wait=True)
    with Filling(workspace.store_path) as filling:
        while filling.step():
            pass


def traces(*folders: Path) -> list[str]:
    """Return the files in whose bytes something of Ann's texts stands, in any form we write."""
    parts = ["quetzalcoatl", "xylophone", *(CHINESE[at : at + 4] for at in range(5))]
    forms = [form for part in parts for form in (part.encode(), json.dumps(part)[1:-1].encode())]
    return [file for folder in folders for file in files_with(folder, *forms)]


def files_with(folder: Path, *forms: bytes) -> list[str]:
    """Return the files in a folder in which one of these stands."""
    return sorted(
        str(file)
        for file in folder.rglob("*")
        if file.is_file() and any(form in content_of(file) for form in forms)
    )


def content_of(file: Path) -> bytes:
    """Return the bytes of a file; none where it (a log of SQLite) is gone meanwhile."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()} - {
        "store.lock",
        "search.lock",
        "store.db.written",
    }


# -- nothing of it in any file ----------------------------------------------------------------------


async def test_no_file_has_anything_of_it_open_or_closed(
    workspace: Workspace,
    service: Service,
    keyring: keyrings.Memory,
    tmp_path: Path,
    temporary: Path,
) -> None:
    everywhere = (workspace.home.path, temporary, tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    folder = workspace.project.store_dir
    await sync(workspace, SyncScope())
    await maintenance.backup(workspace, tmp_path / "elsewhere" / "copy.db")
    await maintenance.backup(workspace, folder / "copy two.db")
    shutil.copy(folder / "copy two.db", folder / "store.db.schema-1.bak")
    shutil.copy(folder / "copy two.db", folder / ".store.db.4194305.partial")
    screen_state.save(folder / "state.json", ScreenState(ANN, tags=frozenset({CANARY})))
    fill_index(workspace)
    assert {Path(name).name.removesuffix("-wal") for name in traces(*everywhere)} >= {
        "store.db", "search.db", "copy.db", "copy two.db", "store.db.schema-1.bak",
        ".store.db.4194305.partial", "state.json",
    }  # fmt: skip

    done = await converting.encrypt(workspace, None, silently)

    assert done.others.remains == []
    assert {path.name for path in done.others.done} == {
        "copy.db", "copy two.db", "store.db.schema-1.bak"
    }  # fmt: skip
    assert traces(*everywhere) == []
    assert {path.read_bytes()[:16] for path in folder.glob("*.db")} == {
        declaration.read(folder).salt_bytes  # type: ignore[union-attr]
    }
    opened = fresh(workspace, service)
    service.put("ann", a_memory("m3", f"{CHINESE} {CANARY}"))
    await sync(opened, SyncScope((ANN,), full=True))
    assert traces(*everywhere) == []  # logs and all that is beside them are here
    fill_index(opened)
    assert len(list(search(opened.reads, "xylophone"))) == 3
    assert opened.reads.query.text("PRAGMA temp_store") == 2  # type: ignore[comparison-overlap]
    await maintenance.backup(opened, tmp_path / "elsewhere" / "second.db")
    assert maintenance.check(opened) == []
    assert maintenance.check_index(opened) == []
    await tidying.tidy(opened, silently)
    assert traces(*everywhere) == []
    assert (folder / "store.db-wal").exists()
    await opened.close()
    assert traces(*everywhere) == []
    assert oct((tmp_path / "elsewhere" / "second.db").stat().st_mode & 0o777) == "0o600"


async def test_the_journal_keeps_no_words_that_were_searched_for_in_it(
    workspace: Workspace, keyring: keyrings.Memory
) -> None:
    await converting.encrypt(workspace, None, silently)
    written = journal_of(workspace.home)
    written.record(Event("search", workspace.project, query=CANARY))
    assert written.flush()
    entry = next(listing(workspace.home, Wanted()).entries)
    assert (entry.action, entry.query, entry.details) == ("search", None, {"query": "not kept"})
    assert traces(workspace.home.path) == []


async def test_a_store_that_is_encrypted_from_its_beginning(
    workspace: Workspace, service: Service, keyring: keyrings.Memory, isolated: Path
) -> None:
    """Its first sync makes it, with the salt that its folder names."""
    await workspace.close()
    begin_anew(workspace)
    await converting.encrypt(workspace, None, silently)
    opened = fresh(workspace, service)
    await roster.add_subjects(opened, [ANN])
    await sync(opened, SyncScope())
    assert traces(isolated) == []
    await opened.close()
    assert finds(fresh(workspace))


async def test_an_upgrade_leaves_an_encrypted_copy(
    workspace: Workspace, keyring: keyrings.Memory, isolated: Path
) -> None:
    from memos_admin.store import schema
    from tests.store import schemas

    await workspace.close()
    begin_anew(workspace)
    schemas.load(1, workspace.store_path)
    with closing(sqlite3.connect(workspace.store_path)) as connection, connection:
        connection.execute("UPDATE message SET content = ?", [CANARY])
    await converting.encrypt(workspace, None, silently)
    opened = fresh(workspace)
    assert opened.reads.totals().messages
    await opened.close()
    copy = workspace.store_path.with_name("store.db.schema-1.bak")
    with closing(open_file(copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 1 < schema.CURRENT
    assert traces(isolated) == []


def finds(workspace: Workspace) -> bool:
    """Return whether the store is opened and holds what was put there."""
    try:
        return workspace.reads.subject(ANN) is not None
    finally:
        workspace.close_store()


# -- there and back ---------------------------------------------------------------------------------


def rows(path: Path) -> dict[str, list[Any]]:
    """Return all that a database holds."""
    with closing(open_file(path)) as connection:
        tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        return {
            name: [sql, *sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)]
            for name, sql in tables.fetchall()
        }


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
async def test_there_and_back_it_is_the_same(
    workspace: Workspace,
    service: Service,
    keyring: keyrings.Memory,
    tmp_path: Path,
    passphrase: str | None,
) -> None:
    folder = workspace.project.store_dir
    await sync(workspace, SyncScope())
    await maintenance.backup(workspace, tmp_path / "copy.db")
    await workspace.close()
    before, copied = rows(workspace.store_path), rows(tmp_path / "copy.db")
    await converting.encrypt(workspace, passphrase, silently)
    assert rows(workspace.store_path) == before
    encryption.open_copy_as_it_is(tmp_path / "copy.db", workspace.project)
    assert rows(tmp_path / "copy.db") == copied
    assert names(folder) == {"store.db", "encryption.json", "backups.jsonl"}
    done = await converting.decrypt(workspace, silently)
    assert (done.others.remains, done.key_stays) == ([], passphrase is None)
    assert rows(workspace.store_path) == before
    encryption.open_copy_as_it_is(tmp_path / "copy.db", workspace.project)
    assert rows(tmp_path / "copy.db") == copied
    assert names(folder) == {"store.db", "backups.jsonl"}
    assert len(keyring.kept) == (passphrase is None)
    again = await converting.decrypt(workspace, silently)
    assert (again.was_so, again.others) == (True, Others())
    entries = journaled(workspace)
    assert [entry.action for entry in entries] == [
        "store.encrypt", "store.encrypt", *["store.decrypt"] * 4
    ]  # fmt: skip
    assert [entry.details.get("what") for entry in entries] == [*[None] * 4, *["copies"] * 2]


_HAS_OPEN = """
import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
store.execute("SELECT count(*) FROM subject").fetchone()
print(flush=True)
sys.stdin.read()
"""


def having_open(store: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", _HAS_OPEN, str(store)]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="the system does not tell of locks")
async def test_who_has_the_store_open_is_told_while_that_is_waited_for(
    workspace: Workspace, service: Service
) -> None:
    await sync(workspace, SyncScope())
    told: list[str] = []
    with having_open(workspace.store_path) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        other.stdout.readline()

        def waiting(what: str) -> None:
            told.append(what)
            other.stdin.close()  # type: ignore[union-attr]

        await converting.encrypt(workspace, PASSPHRASE, waiting)
        other.wait()
    assert told
    assert told[0].startswith("waiting for other programs that have the store open: python")
    assert f"(process {other.pid})" in told[0]


@pytest.mark.parametrize("convert", ["encrypt", "decrypt"])
async def test_a_store_that_is_gone_is_not_taken_for_one_that_never_was(
    workspace: Workspace, service: Service, keyring: keyrings.Memory, convert: str
) -> None:
    await sync(workspace, SyncScope())
    if convert == "decrypt":
        await converting.encrypt(workspace, None, silently)
    await workspace.close()
    workspace.store_path.unlink()
    before = names(workspace.project.store_dir)
    asked = {
        "encrypt": partial(converting.encrypt, workspace, None, silently),
        "decrypt": partial(converting.decrypt, workspace, silently),
    }
    with pytest.raises(StoreBroken, match="store restore"):
        await asked[convert]()
    assert names(workspace.project.store_dir) == before


def journaled(workspace: Workspace) -> list[Any]:
    assert journal_of(workspace.home).flush()
    entries = listing(workspace.home, Wanted()).entries
    return [entry for entry in reversed(list(entries)) if entry.action.startswith("store.")]


async def test_sqlciphers_own_programs_open_one_by_its_passphrase(
    workspace: Workspace, keyring: keyrings.Memory
) -> None:
    await converting.encrypt(workspace, PASSPHRASE, silently)
    await workspace.close()
    with closing(cipher.library().connect(workspace.store_path)) as connection:
        connection.execute(f"PRAGMA key = '{PASSPHRASE}'")
        assert connection.execute("SELECT external_id FROM subject").fetchall() == [("ann",)]


async def test_a_second_key_reads_backups_of_the_first_time(
    workspace: Workspace, keyring: keyrings.Memory, tmp_path: Path
) -> None:
    """A disk that was away keeps the key in the keyring, and the next encryption takes that again."""
    disk, away = tmp_path / "disk", tmp_path / "away"
    disk.mkdir()
    await converting.encrypt(workspace, None, silently)
    await maintenance.backup(workspace, disk / "copy.db")
    disk.rename(away)
    done = await converting.decrypt(workspace, silently)
    (remains,) = done.others.remains
    assert remains.startswith(
        f"{disk / 'copy.db'}: It is not there. Attach that disk, and repeat it."
    )
    assert len(keyring.kept) == 1
    away.rename(disk)
    plan = forgetting.look(workspace.home, workspace.project, ANN)
    assert plan.backups[0].held is not None
    assert plan.backups[0].held.known


async def test_another_copy_of_the_home_stays_readable_behind_a_decryption(
    workspace: Workspace, keyring: keyrings.Memory, tmp_path: Path
) -> None:
    """Both have one entry of the keyring, by the UUID of the project."""
    await converting.encrypt(workspace, None, silently)
    await workspace.close()
    other = Home(tmp_path / "elsewhere")
    shutil.copytree(workspace.home.path, other.path)
    copied = Workspace(Projects(other).get("test"), other)
    copied.unlock()
    assert (await converting.decrypt(copied, silently)).key_stays
    await copied.close()
    opened = fresh(workspace)
    assert opened.reads.totals().users == 1
    await opened.close()


@pytest.mark.parametrize("now", ["plain", "another key"])
async def test_a_backup_of_an_earlier_key_is_no_damaged_one(
    workspace: Workspace,
    keyring: keyrings.Memory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    now: str,
) -> None:
    noted, old = tmp_path / "copy.db", tmp_path / "old.db"
    await converting.encrypt(workspace, PASSPHRASE, silently)
    await maintenance.backup(workspace, noted)
    recovery = converting.recovery_key(workspace)
    shutil.copyfile(noted, old)
    await converting.decrypt(workspace, silently)
    if now == "another key":
        await converting.encrypt(workspace, None, silently)
    shutil.copyfile(old, noted)

    for offer in (restoring.look(old, workspace.project), *restoring.offers(workspace.project)):
        assert "It is encrypted with a key that is not here, or is damaged." in offer.problem
        assert "MEMOS_ADMIN_BACKUP_KEY" in offer.problem
        assert offer.is_locked
        assert "delete it" not in offer.problem
    (unread,) = forgetting.look(workspace.home, workspace.project, ANN).backups
    assert "with a key that is not here" in unread.problem

    for text in (PASSPHRASE, recovery):
        monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", text)
        assert restoring.look(old, workspace.project).problem == ""
        (found,) = forgetting.look(workspace.home, workspace.project, ANN).backups
        assert found.held is not None
        assert found.held.known
    await restoring.restore(workspace, old, silently)
    assert (cipher.salt_of(workspace.store_path) is None) == (now == "plain")
    monkeypatch.delenv("MEMOS_ADMIN_STORE_KEY")
    opened = fresh(workspace)
    assert opened.reads.totals().users == 1
    await opened.close()


async def test_the_keyrings_key_opens_a_backup_where_the_store_is_plain(
    workspace: Workspace, keyring: keyrings.Memory, tmp_path: Path
) -> None:
    await converting.encrypt(workspace, None, silently)
    await maintenance.backup(workspace, tmp_path / "copy.db")
    shutil.copyfile(tmp_path / "copy.db", tmp_path / "old.db")
    await converting.decrypt(workspace, silently)
    assert restoring.look(tmp_path / "old.db", workspace.project).problem == ""


async def test_somebody_is_erased_in_encrypted_files(
    workspace: Workspace, service: Service, keyring: keyrings.Memory, tmp_path: Path
) -> None:
    await converting.encrypt(workspace, None, silently)
    opened = fresh(workspace, service)
    await sync(opened, SyncScope())
    await maintenance.backup(opened, tmp_path / "copy.db")
    done = await forgetting.forget(opened, ANN, silently)
    assert (done.remains, done.backups) == ([], [tmp_path / "copy.db"])
    await opened.close()
    assert rows(workspace.store_path)["message"][1:] == []
    assert rows(tmp_path / "copy.db")["message"][1:] == []


async def test_a_copy_of_the_home_is_read_after_its_project_was_removed(
    workspace: Workspace, service: Service, keyring: keyrings.Memory, tmp_path: Path
) -> None:
    project = workspace.project
    await sync(workspace, SyncScope())
    held = workspace.reads.totals()
    await converting.encrypt(workspace, None, silently)
    await workspace.close()
    cipher.forget(project.store_dir)
    copy = Home(tmp_path / "copy")
    shutil.copytree(workspace.home.path, copy.path)
    removed = remove_project(Projects(copy), "test")
    told = (
        "The key that its store was encrypted with was left in the keyring, since copies of the "
        "folder of memos-admin and backups may need it: service memos-admin, "
        f"user {project.uuid} store."
    )
    assert removed.notes == (told,)
    original = fresh(workspace, service)
    original.unlock()
    assert original.reads.totals() == held
    await original.close()


async def test_one_of_a_newer_version_is_not_converted(
    workspace: Workspace, keyring: keyrings.Memory
) -> None:
    await workspace.close()
    with closing(sqlite3.connect(workspace.store_path)) as connection:
        connection.execute("PRAGMA user_version = 9999")
    before = rows(workspace.store_path)
    with pytest.raises(StoreTooNew):
        await converting.encrypt(workspace, None, silently)
    assert rows(workspace.store_path) == before
    assert names(workspace.project.store_dir) == {"store.db"}


# -- its key ----------------------------------------------------------------------------------------


async def test_the_key_is_in_the_keyring_and_nowhere_else(
    workspace: Workspace, keyring: keyrings.Memory, isolated: Path
) -> None:
    keyring.set_password("memos-admin", str(workspace.project.uuid), "the API key's entry")
    await converting.encrypt(workspace, None, silently)
    name = ("memos-admin", f"{workspace.project.uuid} store")
    raw = bytes.fromhex(keyring.kept[name])
    assert len(raw) == 32
    assert keyring.kept[name[0], str(workspace.project.uuid)] == "the API key's entry"
    assert files_with(isolated, raw, raw.hex().encode()) == []
    key = cipher.known(workspace.project.store_dir)
    assert key is not None
    assert raw.hex() not in repr(key)
    shown = converting.recovery_key(workspace)
    assert bytes.fromhex(shown.replace(" ", "")) == raw
    assert [entry.action for entry in journaled(workspace)][-1] == "store.key"
    assert finds(fresh(workspace))


async def test_other_sources_of_the_key_in_their_order(
    workspace: Workspace, keyring: keyrings.Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = workspace.project
    await converting.encrypt(workspace, PASSPHRASE, silently)
    recovery = converting.recovery_key(workspace)
    with pytest.raises(StoreLocked, match=r"its key is not here.*MEMOS_ADMIN_STORE_KEY"):
        fresh(workspace).reads  # noqa: B018
    with pytest.raises(StoreLocked, match="is not unlocked here"):
        open_file(workspace.store_path)
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", recovery)
    assert finds(fresh(workspace))
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", "another one, that is wrong")
    with pytest.raises(WrongStoreKey) as caught:
        fresh(workspace).unlock()
    assert "another one" not in str(caught.value)
    monkeypatch.delenv("MEMOS_ADMIN_STORE_KEY")
    config = workspace.home.config_path
    config.write_text(
        config.read_text() + f"store_key_command = ['printf', '%s\\n', '{PASSPHRASE}']\n"
    )
    again = Workspace(Projects(workspace.home).get("test"), workspace.home)
    cipher.forget(project.store_dir)
    assert finds(again)
    opened = fresh(workspace)
    opened.ask_store_key = lambda _wrong: PASSPHRASE
    assert finds(opened)
    cipher.forget(project.store_dir)
    assert opened.is_locked
    encryption.unlock_with(project, PASSPHRASE)
    assert not opened.is_locked


async def test_without_a_keyring_a_key_is_not_made(workspace: Workspace) -> None:
    before = workspace.store_path.read_bytes()
    with pytest.raises(store_keys.KeyNotKept, match=r"no keyring.*--passphrase"):
        await converting.encrypt(workspace, None, silently)
    with pytest.raises(store_keys.BadPassphrase, match="at least 12"):
        await converting.encrypt(workspace, "too short", silently)
    assert workspace.store_path.read_bytes() == before
    assert "encryption.json" not in names(workspace.project.store_dir)


async def test_a_keyring_without_the_key_and_a_locked_one(
    workspace: Workspace, keyring: keyrings.Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await converting.encrypt(workspace, None, silently)
    recovery = converting.recovery_key(workspace)
    kept, keyring.kept = keyring.kept, {}
    with pytest.raises(StoreLocked, match="The keyring has no key for the store of test"):
        fresh(workspace).unlock()
    opened = fresh(workspace)
    opened.ask_store_key = lambda _wrong: recovery
    assert finds(opened)
    keyring.kept = dict.fromkeys(kept, "00" * 32)
    with pytest.raises(WrongStoreKey, match="The keyring"):
        fresh(workspace).unlock()

    class KeyringLocked(Exception):
        pass

    keyrings.use(monkeypatch, keyrings.Raising(lambda _: KeyringLocked("still locked")))
    with pytest.raises(StoreLocked, match="The keyring is locked") as caught:
        fresh(workspace).unlock()
    assert "MEMOS_API_KEY" not in str(caught.value)


async def test_completion_and_lists_never_ask_for_it(
    workspace: Workspace, keyring: keyrings.Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await converting.encrypt(workspace, None, silently)
    state = look_at_store(workspace.project)
    assert (state.condition, state.encrypted) == ("fine", True)
    fresh(workspace)
    keyrings.use(monkeypatch, keyrings.Hanging())
    state = look_at_store(workspace.project)
    assert (state.condition, state.encrypted, state.usable) == ("locked", True, True)
    assert state.size > 0


async def test_what_doctor_says(workspace: Workspace, keyring: keyrings.Memory) -> None:
    await converting.encrypt(workspace, None, silently)

    async def store() -> Any:
        fresh(workspace)
        found = [check async for check in checks(workspace.home, {}, "test")]
        return next(check for check in found if check.name == "Store")

    found = await store()
    assert (found.ok, "encrypted" in found.detail) == (True, True)
    keyring.kept = {}
    found = await store()
    assert found.ok is False
    assert "its key is not here" in found.detail


# -- what is not as it should be --------------------------------------------------------------------


async def test_a_store_that_is_not_what_its_folder_says(
    workspace: Workspace, keyring: keyrings.Memory
) -> None:
    await workspace.close()
    plain = workspace.store_path.read_bytes()
    await converting.encrypt(workspace, None, silently)
    workspace.store_path.write_bytes(plain)
    with pytest.raises(StoreBroken, match=r"not encrypted, though encryption\.json"):
        fresh(workspace).unlock()
    assert workspace.store_path.read_bytes() == plain
    workspace.store_path.write_bytes(bytes(range(256)) * 16)
    with pytest.raises(StoreBroken, match="another key"):
        fresh(workspace).unlock()
    (workspace.project.store_dir / "encryption.json").write_text("{}")
    with pytest.raises(Exception, match="does not say how"):
        fresh(workspace).unlock()


async def test_one_whose_pages_were_changed_is_damaged(
    workspace: Workspace, keyring: keyrings.Memory
) -> None:
    await converting.encrypt(workspace, None, silently)
    content = bytearray(workspace.store_path.read_bytes())
    for page in range(4096, len(content), 4096):
        content[page] ^= 1
    workspace.store_path.write_bytes(content)
    with pytest.raises(StoreBroken):
        fresh(workspace).reads.totals()


async def test_a_disk_without_room_is_told_before(
    workspace: Workspace, keyring: keyrings.Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(workspace.home.path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(StoreError, match="Free some space"):
        await converting.encrypt(workspace, None, silently)
    assert not cipher.is_declared(workspace.project.store_dir)
    assert finds(fresh(workspace))


async def test_who_has_it_open_is_waited_for_and_told(
    workspace: Workspace, keyring: keyrings.Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await workspace.close()
    monkeypatch.setattr("memos_admin.store.converting.PATIENCE", 0)
    waited: list[str] = []
    holding = begin(HOLDING, str(workspace.store_path))
    try:
        with pytest.raises(StoreBusy, match="keeps using"):
            await converting.encrypt(workspace, None, waited.append)
    finally:
        holding.kill()
        ended(holding)
    assert not cipher.is_declared(workspace.project.store_dir)
    await converting.encrypt(workspace, None, silently)
    assert finds(fresh(workspace))


HOLDING = """
import sys, time
from pathlib import Path
from memos_admin.store.reads import Reads
reads = Reads(Path(sys.argv[1]))
reads.totals()
print("ready", flush=True)
time.sleep(600)
"""

MISSING = """
import os, sys
sys.modules["sqlcipher3"] = None
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.workspace import Workspace
from memos_admin.store.errors import CipherMissing
print("ready", flush=True)
home = Home.from_environment(os.environ)
try:
    Workspace(Projects(home).get("test"), home).reads
except CipherMissing as error:
    print(error)
"""


async def test_where_sqlcipher_is_missing_that_is_said_and_nothing_touched(
    workspace: Workspace, keyring: keyrings.Memory
) -> None:
    await converting.encrypt(workspace, PASSPHRASE, silently)
    await workspace.close()
    folder = workspace.project.store_dir
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    said, errors = ended(begin(MISSING, anew=True))
    assert "pip install 'memos-admin[encrypted]'" in said, errors
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


async def test_where_sqlcipher_is_missing_nothing_is_encrypted(
    workspace: Workspace, keyring: keyrings.Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sqlcipher3", None)
    with pytest.raises(CipherMissing):
        await converting.encrypt(workspace, None, silently)
    assert keyring.kept == {}


# -- killed on the way ------------------------------------------------------------------------------

CONVERT = """
import asyncio, os, sys
from memos_admin.backend.encryption import converting
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.workspace import Workspace
home = Home.from_environment(os.environ)
workspace = Workspace(Projects(home).get("test"), home)
print("ready", flush=True)
if sys.argv[1] == "encrypt":
    asyncio.run(converting.encrypt(workspace, sys.argv[2], lambda _: None))
else:
    workspace.unlock()
    asyncio.run(converting.decrypt(workspace, lambda _: None))
print("done", flush=True)
"""


async def test_killed_at_any_moment_it_is_the_one_or_the_other(
    workspace: Workspace,
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_STORE_KEY", PASSPHRASE)
    folder, store = workspace.project.store_dir, workspace.store_path
    service.put("ann", *(a_memory(f"n{n}", f"{n} {CANARY} {'x' * 3000}") for n in range(400)))
    await sync(workspace, SyncScope())
    await maintenance.backup(workspace, folder / "copy.db")
    await workspace.close()
    fill_index(workspace)
    before = rows(store)
    plain, encrypted = tmp_path / "plain", tmp_path / "encrypted"
    shutil.copytree(folder, plain)
    started = time.monotonic()
    assert ended(begin(CONVERT, "encrypt", PASSPHRASE)) == ("done\n", "")
    seconds = time.monotonic() - started
    shutil.copytree(folder, encrypted)
    seen = set()
    for number in range(200 if LONG else 4):
        direction = ("encrypt", "decrypt")[number % 2]
        shutil.rmtree(folder)
        shutil.copytree(plain if direction == "encrypt" else encrypted, folder)
        running = begin(CONVERT, direction, PASSPHRASE)
        # A random instant is what this is about; the first two are surely not too late.
        await asyncio.sleep(random.uniform(0, seconds) if number > 1 else 0)
        running.send_signal(signal.SIGKILL)
        ended(running)
        half = [name for name in traces(workspace.home.path) if "partial" in name]
        assert direction == "decrypt" or not half
        opened = fresh(workspace)
        opened.unlock()
        is_encrypted = cipher.is_declared(folder)
        seen.add((direction, is_encrypted))
        assert rows(store) == before
        assert maintenance.check(opened) == []
        assert bool(traces(workspace.home.path)) == (not is_encrypted)
        assert not [name for name in names(folder) if "partial" in name]
        encryption.open_copy_as_it_is(folder / "copy.db", workspace.project)
        assert len(rows(folder / "copy.db")["memory"]) == len(before["memory"])
        assert (cipher.salt_of(folder / "copy.db") is not None) == is_encrypted
        await opened.close()
    assert {("encrypt", False), ("decrypt", True)} <= seen


async def test_what_was_interrupted_can_be_done_again(
    workspace: Workspace, keyring: keyrings.Memory
) -> None:
    """Killed before the new file took its place, the store is plain, and its folder says neither."""
    await workspace.close()
    folder = workspace.project.store_dir
    key = store_keys.new_of_passphrase(PASSPHRASE)
    declaration.write(folder, declaration.Declaration.of(key, "passphrase"))
    (folder / ".store.db.4194305.partial").write_bytes(b"half of it")
    await converting.encrypt(workspace, None, silently)
    assert names(folder) == {"store.db", "encryption.json"}
    assert finds(fresh(workspace))
    again = await converting.encrypt(workspace, None, silently)
    assert (again.was_so, again.kept, again.others) == (True, "keyring", Others())


async def test_while_another_process_converts_it_nothing_is_opened(
    workspace: Workspace, keyring: keyrings.Memory
) -> None:
    await converting.encrypt(workspace, None, silently)
    await workspace.close()
    folder = workspace.project.store_dir
    said = declaration.read(folder)
    assert said is not None
    declaration.write(folder, declaration.Declaration(said.salt, said.check, said.kept, True))
    lock = os.open(folder / "store.lock", os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StoreBusy, match="being encrypted or decrypted"):
            fresh(workspace).unlock()
    finally:
        os.close(lock)
    assert finds(fresh(workspace))
    settled = declaration.read(folder)
    assert settled is not None
    assert not settled.converting

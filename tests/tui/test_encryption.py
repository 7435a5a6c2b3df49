"""An encrypted project on the screen: unlocked behind the first frame, and a way on where it is not."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from memos_admin.backend.encryption import converting, unlock_with
from memos_admin.backend.upkeep import maintenance
from memos_admin.backend.upkeep.turns import silently
from memos_admin.backend.workspace import Workspace
from memos_admin.store import cipher
from memos_admin.tui import app as app_module
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.jobs import unlocking
from memos_admin.tui.reader import in_thread
from memos_admin.tui.screens.main import MainScreen
from memos_admin.tui.screens.opening import Opening
from tests.backend import keyrings
from tests.tui.looking import at_both_sizes, opened, press, rest, rows, seen, sees, told, until

Size = tuple[int, int]
PASSPHRASE = "correct horse battery"


@asynccontextmanager
async def encrypted(
    story: Workspace, passphrase: str | None = None
) -> AsyncIterator[tuple[Workspace, str]]:
    """The story's project, encrypted and locked, and its recovery key."""
    await converting.encrypt(story, passphrase, silently)
    recovery = converting.recovery_key(story)
    cipher.forget(story.project.store_dir)
    workspace = Workspace(story.project, story.home)
    yield workspace, recovery
    workspace.abandon()
    cipher.forget(story.project.store_dir)


@at_both_sizes
async def test_the_first_frame_says_that_it_is_being_unlocked(
    story: Workspace, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing waits for the keyring; what is stored comes when that has answered."""
    keyring = keyrings.Hanging()
    keyring.release.set()
    keyrings.use(monkeypatch, keyring)
    imported = threading.Event()
    monkeypatch.setattr(app_module, "_MAIN", "not yet")
    monkeypatch.setattr("memos_admin.tui.importing.import_module", lambda _name: imported.wait(60))
    monkeypatch.setattr(unlocking, "SILENT_AFTER", 0)
    async with encrypted(story) as (workspace, _recovery):
        keyring.release.clear()
        app = MemosAdmin(workspace.home, workspace)
        async with app.run_test(size=size) as look:
            await sees(look, "acme-prod", "unlocking the store …")
            assert isinstance(look.app.screen, Opening)
            imported.set()
            await until(look, lambda: isinstance(look.app.screen, MainScreen))
            await told(look, "Unlocking the store …", "The keyring has not answered", "ctrl+k")
            keyring.release.set()
            await sees(look, "memos_user_123")
        app.remembering.close()


async def test_one_that_is_typed_need_not_wait_for_the_keyring(
    story: Workspace, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = keyrings.Hanging()
    keyring.release.set()
    keyrings.use(monkeypatch, keyring)
    monkeypatch.setattr(app_module, "_PATIENCE", 0)
    async with encrypted(story) as (workspace, recovery):
        keyring.release.clear()
        app = MemosAdmin(workspace.home, workspace)
        async with app.run_test(size=size) as look:
            await sees(look, "Unlocking the store …")
            await look.press("ctrl+k")
            await sees(look, "Key to the store of acme-prod")
            await look.press(*recovery, "enter")
            await sees(look, "memos_user_123")
            assert recovery not in seen(look)
            keyring.release.set()
        app.remembering.close()


async def test_the_key_is_not_asked_for_over_what_somebody_is_at(
    story: Workspace, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a dialog is open when it turns out that no key is there, the top line says so."""
    refused = threading.Event()
    locked = Workspace.unlock

    def unlock(workspace: Workspace) -> None:
        refused.wait(60)
        locked(workspace)

    monkeypatch.setattr(Workspace, "unlock", unlock)
    monkeypatch.setattr(app_module, "_PATIENCE", 0)
    async with encrypted(story, PASSPHRASE) as (workspace, _recovery):
        app = MemosAdmin(workspace.home, workspace)
        async with app.run_test(size=size) as look:
            await sees(look, "Unlocking the store …")
            await look.press("T")
            await sees(look, "─ Ticket ─")
            refused.set()
            await rest(look)
            await sees(look, "─ Ticket ─")
            await press(look, "escape")
            await sees(look, "The store is locked.", "ctrl+k")
        app.remembering.close()


async def test_a_backup_of_an_earlier_passphrase_is_put_in_place_with_that(
    story: Workspace, size: Size, tmp_path: Path
) -> None:
    earlier, copy = "the passphrase of last year", tmp_path / "earlier.db"
    await converting.encrypt(story, earlier, silently)
    await maintenance.backup(story, copy, silently)
    content = copy.read_bytes()
    await converting.decrypt(story, silently)
    async with encrypted(story, PASSPHRASE) as (workspace, _recovery):
        copy.write_bytes(content)
        cipher.forget(copy)
        await in_thread(unlock_with, workspace.project, PASSPHRASE)
        async with opened(workspace, size) as look:
            await sees(look, "memos_user_123")
            await press(look, "B")
            await told(look, "earlier.db, its key is asked for")
            await press(look, "down", "enter")
            await told(look, "It is encrypted with another key than the store has now.")
            await press(look, *"wrong", "enter")
            await told(look, "neither the passphrase nor the recovery key that this backup was")
            await press(look, *["backspace"] * 5, *earlier, "enter")
            await told(look, "The store is whole.", "The backup: ")
            await press(look, "down", "enter")
            await told(look, "is in the place of the store")
            assert earlier not in seen(look)
            await press(look, "escape")
            await until(look, lambda: isinstance(look.app.screen, MainScreen))
            await sees(look, "memos_user_123")


async def test_a_passphrase_is_asked_for_again_until_it_is_right(
    story: Workspace, size: Size
) -> None:
    async with (
        encrypted(story, PASSPHRASE) as (workspace, _recovery),
        opened(workspace, size) as look,
    ):
        await sees(look, "Key to the store of acme-prod")
        await press(look, "escape")
        await sees(look, "The store is locked.", "ctrl+k")
        await told(look, "The store of acme-prod is encrypted, and its key is not here.")
        await press(look, "ctrl+k")
        await told(look, "or the recovery key that `memos-admin store key` printed")
        await press(look, *"wrong horse battery", "enter")
        await told(look, "that is neither the passphrase nor the recovery key of this store")
        assert "wrong horse" not in seen(look)
        await press(look, *["backspace"] * 19, *PASSPHRASE, "enter")
        await sees(look, "memos_user_123")
        assert "locked" not in rows(look)[0]
        assert PASSPHRASE not in seen(look)
        await press(look, "enter")
        await sees(look, "weekly")
        await rest(look)
    assert not (story.project.store_dir / "state.json").exists()


async def test_a_keyring_that_has_lost_the_key_and_found_it_again(
    story: Workspace, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = keyrings.Memory()
    keyrings.use(monkeypatch, keyring)
    async with encrypted(story) as (workspace, _recovery):
        kept, keyring.kept = keyring.kept, {}
        async with opened(workspace, size) as look:
            await sees(look, "Key to the store of acme-prod")
            await press(look, "escape")
            await told(look, "The keyring has no key for the store of acme-prod.")
            await press(look, "r")
            await sees(look, "Key to the store of acme-prod")
            await press(look, "escape")
            await told(look, "The keyring has no key for the store of acme-prod.")
            keyring.kept = kept
            await press(look, "r")
            await sees(look, "memos_user_123")


async def test_the_list_of_projects_says_which_are_encrypted(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyrings.use(monkeypatch, keyrings.Memory())
    async with (
        encrypted(story, PASSPHRASE) as (workspace, _recovery),
        opened(workspace, (160, 40)) as look,
    ):
        await press(look, "escape", "P")
        await sees(look, "Encrypted", "yes")
        await told(look, "it is encrypted, and looked into when the project is opened")
        await told(look, ", encrypted, in")


async def test_a_backup_that_is_not_encrypted_is_named_among_the_backups(
    story: Workspace, size: Size, tmp_path: Path
) -> None:
    copy = tmp_path / "b.db"
    await maintenance.backup(story, copy, silently)
    content = copy.read_bytes()
    async with encrypted(story, PASSPHRASE) as (workspace, _recovery):
        await in_thread(unlock_with, workspace.project, PASSPHRASE)
        async with opened(workspace, size) as look:
            await sees(look, "memos_user_123")
            await press(look, "B")
            await sees(look, "UTC  b.db")
            assert "not encrypted" not in seen(look)
            await press(look, "escape")
            copy.write_bytes(content)
            cipher.forget(copy)
            await press(look, "B")
            await told(look, "UTC  b.db, not encrypted", "memos-admin store encrypt")

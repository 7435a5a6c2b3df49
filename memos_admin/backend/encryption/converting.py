"""Encrypting a project's store here, and decrypting it: the store, its backups and older copies.

Each takes its turn alone, has the store alone, and is journaled before and after. The store itself is
the last to be decrypted and the first to be encrypted; killed on the way, the next start (or doing it
again) brings everything to what the store is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from memos_admin.backend import daemon, journal
from memos_admin.backend.credentials.keyring_entry import OsKeyring
from memos_admin.backend.encryption import declaration, finishing, store_keys
from memos_admin.backend.encryption.declaration import Declaration, Kept
from memos_admin.backend.encryption.finishing import Others
from memos_admin.backend.upkeep import turns
from memos_admin.backend.upkeep.turns import OnWait
from memos_admin.backend.workspace import Workspace
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.store import cipher, erasing
from memos_admin.store.cipher_key import Key
from memos_admin.store.converting import convert
from memos_admin.store.errors import StoreError, StoreLocked
from memos_admin.store.holder import users_of

_KEYRING = OsKeyring()

T = TypeVar("T")


class NotEncrypted(StoreError):
    """The store is not encrypted, so that it has no key."""


@dataclass(frozen=True, slots=True)
class Converted:
    """What came of it.

    Attributes:
        others: of backups, older copies and stores that were replaced.
        was_so: the store was so before; only the others were not, if any.
        kept: where the key is; None: it is not encrypted.
        key_stays: the keyring keeps the key: copies of the store may need it.
    """

    others: Others
    was_so: bool = False
    kept: Kept | None = None
    key_stays: bool = False


async def encrypt(
    workspace: Workspace,
    passphrase: str | None,
    on_wait: OnWait,
    *,
    keyring: OsKeyring = _KEYRING,
) -> Converted:
    """Encrypt a project's store, or what is left of its copies where it is encrypted already.

    Args:
        workspace: of the project; its connections are closed.
        passphrase: what its key is made of; None: the key is random, and kept in the keyring. One that is
            encrypted already keeps its key.
        on_wait: is told who is waited for.
        keyring: the keyring that keeps the key.

    Raises:
        BadPassphrase: see `store_keys.new_of_passphrase`.
        KeyNotKept: the keyring does not keep the key; nothing was changed.
        NotJournaled: it could not be journaled; nothing was changed.
        StoreError, HomeError: it could not be done; the store is as it was.
    """
    await daemon.in_background(workspace.unlock)  # brings to its end what was interrupted
    return await _alone(
        workspace, on_wait, partial(_encrypt, workspace, passphrase, on_wait, keyring)
    )


async def decrypt(workspace: Workspace, on_wait: OnWait) -> Converted:
    """Decrypt a project's store, which was unlocked, or what is left of its copies. Raises as `encrypt` does.

    Its key stays in the keyring: other copies of this home have the same, and what is on a disk that
    is not here cannot be asked.
    """
    return await _alone(workspace, on_wait, partial(_decrypt, workspace, on_wait))


def recovery_key(workspace: Workspace) -> str:
    """Return the recovery key of a store that was unlocked, for a person to keep; it is journaled.

    Raises:
        NotEncrypted: it is not.
        NotJournaled: it could not be journaled.
    """
    key = cipher.known(workspace.project.store_dir)
    if key is None:
        raise NotEncrypted(_("The store is not encrypted, so that there is no key to it."))
    with journal.journaled(
        workspace.home, journal.Event("store.key", workspace.project), N_("Nothing was shown")
    ):
        return store_keys.recovery_key(key)


async def _alone(workspace: Workspace, on_wait: OnWait, work: Callable[[threading.Event], T]) -> T:
    async with turns.turn(workspace, alone=True, on_wait=on_wait):
        return await daemon.to_the_end(work)  # the lock is held until then


def _tell_who(on_wait: OnWait, store: Path) -> None:
    """Tell which other programs are waited for, where the system says that."""
    who = ", ".join(
        _("{name} (process {pid})").format(name=one.name, pid=one.pid) for one in users_of(store)
    )
    if not who:
        on_wait(_("waiting for other programs that have the store open"))
        return
    on_wait(_("waiting for other programs that have the store open: {who}").format(who=who))


def _encrypt(
    workspace: Workspace,
    passphrase: str | None,
    on_wait: OnWait,
    keyring: OsKeyring,
    stopping: threading.Event,
) -> Converted:
    project, folder = workspace.project, workspace.project.store_dir
    cipher.library()
    if (before := declaration.read(folder)) is not None:
        return _encrypt_rest(workspace, before, on_wait)
    has_store = workspace.is_begun
    if has_store:
        with erasing.looking(workspace.store_path):
            pass  # it is this project's
    kept: Kept = "keyring" if passphrase is None else "passphrase"
    event = journal.Event("store.encrypt", project, details={"key": kept})
    with journal.journaled(workspace.home, event, N_("Nothing was changed")) as counts:
        key = (
            store_keys.new_in_keyring(project.uuid, keyring)
            if passphrase is None
            else store_keys.new_of_passphrase(passphrase)
        )
        declared = Declaration.of(key, kept)
        workspace.close_store()
        store = workspace.store_path
        waiting = partial(_tell_who, on_wait, store)
        begun = partial(declaration.write, folder, declared)
        if has_store:
            try:
                convert(store, None, key, on_wait=waiting, begun=begun, stopping=stopping)
            except BaseException:
                if finishing.is_plain(store):
                    declaration.remove(folder)
                raise
        cipher.use(folder, key)
        others = finishing.as_encrypted(project, declared, key, waiting)
        _count(counts, others)
    return Converted(others, kept=kept)


def _encrypt_rest(workspace: Workspace, declared: Declaration, on_wait: OnWait) -> Converted:
    """Encrypt with the key of the store those of its copies that are not."""
    project = workspace.project
    key = _key_known(workspace, declared)
    event = journal.Event(
        "store.encrypt", project, details={"key": declared.kept, "what": "copies"}
    )
    with journal.journaled(workspace.home, event, N_("Nothing was changed")) as counts:
        others = finishing.encrypt_copies(
            project, key, partial(_tell_who, on_wait, workspace.store_path)
        )
        finishing.drop_left_half(project.store_dir)
        _count(counts, others)
    return Converted(others, was_so=True, kept=declared.kept)


def _key_known(workspace: Workspace, declared: Declaration) -> Key:
    """Return the key of a store that was unlocked: another process may have given it another one since."""
    key = cipher.known(workspace.project.store_dir)
    if key is None or not declared.is_opened_by(key):
        raise StoreLocked(
            _("The store {path} is encrypted, and is not unlocked here.").format(
                path=workspace.store_path
            )
        )
    return key


def _decrypt_rest(workspace: Workspace, on_wait: OnWait) -> Converted:
    """Decrypt those copies of a plain store that are encrypted."""
    event = journal.Event("store.decrypt", workspace.project, details={"what": "copies"})
    with journal.journaled(workspace.home, event, N_("Nothing was changed")) as counts:
        others = finishing.decrypt_copies(
            workspace.project, partial(_tell_who, on_wait, workspace.store_path)
        )
        _count(counts, others)
    return Converted(others, was_so=True)


def _decrypt(workspace: Workspace, on_wait: OnWait, stopping: threading.Event) -> Converted:
    project, folder = workspace.project, workspace.project.store_dir
    declared = declaration.read(folder)
    if declared is None:
        return _decrypt_rest(workspace, on_wait)
    key = _key_known(workspace, declared)
    has_store = workspace.is_begun
    with journal.journaled(
        workspace.home, journal.Event("store.decrypt", project), N_("Nothing was changed")
    ) as counts:
        workspace.close_store()
        others = Others()
        waiting = partial(_tell_who, on_wait, workspace.store_path)
        if has_store:
            _decrypt_files(workspace, declared, key, others, waiting=waiting, stopping=stopping)
        finishing.as_plain(folder)
        _count(counts, others)
    return Converted(others, key_stays=declared.kept == "keyring")


def _decrypt_files(
    workspace: Workspace,
    declared: Declaration,
    key: Key,
    others: Others,
    *,
    waiting: Callable[[], None],
    stopping: threading.Event,
) -> None:
    project, folder = workspace.project, workspace.project.store_dir

    def begun() -> None:
        declaration.write(folder, replace(declared, converting=True))
        copies = finishing.decrypt_copies(project, waiting)
        others.done += copies.done
        others.remains += copies.remains

    store = workspace.store_path
    try:
        convert(store, key, None, on_wait=waiting, begun=begun, stopping=stopping)
    except BaseException:
        now = declaration.read(folder)
        if now is not None and now.converting and not finishing.is_plain(store):
            finishing.as_encrypted(project, declared, key, waiting)
        raise


def _count(counts: dict[str, int], others: Others) -> None:
    counts["backups"], counts["remain"] = len(others.done), len(others.remains)

"""Unlocking an encrypted store: once in a process, before anything of it is opened."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from memos_admin.backend.credentials.keyring_entry import OsKeyring
from memos_admin.backend.encryption import declaration, finishing, store_keys
from memos_admin.backend.encryption.declaration import Declaration
from memos_admin.backend.encryption.store_keys import Ask
from memos_admin.backend.private_files import HomeError, open_private
from memos_admin.backend.projects.project import Project
from memos_admin.backend.upkeep.turns import FILE_NAME as TURNS
from memos_admin.language import gettext as _
from memos_admin.store import cipher
from memos_admin.store.cipher_key import Key
from memos_admin.store.errors import StoreBroken, StoreBusy

_CHANGED = threading.Condition()
_ASKING: set[Path] = set()
"""Folders whose key is being looked for: by one thread, while others wait for what comes of it."""
_KEYRING = OsKeyring()


def unlock(
    project: Project,
    env: Mapping[str, str],
    ask: Ask | None = None,
    *,
    keyring: OsKeyring = _KEYRING,
    to_replace: bool = False,
) -> None:
    """Make sure that the files of a project can be opened in this process.

    Does nothing where they are not encrypted, or that was done. Where an encryption or decryption was
    interrupted, what it has left is brought to the one or the other first.

    Args:
        project: whose files.
        env: the environment.
        ask: asks a person for the passphrase or recovery key; None where nobody can be asked.
        keyring: the keyring to ask.
        to_replace: a backup is to take the store's place, which may be whatever it is.

    Raises:
        StoreLocked, WrongStoreKey: the key is not here; see `store_keys.find`.
        CipherMissing: what opens such files is not installed.
        StoreBroken: the store is not what the folder says that it is.
        StoreBusy: it is being encrypted or decrypted by another process.
        HomeError: the folder cannot be read.
    """
    folder = project.store_dir
    with _CHANGED:
        _CHANGED.wait_for(lambda: folder not in _ASKING or _wanted(project) is None)
        declared = _wanted(project)
        if declared is None:
            return
        _ASKING.add(folder)
    try:
        find = partial(store_keys.find, project, declared, env, ask, keyring)
        _unlock(project, declared, find, to_replace=to_replace)
    finally:
        with _CHANGED:
            _ASKING.discard(folder)
            _CHANGED.notify_all()


def unlock_with(project: Project, text: str) -> None:
    """As `unlock`, with the passphrase or recovery key that a person typed, whoever else is asked."""
    declared = _wanted(project)
    if declared is not None:
        _unlock(project, declared, partial(store_keys.typed, declared, text, _("What was typed")))
    with _CHANGED:
        _CHANGED.notify_all()


def _wanted(project: Project) -> Declaration | None:
    """Return what the folder says, None where there is nothing to be done."""
    declared = declaration.read(project.store_dir)
    known = cipher.known(project.store_dir)
    if declared is None or declared.converting or known is None:
        return declared
    return None if declared.is_opened_by(known) else declared


def _unlock(
    project: Project, declared: Declaration, find: Callable[[], Key], *, to_replace: bool = False
) -> None:
    cipher.library()
    if declared.converting:
        _settle(project, declared, find)
        return
    if not to_replace:
        _refuse_another_file(project.store_dir / "store.db", declared)
    cipher.use(project.store_dir, find())
    with suppress(OSError, HomeError):  # half a copy of a plain backup would stay readable
        finishing.drop_left_half(project.store_dir)


def _settle(project: Project, declared: Declaration, find: Callable[[], Key]) -> None:
    """Bring to an end what a killed program has begun: what the store is, all of it becomes."""
    folder = project.store_dir
    with _alone(folder):
        if finishing.is_plain(folder / "store.db"):
            finishing.as_plain(folder)
        else:
            _refuse_another_file(folder / "store.db", declared)
            key = find()
            cipher.use(folder, key)
            finishing.as_encrypted(project, declared, key)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    descriptor = open_private(folder / TURNS, os.O_RDWR | os.O_CREAT)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreBusy(
                _(
                    "The store in {path} is being encrypted or decrypted by another program. Try "
                    "again when that has finished."
                ).format(path=folder)
            ) from None
        yield
    finally:
        os.close(descriptor)


def _refuse_another_file(store: Path, declared: Declaration) -> None:
    """Refuse a store that does not begin as the folder says. Nothing of it is open here yet."""
    try:
        salt = cipher.salt_of(store)
        size = store.stat().st_size
    except FileNotFoundError:
        return  # the first sync makes it
    if salt == declared.salt_bytes or not size:
        return
    if salt is None:
        raise StoreBroken(
            _(
                "The store {path} is not encrypted, though {name} beside it says so: another file "
                "was put in its place. It was left as it is. Look where it comes from; to go on "
                "with it unencrypted, move {name} away."
            ).format(path=store, name=cipher.FILE_NAME)
        )
    raise StoreBroken(
        _(
            "The store {path} was encrypted with another key than {name} beside it says, or is "
            "damaged. It was left as it is. Put back the one that belongs to it, or a backup: "
            "`memos-admin store restore` lists them."
        ).format(path=store, name=cipher.FILE_NAME)
    )

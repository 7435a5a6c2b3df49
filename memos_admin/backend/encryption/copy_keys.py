"""Whose key opens a copy of a store: that of the store, or one that it had before."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from memos_admin.backend.credentials.keyring_entry import OsKeyring
from memos_admin.backend.encryption import store_keys
from memos_admin.backend.keys import KeyringError
from memos_admin.backend.project import Project
from memos_admin.language import gettext as _
from memos_admin.store import cipher
from memos_admin.store.cipher import database_errors
from memos_admin.store.cipher_key import Key
from memos_admin.store.connection import READING, open_with
from memos_admin.store.errors import StoreLocked

_KEYRING = OsKeyring()


def key_of(
    path: Path,
    project: Project,
    env: Mapping[str, str] = os.environ,
    *,
    keyring: OsKeyring = _KEYRING,
) -> Key | None:
    """Return the key of a copy of a project's store; None: it is plain. It is not open here.

    Tried are the store's own, what the environment or the program of the configuration gives, and
    what the keyring keeps; it may take as long as those.

    Raises:
        StoreLocked: none of them opens it.
        CipherMissing: what opens encrypted files is not installed.
        OSError: it cannot be read.
    """
    salt = cipher.salt_of(path)
    if salt is None:
        return None
    cipher.library()
    found = next((key for key in _keys(project, salt, env, keyring) if _opens(key, path)), None)
    if found is None:
        raise StoreLocked(
            _(
                "It is encrypted with a key that is not here, or is damaged. Give its passphrase or "
                "recovery key in {variable}, and try again."
            ).format(variable=store_keys.VARIABLE)
        )
    return found


def open_copy_as_it_is(path: Path, project: Project) -> None:
    """Let a copy of a project's store be opened, whether it is encrypted or not. Raises as `key_of`."""
    cipher.use(path, key_of(path, project))


def _keys(
    project: Project, salt: bytes, env: Mapping[str, str], keyring: OsKeyring
) -> Iterator[Key]:
    known = cipher.known(project.store_dir)
    if known is not None:
        yield replace(known, salt=salt)
    with suppress(StoreLocked):
        given = store_keys.given(project, env)
        if given is not None:
            yield from store_keys.meant(given[0], salt)
    with suppress(KeyringError):
        kept = store_keys.kept(project.uuid, keyring)
        if kept is not None:
            yield Key(kept, salt)


def _opens(key: Key, path: Path) -> bool:
    try:
        with closing(open_with(key, path, READING)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except database_errors():
        return False
    return True

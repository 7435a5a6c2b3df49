"""Whose key opens a copy of a store: that of the store, or one that it had before."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from memos_admin.backend.credentials.keyring_entry import OsKeyring
from memos_admin.backend.encryption import store_keys
from memos_admin.backend.encryption.store_keys import Ask
from memos_admin.backend.environment import ENVIRONMENT
from memos_admin.backend.keys import KeyringError
from memos_admin.backend.projects.project import Project
from memos_admin.language import gettext as _
from memos_admin.store import cipher
from memos_admin.store.cipher import database_errors
from memos_admin.store.cipher_key import Key
from memos_admin.store.connection import READING, open_with
from memos_admin.store.errors import StoreLocked, WrongStoreKey

_KEYRING = OsKeyring()

_LEAST_PAGE = 512
"""Bytes of the smallest page of SQLite; a database is so many pages."""


def key_of(
    path: Path,
    project: Project,
    env: Mapping[str, str] = ENVIRONMENT,
    *,
    ask: Ask | None = None,
    keyring: OsKeyring = _KEYRING,
) -> Key | None:
    """Return the key of a copy of a project's store; None: it is plain. It is not open here.

    Tried are the store's own, what the environment or the program of the configuration gives, and
    what the keyring keeps; it may take as long as those. Then a person is asked, where one can be.

    Raises:
        StoreLocked: none of them opens it.
        WrongStoreKey: what a person or the variable of backups gave does not either.
        CipherMissing: what opens encrypted files is not installed.
        OSError: it cannot be read.
    """
    salt = cipher.salt_of(path)
    if salt is None or _is_text(path, salt):
        return None
    cipher.library()
    if (found := _opening(path, _keys(path, project, salt, env, keyring))) is not None:
        return found
    if ask is None and env.get(store_keys.OF_BACKUP, ""):
        raise WrongStoreKey(
            _(
                "What {variable} has is neither the passphrase nor the recovery key that this backup was "
                "encrypted with, or it is damaged."
            ).format(variable=store_keys.OF_BACKUP)
        )
    if ask is None:
        raise StoreLocked(
            _(
                "It is encrypted with a key that is not here, or is damaged. Give its passphrase or "
                "recovery key in {variable}, and try again."
            ).format(variable=store_keys.OF_BACKUP)
        )

    def meant_by(text: str) -> Key:
        if (found := _opening(path, store_keys.meant(text, salt))) is not None:
            return found
        raise WrongStoreKey(
            _(
                "What was typed is neither the passphrase nor the recovery key that this backup was encrypted "
                "with, or it is damaged."
            )
        )

    return store_keys.asked(ask, meant_by)


def open_copy_as_it_is(path: Path, project: Project, ask: Ask | None = None) -> bool:
    """Let a copy of a project's store be opened, whether it is encrypted or not. Raises as `key_of`.

    Returns:
        Whether it is encrypted otherwise than the store: with another key, or though that is not.
    """
    key = key_of(path, project, ask=ask)
    cipher.use(path, key)
    of_store = cipher.known(project.store_dir)
    return key is not None and (of_store is None or key.raw != of_store.raw)


def _is_text(path: Path, begins: bytes) -> bool:
    """Return whether a file is one of words: it begins with such, and, where it may consist of pages, goes on so.

    A salt may be of words by chance, a page of what is encrypted never is.
    """
    if path.stat().st_size % _LEAST_PAGE == 0:
        with path.open("rb") as file:
            begins = file.read(_LEAST_PAGE)
    try:
        words = codecs.getincrementaldecoder("utf-8")().decode(begins)
    except UnicodeDecodeError:
        return False
    return "".join(words.split()).isprintable()


def _keys(
    path: Path, project: Project, salt: bytes, env: Mapping[str, str], keyring: OsKeyring
) -> Iterator[Key]:
    for place in (path, project.store_dir):  # the copy's own: a person gave it before
        known = cipher.known(place)
        if known is not None:
            yield replace(known, salt=salt)
    if text := env.get(store_keys.OF_BACKUP, ""):
        yield from store_keys.meant(text, salt)
    with suppress(StoreLocked):
        given = store_keys.given(project, env)
        if given is not None:
            yield from store_keys.meant(given[0], salt)
    with suppress(KeyringError):
        kept = store_keys.kept(project.uuid, keyring)
        if kept is not None:
            yield Key(kept, salt)


def _opening(path: Path, keys: Iterable[Key]) -> Key | None:
    """Return the first of some keys that opens a copy."""
    return next((key for key in keys if _opens(key, path)), None)


def _opens(key: Key, path: Path) -> bool:
    try:
        with closing(open_with(key, path, READING)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except database_errors():
        return False
    return True

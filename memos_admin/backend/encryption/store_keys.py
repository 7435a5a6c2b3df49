"""Where the key of an encrypted store comes from, and where it is kept.

Sources in order, as for API keys: the keyring (a random key, in an entry of its own beside the API
key), ``MEMOS_ADMIN_STORE_KEY``, ``store_key_command``, a prompt for this run. All but the keyring
give a passphrase or the recovery key, whichever a person has. Never a file of ours, never an argument.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from uuid import UUID

from memos_admin.backend.credentials.key_command import run_store_key_command
from memos_admin.backend.credentials.keyring_entry import OsKeyring, store_entry, without_other_ways
from memos_admin.backend.encryption.declaration import Declaration
from memos_admin.backend.keys import KeyCommandFailed, KeyringError
from memos_admin.backend.projects.project import Project
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.store.cipher import SALT_BYTES
from memos_admin.store.cipher_key import KEY_BYTES, Key
from memos_admin.store.errors import StoreLocked, WrongStoreKey

VARIABLE = "MEMOS_ADMIN_STORE_KEY"

OF_BACKUP = "MEMOS_ADMIN_BACKUP_KEY"
"""Has the passphrase or recovery key of a backup that was made when the store had another one."""

SHORTEST = 12
"""Characters of a passphrase: whoever has the disk may try as many as they like."""

Ask = Callable[[str], str | None]
"""Asks a person, and returns what was typed; None: nothing else than before.

Is told why what was typed before opens nothing, ``""`` at first.
"""

TRIES = 3
"""How often a person is asked: who typed something wrong types it again, wherever that goes."""


class BadPassphrase(StoreLocked):
    """A text that no store is to be encrypted with."""


class KeyNotKept(StoreLocked):
    """There is nowhere to keep a key."""


def find(
    project: Project,
    declared: Declaration,
    env: Mapping[str, str],
    ask: Ask | None,
    keyring: OsKeyring,
) -> Key:
    """Return the key of a project's store from the first source that has it.

    Blocks, as `memos_admin.backend.credentials.find_key` does.

    Raises:
        WrongStoreKey: what a source gave is another key.
        StoreLocked: none has one; says why.
    """
    problem = shown = ""
    if declared.kept == "keyring":
        try:
            if (found := kept(project.uuid, keyring)) is not None:
                return _checked(declared, Key(found, declared.salt_bytes), _("The keyring"))
            problem = _("The keyring has no key for the store of {project}.").format(
                project=project.title
            )
        except KeyringError as error:
            problem = without_other_ways(error)
            shown = _(
                "Where the keyring can be asked, such as on the desktop, `memos-admin store key` shows the "
                "recovery key."
            )
    if (text := given(project, env)) is not None:
        return typed(declared, *text)
    if ask is not None:
        return asked(ask, lambda text: typed(declared, text, _("What was typed")))
    raise StoreLocked(
        sentences(
            _("The store of {project} is encrypted, and its key is not here.").format(
                project=project.title
            ),
            problem,
            _(
                "Give its passphrase or recovery key in {variable}, by store_key_command in "
                "config.toml, or at the prompt in a terminal."
            ).format(variable=VARIABLE),
            shown,
        )
    )


def given(project: Project, env: Mapping[str, str]) -> tuple[str, str] | None:
    """Return what the environment or a program gives, and which it was; None where neither does.

    Raises:
        StoreLocked: the program failed.
    """
    if text := env.get(VARIABLE, ""):
        return text, VARIABLE
    if project.store_key_command is None:
        return None
    try:
        return run_store_key_command(project.store_key_command, env), "store_key_command"
    except KeyCommandFailed as error:
        raise StoreLocked(str(error)) from None


def asked(ask: Ask, meant_by: Callable[[str], Key]) -> Key:
    """Return the key that a person's answer means, who may answer several times.

    Raises:
        WrongStoreKey: the last answer meant none, as `meant_by` says by raising that.
    """
    told = ""
    for left in reversed(range(TRIES)):
        if (text := ask(told)) is None:
            break
        try:
            return meant_by(text)
        except WrongStoreKey as error:
            if not left:
                raise
            told = str(error)
    raise WrongStoreKey(told)


def typed(declared: Declaration, text: str, given_by: str) -> Key:
    """Return the key that a passphrase or a recovery key means.

    Raises:
        WrongStoreKey: neither opens this store. The message never holds the text.
    """
    raw = _raw(text)
    key = None if raw is None else Key(raw, declared.salt_bytes)
    if declared.kept == "passphrase" and (key is None or not declared.is_opened_by(key)):
        key = Key.of_passphrase(text, declared.salt_bytes)
    if key is None:
        raise _wrong(given_by)
    return _checked(declared, key, given_by)


def new_in_keyring(uuid: UUID, keyring: OsKeyring) -> Key:
    """Return a key that the keyring keeps; the one that it has of the project, if there is one.

    Backups that were encrypted with that one stay readable so.

    Raises:
        KeyNotKept: the keyring does not keep it, and why.
    """
    try:
        raw = kept(uuid, keyring)
        if raw is None:
            raw = os.urandom(KEY_BYTES)
            keyring.write_text(store_entry(uuid), raw.hex())
    except KeyringError as error:
        raise KeyNotKept(
            sentences(
                without_other_ways(error),
                _(
                    "Nothing was changed. A passphrase needs no keyring: "
                    "memos-admin store encrypt --passphrase"
                ),
            )
        ) from None
    return Key(raw, os.urandom(SALT_BYTES))


def new_of_passphrase(passphrase: str) -> Key:
    """Return the key of a passphrase that nothing is encrypted with yet.

    Raises:
        BadPassphrase: it is too short.
    """
    check_new(passphrase)
    return Key.of_passphrase(passphrase, os.urandom(SALT_BYTES))


def check_new(passphrase: str) -> None:
    """Refuse a passphrase that is too short. Raises BadPassphrase."""
    if len(passphrase) < SHORTEST:
        raise BadPassphrase(
            _(
                "A passphrase has at least {count} characters: whoever has the disk may try as many "
                "as they like. Six random words are a good one."
            ).format(count=SHORTEST)
        )


def recovery_key(key: Key) -> str:
    """Return a key as a person may keep it: groups of digits, whose spaces do not count."""
    digits = key.raw.hex()
    return " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))


def meant(text: str, salt: bytes) -> Iterator[Key]:
    """Yield the keys that a recovery key or a passphrase may mean, of a file with this salt."""
    if (raw := _raw(text)) is not None:
        yield Key(raw, salt)
    yield Key.of_passphrase(text, salt)


def kept(uuid: UUID, keyring: OsKeyring) -> bytes | None:
    """Return what the keyring keeps for a project's store. Raises KeyringError."""
    text = keyring.read_text(store_entry(uuid))
    return None if text is None else _raw(text)


def _raw(text: str) -> bytes | None:
    """Return the bytes of a recovery key; None where it is none."""
    try:
        raw = bytes.fromhex("".join(text.split()))
    except ValueError:
        return None
    return raw if len(raw) == KEY_BYTES else None


def _checked(declared: Declaration, key: Key, given_by: str) -> Key:
    if declared.is_opened_by(key):
        return key
    raise _wrong(given_by)


def _wrong(given_by: str) -> WrongStoreKey:
    return WrongStoreKey(
        _(
            "{given_by}: that is neither the passphrase nor the recovery key of this store. The "
            "store was not touched. Try again."
        ).format(given_by=given_by)
    )

"""Other names for users and agents: the same one for the same id, as long as a home has its key.

``user-`` and seven letters of the HMAC-SHA256 of kind and id, with a random key that only this home
has (``pseudonyms.key``, 0600). Whoever has the key can try ids; whoever has it has the store, which
has the ids anyway. Without the key (a screen that was photographed, a file that was handed over) a
name leads to no id.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b32encode
from functools import cache

from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.private_files import locked, read_private, replace_private

_BYTES = 32
_LETTERS = 7
"""Of five bits each: among 10,000 users two share a name in one home of seven hundred."""


def key_of(home: Home) -> bytes:
    """Return the key of a home; one is made where there is none, or a damaged one.

    Raises:
        HomeError, OSError: it can neither be read nor written.
    """
    if home.throwaway:
        return _passing()
    if (key := _read(home)) is None:
        home.create()
        with locked(home.config_lock_path):
            if (key := _read(home)) is None:
                key = secrets.token_bytes(_BYTES)
                replace_private(home.pseudonyms_path, key)
    return key


def key_or_passing(home: Home) -> bytes:
    """Return the key of a home, or one that holds for this run where it cannot be kept."""
    try:
        return key_of(home)
    except (HomeError, OSError):
        return _passing()


@cache
def _passing() -> bytes:
    """Return a key that holds for this run, on the screen and in exports alike."""
    return secrets.token_bytes(_BYTES)


def _read(home: Home) -> bytes | None:
    try:
        key = read_private(home.pseudonyms_path, _BYTES)
    except FileNotFoundError:
        return None
    return key if len(key) == _BYTES else None


def pseudonym(key: bytes, kind: str, external_id: str) -> str:
    """Return the other name of a user or agent."""
    named = f"{kind}\0{external_id}".encode("utf-8", "surrogatepass")
    letters = b32encode(hmac.digest(key, named, hashlib.sha256)).decode().lower()
    return f"{kind}-{letters[:_LETTERS]}"

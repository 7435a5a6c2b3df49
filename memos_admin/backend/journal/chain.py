"""How entries are tied together so that a changed, missing or inserted one is found.

Each entry is written as canonical bytes that hold the hash of the one before. Its *hash* is their
SHA-256: whoever changes an entry must change all that follow. Its *seal* is their HMAC-SHA256 under
a key that only this entry has: the next entry's key is made from it by a one-way function, and it is
overwritten. So what is in the file today seals tomorrow's entries and forges none of yesterday's.
The first key is in the keyring; with it all others can be made again, to verify.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

KEY_BYTES = 32


def new_key() -> bytes:
    """Return a random first key."""
    import secrets  # with what it imports it costs more than an entry

    return secrets.token_bytes(KEY_BYTES)


def next_key(key: bytes) -> bytes:
    """Return the key of the entry after the one that `key` seals."""
    return hmac.digest(key, b"memos-admin journal: next key", "sha256")


def canonical(values: Mapping[str, Any]) -> bytes:
    """Return the one way in which values are written: JSON in ASCII, sorted, without spaces."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def hash_of(text: bytes) -> str:
    """Return the SHA-256 of an entry's canonical bytes, in hexadecimal digits."""
    return hashlib.sha256(text).hexdigest()


def seal_of(key: bytes, text: bytes) -> str:
    """Return the HMAC-SHA256 of an entry's canonical bytes under its key."""
    return hmac.digest(key, text, "sha256").hex()

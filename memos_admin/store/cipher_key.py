"""The key of encrypted files. Apart from `cipher`, since plain stores start without it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

KEY_BYTES = 32
_ROUNDS = 256_000
"""What SQLCipher 4 itself makes of a passphrase: its own programs open such a store by it."""


@dataclass(frozen=True, slots=True)
class Key:
    """What opens encrypted files, and the salt that they begin with."""

    raw: bytes = field(repr=False)
    salt: bytes

    @classmethod
    def of_passphrase(cls, passphrase: str, salt: bytes) -> Key:
        """Return the key that SQLCipher makes of a passphrase. Takes a fifth of a second."""
        words = passphrase.encode("utf-8", "surrogateescape")
        return cls(hashlib.pbkdf2_hmac("sha512", words, salt, _ROUNDS, KEY_BYTES), salt)

    @property
    def check(self) -> str:
        """What tells this key from another one, and nothing about it."""
        return hmac.digest(self.raw, b"memos-admin store key", "sha256").hex()

    @property
    def literal(self) -> str:
        """The key as SQLCipher reads it."""
        return f"x'{self.raw.hex()}{self.salt.hex()}'"

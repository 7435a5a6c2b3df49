"""``encryption.json`` in a project's folder: its files are encrypted, and how to come by their key.

::

    salt        of the key; every encrypted file of the project begins with it
    check       tells the key from another one, and nothing about it
    kept        keyring: a random key in the keyring; passphrase: the key is made of one
    converting  the files are being made so, or not so any more: what store.db begins with decides
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from memos_admin.backend.private_files import HomeError, read_private, replace_private
from memos_admin.language import gettext as _
from memos_admin.store.cipher import FILE_NAME, SALT_BYTES
from memos_admin.store.cipher_key import Key

Kept = Literal["keyring", "passphrase"]

_LARGEST = 10_000


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the file says, see above."""

    salt: str
    check: str
    kept: Kept
    converting: bool = False

    @classmethod
    def of(cls, key: Key, kept: Kept) -> Declaration:
        """Return the declaration of files that are being encrypted with a key."""
        return cls(key.salt.hex(), key.check, kept, converting=True)

    @property
    def salt_bytes(self) -> bytes:
        """The salt as files have it."""
        return bytes.fromhex(self.salt)

    def is_opened_by(self, key: Key) -> bool:
        """Return whether it is the key of these files."""
        import hmac

        return key.salt == self.salt_bytes and hmac.compare_digest(key.check, self.check)


def read(folder: Path) -> Declaration | None:
    """Return what a project's folder says; None: its files are not encrypted.

    Raises:
        HomeError: the file cannot be trusted or read.
    """
    path = folder / FILE_NAME
    try:
        found = json.loads(read_private(path, _LARGEST))
        declared = Declaration(
            str(found["salt"]), str(found["check"]), found["kept"], found.get("converting") is True
        )
        known = (
            declared.kept in get_args(Kept)
            and len(declared.salt_bytes) == SALT_BYTES
            and declared.check.isascii()  # else nothing could be compared with it
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, RecursionError):
        known = False
    if not known:
        raise HomeError(
            _(
                "{path} does not say how the store is encrypted. Put back the file that was there; "
                "without it the store is not opened."
            ).format(path=path)
        )
    return declared


def write(folder: Path, declared: Declaration) -> None:
    """Say it. Raises HomeError."""
    replace_private(folder / FILE_NAME, json.dumps(asdict(declared), indent=1).encode() + b"\n")


def remove(folder: Path) -> None:
    """Say that the files are not encrypted (any more)."""
    (folder / FILE_NAME).unlink(missing_ok=True)

"""Encrypted files: how they are known, whose key opens them, and the library that does.

A folder whose files are encrypted has an `encryption.json`, which the backend writes and reads; here
it only counts that it is there. Its files are opened by SQLCipher, which is imported for nothing
else, with the key that was given to `use` in this process. All of them begin with the salt of that
key, where a plain database has words, so that a copy elsewhere can be told too.

Nobody reads the first bytes of a file that this process has open: closing it again would give up
the locks that SQLite holds on it (a rule of POSIX).
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

from memos_admin.language import gettext as _
from memos_admin.store.errors import CipherMissing, StoreLocked

if TYPE_CHECKING:
    from memos_admin.store.cipher_key import Key

FILE_NAME = "encryption.json"

SALT_BYTES = 16
_PLAIN = b"SQLite format 3\0"

_KEYS: dict[Path, Key | None] = {}
"""By folder; by file for those elsewhere, None for one that is plain whatever its folder says.

Each by its one real path, since SQLite calls a file so whatever name it was opened by.
"""


def use(place: Path, key: Key | None) -> None:
    """Open a folder's files, or one file, with a key from now on; None: as plain ones."""
    _KEYS[place.resolve()] = key


def forget(place: Path) -> None:
    """Know no key for a folder or file any more."""
    _KEYS.pop(place.resolve(), None)


def known(folder: Path) -> Key | None:
    """Return the key that was given for a folder in this process; None where none was."""
    return _KEYS.get(folder.resolve())


def is_declared(folder: Path) -> bool:
    """Return whether a folder says that its files are encrypted."""
    return (folder / FILE_NAME).exists()


def key_of(path: Path) -> Key | None:
    """Return the key that opens a file; None: it is not encrypted.

    Raises:
        StoreLocked: it is encrypted, and its key was not given in this process.
    """
    file = path.resolve()
    if file in _KEYS:
        return _KEYS[file]
    if not is_declared(path.parent):
        return None
    key = known(path.parent)
    if key is None:
        raise StoreLocked(
            _("The store {path} is encrypted, and is not unlocked here.").format(path=path)
        )
    return key


def salt_of(path: Path) -> bytes | None:
    """Return the salt that an encrypted file begins with; None: it is plain, or empty.

    Not for a file that this process has open, see above. Raises OSError.
    """
    with path.open("rb") as file:
        header = file.read(SALT_BYTES)
    return header if len(header) == SALT_BYTES and header != _PLAIN else None


def begins_plain(path: Path) -> bool:
    """Return whether a file begins as a plain database does. As `salt_of`, which tells no empty file from one."""
    with path.open("rb") as file:
        return file.read(len(_PLAIN)) == _PLAIN


def library() -> ModuleType:
    """Return the library that opens encrypted files; it has what sqlite3 has.

    Raises:
        CipherMissing: it is not installed.
    """
    try:
        from sqlcipher3 import dbapi2  # type: ignore[import-untyped]  # it has no types
    except ImportError:
        raise CipherMissing(
            _(
                "An encrypted store needs SQLCipher, which is not installed here. Nothing was "
                "touched. Install it where memos-admin is: pip install 'memos-admin[encrypted]'"
            )
        ) from None
    return cast("ModuleType", dbapi2)


def library_of(connection: sqlite3.Connection) -> ModuleType:
    """Return the library that a connection is of."""
    return sys.modules[type(connection).__module__]


def unlock(connection: sqlite3.Connection, key: Key | None) -> None:
    """Prepare a connection of SQLCipher that was just opened; None: its file is plain."""
    connection.execute("PRAGMA cipher_log_level = NONE")  # it would write to the terminal
    if key is not None:
        connection.execute(f'PRAGMA key = "{key.literal}"')
    connection.execute("PRAGMA temp_store = MEMORY")


def database_errors(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """Return what SQLite raises, of whichever library, and `others`.

    For ``except``, which asks when something was raised. What it says of a damaged schema may have
    names that are no UTF-8, and then is raised as a UnicodeDecodeError.
    """
    ours = (sqlite3.Error, UnicodeDecodeError, *others)
    loaded = sys.modules.get("sqlcipher3.dbapi2")
    # It calls a second statement behind the first one a warning.
    return ours if loaded is None else (*ours, loaded.Error, loaded.Warning)

"""Encryption at rest: a project's store, index, backups and logs are only read with its key.

`unlocking` opens them in this process, `copy_keys` copies of them, `store_keys` knows where the key comes from, `converting` makes
them so or not so any more, and `declaration` is how a folder says that they are. What it protects
against, and what not, is in docs/encrypt-the-store.md.
"""

from memos_admin.backend.encryption.copy_keys import open_copy_as_it_is
from memos_admin.backend.encryption.unlocking import unlock, unlock_with

__all__ = ["open_copy_as_it_is", "unlock", "unlock_with"]

"""Copies of a store, by SQLite's backup API: whole and consistent while others write."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from memos_admin.store.connection import explained


def backup(source: sqlite3.Connection, target: Path) -> None:
    """Copy the store behind `source` to the file `target` (mode 0600), replacing it when complete.

    Raises:
        StoreError: the copy could not be written; an older copy under that name is kept.
    """
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    with explained(target):
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            copy = sqlite3.connect(partial)
            try:
                source.backup(copy, pages=1000)
                copy.execute("PRAGMA journal_mode = DELETE")
            finally:
                copy.close()
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise

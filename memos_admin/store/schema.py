"""Brings a store's schema up to date: cheap when it is, by Alembic when it is not.

The schema's number is ``PRAGMA user_version``, read with plain sqlite3, so that opening an
up-to-date store costs nothing. A store from a newer version is refused, untouched.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from memos_admin.language import gettext as _
from memos_admin.store.connection import connect, explained
from memos_admin.store.errors import StoreBroken, StoreTooNew

CURRENT = 3
"""The newest schema's number: the newest migration's, which a test holds it to."""


def open_current(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Return a connection to the store at `path`, created or migrated first if need be.

    Raises:
        StoreTooNew: a newer version wrote it.
        StoreError: see `memos_admin.store.connection.connect`.
    """
    _refuse_emptied(path)
    connection = connect(path, read_only=read_only)
    try:
        with explained(path):
            number = connection.execute("PRAGMA user_version").fetchone()[0]
        refuse_newer(number, path)
        if number < CURRENT:
            from memos_admin.store.migrations import migrate

            migrate(path)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_emptied(path: Path) -> None:
    """Raise StoreBroken where a file without a byte was a store once.

    A program that was killed before it had made the store has left nothing beside it.
    """
    index = path.with_name("search.db")
    if path.exists() and not path.stat().st_size and index.exists():
        raise StoreBroken(
            _(
                "The store {path} is empty, and was not when {index} was written. It was left as it "
                "is. `memos-admin store restore` lists the backups that can take its place; to "
                "start anew, move it away."
            ).format(path=path, index=index.name)
        )


def refuse_newer(number: int, path: Path) -> None:
    """Raise StoreTooNew where a store's schema number is above what this version knows."""
    if number > CURRENT:
        raise StoreTooNew(
            _(
                "The store {path} was written by a newer memos-admin (schema {schema}, this "
                "one knows {known}). It was left untouched. Install the newer version to "
                "read it."
            ).format(path=path, schema=number, known=CURRENT)
        )

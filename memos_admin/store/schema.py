"""Brings a store's schema up to date: cheap when it is, by Alembic when it is not.

The schema's number is ``PRAGMA user_version``, read with plain sqlite3, so that opening an
up-to-date store costs nothing. A store from a newer version is refused, untouched.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from memos_admin.language import gettext as _
from memos_admin.store.connection import connect, explained
from memos_admin.store.errors import StoreBroken, StoreTooNew

CURRENT = 7
"""The newest schema's number: the newest migration's, which a test holds it to."""


def open_current(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Return a connection to the store at `path`, created or migrated first if need be.

    Raises:
        StoreTooNew: a newer version wrote it.
        StoreBroken: it was written to before, and is empty or gone.
        StoreError: see `memos_admin.store.connection.connect`.
    """
    refuse_lost(path)
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


def open_to_write(path: Path) -> sqlite3.Connection:
    """As `open_current`, and note it beside the store, which is missed from then on if it is gone."""
    connection = open_current(path)
    try:
        with explained(path):
            os.close(os.open(_written(path), os.O_CREAT | os.O_WRONLY, 0o600))
    except BaseException:
        connection.close()
        raise
    return connection


def miss_no_more(path: Path) -> None:
    """Take away the note that there was a store, so that the next one to write makes a new one."""
    _written(path).unlink(missing_ok=True)


def _written(path: Path) -> Path:
    return path.with_name(f"{path.name}.written")


def refuse_lost(path: Path) -> None:
    """Raise StoreBroken where there is no store, or a file without a byte, and there was one.

    A program that was killed before it had made the store has not noted it.
    """
    if (path.exists() and path.stat().st_size) or not _written(path).exists():
        return
    raise StoreBroken(
        _(
            "The store {path} is empty or gone, and something was written to it before. Nothing was "
            "changed. `memos-admin store restore` lists the backups that can take its place; without "
            "one, `memos-admin store restore --none` lets a sync start anew, without what it held."
        ).format(path=path)
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

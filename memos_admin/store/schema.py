"""Brings a store's schema up to date: cheap when it is, by Alembic when it is not.

The schema's number is ``PRAGMA user_version``, read with plain sqlite3, so that opening an
up-to-date store costs nothing. A store from a newer version is refused, untouched.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.store import identity
from memos_admin.store.connection import connect, explained
from memos_admin.store.errors import StoreBroken, StoreTooNew

CURRENT = 8
"""The newest schema's number: the newest migration's, which a test holds it to."""


def open_current(
    path: Path,
    *,
    read_only: bool = False,
    on_upgraded: Callable[[int], object] = lambda _schema: None,
) -> sqlite3.Connection:
    """Return a connection to the store at `path`, created or migrated first if need be.

    Raises:
        StoreTooNew: a newer version wrote it.
        StoreBroken: it was written to before, and is empty or gone; or something else than this
            project's store stands in its place, and is left as it is.
        StoreError: see `memos_admin.store.connection.connect`.
    """
    refuse_lost(path)
    numbers: list[int] = []
    connection = connect(
        path,
        read_only=read_only,
        look=lambda opened: numbers.append(number_of(opened, path)),
    )
    try:
        if numbers[-1] < CURRENT:
            from memos_admin.store.migrations import migrate

            migrate(path)
            if numbers[-1]:
                on_upgraded(numbers[-1])
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_write(
    path: Path, on_upgraded: Callable[[int], object] = lambda _schema: None
) -> sqlite3.Connection:
    """As `open_current`, and note it beside the store, which is missed from then on if it is gone."""
    connection = open_current(path, on_upgraded=on_upgraded)
    try:
        with explained(path):
            identity.note_owner(connection, path)
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


def number_of(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema's number of the store that stands at `path`; 0: nothing was written there yet.

    Raises:
        StoreTooNew: a newer version wrote it.
        StoreBroken: it is no store, that of another project, or one that was emptied.
    """
    written = _written(path).exists()
    with explained(path):
        found = identity.identity(connection, CURRENT)
    if found.kind == "nothing":
        if written:
            raise _lost(path)
        return 0
    if found.kind != "store":
        raise _something_else(found.kind, path)
    refuse_newer(found.number, path)
    owner = identity.owner_of(path)
    if owner is not None and not found.owners <= {owner}:
        raise _something_else(found.kind, path)
    return found.number


def _something_else(kind: identity.Kind, path: Path) -> StoreBroken:
    """Return what is said where something else than its store stands in the place of a project's."""
    words = {
        "store": _("In the place of the store {path} stands that of another project."),
        "journal": _("In the place of the store {path} stands an operator journal."),
        "index": _("In the place of the store {path} stands a search index."),
        "unnumbered": _(
            "What stands in the place of the store {path} has its tables, but not the number of their "
            "schema, as where it was made of a dump."
        ),
        "other": _(
            "In the place of the store {path} stands a database that is no store of memos-admin."
        ),
    }
    left = _(
        "It was left as it is. `memos-admin store restore` lists the backups that can take its "
        "place; without one, `memos-admin store restore --none` puts it aside, to start anew "
        "with a sync."
    )
    return StoreBroken(sentences(words[kind], left).format(path=path))


def refuse_lost(path: Path) -> None:
    """Raise StoreBroken where there is no store, or a file without a byte, and there was one.

    A program that was killed before it had made the store has not noted it.
    """
    if (path.exists() and path.stat().st_size) or not _written(path).exists():
        return
    raise _lost(path)


def _lost(path: Path) -> StoreBroken:
    return StoreBroken(
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

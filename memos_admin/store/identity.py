"""What a database is that stands in the place of a store: a store, whose, or something else.

It is asked of each that is opened, before a byte of it is changed, and costs a look at its schema.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Literal, NamedTuple
from uuid import UUID

Kind = Literal["store", "nothing", "unnumbered", "journal", "index", "other"]

OWNER = "project"
"""Setting of a store: the UUID of the project that it was filled for."""

MARK = "copy_of"
"""Setting of a copy: the name that was given to what it is a copy of."""

_OF_ALL_SCHEMAS = frozenset({"conversation", "listing", "memory", "message", "setting", "subject"})
_OF_A_NEWER = frozenset({"setting", "subject"})
"""What is asked of a store whose schema is not known here."""

_OF_OTHERS: tuple[tuple[Kind, frozenset[str]], ...] = (
    ("journal", frozenset({"journal", "entry"})),
    ("index", frozenset({"shard", "state"})),
)


class Identity(NamedTuple):
    """What a database is.

    Attributes:
        number: of its schema; of what is no store it says nothing.
        kind: ``nothing``: it has no table; ``unnumbered``: a store's tables without the number of a
            schema, as where it was made of a dump.
        owners: the projects that it says it is of; an older one says nothing.
    """

    number: int
    kind: Kind
    owners: frozenset[str]


def identity(connection: sqlite3.Connection, known: int) -> Identity:
    """Return what the database behind a connection is.

    Args:
        connection: to it.
        known: the newest schema that is known here.

    Raises:
        sqlite3.DatabaseError: it cannot be read.
    """
    # One statement, so that what another process makes meanwhile is seen as a whole or not at all.
    found = connection.execute(
        """SELECT v.user_version, m.name FROM pragma_user_version v
        LEFT JOIN sqlite_master m ON m.type = 'table'"""
    ).fetchall()
    number, tables = found[0][0], {name for _number, name in found if name is not None}
    kind = _kind(number, tables, known)
    if kind != "store":
        return Identity(number, kind, frozenset())
    said = connection.execute("SELECT value FROM setting WHERE name IN (?, ?)", [OWNER, MARK])
    return Identity(number, kind, frozenset(str(value) for (value,) in said))


def _kind(number: int, tables: set[str], known: int) -> Kind:
    if not tables:
        return "nothing"
    if tables >= (_OF_ALL_SCHEMAS if number <= known else _OF_A_NEWER):
        return "store" if number > 0 else "unnumbered"
    return next((kind for kind, theirs in _OF_OTHERS if theirs <= tables), "other")


def owner_of(path: Path) -> str | None:
    """Return the project whose store a file has to be: its folder is named by that; None elsewhere."""
    folder = path.parent.name
    try:
        return folder if path.name == "store.db" and str(UUID(folder)) == folder else None
    except ValueError:
        return None


def note_owner(connection: sqlite3.Connection, path: Path) -> None:
    """Write into a store in its place whose it is, once; it was looked at already."""
    owner = owner_of(path)
    if owner is None:
        return
    asked = [OWNER]
    if connection.execute("SELECT 1 FROM setting WHERE name = ?", asked).fetchone() is None:
        connection.execute(
            "INSERT OR IGNORE INTO setting (name, value) VALUES (?, ?)", [OWNER, owner]
        )

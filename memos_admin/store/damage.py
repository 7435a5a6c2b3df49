"""Whether the file of a store is whole, in words that a person understands."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable

from memos_admin.language import gettext as _
from memos_admin.store.cipher import database_errors

_STEPS = 100_000
"""Virtual machine instructions between two looks at whether to go on; some milliseconds."""

_HEADING = "*** in database "
_PAGE = re.compile(r"\bpage (\d+)", re.IGNORECASE)


def findings(connection: sqlite3.Connection, most: int) -> list[str]:
    """Return what SQLite finds wrong with a file, a line each, at most about `most`; empty: nothing."""
    try:
        told = connection.execute(f"PRAGMA integrity_check({int(most)})").fetchall()
    except database_errors():
        if most == 1:
            raise
        return findings(connection, 1)  # going on behind the first one has failed, and lost that
    lines = [line for (text,) in told for line in str(text).splitlines()]
    return [line for line in lines if line != "ok" and not line.startswith(_HEADING)]


def reason(
    connection: sqlite3.Connection, on_step: Callable[[], None] = lambda: None
) -> str | None:
    """Return why a file is not whole, in few words; None: it is whole. All of it is read.

    Args:
        connection: to the file.
        on_step: called again and again; whatever it raises ends the look.

    Raises:
        sqlite3.DatabaseError: it cannot be read at all.
    """
    raised: list[BaseException] = []

    def stop() -> bool:
        try:
            on_step()
        except BaseException as error:  # noqa: BLE001 - SQLite would swallow it; it is raised below
            raised.append(error)
        return bool(raised)

    connection.set_progress_handler(stop, _STEPS)
    try:
        found = findings(connection, 1)
    except database_errors():
        if raised:
            raise raised[0] from None
        raise
    finally:
        connection.set_progress_handler(None, 0)
    return in_words(found[0]) if found else None


def in_words(finding: str) -> str:
    """Return a finding of SQLite's in few words, one line."""
    page = _PAGE.search(finding)
    if page is not None:
        return _("page {number} of it does not hold what it should").format(number=page[1])
    if "index" in finding:
        return _("one of its indexes does not fit its rows")
    return _("parts of it do not fit each other")

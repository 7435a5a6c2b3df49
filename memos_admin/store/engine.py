"""SQLAlchemy on one of our own SQLite connections."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from memos_admin.store.cipher import library_of
from memos_admin.store.connection import BUSY_MS, is_busy

TELL_AFTER_MS = 1_500
"""How long a transaction waits for another program before that is told."""

_BEGIN = "BEGIN IMMEDIATE"

OnBusy = Callable[[], object]
"""Is told that another program is waited for, in any thread; returns whether to wait as long as that takes.

It is called again and again then, and what it raises ends it; else it is waited for `BUSY_MS`.
"""


def _nothing() -> None:
    """Do nothing."""


def engine_on(
    raw: sqlite3.Connection,
    on_busy: OnBusy | None = None,
    on_free: Callable[[], object] = _nothing,
) -> Engine:
    """Return an engine whose only connection is `raw`; its transactions are BEGIN IMMEDIATE.

    A transaction that starts as a reader and then writes can fail when another process writes in
    between; one that starts as a writer waits its turn. `on_busy` is called where that takes long, and
    `on_free` when it is over, with or without success.
    """
    engine = create_engine(
        "sqlite://", module=library_of(raw), creator=lambda: raw, poolclass=StaticPool
    )

    @event.listens_for(engine, "begin")
    def begin_immediate(connection: Connection) -> None:
        if on_busy is None:
            connection.exec_driver_sql(_BEGIN)
            return
        if _began(connection, raw):
            return
        try:
            while on_busy():
                if _began(connection, raw):
                    return
            connection.exec_driver_sql(_BEGIN)
        finally:
            on_free()

    return engine


def _began(connection: Connection, raw: sqlite3.Connection) -> bool:
    """Begin a transaction, unless another program keeps it from that for `TELL_AFTER_MS`."""
    raw.execute(f"PRAGMA busy_timeout = {TELL_AFTER_MS}")
    try:
        connection.exec_driver_sql(_BEGIN)
    except DBAPIError as error:
        if isinstance(error.orig, Exception) and is_busy(error.orig):
            return False
        raise
    finally:
        raw.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return True

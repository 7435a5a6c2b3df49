"""SQLAlchemy on one of our own SQLite connections."""

from __future__ import annotations

import sqlite3

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from memos_admin.store.cipher import library_of


def engine_on(raw: sqlite3.Connection) -> Engine:
    """Return an engine whose only connection is `raw`; its transactions are BEGIN IMMEDIATE.

    A transaction that starts as a reader and then writes can fail when another process writes in
    between; one that starts as a writer waits its turn.
    """
    engine = create_engine(
        "sqlite://", module=library_of(raw), creator=lambda: raw, poolclass=StaticPool
    )

    @event.listens_for(engine, "begin")
    def begin_immediate(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine

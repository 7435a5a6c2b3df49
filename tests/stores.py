"""A new store as the migrations make it, without running them: a fifth of the work of what makes stores."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from memos_admin.store.connection import connect
from memos_admin.store.schema import CURRENT


@cache
def _made_by(migrate: Callable[..., None]) -> tuple[str, ...]:
    """Return the statements that make what the migrations make of nothing."""
    with TemporaryDirectory(prefix="memos-admin-store-") as folder:
        path = Path(folder) / "store.db"
        migrate(path)
        with contextlib.closing(connect(path)) as made:
            rows = made.execute(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
            )
            return tuple(sql for (sql,) in rows)


def _make(path: Path, statements: Sequence[str]) -> None:
    """Make a new store; raise anything where there is one, or it cannot be made."""
    with contextlib.closing(connect(path)) as store:
        store.execute("BEGIN IMMEDIATE")
        assert store.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        for statement in statements:
            store.execute(statement)
        store.execute(f"PRAGMA user_version = {CURRENT}")
        store.execute("COMMIT")


def quickly(migrate: Callable[..., None]) -> Callable[..., None]:
    """Return `migrate`, which makes a new store by what it once came to."""

    def made(path: Path, *, to: str = "head") -> None:
        if to != "head":
            return migrate(path, to=to)
        with contextlib.suppress(Exception):  # the migrations find it out again, and say it
            _make(path, _made_by(migrate))
            return None
        return migrate(path)

    return made

"""Copies that fail: said with the reason, and nothing of them is left."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from memos_admin.store import backup as module
from memos_admin.store.errors import StoreBroken, StoreUnwritable


class Failing(sqlite3.Connection):
    """A store whose copy fails half-way with a code of SQLite's."""

    code = sqlite3.SQLITE_FULL

    def backup(self, target: sqlite3.Connection, **options: Any) -> None:
        """Write something, then fail."""
        target.execute("CREATE TABLE half (written)")
        error = sqlite3.DatabaseError("said by SQLite")
        error.sqlite_errorcode = self.code
        raise error


@contextmanager
def failing(folder: Path, code: int) -> Iterator[Failing]:
    """Open a store that cannot be copied."""
    with closing(sqlite3.connect(folder / "store.db", factory=Failing)) as connection:
        connection.code = code
        yield connection


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (sqlite3.SQLITE_FULL, "the disk is full, or your quota of it"),
        (sqlite3.SQLITE_READONLY, "its folder may not be written"),
        (sqlite3.SQLITE_IOERR_WRITE, "your quota of its disk is used up, or the disk failed"),
    ],
)
def test_a_copy_that_ends_half_way_leaves_nothing(tmp_path: Path, code: int, reason: str) -> None:
    target = tmp_path / "copies" / "copy.db"
    target.parent.mkdir()
    with (
        failing(tmp_path, code) as source,
        pytest.raises(StoreUnwritable, match=reason) as caught,
    ):
        module.backup(source, target)
    assert str(target) in str(caught.value)
    assert list(target.parent.iterdir()) == []


def test_a_quota_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def used_up(*_: object) -> int:
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(os, "open", used_up)
    with (
        closing(sqlite3.connect(tmp_path / "store.db")) as source,
        pytest.raises(StoreUnwritable, match=r"the disk is full, or your quota of it\. Free some"),
    ):
        module.backup(source, tmp_path / "copy.db")
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["store.db"]


def test_an_older_copy_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("older")
    with failing(tmp_path, sqlite3.SQLITE_FULL) as source, pytest.raises(StoreUnwritable):
        module.backup(source, target)
    assert target.read_text() == "older"


def test_a_damaged_store_is_named_itself(tmp_path: Path) -> None:
    with (
        failing(tmp_path, sqlite3.SQLITE_CORRUPT) as source,
        pytest.raises(StoreBroken, match=r"store\.db is damaged"),
    ):
        module.backup(source, tmp_path / "copy.db")


def test_a_folder_that_may_not_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    with closing(sqlite3.connect(tmp_path / "store.db")) as source:
        monkeypatch.setattr(os, "open", refuse)
        with pytest.raises(StoreUnwritable, match="its folder may not be written"):
            module.backup(source, tmp_path / "copy.db")


def test_a_copy_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with closing(sqlite3.connect(tmp_path / "store.db")) as source:
        source.execute("CREATE TABLE t (said)")
        with pytest.raises(KeyboardInterrupt):
            module.backup(source, tmp_path / "copy.db", on_step=stop)
    assert [file.name for file in tmp_path.iterdir()] == ["store.db"]


def test_a_number_in_a_name_is_no_program(tmp_path: Path) -> None:
    target = tmp_path / "of.4194305.db"
    running, dead = module.partial_of(target), target.with_name(f".{target.name}.4194306.partial")
    nested = tmp_path / "..of.4194305.db.4194306.whole.partial.4194306.partial-journal"
    for file in (running, dead, nested):
        file.touch()
    assert set(module.partials_of(target)) == {running, dead, nested}
    assert set(module.abandoned(module.partials_of(target), or_ours=False)) == {dead, nested}

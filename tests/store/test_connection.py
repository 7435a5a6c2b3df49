"""Connections: how files look from outside, and what is said when they cannot be used."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from memos_admin.store.connection import connect, explain
from memos_admin.store.errors import (
    StoreBroken,
    StoreBusy,
    StoreError,
    StoreInterrupted,
    StoreUnwritable,
)
from memos_admin.store.reads import Reads
from memos_admin.store.writer import Writer


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_missing_folders_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        connect(tmp_path / "above" / "folder" / "store.db").close()
    finally:
        os.umask(before)
    assert mode(tmp_path / "above") == mode(tmp_path / "above" / "folder") == 0o700


def test_folder_and_every_file_are_private(path: Path) -> None:
    writer = Writer(path)
    reads = Reads(path)
    try:
        assert reads.totals().memories == 0
        assert mode(path.parent) == 0o700
        assert {p.name: mode(p) for p in path.parent.iterdir()} == {
            "store.db": 0o600,
            "store.db-wal": 0o600,
            "store.db-shm": 0o600,
            "store.db.written": 0o600,
        }
    finally:
        reads.close()
        writer.close()


def test_pragmas(path: Path) -> None:
    connection = connect(path)
    try:
        for pragma, value in {
            "journal_mode": "wal",
            "foreign_keys": 1,
            "secure_delete": 1,
            "trusted_schema": 0,
            "busy_timeout": 15_000,
        }.items():
            assert connection.execute(f"PRAGMA {pragma}").fetchone() == (value,), pragma
    finally:
        connection.close()


def test_read_connection_cannot_write(path: Path) -> None:
    Reads(path).close()
    connection = connect(path, read_only=True)
    try:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM subject")
    finally:
        connection.close()


@pytest.mark.parametrize("junk", [b"not a database at all" * 100, b"\0" * 4096 + b"x"])
def test_junk_is_named_and_left_alone(path: Path, junk: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(junk)
    with pytest.raises(StoreBroken, match="left as it is"):
        Reads(path)
    assert path.read_bytes() == junk


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnwritable, match="permissions"):
        Reads(tmp_path / "file" / "store.db")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_BUSY, StoreBusy),
        (sqlite3.SQLITE_FULL, StoreUnwritable),
        (sqlite3.SQLITE_READONLY | (4 << 8), StoreUnwritable),
        (sqlite3.SQLITE_CORRUPT, StoreBroken),
        (sqlite3.SQLITE_INTERRUPT, StoreInterrupted),
        (sqlite3.SQLITE_ERROR, StoreError),
    ],
)
def test_errors_of_sqlite_are_told_apart(code: int, expected: type[StoreError]) -> None:
    error = sqlite3.OperationalError("something")
    error.sqlite_errorcode = code
    assert type(explain(error, Path("store.db"))) is expected


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), sqlite3.OperationalError("disk I/O error")],
)
def test_a_quota_is_among_what_is_to_be_checked(error: Exception) -> None:
    """SQLite says of a quota only that it could not write."""
    if isinstance(error, sqlite3.Error):
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    said = explain(error, Path("store.db"))
    assert type(said) is StoreUnwritable
    assert "Check free disk space, your quota of it and the permissions" in str(said)


def test_where_a_quota_is_used_up_a_store_is_read_as_it_lies_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WAL would need a file beside it, whatever is free on the disk."""
    Reads(path).close()
    before = path.read_bytes()

    def used_up(*_: object) -> int:
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(os, "write", used_up)
    reads = Reads(path)
    assert reads.query.fixed
    assert reads.totals().users == 0
    reads.close()
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == before

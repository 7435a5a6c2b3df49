"""What can be read without a key is told from what cannot, whatever is left of it."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from memos_admin.store import cipher
from memos_admin.store.cipher_key import Key
from memos_admin.store.connection import open_with
from memos_admin.store.readable import is_readable

KEY = Key(bytes(range(32)), bytes(range(16)))
TEXT = "她换了工作去冰岛。 Ann moved to Iceland for work."


def filled(path: Path, key: Key | None) -> tuple[bytes, bytes]:
    """Return what stands in a database with words and in its log."""
    with closing(open_with(key, path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE word (of TEXT)")
        connection.executemany("INSERT INTO word VALUES (?)", [[TEXT * 9]] * 500)
        connection.execute("PRAGMA wal_checkpoint")
        connection.executemany("INSERT INTO word VALUES (?)", [[TEXT]] * 500)
        log = path.with_name(f"{path.name}-wal").read_bytes()
    return path.read_bytes(), log


def test_what_is_encrypted_is_not_readable_and_the_same_in_plain_is(tmp_path: Path) -> None:
    here = tmp_path / "looked at"
    for key in (None, KEY):
        database, log = filled(tmp_path / f"{key is None}.db", key)
        for content in (database, database[100:], bytes(100) + database[100:], log):
            here.write_bytes(content)
            assert is_readable(here) == (key is None)
    assert cipher.salt_of(tmp_path / "False.db") == KEY.salt


@pytest.mark.parametrize(
    "content",
    [b"", bytes(100_000), random.Random(1).randbytes(500_000)],
    ids=["empty", "zeros", "noise"],
)
def test_nothing_is_read_in_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert not is_readable(path)


def test_a_small_database_is_readable(tmp_path: Path) -> None:
    path = tmp_path / "small.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA page_size = 512")
        connection.execute("CREATE TABLE word (of TEXT)")
    assert path.stat().st_size < 4096
    assert is_readable(path)

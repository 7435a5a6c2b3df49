"""The journal's file: made, appended to, refused; the chain itself is tested with the backend."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import pytest

from memos_admin.backend.journal.entries import Entry
from memos_admin.store import journal
from memos_admin.store.errors import StoreBroken, StoreBusy, StoreTooNew, StoreUnwritable
from memos_admin.store.journal_file import COLUMNS, Head, Row
from memos_admin.store.journal_reads import JournalReads, Wanted

NEEDED = {"at": 1, "operator": "ann", "os_user": "ann", "via": "cli", "action": "view"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def row(seq: int, **values: object) -> Row:
    whole = {**NEEDED, "counts": "{}", "details": "{}", "hash": f"hash {seq}", **values, "seq": seq}
    return tuple(whole.get(name) for name in COLUMNS)


def append(path: Path, number: int = 1, **values: object) -> Head:
    def link(head: Head) -> tuple[list[Row], bytes | None]:
        return [row(head.seq + at, **values) for at in range(1, number + 1)], head.key

    return journal.append(path, link, busy_ms=50)


def changed(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_an_entry_has_the_columns_of_the_file() -> None:
    assert tuple(one.name for one in fields(Entry)) == COLUMNS


def test_the_first_append_makes_a_private_file(path: Path) -> None:
    before = os.umask(0o000)
    try:
        head = append(path)
    finally:
        os.umask(before)
    assert (head.seq, head.hash, head.sealed_from, head.key) == (1, "hash 1", None, None)
    assert append(path, 2).seq == 3
    assert JournalReads(path).head().journal == head.journal
    held = {found.name: found for found in path.parent.iterdir() if found.stat().st_size}
    assert {*held} == {path.name, f"{path.name}.written"}
    assert {stat.S_IMODE(found.stat().st_mode) for found in held.values()} == {0o600}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET operator = 'bob'",
        "DELETE FROM entry",
        "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE seq = 1",
        f"INSERT INTO entry SELECT 0, {', '.join(COLUMNS[1:])} FROM entry WHERE seq = 1",
        "DELETE FROM journal",
        "UPDATE journal SET uuid = 'another'",
    ],
)
def test_accidents_are_refused(path: Path, statement: str) -> None:
    append(path, 2)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        changed(path, statement)
    assert JournalReads(path).head().seq == 2


def test_reads_are_narrowed_and_go_both_ways(path: Path) -> None:
    append(path, 3, user_id="u", subject_kind="user", at=10)
    append(path, 2, user_id="u", subject_kind="agent", at=20, action="export")
    reads = JournalReads(path)

    def seqs(wanted: Wanted) -> list[int]:
        assert reads.count(wanted) == len(reads.before(99, 99, wanted))
        return [found[0] for found in reads.before(99, 99, wanted)]

    assert seqs(Wanted()) == [5, 4, 3, 2, 1]
    assert seqs(Wanted(subject_kind="user", user_id="u")) == [3, 2, 1]
    assert seqs(Wanted(action="export")) == [5, 4]
    assert seqs(Wanted(since=20)) == [5, 4]
    assert seqs(Wanted(until=20)) == [3, 2, 1]
    assert [found[0] for found in reads.before(4, 2, Wanted())] == [3, 2]
    assert [found[0] for found in reads.after(3, 1)] == [4]
    assert (reads.hash_of(4), reads.hash_of(9)) == ("hash 4", None)
    assert (reads.seq_of("hash 4"), reads.seq_of("hash 9")) == (4, None)


def test_where_there_is_none_nothing_is_made(path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no journal"):
        JournalReads(path).head()
    assert not path.exists()


def test_a_newer_schema_is_left_untouched(path: Path) -> None:
    append(path)
    changed(path, "PRAGMA user_version = 2")
    before = path.read_bytes()
    with pytest.raises(StoreTooNew, match=r"schema 2, this one knows 1.*newer version"):
        append(path)
    with pytest.raises(StoreTooNew):
        JournalReads(path).head()
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database, but long enough to be read" * 50, None])
def test_what_is_no_journal_is_left_alone(path: Path, content: bytes | None) -> None:
    if content is None:
        changed(path, "CREATE TABLE mine (text)")
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(StoreBroken, match=r"left as it is.*move it to another folder"):
        append(path)
    with pytest.raises(StoreBroken):
        JournalReads(path).head()
    assert path.read_bytes() == before


def test_a_damaged_page_is_told(path: Path) -> None:
    append(path, 500)
    with path.open("r+b") as file:
        file.seek(4096 * 8)  # behind the beginnings of tables and indexes
        file.write(b"\xff" * 4096 * 4)
    reads = JournalReads(path)
    with pytest.raises(StoreBroken, match="damaged"):
        reads.after(0, 1000)
    assert reads.damage()


def test_a_locked_journal_is_told_in_time(path: Path) -> None:
    append(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreBusy, match="kept locked by another program"):
            append(path)
        other.execute("ROLLBACK")
    assert append(path).seq == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_journal_is_told(path: Path) -> None:
    append(path)
    path.chmod(0o400)
    with pytest.raises(StoreUnwritable, match="cannot be written"):
        append(path)
    assert JournalReads(path).head().seq == 1


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnwritable, match="cannot be written"):
        append(tmp_path / "nowhere" / "journal.db")


def test_what_fails_on_the_way_leaves_nothing(path: Path) -> None:
    append(path)

    def link(head: Head) -> tuple[list[Row], bytes | None]:
        return [row(head.seq + 1), row(head.seq + 1)], b"key"

    with pytest.raises(StoreBroken):
        journal.append(path, link)
    head = JournalReads(path).head()
    assert (head.seq, head.key) == (1, None)


def test_sealing_begins_once(path: Path) -> None:
    append(path, 2)
    head = journal.begin_sealing(path, b"first")
    assert (head.sealed_from, head.key) == (3, b"first")
    append(path)
    assert journal.begin_sealing(path, b"second") == JournalReads(path).head()
    assert JournalReads(path).head().key == b"first"


def test_the_key_of_an_earlier_entry_is_nowhere_in_the_folder(path: Path) -> None:
    append(path)
    keys = [f"the sealing key number {at}, 32 b".encode() for at in range(4)]
    journal.begin_sealing(path, keys[0])
    for key in keys[1:]:
        following = key
        journal.append(path, lambda head, key=following: ([row(head.seq + 1)], key))  # type: ignore[misc]
    kept = b"".join(found.read_bytes() for found in path.parent.iterdir())
    assert [key in kept for key in keys] == [False, False, False, True]

"""Journals to be looked at, and what somebody with the file alone can do to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.journal import Entry, Event, Journal, chain, sealing
from memos_admin.backend.journal.entries import read_row, row_of
from memos_admin.backend.model import SubjectRef
from memos_admin.store.journal_file import COLUMNS
from tests.backend import keyrings


def with_keyring(monkeypatch: pytest.MonkeyPatch) -> keyrings.Memory:
    """Give the process a keyring of its own."""
    memory = keyrings.Memory()
    keyrings.use(monkeypatch, memory)
    return memory


def written(home: Home, number: int, *, first: int = 1) -> Journal:
    """Return the journal of a home with so many more entries."""
    journal = Journal(home)
    for at in range(first, first + number):
        user = SubjectRef("user", f"用户 {at % 3}")
        journal.record(Event("view", subject=user, counts={"messages": at}, at=at * 1000))
    assert journal.flush()
    assert journal.problem == ""
    return journal


def entries(home: Home) -> list[Entry]:
    """Return all entries as they stand in the file."""
    with closing(sqlite3.connect(home.journal_path)) as connection:
        rows = connection.execute("SELECT * FROM entry ORDER BY seq").fetchall()
    return [read_row(row) for row in rows]


@contextmanager
def tampered(path: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection that can change everything, as anybody can who may write the file.

    What kept the entries from being changed is there again in the end, as whoever hides it leaves it.
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = found.fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.execute(sql)
        connection.execute("COMMIT")


def rewrite(
    home: Home, change: Callable[[list[Entry]], list[Entry]], *, seal: bool = False
) -> None:
    """Change entries and chain them anew, so that no hash is wrong.

    Args:
        home: whose journal.
        change: returns the entries that shall be there; they are numbered anew.
        seal: give each that had one the seal that the key in the file makes.
    """
    kept = change(entries(home))
    with tampered(home.journal_path) as connection:
        uuid, key = connection.execute("SELECT uuid, seal_key FROM journal").fetchone()
        connection.execute("DELETE FROM entry")
        previous = ""
        for seq, found in enumerate(kept, 1):
            entry = replace(found, seq=seq)
            text = entry.canonical(uuid, previous)
            previous = chain.hash_of(text)
            made = chain.seal_of(key, text) if seal and key and found.seal else found.seal
            row = row_of(replace(entry, hash=previous, seal=made))
            connection.execute(f"INSERT INTO entry VALUES ({','.join('?' * len(COLUMNS))})", row)


def sealed(home: Home) -> None:
    """Do what a process with the keyring does."""
    sealing.keep(home, seconds=5)

"""The upgrade that finds what is older than the first messages of conversations."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from memos_admin.store.reads import Reads
from memos_admin.store.records import SubjectRef
from memos_admin.store.writer import Writer
from tests.store import schemas

ANN = SubjectRef("user", "ann")
OF_C1 = """(SELECT memory_pk FROM listing l JOIN conversation c ON c.pk = l.conversation_pk
    WHERE c.conversation_id = 'c1' LIMIT 1)"""
OF_THE_FIRST = """(SELECT m.pk FROM message m JOIN conversation c ON c.pk = m.conversation_pk
    WHERE c.conversation_id = '{}' ORDER BY position LIMIT 1)"""
FIRST = 1_780_000_000_000
SAID = "2026-05-28 20:26:40"
"""The same instant, in UTC."""


@pytest.mark.parametrize(
    ("changes", "older_at"),
    [
        ((), None),
        ((f"UPDATE memory SET created_at = {FIRST - 86_400_000} WHERE pk = {OF_C1}",), 86_400),
        ((f"UPDATE memory SET created_at = {FIRST + 500} WHERE pk = {OF_C1}",), None),
        (("UPDATE memory_source SET time = '2026-05-28T20:26:30'",), 10),
        (("UPDATE memory_source SET time = '2026-05-28 20:26:50'",), None),
        (
            (
                f"UPDATE memory SET created_at = {FIRST - 10_000} WHERE pk = {OF_C1}",
                "UPDATE memory_source SET time = '2026-05-28 20:26:30'",
                "UPDATE message SET create_time = '2026-05-28 20:26:30' WHERE pk = "
                + OF_THE_FIRST.format("c2"),
            ),
            None,
        ),
    ],
)
def test_an_upgrade_finds_what_is_older(
    path: Path, changes: tuple[str, ...], older_at: int | None
) -> None:
    schemas.load(6, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE memory SET created_at = {FIRST}")
        connection.execute(
            f"UPDATE message SET created_at = {FIRST}, create_time = '{SAID}' "
            f"WHERE pk = {OF_THE_FIRST.format('c1')}"
        )
        for change in changes:
            connection.execute(change)
    Writer(path).close()
    with Reads(path) as reads:
        found = reads.conversation(ANN, "c1")
        assert found is not None
        assert found.older_at == (None if older_at is None else FIRST - older_at * 1000)
        assert found.from_beginning is (older_at is None)

"""What commands say of memories that the last whole listing lacked, and that may be gone or not."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from memos_admin.backend.times import now_ms
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli

USER = "memos_user_123"


@pytest.fixture
def doubted(connected: EmulatorThread, cli: Cli) -> Cli:
    """One of two memories of the user was not listed at the last reading."""
    assert cli("sync", "--user", USER, "--full").code == 0
    store = Path(cli("store", "path").out.strip())
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute(
            """UPDATE listing SET missed_at = ?, last_seen = first_seen WHERE pk = (
                   SELECT min(l.pk) FROM listing l JOIN subject s ON s.pk = l.subject_pk
                   WHERE s.external_id = ?)""",
            [now_ms(), USER],
        )
    return cli


def test_an_archive_with_memories_in_doubt_is_not_complete(doubted: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    ended = doubted(
        "subject", "export", USER, "--request", "DV", "--no-sync", "--output", f"{path}"
    )
    assert ended.code == 4
    assert "1 memory is in doubt" in ended.err
    assert "Whether all memories in the archive are still in use is not confirmed." in ended.err
    with zipfile.ZipFile(path) as archive:
        said = json.loads(archive.read("manifest.json"))["completeness"]["said"]
    assert any(line.startswith("1 memory is in doubt") for line in said)


def test_an_archive_is_read_first_to_settle_them(doubted: Cli, tmp_path: Path) -> None:
    """MemOS lists it again: nothing is in doubt then."""
    path = tmp_path / "a.zip"
    ended = doubted("subject", "export", USER, "--request", "DV", "--output", f"{path}")
    assert "So it is read from MemOS first" in ended.err
    assert ended.code == 0
    assert "in doubt" not in ended.err


def test_lists_of_memories_say_which_they_are(doubted: Cli) -> None:
    listed = doubted("memories", "list", "--user", USER, "--json")
    assert sorted(row["missed_at"] is None for row in listed.json) == [False, True]
    assert "1 memory is in doubt" in listed.err

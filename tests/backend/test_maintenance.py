"""Checks find what is broken; backups are whole."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from memos_admin.backend import roster
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.upkeep import backups, maintenance
from memos_admin.backend.workspace import Workspace
from memos_admin.store.backup import backup
from memos_admin.store.errors import StoreBroken
from memos_admin.store.reads import Reads
from memos_admin.store.records import SubjectRef
from tests.backend.service import Service, a_memory, a_message
from tests.damage import overwrite_page_of


@pytest.fixture
async def filled(workspace: Workspace, service: Service) -> Workspace:
    service.put("ann", a_memory("m1"), a_memory("m2"))
    service.say("ann", "c1", a_message("hello"), a_message("hi", "assistant"))
    await roster.add_subjects(workspace, [SubjectRef("user", "ann")])
    await sync(workspace, SyncScope())
    return workspace


def damage(workspace: Workspace, sql: str) -> None:
    connection = sqlite3.connect(workspace.store_path)
    connection.execute(sql)
    connection.commit()
    connection.close()


async def test_sound_store_has_no_problems(filled: Workspace) -> None:
    assert maintenance.check(filled) == []


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE conversation SET messages = 9", "counts wrongly: c1"),
        ("UPDATE conversation SET gaps = 1", "gaps that a conversation"),
        ("DELETE FROM memory_raw", "without the service's own JSON: m1, m2"),
        ("DELETE FROM message_raw", "without the service's own JSON"),
        ("DELETE FROM listing WHERE memory_pk = 1", "nobody lists or listed: m1"),
        ("UPDATE memory SET version = 3 WHERE pk = 2", "numbered from 1 without a hole: m2"),
        ("UPDATE listing SET vanished_at = 1", "vanished memories without a reason"),
        ("UPDATE listing SET subject_pk = 99", "refers to a row of subject that is missing"),
    ],
)
async def test_damage_is_found(filled: Workspace, sql: str, says: str) -> None:
    damage(filled, sql)
    assert any(says in problem for problem in maintenance.check(filled)), maintenance.check(filled)


async def test_overwritten_page_is_found(filled: Workspace) -> None:
    connection = sqlite3.connect(filled.store_path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with filled.store_path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 4)
    try:
        problems = maintenance.check(filled)
    except StoreBroken:
        return
    assert problems
    assert "damaged" in problems[0]


async def test_backup_is_whole_private_and_never_overwrites(
    filled: Workspace, tmp_path: Path
) -> None:
    target = tmp_path / "backup.db"
    await maintenance.backup(filled, target)
    assert target.stat().st_mode & 0o777 == 0o600
    with Reads(target) as reads:
        assert reads.totals() == filled.reads.totals()
    with pytest.raises(FileExistsError):
        await maintenance.backup(filled, target)


async def test_no_backup_is_made_of_a_damaged_store(filled: Workspace, tmp_path: Path) -> None:
    await maintenance.backup(filled, tmp_path / "monday.db")
    filled.close_store()
    overwrite_page_of(filled.store_path, "message_raw")
    assert all(
        "damaged: " in problem and "***" not in problem for problem in maintenance.check(filled)
    )
    copies = tmp_path / "copies"
    copies.mkdir()
    with pytest.raises(StoreBroken, match=r"is damaged: page \d+ .*store restore"):
        await maintenance.backup(filled, copies / "tuesday.db")
    assert list(copies.iterdir()) == []
    assert backups.noted(filled.project.store_dir) == [tmp_path / "monday.db"]


async def test_a_note_of_a_backup_that_came_to_nothing_takes_none_of_another(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder, copy = workspace.project.store_dir, tmp_path / "copy.db"
    folder.mkdir(parents=True)
    backups.note(folder, copy)
    first = backups.times_noted(folder)
    backups.note(folder, copy)
    backups.withdraw(folder, copy)
    backups.withdraw(folder, tmp_path / "never noted.db")
    assert backups.times_noted(folder) == first
    assert first[copy].endswith("Z")
    (folder / backups.FILE_NAME).write_text('{"path": "/old"}\n{"path": "/x", "at": 7}\n[1]\n{"pa')
    assert backups.times_noted(folder) == {Path("/old"): "", Path("/x"): ""}


async def test_a_backup_that_is_stopped_leaves_nothing(
    filled: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun = threading.Event()

    def slowly(*args: Any, on_step: Callable[[], None], **options: Any) -> None:
        def wait() -> None:
            begun.set()
            while True:  # ends by what it is told
                on_step()

        backup(*args, on_step=wait, **options)

    monkeypatch.setattr("memos_admin.backend.upkeep.maintenance.copy", slowly)
    copying = asyncio.create_task(maintenance.backup(filled, tmp_path / "copies" / "copy.db"))
    (tmp_path / "copies").mkdir()
    await asyncio.to_thread(begun.wait)
    copying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying
    assert list((tmp_path / "copies").iterdir()) == []
    del copying
    gc.collect()  # asyncio complains then of what nobody has heard of
    assert caplog.records == []


async def test_a_check_and_a_copy_say_how_far_they_are(filled: Workspace, tmp_path: Path) -> None:
    parts: list[int] = []
    maintenance.check(filled, parts.append)
    maintenance.check_index(filled, parts.append)
    assert parts == list(range(1, maintenance.CHECKS + 1))
    shares: list[float] = []
    await maintenance.backup(filled, tmp_path / "copy.db", on_copied=shares.append)
    assert shares[-1] == 1


async def test_rows_that_nobody_reads_to_the_end_touch_no_closed_connection(
    filled: Workspace,
) -> None:
    with filled.open_reads() as reads:
        left = reads.query.rows_of("SELECT pk FROM message", "pk", [1, 2])
        each = reads.query.each("SELECT pk FROM message")
        assert next(left)
        assert next(each)
    left.close()  # type: ignore[attr-defined]
    each.close()  # type: ignore[attr-defined]

"""Another program has the store locked: that is said, keys work, and it goes on when that is over."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from memos_admin.backend.workspace import Workspace
from memos_admin.store import engine
from memos_admin.store.holder import Holder
from tests.tui.looking import main, misses, opened, press, sees


@pytest.mark.parametrize(
    ("holder", "said"),
    [
        (None, "waiting: another program has the store locked"),
        (Holder(4711, "backup\x1b"), "waiting: backup␛ (process 4711) has the store locked"),
    ],
)
async def test_it_is_said_while_keys_work_and_goes_on_by_itself(
    story: Workspace,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
    holder: Holder | None,
    said: str,
) -> None:
    monkeypatch.setattr(engine, "TELL_AFTER_MS", 1)
    monkeypatch.setattr(engine, "BUSY_MS", 1)
    monkeypatch.setattr(Workspace, "holder", holder)
    async with opened(story, size) as look:
        writer = await story.open_writer()
        with closing(sqlite3.connect(story.store_path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            written = writer.submit(lambda _connection: "written")
            await sees(look, said)
            await press(look, "slash", *"nobody")
            await sees(look, "nobody", said)
            assert not written.done()
            other.execute("ROLLBACK")
            await misses(look, said)
            assert written.result() == "written"
        assert main(look).is_attached

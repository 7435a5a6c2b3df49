"""Generated stores are valid, of the size asked for, and the same for the same seed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.generate import Size, make_home
from memos_admin.backend.home import Home
from memos_admin.backend.model import Filter
from memos_admin.backend.upkeep.maintenance import check
from memos_admin.backend.workspace import Workspace

SIZE = Size(600)


def dump(folder: Path, *, seed: int) -> list[str]:
    project = make_home(folder, SIZE, seed=seed)
    with closing(sqlite3.connect(project.store_dir / "store.db")) as connection:
        return list(connection.iterdump())


def test_a_generated_store_passes_the_check_and_has_the_size_asked_for(tmp_path: Path) -> None:
    workspace = Workspace(make_home(tmp_path, SIZE), Home(tmp_path))
    assert check(workspace) == []
    with workspace.open_reads() as reads:
        totals = reads.totals()
        shared = [m for m in reads.memories(reads.memory_pks(Filter())) if m.ref.kind == "agent"]
        assert totals.memories + totals.vanished == SIZE.memories
        assert (totals.users, totals.messages) == (SIZE.users, SIZE.messages)
        assert totals.vanished > 0
        assert shared


def test_counts_and_latest_activity_are_those_of_the_rows(tmp_path: Path) -> None:
    with Workspace(make_home(tmp_path, SIZE), Home(tmp_path)).open_reads() as reads:
        for subject in reads.subjects(reads.subject_pks()):
            listed = reads.memories(reads.memory_pks(Filter(subject=subject.ref, vanished=False)))
            conversations = reads.conversations(reads.conversation_pks(subject.pk))
            assert subject.memories == len(listed)
            assert subject.conversations == len(conversations)
            assert subject.messages == sum(found.messages for found in conversations)
            times = [m.updated_at for m in listed] + [c.last_message_at for c in conversations]
            assert subject.last_activity == max((t for t in times if t is not None), default=None)


def test_equal_seeds_give_equal_rows(tmp_path: Path) -> None:
    first = dump(tmp_path / "a", seed=1)
    assert first == dump(tmp_path / "b", seed=1)
    assert first != dump(tmp_path / "c", seed=2)


@pytest.mark.parametrize("text", ["english", "chinese"])
def test_texts_are_of_both_languages(tmp_path: Path, text: str) -> None:
    with Workspace(make_home(tmp_path, SIZE), Home(tmp_path)).open_reads() as reads:
        found = reads.memories(reads.memory_pks(Filter()))
    has_chinese = [any("\u4e00" <= c <= "\u9fff" for c in memory.content) for memory in found]
    assert any(has_chinese) if text == "chinese" else not all(has_chinese)

"""Modules that are imported while the interface runs."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from memos_admin.tui import importing
from memos_admin.tui.importing import imported


@pytest.fixture
def unfrozen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(importing, "freeze", gc.freeze)
    gc.collect()
    gc.unfreeze()
    yield
    gc.freeze()  # as it was before the first test


@pytest.mark.usefixtures("unfrozen")
async def test_the_garbage_collector_leaves_alone_what_was_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.joinpath("imported_late.py").write_text("here = [[] for _ in range(1000)]\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    try:
        module = await imported("imported_late")
        assert len(module.here) == 1000
        assert not any(one is module.here for one in gc.get_objects())
        gc.unfreeze()
        assert await imported("imported_late") is module
        assert gc.get_freeze_count() == 0  # what a person did meanwhile may become garbage
    finally:
        del sys.modules["imported_late"]

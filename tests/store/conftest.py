"""A store on the disk and a writer for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from memos_admin.store.writer import Writer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "project" / "store.db"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    opened = Writer(path)
    yield opened
    opened.close()

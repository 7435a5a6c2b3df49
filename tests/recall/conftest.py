"""The demo's service on a real socket, of the test's own, with Maria synced."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.workspace import Workspace
from memos_admin.emulator.thread import EmulatorThread
from tests.backend.changed import project_on

MARIA = SubjectRef("user", "maria.gonzalez@example.com")


@pytest.fixture
def emulator() -> Iterator[EmulatorThread]:
    with EmulatorThread() as running:
        yield running


@pytest.fixture
async def acme(emulator: EmulatorThread, isolated: Path) -> AsyncIterator[Workspace]:
    async with project_on(emulator, Home(isolated), MARIA) as workspace:
        yield workspace

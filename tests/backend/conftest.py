"""Projects on the disk: one whose service is in memory, one on the demo's, which may be changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.workspace import Workspace
from memos_admin.emulator.thread import EmulatorThread
from tests.backend.changed import USER, project_on
from tests.backend.service import Service


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def workspace(isolated: Path, service: Service) -> AsyncIterator[Workspace]:
    """A project called test, with a real store and the service in memory."""
    home = Home(isolated)
    project = Projects(home).add("test", base_url="http://127.0.0.1:9/api/openmem/v1")
    opened = Workspace(project, home)
    opened.use_remote(service)
    yield opened
    await opened.close()


@pytest.fixture
def emulator() -> Iterator[EmulatorThread]:
    """The demo's service, of the test's own."""
    with EmulatorThread() as running:
        yield running


@pytest.fixture
async def acme(emulator: EmulatorThread, isolated: Path) -> AsyncIterator[Workspace]:
    """A project called acme on it that may be changed, with a user synced."""
    async with project_on(emulator, Home(isolated), USER) as workspace:
        yield workspace

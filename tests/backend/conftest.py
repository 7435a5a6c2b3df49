"""A project on the disk whose service is in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.workspace import Workspace
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

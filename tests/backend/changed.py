"""A project that may be changed, on the demo's service of a test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from memos_admin.backend.credentials import FoundKey
from memos_admin.backend.home import Home
from memos_admin.backend.keys import check_key
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.emulator.thread import EmulatorThread

USER = SubjectRef("user", "memos_user_123")
TRIP = "0a89db3a-2061-4c97-a1b8-45700f8745bc"
REQUIREMENTS = "c8b41a89-83b3-4512-b4f7-1dfca3570107"

Patch = Callable[[Workspace], None]


async def at_once(seconds: float) -> None:
    """Wait no time between two readings."""


@asynccontextmanager
async def project_on(
    emulator: EmulatorThread, home: Home, *refs: SubjectRef, allowed: bool = True
) -> AsyncIterator[Workspace]:
    """Give a project on an emulator, with these subjects synced."""
    projects = Projects(home)
    projects.add("acme", base_url=emulator.base_url)
    project = projects.allow_writes("acme", allowed=allowed)
    key = check_key(emulator.api_key, "The test")

    async def find_key() -> FoundKey:
        return FoundKey(key, "environment")

    workspace = Workspace(project, home, find_key=find_key, rate=1000)
    try:
        if refs:
            report = await sync(workspace, SyncScope(refs, full=True))
            assert report.complete
        yield workspace
    finally:
        await workspace.close()

"""A few screens as pictures: a change of look must be meant. Clock, zone and locale are fixed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.app import MemosAdmin
from tests.backend.service import Service
from tests.tui.looking import press, rest
from tests.tui.story import fill, tell_story

NOW = 1_763_000_000_000_000_000
"""2025-11-13T02:13:20Z in nanoseconds."""

ADDRESS = "http://127.0.0.1:9/api/openmem/v1"

WHY = ("slash", *"memos", "enter", "enter", "enter", "tab", "down")


@pytest.fixture
def app(isolated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MemosAdmin]:
    """The story's project, on a day in November."""
    monkeypatch.setattr(time, "time_ns", lambda: NOW)
    home, service = Home(isolated), Service()
    project = Projects(home).add("acme-prod", base_url=ADDRESS)
    tell_story(service)

    async def prepare() -> None:
        workspace = Workspace(project, home)
        workspace.use_remote(service)
        await fill(workspace, service)
        await workspace.close()

    asyncio.run(prepare())
    workspace = Workspace(project, home)
    workspace.use_remote(service)
    yield MemosAdmin(home, workspace)
    workspace.abandon()


@pytest.mark.parametrize(
    ("size", "keys"),
    [
        ((120, 40), WHY),
        ((120, 40), ("slash", *"li.wei", "enter", "enter", "g", "enter")),
        ((80, 24), ()),
        ((80, 24), WHY[:-2]),
        ((80, 24), (*WHY, "enter")),
        ((80, 24), ("question_mark",)),
    ],
    ids=["main", "all memories", "narrow users", "narrow messages", "narrow detail", "help"],
)
def test_looks_as_it_did(
    app: MemosAdmin,
    snap_compare: Callable[..., bool],
    size: tuple[int, int],
    keys: tuple[str, ...],
) -> None:
    async def walk(look: Pilot[object]) -> None:
        await rest(look)
        for key in keys:
            await press(look, key)

    assert snap_compare(app, terminal_size=size, run_before=walk)

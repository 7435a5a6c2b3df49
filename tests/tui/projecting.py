"""Projects on the disk, the screen of projects over one of them, and looking at it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.widgets import Input

from memos_admin.backend import roster
from memos_admin.backend.home import Home
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Project, Projects
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.key import ApiKey
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.language import gettext
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.screens.main import MainScreen
from memos_admin.tui.screens.projects import ProjectsScreen
from tests.backend.service import Service, a_memory, a_message
from tests.tui.looking import Look, main, rest, rows, seen, sees, until

Size = tuple[int, int]
Emulate = Callable[..., EmulatorThread]
NOWHERE = "http://127.0.0.1:9/api/openmem/v1"
OLD = ApiKey("mpg-old-0123456789")


def add(home: Home, name: str, base_url: str = NOWHERE, **options: Any) -> Project:
    return Projects(home).add(name, base_url=base_url, **options)


async def fill(home: Home, project: Project, user: str) -> None:
    """Sync a user with a conversation and two memories into a project's store, and close it."""
    service = Service()
    service.put(user, a_memory("m1", conversation_id="c1"), a_memory("m2", conversation_id="c1"))
    service.say(user, "c1", a_message(f"hello from {user}"))
    workspace = Workspace(project, home)
    workspace.use_remote(service)
    await roster.add_subjects(workspace, [SubjectRef("user", user)])
    await sync(workspace, SyncScope())
    await workspace.close()


@asynccontextmanager
async def opened(
    home: Home, project: Project | None, size: Size, **options: Any
) -> AsyncIterator[Look]:
    """Open a project, and the screen over it; without one, over the first run."""
    workspace = None if project is None else Workspace(project, home)
    async with hosted(MemosAdmin(home, workspace, **options), size) as look:
        yield look


@asynccontextmanager
async def hosted(app: MemosAdmin, size: Size) -> AsyncIterator[Look]:
    async with app.run_test(size=size, notifications=True) as look:
        await rest(look)
        app.push_screen(ProjectsScreen(app.home, app.session))
        await sees(look, gettext("Projects"))
        await rest(look)
        yield look
    app.remembering.close()
    if app.session is not None:
        app.session.abandon()


def row(look: Look, name: str) -> str:
    """Return the line of the list with a project."""
    lines = [line for line in rows(look) if line.startswith("┃")]
    (found,) = [line for line in lines if line.strip("┃> ").startswith((f"{name} ", f"{name}…"))]
    return found


def footer(look: Look) -> str:
    return rows(look)[-1]


def names(home: Home) -> list[str]:
    return [project.title for project in Projects(home).list()]


def squeezed(text: str) -> str:
    """Return a text without spaces and frames, since both depend on where its lines break."""
    return re.sub(r"[\s│┃╭╮╰╯┏┓┗┛─━▌]", "", text)


async def says(look: Look, *texts: str) -> None:
    """Return when all texts are on the screen, wherever their lines break."""
    wanted = [squeezed(text) for text in texts]
    await until(look, lambda: all(text in squeezed(seen(look)) for text in wanted), f"{texts}")


async def type_in(look: Look, text: str) -> None:
    """Put a text into the field that has the focus, and submit it."""
    await until(look, lambda: isinstance(look.app.focused, Input), "a field")
    field = look.app.focused
    assert isinstance(field, Input)
    field.value = text
    await look.pause()
    await look.press("enter")


async def shows(look: Look, name: str) -> MainScreen:
    """Return the main screen when it shows the project with this name."""

    def shown() -> bool:
        screen = look.app.screen
        return isinstance(screen, MainScreen) and screen.session.name == name

    await until(look, shown, f"the main screen of {name}")
    await rest(look)
    await sees(look, f"memos-admin  {name}")
    return main(look)

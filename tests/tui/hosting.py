"""One screen over a project, without the main screen, and what it returned."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual import events
from textual.screen import Screen
from textual.widgets import Input

from memos_admin.backend.workspace import Workspace
from memos_admin.tui import themes
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.desk.place import Place
from memos_admin.tui.session import Session
from memos_admin.tui.typed_ahead import TypedAhead
from tests.tui.looking import Look, rest, rows, until

Make = Callable[[Session], Screen[Any]]


class Host(TypedAhead):
    """Shows one screen at a time and keeps what each returned."""

    CSS = MemosAdmin.CSS
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, workspace: Workspace, make: Make) -> None:
        super().__init__()
        self.session = Session(workspace)
        self._make = make
        self.returned: list[Place | None] = []
        self.register_theme(themes.DARK)
        self.theme = themes.DARK.name

    def on_mount(self) -> None:
        self.open(self._make)

    def open(self, make: Make) -> None:
        """Show a screen."""
        self.push_screen(make(self.session), self.returned.append)


@asynccontextmanager
async def hosted(
    workspace: Workspace, size: tuple[int, int], make: Make
) -> AsyncIterator[tuple[Look, Host]]:
    """Open a screen of this size and wait until it is at rest."""
    host = Host(workspace, make)
    async with host.run_test(size=size, notifications=True, tooltips=True) as look:
        await rest(look)
        yield look, host
    host.session.reader.close()


async def paste(look: Look, text: str) -> None:
    """Paste a text into the field that has the focus."""
    field = look.app.focused
    assert isinstance(field, Input)
    field.post_message(events.Paste(text))
    await look.pause()
    await rest(look)


async def retype(look: Look, text: str) -> None:
    """Put another text into the field that has the focus, as if it were typed."""
    field: Any = look.app.focused
    assert isinstance(field, Input)
    field.value = text
    await look.pause()
    await rest(look)


async def told(look: Look, *texts: str) -> None:
    """Return when all texts are on the screen, whatever lines they are broken into."""

    def flat() -> str:
        return " ".join(" ".join(line.strip(" │┃") for line in rows(look)).split())

    await until(look, lambda: all(text in flat() for text in texts), f"{texts}")

"""Looking at screens the way a person does, and waiting for what one sees."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input

from memos_admin.backend.screen_state import screen_state_path
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.preferences import Preferences
from memos_admin.tui.screens.main import MainScreen
from memos_admin.tui.typed_ahead import TypedAhead

PATIENCE = 30.0
"""Seconds until a condition counts as never met."""

Look = Pilot[Any]

SIZES = ((120, 40), (80, 24))
"""The two sizes that everything must work at."""

at_both_sizes = pytest.mark.parametrize("size", SIZES, ids=["120x40", "80x24"])
"""For tests of what is laid out: what fits, where it breaks, what is hidden where it is narrow."""


def seen(look: Look) -> str:
    """Return the text of the whole screen, a line a row, trailing spaces cut."""
    return "\n".join(line.rstrip() for line in rows(look))


def rows(look: Look) -> list[str]:
    """Return the rows of the screen as they are drawn."""
    screen = look.app.screen
    update = screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip if not segment.control) for strip in update]


async def until(look: Look, condition: Callable[[], object], what: str = "") -> None:
    """Return when a condition holds; fail with the screen's text when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"never came: {what}\n{seen(look)}")
        await asyncio.sleep(0.01)


class Frames:
    """How many were drawn, or would have been where there was a terminal; counted by `conftest`."""

    number = 0


async def _until_shown(look: Look, condition: Callable[[], object], what: str) -> None:
    """Return when a condition of what is drawn holds; look at what has changed alone: that takes long.

    And now and then at all of it, where nobody counts.
    """
    waits = itertools.count()
    before: tuple[object, int] | None = None

    def holds() -> object:
        nonlocal before
        last, before = before, (look.app.screen, Frames.number)
        return condition() if next(waits) % 10 == 0 or last != before else None

    await until(look, holds, what)


async def sees(look: Look, *texts: str) -> None:
    """Return when all texts are on the screen."""

    def there() -> bool:
        screen = seen(look)  # drawn once for all texts
        return all(text in screen for text in texts)

    await _until_shown(look, there, f"{texts}")


async def told(look: Look, *texts: str) -> None:
    """Return when all texts are on the screen, whatever lines and columns they are broken into.

    Spaces do not count: a long path is broken inside its words, where depends on its length.
    """

    def flat() -> str:
        lines = rows(look)
        if dialogs := look.app.screen.query("Dialog"):
            x, y, width, height = dialogs.first().region
            lines = [line[x : x + width] for line in lines[y : y + height]]
        split = (re.split("[│┃▌╭╮╰╯┏┓┗┛]", line) for line in lines)
        columns = itertools.zip_longest(*split, fillvalue="")
        return packed(
            "".join(cell.strip(" ─━▁▂▃▄▅▆▇") for column in columns for cell in column if cell)
        )

    def packed(text: str) -> str:
        return "".join(text.split())

    def there() -> bool:
        screen = flat()
        return all(packed(text) in screen for text in texts)

    await _until_shown(look, there, f"{texts}")


async def misses(look: Look, text: str) -> None:
    """Return when a text is not on the screen (any more)."""
    await _until_shown(look, lambda: text not in seen(look), f"the end of {text!r}")


async def press(look: Look, *keys: str) -> None:
    """Press keys, and let what they started come to rest.

    What is typed into a field arrives in one go, as from somebody who types fast.
    """
    typed = False
    for key in keys:
        if len(key) == 1 and isinstance(look.app.focused, Input):
            look.app.post_message(Key(_character_to_key(key), key))
            typed = True
            continue
        if typed:
            await look.pause()
            typed = False
        await look.press(key)
    await rest(look)


async def burst(look: Look, *keys: str) -> None:
    """Let keys arrive in one go, as a slow line delivers them, and what they started come to rest."""
    send(look, *keys)
    await rest(look)


def send(look: Look, *keys: str) -> None:
    """Let keys arrive in one go."""
    for key in keys:
        single = key if len(key) == 1 else None
        look.app.post_message(Key(_character_to_key(key) if single else key, single))


async def rest(look: Look) -> None:
    """Return when no work of the screen is left, and no key waits for any."""

    def rests() -> bool:
        waits = isinstance(look.app, TypedAhead) and look.app.waits
        return not waits and all(worker.is_finished for worker in look.app.workers)

    await until(look, rests, "rest")
    await look.pause()
    await until(look, rests, "rest")


def main(look: Look) -> MainScreen:
    """Return the main screen."""
    found = next(s for s in look.app.screen_stack if isinstance(s, MainScreen))
    assert isinstance(look.app, MemosAdmin)
    return found


@asynccontextmanager
async def opened(
    workspace: Workspace,
    size: tuple[int, int],
    *,
    again: bool = False,
    preferences: Preferences | None = None,
) -> AsyncIterator[Look]:
    """Open a project on a screen of this size, and wait until it is at rest.

    As if for the first time, unless it is to be opened `again`, where it was left.
    """
    if not again:
        screen_state_path(workspace.project.store_dir).unlink(missing_ok=True)
    app = MemosAdmin(workspace.home, workspace, preferences=preferences)
    async with app.run_test(size=size, notifications=True, tooltips=True) as look:
        await rest(look)
        yield look
    app.remembering.close(PATIENCE)


async def go_to_user(look: Look, name: str) -> None:
    """Filter for a user and open it."""
    await press(look, "slash", *name, "enter")
    await press(look, "enter")

"""Endings that nobody asked for: the terminal is gone, or the program has a mistake."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.app import MemosAdmin
from tests.tui.looking import main, opened


@pytest.mark.terminal
def test_the_program_ends_with_its_terminal(isolated: Path) -> None:
    """Also where the terminal is not the controlling one, so that no SIGHUP comes."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "memos_admin", "--demo"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env=os.environ | {"TERM": "xterm-256color"},
    )
    os.close(theirs)
    try:
        assert os.read(ours, 100)  # it has begun to draw
        os.close(ours)
        assert process.wait(timeout=60) != 0
    finally:
        process.kill()
        process.wait()


async def test_a_mistake_lists_no_local_variables(isolated: Path) -> None:
    app = MemosAdmin(Home(isolated), None)

    def mistaken() -> None:
        secret = "mpg-in-a-local-variable"  # noqa: F841 - what must not be shown
        raise RuntimeError("a mistake of ours")

    with pytest.raises(RuntimeError, match="a mistake of ours"):  # noqa: PT012 - the exit raises it
        async with app.run_test() as look:
            app.call_later(mistaken)
            await look.pause()
    assert isinstance(app.failure, RuntimeError)
    assert app._exit_renderables == []


async def test_leaving_while_the_main_screen_opens_is_no_mistake(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        screen = main(look)
        await screen.query_one("#body").remove()  # as the end of the program does, at any moment
        screen.place_panes()
        await look.pause()
    assert look.app._exception is None

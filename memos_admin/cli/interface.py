"""``memos-admin`` without a noun: the terminal interface."""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import TYPE_CHECKING

from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage

if TYPE_CHECKING:
    from memos_admin.backend.workspace import Workspace


def start(context: Context) -> Exit:
    """Run the interface until a person quits; return the exit code.

    Raises:
        Usage: there is no terminal.
    """
    if sys.stdin is None or not (sys.stdin.isatty() and context.out.on_terminal):
        raise Usage(
            "The interface needs a terminal. For scripts there are commands: memos-admin --help"
        )
    if (masks := context.options.mask) is not None:
        option, value = ("--mask", "true") if masks else ("--no-mask", "false")
        raise Usage(f"{option} is for commands. In the interface: m, or [privacy] mask = {value}")
    context.begin("tui", seals=True)
    workspace = None if context.options.demo else _chosen(context)
    home = context.home_of_interface()

    context.reserve_demo_folder()

    # What imports make stays: to look for garbage in it takes a tenth of the way to the first frame.
    gc.disable()
    from memos_admin.tui.app import run

    gc.freeze()
    gc.enable()
    return Exit(
        run(home, workspace, demo=context.options.demo, open_demo=lambda: _open_demo(context))
    )


def _chosen(context: Context) -> Workspace | None:
    """Return the project that is meant, opened; None where none is: the first run."""
    from memos_admin.backend.errors import NoProject

    try:
        return context.new_workspace(ask=False)
    except NoProject:
        return None


def _open_demo(context: Context) -> Workspace:
    """Start the demo, fill its roster, return its workspace; from any thread. Its past follows."""
    demo = context.demo()
    asyncio.run(demo.fill_roster())
    return demo.workspace()

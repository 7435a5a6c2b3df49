"""Stopping the program for a while, as ``ctrl+z`` does in a terminal: with nothing begun that others wait for."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from memos_admin.language import gettext as _
from memos_admin.tui.reader import in_thread

if TYPE_CHECKING:
    from textual.worker import Worker

    from memos_admin.tui.session import Session

_LASTING = frozenset(
    {
        "sync",
        "fetch",
        "fetch subject",
        "fetch conversation",
        "write",
        "change",
        "correct",
        "remove",
        "beginnings",
        "demo",
    }
)
"""Groups of workers that ask MemOS, or have the store or a file for long."""

_SECONDS = 2.0
"""How long what is to be written yet may take."""


def why_not(workers: Iterable[Worker[Any]]) -> str:
    """Return why the program is not to be stopped now, ``""``: it may be."""
    if any(worker.group in _LASTING and not worker.is_finished for worker in workers):
        return _(
            "Not stopped: MemOS is being asked, or something is written, and other programs would wait "
            "for it. Try again when that is over."
        )
    if os.getsid(0) == os.getpgrp():  # a shell gives what it can continue a group of its own
        return _("Not stopped: no shell has started memos-admin here that could let it go on.")
    return ""


async def settle(session: Session) -> str:
    """Write what is to be written yet, so that no lock is held; return why that was not possible, ``""``: it was."""
    try:
        async with asyncio.timeout(_SECONDS):
            await session.workspace.settle()
            await in_thread(session.journaling.flush)
    except TimeoutError:
        return _("Not stopped: another program has the store or the journal locked. Try again.")
    return ""


def stop() -> None:
    """Stop all that the shell has started as one, as the terminal itself does; returns when it goes on."""
    os.killpg(os.getpgrp(), signal.SIGTSTP)

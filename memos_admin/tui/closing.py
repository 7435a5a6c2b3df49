"""The end of a project that is not shown any more, behind the one that is."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from memos_admin.tui.reader import in_thread
from memos_admin.tui.session import Session

if TYPE_CHECKING:
    from textual.worker import Worker

PATIENCE = 5.0
"""Seconds that each step may take before the rest is abandoned."""


async def close(session: Session, workers: Collection[Worker[Any]]) -> None:
    """Commit what was written, and close what is open; a sync notes its end first.

    Where that takes too long the session is abandoned: what was committed before stays then too.

    Args:
        session: is of no use afterwards.
        workers: those that work with it; they were cancelled.
    """
    session.workspace.interrupt()
    session.reader.close()
    try:
        await _end(workers)
        free = await in_thread(session.reader.join, PATIENCE)
        async with asyncio.timeout(PATIENCE if free else 0):
            await session.workspace.close()
    except Exception:  # noqa: BLE001 - whatever it is, nobody looks at this project any more
        await in_thread(session.abandon)


async def _end(workers: Collection[Worker[Any]]) -> None:
    """Wait until workers have ended, however they do."""
    waiting = [asyncio.ensure_future(worker.wait()) for worker in workers]
    if not waiting:
        return
    ended, late = await asyncio.wait(waiting, timeout=PATIENCE)
    for future in ended:
        future.exception()  # known to whoever started the work
    for future in late:
        future.cancel()

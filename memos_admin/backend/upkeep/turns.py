"""Who uses a project's store for long, and who has to have it alone.

Syncs and backups go side by side. Who removes somebody waits until none runs, and lets none begin:
a sync that goes on reading somebody would bring back what was removed, and keys of rows are given
again. Whoever waits says so, and can be stopped. Screens, lists and exports are no part of this.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from memos_admin.backend.private_files import open_private
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.workspace import Workspace

FILE_NAME = "store.lock"

OnWait = Callable[[str], None]
"""Is told what is waited for, again and again."""

_LOOK_SECONDS = 0.1


def silently(what: str) -> None:
    """Tell nobody what is waited for."""


@asynccontextmanager
async def turn(workspace: Workspace, *, alone: bool, on_wait: OnWait) -> AsyncIterator[bool]:
    """Hold a project's store, alone or with others who do not need it alone.

    Yields whether it had to be waited for: what was read of the store before may have gone.

    Args:
        workspace: of the project; its folder is made where there is none.
        alone: nobody else holds it meanwhile.
        on_wait: is told who is waited for.

    Raises:
        HomeError: the folder cannot be used.
    """
    folder = await asyncio.to_thread(workspace.home.create_project_dir, workspace.project.uuid)
    descriptor = open_private(folder / FILE_NAME, os.O_RDWR | os.O_CREAT)
    waited = False
    try:
        while not _taken(descriptor, fcntl.LOCK_EX if alone else fcntl.LOCK_SH):
            on_wait(
                _("waiting until no sync and no backup of this project runs")
                if alone
                else _("waiting for another program that removes something from this store")
            )
            waited = True
            await asyncio.sleep(_LOOK_SECONDS)
        yield waited
    finally:
        os.close(descriptor)


def _taken(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

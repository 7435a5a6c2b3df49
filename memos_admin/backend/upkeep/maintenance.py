"""Care for a project's store: checks and backups."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from memos_admin.backend import daemon, journal
from memos_admin.backend.encryption import finishing
from memos_admin.backend.erasing import left_unerased
from memos_admin.backend.erasing.left_unerased import Left
from memos_admin.backend.upkeep import backups, indexing, turns
from memos_admin.backend.upkeep.turns import OnWait, silently
from memos_admin.backend.workspace import Workspace
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.store import checks
from memos_admin.store.backup import backup as copy
from memos_admin.store.erasing import UNSWEPT
from memos_admin.store.errors import StoreBroken, StoreError, StoreInterrupted
from memos_admin.store.schema import open_current

TELL_AFTER = 1.0
"""Seconds after which a person is told that a copy is being made."""


CHECKS = checks.PARTS + 1
"""Parts of the checks of a store and its index."""

OnPart = Callable[[int], None]
"""Is told the number of each part that begins."""


def _unwatched(_number: int) -> None:
    pass


def check(workspace: Workspace, on_part: OnPart = _unwatched) -> list[str]:
    """Return what is wrong with the store, a sentence each; empty: nothing is.

    Checks the file's integrity, references between rows, and the invariants of the schema.

    Raises:
        StoreError: the store cannot be opened at all.
        StoreInterrupted: `Workspace.interrupt` was called.
    """
    workspace.unlock()
    path = workspace.store_path
    with (
        closing(open_current(path, read_only=True)) as connection,
        workspace.interruptible(connection),
    ):
        return checks.problems(connection, path, on_part)


def is_unswept(workspace: Workspace) -> bool:
    """Return whether something was removed, and the files were not rewritten since."""
    return workspace.reads.setting(UNSWEPT) is not None


def unerased(workspace: Workspace) -> list[Left]:
    """Return the files in which something still stands, or may, of somebody who was to be erased.

    Raises:
        HomeError: that cannot be read.
    """
    return left_unerased.look(workspace.home, workspace.project)


def left_plain(workspace: Workspace) -> list[Path]:
    """Return the copies of an encrypted store that are not encrypted: see `finishing.left_plain`."""
    return finishing.left_plain(workspace.project)


def check_index(workspace: Workspace, on_part: OnPart = _unwatched) -> list[str]:
    """Return what is wrong with the search index; it is then deleted, and made anew by a search.

    Empty: nothing is, or there is none yet.

    Raises:
        StoreError: the store cannot be opened, or the index is wrong and another process uses it.
        StoreInterrupted: `Workspace.interrupt` was called.
    """
    from memos_admin.store.search import checking
    from memos_admin.store.search.index import PATIENCE, discard, path_beside

    on_part(CHECKS)
    try:
        found = checking.problems(workspace.store_path, holding=workspace.interruptible)
    except StoreBroken as error:
        found = [str(error)]
    if found:
        indexing.stop(workspace.store_path, wait=True)
        if not discard(path_beside(workspace.store_path), PATIENCE):
            raise StoreError(
                f"The search index is wrong, and another program is using it: {found[0]} "
                "Close that, and check again."
            )
    return found


def sweep(workspace: Workspace) -> list[Path]:
    """Delete what killed programs have left half-way beside the store and its backups; return that.

    Raises:
        HomeError, OSError: it cannot be looked for, or not be deleted.
    """
    return finishing.drop_left_half(workspace.project.store_dir)


async def backup(
    workspace: Workspace,
    target: Path,
    on_wait: OnWait = silently,
    on_copied: Callable[[float], None] = lambda _share: None,
) -> None:
    """Copy the store to a file (mode 0600), whole and consistent while others write.

    Where it was written is noted, so that somebody who is erased here is erased there too.

    Args:
        workspace: whose store.
        target: the copy.
        on_wait: is told who is waited for, and what takes long.
        on_copied: is told in another thread how much is copied, from 0 to 1; the copy is checked then.

    Raises:
        FileExistsError: there is such a file already; it is left as it is.
        StoreBroken: the store is damaged. Nothing is kept of its copy, nor noted.
        StoreError: the copy could not be written, or could not be journaled.
    """
    async with turns.turn(workspace, alone=False, on_wait=on_wait):
        await daemon.to_the_end(partial(_back_up, workspace, target, on_wait, on_copied))


def _back_up(
    workspace: Workspace,
    target: Path,
    on_wait: OnWait,
    on_copied: Callable[[float], None],
    stopping: threading.Event,
) -> None:
    told_from = time.monotonic() + TELL_AFTER

    def go_on() -> None:
        if stopping.is_set():
            raise StoreInterrupted("Interrupted; nothing was copied.")
        if time.monotonic() > told_from:
            on_wait(_("copying the store, and checking the copy"))

    if target.exists():
        raise FileExistsError(f"{target} exists already. Choose another name.")
    event = journal.Event("backup", workspace.project, file=str(target.absolute()))
    workspace.unlock()
    with journal.journaled(workspace.home, event, N_("Nothing was copied")):
        connection = open_current(workspace.store_path, read_only=True)
        try:
            backups.note(workspace.project.store_dir, target)
            try:
                mark = str(workspace.project.uuid)
                copy(connection, target, mark=mark, on_step=go_on, on_copied=on_copied)
            except BaseException:
                backups.withdraw(workspace.project.store_dir, target)
                raise
        finally:
            connection.close()

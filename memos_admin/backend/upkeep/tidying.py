"""Dropping what is no longer to be kept, and the notes of backups that are gone."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from memos_admin.backend import journal
from memos_admin.backend.daemon import in_background
from memos_admin.backend.encryption import finishing
from memos_admin.backend.erasing import left_unerased
from memos_admin.backend.erasing.rewriting import lacking, rewrite_store
from memos_admin.backend.upkeep import backups, retention, turns
from memos_admin.backend.upkeep.retention import Dropped
from memos_admin.backend.upkeep.turns import OnWait
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.store.backup import old_copies
from memos_admin.store.errors import StoreUnwritable
from memos_admin.store.restoring import kept_stores

if TYPE_CHECKING:
    from memos_admin.backend.projects.project import Project
    from memos_admin.backend.workspace import Workspace


async def tidy(workspace: Workspace, on_wait: OnWait) -> Dropped:
    """Drop what is no longer to be kept; rewrite the store and its index without what was removed.

    What killed programs have left half-way is deleted too, and erasures are noted no more whose rest is gone.

    Raises:
        HomeError, StoreError: it could not be done; see `retention.apply`.
    """
    async with turns.turn(workspace, alone=True, on_wait=on_wait):
        if why := await in_background(partial(lacking, workspace.project.store_dir)):
            raise StoreUnwritable(sentences(why, _("Nothing was changed.")))
        dropped = await retention.apply(workspace)
        await in_background(partial(finishing.drop_left_half, workspace.project.store_dir))
        await in_background(partial(rewrite_store, workspace.store_path, on_wait))
        settle = partial(left_unerased.settle, workspace.home, workspace.project)
        await in_background(settle)
    return dropped


def out_of_retention(project: Project) -> list[Path]:
    """Return the copies of a store that `tidy` leaves as they are: backups, older and replaced ones.

    Raises:
        HomeError: the notes of backups cannot be read.
    """
    store = project.store_dir / "store.db"
    known = [path for path in backups.noted(project.store_dir) if path.exists()]
    return [*known, *old_copies(store), *kept_stores(store)]


async def drop_missing(workspace: Workspace, on_wait: OnWait) -> list[Path]:
    """Take off the notes the backups that are not there, since somebody says that they were deleted.

    Raises:
        NotJournaled: it could not be journaled; the notes stay.
        HomeError: the notes cannot be read or written.
    """
    async with turns.turn(workspace, alone=True, on_wait=on_wait):
        return await in_background(partial(_drop_missing, workspace))


def _drop_missing(workspace: Workspace) -> list[Path]:
    folder = workspace.project.store_dir
    missing = [path for path in backups.noted(folder) if backups.missing(path)]
    with ExitStack() as journaled:
        for path in missing:
            details = {"what": "missing backup"}
            event = journal.Event("remove", workspace.project, file=str(path), details=details)
            journaled.enter_context(
                journal.journaled(workspace.home, event, N_("Nothing was changed"))
            )
        backups.drop(folder, missing)
    return missing

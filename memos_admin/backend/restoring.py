"""Putting a backup in the place of a project's store, which is kept beside it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from memos_admin.backend import backups, encryption, indexing, journal, turns
from memos_admin.backend.daemon import in_background
from memos_admin.backend.times import utc_text
from memos_admin.backend.turns import OnWait
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.store import restoring
from memos_admin.store.backup import old_copies
from memos_admin.store.connection import READING, explained, open_file
from memos_admin.store.errors import StoreBroken, StoreError
from memos_admin.store.search.index import PATIENCE, discard, path_beside

if TYPE_CHECKING:
    from memos_admin.backend.project import Project
    from memos_admin.backend.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Offer:
    """A copy of the store that is known.

    Attributes:
        written_at: when, UTC; ``""``: it is not there.
        problem: why it cannot take the store's place, a sentence; ``""``: it can.
    """

    path: Path
    written_at: str
    problem: str


def offers(project: Project) -> list[Offer]:
    """Return the copies of a project's store that are known, latest first.

    Raises:
        HomeError: the notes of backups cannot be read.
    """
    store = project.store_dir / "store.db"
    known = [*backups.noted(project.store_dir), *old_copies(store)]
    return sorted(
        (_look(path, project) for path in known), key=lambda o: o.written_at, reverse=True
    )


async def restore(workspace: Workspace, copy: Path, on_wait: OnWait) -> Path | None:
    """Put a copy in the place of the store; return what that is called now, None: there was none.

    Raises:
        NotJournaled: it could not be journaled; nothing was changed.
        StoreError, HomeError: it could not be done; the store is as it was.
    """
    async with turns.turn(workspace, alone=True, on_wait=on_wait):
        return await in_background(partial(_restore, workspace, copy))


def _restore(workspace: Workspace, copy: Path) -> Path | None:
    project, store = workspace.project, workspace.store_path
    offer = _look(copy, project)
    if offer.problem:
        raise StoreBroken(_("{path}: {problem} Nothing was changed.").format(
            path=copy, problem=offer.problem
        ))  # fmt: skip
    event = journal.Event("store.restore", project, file=str(copy.absolute()))
    with journal.journaled(workspace.home, event, N_("Nothing was changed")):
        workspace.close_store()
        indexing.stop(store, wait=True)
        kept = restoring.put_in_place(copy, store)
        # It is that of the other store, and would be wrong without saying so.
        discard(path_beside(store), PATIENCE)
    return kept


def _look(path: Path, project: Project) -> Offer:
    try:
        written_at = utc_text(round(path.stat().st_mtime * 1000))
        encryption.open_copy_as_it_is(path, project)
        with explained(path), closing(open_file(path, READING)) as connection:
            problem = restoring.problem(connection, path, str(project.uuid))
    except FileNotFoundError:
        return Offer(path, "", _("There is no such file."))
    except (StoreError, OSError) as error:
        return Offer(path, "", str(error))
    return Offer(path, written_at, problem)

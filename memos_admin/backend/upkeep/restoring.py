"""Putting a backup in the place of a project's store, which is kept beside it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from memos_admin.backend import encryption, journal
from memos_admin.backend.daemon import in_background
from memos_admin.backend.times import utc_text
from memos_admin.backend.upkeep import backups, indexing, turns
from memos_admin.backend.upkeep.turns import OnWait
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.store import cipher, damage, restoring, schema
from memos_admin.store.backup import made_at, old_copies
from memos_admin.store.connection import READING, explained, open_file
from memos_admin.store.errors import StoreBroken, StoreError, StoreLocked
from memos_admin.store.restoring import Holds
from memos_admin.store.search.index import PATIENCE, discard, path_beside

if TYPE_CHECKING:
    from memos_admin.backend.encryption.store_keys import Ask
    from memos_admin.backend.projects.project import Project
    from memos_admin.backend.workspace import Workspace


__all__ = ["Holds", "Offer", "look", "offers", "restore", "standing", "start_anew"]

TimeFrom = Literal["copy", "notes", "file"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A copy of the store that is known.

    Attributes:
        written_at: when, UTC; ``""``: nothing says that.
        time_from: what says that: the ``copy`` itself, the ``notes`` of backups, or the ``file``, whose
            time whatever is done to it moves.
        holds: how much it has; None where it cannot take the store's place.
        problem: why it cannot take the store's place, a sentence; ``""``: it can.
        is_locked: that is because nobody has its key yet.
        is_encrypted: it is; None where that was not looked at.
        has_own_key: it is encrypted with another key than the store is, or the store is not.
    """

    path: Path
    written_at: str
    problem: str
    time_from: TimeFrom = "copy"
    holds: Holds | None = None
    is_locked: bool = False
    is_encrypted: bool | None = None
    has_own_key: bool = False

    def is_plain_copy_of(self, project: Project) -> bool:
        """Return whether whoever has it can read it, though the store of its project is encrypted."""
        return self.is_encrypted is False and is_encrypted(project)


def offers(project: Project) -> list[Offer]:
    """Return the copies of a project's store that are known, latest first.

    Raises:
        HomeError: the notes of backups cannot be read.
    """
    store = project.store_dir / "store.db"
    known = backups.times_noted(project.store_dir)
    found = [look(path, project, noted_at) for path, noted_at in known.items()]
    found += [look(path, project) for path in old_copies(store)]
    return sorted(found, key=lambda offer: offer.written_at, reverse=True)


def standing(workspace: Workspace) -> Holds | None:
    """Return how much the store has that a copy would take the place of; None: what is there is damaged, or is none of this project's; or nothing is.

    All of it is read for that.
    """
    store = workspace.store_path
    try:
        schema.refuse_lost(store)
        store.stat()
        with explained(store), closing(open_file(store, READING)) as connection:
            schema.number_of(connection, store)
            return None if damage.reason(connection) else restoring.holds(connection)
    except (FileNotFoundError, StoreBroken):
        return None


async def start_anew(workspace: Workspace, on_wait: OnWait) -> Path | None:
    """Put the store aside, so that a new one begins; return what it is called now, None: there was none.

    Raises as `restore` does.
    """
    async with turns.turn(workspace, alone=True, on_wait=on_wait):
        return await in_background(partial(_replace, workspace, None))


async def restore(workspace: Workspace, copy: Path, on_wait: OnWait) -> Path | None:
    """Put a copy in the place of the store; return what that is called now, None: there was none.

    Raises:
        NotJournaled: it could not be journaled; nothing was changed.
        StoreError, HomeError: it could not be done; the store is as it was.
    """
    async with turns.turn(workspace, alone=True, on_wait=on_wait):
        return await in_background(partial(_restore, workspace, copy))


def _restore(workspace: Workspace, copy: Path) -> Path | None:
    offer = look(copy, workspace.project)
    if offer.problem:
        raise StoreBroken(_("{path}: {problem} Nothing was changed.").format(
            path=copy, problem=offer.problem
        ))  # fmt: skip
    return _replace(workspace, copy)


def _replace(workspace: Workspace, copy: Path | None) -> Path | None:
    """Put a copy in the place of the store, or nothing; return what the store is called now."""
    project, store = workspace.project, workspace.store_path
    event = (
        journal.Event("store.restore", project, details={"what": "start anew"})
        if copy is None
        else journal.Event("store.restore", project, file=str(copy.absolute()))
    )
    with journal.journaled(workspace.home, event, N_("Nothing was changed")):
        workspace.close_store()
        indexing.stop(store, wait=True)
        kept = restoring.put_aside(store) if copy is None else restoring.put_in_place(copy, store)
        # It is that of the other store, and would be wrong without saying so.
        discard(path_beside(store), PATIENCE)
    return kept


def is_encrypted(project: Project) -> bool:
    """Return whether a project's store is, and so what takes its place will be."""
    return cipher.is_declared(project.store_dir)


def _refused_unread(path: Path, store: Path) -> str:
    """Return why something is no copy of a store, which shows without a look into it; ``""``: it may be one."""
    if path.is_dir():
        return _("It is a folder. Name the file of a backup.")
    if path.exists() and not path.is_file():  # to read a pipe would wait for whoever writes it
        return _("It is no file, but such as a pipe or a device. Name the file of a backup.")
    if path.exists() and store.exists() and path.samefile(store):
        return _("It is the store itself. Name a backup.")
    return ""


def look(path: Path, project: Project, noted_at: str = "", ask: Ask | None = None) -> Offer:
    """Return what a file is that may be a copy of a project's store.

    Its key is known in this process from then on.

    Args:
        path: of the file.
        project: whose store.
        noted_at: when it was made, as the notes of backups have it, UTC; ``""``: they do not say.
        ask: asks a person for its passphrase or recovery key, where nothing else has the one that opens it.
    """
    written_at = noted_at
    time_from: TimeFrom = "notes"
    is_encrypted: bool | None = None
    try:
        if problem := _refused_unread(path, project.store_dir / "store.db"):
            return Offer(path, noted_at, problem, time_from)
        if not written_at:
            written_at, time_from = utc_text(round(path.stat().st_mtime * 1000)), "file"
        has_own_key = encryption.open_copy_as_it_is(path, project, ask)
        is_encrypted = cipher.key_of(path) is not None
        with explained(path), closing(open_file(path, READING)) as connection:
            problem = restoring.problem(connection, path, str(project.uuid))
            if problem:
                return Offer(path, written_at, problem, time_from, is_encrypted=is_encrypted)
            if (made := made_at(connection)) is not None:
                written_at, time_from = utc_text(made), "copy"
            amount = restoring.holds(connection)
            return Offer(
                path,
                written_at,
                "",
                time_from,
                amount,
                is_encrypted=is_encrypted,
                has_own_key=has_own_key,
            )
    except FileNotFoundError:
        return Offer(path, noted_at, _("There is no such file."), time_from)
    except StoreLocked as error:
        return Offer(path, written_at, str(error), time_from, is_locked=True, is_encrypted=True)
    except (StoreError, OSError) as error:
        problem = backups.why_not(error)
        return Offer(path, written_at, problem, time_from, is_encrypted=is_encrypted)

"""Looking for somebody in the backups that are known, and erasing them there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from memos_admin.backend import encryption
from memos_admin.backend.command_words import program, subject_option
from memos_admin.backend.erasing.plan import Backup, Erased
from memos_admin.backend.upkeep import backups
from memos_admin.backend.upkeep.turns import OnWait
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.store import damage, erasing, rewriting
from memos_admin.store.backup import mark_of, old_copies
from memos_admin.store.converting import erase
from memos_admin.store.errors import StoreBroken, StoreError
from memos_admin.store.records import SubjectRef
from memos_admin.store.schema import open_current
from memos_admin.store.writer import Writer

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from memos_admin.backend.projects.project import Project


def erase_in_backup(
    path: Path,
    folder: Path,
    remove: Callable[[Connection], bool],
    on_wait: OnWait,
    done: Erased,
) -> None:
    """Erase somebody in a backup, which is brought to the newest schema for that."""
    ref = done.plan.ref
    then = f"{program()} store forget {subject_option(ref)}"
    try:
        writer = Writer(path)
        try:
            writer.submit(remove).result()
        finally:
            writer.close()
        with closing(open_current(path)) as connection:
            note = erasing.unswept(connection)
            rewriting.rewrite(
                connection,
                path,
                folder,
                partial(on_wait, f"waiting for another program that uses {path}"),
                then=then,
            )
            erasing.note_swept(connection, note)
            connection.execute("PRAGMA journal_mode = DELETE")
    except StoreError as error:
        done.leave(path, f"{path}: {backups.why_not(error)}")
        return
    done.backups.append(path)
    for copy in old_copies(path):
        delete(copy, done)


def look_at_backup(
    path: Path, ref: SubjectRef, project: Project, let_go: Collection[str]
) -> Backup:
    """Return what a backup holds of somebody, or why it is out of reach; `let_go`: as `look` takes them."""
    if problem := backups.missing(path):
        return Backup(path, problem=problem)
    try:
        encryption.open_copy_as_it_is(path, project)
        with erasing.looking(path) as connection:
            if mark_of(connection) != str(project.uuid):
                problem = _("It is no backup of this project's store. It was left as it is.")
                return Backup(path, problem=problem)
            # Before a byte is written: what is damaged is left for somebody to look at.
            if damage.reason(connection) is not None:
                return Backup(path, problem=backups.damaged())
            shared = tuple(erasing.shared(connection, ref))
            return Backup(path, erasing.held(connection, ref, let_go), shared=shared)
    except StoreBroken:
        return Backup(path, problem=backups.damaged())
    except (StoreError, OSError) as error:
        problem = _("{error} It was left as it is: look at it yourself.").format(error=error)
        return Backup(path, problem=problem)


def told_of_room(backup: Backup, folder: Path) -> Backup:
    """Return a backup with the problem that it is on another disk, which has no room to rewrite it."""
    why = rewriting.lacking_beside(backup.path, folder) if backup.is_due else ""
    return replace(backup, problem=sentences(why, _("It was left as it is."))) if why else backup


def delete(path: Path, done: Erased) -> None:
    """Delete a file, or the folder of a replaced store; note where it remains."""
    try:
        if path.is_dir():
            erase(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        done.leave(path, f"{path} cannot be deleted: {error.strerror}. Delete it yourself.")
    else:
        done.deleted.append(path)

"""Looking for somebody in the stores whose place backups have taken: they are left as they are."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from memos_admin.backend import encryption
from memos_admin.backend.command_words import removing
from memos_admin.backend.erasing.plan import Kept
from memos_admin.language import gettext as _
from memos_admin.store import damage, erasing
from memos_admin.store.errors import StoreError
from memos_admin.store.records import SubjectRef
from memos_admin.store.restoring import files_of, looking_at_kept

if TYPE_CHECKING:
    from memos_admin.backend.projects.project import Project


def look_at_kept(path: Path, ref: SubjectRef, project: Project, let_go: Collection[str]) -> Kept:
    """Return what a kept store holds of somebody; `let_go`: as `forgetting.look` takes them."""
    try:
        encryption.open_copy_as_it_is(path, project)
        with looking_at_kept(path) as connection:
            if damage.reason(connection) is None:
                return Kept(path, erasing.held(connection, ref, let_go))
    except (StoreError, OSError):
        pass  # what helps is the same, whatever is wrong with it
    return Kept(path, problem=_("It is damaged, or cannot be read here, so that nobody knows."))


def deleting(*paths: Path) -> str:
    """Return the command that deletes kept stores, with all files of each."""
    return removing(file for path in paths for file in files_of(path))


def why_left(kept: Kept, ref: SubjectRef) -> str:
    """Return that something remains in a kept store, and the one thing that helps, a sentence or two."""
    text = _(
        "{path} is a store whose place a backup has taken, and may hold something of it. {problem} Only deleting "
        "it helps: {command}"
    )
    if kept.held is not None and kept.held.anything:
        text = _(
            "{path} is a store whose place a backup has taken, and holds {whom}. Only deleting it helps, "
            "once nothing in it is missed: {command}"
        )
    elif kept.held is not None:
        text = _(
            "{path} is a store whose place a backup has taken. Something was removed from it, parts of which may "
            "still stand in its free space. Only deleting it helps, once nothing in it is missed: {command}"
        )
    whom = f"{ref.kind} {ref.external_id}"
    command = deleting(kept.path)
    return text.format(path=kept.path, problem=kept.problem, whom=whom, command=command)

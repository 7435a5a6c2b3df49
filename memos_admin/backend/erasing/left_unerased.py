"""Whether what an erasure could not reach still holds something of somebody: it may have gone since."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memos_admin.backend import encryption, screen_state
from memos_admin.backend.erasing import unerased
from memos_admin.backend.projects import elsewhere
from memos_admin.backend.projects.elsewhere import Elsewhere
from memos_admin.backend.upkeep import backups
from memos_admin.store import damage, erasing
from memos_admin.store.errors import StoreError
from memos_admin.store.records import SubjectRef
from memos_admin.store.restoring import kept_stores, looking_at_kept, of_log

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.backend.projects.project import Project


Looking = Callable[[Path], AbstractContextManager[sqlite3.Connection]]
"""Opens a file, to read it."""


class Left(NamedTuple):
    """A file in which something of somebody may still stand.

    Attributes:
        project: another one, whose store it is; None: it is a file of this one.
        whose: digests of whom, see `unerased.digests_with`.
        is_kept: it is of a store whose place a backup has taken, which an erasure leaves as it is.
    """

    path: Path
    project: Elsewhere | None
    whose: frozenset[str]
    is_kept: bool = False


def look(home: Home, project: Project) -> list[Left]:
    """Return what is still left of erasures, as the files are now. Changes nothing; blocks.

    The store of another project counts no more once it has no row of whom it is about, or only newer ones than
    the note, of somebody who came back; and a backup once it was rewritten as well. What cannot be looked at
    counts.

    Raises:
        HomeError: which erasures are unfinished, or which projects there are, cannot be read.
    """
    folder = project.store_dir
    noted = unerased.of_anybody(folder)
    if not noted:
        return []
    others = {one.store: one for one in elsewhere.like(home, project)}
    known, digest = set(backups.noted(folder)), unerased.digests_with(folder)
    kept = set(kept_stores(folder / "store.db"))
    found = []
    for path, whose in noted.items():
        other, still = others.get(path), frozenset(whose)
        if path == folder / "store.db":
            still = _still(path, None, erasing.looking, whose, digest) | _unswept(path, whose)
        elif path == screen_state.screen_state_path(folder):
            left_at = screen_state.load(path).subject
            still &= set() if left_at is None else {digest(left_at)}
        elif of_log(path) in kept:
            still = _still(of_log(path), project, looking_at_kept, whose, digest)
        elif path in known:
            still = _still(path, project, erasing.looking, whose, digest)
        elif other is not None:
            still = _still(path, None, erasing.looking, whose, digest)
        if still:
            found.append(Left(path, other, still, is_kept=of_log(path) in kept))
    return found


def settle(home: Home, project: Project) -> None:
    """Note no more what is left no more. To be called by who holds the store alone. Raises as `look`."""
    left = look(home, project)
    unerased.settle(project.store_dir, {one.path: one.whose for one in left})


def _unswept(store: Path, whose: Collection[str]) -> frozenset[str]:
    """Return all of them where something was removed from a store, and its files not rewritten since."""
    try:
        with erasing.looking(store) as connection:
            return frozenset(() if erasing.unswept(connection) is None else whose)
    except (StoreError, OSError):
        return frozenset()  # `_still` says what that means


def _still(
    path: Path,
    project: Project | None,
    looking: Looking,
    whose: Mapping[str, int | None],
    digest: Callable[[SubjectRef], str],
) -> frozenset[str]:
    """Return of whom something is still there; `project`: whose copy it is; None: it is a store of another."""
    try:
        if project is not None:
            encryption.open_copy_as_it_is(path, project)
        with looking(path) as connection:
            if looking is looking_at_kept and damage.reason(connection) is not None:
                return frozenset(whose)
            if project is not None and erasing.unswept(connection) is not None:
                return frozenset(whose)
            return frozenset(
                who
                for ref, since in erasing.named(connection)
                if (who := digest(ref)) in whose and since <= (whose[who] or since)
            )
    except FileNotFoundError:
        return frozenset(whose if project is not None else ())
    except (StoreError, OSError):
        return frozenset(whose)

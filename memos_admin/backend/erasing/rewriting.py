"""Writing the files of a store anew, so that nothing is left in them of what was removed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from memos_admin.backend.erasing.plan import Backup
from memos_admin.backend.upkeep import indexing
from memos_admin.backend.upkeep.turns import OnWait
from memos_admin.store import erasing, rewriting
from memos_admin.store.schema import open_current
from memos_admin.store.search.index import path_beside

_OTHERS = "waiting for other programs that use the store or its search index"


def lacking(folder: Path, copies: Sequence[Backup] = ()) -> str:
    """Return why there is no room to rewrite a store, its index and backups, one after the other."""
    store = folder / "store.db"
    to_rewrite = [store, path_beside(store), *(copy.path for copy in copies if copy.is_due)]
    return next(filter(None, (rewriting.lacking(path, folder) for path in to_rewrite)), "")


def rewrite_store(store: Path, on_wait: OnWait) -> None:
    """Rewrite the files of a store and of its index, and take the note of that away at the end."""
    waiting = partial(on_wait, _OTHERS)
    with closing(open_current(store)) as connection:
        note = erasing.unswept(connection)
        rewriting.rewrite(connection, store, store.parent, waiting)
        indexing.forget_removed(store, rewriting=waiting)
        erasing.note_swept(connection, note)

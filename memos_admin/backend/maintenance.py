"""Care for a project's store: checks and backups."""

from __future__ import annotations

from pathlib import Path

from memos_admin.backend import indexing, journal
from memos_admin.backend.workspace import Workspace
from memos_admin.store import checks
from memos_admin.store.backup import backup as copy
from memos_admin.store.errors import StoreBroken, StoreError
from memos_admin.store.schema import open_current


def check(workspace: Workspace) -> list[str]:
    """Return what is wrong with the store, a sentence each; empty: nothing is.

    Checks the file's integrity, references between rows, and the invariants of the schema.

    Raises:
        StoreError: the store cannot be opened at all.
    """
    connection = open_current(workspace.store_path, read_only=True)
    try:
        return checks.problems(connection, workspace.store_path)
    finally:
        connection.close()


def check_index(workspace: Workspace) -> list[str]:
    """Return what is wrong with the search index; it is then deleted, and made anew by a search.

    Empty: nothing is, or there is none yet.

    Raises:
        StoreError: the store cannot be opened, or the index is wrong and another process uses it.
    """
    from memos_admin.store.search import checking
    from memos_admin.store.search.index import PATIENCE, discard, path_beside

    try:
        found = checking.problems(workspace.store_path)
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


def backup(workspace: Workspace, target: Path) -> None:
    """Copy the store to a file (mode 0600), whole and consistent while others write.

    Raises:
        FileExistsError: there is such a file already; it is left as it is.
        StoreError: the copy could not be written, or could not be journaled.
    """
    if target.exists():
        raise FileExistsError(f"{target} exists already. Choose another name.")
    event = journal.Event("backup", workspace.project, file=str(target.absolute()))
    with journal.journaled(workspace.home, event, "Nothing was copied"):
        connection = open_current(workspace.store_path, read_only=True)
        try:
            copy(connection, target)
        finally:
            connection.close()

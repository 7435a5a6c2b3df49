"""What is left to do when a store itself is encrypted, or is not any more: everything beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from memos_admin.backend import screen_state
from memos_admin.backend.encryption import copy_keys, declaration
from memos_admin.backend.encryption.declaration import Declaration
from memos_admin.backend.projects.project import Project
from memos_admin.backend.upkeep import backups
from memos_admin.language import gettext as _
from memos_admin.store import cipher, damage
from memos_admin.store.backup import mark_of, old_copies
from memos_admin.store.cipher_key import Key
from memos_admin.store.connection import explained, open_with
from memos_admin.store.converting import convert, erase
from memos_admin.store.errors import StoreBroken, StoreBusy, StoreError, StoreLocked
from memos_admin.store.restoring import replaced
from memos_admin.store.search.index import PATIENCE, discard, path_beside


@dataclass(slots=True)
class Others:
    """What came of the files beside a store.

    Attributes:
        done: copies of it that are now as it is.
        remains: why one is not, and what to do, a sentence or two each.
        earlier: copies that were encrypted already, with a key that is not here.
    """

    done: list[Path] = field(default_factory=list)
    remains: list[str] = field(default_factory=list)
    earlier: list[Path] = field(default_factory=list)


def is_plain(path: Path) -> bool:
    """Return whether a file is no encrypted one; also where there is none. It is not open here."""
    try:
        return cipher.salt_of(path) is None
    except FileNotFoundError:
        return True


def as_encrypted(
    project: Project, declared: Declaration, key: Key, on_wait: Callable[[], None] = lambda: None
) -> Others:
    """Encrypt what is beside an encrypted store, drop what can be made anew, and say so."""
    folder = project.store_dir
    others = convert_copies(project, None, key, on_wait)
    _drop(folder)
    declaration.write(folder, replace(declared, converting=False))
    return others


def as_plain(folder: Path) -> None:
    """Drop what belongs to an encrypted store where that is plain, and say so no more."""
    _drop(folder)
    cipher.forget(folder)
    declaration.remove(folder)


def convert_copies(
    project: Project, old: Key | None, new: Key | None, on_wait: Callable[[], None]
) -> Others:
    """Convert all backups and older copies of a store that are in reach."""
    others = Others()
    for path, is_backup in _copies(project.store_dir):
        try:
            if not path.exists():
                if is_backup:
                    others.remains.append(f"{path}: {backups.missing(path)}")
            elif is_plain(path) == (old is None):
                _convert_copy(project, path, old, new, is_backup=is_backup, on_wait=on_wait)
                others.done.append(path)
            elif new is not None and not _has_known_key(path, project):
                others.earlier.append(path)
        except (StoreError, OSError) as error:
            others.remains.append(f"{path}: {backups.why_not(error)}")
    if new is not None:
        others.remains += [
            _(
                "{path} is a store whose place a backup has taken, and is not encrypted. Delete it."
            ).format(path=path)
            for path in replaced(project.store_dir / "store.db")
            if is_plain(path)
        ]
    return others


def _has_known_key(path: Path, project: Project) -> bool:
    try:
        copy_keys.key_of(path, project)
    except StoreLocked:
        return False
    return True


def _copies(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yield each copy, and whether it is a backup that was asked for."""
    noted = backups.noted(folder)
    for path in noted:
        yield path, True
    for path in (folder / "store.db", *noted):
        for copy in old_copies(path):
            yield copy, False


def _convert_copy(
    project: Project,
    path: Path,
    old: Key | None,
    new: Key | None,
    *,
    is_backup: bool,
    on_wait: Callable[[], None],
) -> None:
    if old is not None:
        old = copy_keys.key_of(path, project)
    with explained(path), closing(open_with(old, path, "mode=rw")) as connection:
        if damage.reason(connection) is not None:
            raise StoreBroken(backups.damaged())
        if is_backup and mark_of(connection) != str(project.uuid):
            raise StoreError(_("It is no backup of this project's store. It was left as it is."))
    convert(path, old, new, on_wait=on_wait)


def drop_left_half(folder: Path) -> list[Path]:
    """Overwrite and delete what killed programs have left half-way; return which files that were."""
    left = backups.left_half(folder)
    for file in left:
        erase(file)
    return left


def _drop(folder: Path) -> None:
    """Drop the index, which is made anew, half copies, and where the screen was left."""
    store = folder / "store.db"
    drop_left_half(folder)
    if not discard(path_beside(store), PATIENCE, erase):
        raise StoreBusy(
            _(
                "The search index beside {path} is in use by another program, and still to be "
                "deleted. Close that; the next start deletes it."
            ).format(path=store)
        )
    erase(screen_state.screen_state_path(folder))

"""What is left to do when a store itself is encrypted, or is not any more: everything beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple

from memos_admin.backend import screen_state
from memos_admin.backend.encryption import copy_keys, declaration
from memos_admin.backend.encryption.declaration import Declaration
from memos_admin.backend.projects.project import Project
from memos_admin.backend.upkeep import backups
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.store import cipher, damage
from memos_admin.store.backup import mark_of, old_copies
from memos_admin.store.cipher_key import Key
from memos_admin.store.connection import explained, open_with
from memos_admin.store.converting import convert, erase
from memos_admin.store.errors import StoreBroken, StoreBusy, StoreError, StoreLocked
from memos_admin.store.readable import is_readable
from memos_admin.store.restoring import kept_stores, of_log
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
    others = encrypt_copies(project, key, on_wait)
    _drop(folder)
    declaration.write(folder, replace(declared, converting=False))
    return others


def as_plain(folder: Path) -> None:
    """Drop what belongs to an encrypted store where that is plain, and say so no more."""
    _drop(folder)
    cipher.forget(folder)
    declaration.remove(folder)


def encrypt_copies(project: Project, key: Key, on_wait: Callable[[], None]) -> Others:
    """Encrypt all copies of a store that are in reach and are not: backups, older ones, and stores that were replaced."""
    others = Others()
    for copy in _copies(project.store_dir):
        with _noting(copy, others):
            if is_readable(copy.path):
                _convert_copy(project, copy, None, key, on_wait)
                others.done.append(copy.path)
            elif not copy.is_log and not _has_known_key(copy.path, project):
                others.earlier.append(copy.path)
    return others


def decrypt_copies(project: Project, on_wait: Callable[[], None]) -> Others:
    """Decrypt all copies of a store that are in reach and are encrypted, each with the key that opens it."""
    others = Others()
    for copy in _copies(project.store_dir):
        with _noting(copy, others):
            if not copy.is_log and cipher.salt_of(copy.path) is not None:
                key = copy_keys.key_of(copy.path, project)
                _convert_copy(project, copy, key, None, on_wait)
                others.done.append(copy.path)
    return others


def left_plain(project: Project) -> list[Path]:
    """Return the copies of an encrypted store that whoever has them can read; empty where the store is plain.

    None of them is open here. Those that cannot be looked at are not among them.

    Raises:
        HomeError: what the folder says, or the notes of backups, cannot be read.
    """
    declared = declaration.read(project.store_dir)
    if declared is None or declared.converting:
        return []
    found = []
    for copy in _copies(project.store_dir):
        with suppress(OSError):
            if is_readable(copy.path):
                found.append(copy.path)
    return found


@contextmanager
def _noting(copy: _Copy, others: Others) -> Iterator[None]:
    """Note of a copy that what was to be done to it could not be, and why."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        if copy.kind == "backup":
            others.remains.append(f"{copy.path}: {backups.missing(copy.path)}")
    except (StoreError, OSError) as error:
        told = backups.why_not(error)
        if copy.kind == "replaced":
            told = sentences(
                told, _("A backup has taken its place: once nothing in it is missed, delete it.")
            )
        others.remains.append(f"{copy.path}: {told}")


def _has_known_key(path: Path, project: Project) -> bool:
    try:
        copy_keys.key_of(path, project)
    except StoreLocked:
        return False
    return True


class _Copy(NamedTuple):
    """A copy of a store: a backup that was asked for, one that an upgrade left, or a store that was replaced."""

    path: Path
    kind: Literal["backup", "older", "replaced"]

    @property
    def is_log(self) -> bool:
        """Whether it is what is left of a replaced store: its log alone, which is no database."""
        return self.kind == "replaced" and of_log(self.path) != self.path


def _copies(folder: Path) -> Iterator[_Copy]:
    store, noted = folder / "store.db", backups.noted(folder)
    for path in noted:
        yield _Copy(path, "backup")
    for path in (store, *noted):
        for copy in old_copies(path):
            yield _Copy(copy, "older")
    for path in kept_stores(store):
        yield _Copy(path, "replaced")


def _convert_copy(
    project: Project, copy: _Copy, old: Key | None, new: Key | None, on_wait: Callable[[], None]
) -> None:
    path = copy.path
    if copy.is_log:
        raise StoreBroken(backups.damaged())
    with explained(path), closing(open_with(old, path, "mode=rw")) as connection:
        if damage.reason(connection) is not None:
            raise StoreBroken(backups.damaged())
        if copy.kind == "backup" and mark_of(connection) != str(project.uuid):
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

"""What lies beside a store, and should not, or not for ever: copies of it, and parts of them."""

from __future__ import annotations

from memos_admin.backend.command_words import program
from memos_admin.backend.doctor.checked import Check, in_two
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.projects.project import Project
from memos_admin.backend.upkeep import backups


def left_half(project: Project) -> Check | None:
    """Say what killed programs have left: half a copy may have everything in it."""
    try:
        left = backups.left_half(project.store_dir)
    except HomeError as error:
        return Check("Backups", False, *in_two(error))
    if not left:
        return None
    names = ", ".join(str(path) for path in left)
    advice = f"They are deleted by: {program()} store check"
    return Check("Left half-way", None, f"by programs that were killed: {names}", advice)


def unerased(home: Home, project: Project) -> Check | None:
    """Name where something still stands, or may, of somebody who was to be erased."""
    from memos_admin.backend.erasing import left_unerased
    from memos_admin.store.errors import StoreError

    try:
        left = left_unerased.look(home, project)
    except (HomeError, StoreError) as error:
        return Check("Erasures", False, *in_two(error))
    if not left:
        return None
    names = ", ".join(str(one.path) for one in left)
    advice = f"What to do about each: {program()} store check"
    return Check("Erasures", False, f"unfinished: something may still stand in {names}", advice)


def plain(project: Project) -> Check | None:
    """Name the copies of an encrypted store that whoever has them can read."""
    from memos_admin.backend.encryption import finishing

    try:
        found = finishing.left_plain(project)
    except HomeError:  # which the checks of the store and of what was left half-way say
        return None
    if not found:
        return None
    names = ", ".join(map(str, found))
    advice = f"To encrypt what is not: {program()} store encrypt"
    return Check("Plain copies", False, f"not encrypted, though the store is: {names}", advice)


def older(project: Project) -> Check | None:
    """Name what upgrades have left: each has all that the store had then."""
    from memos_admin.store.backup import old_copies

    found = old_copies(project.store_dir / "store.db")
    if not found:
        return None
    names = ", ".join(str(path) for path in found)
    return Check(
        "Older copies", None, f"left by upgrades: {names}", "Delete them when nothing is missed."
    )

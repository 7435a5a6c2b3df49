"""``store restore``: which backups there are, and what would be lost by putting one in the store's place."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memos_admin.backend.command_words import program
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Failed, Usage
from memos_admin.cli.lists import counted, utc
from memos_admin.cli.progress import Waiting
from memos_admin.cli.table import Column

if TYPE_CHECKING:
    from memos_admin.backend.upkeep.restoring import Holds, Offer

FIELDS = ("written_at", "path", "problem", "time_from", "encrypted")


def _made(row: Mapping[str, Any]) -> str:
    at = str(row["written_at"] or "")
    return f"{at} (of its file)" if at and row["time_from"] == "file" else at


COLUMNS = (
    Column("Made", _made),
    Column("Backup", lambda row: str(row["path"]), least=20, gives=2),
    Column("State", lambda row: str(row["problem"] or "whole"), least=20, gives=1),
    Column("Encrypted", lambda row: {True: "yes", False: "no"}.get(row["encrypted"], "")),
)
_UNSURE = (
    "A time that is its file's may be of what was done to that later, such as an erasure in it."
)


def restore(context: Context, args: argparse.Namespace) -> Exit:
    """``store restore``."""
    if args.none and args.file is not None:
        raise Usage("FILE and --none exclude each other.")
    context.workspace().unlock(to_replace=True)
    if args.file is None and not args.none:
        return _list(context, as_json=args.json)
    from memos_admin.backend.upkeep import restoring

    copy = None if args.none else Path(args.file).expanduser()
    _agreed(context, copy, yes=args.yes)
    waiting = Waiting(context.out)
    kept = context.run(
        lambda workspace: (
            restoring.start_anew(workspace, waiting)
            if copy is None
            else restoring.restore(workspace, copy, waiting)
        ),
        store=False,
    )
    if args.json:
        restored = None if copy is None else str(copy.absolute())
        context.out.document({"restored": restored, "kept": None if kept is None else str(kept)})
    for line in _outcome(copy, kept):
        context.out.note(line)
    return Exit.DONE


def _list(context: Context, *, as_json: bool) -> Exit:
    from memos_admin.backend.upkeep import restoring

    offers = restoring.offers(context.project())
    context.out.rows(map(_row, offers), fields=FIELDS, columns=COLUMNS, as_json=as_json)
    if any(offer.written_at and offer.time_from == "file" for offer in offers):
        context.out.note(_UNSURE)
    if any(offer.is_plain_copy_of(context.project()) for offer in offers):
        context.out.note(
            "The store is encrypted, and not each of its backups is. To encrypt those that are not: "
            f"{program()} store encrypt"
        )
    if not offers:
        context.out.note(
            "No backup of this store is known. Name one: store restore FILE. If there is none, and the "
            "store is damaged: store restore --none"
        )
    return Exit.DONE


def _row(offer: Offer) -> dict[str, Any]:
    return {
        "written_at": offer.written_at or None,
        "path": str(offer.path),
        "problem": offer.problem or None,
        "time_from": offer.time_from if offer.written_at else None,
        "encrypted": offer.is_encrypted,
    }


def _agreed(context: Context, copy: Path | None, *, yes: bool) -> None:
    """Tell what would be lost, and go on only where a whole store's owner agrees to that.

    Raises:
        Failed: the copy cannot take the store's place.
        Usage: there is nobody to ask, or somebody did not agree.
    """
    from memos_admin.backend.upkeep import restoring

    offer = None if copy is None else _look(context, copy)
    if offer is not None and offer.problem:
        code = Exit.CREDENTIALS if offer.is_locked else Exit.REFUSED
        raise Failed(f"{offer.path}: {offer.problem} Nothing was changed.", code)
    there = restoring.standing(context.workspace())
    if there is None:
        context.out.note("There is no whole store that would be replaced; what is there is kept.")
    else:
        context.out.note(f"The store is whole. It holds {_amount(there)}.")
    if offer is not None and offer.holds is not None:
        context.out.note(f"The backup holds {_amount(offer.holds)}.")
    if there is not None:
        question = (
            "This puts the store aside; a sync then starts with nothing."
            if copy is None
            else "This puts the backup in the place of the store, without what only the store has."
        )
        lasting = "The store is kept beside it, and no longer used"
        context.person.ask_name(context.project().title, question, yes=yes, lasting=lasting)


def _look(context: Context, copy: Path) -> Offer:
    """Return what a backup is; its key is asked for where it has another one than is known here."""
    from memos_admin.backend.upkeep import restoring

    def ask(wrong: str) -> str:
        context.out.note(wrong or f"{copy} is encrypted with another key than the store has now.")
        return context.person.ask_backup_key()

    offer = restoring.look(copy, context.project(), ask=ask if context.person.is_there else None)
    if offer.has_own_key and restoring.is_encrypted(context.project()):
        context.out.note(
            "The backup is encrypted with a key of its own; in the place of the store it will have the key "
            "that the store has now."
        )
    elif offer.has_own_key:
        context.out.note(
            "The backup is encrypted, and the store is not: in its place it will not be encrypted. "
            f"Afterwards {program()} store encrypt encrypts it."
        )
    return offer


def _amount(holds: Holds) -> str:
    newest = utc(holds.newest)
    return (
        f"{counted(holds.subjects, 'user or agent')}, {counted(holds.messages, 'message')}, "
        f"{counted(holds.memories, 'memory')}; "
        + (f"last fetched {newest}" if newest else "nothing was fetched into it")
    )


def _outcome(copy: Path | None, kept: Path | None) -> Iterator[str]:
    if copy is None:
        yield "There is no store any more; the next sync makes a new one."
    else:
        yield f"Put a copy of {copy} in the place of the store."
    if kept is not None:
        yield f"What was there is kept as {kept}. Delete it when nothing in it is missed."
    if copy is not None:
        yield (
            f"What was read since the backup is not in it: {program()} sync. Who was erased since may be "
            f"in it again: repeat {program()} store forget for them."
        )

"""Sending what a review found to MemOS: as words, new texts, or by archiving; shown and confirmed before."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from memos_admin.backend.verdicts.kinds import FLAGGED
from memos_admin.cli.changing.confirming import add_change_options
from memos_admin.cli.changing.memories import change
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.lists import counted
from memos_admin.cli.verdicts.narrowing import wanted_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memos_admin.backend.changing.plan import Act, Edit
    from memos_admin.backend.model import Memory
    from memos_admin.backend.verdicts.correcting import Batch
    from memos_admin.backend.verdicts.standing import Verdict

WAYS = ("feedback", "update", "archive")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add how corrections are sent."""
    parser.add_argument(
        "--as",
        dest="way",
        choices=WAYS,
        required=True,
        metavar="WAY",
        help="feedback: the verdict and note in words; update: the texts of --edits; archive",
    )
    parser.add_argument(
        "--edits", metavar="FILE", help="JSON lines with memory_id and content, title or both"
    )
    parser.add_argument(
        "--again", action="store_true", help="also what was sent in this way before for the same"
    )
    add_change_options(parser)


def send_corrections(context: Context, args: argparse.Namespace) -> Exit:
    """``verdicts send``."""
    from memos_admin.backend.verdicts.choosing import chosen, with_memories

    wanted = wanted_of(context, args)
    if not wanted.verdicts:
        from dataclasses import replace

        wanted = replace(wanted, verdicts=frozenset(FLAGGED))
    reads = context.workspace().reads
    found = list(with_memories(reads, chosen(reads, wanted)))
    return _send(context, args, found)


def _send(
    context: Context, args: argparse.Namespace, found: Sequence[tuple[Verdict, Memory]]
) -> Exit:
    """Send corrections of the memories of some verdicts."""
    from memos_admin.backend.verdicts import correcting
    from memos_admin.backend.verdicts.sent import sent

    if (args.way == "update") != (args.edits is not None):
        raise Usage("--as update needs --edits FILE, and nothing else takes it.")
    reads = context.workspace().reads
    chosen, before = correcting.batch(reads, found), 0
    if not args.again:
        known = sent(context.home, context.project())
        chosen, again = correcting.without_sent(reads, chosen, args.way, known)
        before = len(again.chosen)
    edits: Mapping[str, Edit] = {}
    act: Act = "archive"
    ids = chosen.memory_ids
    if args.way == "feedback":
        act, edits = "feedback", correcting.feedback(chosen.chosen)
    elif args.way == "update":
        act, edits = "edit", _edits(args.edits)
        ids = [memory_id for memory_id in ids if memory_id in edits]
        _tell_without(context, chosen, edits)
    for memory_id, why in chosen.left_out:
        context.out.note(f"{memory_id}: left out. {why}")
    if before:
        them = "it" if before == 1 else "them"
        context.out.note(
            f"{counted(before, 'memory')} left out as sent before; --again sends {them}."
        )
    if not ids:
        context.out.note("No memory was flagged that could be sent. Nothing was changed.")
        return Exit.DONE
    return change(context, args, act, ids, edits=edits)


def _tell_without(context: Context, chosen: Batch, edits: Mapping[str, Edit]) -> None:
    for memory_id in chosen.memory_ids:
        if memory_id not in edits:
            context.out.note(f"{memory_id}: left out. {'--edits'} has no text for it.")
    known = {*chosen.memory_ids, *(memory_id for memory_id, _why in chosen.left_out)}
    for memory_id in edits:
        if memory_id not in known:
            context.out.note(f"{memory_id}: left out. No verdict that fits was given on it.")


def _edits(name: str) -> Mapping[str, Edit]:
    from memos_admin.backend.changing.plan import BadChange
    from memos_admin.backend.verdicts.correcting import read_edits

    path = Path(name).expanduser()
    try:
        with path.open(encoding="utf-8") as lines:
            return read_edits(lines)
    except BadChange as error:
        raise Usage(f"{path}: {error} Nothing was changed.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Usage(f"{path} cannot be read: {error}") from None

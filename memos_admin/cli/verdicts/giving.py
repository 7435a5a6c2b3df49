"""``verdicts give`` and ``verdicts withdraw``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Failed

if TYPE_CHECKING:
    from memos_admin.backend.model import Memory
    from memos_admin.backend.workspace import Workspace


def give_verdict(context: Context, args: argparse.Namespace) -> Exit:
    """``verdicts give``."""
    from memos_admin.backend.verdicts.giving import BadVerdict, Ended, Judgement, give

    memory = _stored(context, args.id)
    version = args.version or memory.version
    given = Judgement(memory.memory_id, version, args.verdict, note=args.note, ref=memory.ref)

    async def work(workspace: Workspace) -> Ended | None:
        return await give(workspace, given)

    try:
        before = context.run(work)
    except BadVerdict as error:
        raise Failed(str(error)) from None
    instead = "" if before is None else f" instead of {before.verdict}"
    if before is not None and before.verdict == args.verdict:
        instead = f" as before, {'with this note' if args.note else 'without a note'}"
    context.out.note(f"{args.verdict}{instead}: version {version} of {memory.memory_id}.")
    return Exit.DONE


def withdraw_verdict(context: Context, args: argparse.Namespace) -> Exit:
    """``verdicts withdraw``."""
    from memos_admin.backend.verdicts.giving import Ended, withdraw

    memory = _stored(context, args.id)

    async def work(workspace: Workspace) -> Ended | None:
        return await withdraw(workspace, memory.memory_id, args.version, memory.ref)

    ended = context.run(work)
    if ended is None:
        raise Failed("There is no verdict of yours on it.")
    context.out.note(f"Taken back: {ended.verdict}, of version {ended.version}.")
    return Exit.DONE


def _stored(context: Context, memory_id: str) -> Memory:
    found = context.workspace().reads.memory(memory_id)
    if not found:
        raise Failed(f"There is no memory {memory_id!r} in this store. A sync reads it.")
    return found[0]

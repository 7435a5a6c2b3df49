"""``verdicts list`` and ``verdicts export``: what was given, with what was sent of it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit
from memos_admin.cli.export import check, write
from memos_admin.cli.lists import tell_cut
from memos_admin.cli.verdicts.narrowing import viewed, wanted_of
from memos_admin.cli.verdicts.rows import LIST_COLUMNS

if TYPE_CHECKING:
    from memos_admin.backend.verdicts.sent import Sent


def list_verdicts(context: Context, args: argparse.Namespace) -> Exit:
    """``verdicts list``."""
    from memos_admin.backend.verdicts.choosing import chosen
    from memos_admin.backend.verdicts.rows import VERDICT_COLUMNS, verdict_rows

    wanted = wanted_of(context, args)
    reads = context.workspace().reads
    found = chosen(reads, wanted)
    some = found[: args.limit or None]
    viewed(context, "verdicts", wanted, len(some))
    rows = (
        dict(zip(VERDICT_COLUMNS, row, strict=True))
        for row in verdict_rows(reads, context.project().title, some, _sent(context))
    )
    context.out.rows(rows, fields=VERDICT_COLUMNS, columns=LIST_COLUMNS, as_json=args.json)
    if not found:
        context.out.note("No verdict was given that fits.")
    tell_cut(context.out, args.limit, len(found), "verdicts")
    return Exit.DONE


def export_verdicts(context: Context, args: argparse.Namespace) -> Exit:
    """``verdicts export``."""
    from memos_admin.backend.export.scope import VerdictsScope

    check(context, args)
    scope = VerdictsScope(wanted_of(context, args), _sent(context))
    return write(context, args, scope, "verdict")


def _sent(context: Context) -> Mapping[str, Sequence[Sent]]:
    """Return what was sent to MemOS about memories, as far as the journal can be read."""
    from memos_admin.backend.errors import StoreError
    from memos_admin.backend.verdicts.sent import sent

    try:
        return sent(context.home, context.project())
    except StoreError as error:
        context.out.note(f"What was sent to MemOS cannot be told: {error}")
        return {}

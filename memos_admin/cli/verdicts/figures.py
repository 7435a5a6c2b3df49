"""``verdicts figures`` and ``verdicts agreement``: verdicts in numbers."""

from __future__ import annotations

import argparse
from typing import Any

from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit
from memos_admin.cli.lists import counted, tell_cut
from memos_admin.cli.verdicts.narrowing import viewed, wanted_of
from memos_admin.cli.verdicts.rows import (
    AGREEMENT_COLUMNS,
    AGREEMENT_FIELDS,
    FIGURE_COLUMNS,
    FIGURE_FIELDS,
    agreement_row,
    counted_words,
    figure_row,
    total_words,
)

_INDENT = "    "


def list_figures(context: Context, args: argparse.Namespace) -> Exit:
    """``verdicts figures``."""
    from memos_admin.backend.verdicts.agreement import FEW
    from memos_admin.backend.verdicts.choosing import chosen
    from memos_admin.backend.verdicts.figures import figures, memories_there, reviewed, total

    wanted = wanted_of(context, args)
    reads = context.workspace().reads
    found = [one for one, _listing in chosen(reads, wanted)]
    viewed(context, "verdict figures", wanted, len(found))
    counts = figures(found)
    rows = list(map(figure_row, counts))
    some = rows[: args.limit or None]
    if args.json or not context.out.on_terminal:
        context.out.rows(some, fields=FIGURE_FIELDS, columns=(), as_json=args.json)
        if len(counts) > 1:
            context.out.note(f"In all: {total_words(total(found))}.")
    else:
        in_all = [figure_row(total(found))] if len(counts) > 1 else []
        _tell_figures(context, [*some, *in_all])
    tell_cut(context.out, args.limit, len(rows), "rows")
    judged, there = reviewed(reads, wanted), memories_there(reads, wanted.memories)
    gone = f", of which {judged.gone:,} archived or gone" if judged.gone else ""
    context.out.note(
        f"Judged as they are now: {judged.reviewed:,} of {counted(there, 'memory')}; "
        f"changed since review: {judged.changed:,}{gone}."
    )
    if any(one.correct is None for one in counts):
        context.out.note(
            f"Below {FEW} verdicts no share is told. Else it is, with its 95 % interval."
        )
    return Exit.DONE


def _tell_figures(context: Context, rows: list[dict[str, Any]]) -> None:
    """Write figures for a person, each with its counts below it, so that none is cut."""
    from memos_admin.backend.wrapping import wrap
    from memos_admin.cli.table import table_lines

    heading, *lines = [*table_lines(rows, FIGURE_COLUMNS, context.out.width)] or [""]
    if rows:
        context.out.line(heading)
    for line, row in zip(lines, rows, strict=True):
        context.out.line(line)
        said = counted_words(row)
        for start, end in wrap(said, context.out.width - len(_INDENT)):
            context.out.line((_INDENT + said[start:end]).rstrip())


def list_agreement(context: Context, args: argparse.Namespace) -> Exit:
    """``verdicts agreement``."""
    from memos_admin.backend.verdicts.agreement import ENOUGH, FEW, agreement
    from memos_admin.backend.verdicts.choosing import chosen_pairs

    wanted = wanted_of(context, args)
    found = chosen_pairs(context.workspace().reads, wanted)
    viewed(context, "verdict agreement", wanted, len({one.pk for pair in found for one in pair}))
    pairs = agreement(found)
    rows = list(map(agreement_row, pairs))
    some = rows[: args.limit or None]
    context.out.rows(some, fields=AGREEMENT_FIELDS, columns=AGREEMENT_COLUMNS, as_json=args.json)
    if not pairs:
        context.out.note("No two operators have judged the same version of a memory that fits.")
    else:
        context.out.note(
            f"Below {FEW} memories that both have judged no share is told, below {ENOUGH} no kappa, nor "
            "where both say the same of everything; its interval is that of 95 %. Of each the verdict "
            "counts that was given before the other one's could be seen."
        )
    tell_cut(context.out, args.limit, len(rows), "pairs")
    return Exit.DONE

"""``verdicts queue``: what to look at next."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from memos_admin.cli import hygiene
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.lists import batches, counted, tell_cut
from memos_admin.cli.memory_filters import filter_of, is_ordered, pointing, tell_completeness
from memos_admin.cli.verdicts.narrowing import refuse_nobody, viewed
from memos_admin.cli.verdicts.rows import FINDINGS_COLUMNS, QUEUE_COLUMNS, QUEUE_FIELDS, queue_row

if TYPE_CHECKING:
    from memos_admin.backend.model import Reads
    from memos_admin.backend.verdicts.queues import Asked


_OWN_ORDER = {
    "sample": "A sample has an order of its own, that of its seed.",
    "findings": "Findings have an order of their own, that of the scan.",
}
"""The queues that are not in the order of the memories."""


def refused_by_kind(args: argparse.Namespace) -> dict[str, str]:
    """Return the fields of a filter that do not apply to the queue that is asked for, and why."""
    return {"sort": _OWN_ORDER[args.kind]} if args.kind in _OWN_ORDER else {}


def list_queue(context: Context, args: argparse.Namespace) -> Exit:
    """``verdicts queue``."""
    import secrets

    from memos_admin.backend.filter_language import span_of
    from memos_admin.backend.verdicts import queues
    from memos_admin.backend.verdicts.operators import operator_of

    if args.kind != "sample" and (args.number or args.seed is not None):
        raise Usage("--number and --seed are those of a sample.")
    if args.kind != "findings" and args.rule:
        raise Usage("--rule is that of findings: what a hygiene scan finds.")
    memories = filter_of(args)
    typed = args.filter_typed.get("--filter", "")  # of a saved one it was left out
    is_said = is_ordered(memories) or span_of(typed, "order") is not None
    if is_said and (why := refused_by_kind(args).get("sort")):
        raise pointing(why, "order", {"--filter": typed})
    refuse_nobody(context, memories)
    reads, operator = context.workspace().reads, operator_of(context.home)
    seed = secrets.randbelow(10**6) if args.seed is None else args.seed
    asked = queues.Asked(
        args.kind,
        memories,
        blind=args.second,
        number=args.number or queues.SAMPLE,
        seed=seed,
        found=queues.found_by(hygiene.found(context, args)) if args.kind == "findings" else {},
    )
    listings, fitting = queues.fitting_listings(reads, asked, operator)
    some = listings[: args.limit or None]
    viewed(context, "queue", asked.memories, len(some))
    rows = _queue_rows(reads, some, operator, asked)
    columns = FINDINGS_COLUMNS if args.kind == "findings" else QUEUE_COLUMNS
    context.out.rows(rows, fields=QUEUE_FIELDS, columns=columns, as_json=args.json)
    if args.kind == "sample":
        context.out.note(
            f"{counted(len(listings), 'memory')} of {fitting:,}, drawn by the seed {seed}: "
            f"--seed {seed} draws the same ones from the same memories."
        )
    elif not listings:
        context.out.note("No memory fits: there is nothing to review.")
    elif fitting > len(listings):
        context.out.note(f"A queue has the first {len(listings):,} of {fitting:,}.")
    tell_cut(context.out, args.limit, len(listings), "memories")
    tell_completeness(context, reads, asked.memories)
    return Exit.DONE


def _queue_rows(
    reads: Reads, listings: list[int], operator: str, asked: Asked
) -> Iterator[dict[str, Any]]:
    from array import array

    from memos_admin.backend.verdicts.standing import Standing, standing

    for some in batches(array("q", listings)):
        memories = reads.memories(some)
        found = standing(reads, memories, operator)
        for memory in memories:
            said = found.get(memory.pk, Standing())
            found_by = asked.found.get(memory.listing_pk, ())
            yield queue_row(memory, said.blinded if asked.blind else said, found_by)

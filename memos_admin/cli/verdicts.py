"""What operators say of memories: that they are correct, wrong, outdated, and so on.

A verdict stands on the version that was judged; a memory that says something else since was changed
since review. Nothing is told to MemOS, except by send, where that is allowed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memos_admin.backend.hygiene.kinds import RULES
from memos_admin.backend.verdicts.kinds import FLAGGED, QUEUES, VERDICTS
from memos_admin.backend.verdicts.kinds import WORDS as VERDICT_WORDS
from memos_admin.cli import correcting, hygiene
from memos_admin.cli.arguments import FILTERS, add_list_options, add_memory_filters
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Failed, Usage
from memos_admin.cli.export import add_file_options, check, write
from memos_admin.cli.lists import batches, counted, tell_cut
from memos_admin.cli.memory_filters import (
    filter_of,
    is_ordered,
    joined,
    options_of,
    pointing,
    tell_completeness,
)
from memos_admin.cli.parser import commands
from memos_admin.cli.users import find
from memos_admin.cli.values import Named, instant, memory_id, several
from memos_admin.cli.verdict_rows import (
    AGREEMENT_COLUMNS,
    AGREEMENT_FIELDS,
    FIGURE_COLUMNS,
    FIGURE_FIELDS,
    FINDINGS_COLUMNS,
    LIST_COLUMNS,
    QUEUE_COLUMNS,
    QUEUE_FIELDS,
    agreement_row,
    counted_words,
    figure_row,
    queue_row,
    total_words,
)

if TYPE_CHECKING:
    from memos_admin.backend.model import Filter, Memory, Reads
    from memos_admin.backend.verdicts.queues import Asked
    from memos_admin.backend.verdicts.sent import Sent
    from memos_admin.backend.verdicts.verdict_filter import VerdictFilter
    from memos_admin.backend.workspace import Workspace

_OWN_ORDER = {
    "sample": "A sample has an order of its own, that of its seed.",
    "findings": "Findings have an order of their own, that of the scan.",
}
"""The queues that are not in the order of the memories."""

_INDENT = "    "
_LARGEST_SEED = 12
"""Digits."""


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)
    listed = verbs.add_parser("list", help="list verdicts, the last one first")
    add_verdict_filters(listed)
    listed.add_argument_group(FILTERS).add_argument(
        "--ended", action="store_true", help="those that were replaced or withdrawn too"
    )
    add_list_options(listed)
    listed.set_defaults(run=list_verdicts, needs_data=True)

    give = verbs.add_parser("give", help="say of a memory what is right or wrong with it")
    give.add_argument("id", type=memory_id, metavar="ID", help="of the memory")
    give.add_argument(
        "verdict",
        type=Named(VERDICTS, lambda: VERDICT_WORDS),
        choices=VERDICTS,
        metavar="VERDICT",
        help=", ".join(VERDICTS),
    )
    give.add_argument("--note", metavar="TEXT", help="why; kept here, not journaled")
    _add_version(give)
    give.set_defaults(run=give_verdict, needs_data=True)

    withdraw = verbs.add_parser("withdraw", help="take your verdict on a memory back")
    withdraw.add_argument("id", type=memory_id, metavar="ID", help="of the memory")
    _add_version(withdraw)
    withdraw.set_defaults(run=withdraw_verdict, needs_data=True)

    queue = verbs.add_parser("queue", help="list what to look at next")
    queue.add_argument("kind", choices=QUEUES, metavar="KIND", help=", ".join(QUEUES))
    add_memory_filters(queue, "queue", of_now=True)
    queue.add_argument("--number", type=_number, metavar="N", help="of a sample (default 50)")
    queue.add_argument(
        "--seed", type=_seed, metavar="N", help="of a sample; without it one is drawn"
    )
    queue.add_argument(
        "--rule",
        type=Named(RULES, hygiene.rule_words),
        choices=RULES,
        action="append",
        metavar="R",
        help=f"of findings: only this rule, given again another one too: {', '.join(RULES)}",
    )
    queue.add_argument(
        "--second", action="store_true", help="as second reviewer: others' verdicts are not shown"
    )
    add_list_options(queue)
    queue.set_defaults(run=list_queue, needs_data=True, filter_refused=_refused_by_kind)

    figures = verbs.add_parser("figures", help="count verdicts by week and view")
    add_verdict_filters(figures)
    add_list_options(figures)
    figures.set_defaults(run=list_figures, needs_data=True)

    agreement = verbs.add_parser(
        "agreement", help="how often two operators agree, and Cohen's kappa"
    )
    add_verdict_filters(agreement)
    add_list_options(agreement)
    agreement.set_defaults(run=list_agreement, needs_data=True)

    export = verbs.add_parser("export", help="write verdicts with what was judged to a file")
    add_verdict_filters(export)
    export.add_argument_group(FILTERS).add_argument(
        "--ended", action="store_true", help="those that were replaced or withdrawn too"
    )
    add_file_options(export)
    export.set_defaults(run=export_verdicts, needs_data=True, seals=True)

    send = verbs.add_parser("send", help="send corrections of flagged memories to MemOS")
    add_verdict_filters(send)
    correcting.add_options(send)
    send.set_defaults(run=send_corrections, needs_data=True, seals=True)


def add_verdict_filters(parser: argparse.ArgumentParser) -> None:
    """Add what narrows verdicts; `wanted_of` reads it."""
    add_memory_filters(parser, "verdicts", of_now=True, ordered=False)
    filters = parser.add_argument_group(FILTERS)
    filters.add_argument(
        "--verdict",
        type=several(VERDICTS, lambda: VERDICT_WORDS, "verdict"),
        action="extend",
        metavar="V",
        help=f"{', '.join(VERDICTS)}; several with commas",
    )
    filters.add_argument("--operator", action="append", metavar="NAME", help="given by this one")
    filters.add_argument("--given-since", type=instant, metavar="T", help="given since: as --since")
    filters.add_argument(
        "--given-until", type=instant, metavar="T", help="given before: as --since"
    )
    filters.add_argument(
        "--changed",
        choices=("yes", "no"),
        help="only where the memory says something else since, or only where not",
    )


def _add_version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--version", type=_number, metavar="N", help="of the memory (default: the latest one here)"
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 6 and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LARGEST_SEED):
        raise argparse.ArgumentTypeError(f"{text!r} is no seed: up to {_LARGEST_SEED} digits")
    return int(text)


def wanted_of(context: Context, args: argparse.Namespace) -> VerdictFilter:
    """Return which verdicts the arguments of `add_verdict_filters` name."""
    from memos_admin.backend.verdicts.verdict_filter import VerdictFilter

    options = VerdictFilter.on(
        options_of(args),
        verdicts=frozenset(args.verdict or ()),
        operators=frozenset(args.operator or ()),
        given_since=args.given_since,
        given_until=args.given_until,
        changed=None if args.changed is None else args.changed == "yes",
        ended=getattr(args, "ended", False),
    )
    wanted = options if args.filter is None else joined(options, args.filter, args.filter_typed)
    _check(context, wanted)
    return wanted


def _check(context: Context, wanted: Filter) -> None:
    """Refuse a filter that is of nobody here."""
    if wanted.subject is not None:
        find(context, wanted.subject)


def _viewed(context: Context, what: str, wanted: Filter, count: int) -> None:
    from memos_admin.backend.journal import narrowed
    from memos_admin.backend.verdicts.verdict_filter import VerdictFilter

    about = narrowed(wanted)
    details = about.pop("details")
    if isinstance(wanted, VerdictFilter):
        details |= wanted.details
    context.viewed(what, {"verdicts": count}, details=details, **about)


def list_verdicts(context: Context, args: argparse.Namespace) -> Exit:
    """``verdicts list``."""
    from memos_admin.backend.verdicts.choosing import chosen
    from memos_admin.backend.verdicts.rows import VERDICT_COLUMNS, verdict_rows

    wanted = wanted_of(context, args)
    reads = context.workspace().reads
    found = chosen(reads, wanted)
    some = found[: args.limit or None]
    _viewed(context, "verdicts", wanted, len(some))
    rows = (
        dict(zip(VERDICT_COLUMNS, row, strict=True))
        for row in verdict_rows(reads, context.project().title, some, _sent(context))
    )
    context.out.rows(rows, fields=VERDICT_COLUMNS, columns=LIST_COLUMNS, as_json=args.json)
    if not found:
        context.out.note("No verdict was given that fits.")
    tell_cut(context.out, args.limit, len(found), "verdicts")
    return Exit.DONE


def _sent(context: Context) -> Mapping[str, Sequence[Sent]]:
    """Return what was sent to MemOS about memories, as far as the journal can be read."""
    from memos_admin.backend.errors import StoreError
    from memos_admin.backend.verdicts.sent import sent

    try:
        return sent(context.home, context.project())
    except StoreError as error:
        context.out.note(f"What was sent to MemOS cannot be told: {error}")
        return {}


def _stored(context: Context, memory_id: str) -> Memory:
    found = context.workspace().reads.memory(memory_id)
    if not found:
        raise Failed(f"There is no memory {memory_id!r} in this store. A sync reads it.")
    return found[0]


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


def _refused_by_kind(args: argparse.Namespace) -> dict[str, str]:
    """Return the fields of a filter that do not apply to the queue that is asked for, and why."""
    return {"sort": _OWN_ORDER[args.kind]} if args.kind in _OWN_ORDER else {}


def list_queue(context: Context, args: argparse.Namespace) -> Exit:
    """``verdicts queue``."""
    import secrets

    from memos_admin.backend.verdicts import queues
    from memos_admin.backend.verdicts.operators import operator_of

    if args.kind != "sample" and (args.number or args.seed is not None):
        raise Usage("--number and --seed are those of a sample.")
    if args.kind != "findings" and args.rule:
        raise Usage("--rule is that of findings: what a hygiene scan finds.")
    memories = filter_of(args)
    if is_ordered(memories) and (why := _refused_by_kind(args).get("sort")):
        typed = args.filter_typed.get("--filter", "")  # of a saved one it was left out
        raise pointing(why, "order", {"--filter": typed})
    _check(context, memories)
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
    _viewed(context, "queue", asked.memories, len(some))
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


def list_figures(context: Context, args: argparse.Namespace) -> Exit:
    """``verdicts figures``."""
    from memos_admin.backend.verdicts.agreement import FEW
    from memos_admin.backend.verdicts.choosing import chosen
    from memos_admin.backend.verdicts.figures import figures, memories_there, reviewed, total

    wanted = wanted_of(context, args)
    reads = context.workspace().reads
    found = [one for one, _listing in chosen(reads, wanted)]
    _viewed(context, "verdict figures", wanted, len(found))
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
    _viewed(context, "verdict agreement", wanted, len({one.pk for pair in found for one in pair}))
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


def export_verdicts(context: Context, args: argparse.Namespace) -> Exit:
    """``verdicts export``."""
    from memos_admin.backend.export.scope import VerdictsScope

    check(context, args)
    scope = VerdictsScope(wanted_of(context, args), _sent(context))
    return write(context, args, scope, "verdict")


def send_corrections(context: Context, args: argparse.Namespace) -> Exit:
    """``verdicts send``."""
    from memos_admin.backend.verdicts.choosing import chosen, with_memories

    wanted = wanted_of(context, args)
    if not wanted.verdicts:
        from dataclasses import replace

        wanted = replace(wanted, verdicts=frozenset(FLAGGED))
    reads = context.workspace().reads
    found = list(with_memories(reads, chosen(reads, wanted)))
    return correcting.send(context, args, found)

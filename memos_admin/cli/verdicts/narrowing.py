"""What narrows verdicts: the options, the filter that they make, and how the journal tells it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from memos_admin.backend.verdicts.kinds import VERDICTS
from memos_admin.backend.verdicts.kinds import WORDS as VERDICT_WORDS
from memos_admin.cli.arguments import FILTERS, add_memory_filters
from memos_admin.cli.context import Context
from memos_admin.cli.memory_filters import joined, options_of
from memos_admin.cli.users import find
from memos_admin.cli.values import instant, several

if TYPE_CHECKING:
    from memos_admin.backend.model import Filter
    from memos_admin.backend.verdicts.verdict_filter import VerdictFilter


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
    refuse_nobody(context, wanted)
    return wanted


def refuse_nobody(context: Context, wanted: Filter) -> None:
    """Refuse a filter that is of nobody here."""
    if wanted.subject is not None:
        find(context, wanted.subject)


def viewed(context: Context, what: str, wanted: Filter, count: int) -> None:
    """Journal how many verdicts, or memories of a queue, are shown, and what they were narrowed to."""
    from memos_admin.backend.journal import narrowed
    from memos_admin.backend.verdicts.verdict_filter import VerdictFilter

    about = narrowed(wanted)
    details = about.pop("details")
    if isinstance(wanted, VerdictFilter):
        details |= wanted.details
    context.viewed(what, {"verdicts": count}, details=details, **about)

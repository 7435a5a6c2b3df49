"""What operators say of memories: that they are correct, wrong, outdated, and so on.

A verdict stands on the version that was judged; a memory that says something else since was changed
since review. Nothing is told to MemOS, except by send, where that is allowed.
"""

from __future__ import annotations

import argparse

from memos_admin.backend.hygiene.kinds import RULES
from memos_admin.backend.verdicts.kinds import QUEUES, VERDICTS
from memos_admin.backend.verdicts.kinds import WORDS as VERDICT_WORDS
from memos_admin.cli import hygiene
from memos_admin.cli.arguments import FILTERS, add_list_options, add_memory_filters
from memos_admin.cli.export import add_file_options
from memos_admin.cli.parser import commands
from memos_admin.cli.values import Named, memory_id
from memos_admin.cli.verdicts import sending
from memos_admin.cli.verdicts.figures import list_agreement, list_figures
from memos_admin.cli.verdicts.giving import give_verdict, withdraw_verdict
from memos_admin.cli.verdicts.listing import export_verdicts, list_verdicts
from memos_admin.cli.verdicts.narrowing import add_verdict_filters
from memos_admin.cli.verdicts.queue import list_queue, refused_by_kind
from memos_admin.cli.verdicts.sending import send_corrections

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
    queue.set_defaults(run=list_queue, needs_data=True, filter_refused=refused_by_kind)

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
    sending.add_options(send)
    send.set_defaults(run=send_corrections, needs_data=True, seals=True)


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

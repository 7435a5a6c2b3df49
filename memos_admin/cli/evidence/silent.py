"""``evidence silent``: messages that produced nothing, and what of a filter narrows messages."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from memos_admin.backend.evidence.kinds import THANKS
from memos_admin.cli.arguments import (
    FILTERS,
    add_filter,
    add_list_options,
    add_subject_options,
    subject_of,
)
from memos_admin.cli.context import Context
from memos_admin.cli.conversations import conversation_of
from memos_admin.cli.evidence.review import Whose, reviewed, tell_messages, whose
from memos_admin.cli.evidence.rows import SILENT_COLUMNS, SILENT_FIELDS, silent_rows
from memos_admin.cli.evidence.said_by import add_said_by
from memos_admin.cli.exits import Exit
from memos_admin.cli.memory_filters import joined, pointing
from memos_admin.cli.values import Named, identity, instant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memos_admin.backend.model import Filter

ROLES = ("user", "assistant", "system", "tool", THANKS)


def add_silent_options(parser: argparse.ArgumentParser) -> None:
    """Add what narrows messages, by the names that it has for memories."""
    add_subject_options(parser, required=False, group=FILTERS)
    add_filter(parser, "messages", "'created:30d -tea \"green tea\"'")
    filters = parser.add_argument_group(FILTERS)
    filters.add_argument(
        "--conversation", type=identity, metavar="ID", help="messages of this conversation"
    )
    filters.add_argument(
        "--role",
        type=Named(ROLES, _words),
        choices=ROLES,
        metavar="ROLE",
        help=f"one of {', '.join(ROLES[:-1])}, or {THANKS}: only thanks, of whomever",
    )
    add_said_by(parser)
    filters.add_argument(
        "--since", type=instant, metavar="T", help="said since: 2025-09-17, an ISO time, 7d, 24h"
    )
    filters.add_argument(
        "--until", type=instant, metavar="T", help="said before: as --since, which is included"
    )
    filters.add_argument("--text", metavar="TEXT", help="in the message, in capitals or not")
    add_list_options(parser)
    parser.set_defaults(run=list_silent, needs_data=True)


def _words() -> Mapping[str, str]:
    return {THANKS: "only thanks"}


def filter_of(args: argparse.Namespace) -> Filter:
    """Return the filter of messages that the arguments name."""
    from memos_admin.backend.model import Filter

    wanted = Filter(
        subject=subject_of(args),
        conversation_id=args.conversation,
        since=args.since,
        until=args.until,
        text=args.text or "",
    )
    if args.filter is not None:
        wanted = joined(wanted, args.filter, args.filter_typed)
    if wanted.conversation_id == "":
        why = "Every message is of a conversation. Name one, or leave it out for all."
        raise pointing(why, "conversation_id", args.filter_typed)
    return wanted


def list_silent(context: Context, args: argparse.Namespace) -> Exit:
    """``evidence silent``: user by user."""
    from memos_admin.backend.journal import narrowed
    from memos_admin.backend.model import Filter

    wanted, limit = filter_of(args), args.limit or None
    everyone = whose(context, wanted)
    one = next(everyone) if wanted.subject is not None else None
    if one is not None and wanted.conversation_id:
        conversation_of(context, one.subject, wanted.conversation_id)
    context.viewed("evidence", **narrowed(wanted))
    rows = _rows(context, everyone if one is None else iter([one]), args)
    # Whose they are is said once where one was asked for.
    columns = [it for it in SILENT_COLUMNS if it.title != "User" or one is None]
    count = context.out.rows(
        islice(rows, limit), fields=SILENT_FIELDS, columns=columns, as_json=args.json
    )
    if count == limit and next(rows, None) is not None:
        context.out.note(f"The first {count:,}; there are more. --limit 0 lists all.")
    if count and args.role is None and args.said_by is None:
        whom = "" if one is not None else "Of each user: "
        context.out.note(
            f"{whom}The user's stand first, what says little and others' behind, thanks and the like last."
        )
    if not count:
        narrowed_by = args.role or args.said_by
        fits = narrowed_by is not None or wanted != Filter(subject=wanted.subject)
        is_here, none = ("fits", "none fits") if fits else ("is here", "none is here")
        context.out.note(f"Every message that {is_here} produced a memory, or {none}.")
    tell_messages(context, one)
    return Exit.DONE


def _rows(
    context: Context, everyone: Iterator[Whose], args: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    from memos_admin.backend.evidence.narrowing import silent_within

    reads = context.workspace().reads
    for one in everyone:
        if one.wanted.conversation_id and one.conversation is None:
            continue
        found = reviewed(context, one, whole=True)
        silent = (
            message
            for message in found.silent(args.role)
            if args.said_by in {None, message.writer.author}
        )
        yield from silent_rows(reads, one.subject, silent_within(reads, silent, one.wanted))

"""What stands behind what is remembered, and what of it deserves a look.

Each memory is compared with the messages that it came from, by rules that are the same every time and
that docs/evidence.md tells: links of both, and three lists of gaps. Nothing is asked of MemOS. What
the assistant inferred is told apart from what the user said.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from memos_admin.backend.command_words import subject_option
from memos_admin.backend.evidence.kinds import CHECKS, LINK_KINDS, MISSING, TELLERS, UNCOMPARED
from memos_admin.cli.arguments import FILTERS, add_list_options, add_memory_filters, subject_of
from memos_admin.cli.context import Context
from memos_admin.cli.evidence.review import reviewed, tell_not_kept, whose
from memos_admin.cli.evidence.rows import (
    CHECK_FIELDS,
    LINK_COLUMNS,
    LINK_FIELDS,
    MISSING_COLUMNS,
    MISSING_FIELDS,
    UNCOMPARED_COLUMNS,
    UNCOMPARED_FIELDS,
    check_rows,
    link_rows,
    missing_rows,
    uncompared_rows,
    what,
)
from memos_admin.cli.evidence.said_by import add_said_by
from memos_admin.cli.evidence.silent import add_silent_options
from memos_admin.cli.evidence.summary import summarise
from memos_admin.cli.exits import Exit
from memos_admin.cli.lists import batches
from memos_admin.cli.memory_filters import filter_of, tell_completeness
from memos_admin.cli.parser import commands
from memos_admin.cli.table import Column, folded
from memos_admin.cli.values import Named

if TYPE_CHECKING:
    from types import ModuleType

_INDENT = "    "


class _Form(NamedTuple):
    """The fields and columns of a list, and what is told where it is empty.

    Without columns a person is told the rows as they come.
    """

    fields: tuple[str, ...]
    columns: tuple[Column, ...]
    none: str


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)

    summary = verbs.add_parser("summary", help="count links and gaps, by whose words they are")
    add_memory_filters(summary, "evidence summary", of_now=True, ordered=False)
    add_list_options(summary)
    summary.set_defaults(run=summarise, needs_data=True)

    links = verbs.add_parser("links", help="list which message each memory came from, and how")
    add_memory_filters(links, "evidence", of_now=True)
    filters = links.add_argument_group(FILTERS)
    filters.add_argument(
        "--link",
        type=Named(LINK_KINDS, lambda: _words().LINK_WORDS),
        choices=LINK_KINDS,
        metavar="KIND",
        help=_one_of(LINK_KINDS),
    )
    _add_told_as(links)
    add_said_by(links)
    links.add_argument(
        "--by",
        choices=("memory", "message"),
        default="memory",
        help="the order of memories, or of messages with what came of each (default memory)",
    )
    add_list_options(links)
    links.set_defaults(run=list_links, needs_data=True)

    silent = verbs.add_parser("silent", help="list messages that produced nothing")
    add_silent_options(silent)

    missing = verbs.add_parser(
        "missing", help="list memories whose source is not in the transcript, and why"
    )
    _add_list(missing, "--why", "REASON", MISSING, lambda: _words().MISSING_WORDS)
    missing.set_defaults(run=list_missing)

    check = verbs.add_parser("check", help="list memories that do not agree with their source")
    _add_list(check, "--check", "KIND", CHECKS, lambda: _words().CHECK_WORDS)
    check.set_defaults(run=list_checks)

    uncompared = verbs.add_parser(
        "uncompared", help="list memories that could not be compared with what was said, and why"
    )
    _add_list(uncompared, "--why", "REASON", UNCOMPARED, lambda: _words().UNCOMPARED_WORDS)
    uncompared.set_defaults(run=list_uncompared)


def _add_list(
    parser: argparse.ArgumentParser,
    option: str,
    metavar: str,
    kinds: Sequence[str],
    words: Callable[[], Mapping[str, str]],
) -> None:
    """Add what a list of memories takes that is narrowed to one kind by `option`."""
    add_memory_filters(parser, "evidence", of_now=True)
    parser.add_argument_group(FILTERS).add_argument(
        option,
        type=Named(kinds, words),
        choices=kinds,
        metavar=metavar,
        help=_one_of(kinds),
    )
    _add_told_as(parser)
    add_list_options(parser)
    parser.set_defaults(needs_data=True)


def _words() -> ModuleType:
    """Return the module of the words, which takes long to import."""
    from memos_admin.backend.evidence import wording

    return wording


def _one_of(choices: Sequence[str]) -> str:
    return f"one of {', '.join(choices)}"


def _add_told_as(parser: argparse.ArgumentParser) -> None:
    parser.add_argument_group(FILTERS).add_argument(
        "--told-as",
        type=Named(TELLERS, lambda: _words().TELLER_WORDS),
        choices=TELLERS,
        metavar="WHO",
        help="the words of user, unmarked, or assistant: what it inferred",
    )


def list_links(context: Context, args: argparse.Namespace) -> Exit:
    """``evidence links``."""
    rows = _memory_rows(context, args, link_rows)
    rows = (
        row
        for row in rows
        if args.link in {None, row["link"]} and args.said_by in {None, row["author"]}
    )
    if args.by == "message":
        linked = (row for row in rows if row["seq"] is not None)
        rows = iter(
            sorted(linked, key=lambda row: (row["user_id"], row["conversation_id"], row["seq"]))
        )
    guesses = 0

    def told() -> Iterator[dict[str, Any]]:
        nonlocal guesses
        for row in rows:
            guesses += row["link"] == "overlap"
            yield row

    none = "No link is known that fits."
    ended = _write(context, args, told(), _Form(LINK_FIELDS, LINK_COLUMNS, none))
    if guesses:
        context.out.note("overlap: a similar message, not a known source.")
    return ended


def list_missing(context: Context, args: argparse.Namespace) -> Exit:
    """``evidence missing``."""
    rows = _memory_rows(context, args, missing_rows)
    reasons = Counter[str]()

    def told() -> Iterator[dict[str, Any]]:
        for row in rows:
            if args.why in {None, row["why"]}:
                reasons[row["why"]] += 1
                yield row

    none = "No memory that fits has a source that is not in its transcript."
    ended = _write(context, args, told(), _Form(MISSING_FIELDS, MISSING_COLUMNS, none))
    tell_not_kept(context, reasons["not kept"])
    return ended


def list_uncompared(context: Context, args: argparse.Namespace) -> Exit:
    """``evidence uncompared``."""
    rows = _memory_rows(context, args, uncompared_rows)
    rows = (row for row in rows if args.why in {None, row["why"]})
    none = "No memory that fits was left uncompared."
    return _write(context, args, rows, _Form(UNCOMPARED_FIELDS, UNCOMPARED_COLUMNS, none))


def list_checks(context: Context, args: argparse.Namespace) -> Exit:
    """``evidence check``."""
    from memos_admin.backend.model import Filter

    rows = _memory_rows(context, args, check_rows)
    rows = (row for row in rows if args.check in {None, row["check"]})
    one = subject_of(args)
    is_any = context.workspace().reads.memory_count(Filter(subject=one), 1)
    none = "Nothing was found that does not agree."
    if not is_any:
        none = "No memory is stored here, so nothing was compared."
    ended = _write(context, args, rows, _Form(CHECK_FIELDS, (), none))
    if is_any:
        whom = "" if one is None else f" {subject_option(one)}"
        context.out.note(f"What was not compared, and why: evidence uncompared{whom}.")
    return ended


def _tell(context: Context, row: Mapping[str, Any], *, whose: bool) -> None:
    """Write what a row says for a person, ids and reasons whole; `whose` it is too."""
    from memos_admin.backend.display import other_name, printable
    from memos_admin.backend.wrapping import wrap

    width = context.out.width
    user = [other_name(row["user_id"])] if whose else []
    for line in folded([*user, row["check"], what(row), row["memory_id"]], width):
        context.out.line(line)
    text = printable(row["explanation"])
    for start, end in wrap(text, width - len(_INDENT)):
        context.out.line((_INDENT + text[start:end]).rstrip())
    context.out.line("")


def _write(
    context: Context,
    args: argparse.Namespace,
    rows: Iterator[dict[str, Any]],
    form: _Form,
) -> Exit:
    """Write the rows of a list of memories."""
    fields, columns, none = form
    wanted = filter_of(args)
    limit = args.limit or None
    some = islice(rows, limit)
    if columns or args.json or not context.out.on_terminal:
        # Whose they are is said once where one was asked for.
        shown = [one for one in columns if one.title != "User" or wanted.subject is None]
        count = context.out.rows(some, fields=fields, columns=shown, as_json=args.json)
    else:
        count = 0
        for row in some:
            _tell(context, row, whose=wanted.subject is None)
            count += 1
    if count == limit and next(rows, None) is not None:
        context.out.note(f"The first {count:,}; there are more. --limit 0 lists all.")
    if not count:
        context.out.note(none)
    tell_completeness(context, context.workspace().reads, wanted)
    return Exit.DONE


def _memory_rows(
    context: Context, args: argparse.Namespace, rows_of: Any
) -> Iterator[dict[str, Any]]:
    """Yield the rows that `rows_of` makes of the memories that the arguments name, user by user."""
    from memos_admin.backend.journal import narrowed

    wanted = filter_of(args)
    reads = context.workspace().reads
    everyone = whose(context, wanted)
    context.viewed("evidence", **narrowed(wanted))
    for one in everyone:
        keys = reads.memory_pks(one.wanted)
        if not keys:
            continue
        found = reviewed(context, one)
        for some in batches(keys):
            for memory in reads.memories(some):
                support = found.supports.get(memory.listing_pk)
                if support is not None and args.told_as in {None, support.teller}:
                    yield from rows_of(reads, memory, support)

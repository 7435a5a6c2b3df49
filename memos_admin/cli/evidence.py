"""What stands behind what is remembered, and what of it deserves a look.

Each memory is compared with the messages that it came from, by rules that are the same every time and
that docs/evidence.md tells: links of both, and three lists of gaps. Nothing is asked of MemOS. What
the assistant inferred is told apart from what the user said.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from memos_admin.backend.evidence.kinds import CHECKS, LINK_KINDS, MISSING, TELLERS
from memos_admin.cli.arguments import (
    FILTERS,
    WHOM,
    Named,
    add_list_options,
    add_memory_filters,
    add_subject_options,
    commands,
    identity,
    named_subject,
    subject_of,
)
from memos_admin.cli.context import Context
from memos_admin.cli.conversations import find_conversation
from memos_admin.cli.evidence_rows import (
    CHECK_FIELDS,
    LINK_COLUMNS,
    LINK_FIELDS,
    MISSING_COLUMNS,
    MISSING_FIELDS,
    SILENT_COLUMNS,
    SILENT_FIELDS,
    SUMMARY_COLUMNS,
    SUMMARY_FIELDS,
    check_rows,
    link_rows,
    missing_rows,
    silent_rows,
    what,
)
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.lists import batches, counted
from memos_admin.cli.memory_filters import filter_of, tell_completeness
from memos_admin.cli.table import Column
from memos_admin.cli.users import find

if TYPE_CHECKING:
    from types import ModuleType

    from memos_admin.backend.evidence.collected import Collected, Count
    from memos_admin.backend.model import Conversation, Filter, Reads, Subject

_TELL_FROM = 5_000
"""Messages from which on a review takes so long that a person is told how far it is."""

_NOW = "refused: what is compared is what is known now"
"""Why no day is taken as of which memories are compared."""

_SEVERAL = "A memory of several kinds of check counts in each of them, and once in all."

_INDENT = "    "
ROLES = ("user", "assistant", "system", "tool")


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
    _add_whom(summary, required=False)
    add_list_options(summary)
    summary.set_defaults(run=summarise, needs_data=True)

    links = verbs.add_parser("links", help="list which message each memory came from, and how")
    add_memory_filters(links, as_of=_NOW)
    filters = links.add_argument_group(FILTERS)
    filters.add_argument(
        "--link",
        type=Named(LINK_KINDS, lambda: _words().LINK_WORDS),
        choices=LINK_KINDS,
        metavar="KIND",
        help=_one_of(LINK_KINDS),
    )
    _add_told_as(links)
    links.add_argument(
        "--by",
        choices=("memory", "message"),
        default="memory",
        help="the order of memories, or of messages with what came of each (default memory)",
    )
    add_list_options(links)
    links.set_defaults(run=list_links, needs_data=True)

    silent = verbs.add_parser("silent", help="list messages that produced nothing")
    _add_whom(silent)
    silent.add_argument_group(FILTERS).add_argument(
        "--role", choices=ROLES, metavar="ROLE", help=_one_of(ROLES)
    )
    add_list_options(silent)
    silent.set_defaults(run=list_silent, needs_data=True)

    missing = verbs.add_parser(
        "missing", help="list memories whose source is not in the transcript, and why"
    )
    add_memory_filters(missing, as_of=_NOW)
    missing.add_argument_group(FILTERS).add_argument(
        "--why",
        type=Named(MISSING, lambda: _words().MISSING_WORDS),
        choices=MISSING,
        metavar="REASON",
        help=_one_of(MISSING),
    )
    _add_told_as(missing)
    add_list_options(missing)
    missing.set_defaults(run=list_missing, needs_data=True)

    check = verbs.add_parser("check", help="list memories that do not agree with their source")
    add_memory_filters(check, as_of=_NOW)
    check.add_argument_group(FILTERS).add_argument(
        "--check",
        type=Named(CHECKS, lambda: _words().CHECK_WORDS),
        choices=CHECKS,
        metavar="KIND",
        help=_one_of(CHECKS),
    )
    _add_told_as(check)
    add_list_options(check)
    check.set_defaults(run=list_checks, needs_data=True)


def _words() -> ModuleType:
    """Return the module of the words, which takes long to import."""
    from memos_admin.backend.evidence import wording

    return wording


def _one_of(choices: Sequence[str]) -> str:
    return f"one of {', '.join(choices)}"


def _add_whom(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    add_subject_options(parser, required=required)
    parser.add_argument_group(WHOM).add_argument(
        "--conversation", type=identity, metavar="ID", help="only this one of theirs"
    )


def _add_told_as(parser: argparse.ArgumentParser) -> None:
    parser.add_argument_group(FILTERS).add_argument(
        "--told-as",
        type=Named(TELLERS, lambda: _words().TELLER_WORDS),
        choices=TELLERS,
        metavar="WHO",
        help="the words of user, unmarked, or assistant: what it inferred",
    )


def summarise(context: Context, args: argparse.Namespace) -> Exit:
    """``evidence summary``."""
    if subject_of(args) is None:
        if args.conversation is not None:
            raise Usage("--conversation goes with --user or --agent: ids repeat between users.")
        return _summarise_everyone(context, args)
    subject, conversation = _whom(context, args)
    _viewed(context, subject, conversation, {})
    found = _reviewed(context, subject, conversation)
    _write_counts(context, args, found.counts())
    many = subject.messages if conversation is None else conversation.messages
    context.out.note(f"Compared with {counted(many, 'message')} that are here.")
    if any(len({check.kind for check in one.checks}) > 1 for one in found.supports.values()):
        context.out.note(_SEVERAL)
    _tell_messages(context, subject, conversation)
    return Exit.DONE


def _write_counts(context: Context, args: argparse.Namespace, counts: Iterable[Count]) -> None:
    rows = [{**one._asdict(), "total": one.total} for one in counts]
    shown = rows[: args.limit or None]
    context.out.rows(shown, fields=SUMMARY_FIELDS, columns=SUMMARY_COLUMNS, as_json=args.json)


def _summarise_everyone(context: Context, args: argparse.Namespace) -> Exit:
    """Count what a review of each finds, user by user; nothing but the counts is kept."""
    from memos_admin.backend.evidence.collected import Collected, added
    from memos_admin.backend.evidence.review import review

    context.viewed("evidence")
    out, reads = context.out, context.workspace().reads
    counts = Collected().counts()
    pks, totals = reads.subject_pks(), reads.totals()
    done = 0
    try:
        for number, subject in enumerate(
            (one for some in batches(pks) for one in reads.subjects(some)), 1
        ):
            found = Collected()
            for part in review(reads, subject):
                found.take(part)
                if out.notes_on_terminal and totals.messages > _TELL_FROM:
                    seen = min(done + part.progress.messages, totals.messages)
                    out.rewrite(
                        f"comparing · {number:,} of {len(pks):,} users and agents · "
                        f"{seen:,} of {totals.messages:,} messages"
                    )
            done += subject.messages
            counts = added(counts, found.counts())
    finally:
        out.rewrite("")
    _write_counts(context, args, counts)
    out.note(
        f"Of {len(pks):,} users and agents: compared with "
        f"{counted(totals.messages, 'message')} that are here. A memory counts once for each who lists it."
    )
    out.note(_SEVERAL)
    return Exit.DONE


def list_silent(context: Context, args: argparse.Namespace) -> Exit:
    """``evidence silent``."""
    subject, conversation = _whom(context, args)
    found = _reviewed(context, subject, conversation)
    silent = list(found.silent(args.role))
    _viewed(
        context, subject, conversation, {"messages": min(len(silent), args.limit or len(silent))}
    )
    reads = context.workspace().reads
    rows = silent_rows(reads, subject, silent[: args.limit or None])
    context.out.rows(rows, fields=SILENT_FIELDS, columns=SILENT_COLUMNS, as_json=args.json)
    if silent and args.role is None:
        context.out.note(
            "The user's stand first, what says little and others' behind, thanks and the like last."
        )
    if not silent:
        context.out.note("Every message that is here produced a memory, or none is here.")
    _tell_limit(context, args.limit, len(silent), "messages")
    _tell_messages(context, subject, conversation)
    return Exit.DONE


def list_links(context: Context, args: argparse.Namespace) -> Exit:
    """``evidence links``."""
    rows = _memory_rows(context, args, link_rows)
    rows = (row for row in rows if args.link in {None, row["link"]})
    if args.by == "message":
        linked = (row for row in rows if row["seq"] is not None)
        rows = iter(
            sorted(linked, key=lambda row: (row["user_id"], row["conversation_id"], row["seq"]))
        )
    none = "No link is known that fits."
    return _write(context, args, rows, _Form(LINK_FIELDS, LINK_COLUMNS, none))


def list_missing(context: Context, args: argparse.Namespace) -> Exit:
    """``evidence missing``."""
    rows = _memory_rows(context, args, missing_rows)
    rows = (row for row in rows if args.why in {None, row["why"]})
    none = "No memory that fits has a source that is not in its transcript."
    return _write(context, args, rows, _Form(MISSING_FIELDS, MISSING_COLUMNS, none))


def list_checks(context: Context, args: argparse.Namespace) -> Exit:
    """``evidence check``."""
    from memos_admin.backend.model import Filter

    rows = _memory_rows(context, args, check_rows)
    rows = (row for row in rows if args.check in {None, row["check"]})
    whom = "--user ID"
    if (one := subject_of(args)) is not None:
        whom = f"--{one.kind} {shlex.quote(one.external_id)}"
    none = f"Nothing was found that does not agree. What was not compared: evidence summary {whom}."
    if not context.workspace().reads.memory_count(Filter(subject=one), 1):
        none = "No memory is stored here, so nothing was compared."
    return _write(context, args, rows, _Form(CHECK_FIELDS, (), none))


def _tell(context: Context, row: Mapping[str, Any], *, whose: bool) -> None:
    """Write what a row says for a person, nothing cut; `whose` it is too."""
    from memos_admin.backend.display import one_line, other_name, printable
    from memos_admin.backend.wrapping import wrap

    width = context.out.width
    user = f"{other_name(row['user_id'])} · " if whose else ""
    context.out.line(one_line(f"{user}{row['check']} · {what(row)} · {row['memory_id']}", width))
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
    if wanted.as_of is not None:
        raise Usage(
            "Evidence compares what is known now, so --as-of does not go with it. "
            "What memories were then: memories list --as-of."
        )
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
    from dataclasses import replace

    from memos_admin.backend.journal import narrowed

    wanted = filter_of(args)
    reads = context.workspace().reads
    if wanted.subject is not None:
        subjects: Iterable[Subject] = [find(context, wanted.subject)]
    else:
        subjects = (one for some in batches(reads.subject_pks()) for one in reads.subjects(some))
    context.viewed("evidence", **narrowed(wanted))
    for subject in subjects:
        of_subject = replace(wanted, subject=subject.ref)
        keys = reads.memory_pks(of_subject)
        if not keys:
            continue
        found = _reviewed(context, subject, _only(reads, of_subject))
        for some in batches(keys):
            for memory in reads.memories(some):
                support = found.supports.get(memory.listing_pk)
                if support is not None and args.told_as in {None, support.teller}:
                    yield from rows_of(reads, memory, support)


def _only(reads: Reads, wanted: Filter) -> Conversation | None:
    """Return the conversation that a filter names, None where it names none that is known."""
    if not wanted.conversation_id or wanted.subject is None:
        return None
    return reads.conversation(wanted.subject, wanted.conversation_id)


def _whom(context: Context, args: argparse.Namespace) -> tuple[Subject, Conversation | None]:
    subject = find(context, named_subject(args))
    if args.conversation is None:
        return subject, None
    return subject, find_conversation(context, args, args.conversation)


def _viewed(
    context: Context,
    subject: Subject,
    conversation: Conversation | None,
    counts: Mapping[str, int],
) -> None:
    name = None if conversation is None else conversation.conversation_id
    context.viewed("evidence", counts, subject=subject.ref, conversation_id=name)


def _reviewed(context: Context, subject: Subject, conversation: Conversation | None) -> Collected:
    """Return what a review of a subject finds; how far it is stands on stderr."""
    from memos_admin.backend.evidence.collected import Collected
    from memos_admin.backend.evidence.review import review

    out, found = context.out, Collected()
    try:
        for part in review(context.workspace().reads, subject, conversation):
            found.take(part)
            if out.notes_on_terminal and part.progress.of > _TELL_FROM:
                done = part.progress
                out.rewrite(f"comparing · {done.messages:,} of {done.of:,} messages")
    finally:
        out.rewrite("")
    return found


def _tell_limit(context: Context, limit: int, total: int, many: str) -> None:
    if limit and total > limit:
        context.out.note(f"The first {limit:,} of {total:,} {many}; --limit 0 lists all.")


def _tell_messages(context: Context, subject: Subject, conversation: Conversation | None) -> None:
    from memos_admin.backend.export.completeness import of_conversation, of_conversations

    reads = context.workspace().reads
    lines = (
        of_conversations(reads, subject.pk)
        if conversation is None
        else of_conversation(reads, conversation)
    )
    for line in lines:
        context.out.note(line)

"""How complete what is stored is: what was listed and read when, what is missing where, what it cost.

A count, a list or an export is as complete as this says. MemOS lists neither its users nor their
conversations, and serves the latest 50 messages of one: nobody can tell what it never served.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from memos_admin.backend.command_words import program
from memos_admin.cli.arguments import (
    FILTERS,
    add_json,
    add_list_options,
    add_subject_options,
    subject_of,
)
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit
from memos_admin.cli.lists import counted, tell_cut, utc
from memos_admin.cli.parser import commands
from memos_admin.cli.table import (
    Column,
    at_least,
    bounded,
    fact_lines,
    instant,
    minute,
    number,
    text,
)
from memos_admin.cli.users import find

if TYPE_CHECKING:
    from memos_admin.backend.ledger import Summary
    from memos_admin.backend.model import Reads, SubjectRef

SECTIONS = {
    "kinds of places": {
        "gap": "messages between two readings that MemOS no longer served",
        "reset": "MemOS no longer had the earlier messages",
        "uncertain": "two windows were joined where repeated messages fit more than one way",
        "beginning": "what was said before the first message that was served, if a memory is older, too",
        "unread": "a conversation that was never read",
    },
}

LIST_FIELDS = (
    "kind",
    "user_id",
    "listed_whole_at",
    "last_read_at",
    "pages",
    "memories",
    "bound",
    "vanished",
    "missed_once",
    "conversations",
    "never_read",
    "empty",
    "not_from_the_beginning",
    "windows_full",
    "gaps",
    "uncertain",
    "resets",
    "requests",
    "syncs_not_counted",
    "problem",
)
LIST_COLUMNS = (
    text("user_id", "User", least=26),
    instant("listed_whole_at", "Listed whole"),
    number("pages", "Pages", gives=5),
    bounded("memories", "Memories"),
    at_least("conversations", "Conv", gives=4),
    number("never_read", "Unread", gives=3),
    number("windows_full", "Full", gives=2),
    number("gaps", "Gaps"),
    text("problem", "Problem", least=12, gives=1),
)

WITHOUT_END = "a sync has no end, or is running now: it may have been read in part only"
"""What is wrong with whom a sync that was killed was to read."""

PLACE_FIELDS = (
    "kind",
    "subject_kind",
    "user_id",
    "conversation_id",
    "seq",
    "after_message_of",
    "before_message_of",
    "found_at",
    "older_memory_at",
)
PLACE_COLUMNS = (
    text("kind", "Kind"),
    text("conversation_id", "Conversation", least=10),
    Column(
        "Before message", lambda row: "" if row["seq"] is None else f"{row['seq']:,}", right=True
    ),
    instant("after_message_of", "From"),
    instant("before_message_of", "To"),
    instant("found_at", "Found", gives=2),
    Column("Older memory", lambda row: minute(row["older_memory_at"]), below=True),
    text("user_id", "User", below=True),
)


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)

    listed = verbs.add_parser("list", help="a line for each user and agent")
    add_list_options(listed)
    listed.set_defaults(run=list_subjects, needs_data=True)

    show = verbs.add_parser("show", help="all of one user or agent, or of the project")
    add_subject_options(show, required=False)
    add_json(show)
    show.set_defaults(run=show_ledger, needs_data=True)

    gaps = verbs.add_parser("gaps", help="each place where messages are missing, or may be")
    add_subject_options(gaps, required=False, group=FILTERS)
    add_list_options(gaps)
    gaps.set_defaults(run=list_holes, needs_data=True)


def list_subjects(context: Context, args: argparse.Namespace) -> Exit:
    """``completeness list``."""
    from memos_admin.backend.ledger import ledger, summaries

    reads = context.workspace().reads
    total = len(reads.subject_pks())
    context.viewed("completeness", {"subjects": total})
    spent = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal spent
        for one in summaries(reads, args.limit or None):
            spent += one.requests
            yield _summary(one)

    context.out.rows(rows(), fields=LIST_FIELDS, columns=LIST_COLUMNS, as_json=args.json)
    if not total:
        context.out.note(f"Nobody is on the roster. {program()} users add ID")
    tell_cut(context.out, args.limit, total, "users and agents")
    if not args.limit or total <= args.limit:
        sent = sum(ledger(reads, None).requests.routes.values())
        if more := sent - spent:
            context.out.note(
                f"{counted(more, 'request')} of the project more: sent for none of these, or not "
                f"counted for each. {program()} completeness show has all."
            )
    return Exit.DONE


def _summary(one: Summary) -> dict[str, Any]:
    from memos_admin.backend.erasing import unfinished_erasures

    return {
        "kind": one.ref.kind,
        "user_id": one.ref.external_id,
        "listed_whole_at": utc(one.listed_at),
        "last_read_at": utc(one.synced_at),
        "pages": one.pages,
        "memories": one.memories,
        "bound": one.bound,
        "vanished": one.vanished,
        "missed_once": one.unconfirmed,
        "conversations": one.conversations,
        "never_read": one.never,
        "empty": one.empty,
        "not_from_the_beginning": one.late,
        "windows_full": one.full,
        "gaps": one.gaps,
        "uncertain": one.uncertain,
        "resets": one.resets,
        "requests": one.requests,
        "syncs_not_counted": one.uncounted,
        "problem": unfinished_erasures.problem_of(one)
        or (WITHOUT_END if one.without_end else None),
    }


def show_ledger(context: Context, args: argparse.Namespace) -> Exit:
    """``completeness show``."""
    from memos_admin.backend.ledger import document, ledger
    from memos_admin.backend.ledger.words import facts
    from memos_admin.backend.times import utc_text

    ref, out = subject_of(args), context.out
    if ref is not None:
        find(context, ref)
    context.viewed("completeness", subject=ref)
    reads = context.workspace().reads
    found = ledger(reads, ref)
    if args.json:
        out.document(document(reads, found))
        return Exit.DONE
    for heading, told in facts(found, utc_text):
        out.line(heading)
        lines = [(f"{'! ' if fact.lacks else '  '}{fact.label}", fact.text) for fact in told]
        for line in fact_lines(lines, out.width):
            out.line(line)
    if any(found.holes.values()):
        out.note(f"{program()} completeness gaps lists each place.")
    return Exit.DONE


def list_holes(context: Context, args: argparse.Namespace) -> Exit:
    """``completeness gaps``."""
    from memos_admin.backend.ledger import ledger
    from memos_admin.backend.ledger.words import kept
    from memos_admin.backend.times import utc_text

    ref = subject_of(args)
    if ref is not None:
        find(context, ref)
    reads = context.workspace().reads
    found = ledger(reads, ref)
    total = sum(found.holes.values())
    context.viewed("gaps", {"places": total}, subject=ref)
    columns = [one for one in PLACE_COLUMNS if one.title != "User" or ref is None]
    rows = _holes(reads, ref, args.limit or None)
    context.out.rows(rows, fields=PLACE_FIELDS, columns=columns, as_json=args.json)
    if not total and found.windows.conversations == found.windows.never:
        context.out.note("No messages were read here, so no place can be known.")
    elif not total:
        context.out.note("No place is known where messages are missing.")
    if found.windows.kept:
        context.out.note(f"Kept here: {kept(found.windows, utc_text)}.")
    tell_cut(context.out, args.limit, total, "places")
    return Exit.DONE


def _holes(reads: Reads, ref: SubjectRef | None, most: int | None) -> Iterator[dict[str, Any]]:
    from memos_admin.backend.ledger import hole_document, holes

    for hole in holes(reads, ref, most):
        seq = None if hole.message_pk is None else reads.message_seq(hole.message_pk)
        yield hole_document(hole) | {"seq": seq}

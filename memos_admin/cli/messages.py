"""What was said in a conversation.

MemOS serves the latest 50 messages of a conversation; earlier ones are here because they were read
before. Where messages are missing, it is said.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from memos_admin.backend.display import one_line, printable
from memos_admin.cli.arguments import (
    WHOM,
    add_list_options,
    add_subject_options,
    commands,
    identity,
)
from memos_admin.cli.context import Context
from memos_admin.cli.conversations import find_conversation
from memos_admin.cli.exits import Exit
from memos_admin.cli.lists import counted, tell_cut, utc
from memos_admin.cli.table import minute

if TYPE_CHECKING:
    from memos_admin.backend.model import Conversation, Reads

NOTES = """\
On a terminal messages are wrapped and not cut. Piped without --json each is one
tab-separated line, with \\\\, \\t, \\n and \\r for a backslash, tab, newline and
carriage return inside a text."""

_INDENT = "    "
_ROLE = 24
"""Cells; the service's roles have nine at most, a hostile one must not look like a line of ours."""


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)
    listed = verbs.add_parser("list", help="list the messages of a conversation, oldest first")
    add_subject_options(listed, required=True)
    listed.add_argument_group(WHOM).add_argument(
        "--conversation", type=identity, required=True, metavar="ID", help="which of theirs"
    )
    add_list_options(listed)
    listed.set_defaults(run=list_messages, needs_data=True)


def list_messages(context: Context, args: argparse.Namespace) -> Exit:
    """``messages list``."""
    from memos_admin.backend.export.rows import MESSAGE_COLUMNS, message_rows

    conversation = find_conversation(context, args, args.conversation)
    reads = context.workspace().reads
    context.viewed(
        "messages",
        {"messages": min(conversation.messages, args.limit or conversation.messages)},
        subject=conversation.ref,
        conversation_id=conversation.conversation_id,
    )
    rows = islice(message_rows(reads, context.project().title, conversation), args.limit or None)
    if context.out.on_terminal and not args.json:
        for line in transcript(rows, context.out.width):
            context.out.line(line)
    else:
        context.out.rows(rows, fields=MESSAGE_COLUMNS, columns=(), as_json=args.json)
    tell_cut(context.out, args.limit, conversation.messages, "messages")
    for line in completeness(reads, conversation):
        context.out.note(line)
    return Exit.DONE


def transcript(rows: Iterable[Mapping[str, Any]], width: int) -> Iterator[str]:
    """Yield the lines of a transcript, wrapped to `width`, nothing cut."""
    from memos_admin.backend.wrapping import wrap

    for row in rows:
        if row["gap_before"] and row["seq"] == 1:
            yield "── what was said before this one is not known ──"
        elif row["gap_before"]:
            yield "── messages before this one are not served by MemOS ──"
        derived = row["derived_memory_ids"]
        made = f"  {counted(len(derived), 'memory')} made of it" if derived else ""
        role = one_line(row["role"], _ROLE)
        yield f"{row['seq']}  {role}  {minute(row['created_at'])}{made}".rstrip()
        text = printable(row["content"], newlines=True).expandtabs(4)
        for start, end in wrap(text, width - len(_INDENT)):
            yield (_INDENT + text[start:end]).rstrip()
        yield ""


def completeness(reads: Reads, conversation: Conversation) -> Iterator[str]:
    """Yield how old the messages are, and what is known to be missing."""
    from memos_admin.backend.export.completeness import of_conversation

    if conversation.fetched_at is not None:
        beginning = ", from the beginning" if conversation.from_beginning else ""
        yield (
            f"{counted(conversation.messages, 'message')}{beginning}, "
            f"as of {minute(utc(conversation.fetched_at))}."
        )
    yield from of_conversation(reads, conversation)

"""What was said in a conversation.

MemOS serves the latest 50 messages of a conversation; earlier ones are here because they were read
before. Where messages are missing, it is said.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from memos_admin.backend.display import one_line, other_name, printable
from memos_admin.cli.arguments import FILTERS, WHOM, add_json, add_list_options, add_subject_options
from memos_admin.cli.context import Context
from memos_admin.cli.conversations import find_conversation
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.lists import counted, tell_cut, utc
from memos_admin.cli.parser import commands
from memos_admin.cli.table import minute
from memos_admin.cli.values import identity, past_instant, position

if TYPE_CHECKING:
    from memos_admin.backend.history.messages import SaidThen
    from memos_admin.backend.model import Conversation, Reads

HISTORY_FIELDS = (
    "user_id",
    "conversation_id",
    "seq",
    "version",
    "role",
    "content",
    "diff",
    "seen_from",
    "replaced_at",
    "dropped",
)

NOTES = """\
On a terminal messages are wrapped and not cut. Piped without --json each is one
tab-separated line, with \\\\, \\t, \\n and \\r for a backslash, tab, newline and
carriage return inside a text."""

_SEAMS = {
    "gap": "── messages before this one are not served by MemOS ──",
    "beginning": "── what was said before this one is not known ──",
    "reset": "── MemOS no longer had the messages before this one: some in between may be missing ──",
    "uncertain": "── if messages were repeated before this one, some may be missing ──",
}
_INDENT = "    "
_ROLE = 24
_NAME = 30
"""Cells; the service's roles have nine at most, a hostile one must not look like a line of ours."""


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)
    listed = verbs.add_parser("list", help="list the messages of a conversation, oldest first")
    add_subject_options(listed, required=True)
    listed.add_argument_group(WHOM).add_argument(
        "--conversation", type=identity, required=True, metavar="ID", help="which of theirs"
    )
    listed.add_argument_group(FILTERS).add_argument(
        "--as-of", type=past_instant, metavar="T", help="as they had been read then: as --since"
    )
    add_list_options(listed)
    listed.set_defaults(run=list_messages, needs_data=True)

    history = verbs.add_parser(
        "history", help="what messages of a conversation said before, with the words that changed"
    )
    add_subject_options(history, required=True)
    history.add_argument_group(WHOM).add_argument(
        "--conversation", type=identity, required=True, metavar="ID", help="which of theirs"
    )
    history.add_argument_group(FILTERS).add_argument(
        "--seq", type=position, metavar="N", help="only the message with this number"
    )
    add_json(history)
    history.set_defaults(run=show_history, needs_data=True)


def list_messages(context: Context, args: argparse.Namespace) -> Exit:
    """``messages list``."""
    from memos_admin.backend.export.rows import MESSAGE_COLUMNS, message_rows
    from memos_admin.backend.history.messages import said_then

    conversation = find_conversation(context, args, args.conversation)
    reads = context.workspace().reads
    context.viewed(
        "messages",
        {"messages": min(conversation.messages, args.limit or conversation.messages)},
        subject=conversation.ref,
        conversation_id=conversation.conversation_id,
    )
    rows: Iterator[Mapping[str, Any]] = message_rows(reads, context.project().title, conversation)
    total = conversation.messages
    if args.as_of is not None:
        found = said_then(reads, conversation, args.as_of)
        total = sum(one.known for one in found)
        rows = _then(rows, found)
    rows = islice(rows, args.limit or None)
    if context.out.on_terminal and not args.json:
        for line in transcript(rows, context.out.width):
            context.out.line(line)
    else:
        context.out.rows(rows, fields=MESSAGE_COLUMNS, columns=(), as_json=args.json)
    tell_cut(context.out, args.limit, total, "messages")
    if args.as_of is not None:
        for line in _told_then(args.as_of, found, conversation):
            context.out.note(line)
        return Exit.DONE
    for line in completeness(reads, conversation):
        context.out.note(line)
    return Exit.DONE


def _then(
    rows: Iterable[Mapping[str, Any]], found: Iterable[SaidThen]
) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of messages that had been read at an instant, with what they said then."""
    for row, then in zip(rows, found, strict=False):
        if then.known and then.dropped:
            yield {**row, "content": "", "updated_at": None}
        elif then.known:
            earlier = {"content": then.earlier, "updated_at": None}
            yield row if then.earlier is None else {**row, **earlier}


def _told_then(moment: int, found: Sequence[SaidThen], conversation: Conversation) -> Iterator[str]:
    """Yield as of when messages were told, and what of that cannot be known."""
    known = [one for one in found if one.known]
    yield (
        f"As of {minute(utc(moment))}: {len(known):,} of the {counted(len(found), 'message')} that are "
        "here had been read by then."
    )
    if other := sum(one.earlier is not None for one in known):
        yield f"{counted(other, 'message')} said something else then than now; that is what is told."
    if dropped := sum(one.dropped for one in known):
        yield f"What {counted(dropped, 'message')} said then is no longer kept, and left empty."
    yield (
        "What MemOS had beside them then, and whether it still served all of them, is not known. Numbers, "
        "tool calls, gaps and the memories made of messages are as now."
    )


def show_history(context: Context, args: argparse.Namespace) -> Exit:
    """``messages history``."""
    from memos_admin.backend.history.messages import edited

    conversation = find_conversation(context, args, args.conversation)
    reads = context.workspace().reads
    context.viewed(
        "messages", subject=conversation.ref, conversation_id=conversation.conversation_id
    )
    found = edited(reads, conversation)
    if args.seq is not None:
        pks = reads.message_pks(conversation.pk)
        if args.seq > len(pks):
            raise Usage(f"The conversation has {counted(len(pks), 'message')} here.")
        found = [(args.seq, pks[args.seq - 1])]
    rows = (row for seq, pk in found for row in _history(reads, conversation, seq, pk))
    if context.out.on_terminal and not args.json:
        for row in rows:
            for line in _told(row, context.out.width):
                context.out.line(line)
    else:
        context.out.rows(rows, fields=HISTORY_FIELDS, columns=(), as_json=args.json)
    if not found:
        context.out.note(
            "No message was seen to change. What changed twice between two readings is seen once."
        )
    return Exit.DONE


def _history(
    reads: Reads, conversation: Conversation, seq: int, pk: int
) -> Iterator[dict[str, Any]]:
    from memos_admin.backend.history.messages import message_history
    from memos_admin.backend.history.worddiff import marked

    for message in reads.messages([pk], cut=0, first_seq=seq):
        for said in message_history(reads, message):
            yield {
                "user_id": conversation.ref.external_id,
                "conversation_id": conversation.conversation_id,
                "seq": seq,
                "version": said.number,
                "role": message.role,
                "content": None if said.dropped else said.content,
                "diff": "".join(map(marked, said.parts)) if said.parts else None,
                "seen_from": utc(said.seen_from),
                "replaced_at": utc(said.until),
                "dropped": said.dropped,
            }


def _told(row: Mapping[str, Any], width: int) -> Iterator[str]:
    """Yield the lines of what a message said, its words marked where it was changed."""
    from memos_admin.backend.wrapping import wrap

    until = f", until {minute(row['replaced_at'])}" if row["replaced_at"] else ", and now"
    role = one_line(row["role"], _ROLE)
    yield f"{row['seq']}  {role} · version {row['version']}, seen from {minute(row['seen_from'])}{until}"
    said = "no longer kept" if row["dropped"] else row["diff"] or row["content"]
    text = printable(said, newlines=True).expandtabs(4)
    for start, end in wrap(text, width - len(_INDENT)):
        yield (_INDENT + text[start:end]).rstrip()
    yield ""


def transcript(rows: Iterable[Mapping[str, Any]], width: int) -> Iterator[str]:
    """Yield the lines of a transcript, wrapped to `width`, nothing cut."""
    from memos_admin.backend.wrapping import wrap

    for row in rows:
        if row["gap_before"] and row["seq"] == 1:
            yield _SEAMS["beginning"]
        elif row["seam_before"]:
            yield _SEAMS[row["seam_before"]]
        derived = row["derived_memory_ids"]
        made = f"  {counted(len(derived), 'memory')} made of it" if derived else ""
        role = _speaker(row)
        yield f"{row['seq']}  {role}  {minute(row['created_at'])}{made}".rstrip()
        called = [f"tool call  {call}" for call in row["tool_calls"]]
        said = [row["content"]] if row["content"] or not called else []
        for each in (*said, *called):
            text = printable(each, newlines=True).expandtabs(4)
            for start, end in wrap(text, width - len(_INDENT)):
                yield (_INDENT + text[start:end]).rstrip()
        yield ""


def _speaker(row: Mapping[str, Any]) -> str:
    """Return the role of who said a message, with the name or id that MemOS gives beside it."""
    role, name = one_line(row["role"], _ROLE), row["role_name"] or row["role_id"]
    return f"{role} {one_line(other_name(name), _NAME)}" if name else role


def completeness(reads: Reads, conversation: Conversation) -> Iterator[str]:
    """Yield as of when the messages are, and what is known to be missing."""
    from memos_admin.backend.export.completeness import of_conversation

    if conversation.as_of is not None:
        beginning = ", from the beginning" if conversation.from_beginning else ""
        then = minute(utc(conversation.as_of))
        yield f"{counted(conversation.messages, 'message')}{beginning}, as of {then}."
    yield from of_conversation(reads, conversation)

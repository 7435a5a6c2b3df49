"""Conversations of a user or agent.

MemOS Cloud lists no conversations: known are those that a memory names and those that you add.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from memos_admin.backend.command_words import program
from memos_admin.cli.arguments import add_list_options, add_subject_options, add_yes, named_subject
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Failed, Usage
from memos_admin.cli.given_keys import refuse_unknown
from memos_admin.cli.lists import batches, counted, tell_cut, utc
from memos_admin.cli.parser import commands
from memos_admin.cli.progress import Waiting
from memos_admin.cli.removing import ask_and_remove
from memos_admin.cli.table import instant, number, text
from memos_admin.cli.users import find, tell_erased
from memos_admin.cli.values import identity

if TYPE_CHECKING:
    from memos_admin.backend.model import Conversation, Reads, Subject

FIELDS = (
    "user_id",
    "conversation_id",
    "messages",
    "memories",
    "gaps",
    "from_beginning",
    "known_from",
    "fetched_at",
    "served_at",
)
COLUMNS = (
    text("conversation_id", "Conversation", least=16),
    number("messages", "Messages"),
    number("memories", "Memories"),
    number("gaps", "Gaps"),
    text("from_beginning", "From the beginning", gives=4),
    text("known_from", "Known from", gives=3),
    instant("fetched_at", "Last read", gives=2),
    instant("served_at", "Messages as of", gives=1),
)


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)

    listed = verbs.add_parser("list", help="list them, latest activity first")
    add_subject_options(listed, required=True)
    add_list_options(listed)
    listed.set_defaults(run=list_conversations, needs_data=True)

    add = verbs.add_parser("add", help="add conversations that no memory names")
    add_subject_options(add, required=True)
    add.add_argument(
        "ids", nargs="+", type=identity, metavar="CONVERSATION_ID", help="as MemOS knows them"
    )
    add.set_defaults(run=add_conversations)

    remove = verbs.add_parser("remove", help="remove one and its messages from the local store")
    add_subject_options(remove, required=True)
    remove.add_argument("id", type=identity, metavar="CONVERSATION_ID", help="which one")
    add_yes(remove)
    remove.set_defaults(run=remove_conversation, seals=True)


def list_conversations(context: Context, args: argparse.Namespace) -> Exit:
    """``conversations list``."""
    from memos_admin.backend.export.completeness import of_kept

    subject = find(context, named_subject(args))
    reads = context.workspace().reads
    keys = reads.conversation_pks(subject.pk)
    shown = min(len(keys), args.limit or len(keys))
    context.viewed("conversations", {"conversations": shown}, subject=subject.ref)
    context.out.rows(
        _rows(reads, keys[: args.limit or None]),
        fields=FIELDS,
        columns=COLUMNS,
        as_json=args.json,
    )
    if not keys:
        context.out.note("No conversation is known. A sync finds those that memories name.")
    tell_cut(context.out, args.limit, len(keys), "conversations")
    unread = sum(
        found.fetched_at is None for some in batches(keys) for found in reads.conversations(some)
    )
    if unread:
        context.out.note(
            f"The messages of {unread:,} of {len(keys):,} were never read. Run: {program()} sync"
        )
    for line in of_kept(reads, subject.pk):
        context.out.note(line)
    return Exit.DONE


def add_conversations(context: Context, args: argparse.Namespace) -> Exit:
    """``conversations add``."""
    from memos_admin.backend import roster

    ref = named_subject(args)
    try:
        added = context.run(
            lambda workspace: roster.add_conversations(
                workspace, ref, args.ids, on_wait=Waiting(context.out)
            )
        )
    except ValueError as error:
        raise Usage(str(error)) from None
    new, known = len(added.added), len(added.known)
    context.out.note(f"{counted(new, 'conversation')} added, {known:,} known already.")
    tell_erased(context, [ref])
    return Exit.DONE


def remove_conversation(context: Context, args: argparse.Namespace) -> Exit:
    """``conversations remove``: asks only where messages would be lost."""
    from memos_admin.backend import roster

    ref = named_subject(args)
    found = find_conversation(context, args, args.id)
    return ask_and_remove(
        context,
        "conversation",
        args.id,
        lambda workspace: roster.remove_conversation(workspace, ref, args.id, Waiting(context.out)),
        lost=counted(found.messages, "message") if found.messages else "",
        yes=args.yes,
        warning="MemOS serves only the latest 50 messages of it again.",
    )


def find_conversation(context: Context, args: argparse.Namespace, wanted: str) -> Conversation:
    """Return a conversation of whom the arguments name. Raises Failed where it is not known."""
    return conversation_of(context, find(context, named_subject(args)), wanted)


def conversation_of(context: Context, subject: Subject, wanted: str) -> Conversation:
    """Return a conversation of a subject. Raises Failed where it is not known."""
    found = context.workspace().reads.conversation(subject.ref, wanted)
    if found is None:
        refuse_unknown(wanted)
        raise Failed(
            f"There is no conversation {wanted!r} of {subject.ref.kind} "
            f"{subject.ref.external_id!r} in this store. Add it with "
            f"{program()} conversations add --{subject.ref.kind} ID CONVERSATION_ID, then sync."
        )
    return found


def _rows(reads: Reads, keys: Any) -> Iterator[dict[str, Any]]:
    for some in batches(keys):
        for found in reads.conversations(some):
            yield {
                "user_id": found.ref.external_id,
                "conversation_id": found.conversation_id,
                "messages": found.messages,
                "memories": found.memories,
                "gaps": found.gaps,
                "from_beginning": found.from_beginning,
                "known_from": found.known_from,
                "fetched_at": utc(found.fetched_at),
                "served_at": utc(found.served_at),
            }

"""``memories sources``: which messages a memory came from, and how that is known."""

from __future__ import annotations

import argparse
from collections.abc import Container, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from memos_admin.backend.documents import is_document
from memos_admin.cli.context import Context
from memos_admin.cli.evidence.rows import SAID_BY, writer_values
from memos_admin.cli.exits import Exit
from memos_admin.cli.lists import tell_cut, utc
from memos_admin.cli.memories.one import source_values, stored, viewed
from memos_admin.cli.table import instant, number, text

if TYPE_CHECKING:
    from memos_admin.backend.model import Memory, MemorySource, Reads
    from memos_admin.backend.strays import SourceMessage

NOT_FOUND = "not found"
"""Why a source has no message number where it is neither a document nor somebody else's."""

FIELDS = (
    "memory_id",
    "kind",
    "role",
    "excerpt",
    "message_id",
    "time",
    "user_id",
    "conversation_id",
    "seq",
    "author",
    "role_id",
    "role_name",
    "how",
    "until",
    "why",
)
COLUMNS = (
    text("kind", "Kind", gives=3),
    text("role", "Role", gives=2),
    text("excerpt", "Quoted", least=20),
    text("message_id", "Message id", least=12, gives=1),
    text("conversation_id", "Conversation", least=10),
    number("seq", "Message"),
    SAID_BY,
    text("how", "Known by"),
    instant("until", "In an earlier version until", gives=1),
    text("why", "Not here", gives=1),
)


def list_sources(context: Context, args: argparse.Namespace) -> Exit:
    """``memories sources``."""
    memory = stored(context, args.id)
    viewed(context, "sources", memory)
    from memos_admin.backend.display import called
    from memos_admin.backend.strays import others_with, source_messages

    found = source_messages(context.workspace().reads, memory)
    reads = context.workspace().reads
    left = [source for source, said in found if not said]
    others = others_with(reads, memory.ref, left)
    rows = list(_source_rows(memory, found, others))
    context.out.rows(
        rows[: args.limit or None],
        fields=FIELDS,
        columns=COLUMNS,
        as_json=args.json,
    )
    tell_cut(context.out, args.limit, len(rows), "sources")
    if not rows:
        context.out.note("MemOS gave no source of it.")
    elif any(row["why"] == NOT_FOUND and row["message_id"] for row in rows) and _ids_are_dropped(
        reads, memory
    ):
        context.out.note(
            "Ids of messages are no longer kept here (keep_raw_json of config.toml), so which message a source "
            "without a number is cannot be known."
        )
    elif any(row["why"] == NOT_FOUND for row in rows):
        context.out.note(
            "What is not found is in no transcript of this user that was read; evidence missing says why."
        )
    for ref in dict.fromkeys(others.values()):
        context.out.note(f"MemOS names a message of somebody else as its source: {called(ref)}.")
    if any(is_document(row["kind"]) for row in rows):
        kinds = ", ".join(dict.fromkeys(row["kind"] for row in rows if is_document(row["kind"])))
        context.out.note(
            f"A document of a knowledge base ({kinds}) is no message, and has no number."
        )
    return Exit.DONE


def _ids_are_dropped(reads: Reads, memory: Memory) -> bool:
    from memos_admin.backend.strays import no_longer_kept

    return no_longer_kept(reads, memory.ref).ids


def _source_rows(
    memory: Memory,
    everywhere: Sequence[tuple[MemorySource, Sequence[SourceMessage]]],
    others: Container[str],
) -> Iterator[dict[str, Any]]:
    for source, said in everywhere:
        found: list[tuple[Any, ...]] = [
            (
                one.conversation.conversation_id,
                one.seq,
                one.writer,
                one.link.how,
                None if one.link.earlier is None else one.link.earlier.until,
            )
            for one in said
        ]
        nowhere = (memory.conversation_id, *[None] * 4)
        for conversation_id, seq, by, how, until in found or [nowhere]:
            yield {
                "memory_id": memory.memory_id,
                **writer_values(by),
                **source_values(source),
                "user_id": memory.ref.external_id,
                "conversation_id": conversation_id,
                "seq": seq,
                "how": how,
                "until": utc(until),
                "why": _why(source, others) if seq is None else None,
            }


def _why(source: MemorySource, others: Container[str]) -> str:
    """Return why a source is no message of the user that is here."""
    if is_document(source.kind):
        return "knowledge base"
    return "another user" if source.message_id in others else NOT_FOUND

"""The tables of a bundle: conversations, messages, memories, and what these said before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from memos_admin.backend.export import content
from memos_admin.backend.export.rows import (
    MEMORIES_EXPLAINED,
    MEMORY_COLUMNS,
    MESSAGES_EXPLAINED,
    PLAIN_COLUMNS,
    READINGS,
    WHOSE,
    memory_values,
    utc,
)
from memos_admin.backend.export.scope import SubjectScope
from memos_admin.backend.export.table import Block, block
from memos_admin.backend.model import Conversation
from memos_admin.backend.subject_access.material import Material
from memos_admin.backend.verdicts.rows import VERDICTS_EXPLAINED
from memos_admin.store import bundles

PLAIN = PLAIN_COLUMNS | {
    "messages",
    "memories",
    "gaps",
    "from_beginning",
    "of",
    "version",
    "valid_from",
    "replaced_at",
    "kept",
    "vanished_at",
    "given_at",
    "ended_at",
    "came_from",
}
"""Columns of which nobody outside says what stands in them."""

_WHOSE = ("project", "subject_kind", "user_id")
CONVERSATION_COLUMNS = (
    *_WHOSE,
    "conversation_id",
    "messages",
    "memories",
    "gaps",
    "from_beginning",
    "fetched_at",
    "served_at",
)
GONE_COLUMNS = (*MEMORY_COLUMNS, "vanished_at", "reason", "came_from")
"""Of memories, which are not all in use any more."""

VERSION_COLUMNS = (
    *_WHOSE,
    "of",
    "conversation_id",
    "seq",
    "memory_id",
    "version",
    "view",
    "title",
    "content",
    "tags",
    "status",
    "valid_from",
    "replaced_at",
    "kept",
    "not_kept",
)
VERDICT_COLUMNS = (
    *_WHOSE,
    "memory_id",
    "version",
    "view",
    "verdict",
    "note",
    "ticket",
    "operator",
    "given_at",
    "ended_at",
    "ended",
)
EXPLAINED = {
    "conversations.csv": {
        **WHOSE,
        "conversation_id": "the id of the conversation",
        "messages": "how many of its messages are here",
        "memories": "how many memories name it",
        "gaps": "at how many places messages between others are missing",
        "from_beginning": "1: its messages are here from the first one, as far as that is known; 0: earlier ones "
        "may have been",
        **READINGS,
    },
    "messages.csv": {
        **MESSAGES_EXPLAINED,
        "tool_calls": "the tools that the message called: each by its name, with what was sent to it; "
        "data.jsonl has them as MemOS has",
    },
    "memories.csv": {
        **MEMORIES_EXPLAINED,
        "vanished_at": "when it was found that the memory is listed no more; empty: it is listed, or that is in doubt",
        "reason": "why it is thought to be gone: archived, deleted, not found by its id, or not listed twice; empty: it is not, or "
        "missed_at says that this is in doubt",
        "came_from": "what its sources are: a message here; a message here that another person wrote; a "
        "document of a knowledge base; a message of another user; or one that was not found here; empty: "
        "MemOS names none",
    },
    "versions.csv": {
        **WHOSE,
        "of": "of what it is an earlier version: a message or a memory",
        "conversation_id": "of a message: its conversation; of a memory: the one that it named then; empty: it named "
        "none, or that is not kept",
        "seq": "of a message: its number in its conversation; empty: it is a memory",
        "memory_id": "of a memory: its id; empty: it is a message",
        "version": "the number of the version, the oldest that is known is 1",
        "view": "of a memory: its kind then",
        "title": "of a memory: its title then",
        "content": "what it said then",
        "tags": "of a memory: its tags then",
        "status": "of a memory: its state then",
        "valid_from": "of a memory: when a reading found this version first, UTC",
        "replaced_at": "when a reading found something else instead, UTC",
        "kept": "1: the text of the version is kept; 0: it is not any more",
        "not_kept": "the columns of which nobody kept what they said then; those are empty",
    },
    "verdicts.csv": {name: VERDICTS_EXPLAINED[name] for name in VERDICT_COLUMNS},
}
"""What stands in the columns; the manifest has this too."""

_AT_ONCE = 100


class Table(NamedTuple):
    """A table of a bundle: the name of its CSV file, the title of its sheet, and what it has."""

    name: str
    title: str
    columns: Sequence[str]
    blocks: Iterator[Block]


def tables(material: Material) -> Iterator[Table]:
    """Yield the tables in their order; each is to be read before the next one is asked for."""
    yield _of(material, "conversations", CONVERSATION_COLUMNS, _conversations(material))
    scope = SubjectScope(material.subject.ref)
    said = content.opened(material.reads, material.project, scope, material.mask)
    yield Table("messages.csv", said.title, said.columns, said.table())
    yield _of(material, "memories", GONE_COLUMNS, _memories(material))
    yield _of(material, "versions", VERSION_COLUMNS, _versions(material))
    yield _of(material, "verdicts", VERDICT_COLUMNS, _verdicts(material))


def _of(material: Material, name: str, columns: Sequence[str], blocks: Iterator[Block]) -> Table:
    mask = material.mask
    masked = blocks if mask is None else (mask.block(columns, one) for one in blocks)
    return Table(f"{name}.csv", name.title(), columns, masked)


def _conversations(material: Material) -> Iterator[Block]:
    rows = []
    for one in material.conversations():
        counts = one.messages, one.memories, one.gaps, one.from_beginning
        when = utc(one.fetched_at), utc(one.served_at)
        rows.append((*_whose(material), one.conversation_id, *counts, *when))
    yield block(rows)


def _memories(material: Material) -> Iterator[Block]:
    for batch in material.memories():
        yield block(
            (
                *memory_values(material.project, memory, sources),
                utc(memory.vanished_at),
                memory.reason,
                material.came_from(memory, sources),
            )
            for memory, sources in batch
        )


def _versions(material: Material) -> Iterator[Block]:
    revised = bundles.revised(material.reads.query, material.subject.pk)
    for conversation in material.conversations():
        if pks := revised.get(conversation.pk):
            yield block(_of_messages(material, conversation, pks))
    keys = material.reads.memory_pks(material.everything)
    for start in range(0, len(keys), _AT_ONCE):
        yield block(_of_memories(material, keys[start : start + _AT_ONCE]))


def _verdicts(material: Material) -> Iterator[Block]:
    """Yield what operators said of the subject's memories, what they took back among it."""
    yield block(verdict_rows(material))


def verdict_rows(material: Material) -> Iterator[tuple[Any, ...]]:
    """Yield the same as rows of `VERDICT_COLUMNS`, not masked."""
    for memory_id, one in material.verdicts():
        yield (
            *_whose(material),
            memory_id,
            one.version,
            one.view,
            one.verdict,
            one.note,
            one.ticket,
            one.operator,
            utc(one.judged_at),
            utc(one.ended_at),
            one.ended,
        )


def _of_messages(
    material: Material, conversation: Conversation, pks: Sequence[int]
) -> Iterator[tuple[Any, ...]]:
    seqs = {pk: seq for seq, pk in enumerate(material.reads.message_pks(conversation.pk), 1)}
    for pk in pks:
        for number, version in enumerate(material.reads.message_versions(pk), 1):
            place = "message", conversation.conversation_id, seqs.get(pk), None
            said = number, None, None, version.content, (), None
            when = None, utc(version.replaced_at), not version.dropped, ()
            yield (*_whose(material), *place, *said, *when)


def _of_memories(material: Material, keys: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    for memory in material.reads.memories(keys, cut=0):
        if memory.version == 1:
            continue
        for one in material.reads.memory_versions(memory.pk):
            if one.replaced_at is None:
                continue
            place = "memory", one.conversation_id, None, memory.memory_id
            said = one.version, one.view, one.title, one.content, list(one.tags), one.status
            when = utc(one.seen_from), utc(one.replaced_at), not one.dropped, list(one.not_kept)
            yield (*_whose(material), *place, *said, *when)


def _whose(material: Material) -> tuple[str, str, str]:
    ref = material.subject.ref
    return material.project, ref.kind, ref.external_id

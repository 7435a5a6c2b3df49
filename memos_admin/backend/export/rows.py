"""The rows of lists and exports: messages and memories as plain values, in the columns' order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from memos_admin.backend.export.batches import batches
from memos_admin.backend.export.linking import Derived, derived_of, with_derived
from memos_admin.backend.export.table import Block, Run, Values
from memos_admin.backend.model import (
    Conversation,
    Filter,
    Memory,
    MemorySource,
    Reads,
)
from memos_admin.backend.strays import Elsewhere
from memos_admin.backend.times import utc_text
from memos_admin.backend.tool_calls import tool_call
from memos_admin.store import streams
from memos_admin.store.streams import Said

Row = dict[str, Any]
_CONVERSATIONS = 100
_MEMORIES = 500
"""Of so many what stands beside the messages is read at once."""

MESSAGE_COLUMNS = (
    "project",
    "subject_kind",
    "user_id",
    "conversation_id",
    "seq",
    "role",
    "role_id",
    "role_name",
    "content",
    "tool_calls",
    "created_at",
    "updated_at",
    "gap_before",
    "seam_before",
    "derived_memory_ids",
    "fetched_at",
    "served_at",
)
SEAMS = {
    "gap": "messages before it are missing: they were gone from MemOS before they could be read",
    "beginning": "it is the first one here, and what was said before it is not known",
    "reset": "MemOS no longer had the earlier ones; some in between may be missing",
    "uncertain": "where it joins the one before is not certain: of repeats some may be missing",
}
"""What ``seam_before`` says of a message; nothing where it follows the one before."""
READINGS = {
    "fetched_at": "when the messages of the conversation were last read, whether or not MemOS returned any",
    "served_at": "as of when its messages are: the last reading of which it is known that MemOS returned any",
}
"""What its two times mean, as manifests have it."""
WHOSE = {
    "project": "the project here that it was read in",
    "subject_kind": "user or agent",
    "user_id": "the id of that user or agent",
}
"""The columns that all tables begin with."""
MESSAGES_EXPLAINED = {
    **WHOSE,
    "conversation_id": "the conversation that the message stands in",
    "seq": "the number of the message in its conversation when it was read, from 1; no identity: MemOS gives none",
    "role": "who speaks, as MemOS says it, such as user, assistant, system or tool",
    "role_id": "whose message it is, as MemOS says it: in conversations of several people the id of who wrote it; "
    "where it is not the user_id of the row another person did; empty: MemOS gives none",
    "role_name": "the name beside it, as MemOS says it; a message of the role user that has a name and no "
    "role_id may be of the user or of another person",
    "content": "what was said, whole",
    "tool_calls": "the tools that the message called: each by its name, with what was sent to it; JSON lines "
    "have them as MemOS has",
    "created_at": "when it was said, UTC; empty: not known",
    "updated_at": "when MemOS changed it last, UTC; empty: not known",
    "gap_before": "1: messages before it are missing, or it is the first one here and the beginning is not known",
    "seam_before": "what is between it and the message before it: "
    + "; ".join(f"{kind}: {text}" for kind, text in SEAMS.items()),
    "derived_memory_ids": "the memories that certainly came from it: they name it, or quote it",
    **READINGS,
}
"""What stands in the columns of messages."""
MEMORIES_EXPLAINED = {
    **WHOSE,
    "memory_id": "the id that MemOS gave the memory",
    "view": "the kind of memory, as MemOS calls it",
    "title": "its title, as MemOS says it",
    "content": "what it says; empty: that is no longer kept",
    "tags": "its tags, as MemOS says them",
    "status": "its state, as MemOS says it, such as activated or archived",
    "confidence": "how sure MemOS says that it is; empty: it does not say",
    "conversation_id": "the conversation that the memory names; empty: none",
    "created_at": "when MemOS derived it, UTC; empty: not known",
    "updated_at": "when MemOS changed it last, UTC; empty: not known",
    "first_seen": "when a reading found it first, UTC",
    "last_seen": "when a reading found it last, UTC",
    "vanished": "1: MemOS lists it no more, and this is what it said last; 0: it is listed, or missed_at is not empty",
    "sources": "what MemOS says that it came from: a role with what is quoted, or the id of a message; "
    'what is quoted may hold "; " too: JSON lines have each apart',
    "missed_at": "when a whole listing lacked it first, UTC; with vanished 0 MemOS did not list it when it was last read, "
    "and that it is gone is not confirmed; empty: it was listed",
}
"""What stands in the columns of memories."""
MEMORY_COLUMNS = (
    "project",
    "subject_kind",
    "user_id",
    "memory_id",
    "view",
    "title",
    "content",
    "tags",
    "status",
    "confidence",
    "conversation_id",
    "created_at",
    "updated_at",
    "first_seen",
    "last_seen",
    "vanished",
    "sources",
    "missed_at",
)
THEN_COLUMNS = (*MEMORY_COLUMNS, "as_of", "not_kept")
"""Of memories as of an instant: ``not_kept`` names the columns that nobody can know of then."""
THEN_EXPLAINED = {
    **MEMORIES_EXPLAINED,
    "vanished": "1: MemOS listed it no more then, and this is what it had said last; 0: it was listed",
    "as_of": "the instant as of which all of it is told, UTC",
    "not_kept": "the columns of which nobody can know any more what they said then; those are empty",
}
"""What stands in those."""
PLAIN_COLUMNS = frozenset(
    {
        "seq",
        "created_at",
        "updated_at",
        "gap_before",
        "seam_before",
        "fetched_at",
        "served_at",
        "first_seen",
        "last_seen",
        "missed_at",
        "vanished",
        "version",
        "latest_version",
        "changed_since",
        "given_at",
        "ended_at",
        "as_of",
        "not_kept",
    }
)
"""Columns of numbers, times and yes or no, which nobody outside says."""


def message_rows(reads: Reads, project: str, conversation: Conversation) -> Iterator[Row]:
    """Yield a conversation's messages in order, each with the keys `MESSAGE_COLUMNS`.

    Values are JSON's own types; times are text in UTC, ``tool_calls`` a list of texts, each the name of
    a tool and what was sent to it, ``derived_memory_ids`` a list of the memories that certainly came
    from the message. Reads in batches, so memory stays bounded and no
    read of the store outlives a batch.
    """
    # To look at many messages takes longer than to read all that the user said.
    elsewhere = Elsewhere(reads, whole=conversation.messages > streams.MOST)
    for block in message_blocks(reads, project, [conversation], elsewhere):
        for values in block.rows():
            yield dict(zip(MESSAGE_COLUMNS, values, strict=True))


def memory_rows(
    reads: Reads, project: str, wanted: Filter, first: int | None = None
) -> Iterator[Row]:
    """Yield the (`first`) memories that a filter names, each with the keys `memory_columns`.

    Values are JSON's own types as in `message_rows`; ``sources`` is a list of readable texts.
    """
    columns = memory_columns(wanted)
    for memory, sources in chain.from_iterable(memory_batches(reads, wanted, first)):
        values = memory_values(project, memory, sources, wanted.as_of)
        yield dict(zip(columns, values, strict=True))


def memory_columns(wanted: Filter) -> tuple[str, ...]:
    """Return the columns of the memories that a filter names."""
    return MEMORY_COLUMNS if wanted.as_of is None else THEN_COLUMNS


def message_blocks(
    reads: Reads, project: str, conversations: Sequence[Conversation], elsewhere: Elsewhere
) -> Iterator[Block]:
    """Yield the messages of conversations in order as rows of `MESSAGE_COLUMNS`, batch by batch."""
    for some in _together(conversations):
        by_pk = {conversation.pk: conversation for conversation in some}
        behind = streams.seams(reads.query, list(by_pk))
        held = streams.messages_of(reads.query, list(by_pk))
        if held is None:
            for pk, conversation in by_pk.items():
                found = streams.message_batches(reads.query, pk)
                for said, derived in with_derived(reads, conversation, found, _keys, elsewhere):
                    yield _block(project, by_pk, said, behind, derived)
        elif held.pk:
            yield _block(project, by_pk, held, behind, derived_of(reads, some, held, elsewhere))


def _keys(said: Said) -> Sequence[int]:
    return said.pk


def _block(
    project: str,
    conversations: Mapping[int, Conversation],
    said: Said,
    behind: Mapping[int, str],
    derived: Derived,
) -> Block:
    runs, begun, at = [], {}, 0
    for pk, length in Counter(said.conversation_pk).items():
        conversation = conversations[pk]
        ref, name = conversation.ref, conversation.conversation_id
        last = (utc(conversation.fetched_at), utc(conversation.served_at))
        runs.append(Run(length, (project, ref.kind, ref.external_id, name), last))
        # What is before the first one may be missing too; nothing else in the file says so.
        if said.seq[at] == 1 and not conversation.from_beginning:
            begun[said.pk[at]] = "beginning"
        at += length
    created = _utc_texts(said.created_at)
    same = said.updated_at == said.created_at
    updated = created if same else _utc_texts(said.updated_at)
    seam = list(map({**begun, **behind}.get, said.pk))
    # A gap at the first message, or a beginning that is not known: something is missing before it.
    gap = [kind == "gap" or pk in begun for pk, kind in zip(said.pk, seam, strict=True)]
    nothing: list[str] = []
    ids = [derived.get(pk, nothing) for pk in said.pk]
    calls = [nothing if text is None else _calls(text) for text in said.tool_calls]
    who = said.role, said.role_id, said.role_name
    return Block(runs, (said.seq, *who, said.content, calls, created, updated, gap, seam, ids))


def _calls(text: str) -> list[str]:
    return [tool_call(one).text() for one in json.loads(text)]


def _utc_texts(instants: Sequence[int | None]) -> list[str | None]:
    return [None if ms is None else utc_text(ms) for ms in instants]


def _together(conversations: Sequence[Conversation]) -> Iterator[list[Conversation]]:
    """Yield conversations in order, as many together as have few messages and memories in all."""
    some: list[Conversation] = []
    said = made = 0
    for conversation in conversations:
        said, made = said + conversation.messages, made + conversation.memories
        if some and (len(some) == _CONVERSATIONS or said > streams.MOST or made > _MEMORIES):
            yield some
            some, said, made = [], conversation.messages, conversation.memories
        some.append(conversation)
    if some:
        yield some


def memory_values(
    project: str, memory: Memory, sources: Sequence[MemorySource], as_of: int | None = None
) -> Values:
    """Return one memory as a row of `MEMORY_COLUMNS`; of `THEN_COLUMNS` as of an instant."""
    then = () if as_of is None else (utc(as_of), list(memory.not_kept))
    return (
        project,
        memory.ref.kind,
        memory.ref.external_id,
        memory.memory_id,
        memory.view,
        memory.title,
        None if memory.dropped else memory.content,
        list(memory.tags),
        memory.status,
        memory.confidence,
        memory.conversation_id,
        utc(memory.created_at),
        utc(memory.updated_at),
        utc(memory.first_seen),
        utc(memory.last_seen),
        memory.vanished_at is not None,
        [source_text(source) for source in sources],
        utc(memory.missed_at),
        *then,
    )


def source_text(source: MemorySource) -> str:
    """Return a source in words: ``user: I like tea``, or ``message id 17``."""
    named = f"message id {source.message_id}" if source.message_id else None
    if not source.excerpt:
        return named or source.kind
    return f"{source.role or named or source.kind}: {source.excerpt}"


def memory_batches(
    reads: Reads, wanted: Filter, first: int | None = None
) -> Iterator[list[tuple[Memory, list[MemorySource]]]]:
    """Yield the (`first`) memories that a filter names, whole and in its order, with their sources."""
    keys = reads.memory_pks(wanted, first)
    for batch in batches(keys, lambda pks, _: reads.memories(pks, as_of=wanted.as_of)):
        found = streams.sources_of(reads.query, [one.pk for one in batch if one.sources])
        yield [(_without_later(memory), found.get(memory.pk, [])) for memory in batch]


def _without_later(memory: Memory) -> Memory:
    """Return a memory without the conversation of now, where that of then is asked for."""
    later = "conversation_id" in memory.not_kept
    return memory._replace(conversation_id=None) if later else memory


@lru_cache(maxsize=4096)
def utc(ms: int | None) -> str | None:
    """Return a time as text, None where there is none."""
    # Remembered, since the times of readings repeat from row to row.
    return None if ms is None else utc_text(ms)

"""Search: a plain substring over what is stored, or the service's own recall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from memos_admin.backend.times import parse_service_time
from memos_admin.backend.workspace import Workspace
from memos_admin.store.reads import Reads
from memos_admin.store.records import Filter, SubjectRef

HitType = Literal["message", "memory"]

_AROUND = 40
"""Characters of a snippet on each side of the words found."""
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """A message or a memory that was found.

    Attributes:
        seq: a message's position in its conversation, from 1.
        snippet: the words around the first occurrence, `…` where it is cut.
        updated_at: UTC milliseconds; a message's is its latest known time.
        relativity: the service's figure where it was asked, else None.
        role: a message's.
        message_pk: a message's key in this store.
        vanished: a memory that is no longer listed.
    """

    type: HitType
    ref: SubjectRef
    conversation_id: str | None
    seq: int | None
    memory_id: str | None
    view: str | None
    title: str | None
    snippet: str
    updated_at: int | None
    relativity: float | None = None
    role: str | None = None
    message_pk: int | None = None
    vanished: bool = False


def search(
    reads: Reads,
    text: str,
    *,
    subject: SubjectRef | None = None,
    types: frozenset[HitType] = frozenset({"message", "memory"}),
    limit: int | None = None,
) -> Iterator[Hit]:
    """Yield what contains `text` (capitals of ASCII aside): memories first, newest first in each.

    Raises:
        ValueError: `text` is empty.
    """
    if not text.strip():
        raise ValueError("Nothing to search for. Give some words.")
    hits = _memories(reads, text, subject) if "memory" in types else iter(())
    if "message" in types:
        hits = _chain(hits, _messages(reads, text, subject))
    return islice(hits, limit)


def _chain(first: Iterator[Hit], second: Iterator[Hit]) -> Iterator[Hit]:
    yield from first
    yield from second


def _memories(reads: Reads, text: str, subject: SubjectRef | None) -> Iterator[Hit]:
    pks = reads.memory_pks(Filter(subject=subject, text=text))
    for start in range(0, len(pks), _BATCH):
        for memory in reads.memories(pks[start : start + _BATCH]):
            yield Hit(
                type="memory",
                ref=memory.ref,
                conversation_id=memory.conversation_id,
                seq=None,
                memory_id=memory.memory_id,
                view=memory.view,
                title=memory.title,
                snippet=snippet(memory.content, text),
                updated_at=memory.updated_at,
                vanished=memory.vanished_at is not None,
            )


def _messages(reads: Reads, text: str, subject: SubjectRef | None) -> Iterator[Hit]:
    for pk, conversation_pk in reads.message_hits(text, subject):
        conversation = reads.conversations([conversation_pk])
        found = reads.messages([pk], first_seq=reads.message_seq(pk))
        if not conversation or not found:
            continue  # removed since
        message = found[0]
        yield Hit(
            type="message",
            ref=conversation[0].ref,
            conversation_id=conversation[0].conversation_id,
            seq=message.seq,
            memory_id=None,
            view=None,
            title=None,
            snippet=snippet(message.content, text),
            updated_at=message.updated_at or message.created_at,
            role=message.role,
            message_pk=message.pk,
        )


async def recall(
    workspace: Workspace, text: str, ref: SubjectRef, *, limit: int | None = None
) -> list[Hit]:
    """Return what the service would recall for a user, best first, threshold off.

    Raises:
        ValueError: `text` is empty.
        CredentialsError, CloudError: the service could not be asked.
    """
    if not text.strip():
        raise ValueError("Nothing to search for. Give some words.")
    remote = await workspace.remote()
    found = await remote.search(ref.external_id, text, relativity=0, limit=limit)
    return [
        Hit(
            type="memory",
            ref=ref,
            conversation_id=memory.conversation_id,
            seq=None,
            memory_id=memory.memory_id,
            view=memory.view,
            title=memory.title,
            snippet=snippet(memory.content, text),
            updated_at=parse_service_time(memory.update_time, workspace.zone),
            relativity=memory.relativity,
        )
        for memory in found
    ]


def snippet(content: str, text: str) -> str:
    """Return the part of `content` around the first `text`, or its beginning."""
    at = max(content.casefold().find(text.casefold()), 0)
    start, end = max(0, at - _AROUND), at + len(text) + _AROUND
    cut = content[start:end]
    return f"{'…' if start else ''}{cut}{'…' if end < len(content) else ''}"

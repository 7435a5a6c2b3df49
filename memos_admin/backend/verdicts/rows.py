"""Verdicts as rows of lists and exports: what was judged stands in them as it was judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from memos_admin.backend.model import Memory, MemoryVersion, Reads
from memos_admin.backend.times import utc_text
from memos_admin.backend.verdicts.choosing import with_memories
from memos_admin.backend.verdicts.sent import Sent, said_already
from memos_admin.backend.verdicts.standing import history
from memos_admin.store.verdict_records import Verdict

VERDICT_COLUMNS = (
    "project",
    "subject_kind",
    "user_id",
    "memory_id",
    "version",
    "latest_version",
    "changed_since",
    "view",
    "verdict",
    "note",
    "ticket",
    "operator",
    "given_at",
    "ended_at",
    "ended",
    "title",
    "content",
    "tags",
    "status",
    "conversation_id",
    "sent_as",
    "sent_at",
)


def verdict_rows(
    reads: Reads,
    project: str,
    found: Sequence[tuple[Verdict, int]],
    sent: Mapping[str, Sequence[Sent]],
) -> Iterator[tuple[Any, ...]]:
    """Yield rows of `VERDICT_COLUMNS` of what `choosing.chosen` returns; without what is gone by now.

    Title, content, tags and status are those of the version that was judged; None: no longer kept. Behind
    them stands what was sent to MemOS last while a verdict said the same, and when.

    `sent`: what was sent about each memory, see `sent.sent`.
    """
    for one, memory in with_memories(reads, found):
        some = sent.get(memory.memory_id, ())
        last = said_already(one, some, history(reads, memory.pk)) if some else None
        yield (
            project,
            memory.ref.kind,
            memory.ref.external_id,
            memory.memory_id,
            one.version,
            one.latest,
            one.is_changed,
            one.view,
            one.verdict,
            one.note,
            one.ticket,
            one.operator,
            utc_text(one.judged_at),
            None if one.ended_at is None else utc_text(one.ended_at),
            one.ended,
            *_said(reads, one, memory),
            memory.conversation_id,
            None if last is None else last.way,
            None if last is None else utc_text(last.at),
        )


def _said(reads: Reads, one: Verdict, memory: Memory) -> tuple[Any, ...]:
    said = memory if one.version == memory.version else as_judged(reads, one, memory)
    if said is None:
        return None, None, [], None
    if isinstance(said, MemoryVersion) and said.dropped:
        return None, None, [], said.status
    return said.title, said.content, list(said.tags), said.status


def as_judged(reads: Reads, one: Verdict, memory: Memory) -> MemoryVersion | None:
    """Return what a memory said when it was judged; None: that version is no longer kept."""
    versions = (it for it in reads.memory_versions(memory.pk) if it.version == one.version)
    return next(versions, None)

"""Verdicts as rows of lists and exports: what was judged stands in them as it was judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from memos_admin.backend.export.rows import WHOSE
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
VERDICTS_EXPLAINED = {
    **WHOSE,
    "memory_id": "the memory that was judged",
    "version": "which version of it",
    "latest_version": "which version of it is the latest one that is known",
    "changed_since": "1: the memory says something else by now than what was judged; 0: it says that",
    "view": "its kind in that version",
    "verdict": "what was said of it, a word",
    "note": "what was said beside that; empty: nothing",
    "ticket": "for which request it was judged; empty: none was named",
    "operator": "who said it",
    "given_at": "when it was said, UTC",
    "ended_at": "when it was replaced or taken back, UTC; empty: it stands",
    "ended": "how it ended: replaced by another one, withdrawn, or a slip; empty: it stands",
    "title": "the title of the version that was judged; empty: it is no longer kept, or had none",
    "content": "what that version says; empty: it is no longer kept",
    "tags": "its tags",
    "status": "its state, as MemOS said it; empty: that is no longer kept",
    "conversation_id": "the conversation that the memory names now; empty: none",
    "sent_as": "how MemOS was told last while a verdict said the same, such as feedback or archive; empty: it was not",
    "sent_at": "when it was, UTC",
}
"""What stands in them."""


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

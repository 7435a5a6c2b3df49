"""What the store knows of a user's memories, for the table of the recall lab."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from memos_admin.backend.display import BEYOND
from memos_admin.backend.model import Filter, Memory, Reads, SubjectRef
from memos_admin.backend.recall.explaining import ACTIVE, STORED_CUT, Stored
from memos_admin.backend.search import search

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 500
"""Memories that are looked at, those updated last; a table that lists more says less."""

_MOST_FOUND = 25
_READ = STORED_CUT + BEYOND


class Known(NamedTuple):
    """What the store knows.

    Attributes:
        memories: what was asked for by id, what has all words of the question, the latest.
        total: how many the store has of the user, gone ones too; more than `memories` where not all
            were looked at.
        listed_at: the last complete listing; None: never, so that some may be missing.
    """

    memories: tuple[Stored, ...] = ()
    total: int = 0
    listed_at: int | None = None


def known(reads: Reads, ref: SubjectRef, text: str, memory_ids: Iterable[str]) -> Known:
    """Return what the store knows of a user that a question is about.

    Args:
        reads: the store.
        ref: the user.
        text: the question; memories with all of its words are looked at, however old.
        memory_ids: memories that are looked at whatever else is.
    """
    subject = reads.subject(ref)
    if subject is None:
        return Known()
    found: dict[str, Stored] = {}
    for memory in _looked_at(reads, ref, text, memory_ids):
        if memory.ref == ref:
            found.setdefault(memory.memory_id, _stored(memory))
    total = reads.memory_count(Filter(subject=ref))
    return Known(tuple(found.values()), total, subject.listed_at)


def _looked_at(
    reads: Reads, ref: SubjectRef, text: str, memory_ids: Iterable[str]
) -> Iterator[Memory]:
    for memory_id in dict.fromkeys(memory_ids):
        yield from reads.memory(memory_id)
    hits = search(reads, text, subject=ref, types=frozenset({"memory"}), limit=_MOST_FOUND)
    for hit in list(hits):
        yield from reads.memory(hit.memory_id or "")
    pks: Sequence[int] = reads.memory_pks(Filter(subject=ref), MOST)
    yield from reads.memories(pks, cut=_READ)


def _stored(memory: Memory) -> Stored:
    return Stored(
        memory_id=memory.memory_id,
        view=memory.view,
        title=memory.title,
        content=memory.content[:_READ],
        status=memory.status or ACTIVE,
        conversation_id=memory.conversation_id,
        updated_at=memory.updated_at,
        last_seen=memory.last_seen,
        vanished_at=memory.vanished_at,
        reason=memory.reason,
    )

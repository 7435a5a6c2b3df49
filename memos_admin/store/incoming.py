"""What is written: plain values made by the backend from the service's answers.

Raw times stay as text beside the milliseconds computed from them; ``raw`` is ASCII-escaped JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from memos_admin.store.records import MemorySource, SeamKind


@dataclass(frozen=True, slots=True)
class IncomingMemory:
    """A memory of a listing, ready to be stored; `digest` covers all that is stored of it.

    `absent` names the fields of which the listing says nothing: they have no value here.
    """

    memory_id: str
    view: str
    title: str | None
    content: str
    status: str | None
    type: str | None
    confidence: float | None
    conversation_id: str | None
    create_time: str | None
    update_time: str | None
    created_at: int | None
    updated_at: int | None
    tags: tuple[str, ...]
    sources: tuple[MemorySource, ...]
    raw: str
    digest: bytes
    absent: frozenset[str] = frozenset()


def digest_of(view: str, raw: str) -> bytes:
    """Return the digest of a memory that the service gave as `raw` in the list of a view."""
    return blake2b(f"{view}\n{raw}".encode("ascii"), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message of a window, ready to be stored; `parts` and `tool_calls` are JSON."""

    role: str
    role_id: str | None
    role_name: str | None
    content: str
    parts: str | None
    tool_calls: str | None
    tool_call_id: str | None
    create_time: str | None
    update_time: str | None
    created_at: int | None
    updated_at: int | None
    raw: str


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """What stitching needs to know of a message that is stored already.

    `seam` is the kind of the open seam before it, if there is one.
    """

    pk: int
    position: int
    role: str
    role_id: str | None
    content: str
    create_time: str | None
    update_time: str | None
    seam: SeamKind | None = None


@dataclass(frozen=True, slots=True)
class WindowChanges:
    """What one window of messages changes in a conversation.

    Attributes:
        inserts: new messages with the position that each gets.
        positions: new positions of stored messages, where room had to be made.
        versions: stored messages that now say something else.
        seam: kind and index into `inserts` of a new seam, which stands before that message; a
            negative index -n means the stored message with key n.
        closed: keys of stored messages whose open gap before them is covered now.
        moved_gaps: (stored key, index into `inserts`): the gap before that message now stands
            before the inserted one.
    """

    inserts: Sequence[tuple[int, IncomingMessage]] = ()
    positions: Sequence[tuple[int, int]] = ()
    versions: Sequence[tuple[int, IncomingMessage]] = ()
    seam: tuple[SeamKind, int] | None = None
    closed: Sequence[int] = field(default=())
    moved_gaps: Sequence[tuple[int, int]] = field(default=())

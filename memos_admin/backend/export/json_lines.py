"""JSON lines: everything that the store knows, one object a line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from memos_admin.backend.export.rows import utc
from memos_admin.backend.model import (
    Conversation,
    Memory,
    MemorySource,
    MemoryVersion,
    Message,
    MessageVersion,
    SubjectRef,
)

_OURS = frozenset({"pk", "listing_pk", "subject_pk", "ref", "length", "versions", "sources"})
"""Keys of the store, and counts of what stands in the line itself."""
_INSTANTS = frozenset(
    {
        "created_at",
        "updated_at",
        "fetched_at",
        "last_message_at",
        "first_seen",
        "last_seen",
        "missed_at",
        "vanished_at",
        "version_since",
        "seen_from",
        "replaced_at",
    }
)
_NAMES = {"type": "memory_type"}
"""A memory's type, where ``type`` is the line's."""
# Line ends for some programs, which would cut the object in two; in JSON only within text.
_LINE_ENDS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def conversation_line(project: str, conversation: Conversation) -> str:
    """Return the line of a conversation."""
    return _line({"type": "conversation", **_whose(project, conversation.ref)}, conversation)


def message_line(
    project: str,
    conversation: Conversation,
    message: Message,
    *,
    derived: Sequence[str],
    versions: Sequence[MessageVersion],
    raw: str | None,
) -> str:
    """Return the line of a message; `raw` is the service's own object as JSON text."""
    head = {"type": "message", **_whose(project, conversation.ref)}
    head["conversation_id"] = conversation.conversation_id
    more = {
        "derived_memory_ids": list(derived),
        "earlier_versions": [_fields(version) for version in versions],
    }
    return _line(head, message, more, raw)


def memory_line(
    project: str,
    memory: Memory,
    *,
    sources: Sequence[MemorySource],
    versions: Sequence[MemoryVersion],
    raw: str | None,
) -> str:
    """Return the line of a memory as listed for one subject."""
    more = {
        "sources": [asdict(source) for source in sources],
        "earlier_versions": [_fields(one) for one in versions if one.replaced_at is not None],
    }
    return _line({"type": "memory", **_whose(project, memory.ref)}, memory, more, raw)


def _whose(project: str, ref: SubjectRef) -> dict[str, str]:
    return {"project": project, "subject_kind": ref.kind, "user_id": ref.external_id}


def _line(
    head: Mapping[str, Any],
    value: Conversation | Message | Memory,
    more: Mapping[str, Any] = MappingProxyType({}),
    raw: str | None = None,
) -> str:
    # The raw object is spliced in as it is stored: decoding it could change it.
    text = _dumped({**head, **_fields(value), **more})
    return f'{text[:-1]}, "raw": {_on_one_line(raw)}}}\n'


def _fields(value: Any) -> dict[str, Any]:
    return {
        _NAMES.get(name, name): utc(field) if name in _INSTANTS else field
        for name, field in asdict(value).items()
        if name not in _OURS
    }


def _dumped(value: dict[str, Any]) -> str:
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate has no other form in UTF-8
        return json.dumps(value)
    return text.translate(_LINE_ENDS)


def _on_one_line(raw: str | None) -> str:
    if raw is None:
        return "null"
    # A line end in JSON text stands between values, never within one.
    return raw.replace("\r", " ").replace("\n", " ")

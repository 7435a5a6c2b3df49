"""What the service answered, made ready for the store: times computed, JSON kept, digests taken."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from memos_admin.backend.times import parse_service_time
from memos_admin.cloud import answers
from memos_admin.cloud.wire import absent_fields
from memos_admin.store.incoming import IncomingMemory, IncomingMessage, digest_of
from memos_admin.store.records import MemorySource


def memory(answer: answers.Memory, zone: ZoneInfo) -> IncomingMemory:
    """Return a memory of a listing ready to be stored."""
    raw = as_json(answer.raw)
    return IncomingMemory(
        memory_id=answer.memory_id,
        view=answer.view,
        title=answer.title,
        content=answer.content,
        status=answer.status,
        type=answer.type,
        confidence=answer.confidence,
        conversation_id=answer.conversation_id,
        create_time=answer.create_time,
        update_time=answer.update_time,
        created_at=parse_service_time(answer.create_time, zone),
        updated_at=parse_service_time(answer.update_time, zone),
        tags=answer.tags,
        sources=tuple(
            MemorySource(s.kind, s.role, s.excerpt, s.message_id, s.time) for s in answer.sources
        ),
        raw=raw,
        digest=digest_of(answer.view, raw),
        absent=answer.absent,
    )


def unsaid(view: str, raw: str) -> frozenset[str]:
    """Return the fields of a memory of which its stored JSON says nothing."""
    return absent_fields(next(each for each in answers.VIEWS if each == view), json.loads(raw))


def message(answer: answers.Message, zone: ZoneInfo) -> IncomingMessage:
    """Return a message of a window ready to be stored."""
    return IncomingMessage(
        role=answer.role,
        role_id=answer.role_id,
        role_name=answer.role_name,
        content=answer.content,
        parts=None if answer.parts is None else as_json(answer.parts),
        tool_calls=None if answer.tool_calls is None else as_json(answer.tool_calls),
        tool_call_id=answer.tool_call_id,
        create_time=answer.create_time,
        update_time=answer.update_time,
        created_at=parse_service_time(answer.create_time, zone),
        updated_at=parse_service_time(answer.update_time, zone),
        raw=as_json(answer.raw),
    )


def as_json(value: Any) -> str:
    """Return ASCII-escaped JSON, which keeps lone surrogates and every unknown field as given."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))

"""What stores hold, to compare; messages as the store hands them on, made without one."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from memos_admin.backend.model import Message

MEMORIES = "memory m ON m.pk = memory_pk"
SAID = {
    "memories": """SELECT memory_id, view, title, content, status, type, confidence,
        conversation_id, create_time, update_time, created_at, updated_at, version
        FROM memory ORDER BY memory_id""",
    "tags": f"SELECT memory_id, t.ordinal, tag FROM memory_tag t JOIN {MEMORIES} ORDER BY 1, 2",
    "sources": f"""SELECT memory_id, s.ordinal, kind, role, excerpt, message_id, time
        FROM memory_source s JOIN {MEMORIES} ORDER BY 1, 2""",
    "listed": f"SELECT memory_id, subject_pk, vanished_at IS NOT NULL, reason FROM listing JOIN {MEMORIES} ORDER BY 1, 2",
    "messages": """SELECT conversation_id, role, role_id, content, create_time, update_time
        FROM message JOIN conversation c ON c.pk = conversation_pk ORDER BY c.pk, position""",
    "versions": f"SELECT m.view FROM memory_version JOIN {MEMORIES}",
    "message versions": "SELECT pk FROM message_version",
    "seams": "SELECT pk FROM seam",
}


def said(store: Path) -> dict[str, list[Any]]:
    """Return all that the service said, and how often it changed, as a store has it."""
    connection = sqlite3.connect(store)
    try:
        raw = f"SELECT memory_id, raw FROM memory_raw JOIN {MEMORIES} ORDER BY 1"
        found = {name: connection.execute(query).fetchall() for name, query in SAID.items()}
        return found | {"raw": [(i, json.loads(text)) for i, text in connection.execute(raw)]}
    finally:
        connection.close()


def stored_message(
    pk: int, content: str, role: str = "user", time: str | None = "2025-06-10 09:30:00"
) -> Message:
    """A message; its place in the conversation is its key."""
    return Message(
        pk=pk,
        seq=pk,
        role=role,
        role_id=None,
        role_name=None,
        content=content,
        length=len(content),
        parts=None,
        tool_calls=None,
        tool_call_id=None,
        create_time=time,
        created_at=None,
        updated_at=None,
        first_seen=0,
        versions=0,
        seam=None,
    )

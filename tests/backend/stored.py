"""Messages as the store hands them on, made without one."""

from __future__ import annotations

from memos_admin.backend.model import Message


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

"""A project in which a stranger has put texts wherever one can."""

from __future__ import annotations

from dataclasses import replace

from memos_admin.backend import roster
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from tests.backend.service import Service, a_memory, a_message


def clean(text: str) -> str:
    """Return what the cloud layer hands on: no lone surrogates."""
    return (
        text.encode("utf-8", "replace").decode()
        if text.isascii()
        else "".join("\ufffd" if 0xD800 <= ord(char) < 0xE000 else char for char in text)
    )


async def fill(workspace: Workspace, service: Service, *texts: str) -> None:
    """Put each text wherever a stranger could put one, under a user of its own."""
    refs = [_put(service, number, clean(text)) for number, text in enumerate(texts)]
    await roster.add_subjects(workspace, refs)
    await sync(workspace, SyncScope())


def _put(service: Service, number: int, text: str) -> SubjectRef:
    name = text[:90].strip() or "blank"
    try:
        user = roster.check_id(f"{name}{number}")
    except ValueError:  # the roster takes no control characters
        user = f"user {number}"
    message = replace(
        a_message(text, role=text[:40] or "user"),
        role_id=text[:60] or None,
        role_name=text[:60] or None,
        tool_calls=({"function": {"name": text[:500], "arguments": text[:500]}},),
        raw={"content": text[:1000]},
    )
    picture = replace(
        a_message("look", at="2025-06-11 09:30:00"),
        content=f"look\n[image: {text[:50]!r}]",
        parts=({"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": text}}),
    )
    service.say(user, name, message, picture, a_message(text, "tool", at="2025-06-12 09:30:00"))
    service.put(
        user,
        a_memory(
            f"{number}{name}",
            text,
            title=text,
            tags=(text[:100],),
            type=text[:100],
            status=text[:100] or None,
            conversation_id=name,
            sources=(Source(text[:50] or "chat", excerpt=text, role=text[:50], time=text[:50]),),
        ),
    )
    return SubjectRef("user", user)

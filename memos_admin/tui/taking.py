"""What one can take along from where the cursor is: an id, a text, the service's JSON."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from memos_admin.backend.display import safe_json
from memos_admin.tui.desk import Desk


def id_under(desk: Desk, pane: str) -> str | None:
    """Return the id of what is under the cursor of a pane, as the service knows it."""
    if pane == "users":
        return desk.subject.ref.external_id if desk.subject is not None else None
    if pane == "conversations" or _about_message(desk, pane):
        shown = desk.conversation
        return shown.conversation_id if shown is not None else None
    return desk.memory.memory_id if desk.memory is not None else None


async def text_under(desk: Desk, pane: str) -> str | None:
    """Return the whole text of the message or memory that a pane is about; None: there is none."""
    message, memory = desk.message or desk.panes.transcript.message, desk.memory
    if _about_message(desk, pane):
        return (
            None
            if message is None
            else await desk.reader(lambda reads: reads.message_text(message.pk))
        )
    if memory is None:
        return None
    found = await desk.reader(lambda reads: reads.memories([memory.listing_pk]))
    return found[0].content if found else None


async def raw_under(desk: Desk, pane: str) -> tuple[str, str] | None:
    """Return a title and the service's JSON of the message or memory that a pane is about."""
    message, memory = desk.message or desk.panes.transcript.message, desk.memory
    if _about_message(desk, pane):
        if message is None:
            return None
        raw = await desk.reader(lambda reads: reads.message_raw(message.pk))
        return f"Message {message.seq}, as MemOS sent it", _pretty(raw)
    if memory is None:
        return None
    raw = await desk.reader(lambda reads: reads.memory_raw(memory.pk))
    return f"Memory {memory.memory_id}, as MemOS sent it", _pretty(raw)


def _about_message(desk: Desk, pane: str) -> bool:
    return pane == "transcript" or (pane == "detail" and desk.about == "message")


def _pretty(raw: str | None) -> str:
    """Return JSON for reading: indented, in the letters of its language, nothing unseen in it."""
    if raw is None:
        return "MemOS sent no JSON for this that is kept here."
    with suppress(ValueError):
        return safe_json(json.dumps(json.loads(raw), indent=2, ensure_ascii=False))
    return raw


def write_text(path: str, text: str) -> Path:
    """Write a text to a new file with mode 0600, and return where; ``~`` means one's home.

    Raises:
        OSError: it cannot be written; FileExistsError rather than replacing a file.
    """
    target = Path(path).expanduser()
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
        file.write(text)
    return target

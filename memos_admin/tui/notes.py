"""What the frames of the main screen say about what is in them. Pure."""

from __future__ import annotations

from memos_admin.backend.model import Conversation
from memos_admin.tui import phrases


def transcript_title(conversation: Conversation | None) -> str:
    """Return which conversation is shown."""
    if conversation is None:
        return "Messages"
    return f"{conversation.conversation_id} · {conversation.ref.external_id}"


def transcript_note(conversation: Conversation | None, now: int) -> str:
    """Return how complete and how old the messages of a conversation are."""
    if conversation is None or conversation.fetched_at is None:
        return ""
    number = phrases.counted(conversation.messages, "message")
    if not conversation.messages:
        number = "no messages"
    elif conversation.from_beginning:
        number += ", from the beginning"
    elif conversation.messages == conversation.window:
        number = f"the {phrases.count(conversation.messages)} most recent messages"
    if conversation.gaps:
        number += f", {phrases.counted(conversation.gaps, 'gap')}"
    age = phrases.ago(conversation.fetched_at, now).removeprefix("just ")
    return f"{number} · as of {age}"


def no_messages(conversation: Conversation) -> str:
    """Return why a conversation has no messages here, and what to do."""
    if conversation.fetched_at is None:
        return "Messages not fetched yet. Press r to ask MemOS for them."
    return (
        "MemOS returned no messages for this conversation. It may have been deleted, or its "
        "messages were never added under this user.\n\nPress r to ask again."
    )

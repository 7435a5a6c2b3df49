"""What the frames of the main screen say about what is in them. Pure."""

from __future__ import annotations

from collections.abc import Callable

from memos_admin.backend.display import both_ends, printable
from memos_admin.backend.model import Conversation, Memory, Subject
from memos_admin.tui import phrases, troubles
from memos_admin.tui.fitting import Part

MOST_SHOWN = 10_000
"""Messages of a conversation that the transcript shows, the latest; an export has all."""


def transcript_title(conversation: Conversation | None) -> tuple[str, ...]:
    """Return which conversation is shown, and whose it is."""
    if conversation is None:
        return ("Messages",)
    return conversation.conversation_id, conversation.ref.external_id


def transcript_note(conversation: Conversation | None, now: int) -> list[Part]:
    """Return how complete and how old the messages of a conversation are; the age stays to the end."""
    if conversation is None or conversation.fetched_at is None:
        return []
    number = phrases.counted(conversation.messages, "message")
    short = f"{phrases.count(conversation.messages)} msg"
    if not conversation.messages:
        number = short = "no messages"
    elif conversation.messages > MOST_SHOWN:
        most = phrases.count(MOST_SHOWN)
        number, short = f"the {most} latest of {number}", f"{most} of {short}"
    elif not conversation.from_beginning and conversation.messages == conversation.window:
        number = short = f"the {phrases.count(conversation.messages)} latest messages"
    age = phrases.ago(conversation.fetched_at, now)
    if conversation.messages and not conversation.window:
        gone = "MemOS returned none of them"
        return [
            Part(f"{number} kept here", (short, ""), 4),
            Part(gone, ("none returned",), 3),
            Part(age),
        ]
    parts = [Part(number, (short, ""), 4)]
    if conversation.messages > MOST_SHOWN:
        parts.append(Part("an export has all", ("",), 2))
    elif conversation.messages and conversation.from_beginning:
        parts.append(Part("from the start", ("",), 2))
    if conversation.gaps:
        parts.append(Part(phrases.counted(conversation.gaps, "gap"), ("",), 3))
    return [*parts, Part(f"as of {age.removeprefix('just ')}", (age,), 1)]


def subject_state(subject: Subject | None, now: int, read: str) -> str:
    """Return how complete and how old a subject is; `read` is the key that tells of problems."""
    if subject is None:
        return ""
    name = both_ends(subject.ref.external_id, 30)
    if subject.synced_at is None:
        never = "could not be read" if subject.problem else "was never synced"
        return f"{name} {never}" + (f" ({read} why)" if subject.problem else "")
    age = phrases.ago(subject.synced_at, now)
    if subject.problem:
        return f"{name} · in part ({read} why) · synced {age}"
    return f"{name} · synced {age}"


def no_users(text: str, add: str, unnamed: str) -> str:
    """Return why there are no users (that contain a text), and what to do.

    Args:
        text: of the filter.
        add: the key that adds users.
        unnamed: what stands for a project that only the environment names, ``""`` for others.
    """
    if text:
        return f"No user's id contains this. Press enter, then {add} to add it."
    of = f" This is the project of MEMOS_API_KEY: {printable(unnamed)}." if unnamed else ""
    return (
        f"No users yet.{of}\n\nMemOS has no list of users: press {add} to add them by their ids, "
        "or import a file:\n\nmemos-admin users import FILE"
    )


def no_conversations(subject: Subject, text: str, key: Callable[[str], str]) -> str:
    """Return why a user has no conversations (that contain a text), and what to do."""
    if text:
        return f"No conversation's id contains this. Press enter, then {key('add')} to add it."
    if unread := not_read(subject, key):
        return unread
    agent = " --agent" if subject.ref.kind == "agent" else ""
    return (
        "MemOS lists no memories for this id. It may be new there, or mistyped: MemOS has no list "
        "of users to look it up in.\n\n"
        f"Press {key('refresh')} to ask again, {key('add')} to add a conversation by its id. "
        "What takes an id off the roster:\n\n"
        f"memos-admin users remove{agent} {printable(subject.ref.external_id)}"
    )


def not_read(subject: Subject, key: Callable[[str], str]) -> str:
    """Return why nothing of a user is here and what to do, ``""`` where MemOS has said all."""
    if subject.problem:
        why = printable(troubles.problem(subject))
        return f"{why}\n\nPress {key('refresh')} to try again."
    if subject.listed_at is None:
        again = key("refresh")
        return f"Not fetched yet. Press {again} to ask MemOS for the memories of this user."
    return ""


def nothing_to_read(subject: Subject, key: Callable[[str], str]) -> str:
    """Return why there are no messages of a user without conversations, and what to do."""
    none = f"No conversation of this user is known. Press {key('add')} to add one by its id."
    return not_read(subject, key) or none


def nothing_remembered(
    subject: Subject, conversation: Conversation | None, key: Callable[[str], str]
) -> str:
    """Return why there are no memories of a user, or from a conversation, and what to do."""
    if conversation is not None and subject.listed_at is not None:
        return "No memory was made from this conversation."
    none = f"MemOS lists no memories for this id. Press {key('refresh')} to ask again."
    return not_read(subject, key) or none


def no_transcript(memory: Memory | None, *, among_all: bool) -> str:
    """Return why no conversation is shown beside memories; `among_all`: those of a whole user."""
    if memory is not None and memory.conversation_id:
        return (
            f"Conversation {printable(memory.conversation_id)} of this memory is not stored here."
        )
    if memory is not None:
        return "This memory names no conversation, so there are no messages to show."
    if among_all:
        return "Choose a memory: the conversation that it came from appears here."
    return "These memories name no conversation, so there are no messages to show."


def no_messages(conversation: Conversation, refresh: str) -> str:
    """Return why a conversation has no messages here, and what to do; `refresh` is a key."""
    if conversation.fetched_at is None:
        return f"Messages not fetched yet. Press {refresh} to ask MemOS for them."
    return (
        "MemOS returned no messages for this conversation. It may have been deleted, or its "
        f"messages were never added under this user.\n\nPress {refresh} to ask again."
    )


def no_memories(elsewhere: int, key: Callable[[str], str]) -> str:
    """Return that no memory passes a filter, and where some of the same user do."""
    if not elsewhere:
        return f"No memory here passes the filter. Press {key('out')} to drop it."
    verb = "does" if elsewhere == 1 else "do"
    return (
        f"No memory here passes the filter. {phrases.count(elsewhere)} of this user {verb}: press "
        f"{key('enter')} to go to all memories, or {key('out')} to drop the filter."
    )

"""What an export cannot contain, in words: counts without it would say too much."""

from __future__ import annotations

from memos_admin.backend.model import Conversation, Reads, SubjectRef
from memos_admin.backend.remote import WINDOW
from memos_admin.store import streams
from memos_admin.store.streams import Coverage


def of_conversation(reads: Reads, conversation: Conversation) -> tuple[str, ...]:
    """Return a line for each kind of incompleteness that the conversation's messages have."""
    return _of_messages(streams.coverage(reads.query, conversation_pk=conversation.pk))


def of_conversations(reads: Reads, subject_pk: int) -> tuple[str, ...]:
    """Return the same for all conversations of a subject."""
    return _of_messages(streams.coverage(reads.query, subject_pk=subject_pk))


def of_memories(reads: Reads, ref: SubjectRef | None, vanished: int) -> tuple[str, ...]:
    """Return a line for each kind of incompleteness of memories: one subject's, or everybody's.

    Args:
        reads: the store.
        ref: whose; None: everybody's.
        vanished: how many of the memories exported are listed no more.
    """
    subject = None if ref is None else reads.subject(ref)
    lines = []
    if ref is None or subject is not None:
        found = streams.listings(reads.query, None if subject is None else subject.pk)
        if found.never:
            lines.append(
                f"{_whose(found.never, found.subjects, 'was', 'were')} never completely listed: "
                "memories may be missing."
            )
        if found.failed:
            whose = _whose(found.failed, found.subjects, "was", "were")
            lines.append(f"{whose} not read by the last sync.")
    if vanished:
        are = "memory is" if vanished == 1 else "memories are"
        lines.append(f"{vanished:,} {are} listed no more by MemOS (vanished).")
    return tuple(lines)


def _of_messages(found: Coverage) -> tuple[str, ...]:
    count = found.conversations
    lines = []
    if found.never:
        lines.append(f"{_of(found.never, count, 'was', 'were')} never read; a sync reads them.")
    if found.empty:
        which = "it" if found.empty == 1 else "them"
        lines.append(
            f"{_of(found.empty, count, 'is', 'are')} empty: MemOS returned no messages for {which}."
        )
    if found.late:
        lines.append(
            f"{_of(found.late, count, 'is', 'are')} not known from the beginning: "
            f"MemOS serves the latest {WINDOW} messages only."
        )
    if gaps := found.seams.get("gap"):
        lines.append(
            f"{_places(gaps)} messages are missing that MemOS no longer serves (gap_before)."
        )
    if resets := found.seams.get("reset"):
        lines.append(
            f"{_places(resets)} MemOS no longer had the earlier messages; some may be missing."
        )
    if uncertain := found.seams.get("uncertain"):
        lines.append(
            f"{_places(uncertain)} repeated messages are a lower bound: MemOS gives messages no id."
        )
    return tuple(lines)


def _whose(number: int, count: int, singular: str, plural: str) -> str:
    if count == 1:
        return f"The user or agent {singular}"
    return f"{number:,} of {count:,} users and agents {singular if number == 1 else plural}"


def _of(number: int, count: int, singular: str, plural: str) -> str:
    if count == 1:
        return f"The conversation {singular}"
    return f"{number:,} of {count:,} conversations {singular if number == 1 else plural}"


def _places(number: int) -> str:
    return "At 1 place" if number == 1 else f"At {number:,} places"

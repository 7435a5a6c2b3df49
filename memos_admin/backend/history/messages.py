"""What a message said at each reading that found it changed, and what of it was new then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from memos_admin.backend.history.worddiff import Part, word_diff
from memos_admin.backend.model import Conversation, Message, MessageVersion, Reads
from memos_admin.store import said_then as stored
from memos_admin.store.said_then import SaidThen

__all__ = ["Said", "SaidThen", "edited", "message_history", "said_then", "until_changed"]


class Said(NamedTuple):
    """What a message said from one reading to another.

    Attributes:
        number: from 1.
        seen_from: when it was read first; `until`: when something else was read; None: it says so now.
        content: ``""`` where it is `dropped`: no longer kept.
        parts: what is new and what is gone since the one before; none where that cannot be told.
    """

    number: int
    content: str
    seen_from: int
    until: int | None
    dropped: bool
    parts: tuple[Part, ...]


def message_history(reads: Reads, message: Message) -> Iterator[Said]:
    """Yield all that a message has said, oldest first, last what it says now."""
    since, before = message.first_seen, None
    versions = [*reads.message_versions(message.pk), None]
    for number, one in enumerate(versions, 1):
        text = reads.message_text(message.pk) if one is None else one.content
        dropped = one is not None and one.dropped
        parts = () if before is None or dropped else tuple(word_diff(before, text))
        until = None if one is None else one.replaced_at
        yield Said(number, "" if dropped else text, since, until, dropped, parts)
        since, before = until or since, None if dropped else text


def edited(reads: Reads, conversation: Conversation) -> list[tuple[int, int]]:
    """Return the numbers and keys of a conversation's messages that said something else before."""
    return stored.edited(reads.query, conversation.pk)


def said_then(reads: Reads, conversation: Conversation, moment: int) -> list[SaidThen]:
    """Return a conversation's messages in their order, as they were known at an instant."""
    return list(stored.said_then(reads.query, conversation.pk, moment))


def until_changed(
    versions: Sequence[MessageVersion], now: str | None
) -> Iterator[tuple[MessageVersion, list[Part]]]:
    """Yield earlier versions, latest first, each with what came in the place of its words.

    No parts where one of the two texts is no longer kept, or not `now`.
    """
    after = now
    for one in reversed(versions):
        parts = [] if one.dropped or after is None else word_diff(one.content, after)
        yield one, parts
        after = None if one.dropped else one.content

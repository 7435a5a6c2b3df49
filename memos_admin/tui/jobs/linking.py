"""What memories and messages are linked with: messages that are looked through, and the words for how."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import TYPE_CHECKING

from memos_admin.backend.model import (
    Conversation,
    MemorySource,
    Message,
    Reads,
    SaidBefore,
)
from memos_admin.backend.strays import message_ids, said_before
from memos_admin.backend.times import now_ms
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.words import phrases

if TYPE_CHECKING:
    from memos_admin.backend.provenance import Link

MOST_MESSAGES = 5_000
"""Of longer conversations the latest so many are searched for sources."""

HOW = {"message id": N_("message id"), "quoted text": N_("quoted text")}
"""What shows that a memory came from a message, with the words for it."""


def latest_messages(reads: Reads, conversation_pk: int) -> list[Message]:
    """Return the latest `MOST_MESSAGES` of a conversation with their whole text, oldest first."""
    keys = reads.message_pks(conversation_pk)
    first = max(0, len(keys) - MOST_MESSAGES)
    return reads.messages(keys[first:], first_seq=first + 1)


def said_by_these(
    reads: Reads, conversation: Conversation | None, messages: Container[int]
) -> list[SaidBefore]:
    """Return what those messages of a conversation with these keys said before."""
    if conversation is None:
        return []
    return [one for one in said_before(reads, conversation) if one.pk in messages]


def ids_named(
    reads: Reads, sources: Sequence[MemorySource], messages: Sequence[Message]
) -> dict[int, str]:
    """Return the service's ids of messages by their keys, if a source names one."""
    if not any(source.message_id for source in sources):
        return {}
    return message_ids(reads, [one.pk for one in messages])


def known_by(link: Link) -> str:
    """Return what shows that a memory came from a message, and whether that says it no more."""
    how = _(HOW.get(link.how, link.how))
    if link.earlier is None:
        return how
    until = phrases.exact(link.earlier.until, now_ms())
    return _("{how} in an earlier version, until {when}").format(how=how, when=until)

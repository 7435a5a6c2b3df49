"""Where one can be on the main screen: what jumping, searching and going back lead to. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import cast
from urllib.parse import quote, unquote

from memos_admin.backend.model import Filter, Kind, SubjectRef

SCHEME = "memos-admin:"

_NO_CONVERSATION = "-"
"""Stands for no conversation in a link; an id that is one hyphen is written in percent code."""


@dataclass(frozen=True, slots=True)
class Place:
    """A user or agent, and how deep one is in there.

    Attributes:
        conversation_id: None: all memories; ``""``: the memories that name no conversation.
        memory_id: the memory under the cursor.
        message: key of the message under the cursor.
        pane: the one with the focus, of `commands.PANES`.
        beside: the memory under the cursor where the message is what one is about: among all
            memories it says whose conversation is read.
        narrowed: how the memories were filtered and ordered; None: by no text, else as they are.
    """

    subject: SubjectRef
    conversation_id: str | None = None
    memory_id: str | None = None
    message: int | None = None
    pane: str = "conversations"
    beside: str | None = field(default=None, compare=False)
    narrowed: Filter | None = field(default=None, compare=False)

    @property
    def link(self) -> str:
        """A line for a ticket or a mail that the jump box understands on another machine too.

        ``memos-admin:user/ID``, then ``/conversation/ID`` and ``/memory/ID`` as far as they are
        known; in percent code, so that it holds no space. Keys of messages are this store's own
        and stay out of it.
        """
        parts = [self.subject.kind, _coded(self.subject.external_id)]
        if self.conversation_id is not None:
            parts += ["conversation", _coded(self.conversation_id) or _NO_CONVERSATION]
        if self.memory_id is not None:
            parts += ["memory", _coded(self.memory_id)]
        return SCHEME + "/".join(parts)

    @property
    def apart_from_pane(self) -> Place:
        """The place whichever pane has the focus."""
        return replace(self, pane="conversations")


def from_link(text: str) -> Place | None:
    """Return the place that a link leads to; None for a text that is no link of ours."""
    text = text.strip()
    if not text.startswith(SCHEME):
        return None
    kind, *rest = text.removeprefix(SCHEME).split("/")
    if kind not in ("user", "agent") or not rest or not rest[0] or len(rest) % 2 == 0:
        return None
    subject = SubjectRef(cast("Kind", kind), unquote(rest[0]))
    found = dict(zip(rest[1::2], rest[2::2], strict=True))
    if not found.keys() <= {"conversation", "memory"} or 2 * len(found) + 1 != len(rest):
        return None
    conversation, memory = found.get("conversation"), found.get("memory")
    if conversation == "" or memory == "":
        return None
    return Place(
        subject,
        None
        if conversation is None
        else ("" if conversation == _NO_CONVERSATION else unquote(conversation)),
        None if memory is None else unquote(memory),
        pane="conversations" if memory is None else "memories",
    )


def _coded(text: str) -> str:
    coded = quote(text, safe="@:+", errors="replace")
    return "%2D" if coded == _NO_CONVERSATION else coded

"""Where one can be on the main screen: what jumping, searching and going back lead to. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from memos_admin.backend.model import SubjectRef


@dataclass(frozen=True, slots=True)
class Place:
    """A user or agent, and how deep one is in there.

    Attributes:
        conversation_id: None: all memories; ``""``: the memories that name no conversation.
        memory_id: the memory under the cursor.
        message: key of the message under the cursor.
        pane: the one with the focus, of `commands.PANES`.
    """

    subject: SubjectRef
    conversation_id: str | None = None
    memory_id: str | None = None
    message: int | None = None
    pane: str = "conversations"

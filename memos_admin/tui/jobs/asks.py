"""What is being asked of the service, so that a pane can say that its texts are on the way. Pure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from memos_admin.backend.model import Conversation, Subject, SubjectRef
from memos_admin.tui.jobs.running import Runs


@dataclass
class Asking:
    """Something that is asked about one subject.

    Attributes:
        conversation_id: whose messages are asked for; None: the subject's memories are, and the
            messages of what changed.
        waiting: what is waited for; ``""``: for the answer.
    """

    ref: SubjectRef
    conversation_id: str | None = None
    waiting: str = ""


class Asks:
    """Everything that is being asked.

    Attributes:
        runs: the syncs among it.
    """

    def __init__(self) -> None:
        self.runs = Runs()
        self._numbers = itertools.count()
        self._asking: dict[int, Asking] = {}

    def __len__(self) -> int:
        return len(self._asking) + len(self.runs)

    def begin(self, asking: Asking) -> int:
        """Note that something is asked; return the number that ends it."""
        number = next(self._numbers)
        self._asking[number] = asking
        return number

    def end(self, number: int) -> None:
        """Note that something was answered, or given up."""
        del self._asking[number]

    @property
    def waiting(self) -> str:
        """What is waited for, apart from answers and apart from syncs, which tell it themselves."""
        return next((asking.waiting for asking in self._asking.values() if asking.waiting), "")

    def for_memories(self, subject: Subject) -> bool:
        """Whether a subject's memories are asked for, or their turn in a sync may still come."""
        asked = any(
            asking.ref == subject.ref and asking.conversation_id is None
            for asking in self._asking.values()
        )
        return asked or (not subject.problem and self.runs.are_about(subject.ref))

    def for_messages(self, conversation: Conversation) -> bool:
        """Whether the messages of a conversation are asked for."""
        return any(
            asking.ref == conversation.ref
            and asking.conversation_id in (None, conversation.conversation_id)
            for asking in self._asking.values()
        )

"""What can be exported, and listed before it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.verdicts.sent import Sent
from memos_admin.backend.verdicts.verdict_filter import VerdictFilter


@dataclass(frozen=True, slots=True)
class ConversationScope:
    """The messages of one conversation; as JSON lines its memories too."""

    ref: SubjectRef
    conversation_id: str


@dataclass(frozen=True, slots=True)
class SubjectScope:
    """All conversations of a user or agent, the one that began first at the beginning.

    As JSON lines all memories of the subject follow.
    """

    ref: SubjectRef


@dataclass(frozen=True, slots=True)
class MessagesScope:
    """All conversations of everyone, one user or agent after the other by id.

    As JSON lines all memories follow.
    """


@dataclass(frozen=True, slots=True)
class MemoriesScope:
    """The memories that a filter names, in its order."""

    wanted: Filter


@dataclass(frozen=True, slots=True)
class VerdictsScope:
    """Verdicts, the last one first; `sent`: what was sent about each memory, see `verdicts.sent`."""

    verdicts: VerdictFilter
    sent: Mapping[str, Sequence[Sent]]

    @property
    def wanted(self) -> Filter:
        """On which memories."""
        return self.verdicts.memories


Scope = ConversationScope | SubjectScope | MessagesScope | MemoriesScope | VerdictsScope

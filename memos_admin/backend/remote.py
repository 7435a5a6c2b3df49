"""The remote that the backend talks to.

`memos_admin.cloud.client.CloudClient` implements it; a self-hosted server, whose routes differ, can
come beside it. Every method may raise any `memos_admin.cloud.errors.CloudError`; what it documents
beyond that is special to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from memos_admin.cloud.answers import Memory, MemoryPage, MessageWindow, Recalled, Task, View

WINDOW = 50
"""The most messages that the service returns of a conversation (get/message)."""

MOST_RECALLED = 25
"""The most memories of a view that the service recalls (search/memory)."""

PAGE_SIZE = 50
"""The most memories of a view that the service returns a page (get/memory)."""


class Remote(Protocol):
    """A service that remembers, as far as an auditor needs it."""

    on_wait: Callable[[str], None] | None
    """Called with what a request waits for, in words, before and while it waits; ``""``: no more."""

    @property
    def requests(self) -> Mapping[str, int]:
        """Requests sent so far by route, retries included."""

    def counting(self, into: Counter[str]) -> AbstractContextManager[None]:
        """Count by route what this task sends meanwhile, and the tasks that it begins, retries included."""

    @property
    def clock_ahead(self) -> float:
        """Seconds that the clock of this machine is ahead of the service's; 0: that is not known."""

    async def get_messages(self, user_id: str, conversation_id: str) -> MessageWindow:
        """Return the at most `WINDOW` latest messages, in the service's order."""

    async def get_memories(
        self,
        kind: Literal["user", "agent"],
        external_id: str,
        *,
        page: int = 1,
        updated_since: str | None = None,
        views: Sequence[View] | None = None,
    ) -> MemoryPage:
        """Return one page of a subject's active memories, `PAGE_SIZE` a view.

        Args:
            kind: whether `external_id` is a user's or an agent's.
            external_id: the user's or agent's id.
            page: from 1.
            updated_since: a date ``2025-12-10``: only memories updated on it or later.
            views: only these views; all where None.
        """

    async def get_memory(self, memory_id: str) -> Memory:
        """Return one memory, whatever its status. Raises NotFound where there is none."""

    async def search(
        self,
        user_id: str,
        query: str,
        *,
        conversation_id: str | None = None,
        relativity: float | None = None,
        limit: int | None = None,
    ) -> tuple[Memory, ...]:
        """Return what the service would recall, best first, each with its relativity."""

    async def recall(
        self,
        user_id: str,
        query: str,
        conversation_id: str | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Recalled:
        """Return what the service recalls, in its own order, when asked with these parameters.

        Args:
            user_id: whose memories.
            query: what is said to the assistant.
            conversation_id: a conversation to prefer.
            parameters: other fields of ``search/memory`` by their names on the wire.
        """

    async def get_status(self, task_id: str) -> Task:
        """Return the state of an asynchronous task."""

    async def update_memory(
        self,
        memory_id: str,
        *,
        content: str | None = None,
        title: str | None = None,
        status: str | None = None,
    ) -> None:
        """Change a memory. Never retried after it may have been carried out."""

    async def delete_memories(self, memory_ids: Sequence[str]) -> None:
        """Delete memories for good."""

    async def delete_subject(self, kind: Literal["user", "agent"], external_id: str) -> None:
        """Delete everything of a user or an agent for good."""

    async def add_feedback(
        self, user_id: str, conversation_id: str, feedback: str
    ) -> Mapping[str, Any]:
        """Send a correction in words; return the service's answer (a task to follow)."""

    async def close(self) -> None:
        """Close all connections. The client is of no use afterwards."""

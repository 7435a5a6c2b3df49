"""A service in memory, for tests of the sync's logic: what it holds is plain to see and to change."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from zoneinfo import ZoneInfo

from memos_admin.backend.remote import PAGE_SIZE, WINDOW
from memos_admin.backend.times import local, parse_service_time
from memos_admin.cloud import counting
from memos_admin.cloud.answers import (
    Memory,
    MemoryPage,
    Message,
    MessageWindow,
    Recalled,
    Task,
    View,
)
from memos_admin.cloud.errors import CloudError, NotFound

Kind = Literal["user", "agent"]

ZONE = ZoneInfo("Asia/Shanghai")
"""In which the service's dates are."""


def _day(memory: Memory) -> str:
    """Return the day of a memory's update, whichever way its time is written; ``""``: it has none."""
    at = parse_service_time(memory.update_time, ZONE)
    return "" if at is None else local(at, ZONE).date().isoformat()


def a_memory(memory_id: str, text: str = "likes tea", **fields: Any) -> Memory:
    """A fact, updated on 2025-09-17."""
    values: dict[str, Any] = {
        "memory_id": memory_id,
        "view": "detail_factual",
        "title": f"About {memory_id}",
        "content": text,
        "status": "activated",
        "tags": ("a", "b"),
        "confidence": 0.5,
        "conversation_id": "c1",
        "update_time": "2025-09-17T07:58:05Z",
    } | fields
    memory = Memory(**values)
    raw = {"id": memory_id} | {k: v for k, v in values.items() if k not in {"sources", "raw"}}
    return replace(memory, raw=raw)


def a_message(content: str, role: str = "user", at: str | None = "2025-06-10 09:30:00") -> Message:
    """A message whose update time is its create time."""
    raw = {"role": role, "content": content, "create_time": at, "update_time": at}
    return Message(role=role, content=content, create_time=at, update_time=at, raw=raw)


@dataclass
class Service:
    """What the service holds: memories by subject, messages by user and conversation.

    `trouble` is asked before every call with its route and id, and may raise.
    """

    memories: dict[tuple[Kind, str], dict[str, Memory]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    messages: dict[tuple[str, str], list[Message]] = field(
        default_factory=lambda: defaultdict(list)
    )
    requests: Counter[str] = field(default_factory=Counter)
    trouble: Callable[[str, str], None] = lambda route, name: None
    on_wait: Callable[[str], None] | None = None
    honours_filter: bool = True
    clock_ahead: float = 0.0
    details: dict[str, Memory] = field(default_factory=dict)
    window: int = WINDOW
    page_size: int = PAGE_SIZE

    def put(self, owner: str, *memories: Memory, kind: Kind = "user") -> None:
        """List these memories for a subject, in place of those with the same id."""
        self.memories[kind, owner] |= {memory.memory_id: memory for memory in memories}

    def say(self, user_id: str, conversation_id: str, *messages: Message) -> None:
        """Append messages to a conversation."""
        self.messages[user_id, conversation_id] += messages

    def _called(self, route: str, name: str) -> None:
        self.requests[route] += 1
        counting.count(route)
        self.trouble(route, name)

    def counting(self, into: Counter[str]) -> AbstractContextManager[None]:
        return counting.counting(into)

    async def get_messages(self, user_id: str, conversation_id: str) -> MessageWindow:
        self._called("/get/message", user_id)
        latest = self.messages[user_id, conversation_id][-self.window :]
        return MessageWindow(tuple(latest), limit=self.window)

    async def get_memories(
        self,
        kind: Kind,
        external_id: str,
        *,
        page: int = 1,
        updated_since: str | None = None,
        views: Sequence[View] | None = None,
    ) -> MemoryPage:
        self._called("/get/memory", external_id)
        found = list(self.memories[kind, external_id].values())
        if updated_since is not None and self.honours_filter:
            found = [m for m in found if _day(m) >= updated_since]
        pages = max(1, -(-len(found) // self.page_size))
        part = found[(page - 1) * self.page_size : page * self.page_size]
        return MemoryPage(tuple(part), page, pages, len(found), len(part) == self.page_size)

    async def get_memory(self, memory_id: str) -> Memory:
        self._called("/get/memory/{id}", memory_id)
        listed = itertools.chain.from_iterable(m.items() for m in self.memories.values())
        found = self.details.get(memory_id) or dict(listed).get(memory_id)
        if found is None:
            raise NotFound("MemOS has no such memory.")
        return found

    async def search(
        self,
        user_id: str,
        query: str,
        *,
        conversation_id: str | None = None,
        relativity: float | None = None,
        limit: int | None = None,
    ) -> tuple[Memory, ...]:
        self._called("/search/memory", user_id)
        found = self.memories["user", user_id].values()
        return tuple(replace(m, relativity=0.5) for m in found if query in m.content)

    async def recall(
        self,
        user_id: str,
        query: str,
        conversation_id: str | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Recalled:
        """What contains the query is near by 0.5, the rest by 0.1; facts alone are counted."""
        self._called("/search/memory", user_id)
        given = parameters or {}
        near = [
            replace(m, relativity=0.5 if query in m.content else 0.1)
            for m in self.memories["user", user_id].values()
        ]
        passing = [m for m in near if (m.relativity or 0) >= given.get("relativity", 0.45)]
        some = passing[: given.get("memory_limit_number", 9)]
        return Recalled(tuple(some), {"detail_factual": len(some)})

    async def get_status(self, task_id: str) -> Task:
        raise CloudError("not part of these tests")

    async def update_memory(
        self,
        memory_id: str,
        *,
        content: str | None = None,
        title: str | None = None,
        status: str | None = None,
    ) -> None:
        self._called("/update/memory", memory_id)
        fields = {"content": content, "title": title, "status": status}
        changes: dict[str, Any] = {name: text for name, text in fields.items() if text is not None}
        before = await self.get_memory(memory_id)
        changed = replace(before, **changes, raw={**before.raw, **changes})
        self.details[memory_id] = changed
        for owned in self.memories.values():
            if status == "archived":
                owned.pop(memory_id, None)
            elif memory_id in owned:
                owned[memory_id] = changed

    async def delete_memories(self, memory_ids: Sequence[str]) -> None:
        for memory_id in memory_ids:
            self._called("/delete/memory", memory_id)
            self.details.pop(memory_id, None)
            for owned in self.memories.values():
                owned.pop(memory_id, None)

    async def delete_subject(self, kind: Kind, external_id: str) -> None:
        self._called("/delete/memory", external_id)
        for memory_id in self.memories.pop((kind, external_id), {}):
            self.details.pop(memory_id, None)
        for owner, conversation_id in list(self.messages):
            if owner == external_id:
                del self.messages[owner, conversation_id]

    async def add_feedback(
        self, user_id: str, conversation_id: str, feedback: str
    ) -> Mapping[str, Any]:
        raise CloudError("not part of these tests")

    async def close(self) -> None:
        """Nothing is open."""

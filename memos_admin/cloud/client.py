"""The client of MemOS Cloud: `memos_admin.backend.remote.Remote` over HTTP.

What each route is asked, and what is made of its answer. Routes and fields: memos-cloud-api.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from memos_admin.cloud import errors, wire
from memos_admin.cloud.answers import Memory, MemoryPage, MessageWindow, Recalled, Task, View
from memos_admin.cloud.calling import Calling
from memos_admin.cloud.envelope import failure
from memos_admin.cloud.ids import (
    checked_conversation_id,
    checked_memory_id,
    checked_subject_id,
)
from memos_admin.language import gettext as _

WINDOW = 50
"""The most messages that the service returns of a conversation."""

PAGE_SIZE = 50
"""The most memories of a view that the service returns a page."""

MOST_RECALLED = 25
"""The most memories of a view that a search returns."""

_CHECK_USER = "memos-admin connection check"

_T = TypeVar("_T")


class CloudClient(Calling):
    """Asks one project of MemOS Cloud; made and closed as `Calling` is."""

    async def get_messages(self, user_id: str, conversation_id: str) -> MessageWindow:
        """Return the at most `WINDOW` latest messages, in the service's order."""
        route = "/get/message"
        body = {
            "user_id": checked_subject_id(route, user_id),
            "conversation_id": checked_conversation_id(route, conversation_id),
            "message_limit_number": WINDOW,
        }
        answer = await self._call(route, body)
        window = self._folded(
            route,
            lambda: wire.message_window(answer.data, WINDOW, surrogates=answer.surrogates),
        )
        return replace(window, took=answer.took)

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
        route = "/get/memory"
        body: dict[str, Any] = {
            f"{kind}_id": checked_subject_id(route, external_id),
            "page": page,
            "size": PAGE_SIZE,
        }
        if updated_since is not None:
            body["filter"] = {"and": [{"update_time": {"gte": updated_since}}]}
        if views is not None:
            body["include_memory_view"] = list(views)
        answer = await self._call(route, body)
        return self._folded(
            route,
            lambda: wire.memory_page(answer.data, page, PAGE_SIZE, surrogates=answer.surrogates),
        )

    async def get_memory(self, memory_id: str) -> Memory:
        """Return one memory, whatever its status. Raises NotFound where there is none."""
        route = "/get/memory/{id}"
        path = f"/get/memory/{quote(checked_memory_id(route, memory_id), safe='')}"
        answer = await self._call(route, None, path=path)
        memory = self._folded(
            route,
            lambda: wire.detail(answer.data, memory_id, surrogates=answer.surrogates),
        )
        return _found(route, memory)

    async def search(
        self,
        user_id: str,
        query: str,
        *,
        conversation_id: str | None = None,
        relativity: float | None = None,
        limit: int | None = None,
    ) -> tuple[Memory, ...]:
        """Return what the service would recall, best first, each with its relativity.

        Args:
            user_id: whose memories.
            query: what is said to the assistant.
            conversation_id: a conversation to prefer.
            relativity: the threshold; 0 lets everything through, None is the service's (0.45).
            limit: at most so many of each kind, up to `MOST_RECALLED`; None is the service's (9).
        """
        parameters: dict[str, Any] = {
            "include_preference": True,
            "include_tool_memory": True,
            "include_skill": True,
        }
        if relativity is not None:
            parameters["relativity"] = relativity
        if limit is not None:
            most = min(max(limit, 1), MOST_RECALLED)
            for list_name in ("memory", "preference", "tool_memory", "skill"):
                parameters[f"{list_name}_limit_number"] = most
        found = await self.recall(user_id, query, conversation_id, parameters)
        return wire.nearest_first(found.memories)

    async def recall(
        self,
        user_id: str,
        query: str,
        conversation_id: str | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Recalled:
        """Return what the service recalls when it is asked with these parameters, and no others.

        Args:
            user_id: whose memories.
            query: what is said to the assistant.
            conversation_id: a conversation to prefer.
            parameters: other fields of ``search/memory`` by their names on the wire.
        """
        route = "/search/memory"
        body: dict[str, Any] = {
            **(parameters or {}),
            "user_id": checked_subject_id(route, user_id),
            "query": query,
        }
        if conversation_id is not None:
            body["conversation_id"] = checked_conversation_id(route, conversation_id)
        answer = await self._call(route, body)
        return self._folded(route, lambda: wire.recalled(answer.data, surrogates=answer.surrogates))

    async def get_status(self, task_id: str) -> Task:
        """Return the state of an asynchronous task. Raises NotFound where there is none."""
        route = "/get/status"
        answer = await self._call(route, {"task_id": task_id})
        return _found(route, self._folded(route, lambda: wire.task(answer.data, task_id)))

    async def update_memory(
        self,
        memory_id: str,
        *,
        content: str | None = None,
        title: str | None = None,
        status: str | None = None,
    ) -> None:
        """Change a memory. Never retried after it may have been carried out.

        Raises:
            ValueError: neither content nor title nor status is given.
        """
        route = "/update/memory"
        changes = {"content": content, "title": title, "status": status}
        body = {name: value for name, value in changes.items() if value is not None}
        if not body:
            raise ValueError("give a content, a title or a status")
        await self._call(
            route, {"memory_id": checked_memory_id(route, memory_id), **body}, writes=True
        )

    async def delete_memories(self, memory_ids: Sequence[str]) -> None:
        """Delete memories for good; without ids nothing is sent. Never retried as `update_memory`.

        Raises:
            TypeError: `memory_ids` is a text, whose letters would be taken for ids.
        """
        route = "/delete/memory"
        if isinstance(memory_ids, str):
            raise TypeError("give a list of ids")
        if memory_ids:
            body = {"memory_ids": [checked_memory_id(route, each) for each in memory_ids]}
            await self._call(route, body, writes=True)

    async def delete_subject(self, kind: Literal["user", "agent"], external_id: str) -> None:
        """Delete everything of a user or an agent for good. Never retried as `update_memory`."""
        route = "/delete/memory"
        body = {f"{kind}_id": checked_subject_id(route, external_id)}
        await self._call(route, body, writes=True)

    async def add_feedback(
        self, user_id: str, conversation_id: str, feedback: str
    ) -> Mapping[str, Any]:
        """Send a correction in words; return the service's answer (a task to follow)."""
        route = "/add/feedback"
        body = {
            "user_id": checked_subject_id(route, user_id),
            "conversation_id": checked_conversation_id(route, conversation_id),
            "feedback_content": feedback,
        }
        data = (await self._call(route, body, writes=True)).data
        return data if isinstance(data, dict) else {}

    async def check(self) -> None:
        """Return normally if address and key are fine, by listing a user that does not exist.

        Tries twice at most, since somebody waits for it.
        """
        body = {"user_id": _CHECK_USER, "page": 1, "size": 1}
        try:
            await self._call("/get/memory", body, attempts=2)
        except errors.NotFound:
            return  # "user unknown" is an answer of the service to a valid key


def _found(route: str, answer: _T | None) -> _T:
    """Return the answer, or raise NotFound."""
    if answer is None:
        what = _("the service has nothing under this id")
        raise failure(errors.NotFound, route, what, _("Check the id."))
    return answer

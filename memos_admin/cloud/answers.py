"""What the service answered, as plain values: the wire's variants folded into one shape.

Text is clean (no lone surrogates: they became U+FFFD and were counted); times are the raw text of
the wire, since a time without a zone means nothing before the project's zone is known; `raw` is the
service's own object, whole. This module imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

View = Literal["detail_factual", "preference", "tool_memory", "skill", "event", "profile"]
VIEWS: tuple[View, ...] = get_args(View)

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of ``get/message``. As published it has no id of its own.

    Attributes:
        content: text; of a multi-modal message the text parts, then ``[image: …]``, ``[file: …]``,
            joined by line ends.
        parts: the list of parts of a multi-modal message as the service gave it, else None.
        tool_calls: the list of tool calls as the service gave it, else None.
        create_time: raw text of the wire (``2025-06-10 09:30:00``, or digits of an epoch), or None.
    """

    role: str
    content: str
    create_time: str | None = None
    update_time: str | None = None
    role_id: str | None = None
    role_name: str | None = None
    tool_call_id: str | None = None
    parts: tuple[Any, ...] | None = None
    tool_calls: tuple[Any, ...] | None = None
    raw: Raw = field(default_factory=dict)

    @property
    def message_id(self) -> str | None:
        """The id that a deployment gave it, None as a rule."""
        found = self.raw.get("message_id") or self.raw.get("id")
        return str(found) if isinstance(found, str | int) else None


@dataclass(frozen=True, slots=True)
class MessageWindow:
    """The most recent messages of a conversation, in the order of the answer.

    Attributes:
        limit: how many were asked for; as many or more returned means that earlier ones may exist.
        replaced: number of lone surrogates that became U+FFFD.
        skipped: number of items that could not be understood at all.
        took: seconds from when the request that was answered was sent until its answer; None: not known.
    """

    messages: tuple[Message, ...]
    limit: int
    replaced: int = 0
    skipped: int = 0
    took: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Source:
    """What a memory says that it came from: a message id, or a quoted text, or both.

    Attributes:
        kind: the service's own word (``chat``, ``doc``, …), ``message_id`` where only an id is given.
        excerpt: the quoted text, whole; None where none was given.
    """

    kind: str
    excerpt: str | None = None
    role: str | None = None
    message_id: str | None = None
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """One memory of any view.

    Attributes:
        type: the view's own kind (``WorkingMemory``, ``explicit_preference``, ``ToolSchema``, …).
        content: readable text, also for skills (description, procedure, …), profiles (a line a
            leaf) and tools.
        relativity: a number in search answers, else None.
        user_id, agent_id: whom the detail answer names, else None.
        absent: names of the fields above of which the answer says nothing, not even null.
    """

    memory_id: str
    view: View
    title: str | None
    content: str
    status: str | None = None
    type: str | None = None
    tags: tuple[str, ...] = ()
    confidence: float | None = None
    conversation_id: str | None = None
    create_time: str | None = None
    update_time: str | None = None
    sources: tuple[Source, ...] = ()
    relativity: float | None = None
    user_id: str | None = None
    agent_id: str | None = None
    absent: frozenset[str] = frozenset()
    raw: Raw = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemoryPage:
    """One page of ``get/memory``, all views together.

    Attributes:
        pages: how many pages the service says there are; None where it does not say.
        total: the largest view's count as the service says; None where it does not say.
        full: at least one view filled its page, so that a next page may exist.
    """

    memories: tuple[Memory, ...]
    page: int
    pages: int | None
    total: int | None
    full: bool
    replaced: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Recalled:
    """The answer of ``search/memory``.

    Attributes:
        memories: view after view in the order of `VIEWS`, each view in the service's own order. A
            profile is one item a field of it, which may share an id.
        counts: how many items each list of the answer has, those that could not be understood too.
    """

    memories: tuple[Memory, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Task:
    """State of an asynchronous task: running, completed or failed, and which memories it changed.

    Attributes:
        added, updated, deleted: how many memories; None where the service does not say.
        memories: their ids by view, as far as the service names them. Which of them it added and
            which it updated, the service does not say.
    """

    task_id: str
    status: str
    added: int | None = None
    updated: int | None = None
    deleted: int | None = None
    memories: tuple[tuple[str, tuple[str, ...]], ...] = ()
    raw: Raw = field(default_factory=dict)

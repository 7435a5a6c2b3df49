"""Makes memories of added messages and of feedback, the way the service's task does.

There is no language model in the box: each user message becomes a fact that quotes it whole, words
of liking or disliking make a preference beside it, tool calls a tool memory. Texts that a model
would write are plain sentences here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memos_admin.emulator.records import VIEWS, Record, Subject, Wire, message_time, wire_time
from memos_admin.emulator.state import State

LIKING = re.compile(
    r"\b(prefer|i (really )?(like|love|hate)|(don't|don’t|do not) (like|want)|favou?rite)\b"
    r"|喜欢|偏好|讨厌|更想要",
    re.IGNORECASE,
)
CHINESE = re.compile(r"[\u3400-\u9fff]")
TITLE = 48
"""The longest title, in characters."""


@dataclass(frozen=True)
class Batch:
    """Messages that were added together, and what was said about them."""

    owners: tuple[Subject, ...]
    conversation_id: str | None
    messages: Sequence[Wire]
    message_ids: Sequence[str]
    tags: Sequence[str] = ()
    info: Mapping[str, Any] | None = None
    app_id: str | None = None


def plain(content: Any) -> str:
    """Return the text of a message: a string, or the text parts of a multi-modal one."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = (part for part in content if isinstance(part, Mapping))
    return "\n".join(str(part["text"]) for part in parts if part.get("text"))


def extract(state: State, batch: Batch) -> list[Record]:
    """Return the memories that a batch of messages makes, for each of its users.

    Agents that took part list them as well; they have memories alone where no user took part.
    """
    users = [owner for owner in batch.owners if owner.kind == "user"]
    agents = tuple(owner for owner in batch.owners if owner.kind == "agent")
    records = []
    for subjects in [(user, *agents) for user in users] or [agents]:
        maker = _Maker(state, batch, subjects)
        for message, message_id in zip(batch.messages, batch.message_ids, strict=True):
            records.extend(maker.of_message(message, message_id))
    return records


def correct(
    state: State, owners: tuple[Subject, ...], conversation_id: str | None, feedback: str
) -> list[Record]:
    """Return the memory that feedback makes: the correction, in the user's words."""
    message: Wire = {"role": "user", "create_time": message_time(state.now())}
    message_id = state.new_id("feedback")
    maker = _Maker(state, Batch(owners, conversation_id, [], [], ["feedback"]), owners)
    own = _fact("[user opinion]", feedback, "UserMemory")
    source = {**_source(message, feedback, message_id), "type": "feedback"}
    return [maker.record(message_id, "detail_factual", {**own, "sources": [source]})]


class _Maker:
    """Makes memories of one batch for one group of subjects."""

    def __init__(self, state: State, batch: Batch, subjects: tuple[Subject, ...]) -> None:
        self._state, self._batch, self._subjects = state, batch, subjects

    def of_message(self, message: Wire, message_id: str) -> list[Record]:
        """Return what a message makes: nothing if it is not a user's and calls no tool."""
        text = plain(message.get("content"))
        records = []
        if message["role"] == "user":
            sources = [_source(message, text, message_id)]
            fact = {**_fact("[user perspective]", text, "LongTermMemory"), "sources": sources}
            records.append(self.record(message_id, "detail_factual", fact))
            if LIKING.search(text):
                liked = {**_preference(text), "sources": sources}
                records.append(self.record(message_id, "preference", liked))
        given = message.get("tool_calls")
        calls = given if isinstance(given, list) else []
        uses = [self.record(message_id, "tool_memory", _tool_use(call)) for call in calls]
        return records + uses

    def record(self, message_id: str, view: str, own: Wire) -> Record:
        """Return a memory with the view's own fields and those that all have."""
        now = self._state.now()
        memory_id = self._state.new_id("memory")
        times = VIEWS[view].times
        item: Wire = {
            "id": memory_id,
            **own,
            "conversation_id": self._batch.conversation_id,
            "status": "activated",
            "tags": list(self._batch.tags),
            "create_time": wire_time(now, times),
            "update_time": wire_time(now, times),
            "info": dict(self._batch.info or {}),
        }
        return Record(
            memory_id,
            view,
            self._subjects,
            item,
            "activated",
            now,
            now,
            (message_id,),
            self._batch.conversation_id,
            self._batch.app_id,
        )


def _fact(mark: str, text: str, kind: str) -> Wire:
    return {
        "memory_key": _title(text),
        "memory_value": _sentence(mark, text),
        "memory_type": kind,
        "memory_time": None,
        "confidence": 0.99,
    }


def _preference(text: str) -> Wire:
    return {
        "preference": _sentence("[user opinion]", text),
        "preference_type": "explicit_preference",
        "reasoning": "The user said so in their own words.",
    }


def _tool_use(call: Any) -> Wire:
    function = call.get("function") if isinstance(call, Mapping) else None
    name = str(function.get("name")) if isinstance(function, Mapping) else "tool"
    used = {"used_tool": name, "error_type": "", "success_rate": 1.0, "tool_experience": ""}
    return {
        "tool_type": "ToolTrajectoryMemory",
        "tool_value": f"The assistant called {name} with {json.dumps(function, ensure_ascii=False)}.",
        "tool_used_status": [used],
    }


def _source(message: Wire, text: str, message_id: str) -> Wire:
    return {
        "type": "chat",
        "role": message["role"],
        "content": text,
        "chat_time": message["create_time"],
        "message_id": message_id,
        "lang": "zh" if CHINESE.search(text) else "en",
    }


def _title(text: str) -> str:
    line = " ".join(text.split()) or "Message without text"
    return line if len(line) <= TITLE else line[: TITLE - 1] + "…"


def _sentence(mark: str, text: str) -> str:
    if not text:
        return f"{mark} The user sent a message without text."
    if CHINESE.search(text):
        return f"{mark} 用户说：“{text}”"
    return f"{mark} The user said: “{text}”"

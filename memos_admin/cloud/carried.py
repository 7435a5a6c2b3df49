"""Which fields an item of the wire carries: one that it lacks says nothing, one that is null says none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import AliasChoices

if TYPE_CHECKING:
    from memos_admin.cloud.wire import Item, Message

_FED_BY = {
    "content": ("own_content", "content", "memory"),
    "type": ("own_type", "type"),
    "sources": ("sources", "source", "message_ids"),
}
"""Fields of `memos_admin.cloud.answers.Memory` that several fields of the wire models feed."""

_OF_MEMORIES = (
    *("title", "content", "status", "type", "tags", "confidence", "conversation_id"),
    *("create_time", "update_time", "sources"),
)
_OF_MESSAGES = ("role", "content", "create_time")
"""What every message has (memos-cloud-api, "Reads"); tool calls stand for a content."""


@lru_cache(maxsize=256)  # items of one view nearly always have the same names
def absent_of_memory(model: type[Item], names: tuple[str, ...]) -> frozenset[str]:
    """Return the fields of a memory that none of an item's names feeds."""
    fed_by = {"title": model.named_by, **_FED_BY}
    return frozenset(
        field
        for field in _OF_MEMORIES
        if not any(_carries(model, each, names) for each in fed_by.get(field, (field,)))
    )


def absent_of_messages(model: type[Message], items: Iterable[Sequence[str]]) -> dict[str, int]:
    """Return how many messages, given by their names, lack which field that every message has."""
    lacking: dict[str, int] = {}
    for names in items:
        for field in _OF_MESSAGES:
            if not _carries(model, field, names) and not (
                field == "content" and "tool_calls" in names
            ):
                lacking[field] = lacking.get(field, 0) + 1
    return lacking


def _carries(model: type[Item | Message], field: str, names: Sequence[str]) -> bool:
    """Return whether one of the wire's names for a field of a model is among `names`."""
    alias = model.model_fields[field].validation_alias
    known = alias.choices if isinstance(alias, AliasChoices) else [field]
    return any(name in names for name in known)

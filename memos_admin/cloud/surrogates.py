"""Lone surrogates: JSON escapes can name them, no encoding can write them.

In plain values they become U+FFFD and are counted; ``raw`` keeps what the service sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from memos_admin.cloud.answers import Memory, Message

_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")

_Record = TypeVar("_Record", Memory, Message)


def has_surrogate_escapes(text: str) -> bool:
    """Return whether a JSON text may hold lone surrogates: in valid UTF-8 only as escapes."""
    return _ESCAPE.search(text) is not None


def without_surrogates(text: str) -> tuple[str, int]:
    """Return the text with every lone surrogate as U+FFFD, and how many there were."""
    return _SURROGATE.subn("\N{REPLACEMENT CHARACTER}", text)


def clean_records(records: Sequence[_Record]) -> tuple[list[_Record], int]:
    """Return the records without lone surrogates but in ``raw``, and how many there were."""
    replaced = 0

    def count(text: str) -> str:
        nonlocal replaced
        text, found = without_surrogates(text)
        replaced += found
        return text

    return [_clean_record(record, count) for record in records], replaced


def _clean_record(record: Any, count: Callable[[str], str]) -> Any:
    """Return a copy of an answer's dataclass whose texts went through `count`."""
    changes: dict[str, Any] = {}
    for entry in fields(record):
        value = getattr(record, entry.name)
        if isinstance(value, str):
            changes[entry.name] = count(value)
        elif entry.name == "sources":
            changes[entry.name] = tuple(_clean_record(source, count) for source in value)
        elif entry.name == "tags":
            changes[entry.name] = tuple(map(count, value))
        elif entry.name in {"parts", "tool_calls"} and value is not None:
            # Not counted: a part's text is counted in the content that it became.
            changes[entry.name] = tuple(map(_clean_tree, value))
    return replace(record, **changes)


def _clean_tree(value: Any) -> Any:
    """Return JSON without lone surrogates. Depth is bounded by what `jsontext.decode` lets in."""
    if isinstance(value, str):
        return without_surrogates(value)[0]
    if isinstance(value, list):
        return [_clean_tree(child) for child in value]
    if isinstance(value, dict):
        return {_clean_tree(name): _clean_tree(child) for name, child in value.items()}
    return value

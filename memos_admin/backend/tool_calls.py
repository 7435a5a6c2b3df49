"""The tools that a message called: what is told of a call, in whatever form MemOS has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class ToolCall(NamedTuple):
    """A call: the tool's name, ``""`` where none is found, and what was sent to it; else all of the call."""

    name: str
    sent: str

    def text(self) -> str:
        """Return it as one text: ``get_weather: {"city": "Paris"}``."""
        return ": ".join(filter(None, self))


def tool_call(value: Any) -> ToolCall:
    """Return what there is to tell of one of the service's list of calls."""
    inner = value.get("function", value) if isinstance(value, Mapping) else value
    name = inner.get("name") if isinstance(inner, Mapping) else None
    if not isinstance(name, str) or not name:
        return ToolCall("", _text(value))
    return ToolCall(name, _text(inner.get("arguments", "")))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return _unescaped(value) if "\\u" in value else value


def _unescaped(text: str) -> str:
    """Return JSON with its letters, which many programs write as escapes where they are not English."""
    try:
        again = json.dumps(json.loads(text), ensure_ascii=False)
        again.encode()
    except (ValueError, RecursionError):  # no JSON, or half a letter
        return text
    return again

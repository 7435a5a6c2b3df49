"""What is told of a call of a tool, in whatever form MemOS has it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from memos_admin.backend.tool_calls import ToolCall, tool_call


@pytest.mark.parametrize(
    ("value", "name", "sent"),
    [
        ({"function": {"name": "f", "arguments": '{"a": 1}'}}, "f", '{"a": 1}'),
        ({"name": "f", "arguments": {"a": ["朱"]}}, "f", '{"a": ["朱"]}'),
        ({"name": "f"}, "f", ""),
        ({"name": "f", "arguments": json.dumps({"city": "北京"})}, "f", '{"city": "北京"}'),
        ({"name": "f", "arguments": '{"half": "\\ud83d"}'}, "f", '{"half": "\\ud83d"}'),
        ({"name": "f", "arguments": "no \\u JSON"}, "f", "no \\u JSON"),
        ({"name": "f", "arguments": "[" * 100_000 + "\\u0041"}, "f", "[" * 100_000 + "\\u0041"),
        ({"name": 7, "arguments": "x"}, "", '{"name": 7, "arguments": "x"}'),
        ({"function": None, "input": "x"}, "", '{"function": null, "input": "x"}'),
        ("odd", "", "odd"),
        (None, "", "null"),
    ],
    ids=repr,
)
def test_a_call_has_a_name_and_what_was_sent_or_is_told_whole(
    value: Any, name: str, sent: str
) -> None:
    assert tool_call(value) == ToolCall(name, sent)


def test_as_a_text_it_has_what_there_is() -> None:
    assert ToolCall("f", "{}").text() == "f: {}"
    assert ToolCall("f", "").text() == "f"
    assert ToolCall("", "all").text() == "all"

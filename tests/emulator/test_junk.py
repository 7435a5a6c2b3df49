"""Whatever a body says, the answer is an envelope that a client can read."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memos_admin.emulator.breakage import rendered, spoiled
from memos_admin.emulator.demo import demo_data
from memos_admin.emulator.faults import Faults, parse_fault
from memos_admin.emulator.routes import BASE, Api
from memos_admin.emulator.state import State
from tests.effort import examples

ROUTES = {
    "/add/message": ("user_id", "agent_id", "conversation_id", "messages", "tags", "info"),
    "/add/feedback": ("user_id", "agent_id", "conversation_id", "feedback_content"),
    "/get/message": ("user_id", "conversation_id", "message_limit_number"),
    "/get/memory": ("user_id", "agent_id", "page", "size", "filter", "include_memory_view"),
    "/get/status": ("task_id",),
    "/search/memory": ("user_id", "query", "relativity", "filter", "memory_limit_number"),
    "/update/memory": ("memory_id", "content", "title", "status"),
    "/delete/memory": ("memory_ids", "user_id", "agent_id", "filter"),
    "/edit/profile": ("user_id", "profile_template_id", "metadata", "remove_fields"),
}
KNOWN = st.sampled_from(
    [
        "memos_user_123",
        "ops-agent",
        "0610",
        "0a89db3a-2061-4c97-a1b8-45700f8745bc",
        "traveller",
        "activated",
        "archived",
        "",
        "\ud83d",
    ]
)
CONDITIONS = st.sampled_from(
    [
        {"and": [{"update_time": {"gte": "2026-01-01"}}]},
        {"or": [{"tags": {"contains": "x"}}, {"agent_id": "ops-agent"}]},
        {"user": {"and": []}, "agent": None},
        {"and": [{"related_id": [None]}, {"scene": None}]},
        {"and": [{}]},
    ]
)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "tool", ""])},
        optional={
            "content": st.text(max_size=9) | st.just([{"type": "text", "text": 5}, None]),
            "tool_calls": st.just([None, {"function": {"name": 1}}]) | st.just({"a": 1}),
            "chat_time": st.just("2026-01-01 10:00:00") | st.integers(),
        },
    ),
    max_size=3,
)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
VALUES = KNOWN | CONDITIONS | MESSAGES | JUNK | st.lists(KNOWN, max_size=2)


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    route = draw(st.sampled_from(sorted(ROUTES)))
    names = st.sampled_from(ROUTES[route])
    return route, draw(st.dictionaries(names, VALUES, min_size=1))


@given(st.lists(calls(), min_size=1, max_size=8))
@settings(max_examples=examples(200), deadline=None)
def test_no_body_breaks_the_emulator(calls_made: list[tuple[str, dict[str, Any]]]) -> None:
    state = State(demo_data(), task_ms=0)
    api = Api(state, "mpg-test", Faults())
    for route, body in calls_made:
        reply = api.answer("POST", BASE + route, "Token mpg-test", json.dumps(body).encode())
        value = json.loads(rendered(reply).body)
        assert isinstance(value["code"], int)
        assert isinstance(value["message"], str)
        assert (value["data"] is None) == (value["code"] != 0)


@pytest.mark.parametrize("name", ["missing-fields", "unknown-fields", "invalid-utf8", "truncate"])
@given(call=calls())
@settings(max_examples=examples(30), deadline=None)
def test_faults_can_spoil_every_answer(name: str, call: tuple[str, dict[str, Any]]) -> None:
    api = Api(State(demo_data(), task_ms=0), "mpg-test", Faults())
    body = json.dumps(call[1]).encode()
    reply = api.answer("POST", BASE + call[0], "Token mpg-test", body)
    assert spoiled(reply, [parse_fault(name)]).body

"""Whatever a body says, the answer is an envelope that a client can read."""

import json
from typing import Any

import h11
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from memos_admin.emulator.breakage import refused, rendered, spoiled
from memos_admin.emulator.demo import demo_data
from memos_admin.emulator.faults import KINDS, NUMBERS, WHICH, BadFault, Faults, parse_fault
from memos_admin.emulator.routes import BASE, Api, Reply
from memos_admin.emulator.state import State
from tests.effort import examples

ROUTES = {
    "/add/message": ("user_id", "agent_id", "conversation_id", "messages", "tags", "info"),
    "/add/feedback": ("user_id", "agent_id", "conversation_id", "feedback_content"),
    "/get/message": ("user_id", "conversation_id", "message_limit_number"),
    "/get/memory": ("user_id", "agent_id", "page", "size", "filter", "include_memory_view"),
    "/get/status": ("task_id",),
    "/search/memory": (
        *("user_id", "query", "relativity", "filter", "memory_limit_number"),
        *("include_memory_view", "context_format"),
    ),
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
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**63, 10**30, 10**400, -(10**30), 253402300800000])
    | st.floats()
    | st.text(max_size=5)
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
VALUES = KNOWN | CONDITIONS | MESSAGES | JUNK | st.lists(KNOWN, max_size=2)


def as_json(value: object) -> bytes:
    """JSON, with numbers that are none."""
    return json.dumps(value).replace("Infinity", "1e999").encode()


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
        check(api, route, as_json(body))


def check(api: Api, route: str, body: bytes) -> None:
    """Check that a body is answered with JSON, be it a refusal."""
    reply = api.answer("POST", BASE + route, "Token mpg-test", body)
    value = json.loads(rendered(reply).body, parse_constant=pytest.fail)
    assert reply.status < 500
    assert isinstance(value["code"], int)
    assert isinstance(value["message"], str)
    assert (value["data"] is None) == (value["code"] != 0)


@given(
    st.sampled_from(sorted(ROUTES)),
    st.binary() | JUNK.map(as_json),
    st.text(max_size=20),
)
@example("/get/memory", b"[" * 100_000, "")
@example("/get/memory", b'{"page": ' + b"1" * 5000 + b"}", "%")
@settings(max_examples=examples(200), deadline=None)
def test_no_bytes_break_the_emulator(route: str, body: bytes, path: str) -> None:
    api = Api(State(demo_data(), task_ms=0), "mpg-test", Faults())
    check(api, route, body)
    for method in ("GET", "POST"):
        for place in (f"{BASE}/get/memory/{path}", f"/_emulator/{path}", path):
            reply = api.answer(method, place, "Token mpg-test", body)
            json.loads(rendered(reply).body)
            assert reply.status < 500


VALUES_OF_OPTIONS = st.text(max_size=6) | st.sampled_from(
    ["0", "9" * 400, "1.5", ".", "204", "502", "99999", "a\r\nb", "/get/memory", "-1", "一"]
)
SPECS = st.builds(
    lambda name, options: f"{name}:" + ",".join(f"{key}={value}" for key, value in options.items()),
    st.sampled_from(sorted(KINDS)),
    st.dictionaries(st.sampled_from([*WHICH, *sorted(NUMBERS), "type", "by"]), VALUES_OF_OPTIONS),
)


@given(
    st.binary() | (JUNK | st.fixed_dictionaries({"faults": JUNK | st.lists(SPECS)})).map(as_json)
)
@settings(max_examples=examples(200), deadline=None)
def test_faults_of_any_words_are_refused_or_strike(body: bytes) -> None:
    reply = Api(State(demo_data(), task_ms=0), "mpg-test", Faults()).answer(
        "POST", "/_emulator/faults", None, body
    )
    assert json.loads(rendered(reply).body)
    assert reply.status in {200, 400}


@given(SPECS)
@example("error:status=204")
@example("error:status=99999")
@example("content-type:type=a\r\nb")
@example(f"drip:bytes={'9' * 400}")
def test_a_fault_is_refused_or_can_strike(spec: str) -> None:
    try:
        fault = parse_fault(spec)
    except BadFault:
        return
    fault.strikes("/get/memory")
    refusing = KINDS[fault.name].stage == "refuse"
    answer = refused(fault) if refusing else spoiled(Reply(200, {"code": 0}), [fault])
    assert answer.status not in {204, 304}
    assert h11.Response(
        status_code=answer.status, headers=[("Content-Type", answer.content_type)]
    ).headers


@pytest.mark.parametrize("name", ["missing-fields", "unknown-fields", "invalid-utf8", "truncate"])
@given(call=calls())
@settings(max_examples=examples(30), deadline=None)
def test_faults_can_spoil_every_answer(name: str, call: tuple[str, dict[str, Any]]) -> None:
    api = Api(State(demo_data(), task_ms=0), "mpg-test", Faults())
    body = json.dumps(call[1]).encode()
    reply = api.answer("POST", BASE + call[0], "Token mpg-test", body)
    assert spoiled(reply, [parse_fault(name)]).body

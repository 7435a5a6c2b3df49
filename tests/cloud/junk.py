"""Answers of the service that nobody documented: any JSON, in the places where ours reads."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from memos_admin.cloud import wire
from memos_admin.cloud.answers import View

LISTS: dict[str, View] = {
    "memory_detail_list": "detail_factual",
    "preference_detail_list": "preference",
    "tool_memory_detail_list": "tool_memory",
    "skill_detail_list": "skill",
    "event_detail_list": "event",
    "profile_detail_list": "profile",
}
MODELS: list[type[BaseModel]] = [wire.Message, *wire._MODELS.values()]
NAMES = sorted(
    {name for model in MODELS for name in model.model_fields}
    | {"preference_id", "memory_id", "memory_key", "memory_value", "memory_type", "preference"}
    | {"skill_value", "tool_value", "properties", "profile_path", "event_value", "created_at"}
    | {"metadata", "memory_view", "tool_used_status", "value", "name", "text", "type", "status"}
)
TEXTS = st.text(max_size=8) | st.sampled_from(["{}", "[", '{"a": [1]}', '["x"]', "\ud800", "0.5"])
FAR = (
    *(2**63, -(2**63) - 1, 10**400, 1e308, -253402300800000, 253402300799999),
    *("0001-01-01 00:00:00", "9999-12-31T23:59:59-12:00", "1e999", "9" * 400),
)
"""Numbers and times that are beyond what others can hold."""
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(FAR)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
JUNK: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=25,
)
ITEMS = st.dictionaries(st.sampled_from(NAMES), JUNK, min_size=1, max_size=12)
DATA = (
    st.fixed_dictionaries(
        {},
        optional={
            name: st.lists(ITEMS | JUNK, max_size=3) | JUNK
            for name in [*LISTS, "message_detail_list"]
        },
    )
    | ITEMS
    | JUNK
)
ANSWER_BYTES = (
    st.binary(max_size=60)
    | JUNK.map(lambda value: json.dumps(value).encode())
    | st.builds(
        lambda code, data, message: json.dumps(
            {"code": code, "data": data, "message": message}
        ).encode(),
        st.sampled_from([0, 200, 40000, 40001, 40132, 40300, 50004, 77]) | JUNK,
        DATA,
        JUNK,
    )
)

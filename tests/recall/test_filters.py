"""What a filter lets through: never told wrongly, against the emulator's own reading of filters."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.recall.filters import passes
from memos_admin.emulator.filters import compile_filter
from memos_admin.emulator.records import Record, Subject

DAY = 86_400_000
TAGS = st.sampled_from(["a", "b", "c"])


@pytest.mark.parametrize(
    ("wanted", "item", "told"),
    [
        (None, {}, True),
        ({"and": [{"tags": {"contains": "a"}}]}, {"tags": ["a"]}, True),
        ({"and": [{"tags": {"contains": "a"}}]}, {"tags": ["b"]}, False),
        ({"and": [{"tags": {"contains": "a"}}]}, {}, None),
        ({"user": {"or": [{"tags": {"contains": "a"}}]}}, {"tags": ["a"]}, True),
        ({"agent": {"or": [{"tags": {"contains": "a"}}]}}, {"tags": ["a"]}, None),
        ({"or": [{"scene": "chat"}, {"tags": {"contains": "a"}}]}, {"tags": ["a"]}, True),
        ({"and": [{"scene": "chat"}]}, {"info": {"scene": "shop"}}, False),
        ({"and": [{"scene": "chat"}]}, {"info": {}}, None),
        ({"and": [{"update_time": {"gte": "2025-06-10"}}]}, {"update_time": None}, False),
        ({"and": [{"update_time": {"gte": "2025-06-10"}}]}, {"update_time": "2025-06-10"}, None),
        ({"and": [{"update_time": {"gte": "2025-06-10"}}]}, {"update_time": "2025-06-20"}, True),
        ({"and": [{"update_time": {"lt": "2025-06-10"}}]}, {"update_time": "2025-06-20"}, False),
        ({"and": [{"update_time": {"lt": "soon"}}]}, {"update_time": "2025-06-20"}, None),
        ({"and": [{"related_id": ["u", "x"]}]}, {}, True),
        ({"and": [{"related_id": ["x"]}]}, {}, None),
        ({"and": [{"agent_id": "x"}]}, {"agent_id": "y"}, False),
        ({"and": [{"agent_id": "x"}]}, {}, None),
        ({"and": [7]}, {}, None),
        ({"or": []}, {}, None),
        ({"nor": []}, {}, None),
        ({"and": [], "or": []}, {}, None),
    ],
)
def test_what_can_be_told(wanted: Any, item: Any, told: bool | None) -> None:
    assert passes(wanted, item, "u") is told


CONDITIONS = st.one_of(
    st.builds(lambda tag: {"tags": {"contains": tag}}, TAGS),
    st.builds(
        lambda name, word, day: {name: {word: day}},
        st.sampled_from(["create_time", "update_time"]),
        st.sampled_from(["lt", "lte", "gt", "gte"]),
        st.dates(
            min_value=date(2025, 1, 1),
            max_value=date(2026, 1, 1),
        ).map(str),
    ),
    st.just({"scene": "chat"}),
    st.just({"app_id": "shop"}),
)


@given(
    st.sampled_from(["and", "or"]),
    st.lists(CONDITIONS, min_size=1, max_size=4),
    st.lists(TAGS, unique=True),
    st.integers(20_000 * DAY, 20_500 * DAY),
    st.booleans(),
)
def test_what_is_told_is_what_the_emulator_does(
    root: str, conditions: list[dict[str, Any]], tags: list[str], updated: int, chat: bool
) -> None:
    item: dict[str, Any] = {"tags": tags, "update_time": updated, "create_time": updated}
    if chat:
        item["info"] = {"scene": "chat"}
    record = Record(
        id="m",
        view="detail_factual",
        subjects=(Subject("user", "u"),),
        item=item,
        status="activated",
        created=updated,
        updated=updated,
    )
    told = passes({root: conditions}, item, "u")
    assert told in {None, compile_filter({root: conditions}, search=True).matches(record)}


NAMES = st.text() | st.sampled_from(
    ["and", "or", "user", "tags", "update_time", "related_id", "lt"]
)
PLAIN = st.none() | st.text() | st.floats() | st.booleans()
ODD = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner))


@given(ODD)
def test_no_filter_is_too_odd(wanted: Any) -> None:
    wanted = wanted if isinstance(wanted, dict) else {"and": wanted}
    item = {"tags": "a", "update_time": {}, "info": [], "agent_id": 3}
    assert passes(wanted, item, "u") in {True, False, None}

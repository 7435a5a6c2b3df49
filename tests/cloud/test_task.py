"""What a task did, as the service tells it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.cloud import wire
from memos_admin.cloud.answers import Task

DOCUMENTED = {
    "task_id": "t1",
    "status": "completed",
    "memory_views": {
        "added": 1,
        "updated": 1,
        "deleted": 0,
        "detail_factual": {"memory_ids": ["memos_mem_001"]},
        "preference": {"memory_ids": ["memos_mem_002", "memos_mem_003"]},
    },
}


def read(data: Any) -> Task:
    task = wire.task(data, "t1")
    assert task is not None
    return task


@pytest.mark.parametrize("data", [DOCUMENTED, [DOCUMENTED]], ids=["object", "list"])
def test_counts_and_memories_by_view(data: Any) -> None:
    task = read(data)
    assert (task.status, task.added, task.updated, task.deleted) == ("completed", 1, 1, 0)
    assert task.memories == (
        ("detail_factual", ("memos_mem_001",)),
        ("preference", ("memos_mem_002", "memos_mem_003")),
    )
    assert task.raw == DOCUMENTED


@pytest.mark.parametrize("views", [None, [], "x", 3, {}, {"added": None, "skill": None}])
def test_without_changes_nothing_is_said(views: Any) -> None:
    task = read({"status": "running", "memory_views": views})
    assert (task.added, task.updated, task.deleted, task.memories) == (None, None, None, ())


def test_other_ways_to_say_the_same() -> None:
    views = {"added": "2", "updated": 1.0, "deleted": True, "skill": ["s1", 7, "", "s1"]}
    task = read({"status": "completed", "memory_views": views})
    assert (task.added, task.updated, task.deleted) == (2, 1, None)
    assert task.memories == (("skill", ("s1",)),)


def test_lone_surrogates_are_replaced() -> None:
    views = {"new\ud800": {"memory_ids": ["m\udc00"]}}
    assert read({"status": "x", "memory_views": views}).memories == (("new�", ("m�",)),)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(json_values, st.dictionaries(st.sampled_from(["added", "skill", "event"]), json_values))
def test_any_answer_is_read(value: Any, views: dict[str, Any]) -> None:
    for given_views in (value, views):
        task = read({"status": "completed", "memory_views": given_views})
        assert all(each for _, ids in task.memories for each in ids)
        assert all(ids for _, ids in task.memories)

"""Messages, pages of memories, single memories, views and filters."""

from datetime import UTC, datetime
from typing import Any

import pytest

from memos_admin.emulator.demo import demo_data
from memos_admin.emulator.generate import generated_data
from tests.emulator.conftest import Caller, Serve

ANNA, LONG = "anna.schmidt@example.org", "interrail-2026"
LI_WEI = "li.wei@acme.cn"
LISTS = (
    "memory_detail_list",
    "preference_detail_list",
    "tool_memory_detail_list",
    "skill_detail_list",
    "event_detail_list",
    "profile_detail_list",
)


async def window(caller: Caller, limit: int | None = None, **more: Any) -> list[dict[str, Any]]:
    data = await caller.data(
        "/get/message",
        user_id=ANNA,
        conversation_id=LONG,
        message_limit_number=limit,
        **more,
    )
    assert list(data) == ["message_detail_list"]
    messages: list[dict[str, Any]] = data["message_detail_list"]
    return messages


async def test_messages_are_the_latest_oldest_first(demo: Caller) -> None:
    whole = demo_data().transcript(ANNA, LONG)
    assert await window(demo, 50) == list(whole)[-50:]
    assert await window(demo, 1) == [whole[-1]]


async def test_six_messages_unless_told(demo: Caller) -> None:
    assert len(await window(demo)) == 6


async def test_the_clients_own_fields_of_get_message_are_taken(demo: Caller) -> None:
    assert len(await window(demo, 2, conversation_limit_number=3, source="cli")) == 2


async def test_an_unknown_conversation_is_empty(demo: Caller) -> None:
    data = await demo.data("/get/message", user_id=ANNA, conversation_id="no such thing")
    assert data == {"message_detail_list": []}


async def test_pages_cover_each_view_once(serve: Serve) -> None:
    caller = await serve(generated_data(users=1, memories=200, seed=5))
    first = await caller.data("/get/memory", user_id="user-000001", size=50)
    facts = await caller.all_memories("user-000001", "memory_detail_list", size=50)
    preferences = await caller.all_memories("user-000001", "preference_detail_list", size=50)
    assert first["total"] == len(facts) == len({fact["id"] for fact in facts})
    assert first["pages"] == -(-len(facts) // 50)
    assert (first["size"], first["current"]) == (50, 1)
    assert len(preferences) == len({item["id"] for item in preferences}) == 40
    assert len(first["memory_detail_list"]) == 50
    assert set(LISTS) < set(first)


async def test_ten_a_page_unless_told_and_nothing_behind_the_end(serve: Serve) -> None:
    caller = await serve(generated_data(users=1, memories=100))
    data = await caller.data("/get/memory", user_id="user-000001")
    assert (len(data["memory_detail_list"]), data["size"]) == (10, 10)
    data = await caller.data("/get/memory", user_id="user-000001", page=99)
    assert all(data[name] == [] for name in LISTS)


async def test_current_is_another_name_of_page(serve: Serve) -> None:
    caller = await serve(generated_data(users=1, memories=100))
    by_page = await caller.data("/get/memory", user_id="user-000001", page=2)
    by_current = await caller.data("/get/memory", user_id="user-000001", current=2)
    assert by_page == by_current
    assert by_page["current"] == 2


async def test_views_asked_for(demo: Caller) -> None:
    data = await demo.data(
        "/get/memory", user_id=LI_WEI, include_memory_view=["preference", "event"]
    )
    assert data["memory_detail_list"] == []
    assert data["preference_detail_list"]
    assert data["event_detail_list"]
    assert "skill_detail_list" not in data


async def test_older_booleans_leave_views_out(demo: Caller) -> None:
    data = await demo.data(
        "/get/memory", user_id=LI_WEI, include_preference=False, include_tool_memory=False
    )
    assert "preference_detail_list" not in data
    assert "tool_memory_detail_list" not in data
    assert data["memory_detail_list"]
    assert data["event_detail_list"]


async def test_an_agents_list_has_what_it_shares(demo: Caller) -> None:
    data = await demo.data("/get/memory", agent_id="ops-agent", size=50)
    names = {item["skill_value"]["name"] for item in data["skill_detail_list"]}
    assert {"Carrier time-out", "Book an accessible stay"} <= names
    mine = await demo.data("/get/memory", user_id="usr_7f3a9c21", size=50)
    shared = {item["id"] for item in mine["skill_detail_list"]}
    assert shared & {item["id"] for item in data["skill_detail_list"]}


async def test_nobody_has_no_memories(demo: Caller) -> None:
    data = await demo.data("/get/memory", user_id="nobody")
    assert (data["total"], data["pages"], data["memory_detail_list"]) == (0, 0, [])


async def test_a_detail_serves_both_documented_shapes(demo: Caller) -> None:
    data = await demo.data("/get/memory", user_id="maria.gonzalez@example.com", size=50)
    item = next(m for m in data["memory_detail_list"] if m["memory_key"] == "Peanut Allergy")
    detail = (await demo.memory(item["id"]))["data"]
    assert (detail["memory_view"], detail["title"]) == ("detail_factual", "Peanut Allergy")
    assert detail["content"] == detail["memory"] == item["memory_value"]
    assert detail["metadata"]["sources"] == item["sources"]
    assert detail["user_id"] == "maria.gonzalez@example.com"
    assert detail["agent_id"] is None
    assert detail["tags"] == item["tags"]
    assert len(detail["message_ids"]) == 2
    assert detail["conversation_id"] == "lisbon-easter"
    assert {"status", "algorithm_updatable", "created_at", "updated_at", "info"} <= set(detail)


async def test_every_listed_memory_answers_to_its_id(demo: Caller) -> None:
    listed = set()
    for user_id in await demo.own("users"):
        data = await demo.data("/get/memory", user_id=user_id, size=50)
        for name in LISTS:
            for item in data[name]:
                listed.add(item["id"])
                detail = (await demo.memory(item["id"]))["data"]
                assert detail["id"] == item["id"]
                assert detail["content"]
                assert detail["user_id"] == user_id
    assert len(listed) > 100


async def test_archived_and_deleted_memories_answer_to_their_id_only(demo: Caller) -> None:
    data = await demo.data("/get/memory", user_id=LI_WEI, size=50)
    listed = {item["preference"] for item in data["preference_detail_list"]}
    old = next(r for r in demo_data().records if r.content == "用户喜欢靠窗的座位。")
    assert old.content not in listed
    assert (await demo.memory(old.id))["data"]["status"] == "archived"


async def test_times_come_in_several_forms(demo: Caller) -> None:
    data = await demo.data("/get/memory", user_id=ANNA, size=50)
    assert isinstance(data["memory_detail_list"][0]["update_time"], int)
    assert "T" in data["tool_memory_detail_list"][0]["update_time"]
    assert data["skill_detail_list"][0]["update_time"].endswith("+00:00")
    assert " " in data["event_detail_list"][0]["update_time"]
    assert "updated_at" in data["profile_detail_list"][0]


def since(day: str, field: str = "update_time", word: str = "gte") -> dict[str, Any]:
    return {"and": [{field: {word: day}}]}


async def test_a_date_filters_by_update_time(demo: Caller) -> None:
    async def titles(condition: dict[str, Any] | None) -> set[str]:
        found = await demo.all_memories(LI_WEI, "memory_detail_list", size=3, filter=condition)
        return {item["memory_key"] for item in found}

    late, early = await titles(since("2026-08-01")), await titles(since("2026-08-01", word="lt"))
    assert "成都客户晚餐" in late
    assert "发票抬头" in early
    assert not late & early
    assert late | early == await titles(None)


async def test_a_future_date_matches_nothing(demo: Caller) -> None:
    data = await demo.data("/get/memory", user_id=LI_WEI, filter=since("2031-01-01"))
    assert (data["total"], data["pages"]) == (0, 0)
    assert all(data[name] == [] for name in LISTS)


async def test_a_time_that_is_not_there_never_matches(demo: Caller) -> None:
    for word in ("gte", "lt"):
        data = await demo.data(
            "/get/memory",
            user_id="memos_user_123",
            filter=since("2026-01-01", "create_time", word),
        )
        assert data["total"] == 0
    data = await demo.data("/get/memory", user_id="memos_user_123", filter=since("2025-09-17"))
    assert data["total"] == 2


async def test_generated_lists_filter_as_a_scan_does(serve: Serve) -> None:
    caller = await serve(generated_data(users=1, memories=300, seed=2))
    for day in ("2025-09-01", "2026-01-13", "2026-11-14", "2026-11-15", "2026-11-16"):
        everything = await caller.all_memories("user-000001", "memory_detail_list", size=50)
        for word in ("gte", "lt"):
            found = await caller.all_memories(
                "user-000001", "memory_detail_list", size=50, filter=since(day, word=word)
            )
            start = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000
            expected = [m for m in everything if (m["update_time"] >= start) == (word == "gte")]
            assert found == expected


async def test_conditions_are_joined_by_their_root(serve: Serve) -> None:
    caller = await serve(generated_data(users=2, memories=100))
    both = [{"scene": "support"}, {"update_time": {"gte": "2026-06-01"}}]

    async def ids(condition: Any) -> set[str]:
        found = await caller.all_memories(
            "user-000001", "memory_detail_list", size=50, filter=condition
        )
        return {item["id"] for item in found}

    one, other = await ids({"and": both[:1]}), await ids({"and": both[1:]})
    assert one
    assert other
    assert await ids({"and": both}) == one & other
    assert await ids({"or": both}) == one | other
    assert await ids({"and": [{"related_id": ["user-000001", "x"]}]}) == await ids(None)
    assert await ids({"and": [{"related_id": ["user-000002"]}]}) == set()
    assert await ids({"and": [{"agent_id": "a"}]}) == set()
    assert await ids({"and": [{"app_id": "a"}]}) == set()


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"update_time": {"gte": "2026-01-01"}}, 40000),
        ({"and": {"scene": "chat"}}, 40000),
        ({"and": ["scene"]}, 40000),
        ({"and": [], "or": []}, 40000),
        ("and", 40000),
        (since("2026-01-01 10:00:00"), 40000),
        (since("1758095885922"), 40000),
        ({"and": [{"update_time": {"near": "2026-01-01"}}]}, 40000),
        ({"and": [{"update_time": "2026-01-01"}]}, 40000),
        ({"and": [{"related_id": "u"}]}, 40000),
        ({"and": [{"scene": {"like": "x"}}]}, 40000),
        ({"and": [{"tags": {"contains": "x"}}]}, 40006),
    ],
)
async def test_filters_that_cannot_be_understood(demo: Caller, bad: Any, code: int) -> None:
    assert await demo.code("/get/memory", user_id=ANNA, filter=bad) == code


async def test_no_filter_in_three_ways(demo: Caller) -> None:
    plain = await demo.data("/get/memory", user_id=ANNA)
    assert plain == await demo.data("/get/memory", user_id=ANNA, filter=None)
    assert plain == await demo.data("/get/memory", user_id=ANNA, filter={})

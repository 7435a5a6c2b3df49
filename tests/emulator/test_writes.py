"""Writes change what reads return."""

from typing import Any

import pytest

from memos_admin.emulator.demo import demo_data
from memos_admin.emulator.generate import generated_data
from tests.emulator.conftest import Caller, Clock, Serve

MARIA = "maria.gonzalez@example.com"


def said(text: Any, **more: Any) -> dict[str, Any]:
    return {"role": "user", "content": text, **more}


async def facts(caller: Caller, user_id: str) -> list[dict[str, Any]]:
    return await caller.all_memories(user_id, "memory_detail_list", size=50)


async def test_added_messages_are_there_at_once_under_one_time(serve: Serve, clock: Clock) -> None:
    caller = await serve(clock=clock)
    await caller.data(
        "/add/message",
        user_id="new",
        conversation_id="c",
        messages=[said("Hello"), {"role": "assistant", "content": "Hi"}],
    )
    data = await caller.data("/get/message", user_id="new", conversation_id="c")
    time = "2026-09-21 14:13:20"
    assert data["message_detail_list"] == [
        {"role": "user", "content": "Hello", "create_time": time, "update_time": time},
        {"role": "assistant", "content": "Hi", "create_time": time, "update_time": time},
    ]


async def test_added_messages_become_memories_after_a_task(serve: Serve, clock: Clock) -> None:
    caller = await serve(clock=clock, task_ms=300)
    added = await caller.data(
        "/add/message",
        user_id="new",
        conversation_id="c",
        messages=[said("I am off to Oslo"), {"role": "assistant", "content": "Have fun"}],
        tags=["trip"],
        info={"scene": "chat"},
    )
    assert (added["success"], added["status"]) == (True, "running")
    assert await facts(caller, "new") == []
    status = await caller.data("/get/status", task_id=added["task_id"])
    assert (status["task_id"], status["status"]) == (added["task_id"], "running")

    clock.now += 300
    status = await caller.data("/get/status", task_id=added["task_id"])
    [fact] = await facts(caller, "new")
    assert status["status"] == "completed"
    assert status["memory_views"]["added"] == 1
    assert status["memory_views"]["detail_factual"] == {"memory_ids": [fact["id"]]}
    assert "I am off to Oslo" in fact["memory_value"]
    assert fact["tags"] == ["trip"]
    assert fact["conversation_id"] == "c"
    assert fact["create_time"] == fact["update_time"] == clock.now
    assert [source["content"] for source in fact["sources"]] == ["I am off to Oslo"]
    found = await caller.data("/get/memory", user_id="new", filter={"and": [{"scene": "chat"}]})
    assert found["total"] == 1


async def test_every_user_message_is_quoted(demo: Caller) -> None:
    texts = ["one", "two\nlines", "三句话", "one"]
    await demo.data(
        "/add/message", user_id="n", conversation_id="c", messages=[said(text) for text in texts]
    )
    quoted = [fact["sources"][0]["content"] for fact in await facts(demo, "n")]
    assert sorted(quoted) == sorted(texts)


async def test_a_wait_for_the_task_can_be_asked_for(serve: Serve, clock: Clock) -> None:
    caller = await serve(clock=clock)
    added = await caller.data(
        "/add/message", user_id="n", conversation_id="c", messages=[said("x")], async_mode=False
    )
    assert added["status"] == "completed"
    assert len(await facts(caller, "n")) == 1


async def test_liking_makes_a_preference_and_calls_a_tool_memory(demo: Caller) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    messages = [
        said("I prefer tea"),
        said("我喜欢茶"),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "found", "tool_call_id": "1"},
    ]
    await demo.data("/add/message", user_id="n", conversation_id="c", messages=messages)
    data = await demo.data("/get/memory", user_id="n")
    assert len(data["memory_detail_list"]) == 2
    assert len(data["preference_detail_list"]) == 2
    assert data["tool_memory_detail_list"][0]["tool_used_status"][0]["used_tool"] == "find"
    window = await demo.data("/get/message", user_id="n", conversation_id="c")
    assert window["message_detail_list"][2]["tool_calls"] == [call]
    assert window["message_detail_list"][3]["tool_call_id"] == "1"


async def test_multi_modal_messages_keep_their_parts(demo: Caller) -> None:
    parts = [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "https://x.example/i.png"}},
    ]
    await demo.data("/add/message", user_id="n", conversation_id="c", messages=[said(parts)])
    window = await demo.data("/get/message", user_id="n", conversation_id="c")
    assert window["message_detail_list"][0]["content"] == parts
    [fact] = await facts(demo, "n")
    assert fact["sources"][0]["content"] == "Look"


async def test_a_group_chat_is_stored_for_each_participant(demo: Caller) -> None:
    messages = [said("Who comes?", role_id="a", role_name="Ann"), said("Me", role_id="b")]
    await demo.data(
        "/add/message",
        user_id=["a", "b"],
        agent_id="helper",
        conversation_id="g",
        messages=messages,
    )
    for user_id in ("a", "b"):
        window = await demo.data("/get/message", user_id=user_id, conversation_id="g")
        assert window["message_detail_list"][0]["role_name"] == "Ann"
        assert len(await facts(demo, user_id)) == 2
    shared = await demo.data("/get/memory", agent_id="helper")
    assert len(shared["memory_detail_list"]) == 4
    assert {"a", "b"} <= set(await demo.own("users"))
    assert await demo.own("agents") == ["ops-agent", "helper"]


async def test_the_time_of_a_chat_is_kept(demo: Caller) -> None:
    messages = [said("x", chat_time="2025-06-10 09:30:00")]
    await demo.data("/add/message", user_id="n", conversation_id="c", messages=messages)
    window = await demo.data("/get/message", user_id="n", conversation_id="c")
    assert window["message_detail_list"][0]["create_time"] == "2025-06-10 09:30:00"


async def test_messages_can_be_added_to_a_known_conversation(demo: Caller) -> None:
    await demo.data(
        "/add/message", user_id="memos_user_123", conversation_id="0610", messages=[said("And?")]
    )
    window = await demo.data("/get/message", user_id="memos_user_123", conversation_id="0610")
    assert [m["content"] for m in window["message_detail_list"]][-1] == "And?"
    assert len(window["message_detail_list"]) == 5


async def test_feedback_becomes_a_memory(serve: Serve, clock: Clock) -> None:
    caller = await serve(clock=clock)
    before = len(await facts(caller, MARIA))
    started = await caller.data(
        "/add/feedback",
        user_id=MARIA,
        conversation_id="lisbon-easter",
        feedback_content="I have no allergy",
    )
    assert set(started) == {"success", "task_id", "status"}
    clock.now += 5_000
    after = await facts(caller, MARIA)
    assert len(after) == before + 1
    assert "I have no allergy" in after[0]["memory_value"]


async def test_an_update_changes_the_memory_and_its_time(serve: Serve, clock: Clock) -> None:
    clock.now = 1_800_000_000_000
    caller = await serve(clock=clock)
    before = (await facts(caller, MARIA))[3]
    answer = await caller.data(
        "/update/memory", memory_id=before["id"], content="Corrected", title="New", status=None
    )
    assert answer == {"success": True}
    after = (await facts(caller, MARIA))[0]
    assert after == {
        **before,
        "memory_key": "New",
        "memory_value": "Corrected",
        "update_time": clock.now,
    }
    detail = (await caller.memory(before["id"]))["data"]
    assert (detail["content"], detail["memory"], detail["title"]) == (
        "Corrected",
        "Corrected",
        "New",
    )
    assert len(await facts(caller, MARIA)) == len(
        {fact["id"] for fact in await facts(caller, MARIA)}
    )


async def test_an_update_time_always_moves_ahead(serve: Serve, clock: Clock) -> None:
    clock.now = 0  # long before the demo's times
    caller = await serve(clock=clock)
    before = (await facts(caller, MARIA))[0]
    await caller.data("/update/memory", memory_id=before["id"], content="x")
    after = (await caller.memory(before["id"]))["data"]
    assert after["updated_at"] > after["created_at"]


@pytest.mark.parametrize("status", ["archived", "deleted"])
async def test_memories_leave_the_lists_and_come_back(demo: Caller, status: str) -> None:
    before = await facts(demo, MARIA)
    memory_id = before[2]["id"]
    await demo.data("/update/memory", memory_id=memory_id, status=status)
    assert [m["id"] for m in await facts(demo, MARIA)] == [
        m["id"] for m in before if m["id"] != memory_id
    ]
    assert (await demo.memory(memory_id))["data"]["status"] == status
    await demo.data("/update/memory", memory_id=memory_id, status="activated")
    assert {m["id"] for m in await facts(demo, MARIA)} == {m["id"] for m in before}


async def test_each_view_can_be_changed_but_a_profiles_text(demo: Caller) -> None:
    data = await demo.data("/get/memory", user_id="anna.schmidt@example.org", size=50)
    for name, items in data.items():
        if not name.endswith("_list"):
            continue
        memory_id = items[0]["id"]
        if name == "profile_detail_list":
            assert await demo.code("/update/memory", memory_id=memory_id, content="x") == 40006
            continue
        await demo.data("/update/memory", memory_id=memory_id, content="New text", title="Title")
        detail = (await demo.memory(memory_id))["data"]
        assert (detail["content"], detail["title"]) == ("New text", "Title"), name


async def test_the_data_that_others_start_with_stay_as_they_are(serve: Serve) -> None:
    first, second = await serve(), await serve()
    memory_id = (await facts(first, MARIA))[0]["id"]
    await first.data("/update/memory", memory_id=memory_id, content="Only here")
    await first.data("/delete/memory", user_id="张伟")
    assert (await second.memory(memory_id))["data"]["content"] != "Only here"
    assert await facts(second, "张伟")


async def test_deleted_memories_are_gone(demo: Caller) -> None:
    before = await facts(demo, MARIA)
    ids = [before[0]["id"], before[4]["id"]]
    answer = await demo.data("/delete/memory", memory_ids=ids, user_ids=[MARIA])
    assert answer == {"success": True}
    assert [m["id"] for m in await facts(demo, MARIA)] == [
        m["id"] for m in before if m["id"] not in ids
    ]
    assert (await demo.memory(ids[0]))["code"] == 40001
    assert await demo.code("/delete/memory", memory_ids=ids) == 40307


async def test_an_unknown_memory_deletes_nothing(demo: Caller) -> None:
    before = await facts(demo, MARIA)
    assert await demo.code("/delete/memory", memory_ids=[before[0]["id"], "no such id"]) == 40307
    assert await facts(demo, MARIA) == before


async def test_deleting_a_user_deletes_everything_of_theirs(demo: Caller) -> None:
    shared = (await demo.data("/get/memory", user_id="u-88120"))["tool_memory_detail_list"]
    await demo.data("/delete/memory", user_id="u-88120")
    data = await demo.data("/get/memory", user_id="u-88120")
    assert data["total"] == 0
    window = await demo.data("/get/message", user_id="u-88120", conversation_id="ticket-41822")
    assert window == {"message_detail_list": []}
    assert "u-88120" not in await demo.own("users")
    agents = await demo.data("/get/memory", agent_id="ops-agent", size=50)
    left = {item["id"] for item in agents["tool_memory_detail_list"]}
    assert shared
    assert left
    assert not left & {item["id"] for item in shared}
    assert await demo.code("/delete/memory", user_id="u-88120") == 40308


async def test_a_deleted_user_can_begin_anew(demo: Caller) -> None:
    await demo.data("/delete/memory", user_id="张伟")
    await demo.data("/add/message", user_id="张伟", conversation_id="c", messages=[said("hi")])
    assert len(await facts(demo, "张伟")) == 1
    assert "张伟" in await demo.own("users")


async def test_deleting_an_agent_leaves_what_users_have_alone(demo: Caller) -> None:
    await demo.data("/delete/memory", agent_id="ops-agent")
    assert (await demo.data("/get/memory", agent_id="ops-agent"))["total"] == 0
    assert len(await facts(demo, "u-88120")) == 8


async def test_deleting_by_filter(demo: Caller) -> None:
    condition = {"and": [{"agent_id": "ops-agent"}]}
    await demo.data("/delete/memory", filter=condition)
    assert (await demo.data("/get/memory", agent_id="ops-agent"))["total"] == 0
    assert await demo.code("/delete/memory", filter={}) == 40003


async def test_a_filter_over_too_much_is_not_permitted(serve: Serve) -> None:
    caller = await serve(generated_data(users=1000, memories=1000))
    condition = {"and": [{"update_time": {"gte": "2020-01-01"}}]}
    assert await caller.code("/delete/memory", filter=condition) == 40306


async def test_a_profile_is_edited(demo: Caller) -> None:
    body = {"user_id": MARIA, "profile_template_id": "traveller"}
    await demo.data(
        "/edit/profile",
        **body,
        metadata={"food": {"allergies": "none"}, "pet": "cat"},
        remove_fields=["home.city", "no.such"],
    )
    [profile] = (await demo.data("/get/memory", user_id=MARIA))["profile_detail_list"]
    properties = profile["properties"]
    assert properties["food"]["allergies"]["value"] == "none"
    assert properties["food"]["likes"]["value"] == "Thai"
    assert properties["pet"] == {"value": "cat", "algorithm_updatable": True}
    assert properties["home"] == {}


async def test_a_profile_is_made_where_there_is_none(demo: Caller) -> None:
    body = {"agent_id": "new-agent", "profile_template_id": "t"}
    await demo.data("/edit/profile", **body, metadata={"tone": "calm"})
    [profile] = (await demo.data("/get/memory", agent_id="new-agent"))["profile_detail_list"]
    assert (await demo.memory(profile["id"]))["data"]["content"] == "tone: calm"


async def test_generated_memories_are_written_like_others(serve: Serve, clock: Clock) -> None:
    clock.now = 1_800_000_000_000
    caller = await serve(generated_data(users=2, memories=300, seed=1), clock=clock)
    before = await facts(caller, "user-000002")
    gone, changed = before[7]["id"], before[60]["id"]
    await caller.data("/delete/memory", memory_ids=[gone])
    await caller.data("/update/memory", memory_id=changed, content="Changed")
    after = await facts(caller, "user-000002")
    rest = [m["id"] for m in before if m["id"] not in {gone, changed}]
    assert [m["id"] for m in after] == [changed, *rest]
    since = {"and": [{"update_time": {"gte": "2027-01-01"}}]}
    [found] = await caller.all_memories("user-000002", "memory_detail_list", filter=since)
    assert found["memory_value"] == "Changed"
    assert (await caller.memory(gone))["code"] == 40001


async def test_ids_of_what_is_written_repeat_from_run_to_run(serve: Serve) -> None:
    ids = []
    for _ in range(2):
        caller = await serve(task_ms=0)
        await caller.data("/add/message", user_id="n", conversation_id="c", messages=[said("x")])
        ids.append([fact["id"] for fact in await facts(caller, "n")])
    assert ids[0] == ids[1]
    assert demo_data() is demo_data()

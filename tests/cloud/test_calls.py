"""What is sent: bodies, headers and paths of every call."""

import inspect
from typing import Any

import pytest

from memos_admin.backend import remote
from memos_admin.cloud import client as client_module
from memos_admin.cloud import errors
from memos_admin.cloud.client import CloudClient
from memos_admin.cloud.key import ApiKey
from memos_admin.cloud.origin import BadAddress
from tests.cloud.conftest import SECRET, Service, envelope


def test_it_is_the_remote_that_the_backend_talks_to(key: ApiKey) -> None:
    made: remote.Remote = CloudClient("https://memos.example/v1", key)
    for name in ("get_messages", "get_memories", "get_memory", "search", "recall", "update_memory"):
        promised = inspect.signature(getattr(remote.Remote, name))
        assert inspect.signature(getattr(type(made), name)) == promised
    assert (client_module.WINDOW, client_module.PAGE_SIZE) == (remote.WINDOW, remote.PAGE_SIZE)
    assert client_module.MOST_RECALLED == remote.MOST_RECALLED


def test_a_bad_address_is_refused_before_anything_else(key: ApiKey) -> None:
    with pytest.raises(BadAddress, match="plain http"):
        CloudClient("http://memos.example/v1", key)


async def test_reads_send_what_the_api_documents(client: CloudClient, service: Service) -> None:
    service.answer(envelope({"message_detail_list": []}))
    await client.get_messages("张三", "0610")
    await client.get_memories("user", "u1")
    await client.get_memories("agent", "a1", page=3, updated_since="2025-12-10", views=["skill"])
    await client.search("u1", "where?")
    await client.search("u1", "x", conversation_id="c", relativity=0.0, limit=99)
    await client.recall("u1", "x", "c", {"relativity": 0.3, "user_id": "other"})
    bodies = [request.json for request in service.requests]
    included = {"include_preference": True, "include_tool_memory": True, "include_skill": True}
    limits = ("memory", "preference", "tool_memory", "skill")
    assert bodies == [
        {"user_id": "张三", "conversation_id": "0610", "message_limit_number": 50},
        {"user_id": "u1", "page": 1, "size": 50},
        {
            "agent_id": "a1",
            "page": 3,
            "size": 50,
            "filter": {"and": [{"update_time": {"gte": "2025-12-10"}}]},
            "include_memory_view": ["skill"],
        },
        {"user_id": "u1", "query": "where?", **included},
        {
            "user_id": "u1",
            "query": "x",
            "conversation_id": "c",
            "relativity": 0.0,
            **{f"{name}_limit_number": 25 for name in limits},
            **included,
        },
        {"user_id": "u1", "query": "x", "conversation_id": "c", "relativity": 0.3},
    ]
    assert service.targets == ["/get/message"] + ["/get/memory"] * 2 + ["/search/memory"] * 3
    assert client.requests == {"/get/message": 1, "/get/memory": 2, "/search/memory": 3}


async def test_every_request_is_authorised_in_the_header_only(
    client: CloudClient, service: Service
) -> None:
    await client.get_messages("u", "c")
    (request,) = service.requests
    assert request.headers["authorization"] == f"Token {SECRET}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("memos-admin/")
    assert SECRET not in request.target
    assert SECRET.encode() not in request.body


async def test_writes_send_what_the_api_documents(client: CloudClient, service: Service) -> None:
    service.answer(envelope({"success": True, "task_id": "t1", "status": "running"}))
    await client.update_memory("m1", content="new", status="archived")
    await client.delete_memories(["m1", "m2"])
    await client.delete_subject("user", "u")
    await client.delete_subject("agent", "a")
    task = await client.add_feedback("u", "c", "no, I said Rome")
    status = await client.get_status("t1")
    assert [request.json for request in service.requests] == [
        {"memory_id": "m1", "content": "new", "status": "archived"},
        {"memory_ids": ["m1", "m2"]},
        {"user_id": "u"},
        {"agent_id": "a"},
        {"user_id": "u", "conversation_id": "c", "feedback_content": "no, I said Rome"},
        {"task_id": "t1"},
    ]
    assert task["task_id"] == "t1"
    assert (status.task_id, status.status) == ("t1", "running")


async def test_nothing_is_deleted_by_an_empty_or_a_mistaken_list(
    client: CloudClient, service: Service
) -> None:
    await client.delete_memories([])
    with pytest.raises(TypeError):
        await client.delete_memories("m1")
    with pytest.raises(errors.Rejected):
        await client.delete_memories(["m1", ""])
    with pytest.raises(errors.Rejected):
        await client.delete_subject("user", "")
    with pytest.raises(ValueError, match="title"):
        await client.update_memory("m1")
    assert service.requests == []


@pytest.mark.parametrize(
    ("memory_id", "path"),
    [
        ("0a89db3a-2061", "0a89db3a-2061"),
        ("../../x", "..%2F..%2Fx"),
        ("a?user_id=b", "a%3Fuser_id%3Db"),
        ("a%2Fb", "a%252Fb"),
        ("a#b c", "a%23b%20c"),
        ("记忆", "%E8%AE%B0%E5%BF%86"),
        ("a\r\nX-Evil: 1", "a%0D%0AX-Evil%3A%201"),
        ("...", "..."),
    ],
)
async def test_a_memory_id_stays_inside_its_path(
    client: CloudClient, service: Service, memory_id: str, path: str
) -> None:
    service.answer(envelope({"id": memory_id, "content": "x"}))
    memory = await client.get_memory(memory_id)
    assert memory.memory_id == memory_id
    assert service.targets == [f"/get/memory/{path}"]
    assert service.requests[0].method == "GET"
    assert client.requests == {"/get/memory/{id}": 1}


@pytest.mark.parametrize("bad", ["", "x" * 101, "a\ud800"])
async def test_ids_are_checked_before_sending(
    client: CloudClient, service: Service, bad: str
) -> None:
    calls: list[Any] = [
        client.get_messages(bad, "c"),
        client.get_messages("u", bad),
        client.get_memories("agent", bad),
        client.search(bad, "q"),
        client.search("u", "q", conversation_id=bad),
        client.add_feedback("u", bad, "f"),
    ]
    for call in calls:
        with pytest.raises(errors.Rejected, match="1 to 100 characters"):
            await call
    assert service.requests == []


@pytest.mark.parametrize("bad", ["", ".", "..", "x" * 201, "\udfff"])
async def test_memory_ids_are_checked_before_sending(
    client: CloudClient, service: Service, bad: str
) -> None:
    with pytest.raises(errors.Rejected):
        await client.get_memory(bad)
    assert service.requests == []


async def test_the_longest_ids_and_every_character_go_through(
    client: CloudClient, service: Service
) -> None:
    user, conversation = "🧳" * 100, "\x00\u202e\u2028" + "会" * 97
    await client.get_messages(user, conversation)
    assert service.requests[0].json["user_id"] == user
    assert service.requests[0].json["conversation_id"] == conversation


async def test_the_check_asks_for_a_user_that_does_not_exist(
    client: CloudClient, service: Service
) -> None:
    await client.check()
    assert service.requests[0].json == {
        "user_id": "memos-admin connection check",
        "page": 1,
        "size": 1,
    }
    service.answer(envelope(code=40308, message="user unknown"))
    await client.check()
    service.answer(envelope(code=40132, message="expired"))
    with pytest.raises(errors.Refused):
        await client.check()


async def test_a_closed_client_says_so(client: CloudClient, service: Service) -> None:
    await client.get_messages("u", "c")
    await client.close()
    with pytest.raises(errors.Unreachable, match="closed"):
        await client.get_messages("u", "c")
    assert len(service.requests) == 1

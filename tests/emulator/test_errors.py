"""Who may call, what is refused, and with which code."""

from typing import Any

import httpx
import pytest

from tests.emulator.conftest import Caller, Serve

USER = "li.wei@acme.cn"
MESSAGES = [{"role": "user", "content": "x"}]
LONG = "x" * 101


@pytest.mark.parametrize("scheme", ["Token", "Bearer", "token", "BEARER"])
async def test_a_key_is_taken_after_token_and_bearer(demo: Caller, scheme: str) -> None:
    demo.http.headers["Authorization"] = f"{scheme} {demo.emulator.api_key}"
    await demo.data("/get/memory", user_id=USER)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, 40100),
        ("", 40100),
        ("Basic eDp5", 40130),
        ("Token", 40130),
        ("Token mpg-wrong", 40132),
        ("Bearer mpg-wrong", 40132),
    ],
)
async def test_other_keys_are_refused(demo: Caller, header: str | None, code: int) -> None:
    del demo.http.headers["Authorization"]
    if header is not None:
        demo.http.headers["Authorization"] = header
    response = await demo.send("/get/memory", user_id=USER)
    assert response.status_code == 401
    assert response.json()["code"] == code
    assert (await demo.memory("0a89db3a-2061-4c97-a1b8-45700f8745bc"))["code"] == code


async def test_keys_are_random_and_look_like_keys(serve: Serve) -> None:
    first, second = await serve(), await serve()
    assert first.emulator.api_key != second.emulator.api_key
    assert first.emulator.api_key.startswith("mpg-")
    assert (await serve(api_key="mpg-mine")).emulator.api_key == "mpg-mine"


@pytest.mark.parametrize(
    ("route", "body", "code"),
    [
        ("/get/message", {"conversation_id": "c"}, 40002),
        ("/get/message", {"user_id": USER}, 40002),
        ("/get/message", {"user_id": "", "conversation_id": "c"}, 40003),
        ("/get/message", {"user_id": 7, "conversation_id": "c"}, 40000),
        ("/get/message", {"user_id": LONG, "conversation_id": "c"}, 40010),
        ("/get/message", {"user_id": USER, "conversation_id": LONG}, 40011),
        (
            "/get/message",
            {"user_id": USER, "conversation_id": "c", "message_limit_number": 51},
            40000,
        ),
        (
            "/get/message",
            {"user_id": USER, "conversation_id": "c", "message_limit_number": 0},
            40000,
        ),
        ("/get/memory", {}, 40002),
        ("/get/memory", {"user_id": ""}, 40003),
        ("/get/memory", {"user_id": USER, "agent_id": "a"}, 40000),
        ("/get/memory", {"user_id": LONG}, 40010),
        ("/get/memory", {"agent_id": LONG}, 40010),
        ("/get/memory", {"user_id": USER, "size": 51}, 40000),
        ("/get/memory", {"user_id": USER, "size": 0}, 40000),
        ("/get/memory", {"user_id": USER, "page": 0}, 40000),
        ("/get/memory", {"user_id": USER, "page": "1"}, 40000),
        ("/get/memory", {"user_id": USER, "page": True}, 40000),
        ("/get/memory", {"user_id": USER, "include_memory_view": ["dreams"]}, 40006),
        ("/get/memory", {"user_id": USER, "include_memory_view": "skill"}, 40000),
        ("/get/memory", {"user_id": USER, "include_preference": 1}, 40000),
        ("/get/status", {}, 40002),
        ("/get/status", {"task_id": "no such task"}, 50131),
        ("/search/memory", {"user_id": LONG, "query": "x"}, 40010),
        (
            "/search/memory",
            {"user_id": USER, "query": "x", "conversation_id": LONG},
            40011,
        ),
        ("/add/message", {"user_id": USER}, 40002),
        ("/add/message", {"messages": MESSAGES}, 40002),
        ("/add/message", {"user_id": USER, "messages": []}, 40003),
        ("/add/message", {"user_id": USER, "messages": "x"}, 40000),
        ("/add/message", {"user_id": USER, "messages": ["x"]}, 40000),
        ("/add/message", {"user_id": USER, "messages": [{"role": "user"}]}, 40000),
        ("/add/message", {"user_id": USER, "messages": [{"content": "x"}]}, 40000),
        ("/add/message", {"user_id": LONG, "messages": MESSAGES}, 40010),
        ("/add/message", {"user_id": [USER, LONG], "messages": MESSAGES}, 40010),
        ("/add/message", {"user_id": [1], "messages": MESSAGES}, 40000),
        (
            "/add/message",
            {"user_id": USER, "messages": MESSAGES, "conversation_id": LONG},
            40011,
        ),
        ("/add/message", {"user_id": USER, "messages": MESSAGES, "info": []}, 40000),
        ("/add/feedback", {"user_id": USER, "conversation_id": "c"}, 40002),
        ("/add/feedback", {"feedback_content": "x"}, 40002),
        ("/update/memory", {"content": "x"}, 40002),
        ("/update/memory", {"memory_id": "x", "content": "y"}, 40001),
        ("/update/memory", {"memory_id": "x"}, 40002),
        (
            "/update/memory",
            {"memory_id": "0a89db3a-2061-4c97-a1b8-45700f8745bc", "status": "lost"},
            40006,
        ),
        ("/delete/memory", {}, 40002),
        ("/delete/memory", {"user_id": USER, "memory_ids": ["x"]}, 40000),
        ("/delete/memory", {"memory_ids": ["x"]}, 40307),
        ("/delete/memory", {"user_id": "nobody"}, 40308),
        ("/delete/memory", {"agent_id": "nobody"}, 40308),
        ("/edit/profile", {"user_id": USER, "profile_template_id": "t"}, 40002),
        ("/edit/profile", {"user_id": USER, "metadata": {"a": 1}}, 40002),
    ],
)
async def test_codes(demo: Caller, route: str, body: dict[str, Any], code: int) -> None:
    assert await demo.code(route, **body) == code


async def test_a_hundred_characters_of_any_script_are_fine(demo: Caller) -> None:
    body = {"user_id": "王" * 100, "conversation_id": "会" * 100, "messages": MESSAGES}
    await demo.data("/add/message", **body)
    data = await demo.data("/get/message", user_id="王" * 100, conversation_id="会" * 100)
    assert len(data["message_detail_list"]) == 1


async def test_fifty_is_allowed(demo: Caller) -> None:
    await demo.data("/get/memory", user_id=USER, size=50)
    await demo.data("/get/message", user_id=USER, conversation_id="c", message_limit_number=50)


async def test_an_unknown_memory_is_not_found(demo: Caller) -> None:
    for memory_id in ("nothing", "%E7%8E%8B", "a%2Fb", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"):
        answer = await demo.memory(memory_id)
        assert (answer["code"], answer["data"]) == (40001, None)


async def test_unknown_routes_and_methods(demo: Caller) -> None:
    base, root = demo.emulator.base_url, demo.emulator.root_url
    for method, url, status in (
        ("POST", f"{base}/get/everything", 404),
        ("GET", f"{base}/get/memory", 405),
        ("POST", f"{base}/get/memory/some-id", 405),
        ("DELETE", f"{base}/delete/memory", 405),
        ("GET", f"{root}/", 404),
        ("GET", f"{root}/_emulator/passwords", 404),
        ("POST", f"{root}/_emulator/users", 404),
    ):
        response = await demo.http.request(method, url)
        assert response.status_code == status, (method, url)
        assert isinstance(response.json(), dict)


async def test_the_emulators_own_routes_need_no_key(demo: Caller) -> None:
    async with httpx.AsyncClient(trust_env=False, verify=False) as anyone:
        url = f"{demo.emulator.root_url}/_emulator/users"
        users = (await anyone.get(url)).json()
    assert "memos_user_123" in users
    assert "ops-agent" not in users


async def test_requests_are_counted_by_route(demo: Caller) -> None:
    await demo.data("/get/memory", user_id=USER)
    await demo.data("/get/memory", user_id=USER)
    await demo.memory("a")
    await demo.memory("b")
    await demo.send("/nothing/here")
    assert await demo.own("requests") == {
        "/get/memory": 2,
        "/get/memory/{memory_id}": 2,
        "unknown": 1,
    }

"""Each fault as a client on a socket sees it."""

import asyncio
import json
import time
from contextlib import suppress
from typing import Any

import httpx
import pytest

from memos_admin.emulator.faults import FAULTS, BadFault, parse_fault
from memos_admin.emulator.generate import generated_data
from tests.emulator.conftest import Caller, Serve

USER = "anna.schmidt@example.org"
READ = ("/get/memory", {"user_id": USER, "size": 50})


async def read(caller: Caller) -> httpx.Response:
    return await caller.send(READ[0], **READ[1])


async def plain_body(caller: Caller) -> bytes:
    """The answer without faults."""
    specs = [fault["spec"] for fault in (await caller.own("faults"))["faults"]]
    await caller.own("faults", {"faults": []})
    body = (await read(caller)).content
    await caller.own("faults", {"faults": specs})
    return body


async def test_latency_delays_every_answer(serve: Serve) -> None:
    caller = await serve(latency_ms=60)
    start = time.monotonic()
    await read(caller)
    assert time.monotonic() - start >= 0.06
    caller = await serve(faults=["latency:ms=80"])
    start = time.monotonic()
    await read(caller)
    assert time.monotonic() - start >= 0.08


async def test_latency_delays_side_by_side(serve: Serve) -> None:
    # thirty answers one after the other would need 6 s, which the client's limit would cut
    caller = await serve(faults=["latency:ms=200"])
    async with asyncio.timeout(5):
        await asyncio.gather(*(read(caller) for _ in range(30)))


async def test_jitter_delays_by_chance(serve: Serve) -> None:
    caller = await serve(faults=["jitter:ms=50"])
    assert (await read(caller)).status_code == 200
    first, second = parse_fault("jitter:ms=50"), parse_fault("jitter:ms=50")
    delays = [first.jitter() for _ in range(20)]
    assert delays == [second.jitter() for _ in range(20)]
    assert len(set(delays)) > 10
    assert all(0 <= delay <= 0.05 for delay in delays)


@pytest.mark.parametrize("spec", ["rate-limit:retry-after=1", "429:retry-after=1"])
async def test_rate_limit_with_retry_after(serve: Serve, spec: str) -> None:
    response = await read(await serve(faults=[spec]))
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "1"
    assert response.json()["code"] == 40300


async def test_rate_limit_without_retry_after(serve: Serve) -> None:
    response = await read(await serve(faults=["rate-limit"]))
    assert response.status_code == 429
    assert "Retry-After" not in response.headers


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_http_errors(serve: Serve, status: int) -> None:
    for spec in (f"error:status={status}", str(status)):
        response = await read(await serve(faults=[spec]))
        assert response.status_code == status
        with pytest.raises(ValueError, match="Expecting value"):
            response.json()


@pytest.mark.parametrize("code", [40300, 50004, 40304])
async def test_error_envelopes(serve: Serve, code: int) -> None:
    response = await read(await serve(faults=[f"code:code={code}"]))
    assert response.status_code == 200
    assert response.json()["code"] == code
    assert response.json()["message"]


async def test_a_key_that_expires_after_some_calls(serve: Serve) -> None:
    caller = await serve(faults=["expired-key:after=2"])
    answers = [await read(caller) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 401, 401]
    assert answers[3].json()["code"] == 40132


async def test_timeout(serve: Serve) -> None:
    caller = await serve(faults=["timeout"])
    with pytest.raises(httpx.ReadTimeout):
        await caller.http.post(
            caller.emulator.base_url + "/get/memory",
            json={"user_id": USER},
            timeout=httpx.Timeout(5, read=0.1),
        )


async def test_reset(serve: Serve) -> None:
    caller = await serve(faults=["reset"])
    host, port = caller.emulator.root_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    body = json.dumps({"user_id": USER}).encode()
    head = (
        "POST /api/openmem/v1/get/memory HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Token {caller.emulator.api_key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()
    with suppress(ConnectionResetError):
        await writer.wait_closed()


async def test_a_lost_answer_was_carried_out(serve: Serve) -> None:
    caller = await serve(task_ms=0, faults=["reset:route=/add/message,times=1"])
    message = {"role": "user", "content": "Once"}
    body = {"user_id": "n", "conversation_id": "c", "messages": [message]}
    with pytest.raises(httpx.NetworkError):
        await caller.send("/add/message", **body)
    window = await caller.data("/get/message", user_id="n", conversation_id="c")
    assert len(window["message_detail_list"]) == 1


async def test_a_refused_request_was_not_carried_out(serve: Serve) -> None:
    caller = await serve(task_ms=0, faults=["503:route=/add/message"])
    message = {"role": "user", "content": "Never"}
    body = {"user_id": "n", "conversation_id": "c", "messages": [message]}
    assert (await caller.send("/add/message", **body)).status_code == 503
    window = await caller.data("/get/message", user_id="n", conversation_id="c")
    assert window["message_detail_list"] == []


async def test_truncate(serve: Serve) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        await read(await serve(faults=["truncate"]))


async def test_invalid_json(serve: Serve) -> None:
    response = await read(await serve(faults=["invalid-json"]))
    assert response.status_code == 200
    with pytest.raises(ValueError, match="Expecting"):
        response.json()


async def test_html(serve: Serve) -> None:
    response = await read(await serve(faults=["html"]))
    assert response.status_code == 502
    assert response.headers["Content-Type"] == "text/html"
    assert "<html>" in response.text
    assert (await read(await serve(faults=["html:status=200"]))).status_code == 200


async def test_content_type(serve: Serve) -> None:
    caller = await serve(faults=["content-type:type=application/octet-stream"])
    response = await read(caller)
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.content == await plain_body(caller)


async def test_invalid_utf8(serve: Serve) -> None:
    response = await read(await serve(faults=["invalid-utf8"]))
    with pytest.raises(UnicodeDecodeError):
        response.content.decode()
    assert json.loads(response.content.decode(errors="replace"))["code"] == 0


async def test_drip(serve: Serve) -> None:
    caller = await serve(faults=["drip:bytes=4000,ms=5"])
    pieces = []
    async with caller.http.stream(
        "POST", caller.emulator.base_url + READ[0], json=READ[1]
    ) as response:
        pieces = [piece async for piece in response.aiter_raw()]
    assert len(pieces) > 2
    assert b"".join(pieces) == await plain_body(caller)


async def test_missing_fields(serve: Serve) -> None:
    caller = await serve(faults=["missing-fields"])
    value = (await read(caller)).json()
    assert "message" not in value
    assert not {"total", "pages", "size", "current"} & set(value["data"])
    assert {frozenset(item) for item in value["data"]["memory_detail_list"]} == {
        frozenset({"id", "memory_key", "memory_value"})
    }
    value = (await caller.send("/get/memory", user_id="nobody")).json()
    assert value["data"]["memory_detail_list"] is None


async def test_unknown_fields(serve: Serve) -> None:
    caller = await serve(faults=["unknown-fields"])
    value = (await read(caller)).json()
    assert "trace_id" in value
    assert "lineage" in value["data"]["memory_detail_list"][0]
    assert value["data"]["dream_detail_list"]
    await caller.own("faults", {"faults": []})
    assert "lineage" not in (await read(caller)).text


async def test_duplicate_ids_across_pages(serve: Serve) -> None:
    data = generated_data(users=1, memories=100, seed=4)
    plain, caller = await serve(data), await serve(data, faults=["duplicate-ids"])
    expected = await plain.all_memories("user-000001", "memory_detail_list", size=10)
    found = await caller.all_memories("user-000001", "memory_detail_list", size=10)
    ids = [item["id"] for item in found]
    assert {item["id"] for item in expected} == set(ids)
    assert len(ids) > len(set(ids))
    assert ids[9] == ids[10]


async def test_pages_that_shift_by_insertion(serve: Serve) -> None:
    caller = await serve(generated_data(users=1, memories=100), faults=["shifting-pages"])
    ids = [
        item["id"]
        for item in await caller.all_memories("user-000001", "memory_detail_list", size=10)
    ]
    assert ids[9] == ids[10]  # pushed to the next page by the one that came
    await caller.own("faults", [])
    again = await caller.all_memories("user-000001", "memory_detail_list", size=10)
    assert len(again) > len(set(ids))


async def test_pages_that_shift_by_deletion(serve: Serve) -> None:
    data = generated_data(users=1, memories=100)
    before = await (await serve(data)).all_memories("user-000001", "memory_detail_list", size=10)
    caller = await serve(data, faults=["shifting-pages:by=delete"])
    seen = await caller.all_memories("user-000001", "memory_detail_list", size=10)
    seen_ids = {item["id"] for item in seen}
    assert before[10]["id"] not in seen_ids  # moved to the page that was read already
    assert (await caller.memory(before[10]["id"]))["code"] == 0
    assert (await caller.memory(before[0]["id"]))["code"] == 40001


async def test_reversed_messages(serve: Serve) -> None:
    caller = await serve(faults=["reversed-messages"])
    data = await caller.data("/get/message", user_id="memos_user_123", conversation_id="0610")
    assert data["message_detail_list"][-1]["content"].startswith("I want to travel")


async def test_an_ignored_and_a_refused_filter(serve: Serve) -> None:
    future = {"and": [{"update_time": {"gte": "2031-01-01"}}]}
    caller = await serve(faults=["ignored-filter"])
    assert (await caller.data("/get/memory", user_id=USER, filter=future))["total"] > 0
    await caller.own("faults", {"faults": ["refused-filter"]})
    assert await caller.code("/get/memory", user_id=USER, filter=future) == 40000
    assert (await caller.data("/get/memory", user_id=USER))["total"] > 0


async def statuses(caller: Caller, count: int) -> list[int]:
    return [(await read(caller)).status_code for _ in range(count)]


async def test_which_requests_are_struck(serve: Serve) -> None:
    assert await statuses(await serve(faults=["500:times=2"]), 4) == [500, 500, 200, 200]
    assert await statuses(await serve(faults=["500:after=1,times=1"]), 3) == [200, 500, 200]
    assert await statuses(await serve(faults=["500:every=3"]), 6) == [200, 200, 500] * 2
    assert await statuses(await serve(faults=["500:route=/get/message"]), 1) == [200]
    by_chance = await statuses(await serve(faults=["500:chance=0.5"]), 20)
    assert set(by_chance) == {200, 500}
    assert by_chance == await statuses(await serve(faults=["500:chance=0.5"]), 20)


async def test_two_faults_by_chance_are_independent(serve: Serve) -> None:
    caller = await serve(faults=["500:chance=0.5", "503:chance=0.5"])
    assert set(await statuses(caller, 40)) == {200, 500, 503}


async def test_faults_never_strike_the_emulators_own_routes(serve: Serve) -> None:
    caller = await serve(faults=["reset", "500", "timeout"])
    assert "memos_user_123" in await caller.own("users")


async def test_faults_are_set_shown_and_cleared(demo: Caller) -> None:
    shown = await demo.own("faults", {"faults": ["503:times=1", "jitter"]})
    assert [fault["spec"] for fault in shown["faults"]] == ["503:times=1", "jitter"]
    assert await statuses(demo, 2) == [503, 200]
    shown = await demo.own("faults")
    assert (shown["faults"][0]["struck"], shown["faults"][0]["matched"]) == (1, 2)
    assert await demo.own("faults", []) == {"faults": []}
    assert len((await demo.own("faults", "503"))["faults"]) == 1
    await demo.http.post(f"{demo.emulator.root_url}/_emulator/faults")
    assert await demo.own("faults") == {"faults": []}


@pytest.mark.parametrize("bad", [{"faults": ["nonsense"]}, {"faults": 5}, [5], {}, "x", None])
async def test_faults_that_cannot_be_understood_change_nothing(demo: Caller, bad: Any) -> None:
    await demo.own("faults", ["503:times=1"])
    url = f"{demo.emulator.root_url}/_emulator/faults"
    response = await demo.http.post(url, content=json.dumps(bad))
    assert response.status_code == 400
    assert response.json()["error"]
    assert [f["spec"] for f in (await demo.own("faults"))["faults"]] == ["503:times=1"]


@pytest.mark.parametrize(
    "spec",
    ["", "no-such-fault", "latency:seconds=2", "latency:ms", "latency:ms=", "latency:ms=soon"],
)
def test_bad_specs_say_what_there_is(spec: str) -> None:
    with pytest.raises(BadFault, match=r"there are latency|it takes ms|needs a value"):
        parse_fault(spec)


def test_every_fault_is_described_and_can_be_asked_for_plainly() -> None:
    for name, does in FAULTS.items():
        assert does
        assert parse_fault(name).name == name
        assert parse_fault(name.upper().replace("-", "_")).name == name

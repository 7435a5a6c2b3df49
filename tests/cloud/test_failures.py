"""Every way in which an answer can be wrong, over a real socket."""

import asyncio
import gzip
import json
import socket
from typing import Any

import pytest

from memos_admin.cloud import errors, transport
from memos_admin.cloud.client import CloudClient
from memos_admin.cloud.key import ApiKey
from memos_admin.cloud.transport import Timeouts
from memos_admin.cloud.withdrawn import Withdrawn
from tests.cloud.conftest import ABORT, SECRET, Script, Service, Waits, envelope, http

HTML = "<html><body>Bad gateway</body></html>"
CUT_OFF: Script = [http('{"code": 0, "data"', length=500)]


@pytest.mark.parametrize(
    ("code", "kind", "tries"),
    [
        (40000, errors.Rejected, 1),
        (40002, errors.Rejected, 1),
        (40010, errors.Rejected, 1),
        (40020, errors.Rejected, 1),
        (40100, errors.Refused, 1),
        (40103, errors.Refused, 1),
        (40130, errors.Refused, 1),
        (40132, errors.Refused, 1),
        (40001, errors.NotFound, 1),
        (40300, errors.RateLimited, 8),
        (40301, errors.Rejected, 1),
        (40304, errors.QuotaExceeded, 1),
        (40305, errors.Rejected, 1),
        (40306, errors.Rejected, 1),
        (40307, errors.NotFound, 1),
        (40308, errors.NotFound, 1),
        (50000, errors.Busy, 5),
        (50004, errors.Busy, 5),
        (50131, errors.NotFound, 1),
        (50107, errors.Rejected, 1),
        (99999, errors.Rejected, 1),
        ("40132", errors.Refused, 1),
        (401, errors.Refused, 1),
        (500, errors.Busy, 5),
    ],
)
@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
async def test_codes(
    client: CloudClient,
    service: Service,
    *,
    code: Any,
    kind: type[errors.CloudError],
    tries: int,
    status: str,
) -> None:
    client._patience = 1e9
    service.answer(
        envelope(None, code=code, message="because\x1b[31m of\u202e this", status=status)
    )
    with pytest.raises(errors.CloudError) as caught:
        await client.get_messages("u", "c")
    assert type(caught.value) is kind
    assert caught.value.code == int(code)
    assert caught.value.route == "/get/message"
    assert str(code) in str(caught.value)
    assert "because" in str(caught.value)
    assert str(caught.value).isprintable()
    assert str(caught.value).startswith("Reading messages failed: ")
    assert client.requests == {"/get/message": tries}


@pytest.mark.parametrize(
    ("status", "kind", "tries"),
    [
        (400, errors.Unusable, 1),
        (401, errors.Refused, 1),
        (403, errors.Refused, 1),
        (404, errors.Unusable, 1),
        (408, errors.Busy, 5),
        (413, errors.Unusable, 1),
        (429, errors.RateLimited, 8),
        (500, errors.Busy, 5),
        (502, errors.Busy, 5),
        (503, errors.Busy, 5),
        (599, errors.Busy, 5),
    ],
)
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (HTML, "text/html"),
        ("", None),
        ('{"detail": "Not Found"}', "application/json"),
        ("{", "application/json"),
    ],
)
async def test_statuses_without_an_envelope(
    client: CloudClient,
    service: Service,
    *,
    status: int,
    kind: type[errors.CloudError],
    tries: int,
    body: str,
    content_type: str | None,
) -> None:
    client._patience = 1e9
    service.answer(http(body, status=f"{status} X", content_type=content_type))
    with pytest.raises(errors.CloudError) as caught:
        await client.get_memory("m1")
    assert type(caught.value) is kind
    assert str(status) in str(caught.value)
    assert client.requests["/get/memory/{id}"] == tries


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        ("404 Not Found", 40001, errors.NotFound),
        ("404 Not Found", 404, errors.NotFound),
        ("404 Not Found", 0, errors.NotFound),
        ("401 Unauthorized", 0, errors.Refused),
        ("403 Forbidden", 40304, errors.QuotaExceeded),
        ("400 Bad Request", 40132, errors.Refused),
        ("500 Oops", 40000, errors.Rejected),
        ("429 Slow", 7, errors.RateLimited),
        ("503 Busy", 7, errors.Busy),
    ],
)
async def test_the_code_decides_before_the_status(
    client: CloudClient, service: Service, status: str, code: int, kind: type[errors.CloudError]
) -> None:
    service.answer(envelope(None, code=code, status=status))
    with pytest.raises(kind):
        await client.get_memory("m1")


@pytest.mark.parametrize("code", [0, 200, "0", "200"])
async def test_success_has_two_codes(client: CloudClient, service: Service, code: Any) -> None:
    said = {"role": "user", "content": "x", "create_time": None}
    service.answer(envelope({"message_detail_list": [said]}, code=code))
    assert len((await client.get_messages("u", "c")).messages) == 1


async def test_data_may_say_that_it_failed(client: CloudClient, service: Service) -> None:
    service.answer(envelope({"success": False, "message": "not your memory"}))
    with pytest.raises(errors.Rejected, match="not your memory"):
        await client.update_memory("m1", title="t")


def nested(levels: int) -> str:
    return '{"code": 0, "data": ' + "[" * levels + "]" * levels + "}"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http(HTML, content_type="text/html; charset=utf-8"), "text/html"),
        (http('{"code": 0}', content_type="text/plain"), "text/plain"),
        (http('{"code": 0}', content_type="\x1b[31m"), "another type"),
        (http(""), "empty"),
        (http(" \r\n"), "empty"),
        (http(b'{"code": 0, "message": "\xff\xfe"}'), "UTF-8"),
        (http(b'{"code": 0, "message": "\xed\xa0\x80"}'), "UTF-8"),
        (http('{"code": 0, "data": {"a": [1, 2'), "cut off"),
        (http('[{"code": 0}]'), "not the service's"),
        (http('"ok"'), "not the service's"),
        (http("{}"), "not the service's"),
        (http('{"code": null, "data": {}}'), "not the service's"),
        (http('{"code": true, "data": {}}'), "not the service's"),
        (http('{"code": 0.0, "data": {}}'), "not the service's"),
        (http('{"code": 40132, "code": 0, "data": {}}'), "twice"),
        (http('{"code": 0, "data": {"total": NaN}}'), "NaN"),
        (http('{"code": 0, "data": {"total": -Infinity}}'), "Infinity"),
        (http('{"code": 0, "data": {"total": 1e999}}'), "too large"),
        (http('{"code": 0, "data": {"total": 1%s}}' % ("0" * 5000)), "too large"),
        (http(nested(100)), "deeply"),
        (http(nested(100_000)), "deeply"),
        (http("no gzip at all" * 9, headers=("Content-Encoding: gzip",)), "compressed"),
        (envelope([]), "no object"),
        (envelope({"message_detail_list": {"a": 1}}), "no list"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_answers_that_cannot_be_used(
    client: CloudClient, service: Service, answer: bytes, said: str
) -> None:
    service.answer(answer)
    with pytest.raises(errors.Unusable, match=said) as caught:
        await client.get_messages("u", "c")
    assert str(caught.value).isprintable()
    assert "Check the base URL." in str(caught.value)
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [http("no JSON"), http(""), http("<html>", status="302 Found"), envelope([])],
    ids=["no JSON", "empty", "redirect", "shape"],
)
async def test_the_advice_goes_by_what_has_worked(
    client: CloudClient, service: Service, answer: bytes
) -> None:
    service.answer(answer, envelope({"message_detail_list": []}), answer)
    with pytest.raises(errors.Unusable, match="Check the base URL"):
        await client.get_messages("u", "c")
    await client.get_messages("u", "c")
    with pytest.raises(errors.Unusable, match="has answered at this base URL before") as caught:
        await client.get_messages("u", "c")
    assert "Check the base URL" not in str(caught.value)


@pytest.mark.parametrize("data", [{}, {"id": "another", "content": "x"}, [], "x", 7])
async def test_a_detail_that_is_not_the_memory_asked_for(
    client: CloudClient, service: Service, data: Any
) -> None:
    service.answer(envelope(data))
    with pytest.raises(errors.Unusable):
        await client.get_memory("m1")


async def test_no_data_of_a_memory_or_a_task_is_not_found(
    client: CloudClient, service: Service
) -> None:
    service.answer(envelope(None))
    with pytest.raises(errors.NotFound):
        await client.get_memory("m1")
    with pytest.raises(errors.NotFound):
        await client.get_status("t1")
    service.answer(envelope([]))
    with pytest.raises(errors.NotFound):
        await client.get_status("t1")


@pytest.mark.parametrize("compressed", [False, True])
async def test_a_huge_answer_is_cut_off(
    client: CloudClient,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    compressed: bool,
) -> None:
    monkeypatch.setattr(transport, "LARGEST_ANSWER", 1_000_000)
    text = json.dumps({"code": 0, "data": {"x": "a" * 2_000_000}}).encode()
    if compressed:
        service.answer(http(gzip.compress(text), headers=("Content-Encoding: gzip",)))
    else:
        service.answer(http(text))
    with pytest.raises(errors.Unusable, match="larger than"):
        await client.get_messages("u", "c")
    service.answer(envelope({}))
    await client.get_messages("u", "c")  # the connection that was cut off does no harm


BREAKS: list[tuple[Script, str]] = [
    ([b""], "broke off"),
    ([ABORT], "broke off"),
    ([b"HTTP/1.1 200 OK\r\nContent-Length: 10"], "broke off"),
    (CUT_OFF, "broke off"),
    ([http('{"code":', length=500), ABORT], "broke off"),
    ([b"SSH-2.0-OpenSSH_9.2\r\n\r\n"], "broke off"),
]
NEVER_ENDING: list[Script] = [[http('{"code"', length=50), 60.0], [60.0]]


@pytest.mark.parametrize(("script", "said"), BREAKS)
async def test_reads_are_repeated_when_no_answer_came(
    client: CloudClient, service: Service, waits: Waits, script: Script, said: str
) -> None:
    service.answer(script, script, envelope({"message_detail_list": []}))
    assert (await client.get_messages("u", "c")).messages == ()
    assert client.requests == {"/get/message": 3}
    assert len(waits.seconds) == 2
    service.answer(script)
    with pytest.raises(errors.Unreachable, match=said):
        await client.get_messages("u", "c")
    assert client.requests == {"/get/message": 8}


@pytest.mark.parametrize(("script", "said"), BREAKS)
async def test_writes_are_not_repeated_when_they_may_have_been_carried_out(
    client: CloudClient, service: Service, script: Script, said: str
) -> None:
    service.answer(script)
    with pytest.raises(errors.Unreachable, match=said) as caught:
        await client.delete_memories(["m1"])
    assert "not known whether it was carried out" in str(caught.value)
    assert len(service.requests) == 1


@pytest.mark.parametrize("script", NEVER_ENDING)
async def test_an_answer_that_never_comes_is_waited_for_once_by_a_write(
    hasty: CloudClient, service: Service, script: Script
) -> None:
    service.answer(script, envelope({}))
    with pytest.raises(errors.Unreachable, match=r"in time.*not known whether"):
        await hasty.delete_memories(["m1"])
    service.answer(script)
    with pytest.raises(errors.Unreachable, match=r"in time\. Check the network"):
        await hasty.get_messages("u", "c")
    assert hasty.requests == {"/delete/memory": 1, "/get/message": 5}


@pytest.mark.parametrize(
    "answer",
    [
        http(HTML, status="502 Bad Gateway", content_type="text/html"),
        envelope(None, code=50004),
        http("{", status="200 OK"),
    ],
)
async def test_writes_are_not_repeated_after_an_unclear_answer(
    client: CloudClient, service: Service, answer: bytes
) -> None:
    service.answer(answer)
    with pytest.raises((errors.Busy, errors.Unusable), match="not known whether"):
        await client.add_feedback("u", "c", "f")
    assert len(service.requests) == 1


@pytest.mark.parametrize("answer", [envelope(None, code=40300), http("", status="429 Slow")])
async def test_writes_are_repeated_when_certainly_not_carried_out(
    client: CloudClient, service: Service, answer: bytes
) -> None:
    service.answer(answer, answer, envelope({"success": True}))
    await client.delete_memories(["m1"])
    assert client.requests == {"/delete/memory": 3}


async def test_a_refused_connection_is_tried_again_for_writes_too(
    key: ApiKey, waits: Waits
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, not listening: nobody else gets the port
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        async with CloudClient(address, key, rate=1000, wait=waits) as client:
            with pytest.raises(errors.Unreachable, match="no connection to http://127") as caught:
                await client.update_memory("m1", title="t")
    assert "not known" not in str(caught.value)
    assert client.requests == {"/update/memory": 5}
    assert len(waits.seconds) == 4


async def test_a_slow_drip_ends_with_the_total_time(
    service: Service, key: ApiKey, waits: Waits
) -> None:
    drip: Script = [http("", length=1000), *[b" ", 0.05] * 200]
    service.answer(drip)
    timeouts = Timeouts(read=30, total=1)
    async with CloudClient(service.base_url, key, timeouts=timeouts, wait=waits) as client:
        with pytest.raises(errors.Unreachable, match="in time"):
            await client.check()
    assert len(service.requests) == 2


async def test_the_check_tries_twice_only(client: CloudClient, service: Service) -> None:
    service.answer(envelope(None, code=50000))
    with pytest.raises(errors.Busy):
        await client.check()
    assert len(service.requests) == 2


async def test_a_cancelled_call_ends_at_once_and_frees_its_place(
    service: Service, key: ApiKey
) -> None:
    service.hold = asyncio.Event()
    async with CloudClient(service.base_url, key, rate=1000, concurrency=1) as client:
        task = asyncio.create_task(client.get_messages("u", "c"))
        await service.wait_for_open(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        service.hold.set()
        await client.get_messages("u", "c")


@pytest.mark.parametrize("waits_for", ["its turn", "an answer", "the next try"])
async def test_a_change_that_is_cancelled_says_whether_it_may_have_been_done(
    service: Service, key: ApiKey, waits_for: str
) -> None:
    ended: list[BaseException] = []
    waiting = asyncio.Event()

    async def wait(_seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    async def change(client: CloudClient) -> None:
        try:
            await client.delete_memories(["m1"])
        except asyncio.CancelledError as error:
            ended.append(error)
            raise

    if waits_for == "the next try":
        service.answer(http("", status="429 Too Many"))
    else:
        service.hold = asyncio.Event()
    async with CloudClient(service.base_url, key, rate=1000, concurrency=1, wait=wait) as client:
        other = asyncio.create_task(client.check()) if waits_for == "its turn" else None
        if other is not None:
            await service.wait_for_open(1)
        task = asyncio.create_task(change(client))
        if waits_for == "the next try":
            await waiting.wait()
        elif waits_for == "an answer":
            await service.wait_for_open(1)
        else:
            await asyncio.sleep(0)  # it stands behind the other one
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (error,) = ended
        assert isinstance(error, Withdrawn) == (waits_for != "an answer")
        assert not isinstance(error, Withdrawn) or error.declined == (waits_for == "the next try")
        if other is not None:
            other.cancel()
        if service.hold is not None:
            service.hold.set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS_PROXY", "socks5://user:pa55@127.0.0.1:1"),
        ("HTTPS_PROXY", "gopher://user:pa55@127.0.0.1:1"),
        ("HTTPS_PROXY", "http://user:pa55@127.0.0.1:99999"),
        ("SSL_CERT_FILE", "/nowhere/pa55.pem"),
    ],
)
async def test_unusable_settings_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, key: ApiKey, waits: Waits, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    async with CloudClient("https://memos.example/v1", key, wait=waits) as client:
        with pytest.raises(errors.Unreachable, match="in the environment") as caught:
            await client.check()
    assert "pa55" not in str(caught.value)
    assert waits.seconds == []


async def test_messages_are_short_and_without_the_key(
    client: CloudClient, service: Service
) -> None:
    service.answer(
        envelope(None, code=40002, message=f"bad {SECRET} or mpg-other " + "word " * 999)
    )
    with pytest.raises(errors.Rejected) as caught:
        await client.search("u", "q")
    text = str(caught.value)
    assert "bad [API key] or [API key] word" in text
    assert SECRET not in text
    assert len(text) < 300


@pytest.mark.parametrize("message", [None, 7, ["x"], {"a": 1}])
async def test_a_message_that_is_no_text(
    client: CloudClient, service: Service, message: Any
) -> None:
    service.answer(http(json.dumps({"code": 40002, "message": message, "data": None})))
    with pytest.raises(errors.Rejected, match=r"declined \(code 40002\)"):
        await client.search("u", "q")

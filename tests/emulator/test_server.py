"""The server against clients that do not behave, and its life cycle."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from memos_admin.emulator.generate import generated_data
from memos_admin.emulator.server import MAX_BODY, Emulator
from memos_admin.emulator.thread import EmulatorThread
from tests.emulator.conftest import Caller, Serve

USER = "memos_user_123"


class Wire:
    """A bare connection to an emulator."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ends_with(self, data: bytes) -> bytes:
        """All that comes back after `data` until the server closes."""
        self.writer.write(data)
        async with asyncio.timeout(10):
            with suppress(ConnectionResetError):
                return await self.reader.read()
        return b""


@asynccontextmanager
async def connected(emulator: Emulator) -> AsyncIterator[Wire]:
    host, port = emulator.root_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def post(caller: Caller, body: bytes, *, route: str = "/get/memory", extra: str = "") -> bytes:
    return (
        f"POST /api/openmem/v1{route} HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Token {caller.emulator.api_key}\r\n"
        f"Content-Length: {len(body)}\r\n{extra}\r\n"
    ).encode() + body


CLOSE = "Connection: close\r\n"


async def test_a_connection_serves_many_requests(demo: Caller) -> None:
    async with connected(demo.emulator) as wire:
        body = json.dumps({"user_id": USER}).encode()
        answer = await wire.ends_with(post(demo, body) * 3 + post(demo, body, extra=CLOSE))
        assert answer.count(b"HTTP/1.1 200") == 4


async def test_chunked_bodies_and_expect_continue(demo: Caller) -> None:
    body = json.dumps({"user_id": USER}).encode()

    async def chunks() -> AsyncIterator[bytes]:
        for byte in body:
            yield bytes([byte])

    url = demo.emulator.base_url + "/get/memory"
    assert (await demo.http.post(url, content=chunks())).json()["code"] == 0
    async with connected(demo.emulator) as wire:
        head = post(demo, b"x" * len(body), extra="Expect: 100-continue\r\n" + CLOSE)
        wire.writer.write(head[: -len(body)])
        assert await wire.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 \r\n\r\n"
        assert b'"code":0' in await wire.ends_with(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b"\xff\xfe",
        b'{"user_id": NaN}',
        b"[" * 100_000,
        b'{"size": ' + b"9" * 10_000 + b"}",
    ],
)
async def test_bodies_that_are_no_json_object(demo: Caller, body: bytes) -> None:
    response = await demo.http.post(demo.emulator.base_url + "/get/memory", content=body)
    assert response.status_code == 400
    assert response.json()["code"] == 40000
    assert await demo.own("users")


async def test_odd_characters_come_back_as_they_were(demo: Caller) -> None:
    text = "\x00\x1b]52;c;x\x07 \u202e \U0001f468\u200d\U0001f469 [/] =cmd \r\n"
    await demo.data(
        "/add/message",
        user_id="[/]",
        conversation_id="../\x1b",
        messages=[{"role": "user", "content": text}],
    )
    data = await demo.data("/get/message", user_id="[/]", conversation_id="../\x1b")
    assert data["message_detail_list"][0]["content"] == text


async def test_lone_surrogates_stay_json_escapes(demo: Caller) -> None:
    url = demo.emulator.base_url
    body = (
        b'{"user_id":"s","conversation_id":"c","messages":[{"role":"user","content":"a\\ud83d"}]}'
    )
    assert (await demo.http.post(url + "/add/message", content=body)).json()["code"] == 0
    response = await demo.send("/get/message", user_id="s", conversation_id="c")
    assert b'"a\\ud83d"' in response.content


async def test_a_huge_body_is_refused_before_it_has_arrived(demo: Caller) -> None:
    async with connected(demo.emulator) as wire:
        wire.writer.write(
            post(demo, b"")[:-2].replace(b"Length: 0", b"Length: 99999999999") + b"\r\n"
        )
        piece = b"x" * 65_536
        for _ in range(MAX_BODY // len(piece) + 2):
            wire.writer.write(piece)
            await wire.writer.drain()
        head = await wire.reader.readuntil(b"\r\n")
        assert b"413" in head


@pytest.mark.parametrize(
    ("junk", "status"),
    [
        (b"HELLO\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 100_000, b"431"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", b"501"),
    ],
    ids=["word", "tls", "no host", "odd length", "long line", "odd coding"],
)
async def test_what_is_not_http_is_refused(demo: Caller, junk: bytes, status: bytes) -> None:
    async with connected(demo.emulator) as wire:
        answer = await wire.ends_with(junk)
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert await demo.own("users")


async def test_a_client_that_leaves_in_the_middle_harms_nobody(demo: Caller) -> None:
    async with connected(demo.emulator) as wire:
        wire.writer.write(post(demo, b"x" * 100)[:-50])
        await wire.writer.drain()
    assert await demo.own("users")


@pytest.mark.parametrize("length", [30, -1], ids=["in the head", "in the body"])
async def test_slow_requests_are_cut(serve: Serve, length: int) -> None:
    caller = await serve(request_seconds=0.2)
    async with connected(caller.emulator) as wire:
        assert await wire.ends_with(post(caller, b"{}")[:length]) == b""
    assert await caller.own("users")


async def test_idle_connections_are_cut(serve: Serve) -> None:
    caller = await serve(idle_seconds=0.2)
    async with connected(caller.emulator) as wire:
        assert await wire.ends_with(b"") == b""


async def test_closing_cuts_connections_and_waits_for_nobody() -> None:
    emulator = Emulator(generated_data(), latency_ms=60_000)
    await emulator.start()
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        waiting = asyncio.create_task(client.post(emulator.base_url + "/get/memory", json={}))
        async with asyncio.timeout(10):
            while not emulator.requests:  # noqa: ASYNC110 - the request has no event to wait for
                await asyncio.sleep(0.01)
        async with asyncio.timeout(5):
            await emulator.close()
        with pytest.raises(httpx.TransportError):
            await waiting


async def test_a_taken_port_is_an_os_error(demo: Caller) -> None:
    port = int(demo.emulator.root_url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="address already in use"):
        await Emulator(generated_data(), port=port).start()


def test_a_thread_serves_and_stops() -> None:
    before = set(threading.enumerate())  # other tests' emulators may run
    with EmulatorThread(api_key="mpg-test") as running:
        assert running.base_url.endswith("/api/openmem/v1")
        assert running.api_key == "mpg-test"
        with urllib.request.urlopen(f"{running.root_url}/_emulator/users") as response:
            assert USER in json.load(response)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{running.root_url}/_emulator/users")
    running.stop()
    assert set(threading.enumerate()) <= before


def test_a_thread_stops_at_once_while_a_client_waits() -> None:
    before = set(threading.enumerate())
    running = EmulatorThread(generated_data(), faults=["timeout"]).start()
    host, port = running.root_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        body = b'{"user_id":"user-000001"}'
        client.sendall(
            f"POST /api/openmem/v1/get/memory HTTP/1.1\r\nHost: x\r\nAuthorization: Token "
            f"{running.api_key}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        deadline = time.monotonic() + 10
        while not running.emulator.requests and time.monotonic() < deadline:
            time.sleep(0.005)
        running.stop()
        assert set(threading.enumerate()) <= before


def test_a_thread_says_that_a_port_is_taken() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="address already in use"),
    ):
        EmulatorThread(generated_data(), port=taken.getsockname()[1]).start()


def test_a_thread_never_holds_the_end_of_the_process() -> None:
    code = (
        "from memos_admin.emulator.thread import EmulatorThread\n"
        "EmulatorThread(faults=['timeout']).start(); print('ready')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "ready\n", "")


def test_importing_the_emulator_costs_nothing() -> None:
    code = "import sys, memos_admin.emulator; print('asyncio' in sys.modules, 'h11' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


def test_the_emulator_needs_the_standard_library_and_h11_only() -> None:
    code = (
        "import sys; own = {*sys.stdlib_module_names, *sys.modules}\n"
        "import memos_admin.emulator.command, memos_admin.emulator.thread\n"
        "from memos_admin.emulator.demo import demo_data; demo_data()\n"
        "names = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(names - own - {'memos_admin'}))\n"
        "print([n for n in sys.modules if n.startswith('memos_admin.') and '.emulator' not in n])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    others, ours = done.stdout.splitlines()
    assert [name for name in eval(others) if not name.startswith("_")] == ["h11"]
    assert ours == "[]"

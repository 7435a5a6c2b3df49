"""A scripted service: a real HTTP server on a loopback socket that answers what a test says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from memos_admin.cloud.client import CloudClient
from memos_admin.cloud.key import ApiKey
from memos_admin.cloud.transport import Timeouts

SECRET = "mpg-5ecret5ecret5ecret5ecret5ecret5ecret"
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Property tests that a slow machine does not fail."""

ABORT = object()
"""Step of a script: end the connection with a reset instead of an orderly close."""


@dataclass
class Request:
    """What arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Step = bytes | float | object
Script = list[Step]
Answer = bytes | Script | Callable[[Request], "bytes | Script"]


def http(
    body: bytes | str,
    *,
    status: str = "200 OK",
    content_type: str | None = "application/json",
    headers: tuple[str, ...] = (),
    length: int | None = None,
) -> bytes:
    """An HTTP answer; `length` overrides the true one."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(data) if length is None else length}"]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    return "\r\n".join([*lines, *headers, "", ""]).encode() + data


def envelope(
    data: Any = None,
    *,
    code: Any = 0,
    message: str = "ok",
    status: str = "200 OK",
    headers: tuple[str, ...] = (),
) -> bytes:
    """The service's answer."""
    text = json.dumps({"code": code, "message": message, "data": data})
    return http(text, status=status, headers=headers)


@dataclass
class Service:
    """The scripted service: gives its answers in turn, the last one for ever."""

    port: int = 0
    answers: list[Answer] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    open_now: int = 0
    most_open: int = 0
    hold: asyncio.Event | None = None
    served: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/openmem/v1"

    @property
    def targets(self) -> list[str]:
        return [request.target.removeprefix("/api/openmem/v1") for request in self.requests]

    def answer(self, *answers: Answer) -> None:
        self.answers = list(answers)

    async def wait_for_open(self, number: int) -> None:
        async with self.served:
            await self.served.wait_for(lambda: self.open_now >= number)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read_request(reader)) is not None:
                await self._serve(request, writer)
        except (ConnectionError, asyncio.IncompleteReadError, _Ended):
            pass
        finally:
            writer.close()

    async def _serve(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self.requests.append(request)
        async with self.served:
            self.open_now += 1
            self.most_open = max(self.most_open, self.open_now)
            self.served.notify_all()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        try:
            if self.hold is not None:
                await self.hold.wait()
            given = answer(request) if callable(answer) else answer
            for step in given if isinstance(given, list) else [given]:
                await _take(step, writer)
            if isinstance(given, list):
                raise _Ended
        finally:
            self.open_now -= 1


class _Ended(Exception):
    """The script is over; the connection closes with it."""


async def _take(step: Step, writer: asyncio.StreamWriter) -> None:
    if step is ABORT:
        writer.transport.abort()
        raise _Ended
    if isinstance(step, float):
        await asyncio.sleep(step)
    elif isinstance(step, bytes):
        writer.write(step)
        await writer.drain()


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target, headers, body)


@asynccontextmanager
async def serving() -> AsyncIterator[Service]:
    """A running service."""
    service = Service(answers=[envelope({})])
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await service.handle(reader, writer)
        tasks.discard(task)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    service.port = server.sockets[0].getsockname()[1]
    try:
        yield service
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with serving() as running:
        yield running


@pytest.fixture
async def other() -> AsyncIterator[Service]:
    """A second origin that no key may reach."""
    async with serving() as running:
        yield running


@dataclass
class Waits:
    """Waits that end at once and are written down."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def key() -> ApiKey:
    return ApiKey(SECRET)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's proxies and certificates out."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


@pytest.fixture
async def client(service: Service, key: ApiKey, waits: Waits) -> AsyncIterator[CloudClient]:
    """A client of the scripted service whose waits between tries end at once."""
    timeouts = Timeouts(connect=20, read=20, write=20, pool=20, total=30)
    async with CloudClient(service.base_url, key, rate=1000, timeouts=timeouts, wait=waits) as made:
        yield made


@pytest.fixture
async def hasty(service: Service, key: ApiKey, waits: Waits) -> AsyncIterator[CloudClient]:
    """The same with a short time-out, for answers that never come."""
    async with CloudClient(
        service.base_url, key, rate=1000, timeouts=Timeouts(read=0.3), wait=waits
    ) as made:
        yield made

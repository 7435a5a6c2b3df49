"""The HTTP server: sockets, HTTP/1.1 by h11, keep-alive, limits, and faults on the wire."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import struct
from collections.abc import Callable, Iterable
from email.utils import formatdate
from types import TracebackType
from typing import Final, Self

import h11

from memos_admin.emulator import codes
from memos_admin.emulator.breakage import Answer, refused, rendered, spoiled
from memos_admin.emulator.codes import ApiError
from memos_admin.emulator.faults import Faults
from memos_admin.emulator.records import Data
from memos_admin.emulator.routes import BASE, Api, refusal, route_of
from memos_admin.emulator.state import TASK_MS, State, now_ms

MAX_BODY: Final = 16 * 1024 * 1024
"""The largest request body, in bytes."""
MAX_HEADERS: Final = 32 * 1024
MAX_CONNECTIONS: Final = 512
REQUEST_SECONDS: Final = 15.0
"""How long a started request may take to arrive."""
IDLE_SECONDS: Final = 75.0
"""How long a connection may stay open without a request."""
LINGER_SECONDS: Final = 2.0
CHUNK: Final = 64 * 1024


class _Gone(Exception):
    """The client went away, or a fault cut the connection."""


class Emulator:
    """Serves one project on a socket of the running event loop.

    Use it as an async context manager, or call `start` and `close`.

    Args:
        data: what the project holds at first.
        host, port: where to listen; port 0 takes a free one.
        latency_ms: how much later every answer comes.
        faults: SPECs of `faults`. Raises BadFault.
        api_key: the key that is accepted; a random one where None.
        clock: the time in epoch milliseconds, of written memories and of tasks.
        task_ms: how long a task runs, in milliseconds.
        request_seconds, idle_seconds: limits on a request's arrival and on idle connections.
    """

    def __init__(
        self,
        data: Data,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        latency_ms: float = 0,
        faults: Iterable[str] = (),
        api_key: str | None = None,
        clock: Callable[[], int] = now_ms,
        task_ms: int = TASK_MS,
        request_seconds: float = REQUEST_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self.api_key = api_key or f"mpg-{secrets.token_urlsafe(24)}"
        self.state = State(data, clock=clock, task_ms=task_ms)
        self.faults = Faults(faults)
        self._api = Api(self.state, self.api_key, self.faults)
        self._host, self._port = host, port
        self._latency = latency_ms / 1000
        self._request_seconds, self._idle_seconds = request_seconds, idle_seconds
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def base_url(self) -> str:
        """The API's address, ending in ``/api/openmem/v1``. Valid once started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}{BASE}"

    @property
    def root_url(self) -> str:
        """The server's address without a path; ``/_emulator/…`` stands below it."""
        return self.base_url.removesuffix(BASE)

    @property
    def requests(self) -> dict[str, int]:
        """Requests received so far by route, those that a fault struck included."""
        return dict(self._api.requests)

    async def start(self) -> None:
        """Listen. Raises OSError where the address is taken or not ours."""
        self._server = await asyncio.start_server(
            self._connected, self._host, self._port, limit=CHUNK, backlog=256
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop at once: open connections are cut, nothing is waited for."""
        if self._server is not None:
            self._server.close()
        for task, writer in list(self._connections.items()):
            writer.transport.abort()
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        self._connections[task] = writer
        try:
            await Connection(self, reader, writer).serve()
        except (_Gone, OSError, asyncio.CancelledError):  # a time-out is an OSError
            # a cancelled handler must end quietly: the server cancels them when it closes
            writer.transport.abort()
        finally:
            del self._connections[task]
            writer.close()

    async def answer(self, request: h11.Request, body: bytes) -> Answer:
        """Return the answer to a request, faults included."""
        path = request.target.split(b"?")[0].decode("latin-1")
        headers = {name: value.decode("latin-1") for name, value in request.headers}
        method = request.method.decode("latin-1")
        if not path.startswith(BASE + "/"):
            return rendered(self._api.answer(method, path, None, body))
        route = route_of(path)
        self._api.count(route)
        delays = self.faults.strike(route, "delay")
        delay = self._latency + sum(
            fault.jitter() if fault.name == "jitter" else fault.number("ms") / 1000
            for fault in delays
        )
        if delay:
            await asyncio.sleep(delay)
        refusals = self.faults.strike(route, "refuse")
        if refusals:
            return refused(refusals[0])
        reply = self._api.answer(method, path, headers.get(b"authorization"), body)
        return spoiled(reply, self.faults.strike(route, "answer"))

    @property
    def limits(self) -> tuple[float, float]:
        """Seconds that a request may take to arrive, and that a connection may be idle."""
        return self._request_seconds, self._idle_seconds


class Connection:
    """One connection: requests come in one after the other, answers go out in their order."""

    def __init__(
        self, emulator: Emulator, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._emulator = emulator
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEADERS)

    async def serve(self) -> None:
        """Answer requests until one side wants to end."""
        request_seconds, idle_seconds = self._emulator.limits
        while True:
            try:
                if self._http.trailing_data[0] == b"":
                    async with asyncio.timeout(idle_seconds):
                        await self._receive()
                async with asyncio.timeout(request_seconds):
                    received = await self._request()
                if received is None:
                    return
                answer = await self._emulator.answer(*received)
            except h11.RemoteProtocolError as error:
                answer = self._complaint(error)
            except ApiError as error:
                answer = rendered(refusal(error))
            await self._send(answer)
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                # what the client still sends is read for a while: closing with it unread would
                # reset the connection and lose the answer
                with contextlib.suppress(OSError):  # the client may be gone by now
                    self._writer.write_eof()
                await self._wait_for_end(LINGER_SECONDS)
                return
            self._http.start_next_cycle()

    async def _receive(self) -> None:
        self._http.receive_data(await self._reader.read(CHUNK))

    async def _request(self) -> tuple[h11.Request, bytes] | None:
        """Return the next request and its body, None where the client has ended."""
        request: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                if self._http.they_are_waiting_for_100_continue:
                    go_on = h11.InformationalResponse(status_code=100, headers=[])
                    self._writer.write(self._http.send(go_on) or b"")
                await self._receive()
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > MAX_BODY:
                    raise ApiError(codes.INVALID, f"over {MAX_BODY} bytes", status=413)
            elif isinstance(event, h11.EndOfMessage) and request is not None:
                return request, bytes(body)
            else:
                return None

    def _complaint(self, error: h11.RemoteProtocolError) -> Answer:
        """Return the answer to what is not HTTP. Raises _Gone where none can be sent."""
        if self._http.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            raise _Gone from error
        status = error.error_status_hint
        return rendered(refusal(ApiError(codes.INVALID, "not HTTP/1.1", status=status)))

    async def _send(self, answer: Answer) -> None:
        if answer.lost == "timeout":
            await self._wait_for_end(answer.wait)
            raise _Gone
        if answer.lost == "reset":
            self._reset()
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            ("Date", formatdate(self._emulator.state.now() / 1000, usegmt=True)),
        ]
        if answer.retry_after:
            headers.append(("Retry-After", answer.retry_after))
        head = self._http.send(h11.Response(status_code=answer.status, headers=headers)) or b""
        body = answer.body if answer.cut is None else answer.body[: answer.cut]
        if answer.drip is None:
            self._writer.write(head + body)
        else:
            size, pause = answer.drip
            self._writer.write(head)
            for start in range(0, len(body), size):
                self._writer.write(body[start : start + size])
                await self._writer.drain()
                await asyncio.sleep(pause)
        await self._writer.drain()
        if answer.cut is not None:
            self._writer.close()
            raise _Gone
        # h11 checks that the whole body is there; the bytes are on their way already
        self._http.send(h11.Data(data=answer.body))
        self._http.send(h11.EndOfMessage())

    async def _wait_for_end(self, seconds: float) -> None:
        """Return when the client has closed the connection, after `seconds` at the latest."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while await self._reader.read(CHUNK):
                    pass

    def _reset(self) -> None:
        """End with a TCP reset: a socket closed with unsent data and no lingering sends RST."""
        sock = self._writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
        raise _Gone

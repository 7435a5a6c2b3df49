"""An emulator on the test's own event loop, and callers that speak to it over a real socket."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from typing import Any, Protocol

import httpx
import pytest

from memos_admin.emulator.demo import demo_data
from memos_admin.emulator.records import Data
from memos_admin.emulator.server import Emulator


class Caller:
    """Calls an emulator as a client would, without any retry."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        # Nothing here is encrypted, and to read the certificates of the world takes longer than most tests.
        self.http = httpx.AsyncClient(
            headers={"Authorization": f"Token {emulator.api_key}"},
            timeout=10, trust_env=False, verify=False,
        )  # fmt: skip

    async def send(self, route: str, **body: Any) -> httpx.Response:
        return await self.http.post(self.emulator.base_url + route, json=body)

    async def envelope(self, route: str, **body: Any) -> dict[str, Any]:
        value: dict[str, Any] = (await self.send(route, **body)).json()
        return value

    async def data(self, route: str, **body: Any) -> Any:
        value = await self.envelope(route, **body)
        assert value["code"] == 0, value
        return value["data"]

    async def code(self, route: str, **body: Any) -> int:
        value = await self.envelope(route, **body)
        assert value["data"] is None
        assert value["message"]
        return int(value["code"])

    async def memory(self, memory_id: str) -> dict[str, Any]:
        url = f"{self.emulator.base_url}/get/memory/{memory_id}"
        value: dict[str, Any] = (await self.http.get(url)).json()
        return value

    async def own(self, path: str, body: Any = None) -> Any:
        url = f"{self.emulator.root_url}/_emulator/{path}"
        sent = self.http.get(url) if body is None else self.http.post(url, json=body)
        return (await sent).json()

    async def all_memories(self, user_id: str, list_name: str, **more: Any) -> list[dict[str, Any]]:
        """All items of one list, page by page as `pages` says."""
        found: list[dict[str, Any]] = []
        page = pages = 1
        while page <= pages:
            data = await self.data("/get/memory", user_id=user_id, page=page, **more)
            found += data.get(list_name) or []
            pages = data["pages"]
            page += 1
        return found


class Serve(Protocol):
    def __call__(self, data: Data | None = None, **options: Any) -> Awaitable[Caller]: ...


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 1_790_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts emulators; they are gone after the test."""
    async with AsyncExitStack() as stack:

        async def start(data: Data | None = None, **options: Any) -> Caller:
            emulator = Emulator(demo_data() if data is None else data, **options)
            await stack.enter_async_context(emulator)
            caller = Caller(emulator)
            stack.push_async_callback(caller.http.aclose)
            return caller

        yield start


@pytest.fixture
async def demo(serve: Serve) -> Caller:
    """The demo, whose tasks are done at once."""
    return await serve(task_ms=0)


@pytest.fixture
def clock() -> Clock:
    return Clock()

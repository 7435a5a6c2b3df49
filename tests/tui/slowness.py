"""A service in memory that takes its time."""

from __future__ import annotations

import asyncio

from memos_admin.cloud.answers import MemoryPage
from tests.backend.service import Service


class Slow(Service):
    """A service that waits to be let on after its first answer."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def get_memories(self, *args: object, **kwargs: object) -> MemoryPage:
        if self.requests["/get/memory"]:
            await self.go.wait()
        return await super().get_memories(*args, **kwargs)  # type: ignore[arg-type]

"""Work that goes on behind its caller, so that the store writes while the service is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self


class Behind:
    """Does one thing at a time behind its caller; a context manager that waits for the last one.

    What one raises is raised where the next is begun, or at the end. Where the caller is cancelled,
    it is too.
    """

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None and isinstance(error, asyncio.CancelledError):
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        else:
            await self._finish()

    async def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin something, once what was begun before is done."""
        try:
            await self._finish()
        except BaseException:
            work.close()
            raise
        self._task = asyncio.create_task(work)

    async def _finish(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            await task

"""Work that is waited for to its end: what is told of it when it is stopped."""

from __future__ import annotations

import asyncio
import threading

import pytest

from memos_admin.backend import daemon
from memos_admin.backend.errors import StoreInterrupted


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (StoreInterrupted("Stopped."), asyncio.CancelledError),
        (None, asyncio.CancelledError),
        (OSError("no space left"), OSError),
    ],
)
async def test_that_work_was_stopped_is_no_news_but_that_it_failed_then_is(
    raised: Exception | None, told: type[BaseException]
) -> None:
    begun = threading.Event()

    def work(stopping: threading.Event) -> None:
        begun.set()
        assert stopping.wait(30)
        if raised is not None:
            raise raised

    task = asyncio.create_task(daemon.to_the_end(work))
    await asyncio.to_thread(begun.wait, 30)
    task.cancel()
    with pytest.raises(told):
        await task

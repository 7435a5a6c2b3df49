"""Work that may hang for ever, in threads that neither its caller nor quitting waits for.

Threads of `asyncio.to_thread` and executors hold the exit of the program until they end; a keyring
that waits for a dialogue nobody sees, or a name server that does not answer, never ends.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TypeVar

from memos_admin.store.errors import StoreInterrupted

T = TypeVar("T")


class TookTooLong(Exception):
    """The time is over; the work goes on by itself, and what it returns is lost."""


def start(work: Callable[[], T]) -> Future[T]:
    """Start `work` in a daemon thread, with the caller's context; return the future of what it returns or raises."""
    future: Future[T] = Future()
    context = copy_context()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(context.run(work))
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            future.set_exception(error)

    threading.Thread(target=run, name="memos-admin-daemon", daemon=True).start()
    return future


def within(seconds: float, work: Callable[[], T]) -> T:
    """Return what `work` returns, or raise what it raises, or TookTooLong after `seconds`."""
    future = start(work)
    try:
        return future.result(seconds)
    except TimeoutError:
        if future.done():  # its own
            raise
    raise TookTooLong


async def in_background(work: Callable[[], T]) -> T:
    """Return what `work` returns or raise what it raises; cancelling abandons it."""
    return await asyncio.wrap_future(start(work))


async def to_the_end(work: Callable[[threading.Event], T]) -> T:
    """Return what `work` returns or raise what it raises; cancelling waits for its end.

    Work that is stopped, and fails in something else then, raises that.

    Args:
        work: is given what is set once it is to stop, so that nothing half done stays behind.
    """
    stopping = threading.Event()
    working = asyncio.wrap_future(start(lambda: work(stopping)))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        stopping.set()
        await asyncio.wait([working])
        failed = working.exception()
        if failed is None or isinstance(failed, StoreInterrupted):  # that it was stopped is no news
            raise
        raise failed from None

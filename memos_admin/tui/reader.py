"""The thread that reads the store for the screens, and threads that never hold the exit.

A disk may hang and a query may take seconds: the event loop must not notice. asyncio's own threads
are no help here, since both asyncio and the interpreter wait for them at the end; these are daemons
and are left behind.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from contextvars import copy_context
from queue import SimpleQueue
from typing import Any, Concatenate, ParamSpec, TypeVar

from memos_admin.backend.model import Reads

P = ParamSpec("P")
T = TypeVar("T")

_Job = tuple[asyncio.Future[Any], Callable[[], Any]]


class Reader:
    """One thread with one read connection. ``await reader(fn, …)`` returns ``fn(reads, …)``.

    Jobs run in order; one whose caller was cancelled before its turn is skipped, so that holding an
    arrow key down costs one read, not fifty. What `fn` raises is raised at the caller.
    """

    def __init__(
        self,
        reads: Callable[[], Reads],
        own: Callable[[], AbstractContextManager[Reads]] | None = None,
    ) -> None:
        """Take what opens connections.

        Args:
            reads: called in the thread, again and again: returns the one connection.
            own: opens another connection, for what is read aside; None: that is a job like any.
        """
        self._reads, self._own = reads, own
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def __call__(
        self, fn: Callable[Concatenate[Reads, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what `fn` returns when it is called with the connection in the reader's thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="reader", daemon=True)
            self._thread.start()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        context = copy_context()
        self._jobs.put((future, lambda: context.run(fn, self._reads(), *args, **kwargs)))
        return await future

    async def aside(
        self, fn: Callable[Concatenate[Reads, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what `fn` returns with a connection and a thread of its own: other jobs go on.

        For what takes long where there is much. When its caller is cancelled it is interrupted.
        """
        if self._own is None:
            return await self(fn, *args, **kwargs)
        own, opened = self._own, list[Reads]()

        def read() -> T:
            with own() as reads:
                opened.append(reads)
                return fn(reads, *args, **kwargs)

        try:
            return await in_thread(read)
        except asyncio.CancelledError:
            for reads in opened:
                reads.interrupt()
            raise

    def close(self) -> None:
        """Let the thread end after the job at hand; does not wait for it."""
        self._jobs.put(None)

    def join(self, seconds: float) -> bool:
        """Wait for the end after `close`; return whether the connection is of no use any more.

        Blocks for at most `seconds`.
        """
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, call = job
            if not future.cancelled():
                _carry_out(future, call)


async def in_thread(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `fn` returns when it is called in a thread of its own, which holds no exit; with this context."""
    future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    context = copy_context()
    threading.Thread(
        target=_carry_out, args=(future, lambda: context.run(fn, *args, **kwargs)), daemon=True
    ).start()
    return await future


def _carry_out(future: asyncio.Future[Any], call: Callable[[], Any]) -> None:
    """Call, and hand the outcome to the event loop of the one who waits, if that still runs."""

    def settle() -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    result, error = None, None
    try:
        result = call()
    except BaseException as caught:  # noqa: BLE001 - it is raised again where it is waited for
        error = caught
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        future.get_loop().call_soon_threadsafe(settle)


class DaemonExecutor(ThreadPoolExecutor):
    """For what asyncio itself does in threads (name look-ups): a hanging one holds no exit."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Start `fn` in a daemon thread of its own."""
        future: Future[Any] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                future.set_exception(error)

        threading.Thread(target=work, daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for nobody."""

"""An emulator on a thread of its own, for ``--demo`` and for tests without an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from memos_admin.emulator.records import Data
from memos_admin.emulator.server import Emulator
from memos_admin.emulator.state import now_ms

START_SECONDS = 10.0
STOP_SECONDS = 1.0


class EmulatorThread:
    """Runs an `Emulator` on a daemon thread with its own event loop.

    The thread never holds the end of the process. Use it as a context manager, or call `start` and
    `stop`.

    Args:
        data: what the project holds at first; the demo where None.
        options: those of `Emulator`. Raises BadFault for a fault that cannot be understood.
    """

    def __init__(self, data: Data | None = None, **options: Any) -> None:
        if data is None:
            from memos_admin.emulator.demo import demo_data

            data = demo_data()
        self.emulator = Emulator(data, **options)
        self._thread = threading.Thread(target=self._run, name="emulator", daemon=True)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._error: BaseException | None = None

    @property
    def base_url(self) -> str:
        """The API's address. Valid once started."""
        return self.emulator.base_url

    @property
    def root_url(self) -> str:
        """The server's address without a path."""
        return self.emulator.root_url

    @property
    def api_key(self) -> str:
        """The key that is accepted."""
        return self.emulator.api_key

    def start(self) -> Self:
        """Return when the server listens. Raises OSError where it cannot."""
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise TimeoutError("the emulator did not start")
        if self._error is not None:
            raise self._error
        return self

    def turn_to(self, data: Data, clock: Callable[[], int] = now_ms) -> None:
        """Serve what the project held at another time, by the clock of that time.

        Whoever asks meanwhile is answered of either. Raises ValueError once anything was written.
        """
        self.emulator.state.turn_to(data, clock)

    def stop(self) -> None:
        """Cut all connections and end the thread; at once, and harmless when called twice."""
        if self._loop is not None and self._stopping is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that starts us
            self._error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        async with self.emulator:
            self._ready.set()
            await self._stopping.wait()

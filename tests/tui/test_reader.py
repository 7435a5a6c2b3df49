"""The thread that reads for the screens, and what is read aside."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from memos_admin.tui.reader import Reader


class Connection:
    """Stands for one; a read of it may last until it is interrupted."""

    def __init__(self) -> None:
        self.reading, self.interrupted, self.closed = (threading.Event() for _ in range(3))

    def interrupt(self) -> None:
        self.interrupted.set()


def until_interrupted(reads: Any) -> None:
    reads.reading.set()
    assert reads.interrupted.wait(60)


class Opening:
    """Opens connections that a test looks at."""

    def __init__(self) -> None:
        self.first, self.other = Connection(), Connection()
        self.reader = Reader(lambda: self.first, self.opened)  # type: ignore[arg-type, return-value]

    @contextmanager
    def opened(self) -> Iterator[Any]:
        yield self.other
        self.other.closed.set()


async def test_what_is_read_aside_holds_up_no_other_read() -> None:
    opening = Opening()
    aside = asyncio.create_task(opening.reader.aside(until_interrupted))
    assert await opening.reader(id) == id(opening.first)
    assert not aside.done()
    opening.other.interrupt()
    await aside
    opening.reader.close()


async def test_what_nobody_waits_for_any_more_is_interrupted() -> None:
    opening = Opening()
    aside = asyncio.create_task(opening.reader.aside(until_interrupted))
    assert await asyncio.to_thread(opening.other.reading.wait, 20)
    aside.cancel()
    with pytest.raises(asyncio.CancelledError):
        await aside
    assert await asyncio.to_thread(opening.other.closed.wait, 20)
    assert not opening.first.interrupted.is_set()


async def test_without_another_connection_it_waits_its_turn() -> None:
    first = Connection()
    reader = Reader(lambda: first)  # type: ignore[arg-type, return-value]
    assert await reader.aside(id) == id(first)
    reader.close()

"""Work that goes on behind its caller."""

from __future__ import annotations

import asyncio

import pytest

from memos_admin.backend.sync.behind import Behind


async def test_one_thing_at_a_time_goes_on_behind_the_caller() -> None:
    done: list[str] = []
    go_on = asyncio.Event()

    async def work(name: str) -> None:
        await go_on.wait()
        done.append(name)

    async with Behind() as behind:
        await behind.do(work("first"))
        assert done == []
        second = asyncio.create_task(behind.do(work("second")))
        await asyncio.sleep(0)
        assert not second.done()  # the first is not done
        go_on.set()
        await second
    assert done == ["first", "second"]


async def test_what_was_begun_is_finished_where_the_caller_fails() -> None:
    done: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0)
        done.append("stored")

    async def call() -> None:
        async with Behind() as behind:
            await behind.do(work())
            raise KeyError("page 2")

    with pytest.raises(KeyError):
        await call()
    assert done == ["stored"]


@pytest.mark.parametrize("where", ["next", "end"])
async def test_a_failure_is_raised_at_the_next_or_at_the_end(where: str) -> None:
    async def fail() -> None:
        raise ValueError("no space")

    async def nothing() -> None:
        raise AssertionError("not begun behind a failure")

    async def call() -> None:
        async with Behind() as behind:
            await behind.do(fail())
            if where == "next":
                await behind.do(nothing())

    with pytest.raises(ValueError, match="no space"):
        await call()


async def test_it_is_cancelled_with_its_caller() -> None:
    begun = asyncio.Event()
    ended: list[str] = []

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async def call() -> None:
        async with Behind() as behind:
            await behind.do(work())
            await asyncio.Event().wait()

    calling = asyncio.create_task(call())
    await begun.wait()
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert ended == ["cancelled"]

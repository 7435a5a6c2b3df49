"""Rate, concurrency, pauses and patience, on clocks that the tests turn."""

import asyncio
import re
import selectors
import socket
from collections.abc import Coroutine
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.cloud import errors
from memos_admin.cloud.client import CloudClient
from memos_admin.cloud.envelope import Break, Outcome
from memos_admin.cloud.key import ApiKey
from memos_admin.cloud.pacing import (
    LONGEST_PAUSE,
    Pace,
    Patience,
    PausedTooLong,
    retry_after_seconds,
)
from memos_admin.cloud.waiting import Waiting
from tests.cloud.conftest import UNHURRIED, Service, Waits, envelope, http

NOON = 1_750_000_000.0  # 2025-06-15 15:06:40 UTC


class _Skipping(selectors.DefaultSelector):
    """A selector that does not wait: it puts the loop's clock forward instead."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += (timeout or 0.0) + 1e-6  # a clock that stands still would never end a wait
        return super().select(0)


def on_a_fast_clock(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine without sockets on a loop whose sleeps take no time."""
    selector = _Skipping()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign]
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(coroutine)


def pace(rate: float = 1000.0, concurrency: int = 8) -> Pace:
    return Pace(
        rate, concurrency, wait=asyncio.sleep, clock=lambda: asyncio.get_running_loop().time()
    )


@pytest.mark.parametrize(("rate", "burst"), [(10.0, 2), (50.0, 10), (3.0, 1), (0.5, 1), (1.0, 1)])
def test_the_rate_is_held_over_every_stretch_of_time(rate: float, burst: int) -> None:
    async def scenario() -> None:
        limit, times = pace(rate), []

        async def send() -> None:
            async with limit.turn(Patience(60)):
                times.append(asyncio.get_running_loop().time())

        await asyncio.gather(*(send() for _ in range(60)))
        for first, start in enumerate(times):
            for later in range(first, len(times)):
                allowed = burst + rate * (times[later] - start)
                assert later - first + 1 <= allowed + 1e-3
        assert times[-1] - times[0] <= 60 / rate + 1e-3

    on_a_fast_clock(scenario())


def test_a_pause_holds_those_that_already_stand_in_line() -> None:
    async def scenario() -> None:
        loop, limit, sent = asyncio.get_running_loop(), pace(10.0), []
        start = loop.time()

        async def send() -> None:
            async with limit.turn(Patience(60)):
                sent.append(loop.time() - start)
                if len(sent) == 3:
                    limit.pause(20.0)

        await asyncio.gather(*(send() for _ in range(10)))
        assert sent[2] < 1
        assert min(sent[3:]) >= sent[2] + 20
        assert len(sent) == 10

    on_a_fast_clock(scenario())


def test_a_pause_longer_than_the_patience_ends_the_call_at_once() -> None:
    async def scenario() -> None:
        loop, limit = asyncio.get_running_loop(), pace()
        limit.pause(30.0)
        patience, before = Patience(29.0), loop.time()
        with pytest.raises(PausedTooLong) as caught:
            async with limit.turn(patience):
                pass
        assert caught.value.seconds == pytest.approx(30.0)
        assert loop.time() == pytest.approx(before)
        assert patience.left == 29.0

    on_a_fast_clock(scenario())


def test_patience_is_used_up_by_several_pauses() -> None:
    async def scenario() -> None:
        limit, patience = pace(), Patience(25.0)
        for expected in (15.0, 5.0):
            limit.pause(10.0)
            async with limit.turn(patience):
                assert patience.left == pytest.approx(expected)
        limit.pause(10.0)
        with pytest.raises(PausedTooLong):
            async with limit.turn(patience):
                pass

    on_a_fast_clock(scenario())


def test_a_shorter_pause_does_not_end_a_longer_one_and_none_is_endless() -> None:
    async def scenario() -> None:
        loop, limit = asyncio.get_running_loop(), pace()
        start = loop.time()
        limit.pause(1e9)
        limit.pause(1.0)
        async with limit.turn(Patience(1e9)):
            assert loop.time() - start == pytest.approx(LONGEST_PAUSE)

    on_a_fast_clock(scenario())


@pytest.mark.parametrize(("rate", "concurrency"), [(0, 8), (-1, 8), (float("nan"), 8), (10, 0)])
def test_limits_that_let_nothing_through_are_refused(rate: float, concurrency: int) -> None:
    with pytest.raises(ValueError, match="rate"):
        pace(rate, concurrency)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("12", 12.0),
        (" 1.5 ", 1.5),
        ("86400", LONGEST_PAUSE),
        ("999999999", LONGEST_PAUSE),
        ("Sun, 15 Jun 2025 15:07:00 GMT", 20.0),
        ("Sun, 15 Jun 2025 15:07:00 -0000", 20.0),
        ("Sun, 15 Jun 2025 15:00:00 GMT", 0.0),
        ("Sun, 15 Jun 2125 15:00:00 GMT", LONGEST_PAUSE),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("nan", None),
        ("１２", None),
        ("9" * 5000, None),
        ("Sun, 99 Jun 2025 99:00:00 GMT", None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOON) == seconds


@UNHURRIED
@given(st.text(max_size=40))
def test_any_retry_after_is_bounded(header: str) -> None:
    seconds = retry_after_seconds(header, NOON)
    assert seconds is None or 0 <= seconds <= LONGEST_PAUSE


async def test_no_more_requests_at_once_than_allowed(service: Service, key: ApiKey) -> None:
    service.hold = asyncio.Event()
    async with CloudClient(service.base_url, key, rate=10_000, concurrency=3) as client:
        calls = [asyncio.create_task(client.get_messages("u", str(n))) for n in range(12)]
        await service.wait_for_open(3)
        assert client.requests == {"/get/message": 3}  # the others wait for their turn
        service.hold.set()
        await asyncio.gather(*calls)
    assert service.most_open == 3
    assert client.requests == {"/get/message": 12}


async def test_retries_count_against_the_concurrency(
    service: Service, key: ApiKey, waits: Waits
) -> None:
    service.answer(*[envelope(None, code=50000)] * 10, envelope({}))
    async with CloudClient(service.base_url, key, rate=10_000, concurrency=2, wait=waits) as client:
        await asyncio.gather(*(client.get_messages("u", str(n)) for n in range(10)))
    assert service.most_open <= 2
    assert client.requests == {"/get/message": 20}


async def test_a_date_to_try_again_at_is_read_by_the_clock_of_the_service(
    client: CloudClient, service: Service, waits: Waits
) -> None:
    dates = ("Date: Sun, 15 Jun 2025 15:07:00 GMT", "Retry-After: Sun, 15 Jun 2025 15:07:50 GMT")
    service.answer(http("", status="429 Slow", headers=dates), envelope({}))
    await client.get_messages("u", "c")
    assert waits.seconds == [50.0]


async def test_retry_after_is_honoured(client: CloudClient, service: Service, waits: Waits) -> None:
    told: list[str] = []
    client.on_wait = told.append
    limited = http("", status="429 Slow", headers=("Retry-After: 7",))
    in_an_envelope = envelope(None, code=40300, headers=("Retry-After: 9",))
    service.answer(limited, in_an_envelope, envelope({}))
    await client.get_messages("u", "c")
    assert waits.seconds == [7.0, 9.0]
    assert told == [
        "MemOS limits the rate; going on in 7 s",
        "MemOS limits the rate; going on in 9 s",
        "",
    ]


async def test_a_busy_service_may_say_how_long_too(
    client: CloudClient, service: Service, waits: Waits
) -> None:
    told: list[str] = []
    client.on_wait = told.append
    busy = http("", status="503 Busy", headers=("Retry-After: 11",))
    service.answer(busy, envelope(None, code=50004), [b""], envelope({}))
    await client.get_messages("u", "c")
    assert waits.seconds[0] == 11.0
    assert "trying again in 11 s (" in told[0]
    assert [re.sub(r"\d+ s\b", "a while", text) for text in told] == [
        "MemOS cannot answer now (HTTP 503); trying again in a while (try 2 of 5, about a while more)",
        "MemOS cannot answer now (code 50004); trying again in a while (try 3 of 5, about a while more)",
        "the connection broke off; trying again in a while (try 4 of 5, about a while more)",
        "",
    ]


async def test_a_time_out_is_told_as_silence(hasty: CloudClient, service: Service) -> None:
    told: list[str] = []
    hasty.on_wait = told.append
    service.answer([30.0], envelope({}))
    await hasty.get_messages("u", "c")
    silence, end = told
    assert re.fullmatch(
        r"MemOS has not answered for \d+ s; trying again in 1 s \(try 2 of 5, about \d+ s more\)",
        silence,
    )
    assert end == ""


async def test_no_connection_is_told_as_that(key: ApiKey, waits: Waits) -> None:
    told: list[str] = []
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, not listening: nobody else gets the port
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        async with CloudClient(address, key, rate=1000, on_wait=told.append, wait=waits) as client:
            with pytest.raises(errors.Unreachable):
                await client.check()
    assert told == [
        f"no connection to {address}; trying again in 1 s (try 2 of 2, about 1 s more)",
        "",
    ]


async def test_silence_is_told_while_it_lasts(service: Service, key: ApiKey, waits: Waits) -> None:
    told: list[str] = []
    service.hold = asyncio.Event()

    def tell(text: str) -> None:
        told.append(text)
        if len(told) == 2:  # the second tick: it goes on by itself
            assert service.hold is not None
            service.hold.set()

    async with CloudClient(
        service.base_url, key, on_wait=tell, silent_after=0.01, wait=waits
    ) as client:
        await client.get_messages("u", "c")
    assert told[-1] == ""
    assert len(told) > 2
    assert all(text.startswith("MemOS has not answered for ") for text in told[:-1])


async def test_an_answer_says_how_long_its_request_took_without_the_wait_for_its_turn(
    service: Service, key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = count(0.0, 8.0)
    monkeypatch.setattr(
        "memos_admin.cloud.calling.time", SimpleNamespace(monotonic=lambda: next(seconds))
    )
    async with CloudClient(service.base_url, key, concurrency=1) as client:
        windows = await asyncio.gather(*(client.get_messages("u", f"c{n}") for n in range(3)))
    assert [window.took for window in windows] == [8.0, 8.0, 8.0]


async def test_a_quick_answer_tells_nothing(client: CloudClient) -> None:
    told: list[str] = []
    client.on_wait = told.append
    await client.get_messages("u", "c")
    assert told == []


def test_silence_is_counted_from_the_last_answer() -> None:
    told: list[str] = []
    lost = Outcome(lost=Break("slow", "", sent=True, silent=True))
    waiting = Waiting(told.append)

    async def call() -> None:
        with waiting.for_an_answer():
            await asyncio.sleep(30)
        waiting.for_the_next_try(lost, 2.0, 2, 5)
        with waiting.for_an_answer():
            await asyncio.sleep(5.5)
        waiting.for_the_next_try(Outcome(error=errors.Busy("x", code=503)), 4.0, 3, 5)
        with waiting.for_an_answer():
            await asyncio.sleep(4.5)

    on_a_fast_clock(call())
    assert told[0] == "MemOS has not answered for 3 s"
    first_retry = told.index(
        "MemOS has not answered for 30 s; trying again in 2 s (try 2 of 5, about 3 min more)"
    )
    assert told[first_retry + 1] == "MemOS has not answered for 31 s; trying again (try 2 of 5)"
    assert told[-3:] == [
        "MemOS cannot answer now (HTTP 503); trying again in 4 s (try 3 of 5, about 21 s more)",
        "MemOS has not answered for 3 s; trying again (try 3 of 5)",
        "MemOS has not answered for 4 s; trying again (try 3 of 5)",
    ]


async def test_waits_grow_with_full_jitter(
    client: CloudClient, service: Service, waits: Waits
) -> None:
    service.answer(envelope(None, code=50000))
    for number in range(40):
        with pytest.raises(errors.Busy):
            await client.get_messages("u", str(number))
    by_try = [waits.seconds[first::4] for first in range(4)]
    for most, seconds in zip((0.5, 1.0, 2.0, 4.0), by_try, strict=True):
        assert all(0 <= each <= most for each in seconds)
        # Full jitter uses the whole range: forty draws miss its lower or upper half never.
        assert min(seconds) < most / 2 < max(seconds)


async def test_a_limit_slows_every_request(service: Service, key: ApiKey) -> None:
    """One request is told to wait; another that begins later waits as well, as long as is left."""
    now, waited = 100.0, list[float]()
    both, released = asyncio.Event(), asyncio.Event()

    async def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            both.set()
        await released.wait()

    service.answer(http("", status="429 Slow", headers=("Retry-After: 30",)), envelope({}))
    async with CloudClient(
        service.base_url, key, rate=10_000, wait=wait, clock=lambda: now
    ) as client:
        told = asyncio.Event()
        client.on_wait = lambda _: told.set()
        first = asyncio.create_task(client.get_messages("u", "first"))
        await told.wait()
        now += 10
        second = asyncio.create_task(client.get_memories("user", "u"))
        await both.wait()
        assert waited == [30.0, 20.0]
        assert len(service.requests) == 1
        now += 20
        released.set()
        await asyncio.gather(first, second)
    assert client.requests == {"/get/message": 2, "/get/memory": 1}


async def test_a_wait_beyond_the_patience_ends_this_call_and_the_next_ones(
    client: CloudClient, service: Service, waits: Waits
) -> None:
    service.answer(http("", status="429 Slow", headers=("Retry-After: 3600",)))
    with pytest.raises(errors.RateLimited):
        await client.get_messages("u", "c")
    with pytest.raises(errors.RateLimited, match=r"for another \d+ s"):
        await client.get_messages("u", "c")
    assert waits.seconds == []
    assert len(service.requests) == 1


async def test_all_waits_of_a_call_count_against_its_patience(
    client: CloudClient, service: Service, waits: Waits
) -> None:
    service.answer(http("", status="429 Slow", headers=("Retry-After: 25",)))
    with pytest.raises(errors.RateLimited):
        await client.get_messages("u", "c")
    assert waits.seconds == [25.0, 25.0]


async def test_waits_that_another_request_was_told_of_are_announced_too(
    service: Service, key: ApiKey, waits: Waits
) -> None:
    service.answer(http("", status="429 Slow", headers=("Retry-After: 40",)), envelope({}))
    async with CloudClient(
        service.base_url, key, patience=50, wait=waits, clock=lambda: 7.0
    ) as client:
        await client.get_messages("u", "c")
        told: list[str] = []
        client.on_wait = told.append
        await client.get_messages("u", "c")
    assert told == ["MemOS limits the rate; going on in 40 s", ""]

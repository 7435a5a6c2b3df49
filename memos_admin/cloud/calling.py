"""How MemOS Cloud is asked, whatever it is asked for.

Every request goes through `Calling._call`: rate and concurrency, authentication, time-outs, retries,
envelope and errors are there and nowhere else.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Literal, Self, TypeVar
from urllib.parse import unquote

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, wait_random_exponential

from memos_admin.cloud import counting as counts
from memos_admin.cloud import errors, wire
from memos_admin.cloud.envelope import Outcome, address_advice, failure, in_doubt, judge, limited
from memos_admin.cloud.key import ApiKey
from memos_admin.cloud.origin import check_base_url
from memos_admin.cloud.pacing import Clock, Pace, Patience, PausedTooLong, Wait
from memos_admin.cloud.transport import Sending, Timeouts, Transport
from memos_admin.cloud.waiting import SILENT_AFTER, Waiting, limited_for
from memos_admin.cloud.withdrawn import Withdrawn
from memos_admin.language import gettext as _

_LOG = logging.getLogger(__name__)
"""One line a request: method, route, code, milliseconds. Never a body, an id or a key."""

OnWait = Callable[[str], None]

_FIRST_WAIT, _MOST_WAIT = 0.5, 30.0
"""Seconds that the wait behind the first try is at most, each later one twice that; and any."""

_ATTEMPTS = 5
_ATTEMPTS_LIMITED = 8

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of a route with all its tries."""

    route: str
    method: Literal["GET", "POST"]
    path: str
    body: bytes | None
    writes: bool
    attempts: int | None
    patience: Patience
    waiting: Waiting
    sending: Sending = field(default_factory=Sending)


class Calling:
    """Asks one project of MemOS Cloud. Bound to the event loop that uses it first.

    Args:
        base_url: checked by `check_base_url`.
        key: sent to this address and nowhere else.
        rate: requests a second, retries included; the service recommends 50 at most an account.
        concurrency: requests at once, retries included.
        timeouts: of one request.
        patience: seconds that one call may wait in all before it gives up.
        on_wait: called with words for what a request waits for, before and while it waits, and with
            "" when that is over; may be set later.
        silent_after: seconds after which a request without an answer is told to `on_wait`.
        worked: the service has answered at `base_url` before, which errors then advise by.
        wait: how waits between tries are done; injectable for tests.
        clock: monotonic seconds; injectable for tests.
        wall: the present instant in epoch seconds, which the service's clock is compared with.

    Raises:
        BadAddress: the key must not be sent to `base_url`.
    """

    def __init__(
        self,
        base_url: str,
        key: ApiKey,
        *,
        rate: float = 10.0,
        concurrency: int = 8,
        timeouts: Timeouts | None = None,
        patience: float = 60.0,
        on_wait: OnWait | None = None,
        silent_after: float = SILENT_AFTER,
        worked: bool = False,
        wait: Wait = asyncio.sleep,
        clock: Clock = time.monotonic,
        wall: Clock = time.time,
    ) -> None:
        self.base_url = check_base_url(base_url)
        self.on_wait = on_wait
        self._key = key
        self._transport = Transport(self.base_url, key, timeouts or Timeouts(), concurrency, wall)
        self._pace = Pace(
            rate,
            concurrency,
            wait=wait,
            clock=clock,
            on_pause=lambda seconds: self._tell(limited_for(seconds)),
        )
        self._patience = patience
        self._silent_after = silent_after
        self._worked = worked
        self._told = False
        self._wait = wait
        self._backoff = wait_random_exponential(multiplier=_FIRST_WAIT, max=_MOST_WAIT)
        self._requests: Counter[str] = Counter()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r}, {self._key!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def requests(self) -> Mapping[str, int]:
        """Requests sent so far by route (``/get/memory/{id}`` is one), retries included; a copy."""
        return dict(self._requests)

    def counting(self, into: Counter[str]) -> AbstractContextManager[None]:
        """Count by route what this task sends meanwhile, and the tasks that it begins, retries included."""
        return counts.counting(into)

    @property
    def clock_ahead(self) -> float:
        """Seconds that the clock of this machine is ahead of the service's; 0: that is not known."""
        return self._transport.clock_ahead

    async def close(self) -> None:
        """Close all connections. The client is of no use afterwards."""
        await self._transport.close()

    async def _call(
        self,
        route: str,
        body: Mapping[str, Any] | None,
        *,
        path: str | None = None,
        writes: bool = False,
        attempts: int | None = None,
    ) -> Outcome:
        """Return the successful outcome of a request and its retries, or raise a CloudError."""
        if any(map(self._key.stands_in, _texts([body, unquote(path or "")]))):
            what = _("the API key stands in what was to be sent")
            advice = _("Nothing was sent: the key goes into no text. Take it out.")
            raise failure(errors.Rejected, route, what, advice)
        call = _Call(
            route=route,
            method="GET" if body is None else "POST",
            path=path or route,
            # ASCII: the escapes carry every text; surrogates cannot break the encoding.
            body=None if body is None else json.dumps(body).encode("ascii"),
            writes=writes,
            attempts=attempts,
            patience=Patience(self._patience),
            waiting=Waiting(self._tell, self._silent_after),
        )
        retrying = AsyncRetrying(
            retry=retry_if_result(lambda outcome: _may_repeat(outcome, call)),
            wait=self._delay,
            stop=lambda state: self._gives_up(state, call),
            before_sleep=lambda state: self._before_wait(state, call),
            sleep=self._wait,
            retry_error_callback=_last_outcome,
        )
        withdrawn = False
        try:
            outcome: Outcome = await retrying(self._attempt, call)
        except asyncio.CancelledError:
            withdrawn = writes and not call.sending.begun
            if not withdrawn:
                raise
        finally:
            self._tell_the_end()
        # Raised here, outside every handler: the error has no context that could hold a header.
        if withdrawn:
            raise Withdrawn(declined=call.sending.declined)
        if outcome.error is not None:
            raise outcome.error
        return outcome

    async def _attempt(self, call: _Call) -> Outcome:
        """Send one request when it is its turn, and return what came of it."""
        try:
            async with self._pace.turn(call.patience):
                self._requests[call.route] += 1
                counts.count(call.route)
                started = time.monotonic()
                with call.waiting.for_an_answer():
                    reply = await self._transport.send(
                        call.method, call.path, call.body, call.sending
                    )
        except PausedTooLong as pause:
            going_on = _(", for another {seconds} s").format(seconds=f"{max(pause.seconds, 1):.0f}")
            return replace(limited(call.route, going_on, None, None), repeat="never")
        outcome = judge(reply, call.route, self._key.hidden_in, worked=self._worked)
        took = time.monotonic() - started
        outcome = replace(outcome, took=took)
        if outcome.repeat == "always":
            call.sending.take_back()
        _LOG.info("%s %s %s %.0f ms", call.method, call.route, _told(outcome), took * 1000)
        return in_doubt(outcome, reply) if call.writes else outcome

    def _folded(self, route: str, fold: Callable[[], _T]) -> _T:
        """Return what `fold` makes of an answer; raise Unusable where it is not what was asked for."""
        try:
            found = fold()
        except wire.BadShape as shape:
            what = f"{_(shape.means)} ({shape})"
            advice = _(shape.advice) if shape.advice else address_advice(worked=self._worked)
        else:
            self._worked = True
            return found
        # Raised here, outside every handler: the error has no context.
        raise failure(errors.Unusable, route, what, advice)

    def _delay(self, state: RetryCallState) -> float:
        """Return the seconds before the next try: full jitter, or more if the service asks."""
        return max(self._backoff(state), _last_outcome(state).retry_after or 0.0)

    def _gives_up(self, state: RetryCallState, call: _Call) -> bool:
        """Return whether the last try was the last one."""
        outcome = _last_outcome(state)
        gives_up = (
            state.attempt_number >= _most(outcome, call)
            or state.upcoming_sleep > call.patience.left
        )
        if gives_up and outcome.limited:
            self._pace.pause(state.upcoming_sleep)  # this call ends, the others still slow down
        return gives_up

    def _before_wait(self, state: RetryCallState, call: _Call) -> None:
        """Tell of the wait; where the account is limited, make everything wait."""
        outcome, seconds = _last_outcome(state), state.upcoming_sleep
        call.patience.left -= seconds
        if outcome.limited:
            call.patience.waited_until = self._pace.pause(seconds)
        number, most = state.attempt_number + 1, _most(outcome, call)
        asked = outcome.retry_after or 0.0
        later = sum(max(_longest_wait(tried), asked) for tried in range(number, most))
        call.waiting.for_the_next_try(
            outcome, seconds, number, most, min(later, max(0.0, call.patience.left))
        )

    def _tell(self, text: str) -> None:
        if self.on_wait is not None:
            self._told = True
            self.on_wait(text)

    def _tell_the_end(self) -> None:
        """Tell that a wait is over; calls that still wait tell so themselves."""
        if self._told and self.on_wait is not None:
            self._told = False
            self.on_wait("")


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in a value of JSON, names aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _last_outcome(state: RetryCallState) -> Outcome:
    """Return what came of the last try; an exception of it (a cancellation) is raised again."""
    if state.outcome is None:
        raise RuntimeError("no try was made yet")
    outcome: Outcome = state.outcome.result()
    return outcome


def _told(outcome: Outcome) -> str:
    """Return what a log says of an outcome: the service's code, or the kind of error."""
    if outcome.error is None:
        return "ok"
    return str(outcome.error.code or type(outcome.error).__name__)


def _may_repeat(outcome: Outcome, call: _Call) -> bool:
    return outcome.repeat == "always" or (outcome.repeat == "reads" and not call.writes)


def _longest_wait(tried: int) -> float:
    """Return the seconds that are waited at most behind so many tries, unless the service asks for more."""
    return float(min(_FIRST_WAIT * 2 ** (tried - 1), _MOST_WAIT))


def _most(outcome: Outcome, call: _Call) -> int:
    """Return how often a call is tried."""
    return call.attempts or (_ATTEMPTS_LIMITED if outcome.limited else _ATTEMPTS)

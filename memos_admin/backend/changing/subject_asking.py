"""Asks the service what it still shows of a subject that was deleted, by each way that there is.

Everything that is known is asked for once, a few of it first: nothing is called gone that was not asked for. What was
still there is asked for again and again until it is gone, and with the few a listing and the searches.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from memos_admin.backend.changing.reading_back import PAUSES, Wait
from memos_admin.backend.changing.said import ask
from memos_admin.backend.changing.subject_reading import NOT_DUE, Check, SubjectRead
from memos_admin.cloud.errors import (
    CloudError,
    NotFound,
    QuotaExceeded,
    RateLimited,
    Refused,
    Unreachable,
)
from memos_admin.store.records import SubjectRef

if TYPE_CHECKING:
    from memos_admin.backend.changing.subject_planning import SubjectPlan
    from memos_admin.backend.remote import Remote

READINGS = 1 + len(PAUSES)
"""So often it is read back at most."""

FEW = 50
"""Memories of a kind, and conversations, that are asked for first; the others once none of these are left.

So many are asked for at once, too."""

_ENDS_ALL = (Refused, QuotaExceeded, RateLimited, Unreachable)
"""Behind these the other ways would have no answer either."""


class Asked(NamedTuple):
    """How far a reading back is.

    Attributes:
        done, total: requests, those that are repeated as far as it is known by then that they are.
        seconds: that the others may take.
        reading: which one it is, from 1; `READINGS` at most.
    """

    done: int
    total: int
    seconds: float
    reading: int = 1


OnAsked = Callable[[Asked], None]


def unheard(_asked: Asked) -> None:
    """Tell nobody."""


Show = Callable[[Any], Coroutine[Any, Any, Iterable[str]]]
Way = tuple[Sequence[Any], Show]
Ways = Mapping[str, Way]
"""What is asked for by each way, and what asks for one of it and returns what is left."""


async def read_back(
    remote: Remote, plan: SubjectPlan, wait: Wait, on_asked: OnAsked = unheard
) -> SubjectRead:
    """Return what is left of a subject when nothing is, or a bounded time is over, all that is known asked for.

    Args:
        remote: the service.
        plan: what was deleted.
        wait: waits between readings.
        on_asked: told how far it is.
    """
    asking = _Asking(remote, plan, on_asked)
    pauses = list(PAUSES)
    read = await asking.few()
    while _may_go(read) and pauses:
        await asking.pause(wait, pauses.pop(0))
        read = await asking.few_again(read)
    first, rest = read, await asking.rest(read)
    read = await asking.others(_both(first, rest))
    while _may_go(read) and pauses:  # these may go later than the few
        await asking.pause(wait, pauses.pop(0))
        rest = await asking.again(rest)
        both = replace(_both(first, rest), readings=read.readings + 1)
        read = await asking.others(both)
    return read


def _may_go(read: SubjectRead) -> bool:
    """Whether something is left that an answer may not show any more."""
    return read.verdict == "pending" and not read.problems


def _both(first: SubjectRead, rest: Mapping[str, Check]) -> SubjectRead:
    checks: dict[str, Any] = {name: getattr(first, name) + more for name, more in rest.items()}
    return replace(first, **checks)


def most_requests(plan: SubjectPlan) -> int:
    """Return how many requests a reading back takes where the service goes on showing all of it."""
    kinds = (plan.listed, plan.archived, plan.gone, plan.served)
    whole = 1 + len(plan.queries)
    few = whole + sum(len(kind[:FEW]) for kind in kinds)
    rest = sum(len(kind[FEW:]) for kind in kinds) + len(plan.others)
    return plan.requests + len(PAUSES) * max(few, rest)


class _Asking:
    """Asks for what a plan names."""

    def __init__(self, remote: Remote, plan: SubjectPlan, on_asked: OnAsked) -> None:
        self._remote, self._plan, self._on_asked = remote, plan, on_asked
        self._done, self._began, self._is_over = 0, time.monotonic(), False
        self._total, self._reading, self._has_others = plan.requests, 1, False

    async def pause(self, wait: Wait, seconds: float) -> None:
        """Wait for another reading; no request takes the longer for that."""
        paused = time.monotonic()
        await wait(seconds)
        self._began += time.monotonic() - paused
        self._reading += 1

    async def few(self) -> SubjectRead:
        """Ask once by each way, for a few of what is known."""
        listing, searches = self._whole()
        checks: dict[str, Any] = await self._ask(listing | self._known(slice(FEW)) | searches)
        return SubjectRead(**checks)

    async def few_again(self, before: SubjectRead) -> SubjectRead:
        """Ask once more, by ids and conversations for what was left alone."""
        known = self._known(slice(FEW))
        left = await self._left(known, {name: getattr(before, name) for name in known})
        listing, searches = self._whole()
        whole = listing | searches
        self._total += sum(len(things) for things, _show in whole.values())
        checks: dict[str, Any] = left | await self._ask(whole)
        return replace(before, readings=before.readings + 1, **checks)

    def _whole(self) -> tuple[dict[str, Way], dict[str, Way]]:
        """Return the ways whose answers are not about one thing that is known, and may show another each time."""
        of_plan = self._plan
        return (
            {"listing": ((of_plan.ref,), partial(_listed, self._remote))},
            {"searches": (of_plan.queries, partial(_recalled, self._remote, of_plan.ref))},
        )

    async def rest(self, first: SubjectRead) -> dict[str, Check]:
        """Ask for what is known beside those few, by each way that had an answer for them."""
        ways = self._known(slice(FEW, None))
        unasked = {name: Check(len(things)) for name, (things, _show) in ways.items()}
        answering = {name: way for name, way in ways.items() if not getattr(first, name).unanswered}
        return unasked | await self._ask(answering)

    async def again(self, before: Mapping[str, Check]) -> dict[str, Check]:
        """Ask once more for what was left of the rest."""
        return await self._left(self._known(slice(FEW, None)), before)

    async def _left(self, ways: Ways, before: Mapping[str, Check]) -> dict[str, Check]:
        """Ask by each way for what was left of it."""
        left = {name: (before[name].left, show) for name, (_things, show) in ways.items()}
        self._total += sum(len(things) for things, _show in left.values())
        now = await self._ask(left)
        return {
            name: replace(
                check,
                left=check.left if now[name].unanswered else now[name].left,
                error=now[name].error,
            )
            for name, check in before.items()
        }

    async def others(self, read: SubjectRead) -> SubjectRead:
        """Ask for what is known for others too, where nothing else is left: else it does not matter what became of it."""
        theirs = self._plan.others
        if read.verdict == "unread":
            return replace(read, others=Check(len(theirs)))
        if read.verdict == "pending":
            return read
        if self._has_others:
            self._total += len(theirs)
        self._has_others = True
        own: list[str] = []
        there = partial(_there_for, self._remote, self._plan.ref, own)
        found = await self._check(theirs, there)
        left = tuple(each for each in found.left if each not in own)
        return replace(read, others=replace(found, left=left), own=tuple(own))

    def _known(self, part: slice) -> dict[str, Way]:
        """Return by which ways a part of what is known is asked for."""
        of_plan, by_id = self._plan, partial(_there, self._remote)
        return {
            "memories": (of_plan.listed[part], by_id),
            "archived": (of_plan.archived[part], by_id),
            "gone": (of_plan.gone[part], by_id),
            "conversations": (
                of_plan.served[part],
                partial(_still_said, self._remote, of_plan.ref),
            ),
        }

    async def _ask(self, ways: Ways) -> dict[str, Check]:
        """Ask by each way; a way that fails is no reason not to try another."""
        return {name: await self._check(things, show) for name, (things, show) in ways.items()}

    async def _check(self, things: Sequence[Any], show: Show) -> Check:
        """Ask for each of some things what is left; no more once one has no answer."""
        found = NOT_DUE
        for start in range(0, len(things), FEW):
            if found.error is not None or self._is_over:
                break
            found += await _at_once(things[start : start + FEW], partial(self._one, show))
        self._is_over = self._is_over or isinstance(found.error, _ENDS_ALL)
        return replace(found, due=len(things))

    async def _one(self, show: Show, thing: object) -> Iterable[str]:
        left = await show(thing)
        self._done += 1
        rest, so_far = self._total - self._done, time.monotonic() - self._began
        seconds = rest * max(so_far / self._done, 1 / self._plan.rate)
        self._on_asked(Asked(self._done, self._total, seconds, self._reading))
        return left


async def _at_once(things: Sequence[Any], show: Show) -> Check:
    """Ask for each of some things at once; cancel the others once one has no answer."""
    asked = [asyncio.create_task(show(thing)) for thing in things]
    try:
        await asyncio.wait(asked, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for one in asked:
            one.cancel()
    answers: list[Iterable[str]] = []
    error = None
    for answer in await asyncio.gather(*asked, return_exceptions=True):
        if isinstance(answer, CloudError):
            error = error or answer
        elif isinstance(answer, BaseException):
            if not isinstance(answer, asyncio.CancelledError):
                raise answer
        else:
            answers.append(answer)
    left = tuple(dict.fromkeys(chain.from_iterable(answers)))
    return Check(len(things), len(answers), left, error)


async def _there(remote: Remote, memory_id: str) -> Iterable[str]:
    """Return the id of a memory that the service still has."""
    said = await ask(remote, memory_id)
    return () if said is None or said.status == "deleted" else (said.memory_id,)


async def _there_for(
    remote: Remote, ref: SubjectRef, own: list[str], memory_id: str
) -> Iterable[str]:
    """Return the id of a memory that the service still has; note in `own` where it says that it is the subject's."""
    said = await ask(remote, memory_id)
    if said is None or said.status == "deleted":
        return ()
    if said.ref == ref:
        own.append(said.memory_id)
    return (said.memory_id,)


async def _listed(remote: Remote, ref: SubjectRef) -> Iterable[str]:
    """Return what the first page of a listing has: ids, numbers where there is none that can be read."""
    try:
        answer = await remote.get_memories(ref.kind, ref.external_id)
    except NotFound:  # the service knows the subject no more
        return ()
    return (*(memory.memory_id for memory in answer.memories), *map(str, range(answer.skipped)))


async def _still_said(remote: Remote, ref: SubjectRef, conversation_id: str) -> Iterable[str]:
    try:
        window = await remote.get_messages(ref.external_id, conversation_id)
    except NotFound:
        return ()
    return (conversation_id,) if window.messages or window.skipped else ()


async def _recalled(remote: Remote, ref: SubjectRef, query: str) -> Iterable[str]:
    """Return the ids of what a search recalls, however little it has to do with the query."""
    try:
        found = await remote.search(ref.external_id, query, relativity=0.0)
    except NotFound:
        return ()
    return (memory.memory_id for memory in found)

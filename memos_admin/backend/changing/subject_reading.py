"""Reads back what the service shows of a subject that was deleted, by each way that there is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from memos_admin.backend.changing.outcome import ReadBack
from memos_admin.backend.changing.reading_back import PAUSES, Wait
from memos_admin.backend.changing.said import ask
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

T = TypeVar("T")

MOST_ASKED = 50
"""Memories asked for by their id afterwards, and conversations whose messages are."""

_ENDS_ALL = (Refused, QuotaExceeded, RateLimited, Unreachable)
"""Behind these the other ways would have no answer either."""


Shown = Literal["nothing", "others", "listing", "something", "unread"]
"""What the service shows: nothing; only what it lists for others too; nothing in a listing, beside which
nothing was known to be asked for; something; it was not read whole."""


Seen = Shown | Literal["not all"]
"""The same; `not all`: it shows nothing, and not all was known any more that could be asked for."""

Verdict = Literal["verified", "listing", "pending", "unread"]
"""What programs and the journal are told of that; `listing`: nothing was known that could be verified."""

_VERDICTS: Mapping[Seen, Verdict] = {
    "nothing": "verified",
    "others": "verified",
    "listing": "listing",
    "something": "pending",
    "unread": "unread",
    "not all": "unread",
}


def verdict_of(seen: Seen) -> Verdict:
    """Return what programs and the journal are told of what the service shows, as the texts say it."""
    return _VERDICTS[seen]


@dataclass(frozen=True, slots=True)
class Check:
    """One way of asking for what is left, and what came of it.

    Attributes:
        due: how often there was to be asked.
        answered: how often there was an answer.
        left: ids of the memories, or conversations, that the answers still show.
        error: why not all was answered; None: it was, or was not asked.
    """

    due: int = 0
    answered: int = 0
    left: tuple[str, ...] = ()
    error: CloudError | None = field(default=None, compare=False)

    @property
    def count(self) -> int | None:
        """How much is left; None: there was no answer that could show it."""
        return len(self.left) if self.answered else None

    @property
    def unanswered(self) -> int:
        """How often there was to be asked, and no answer."""
        return self.due - self.answered

    def __add__(self, other: Check) -> Check:
        """Return both as one."""
        left = (*self.left, *other.left)
        return Check(self.due + other.due, self.answered + other.answered, left)


_NOT_DUE = Check()


@dataclass(frozen=True, slots=True)
class SubjectRead:
    """What the service shows afterwards, by each way.

    Attributes:
        listing: the first page of one.
        memories, archived, gone: by their ids, those that were listed before, archived ones, and
            those that had been gone already.
        conversations: whose messages are still served.
        searches: for words of memories, and what they still recall.
        others: by their ids, those that others list.
        own: ids of those of them that the answers say are the subject's all the same.
        readings: how often it was read back; the checks are those of the last time.
    """

    listing: Check = _NOT_DUE
    memories: Check = _NOT_DUE
    archived: Check = _NOT_DUE
    gone: Check = _NOT_DUE
    conversations: Check = _NOT_DUE
    searches: Check = _NOT_DUE
    others: Check = _NOT_DUE
    own: tuple[str, ...] = ()
    readings: int = 1

    @property
    def known(self) -> Check:
        """Memories of the subject, by their ids: all but `others`, and those of them that are its own."""
        own = Check(len(self.own), len(self.own), self.own)
        return self.memories + self.archived + self.gone + own

    @property
    def problems(self) -> tuple[str, ...]:
        """Why it could not be read whole; none: it could."""
        errors = (check.error for check in self._checks)
        return tuple(dict.fromkeys(str(error) for error in errors if error is not None))

    @property
    def is_answered(self) -> bool:
        """Whether there was any answer."""
        return any(check.answered for check in self._checks)

    @property
    def verdict(self) -> ReadBack:
        """Whether nothing is left, as far as it was asked for."""
        shown = (self.listing, self.known, self.conversations, self.searches)
        if any(check.left for check in shown):
            return "pending"
        return "unread" if self.problems else "verified"

    @property
    def shown(self) -> Shown:
        """What the service shows: what each text about that is made of."""
        if self.verdict == "verified":
            if self.left_to_others:
                return "others"
            return "nothing" if self.known.due or self.conversations.due else "listing"
        return "something" if self.verdict == "pending" else "unread"

    def seen(self, *, all_known: bool) -> Seen:
        """Return the same of a subject of whom all that was ever known could be asked for, or not."""
        is_sure = all_known or self.verdict != "verified"
        return self.shown if is_sure else "not all"

    @property
    def left_to_others(self) -> int:
        """Memories that the service still has by their ids, and lists for others: not the subject's."""
        return len(self.others.left) if self.verdict == "verified" else 0

    @property
    def _checks(self) -> tuple[Check, ...]:
        return (
            self.listing,
            self.memories,
            self.archived,
            self.gone,
            self.conversations,
            self.searches,
            self.others,
        )


async def read_back(remote: Remote, plan: SubjectPlan, wait: Wait) -> SubjectRead:
    """Return what is left of a subject when nothing is, or a bounded time is over."""
    read = await _read(remote, plan)
    for pause in PAUSES:
        if read.verdict != "pending" or read.problems:
            break
        await wait(pause)
        read = replace(await _read(remote, plan), readings=read.readings + 1)
    return read


async def _read(remote: Remote, plan: SubjectPlan) -> SubjectRead:
    """Ask by each way; a way that fails is no reason not to try another."""
    conversations = plan.conversations[:MOST_ASKED] if plan.ref.kind == "user" else ()
    by_id = partial(_there, remote)
    ways: dict[str, tuple[Sequence[Any], Callable[[Any], Coroutine[Any, Any, Iterable[str]]]]] = {
        "listing": ((plan.ref,), partial(_listed, remote)),
        "memories": (plan.some, by_id),
        "archived": (plan.archived, by_id),
        "gone": (plan.gone, by_id),
        "conversations": (conversations, partial(_still_said, remote, plan.ref)),
        "searches": (plan.queries, partial(_recalled, remote, plan.ref)),
    }
    checks: dict[str, Check] = {}
    for name, (things, show) in ways.items():
        is_over = any(isinstance(check.error, _ENDS_ALL) for check in checks.values())
        checks[name] = Check(len(things)) if is_over else await _check(things, show)
    read = SubjectRead(
        checks["listing"],
        checks["memories"],
        checks["archived"],
        checks["gone"],
        checks["conversations"],
        checks["searches"],
    )
    if read.verdict == "unread":
        return replace(read, others=Check(len(plan.others)))
    if read.verdict == "pending":  # whatever became of these
        return read
    own: list[str] = []
    others = await _check(plan.others, partial(_there_for, remote, plan.ref, own))
    return replace(read, others=replace(others, left=_but(others.left, own)), own=tuple(own))


def _but(ids: Sequence[str], own: Sequence[str]) -> tuple[str, ...]:
    return tuple(each for each in ids if each not in own)


async def _check(
    things: Sequence[T], show: Callable[[T], Coroutine[Any, Any, Iterable[str]]]
) -> Check:
    """Ask for each of some things what is left; no more once one has no answer."""
    if not things:
        return _NOT_DUE
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

"""Reads back what the service shows of a subject that was deleted, by each way that there is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from memos_admin.backend.changing.outcome import ReadBack
from memos_admin.backend.changing.reading_back import PAUSES, Wait
from memos_admin.backend.changing.said import Said, ask
from memos_admin.cloud.errors import CloudError, NotFound
from memos_admin.store.records import SubjectRef

if TYPE_CHECKING:
    from memos_admin.backend.changing.subject import SubjectPlan
    from memos_admin.backend.remote import Remote

MOST_ASKED = 50
"""Memories asked for by their id afterwards, and conversations whose messages are."""


@dataclass(frozen=True, slots=True)
class SubjectRead:
    """What the service shows afterwards.

    Attributes:
        listed: memories on the first page of a listing.
        known: of the memories asked for by their id, those that there still are.
        said: conversations of which messages are still served.
        found: memories that searches still recall.
        asked: how many listed memories, archived ones, and conversations were asked for.
        gone: how many memories were asked for that had been gone already.
        others: how many were asked for that others list; `kept`: the ids of those that there still are.
        searches: how often was searched.
        problem: why it could not be read whole, ``""``: it could.
    """

    listed: int = 0
    known: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    asked: tuple[int, int, int] = (0, 0, 0)
    gone: int = 0
    others: int = 0
    kept: tuple[str, ...] = ()
    found: int = 0
    searches: int = 0
    problem: str = ""

    @property
    def by_id(self) -> int:
        """How many memories were asked for by their ids."""
        memories, archived, _ = self.asked
        return memories + archived + self.gone + self.others

    @property
    def verdict(self) -> ReadBack:
        """Whether nothing is left, as far as it was asked for."""
        if self.problem:
            return "unread"
        left = self.listed or self.known or self.said or self.found
        return "pending" if left else "verified"


async def read_back(remote: Remote, plan: SubjectPlan, wait: Wait) -> SubjectRead:
    """Return what is left of a subject when nothing is, or a bounded time is over."""
    read = await _read(remote, plan)
    for pause in PAUSES:
        if read.verdict != "pending":
            break
        await wait(pause)
        read = await _read(remote, plan)
    return await _with_others(remote, plan, read) if read.verdict == "verified" else read


async def _with_others(remote: Remote, plan: SubjectPlan, read: SubjectRead) -> SubjectRead:
    """Ask for what is listed for others alone by now: the service may have it for them, or not."""
    try:
        found = await asyncio.gather(*(ask(remote, each) for each in plan.others))
    except CloudError as error:
        return replace(read, problem=str(error))
    return replace(read, others=len(plan.others), kept=_there(found))


async def _read(remote: Remote, plan: SubjectPlan) -> SubjectRead:
    """Ask for what a listing, ids and conversations show of a subject."""
    conversations = plan.conversations[:MOST_ASKED] if plan.ref.kind == "user" else ()
    try:
        listed = await _count_listed(remote, plan.ref)
        ids = plan.some + plan.archived + plan.gone
        found = await asyncio.gather(*(ask(remote, each) for each in ids))
        windows = await asyncio.gather(
            *(_still_said(remote, plan.ref, each) for each in conversations)
        )
        recalled = await asyncio.gather(
            *(_recalled(remote, plan.ref, query) for query in plan.queries)
        )
    except CloudError as error:
        return SubjectRead(problem=str(error))
    return SubjectRead(
        listed,
        known=_there(found),
        said=tuple(filter(None, windows)),
        asked=(len(plan.some), len(plan.archived), len(conversations)),
        gone=len(plan.gone),
        found=len(frozenset().union(*recalled)),
        searches=len(plan.queries),
    )


def _there(found: Sequence[Said | None]) -> tuple[str, ...]:
    """Return the ids of what the service said that there is, of what it was asked for by id."""
    return tuple(said.memory_id for said in found if said is not None and said.status != "deleted")


async def _count_listed(remote: Remote, ref: SubjectRef) -> int:
    try:
        answer = await remote.get_memories(ref.kind, ref.external_id)
    except NotFound:  # the service knows the subject no more
        return 0
    return len(answer.memories) + answer.skipped


async def _still_said(remote: Remote, ref: SubjectRef, conversation_id: str) -> str:
    try:
        window = await remote.get_messages(ref.external_id, conversation_id)
    except NotFound:
        return ""
    return conversation_id if window.messages or window.skipped else ""


async def _recalled(remote: Remote, ref: SubjectRef, query: str) -> frozenset[str]:
    """Return the ids of what a search recalls, however little it has to do with the query."""
    try:
        found = await remote.search(ref.external_id, query, relativity=0.0)
    except NotFound:
        return frozenset()
    return frozenset(memory.memory_id for memory in found)

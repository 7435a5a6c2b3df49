"""Going to any id: the best matches of what is stored here, or what the service says of it.

An id is the only way to anything at MemOS, which lists neither users nor conversations. Nothing is
guessed: among ids the nearest other one is another person's, so that only ids match which contain
what was typed, or all of its words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

from memos_admin.backend.display import BEYOND
from memos_admin.backend.errors import NotFound, Rejected
from memos_admin.backend.ids.from_paste import IdKind, read_id
from memos_admin.backend.keys import refuse_key
from memos_admin.backend.model import Reads, SubjectRef
from memos_admin.language import N_
from memos_admin.store import lookups
from memos_admin.store.lookups import Fit, Rank

if TYPE_CHECKING:
    from memos_admin.backend.model import Conversation, Memory, Subject
    from memos_admin.backend.workspace import Workspace
    from memos_admin.cloud import answers

MOST = 50
"""Matches that are returned; who sees as many types another letter."""

_TITLE_CUT = 200
_MOST_FITS = 100
"""Listings of which the memories are named; one is listed for a user and an agent, seldom for more."""
_KIND_ORDER = ("user", "agent", "conversation", "memory")

MatchKind = Literal["user", "agent", "conversation", "memory"]


@dataclass(frozen=True, slots=True)
class Match:
    """Something that is stored here and whose id fits.

    Attributes:
        ref: the user or agent itself, or whose it is.
        id: of what `kind` says.
        title: of a memory, or its first words; None of anything else.
        messages, memories: how many it holds; None where that is not known.
        at: its latest activity, update or message, UTC milliseconds.
        gone: a memory that is no longer listed.
    """

    kind: MatchKind
    ref: SubjectRef
    id: str
    rank: Rank = Rank.EXACT
    title: str | None = None
    messages: int | None = None
    memories: int | None = None
    at: int | None = None
    gone: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether its id is the one that was looked for."""
        return self.rank == Rank.EXACT


@dataclass(frozen=True, slots=True)
class Matches:
    """What fits a text.

    Attributes:
        id: what was taken for the id in it; ``""``: there is nothing that could be one.
        kinds: what it can be the id of, the likeliest first.
        found: the best ones first.
        capped: more fit than were returned.
        beginnings: tables were so large that only the beginnings of their ids were looked at.
    """

    id: str
    kinds: tuple[IdKind, ...]
    found: tuple[Match, ...]
    capped: bool = False
    beginnings: bool = False


@dataclass(frozen=True, slots=True)
class FoundMemory:
    """A memory that the service has.

    Attributes:
        ref: whose it is, now on the roster; None where the service does not say.
        status: the service's word: ``activated``, ``archived``, …
        new: its user or agent was not on the roster before.
    """

    memory_id: str
    ref: SubjectRef | None
    conversation_id: str | None
    status: str | None
    new: bool


@dataclass(frozen=True, slots=True)
class FoundTask:
    """An asynchronous task of the service.

    Attributes:
        state: the service's word: running, completed or failed; or one that is not known here.
        added, updated, deleted: how many memories; None where the service does not say.
        memories: (view, memory id) of those that it names. Which were added and which updated the
            service does not say; deleted ones it only counts.
    """

    task_id: str
    state: str
    added: int | None
    updated: int | None
    deleted: int | None
    memories: tuple[tuple[str, str], ...]

    @property
    def has_ended(self) -> bool:
        """Whether no other state follows; what is not known here may go on."""
        return self.state in {"completed", "failed"}

    @property
    def did(self) -> Literal["added", "updated"] | None:
        """What its counts say that it did to each memory that it names; None: not the same, or not told."""
        number = len({memory_id for _, memory_id in self.memories})
        if (self.added, self.updated) == (number, 0):
            return "added"
        return "updated" if (self.added, self.updated) == (0, number) else None


@dataclass(frozen=True, slots=True)
class NothingFound:
    """The service knows neither a memory nor a task with this id, of those that it was asked for.

    Attributes:
        id: what it was asked for; ``""``: the text holds nothing that could be an id.
        asked: what it was asked for, in this order. It can be asked for nothing else.
        kinds: what the id can still be: the service confirms no user, agent or conversation.
    """

    id: str
    asked: tuple[IdKind, ...]
    kinds: tuple[IdKind, ...]


Answer = FoundMemory | FoundTask | NothingFound


def find(
    reads: Reads, typed: str, *, subject: SubjectRef | None = None, limit: int = MOST
) -> Matches:
    """Return what is stored here under an id that fits what was typed or pasted.

    Exact ids come before those that begin with it, contain it, or contain all its words; then what
    belongs to `subject`, then what was active last.
    """
    pasted = read_id(typed)
    found: list[Match] = []
    for reading in pasted.readings:
        found = _fitting(reads, reading, pasted.kinds, subject, limit + 1)
        if found:
            break
    return Matches(
        id=pasted.id,
        kinds=pasted.kinds,
        found=tuple(found[:limit]),
        capped=len(found) > limit,
        beginnings=not (
            lookups.few_conversations(reads.query) and lookups.few_memories(reads.query)
        ),
    )


def describe(
    reads: Reads, ref: SubjectRef, conversation_id: str | None, memory_id: str | None
) -> Match | None:
    """Return a memory, a conversation or a subject as a match; None where it is no longer here."""
    if memory_id is not None:
        listed = (m for m in reads.memory(memory_id) if m.ref == ref)
        return next((_of_memory(memory, Rank.EXACT) for memory in listed), None)
    if conversation_id:
        conversation = reads.conversation(ref, conversation_id)
        return None if conversation is None else _of_conversation(conversation, Rank.EXACT)
    known = reads.subject(ref)
    return None if known is None else _of_subject(known, Rank.EXACT)


def known_memories(reads: Reads, ids: Iterable[str], limit: int = MOST) -> list[Match | None]:
    """Return what is stored here of the first memories, None for each that is not."""
    found: list[Match | None] = []
    for memory_id in islice(ids, limit):
        listed = reads.memory(memory_id)
        listed.sort(key=lambda memory: memory.vanished_at is not None)
        found.append(_of_memory(listed[0], Rank.EXACT) if listed else None)
    return found


def begun(reads: Reads, beginning: str, limit: int) -> list[str]:
    """Return ids of memories that begin so, capitals of ASCII aside, at most so many."""
    fits = lookups.find_memories(reads.query, beginning, _MOST_FITS)
    pks = [one.pk for one in fits if one.rank <= Rank.BEGINNING]
    return list(dict.fromkeys(one.memory_id for one in reads.memories(pks, cut=0)))[:limit]


async def ask(workspace: Workspace, typed: str) -> Answer:
    """Ask the service for the id in a text: for a memory, then for a task.

    The user or agent of a memory is added to the roster.

    Raises:
        KeyGiven: it is the API key.
        CredentialsError, CloudError: the service could not be asked.
    """
    pasted = read_id(typed)
    for text in (typed, pasted.id):
        refuse_key(text, N_("id"), workspace.project.fingerprints)
    asked = tuple(kind for kind in pasted.kinds if kind in _ASKABLE)
    declined: Rejected | None = None
    for kind in asked:
        try:
            return await _ASKABLE[kind](workspace, pasted.id)
        except NotFound:
            continue
        except Rejected as error:  # what is no memory's id to the service may be a task's
            declined = error
    if declined is not None:
        raise declined
    left = tuple(kind for kind in pasted.kinds if kind not in asked)
    return NothingFound(pasted.id, asked, left)


async def ask_memory(workspace: Workspace, memory_id: str) -> FoundMemory:
    """Return a memory of the service and add its user or agent to the roster.

    Raises:
        NotFound: the service has no such memory.
        NotInRoster: it is of somebody who was erased here.
        CredentialsError, CloudError: the service could not be asked.
    """
    import asyncio
    from importlib import import_module

    remote = await workspace.remote()
    detail = await remote.get_memory(memory_id)
    ref = _whose(detail)
    new = False
    if ref is not None:
        # In a thread: it imports SQLAlchemy.
        roster = await asyncio.to_thread(import_module, "memos_admin.backend.roster")
        new = await roster.add_owner(workspace, ref)
    return FoundMemory(detail.memory_id, ref, detail.conversation_id, detail.status, new)


async def ask_task(workspace: Workspace, task_id: str) -> FoundTask:
    """Return the state of a task of the service.

    Raises:
        NotFound: the service has no such task.
        CredentialsError, CloudError: the service could not be asked.
    """
    remote = await workspace.remote()
    task = await remote.get_status(task_id)
    named = tuple((view, memory_id) for view, ids in task.memories for memory_id in ids)
    return FoundTask(task.task_id, task.status, task.added, task.updated, task.deleted, named)


_ASKABLE: dict[IdKind, Callable[[Workspace, str], Awaitable[FoundMemory | FoundTask]]] = {
    "memory": ask_memory,
    "task": ask_task,
}


def _whose(detail: answers.Memory) -> SubjectRef | None:
    if detail.user_id:
        return SubjectRef("user", detail.user_id)
    return SubjectRef("agent", detail.agent_id) if detail.agent_id else None


def _fitting(
    reads: Reads, text: str, kinds: Sequence[IdKind], subject: SubjectRef | None, limit: int
) -> list[Match]:
    """Return the best matches of a text, as many of each kind as may be returned in all."""
    found: list[Match] = []
    if "user" in kinds or "agent" in kinds:
        ranks = _ranks(lookups.find_subjects(reads.query, text, limit))
        subjects = (each for each in reads.subjects([*ranks]) if each.ref.kind in kinds)
        found += (_of_subject(each, ranks[each.pk]) for each in subjects)
    if "conversation" in kinds:
        ranks = _ranks(lookups.find_conversations(reads.query, text, limit))
        if subject is not None:
            ranks |= _ranks(lookups.find_conversations(reads.query, text, limit, subject))
        conversations = reads.conversations([*ranks])
        found += (_of_conversation(each, ranks[each.pk]) for each in conversations)
    if "memory" in kinds:
        ranks = _ranks(lookups.find_memories(reads.query, text, limit))
        memories = reads.memories([*ranks], cut=_TITLE_CUT + BEYOND)
        found += (_of_memory(each, ranks[each.listing_pk]) for each in memories)
    return sorted(found, key=lambda match: _order(match, subject))[:limit]


def _ranks(fits: Iterable[Fit]) -> dict[int, Rank]:
    return {fit.pk: fit.rank for fit in fits}


def _order(match: Match, subject: SubjectRef | None) -> tuple[int, bool, int, int]:
    return (
        match.rank,
        match.ref != subject,
        -(match.at or 0),
        _KIND_ORDER.index(match.kind),
    )


def _of_subject(subject: Subject, rank: Rank) -> Match:
    ref = subject.ref
    counts = subject.messages, subject.memories
    if subject.synced_at is None and not any(counts):
        return Match(ref.kind, ref, ref.external_id, rank, at=subject.last_activity)
    return Match(ref.kind, ref, ref.external_id, rank, None, *counts, subject.last_activity)


def _of_conversation(found: Conversation, rank: Rank) -> Match:
    messages = None if found.fetched_at is None else found.messages
    return Match(
        "conversation",
        found.ref,
        found.conversation_id,
        rank,
        messages=messages,
        memories=found.memories,
        at=found.last_message_at,
    )


def _of_memory(memory: Memory, rank: Rank) -> Match:
    return Match(
        "memory",
        memory.ref,
        memory.memory_id,
        rank,
        title=memory.title or memory.content,
        at=memory.updated_at,
        gone=memory.vanished_at is not None,
    )

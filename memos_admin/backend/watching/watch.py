"""The polls of a watch: plain syncs of a few subjects, of which only what they found is told.

A poll asks one request a subject where nothing changed; for what changed it reads on as any sync
does: further pages, and the conversations with changes. Where the service cannot list what changed
only, a poll lists all of it. What is gone is found by whole listings alone.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from memos_admin.backend.history.changes import (
    Change,
    ChangeKind,
    about,
    changes_between,
    changes_within,
)
from memos_admin.backend.history.memories import Difference, differences_of
from memos_admin.backend.model import Conversation, Filter, Memory, Reads, SubjectRef
from memos_admin.backend.sync import SyncProgress, SyncReport, SyncScope, read
from memos_admin.backend.watching.calm import DEFAULT_INTERVAL, ENDS, MOST_WATCHED, Calm, Outcome
from memos_admin.backend.watching.expense import Expense, of_poll
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.errors import Busy, QuotaExceeded, RateLimited, Unreachable, Unusable
from memos_admin.store import runs

_LOOK_BACK_MS = 600_000
"""How far back each poll looks, so that what another program noted late is told too."""

_TOGETHER_MS = 3_600_000
"""Polls that found nothing within this time are one sync in the store."""

_MESSAGES: tuple[ChangeKind, ...] = ("messages",)

T = TypeVar("T")
Wait = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Watched:
    """Whom a watch is about, and how it asks.

    Attributes:
        refs: whom.
        left_out: of the roster, since they are too many.
        shortest, longest: seconds between polls.
        expense: what a poll needs while nothing changes.
    """

    refs: tuple[SubjectRef, ...]
    left_out: int
    shortest: float
    longest: float
    expense: Expense

    @property
    def per_minute(self) -> float:
        """Requests a minute while nothing changes: at most, or where `expense` says so at least."""
        return self.expense.requests * 60 / self.shortest


@dataclass(frozen=True, slots=True)
class Found:
    """A change with what it is about, as it was then, and what of it differs from the version before."""

    change: Change
    about: Memory | Conversation
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Poll:
    """What came of a poll.

    Attributes:
        at: when it ended, UTC milliseconds.
        found: earliest first.
        first_read: changes that are not told: all of those who were never listed here before.
        requests: sent, retries included.
        trouble: what went wrong, in words, where that was not told yet; ``""``: nothing new.
        troubled_since: since when something goes wrong, told or not; None: nothing does.
        again_since: when it began to go wrong, where all is well again; None: it did not.
        next_in: seconds until the next poll; None: there is none, since a person is needed.
    """

    at: int
    outcome: Outcome
    found: tuple[Found, ...]
    first_read: int
    requests: int
    trouble: str
    troubled_since: int | None
    again_since: int | None
    next_in: float | None


class Watch:
    """Polls of a workspace. Raises what `read` raises.

    Args:
        workspace: the project; its clock is used.
        refs: whom; nobody named: everybody on the roster, `MOST_WATCHED` at most.
        interval: seconds between polls.
        within: only memories that this names as they are then, and no messages.
        full: list everything at each poll, which shows what is gone and takes more requests (`of_poll`).
        chance: for the jitter; injectable for tests.
    """

    def __init__(
        self,
        workspace: Workspace,
        refs: Sequence[SubjectRef] = (),
        *,
        interval: float = DEFAULT_INTERVAL,
        within: Filter | None = None,
        full: bool = False,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._workspace = workspace
        self._named = tuple(refs)
        self._interval = interval
        self._within = within
        self._full = full
        self._chance = chance
        self._calm = Calm(interval)
        self._refs: tuple[SubjectRef, ...] = ()
        self._last = 0
        self._run = 0
        self._told: dict[tuple[object, ...], int] = {}
        self._messages: dict[tuple[int | None, int], int] = {}
        self._troubled_since: int | None = None
        self._trouble = ""

    async def begin(self) -> Watched:
        """Find out whom to watch, and what is known before the first poll; that is not told."""
        self._last = began = self._workspace.clock()

        def look(reads: Reads) -> tuple[tuple[SubjectRef, ...], int, list[Change], Expense]:
            refs, left_out = self._named, 0
            if not refs:
                pks = reads.subject_pks()
                refs = tuple(one.ref for one in reads.subjects(pks[:MOST_WATCHED]))
                left_out = len(pks) - len(refs)
            expense = of_poll(reads, refs, full=self._full, now=began)
            return refs, left_out, changes_between(reads, began - _LOOK_BACK_MS, None), expense

        self._refs, left_out, known, expense = await self._read(look)
        for change in known:
            if change.kind in _MESSAGES:
                self._new_messages(change)
            else:
                self._is_new(change)
        self._calm = Calm(self._interval, len(self._refs), self._chance)
        return Watched(self._refs, left_out, self._calm.shortest, self._calm.longest, expense)

    async def polls(
        self,
        wait: Wait = asyncio.sleep,
        on_progress: Callable[[SyncProgress], None] | None = None,
    ) -> AsyncIterator[Poll]:
        """Yield polls until one says that a person is needed. Cancel the task, or stop asking, to end."""
        while True:
            poll = await self.poll(on_progress)
            yield poll
            if poll.next_in is None:
                return
            await wait(poll.next_in)

    async def poll(self, on_progress: Callable[[SyncProgress], None] | None = None) -> Poll:
        """Ask once, and return what was found since the last time, by other programs too."""
        unlisted = await self._read(self._unlisted)
        report = await read(
            self._workspace, SyncScope(self._refs, full=self._full), on_progress=on_progress
        )
        await self._fold(report)
        found, first_read = await self._read(lambda reads: self._look(reads, unlisted))
        outcome = _outcome(report, changed=bool(found or first_read))
        now = self._workspace.clock()
        trouble, again_since = self._note_trouble(*_trouble(report), now)
        return Poll(
            at=now,
            outcome=outcome,
            found=found,
            first_read=first_read,
            requests=report.requests,
            trouble=trouble,
            troubled_since=self._troubled_since,
            again_since=again_since,
            next_in=None if outcome in ENDS else self._calm.after(outcome),
        )

    async def _fold(self, report: SyncReport) -> None:
        """Let polls that found nothing be one sync: a day of them would be thousands."""
        before, self._run = self._run, report.run_pk
        if before:
            writer = await self._workspace.open_writer()
            fold = partial(runs.fold, run_pk=report.run_pk, into=before, longest=_TOGETHER_MS)
            self._run = await writer.run(fold)

    def _note_trouble(self, kind: str, trouble: str, now: int) -> tuple[str, int | None]:
        """Return what of a trouble is to be told, and since when there was one that is over.

        One of the same kind was told: its words may be others, since they count seconds.
        """
        told, since = self._trouble, self._troubled_since
        if trouble:
            self._trouble = kind
            self._troubled_since = now if since is None else since
            return ("" if told == kind else trouble), None
        self._trouble, self._troubled_since = "", None
        return "", since

    def _unlisted(self, reads: Reads) -> frozenset[SubjectRef]:
        """Return those who were never listed whole: all that is theirs would seem to be new."""
        entries = (reads.subject(ref) for ref in self._refs)
        return frozenset(
            ref
            for ref, entry in zip(self._refs, entries, strict=True)
            if entry is None or entry.listed_at is None
        )

    def _look(self, reads: Reads, unlisted: frozenset[SubjectRef]) -> tuple[tuple[Found, ...], int]:
        now = self._workspace.clock()
        since = min(self._last, now) - _LOOK_BACK_MS
        self._last = now
        # Without an end: what was found now may be dated later where the clock was set back since.
        recent = changes_between(reads, since, None)
        fresh = [one for one in recent if one.kind not in _MESSAGES and self._is_new(one)]
        fresh += [
            replace(change, messages=more)
            for change in recent
            if change.kind in _MESSAGES and (more := self._new_messages(change))
        ]
        self._told = {key: at for key, at in self._told.items() if at >= since}
        self._messages = {key: count for key, count in self._messages.items() if key[1] >= since}
        if self._within is not None:
            fresh = changes_within(reads, fresh, self._within)
        watched = frozenset(self._refs)
        pairs = [pair for pair in about(reads, fresh) if pair[1].ref in watched]
        told = [pair for pair in pairs if not _is_beginning(*pair, unlisted)]
        told.sort(key=lambda pair: (pair[0].at, pair[0].version or 0))
        return (
            tuple(Found(change, it, _differences(reads, change, it)) for change, it in told),
            len(pairs) - len(told),
        )

    def _is_new(self, change: Change) -> bool:
        """Return whether a change was not met before, and note it."""
        # A version is one change, whatever is still known of what it changed.
        kind = change.kind if change.version is None else "version"
        key = (kind, change.at, change.listing_pk, change.version, change.replaced)
        if key in self._told:
            return False
        self._told[key] = change.at
        return True

    def _new_messages(self, change: Change) -> int:
        """Return how many messages of a reading were not met before, and note them."""
        key = change.conversation_pk, change.at
        known = self._messages.get(key, 0)
        self._messages[key] = change.messages
        return max(0, change.messages - known)

    async def _read(self, look: Callable[[Reads], T]) -> T:
        """Read the store in a thread, on a connection of one's own."""

        def reading() -> T:
            with self._workspace.open_reads() as reads:
                return look(reads)

        return await asyncio.to_thread(reading)


def _is_beginning(
    change: Change, it: Memory | Conversation, unlisted: frozenset[SubjectRef]
) -> bool:
    return it.ref in unlisted and change.kind in {"added", "messages"}


def _differences(reads: Reads, change: Change, it: Memory | Conversation) -> tuple[Difference, ...]:
    if change.version is None or not isinstance(it, Memory):
        return ()
    return differences_of(reads, it.pk, change.version)


def _outcome(report: SyncReport, *, changed: bool) -> Outcome:
    causes = [failure.cause for failure in report.failed]
    if report.refused:
        return "refused"
    if isinstance(report.cause, QuotaExceeded):
        return "quota"
    if any(isinstance(cause, RateLimited) for cause in [*causes, report.cause]):
        return "limited"
    if changed:
        return "changed"
    if any(isinstance(cause, Unreachable | Busy | Unusable) for cause in [*causes, report.cause]):
        return "away"
    return "quiet"


def _trouble(report: SyncReport) -> tuple[str, str]:
    """Return of which kind a trouble is, and what it is in words; two times ``""``: there is none."""
    if report.stopped is not None:
        return type(report.cause).__name__, report.stopped
    if report.failed:
        return type(report.failed[0].cause).__name__, report.failed[0].error
    return "", ""

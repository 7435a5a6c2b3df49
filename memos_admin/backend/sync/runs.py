"""A run over many subjects: which, in what order, how far, and what came of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection

from memos_admin.backend import absent, journal
from memos_admin.backend.daemon import in_background
from memos_admin.backend.erasing import erased_before
from memos_admin.backend.sync import begun_changes, bookkeeping, update_filter
from memos_admin.backend.sync.memories import MOST_DETAILS, MOST_DETAILS_OF_ONE
from memos_admin.backend.sync.messages import read_window
from memos_admin.backend.sync.report import (
    Running,
    SyncFailure,
    SyncProgress,
    SyncReport,
    SyncScope,
)
from memos_admin.backend.sync.subjects import read_subject
from memos_admin.backend.upkeep import indexing, retention, turns
from memos_admin.backend.upkeep.under_way import Hold
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.errors import (
    Busy,
    CloudError,
    QuotaExceeded,
    RateLimited,
    Refused,
    Unreachable,
)
from memos_admin.store import subjects
from memos_admin.store.errors import StoreError
from memos_admin.store.records import SubjectRef
from memos_admin.store.subjects import RosterEntry

AT_ONCE = 8
"""Subjects read at once (16 requests at once are the most that help; see the client's limit)."""

RELIST_MS = 24 * 3_600_000
"""A subject that a person opens is listed whole if that was last done longer ago."""

_GIVE_UP_AFTER = 3
"""Subjects in a row that the service did not answer for: it is down (or the account limited for
longer than a call waits), and the run stops."""

_COUNTS = ("added", "changed", "vanished", "returned", "messages", "gaps", "kept")

E = TypeVar("E", bound=BaseException)
OnProgress = Callable[[SyncProgress], None]


async def sync(
    workspace: Workspace,
    scope: SyncScope,
    *,
    on_progress: OnProgress | None = None,
    most_details: int | None = None,
) -> SyncReport:
    """Read what `scope` names into the store. Cancel the task to stop; what is committed stays.

    `most_details` is as in `read`; None: many where it is to read all of one subject.

    It is journaled at its end, what merely opening a subject reads is not: that somebody looks at
    it is. Subjects that the roster does not have yet are added to it.

    Raises:
        CredentialsError: there is no key for the project.
        StoreError, HomeError: the store cannot be used.
    """
    details: dict[str, Any] = {"full": scope.full}
    if len(scope.subjects) > 1:
        details["named"] = len(scope.subjects)
    event = journal.Event(
        "sync",
        workspace.project,
        subject=scope.subjects[0] if len(scope.subjects) == 1 else None,
        conversation_id=scope.conversation_id,
        details=details,
    )
    if most_details is None:
        of_one = scope.full and len(scope.subjects) == 1
        most_details = MOST_DETAILS_OF_ONE if of_one else MOST_DETAILS
    begun = await in_background(partial(begun_changes.now, workspace))
    try:
        report = await read(workspace, scope, on_progress=on_progress, most_details=most_details)
    except BaseException as error:
        journal.failed(workspace.home, event, error)
        raise
    if finishes := begun_changes.read_since(begun, scope, report):
        report = replace(report, finishes=finishes)
        details["finishes"] = [str(number) for number in finishes]
    counts = {
        "subjects": report.subjects,
        "added": report.added,
        "changed": report.changed,
        **({"vanished": report.vanished} if report.listed_whole else {}),
        "messages": report.messages,
        **({"messages_changed": report.messages_changed} if report.messages_changed else {}),
        "failed": len(report.failed),
    }
    journal.done(workspace.home, event, counts)
    return report


async def read(
    workspace: Workspace,
    scope: SyncScope,
    *,
    on_progress: OnProgress | None = None,
    most_details: int = MOST_DETAILS,
) -> SyncReport:
    """As `sync`, without a journal's entry: nobody asked for it, or only opened a subject.

    `most_details`: memories of each subject that are asked for by id where they are no longer listed.
    """
    async with _turn(workspace, scope.subjects, on_progress) as hold:
        run = await _Run.start(workspace, scope, on_progress, hold, most_details)
        return await run.finish(run.read_all())


async def open_subject(
    workspace: Workspace, ref: SubjectRef, *, on_progress: OnProgress | None = None
) -> SyncReport:
    """Read what a person who opens a subject needs: all memories if that is a day ago, else changes.

    Raises as `sync` does, and StoreError where the roster does not have it any more: what another
    program has removed must not come back since a screen still showed it.
    """
    entry = await (await workspace.open_writer()).run(partial(_entry, ref=ref))
    stale = entry.listed_at is None or not 0 <= workspace.clock() - entry.listed_at <= RELIST_MS
    return await read(workspace, SyncScope((ref,), full=stale), on_progress=on_progress)


async def open_conversation(
    workspace: Workspace,
    ref: SubjectRef,
    conversation_id: str,
    *,
    on_progress: OnProgress | None = None,
) -> SyncReport:
    """Read the latest messages of one conversation. Raises as `open_subject` does."""
    scope = SyncScope((ref,), conversation_id=conversation_id)
    async with _turn(workspace, scope.subjects, on_progress) as hold:
        await (await workspace.open_writer()).run(partial(_refuse_removed, refs=[ref]))
        run = await _Run.start(workspace, scope, on_progress, hold)
        return await run.finish(run.read_conversation(ref, conversation_id))


@contextlib.asynccontextmanager
async def _turn(
    workspace: Workspace, refs: Sequence[SubjectRef], on_progress: OnProgress | None
) -> AsyncIterator[Hold]:
    """Hold the store side by side with other syncs; whoever removes somebody is waited for.

    Yields what the run is to hold while it is under way. Afterwards what is no longer to be kept is dropped.

    Raises:
        StoreError: one of `refs` was removed meanwhile: it must not come back unasked.
    """

    def tell(what: str) -> None:
        if on_progress is not None:
            on_progress(SyncProgress(0, 0, 0, 0, 0, what, None, waiting=what))

    await workspace.remote()  # without a key nothing is made
    async with turns.turn(workspace, alone=False, on_wait=tell) as waited:
        if waited and refs:
            await (await workspace.open_writer()).run(partial(_refuse_removed, refs=refs))
        hold = Hold(workspace.store_path)
        try:
            yield hold
        finally:
            hold.release()
        await retention.apply(workspace)


def _refuse_removed(connection: Connection, refs: Sequence[SubjectRef]) -> None:
    for ref in refs:
        if subjects.pk_of(connection, ref) is None:
            raise StoreError(absent.removed(ref))


def _entry(connection: Connection, ref: SubjectRef) -> RosterEntry:
    """Return a subject as the roster has it."""
    _refuse_removed(connection, [ref])
    return subjects.roster(connection, [ref])[0]


class _Run:
    """One run: its queue of subjects, and how it ends."""

    def __init__(
        self, workspace: Workspace, scope: SyncScope, running: Running, queue: deque[RosterEntry]
    ) -> None:
        self._workspace = workspace
        self._scope = scope
        self._running = running
        self._queue = queue
        self._unanswered = 0
        self._read: set[SubjectRef] = set()
        self._stopped: CloudError | None = None
        self._all: tuple[RosterEntry, ...] = ()
        self._conversation_is_new = False
        self._doubts = bookkeeping.Doubts()

    @classmethod
    async def start(
        cls,
        workspace: Workspace,
        scope: SyncScope,
        on_progress: OnProgress | None,
        hold: Hold,
        most_details: int = MOST_DETAILS,
    ) -> _Run:
        """Begin a run in the store and find out what it has to read."""
        remote = await workspace.remote()
        writer = await workspace.open_writer()
        begun = await writer.run(
            partial(
                bookkeeping.begin,
                scope=scope,
                zone=workspace.zone.key,
                fingerprints=workspace.project.fingerprints,
                now=workspace.clock(),
                hold=hold,
            )
        )
        await erased_before.note(workspace, begun.came)
        due = deque(entry for entry in begun.entries if entry.pk not in begun.finished)
        running = Running(
            remote=remote,
            writer=writer,
            zone=workspace.zone,
            run_pk=begun.run_pk,
            total=len(due),
            most_details=most_details,
            skipped=len(begun.entries) - len(due),
            beside=begun.beside,
            clock=workspace.clock,
            on_progress=on_progress,
            before=dict(remote.requests),
        )
        run = cls(workspace, scope, running, due)
        run._all = tuple(begun.entries)
        run._conversation_is_new = begun.is_new
        return run

    async def read_all(self) -> None:
        """Read the queue's subjects, several at once."""
        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(self._queue))):
                group.create_task(self._work())
        if self._all and self._stopped is None:
            failed = {failure.ref for failure in self._running.failed}
            read = [entry for entry in self._all if entry.ref in self._read - failed]
            await update_filter.find_out(self._running, read)
            self._doubts = await self._running.writer.run(
                partial(
                    bookkeeping.doubts,
                    entries=[entry for entry in self._all if entry.ref not in failed],
                    conversation_id=self._scope.conversation_id,
                    is_new=self._conversation_is_new,
                )
            )

    async def read_conversation(self, ref: SubjectRef, conversation_id: str) -> None:
        """Read one conversation's window, without the memories around it."""
        entry = self._queue.popleft()
        added = await self._running.writer.run(
            partial(bookkeeping.conversation, subject_pk=entry.pk, conversation_id=conversation_id)
        )
        try:
            with self._running.counting(entry.pk):
                await read_window(self._running, ref, added, conversation_id)
        except (Refused, QuotaExceeded) as error:
            self._stopped = error
        except CloudError as error:
            self._running.failed.append(
                SyncFailure(ref, conversation_id, str(error), error, "messages")
            )
        else:
            self._running.done += 1
            self._read.add(ref)
            await self._workspace.key_was_accepted()
        await self._running.writer.run(partial(subjects.refresh_counts, subject_pk=entry.pk))
        indexing.nudge(self._workspace.store_path)

    async def finish(self, reading: Awaitable[None]) -> SyncReport:
        """Wait for the reading, note in the store how it ended, and return the report."""
        try:
            await self._told(reading)
        except BaseExceptionGroup as group:
            await self._note_end("failed")
            raise _first(group) from None
        except asyncio.CancelledError:
            await self._note_end("cancelled")
            raise
        report = self._report()
        await self._note_end(
            "stopped" if self._stopped else "complete" if report.complete else "partial"
        )
        return report

    async def _told(self, reading: Awaitable[None]) -> None:
        """Wait for the reading, and tell of the requests that have to wait meanwhile."""
        remote, tell = self._running.remote, self._running.tell_wait
        if self._running.on_progress is None:  # whoever listens already is told
            await reading
            return
        before, remote.on_wait = remote.on_wait, tell
        try:
            await reading
        finally:
            if remote.on_wait == tell:  # another run may have begun to listen
                remote.on_wait = before
            self._running.on_progress = None  # one that did may hand back to this one

    async def _work(self) -> None:
        """Read subjects until none is left or the run is stopped."""
        while self._queue and self._stopped is None:
            entry = self._queue.popleft()
            try:
                with self._running.counting(entry.pk):
                    await read_subject(
                        self._running,
                        entry,
                        full=self._scope.full,
                        only=self._scope.conversation_id,
                    )
            except* CloudError as group:
                self._note_failure(_first(group))
            else:
                self._unanswered = 0
                self._read.add(entry.ref)
                await self._workspace.key_was_accepted()
            self._running.done += 1
            self._running.tell()
            indexing.nudge(self._workspace.store_path)

    def _note_failure(self, error: CloudError) -> None:
        """Note whether the run goes on after an error that `read_subject` has noted."""
        if isinstance(self._stopped, Refused | QuotaExceeded):
            return  # the first says why: all that were under way fail of it
        if isinstance(error, Refused | QuotaExceeded):
            self._stopped = error
        if isinstance(error, Unreachable | Busy | RateLimited):
            self._unanswered += 1
        if self._unanswered >= _GIVE_UP_AFTER:
            self._stopped = error

    async def _note_end(self, outcome: str) -> None:
        """Note how the run ended; where the store cannot be written, why is known already."""
        running = self._running
        with contextlib.suppress(StoreError):
            await running.writer.run(
                partial(
                    bookkeeping.end,
                    spent=running.spent,
                    run_pk=running.run_pk,
                    outcome=outcome,
                    counts={name: running.counts[name] for name in _COUNTS}
                    | {"requests": running.requests, "failed": len(running.failed)},
                    routes=running.routes,
                    now=running.clock(),
                )
            )

    def _report(self) -> SyncReport:
        running, counts = self._running, self._running.counts
        whole = self._read - {failure.ref for failure in running.failed}
        return SyncReport(
            subjects=len(whole),
            skipped=running.skipped,
            beside=running.beside,
            requests=running.requests,
            added=counts["added"],
            changed=counts["changed"],
            vanished=counts["vanished"],
            returned=counts["returned"],
            messages=counts["messages"],
            gaps=counts["gaps"],
            kept=counts["kept"],
            messages_changed=counts["messages changed"],
            failed=tuple(running.failed),
            complete=not running.failed and self._stopped is None,
            stopped=None if self._stopped is None else str(self._stopped),
            refused=isinstance(self._stopped, Refused),
            nothing_of=self._doubts.nothing_of,
            unheard_of=self._doubts.unheard_of,
            cause=self._stopped,
            answers=counts["answers"],
            listed_in_part=counts["listed in part"],
            listed_whole=counts["listed whole"],
            asked=running.total,
            missing=running.total - len(whole),
            run_pk=running.run_pk,
            clock_ahead=running.remote.clock_ahead,
            unconfirmed=counts["unconfirmed"],
            up_to_date=frozenset(running.up_to_date - {failure.ref for failure in running.failed}),
            not_begun=tuple(entry.ref for entry in self._queue),
        )


def _first(group: BaseExceptionGroup[E]) -> E:
    """Return the first error of a group, however deep."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first

"""One subject: its memories, then the messages of the conversations that need reading."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from sqlalchemy import Connection

from memos_admin.backend.sync import beginnings, update_filter
from memos_admin.backend.sync.memories import Listing, Settled, read_listing, settle_missing
from memos_admin.backend.sync.messages import read_window
from memos_admin.backend.sync.report import Running, SyncFailure
from memos_admin.cloud.errors import CloudError, QuotaExceeded, Refused, Rejected
from memos_admin.language import gettext as _
from memos_admin.store import runs, subjects
from memos_admin.store.subjects import RosterEntry

MOST_NAMED = 3
"""Things that went wrong that a subject's problem names."""

_AT_ONCE = 16
"""Conversations of one subject that are read at once; the client limits the requests."""


async def read_subject(
    running: Running, entry: RosterEntry, *, full: bool, only: str | None = None
) -> None:
    """Read one subject and commit what was found together with the progress.

    Args:
        running: the run.
        entry: the subject as the store knows it.
        full: list all memories and read all windows.
        only: read the messages of this conversation only.

    Raises:
        CloudError: its memories could not be read; what was read is stored, and the error noted,
            in the store and the run.
        Refused, QuotaExceeded: nothing else can be read; noted as well.
    """
    started, clock = running.clock(), time.monotonic()
    settled = Settled()
    try:
        since = None if full else await update_filter.since(running, entry)
        try:
            listing = await read_listing(running, entry, since=since)
        except Rejected:
            if since is None:
                raise
            await update_filter.note_refused(running)
            since = None
            listing = await read_listing(running, entry, since=None)
        running.counts["listed in part"] += since is not None
        if since is None and listing.problem is None:
            settled = await settle_missing(running, entry, listing)
            running.counts["listed whole"] += 1
            if not settled.in_doubt:
                running.up_to_date.add(entry.ref)
    except CloudError as error:
        running.failed.append(SyncFailure(entry.ref, None, str(error), error))
        await _note_problem(running, entry, _("memories: ") + str(error))
        raise
    try:
        problems = await _read_conversations(running, entry, full=full, only=only)
    except* (Refused, QuotaExceeded) as group:
        first = group.exceptions[0]
        if isinstance(first, CloudError):  # not in a group: they are of one task group
            running.failed.append(SyncFailure(entry.ref, None, str(first), first, "messages"))
        await _note_problem(running, entry, _("messages: ") + str(first))
        raise
    for flaw in filter(None, (_unsettled(settled), _in_part(listing), listing.problem)):
        running.failed.append(SyncFailure(entry.ref, None, flaw))
        problems.insert(0, _("memories: ") + flaw)
    await running.writer.run(
        partial(
            _finish,
            running=running,
            entry=entry,
            listing=listing,
            listed=since is None,
            read_at=running.corrected(started, time.monotonic() - clock),
            problem=_problem(problems),
        )
    )


def _problem(problems: list[str]) -> str | None:
    """Return what went wrong in one line, which says how much more it was; None: nothing."""
    some = problems[:MOST_NAMED]
    if more := len(problems) - len(some):
        some.append(_("and {count} more").format(count=f"{more:,}"))
    return "; ".join(some) or None


def _unsettled(settled: Settled) -> str:
    """Return that it could not be asked what became of memories, ``""``: it could."""
    if settled.error is None:
        return ""
    return _("MemOS did not say what became of {count} that it lists no more: {error}").format(
        count=f"{settled.in_doubt:,}", error=settled.error
    )


def _in_part(listing: Listing) -> str:
    """Return that a listing does not say of memories what it should, ``""``: it does."""
    if not listing.in_part:
        return ""
    return _(
        "MemOS listed {part} of {all} without their status or update time. What was known of them "
        "stays"
    ).format(part=f"{listing.in_part:,}", all=f"{len(listing.seen):,}")


def _finish(
    connection: Connection,
    *,
    running: Running,
    entry: RosterEntry,
    listing: Listing,
    listed: bool,
    read_at: int,
    problem: str | None,
) -> None:
    """Commit that a subject was read, its counts, and the run's progress."""
    subjects.refresh_counts(connection, entry.pk)
    beginnings.look_again(connection, entry.pk, running.zone)
    runs.add_requests(connection, {entry.pk: running.spent.pop(entry.pk, {})})
    if listing.problem is not None:
        subjects.set_problem(connection, entry.pk, problem or listing.problem)
        return
    subjects.finish(connection, entry.pk, read_at=read_at, listed=listed, problem=problem)
    # Also where messages could not be read: the listing is what is told of it, and is whole.
    runs.note_subject(
        connection,
        running.run_pk,
        entry.pk,
        listed=listed,
        pages=listing.pages,
        now=running.clock(),
    )


async def _note_problem(running: Running, entry: RosterEntry, problem: str) -> None:
    def note(connection: Connection) -> None:
        subjects.refresh_counts(connection, entry.pk)
        beginnings.look_again(connection, entry.pk, running.zone)
        subjects.set_problem(connection, entry.pk, problem)

    await running.writer.run(note)


async def _read_conversations(
    running: Running, entry: RosterEntry, *, full: bool, only: str | None
) -> list[str]:
    """Read the windows that need it; return what went wrong, a line each.

    get/message takes a ``user_id`` only: an agent's conversations are asked for under its own id,
    which answers where the agent is a participant.
    """
    due = await running.writer.run(
        partial(
            subjects.unread_conversations,
            subject_pk=entry.pk,
            everything=full or only is not None,
        )
    )
    if only is not None:
        due = [(pk, conversation_id) for pk, conversation_id in due if conversation_id == only]
    turn = asyncio.Semaphore(_AT_ONCE)

    async def read(conversation_pk: int, conversation_id: str) -> str | None:
        async with turn:
            try:
                await read_window(running, entry.ref, conversation_pk, conversation_id)
            except (Refused, QuotaExceeded):
                raise
            except CloudError as error:
                running.failed.append(
                    SyncFailure(entry.ref, conversation_id, str(error), error, "messages")
                )
                again = partial(subjects.mark_unread, conversation_pk=conversation_pk)
                await running.writer.run(again)
                return _("messages of {id}: {error}").format(id=conversation_id, error=error)
        return None

    async with asyncio.TaskGroup() as group:
        reading = [group.create_task(read(*conversation)) for conversation in due]
    return [problem for task in reading if (problem := task.result()) is not None]

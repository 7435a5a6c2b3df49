"""One subject: its memories, then the messages of the conversations that need reading."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from sqlalchemy import Connection

from memos_admin.backend.sync.memories import Listing, read_listing, settle_missing
from memos_admin.backend.sync.messages import read_window
from memos_admin.backend.sync.report import Running, SyncFailure
from memos_admin.backend.times import LATEST, local, now_ms
from memos_admin.cloud.errors import CloudError, QuotaExceeded, Refused, Rejected
from memos_admin.language import gettext as _
from memos_admin.store import runs, subjects
from memos_admin.store.subjects import RosterEntry

_DAY_MS = 86_400_000

OVERLAP_MS = 2 * _DAY_MS
"""Filters take dates only, in a zone that nobody documents (memos-cloud-api, "Filters")."""

_LAST_ASKED = LATEST - 1_000 * _DAY_MS
"""A service may name any time; what is asked for stays a date that can be written."""

_HONOURED, _IGNORED = "honoured", "ignored"
"""Values of `runs.UPDATE_FILTER`."""

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
        CloudError: its memories could not be read; what was read is stored, and the error noted.
        Refused, QuotaExceeded: nothing else can be read.
    """
    started, clock = now_ms(), time.monotonic()
    unsettled: list[CloudError] = []
    try:
        since = None if full else await _since(running, entry)
        try:
            listing = await read_listing(running, entry, since=since)
        except Rejected:
            if since is None:
                raise
            await _note_filter(running, _IGNORED)  # it was honoured before
            since = None
            listing = await read_listing(running, entry, since=None)
        if since is None and listing.problem is None:
            unsettled = await settle_missing(running, entry, listing)
    except CloudError as error:
        await _note_problem(running, entry, _("memories: ") + str(error))
        raise
    problems = await _read_conversations(running, entry, full=full, only=only)
    for flaw in filter(None, (_unsettled(unsettled), _in_part(listing), listing.problem)):
        failure = SyncFailure(entry.ref, None, _("memories: ") + flaw)
        running.failed.append(failure)
        problems.insert(0, failure.error)
    await running.writer.run(
        partial(
            _finish,
            running=running,
            entry=entry,
            listing=listing,
            listed=since is None,
            read_at=running.corrected(started, time.monotonic() - clock),
            problem="; ".join(problems[:3]) or None,
        )
    )


def _unsettled(errors: list[CloudError]) -> str:
    """Return that it is not known what became of memories, ``""``: it is."""
    if not errors:
        return ""
    return _("MemOS did not say what became of {count} that it lists no more: {error}").format(
        count=f"{len(errors):,}", error=errors[0]
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
    if listing.problem is not None:
        subjects.set_problem(connection, entry.pk, problem or listing.problem)
        return
    subjects.finish(connection, entry.pk, read_at=read_at, listed=listed, problem=problem)
    if problem is None:
        runs.note_subject(
            connection,
            running.run_pk,
            entry.pk,
            listed=listed,
            pages=listing.pages,
            now=now_ms(),
        )


async def _note_problem(running: Running, entry: RosterEntry, problem: str) -> None:
    def note(connection: Connection) -> None:
        subjects.refresh_counts(connection, entry.pk)
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
                running.failed.append(SyncFailure(entry.ref, conversation_id, str(error), error))
                again = partial(subjects.mark_unread, conversation_pk=conversation_pk)
                await running.writer.run(again)
                return _("messages of {id}: {error}").format(id=conversation_id, error=error)
        return None

    async with asyncio.TaskGroup() as group:
        reading = [group.create_task(read(*conversation)) for conversation in due]
    return [problem for task in reading if (problem := task.result()) is not None]


async def _since(running: Running, entry: RosterEntry) -> str | None:
    """Return the date from which on changes are asked for; None: everything has to be listed."""
    if entry.listed_at is None or entry.synced_at is None or entry.synced_at > running.now():
        return None  # never listed, or the clock of this machine was set back since
    async with running.probing:
        honoured = await _filter_is_honoured(running, entry)
    return _date(running, entry.synced_at - OVERLAP_MS) if honoured else None


async def _filter_is_honoured(running: Running, entry: RosterEntry) -> bool:
    """Find out, once per project, whether the service filters by update time.

    Where it does not that is looked at again after all was listed because somebody wanted that.

    A date in the future must return nothing, and one before the newest known memory something.
    A subject without dated memories proves nothing, and is listed whole.
    """
    known = await running.writer.run(partial(runs.get_setting, name=runs.UPDATE_FILTER))
    if known:
        return known == _HONOURED
    newest = await running.writer.run(partial(subjects.newest_update, subject_pk=entry.pk))
    if newest is None:
        return False
    running.tell(_("finding out whether MemOS can list only what changed"))
    future = _date(running, max(running.now(), newest) + 400 * _DAY_MS)
    past = _date(running, newest - OVERLAP_MS)
    try:
        kind, external_id = entry.ref.kind, entry.ref.external_id
        later = await running.remote.get_memories(kind, external_id, updated_since=future)
        recent = await running.remote.get_memories(kind, external_id, updated_since=past)
    except Rejected:
        honoured = False
    else:
        honoured = not later.memories and bool(recent.memories)
    await _note_filter(running, _HONOURED if honoured else _IGNORED)
    return honoured


async def _note_filter(running: Running, value: str) -> None:
    await running.writer.run(partial(runs.set_setting, name=runs.UPDATE_FILTER, value=value))


def _date(running: Running, ms: int) -> str:
    """Return the date of an instant where the service is."""
    return local(min(max(ms, 0), _LAST_ASKED), running.zone).date().isoformat()

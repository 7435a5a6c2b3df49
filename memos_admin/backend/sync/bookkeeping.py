"""What a run notes of itself in the store: how it begins, what may be mistyped, how it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from memos_admin.backend import roster
from memos_admin.backend.sync.report import SyncScope
from memos_admin.backend.upkeep.under_way import Hold
from memos_admin.language import N_
from memos_admin.store import messages, runs, subjects
from memos_admin.store.records import SubjectRef
from memos_admin.store.subjects import RosterEntry

RESUME_MS = 3_600_000
"""What an interrupted run has read within the last hour is not read again by the next one."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """Ids of a scope that may be mistyped; see `SyncReport`."""

    nothing_of: tuple[SubjectRef, ...] = ()
    unheard_of: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that was begun.

    Attributes:
        run_pk: of it.
        entries: whom it is about.
        finished: the keys of those whom it skips.
        beside: the run that has read these is under way; else it was interrupted.
        came: who of them is new.
        is_new: the conversation is.
    """

    run_pk: int
    entries: list[RosterEntry]
    finished: frozenset[int]
    beside: bool
    came: list[SubjectRef]
    is_new: bool


def begin(
    connection: Connection,
    scope: SyncScope,
    *,
    zone: str,
    fingerprints: Collection[str],
    now: int,
    hold: Hold,
) -> Begun:
    """Begin a run, which holds `hold` from now on.

    Raises BadId, with nothing begun, where somebody is new whose id cannot be.
    """
    if runs.get_setting(connection, runs.ZONE) is None:
        runs.set_setting(connection, runs.ZONE, zone)
    if scope.full and runs.get_setting(connection, runs.UPDATE_FILTER) == "ignored":
        runs.set_setting(connection, runs.UPDATE_FILTER, "")
    came = subjects.add(connection, scope.subjects, "hand", now)
    roster.check_new(came, fingerprints)
    entries = subjects.roster(connection, scope.subjects)
    new = False
    if scope.conversation_id is not None:
        for entry in entries:
            wanted = [scope.conversation_id]
            if subjects.add_conversations(connection, entry.pk, wanted, "hand", now):
                roster.check_id(scope.conversation_id, N_("conversation id"), fingerprints)
                new = True
    started = runs.start(
        connection,
        mode="full" if scope.full else "changes",
        scope=scope.text,
        now=now,
        fresh_since=now - RESUME_MS,
    )
    beside = started.unended is not None and hold.is_under_way(started.unended)
    hold.take(started.run_pk)
    return Begun(started.run_pk, entries, started.finished, beside, came, new)


def end(connection: Connection, spent: dict[int, Counter[str]], **ended: Any) -> None:
    """End a run; what it sent for subjects that it did not finish is noted with it.

    One that was removed meanwhile has nothing noted any more.
    """
    runs.finish(connection, **ended)
    there = subjects.still_there(connection, list(spent))
    runs.add_requests(connection, {pk: routes for pk, routes in spent.items() if pk in there})


def doubts(
    connection: Connection,
    entries: Sequence[RosterEntry],
    conversation_id: str | None,
    is_new: bool,
) -> Doubts:
    """Find what may be mistyped; a conversation that is new and unheard of is not kept."""
    unheard_of = False
    for entry in entries:
        if conversation_id is None:
            break
        pk = conversation(connection, entry.pk, conversation_id)
        unheard_of = subjects.is_unheard_of(connection, pk)
        if unheard_of and is_new:
            messages.remove_conversation(connection, pk)
            subjects.refresh_counts(connection, entry.pk)
    empty = subjects.holding_nothing(connection, [entry.pk for entry in entries])
    nothing_of = tuple(entry.ref for entry in entries if entry.pk in empty)
    return Doubts(nothing_of, unheard_of)


def conversation(connection: Connection, subject_pk: int, conversation_id: str) -> int:
    """Return the key of a conversation that the subject has."""
    return subjects.conversation_pks(connection, subject_pk)[conversation_id]

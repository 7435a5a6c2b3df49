"""Whether the service filters a listing by update time, so that only what changed need be read.

Nobody promises that it does (memos-cloud-api, "Filters"), so it is found out once per project: at the
end of the first sync, since the second one is to ask no more than once per subject.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from memos_admin.backend.sync.report import Running
from memos_admin.backend.times import LATEST, local
from memos_admin.cloud.errors import CloudError, Rejected
from memos_admin.language import gettext as _
from memos_admin.store import runs, subjects
from memos_admin.store.subjects import RosterEntry

_DAY_MS = 86_400_000

OVERLAP_MS = 2 * _DAY_MS
"""Filters take dates only, in a zone that nobody documents (memos-cloud-api, "Filters")."""

_LAST_ASKED = LATEST - 1_000 * _DAY_MS
"""A service may name any time; what is asked for stays a date that can be written."""

HONOURED, IGNORED = "honoured", "ignored"
"""Values of `runs.UPDATE_FILTER`."""

REQUESTS = 2
"""How many it takes to find it out."""


async def since(running: Running, entry: RosterEntry) -> str | None:
    """Return the date from which on changes are asked for; None: everything has to be listed.

    A subject without dated memories proves nothing of the filter, and is listed whole.
    """
    if entry.listed_at is None or entry.synced_at is None or entry.synced_at > running.now():
        return None  # never listed, or the clock of this machine was set back since
    async with running.probing:
        honoured = await _is_honoured(running, [entry])
    return _date(running, entry.synced_at - OVERLAP_MS) if honoured else None


async def find_out(running: Running, entries: Sequence[RosterEntry]) -> None:
    """Find out behind a sync whether the next one can ask for changes, if that is not known.

    Where the service does not answer it is found out next time: what was asked for was read.
    """
    with contextlib.suppress(CloudError):
        await _is_honoured(running, entries)


async def note_refused(running: Running) -> None:
    """Remember that the service refused the filter, which it honoured before.

    That is looked at again behind the next sync that lists all since somebody wanted that.
    """
    await _note(running, IGNORED)


async def _is_honoured(running: Running, entries: Sequence[RosterEntry]) -> bool:
    """Return whether the filter works; ask the service where that is not known.

    A date in the future must return nothing, and one before the newest known memory something.
    """
    known = await running.writer.run(partial(runs.get_setting, name=runs.UPDATE_FILTER))
    if known:
        return known == HONOURED
    dated = await running.writer.run(partial(_dated, entries=entries))
    if dated is None:
        return False
    entry, newest = dated
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
    await _note(running, HONOURED if honoured else IGNORED)
    return honoured


def _dated(
    connection: Connection, entries: Sequence[RosterEntry]
) -> tuple[RosterEntry, int] | None:
    """Return the first subject that has a memory with an update time, and the latest such time."""
    for entry in entries:
        newest = subjects.newest_update(connection, entry.pk)
        if newest is not None:
            return entry, newest
    return None


async def _note(running: Running, value: str) -> None:
    await running.writer.run(partial(runs.set_setting, name=runs.UPDATE_FILTER, value=value))


def _date(running: Running, ms: int) -> str:
    """Return the date of an instant where the service is."""
    return local(min(max(ms, 0), _LAST_ASKED), running.zone).date().isoformat()

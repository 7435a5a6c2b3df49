"""Brings the store up to date after changes, from what the service showed and in the ways of a sync.

What the service says under an id proves that a memory is gone or archived. Everything else is read in
a listing, since only listings make versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from memos_admin.backend.changing.outcome import StepOutcome
from memos_admin.backend.changing.said import Said
from memos_admin.backend.sync import open_subject
from memos_admin.backend.sync.intake import as_json
from memos_admin.backend.sync.memories import NOT_FOUND, fate_of
from memos_admin.backend.times import now_ms
from memos_admin.backend.upkeep import indexing
from memos_admin.cloud.errors import CloudError
from memos_admin.language import gettext as _
from memos_admin.store import memories, subjects, vanishing
from memos_admin.store.errors import StoreError
from memos_admin.store.records import SubjectRef

if TYPE_CHECKING:
    from memos_admin.backend.workspace import Workspace


async def bring_up_to_date(workspace: Workspace, outcomes: Sequence[StepOutcome]) -> str:
    """Store what was read back; return why that is not whole, ``""``: it is."""
    readings = [reading for outcome in outcomes if (reading := _reading(outcome)) is not None]
    if not readings:
        return ""
    try:
        writer = await workspace.open_writer()
        to_read = await writer.run(partial(_keep, readings=readings, now=now_ms()))
        indexing.nudge(workspace.store_path)
        reports = [await open_subject(workspace, ref) for ref in to_read]
    except (StoreError, CloudError) as error:
        return str(error)
    if all(report.complete for report in reports):
        return ""
    return _("Not all of it could be read. A sync reads it.")


def _reading(outcome: StepOutcome) -> tuple[str, SubjectRef | None, Said | None] | None:
    """Return the id, whose it is, and what it says now; None: nothing new is known."""
    step = outcome.step
    if outcome.carried == "changed":
        return step.memory_id, step.before.ref, outcome.now
    if outcome.read is None or outcome.read.verdict == "unread":
        return None
    return step.memory_id, step.before.ref, outcome.read.now


def _keep(
    connection: Connection,
    readings: Sequence[tuple[str, SubjectRef | None, Said | None]],
    now: int,
) -> list[SubjectRef]:
    """Keep what is proved; return whose memories are to be listed for the rest."""
    to_read: dict[SubjectRef, None] = {}
    for memory_id, ref, said in readings:
        fate = NOT_FOUND if said is None else fate_of(said.status)
        if said is not None:
            memories.keep_detail(connection, memory_id, said.status, as_json(said.raw), now)
        if fate is not None:
            vanishing.note_gone(
                connection, memory_id, reason=fate.reason, status=fate.status, now=now
            )
        elif ref is not None and subjects.pk_of(connection, ref) is not None:
            to_read[ref] = None
    return list(to_read)

"""Deletes everything that the service holds of a user or an agent: planned, exported, read back.

The plan is what a full sync has read: what is shown, what is exported and what is compared right
before is the same.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from memos_admin.backend import journal
from memos_admin.backend.changing import permission, sending
from memos_admin.backend.changing.outcome import Carried
from memos_admin.backend.changing.reading_back import Wait
from memos_admin.backend.changing.subject_asking import OnAsked, read_back, unheard
from memos_admin.backend.changing.subject_planning import SubjectPlan, planned
from memos_admin.backend.changing.subject_reading import SubjectRead, verdict_of
from memos_admin.backend.daemon import in_background
from memos_admin.backend.home import HomeError
from memos_admin.backend.keys import CredentialsError
from memos_admin.backend.private_files import refuse_unwritten
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.sync.memories import MOST_DETAILS, NOT_FOUND
from memos_admin.backend.times import now_ms
from memos_admin.cloud.errors import CloudError, NotFound, Refused
from memos_admin.cloud.withdrawn import Withdrawn
from memos_admin.language import full_stop, sentences
from memos_admin.language import gettext as _
from memos_admin.store import vanishing
from memos_admin.store.errors import StoreError
from memos_admin.store.records import Filter, SubjectRef

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from memos_admin.backend.export.exporting import ExportReport
    from memos_admin.backend.sync import SyncProgress
    from memos_admin.backend.workspace import Workspace

OnProgress = Callable[["SyncProgress"], None]
Step = Literal["archived", "sending", "journaled", "withdrawn", "answered", "read back"]
"""What a deletion comes to: each is told once it is reached; `sending` right before. From `journaled` on
the service may have been asked; what follows is told where it said whether it did it, and `withdrawn`
where it was interrupted while nothing was on its way."""

OnStep = Callable[[Step], Awaitable[None]]

Export = Callable[[Path], None]
"""Writes everything that is stored of the subject to a new file. Blocks."""


async def unwatched(_step: Step) -> None:
    """Note no step."""


class CannotDelete(StoreError):
    """Nothing was deleted; the text says why and what to do."""


class NotAllRead(CannotDelete):
    """Nothing was deleted, since nobody could see all that would have been."""


@dataclass(frozen=True, slots=True)
class SubjectOutcome:
    """What came of it.

    Attributes:
        exported: the file that was written before.
        report: what was written to it; None: nothing, or by somebody else.
        not_kept: why the store is not up to date yet, ``""``: it is.
        syncs: how often all was read once more for that, behind `read`.
    """

    plan: SubjectPlan
    carried: Carried
    read: SubjectRead | None = None
    exported: Path | None = None
    report: ExportReport | None = None
    problem: str = ""
    error: Exception | None = field(default=None, compare=False, repr=False)
    not_kept: str = ""
    syncs: int = 0

    @property
    def is_done(self) -> bool:
        """Whether it was carried out, as the service said or shows."""
        return self.carried == "done" or (self.is_in_doubt and self.is_complete)

    @property
    def is_absent(self) -> bool:
        """Whether the service said that there is nothing under the id (any more)."""
        return self.carried == "refused" and isinstance(self.error, NotFound)

    @property
    def is_unverified(self) -> bool:
        """Whether it is gone as the service said, and nothing that was answered speaks against it."""
        is_said = self.carried == "done" or self.is_absent
        return is_said and self.read is not None and self.read.verdict == "unread"

    @property
    def is_in_doubt(self) -> bool:
        """Whether the answer does not say if it was carried out."""
        return self.carried == "unknown"

    @property
    def is_settled(self) -> bool:
        """Whether the service shows what came of it, where anything may have, and the store has that."""
        if self.not_kept:
            return False
        return self.is_complete or (self.read is None and not self.is_in_doubt)

    @property
    def is_complete(self) -> bool:
        """Whether the service shows nothing of it any more."""
        return self.read is not None and self.read.verdict == "verified"

    @property
    def let_go(self) -> frozenset[str]:
        """Ids of memories that the service was asked for, and has no more: not for others either."""
        plan, read = self.plan, self.read
        if read is None or not self.is_complete:
            return frozenset()
        asked = (*plan.listed, *plan.archived, *plan.gone, *plan.others)
        return frozenset(asked) - {*read.known.left, *read.others.left}

    @property
    def is_refused(self) -> bool:
        """Whether the service refused the key."""
        return isinstance(self.error, Refused)


async def plan(
    workspace: Workspace,
    ref: SubjectRef,
    *,
    export: bool = True,
    export_to: Path | None = None,
    export_in: Path | None = None,
    although_unread: bool = False,
    again: bool = False,
    shared: Sequence[str] = (),
    on_progress: OnProgress | None = None,
) -> SubjectPlan:
    """Read everything of a subject that there is, and return what would be deleted.

    Args:
        workspace: the project.
        ref: whom.
        export: write it to a file before, as JSON lines, which lose nothing.
        export_to: that file; None: a new one.
        export_in: the folder of a new one; None: see `Home.unnamed_dir`.
        although_unread: plan it although not all can be read.
        again: its deletion was sent before: where nothing is listed any more, messages that cannot be
            read do not keep it.
        shared: ids of memories that copies of the store have for others too.
        on_progress: told how far the reading is.

    Raises:
        NotAllRead: not all could be read, so that nobody knows what would be deleted.
        CannotDelete: the file is there already.
        CloudError, CredentialsError, StoreError, HomeError: it could not be read.
    """
    with sending.nothing_sent():
        unread, is_listed = await _read_all(workspace, ref, on_progress)
    target = export_to if export else None
    if export and target is None:
        target = await in_background(partial(_file_for, workspace, ref, export_in))
    if target is not None:
        _check_new(target)
    with sending.nothing_sent():
        found = await in_background(partial(planned, workspace, ref, unread, target, shared))
        is_over = again and is_listed and not found.memories
        if unread and not although_unread and not is_over:
            text = _(
                "{name} could not be read whole, so that nobody knows what would be deleted: {why}"
            )
            raise NotAllRead(text.format(name=ref.external_id, why=unread))
    return found


async def delete(
    workspace: Workspace,
    plan: SubjectPlan,
    *,
    export: Export | None = None,
    on_progress: OnProgress | None = None,
    on_step: OnStep = unwatched,
    on_asked: OnAsked = unheard,
    wait: Wait = asyncio.sleep,
) -> SubjectOutcome:
    """Do what a plan says: compare, export, journal, delete, read back, bring the store up to date.

    Args:
        workspace: the project.
        plan: what `plan` has returned and a person has seen.
        export: writes the file that the plan names; None: as JSON lines.
        on_progress: told how far a reading is.
        on_step: told each step; what it raises until `journaled` ends it with nothing deleted.
        on_asked: told how far the reading back is.
        wait: waits between readings.

    Raises:
        ReadOnly: the project may not be changed.
        CannotDelete: it is something else by now than what the plan says, or cannot be read.
        OSError: the export cannot be written; nothing was deleted.
        NotJournaled: it could not be journaled; nothing was deleted.
        CredentialsError, StoreError, HomeError: it could not be done; nothing was deleted.
    """
    await in_background(partial(permission.check, workspace))
    with sending.nothing_sent():
        unread, _is_listed = await _read_all(workspace, plan.ref, on_progress)
        look = partial(planned, workspace, plan.ref, unread, plan.export, plan.others)
        now = await in_background(look)
    if unread and unread != plan.unread:
        text = _(
            "What MemOS has of {name} could not be read again to see that it is what was shown. {why} "
            "Nothing was deleted. Try again."
        )
        raise CannotDelete(text.format(name=plan.ref.external_id, why=unread))
    if now != plan:
        raise CannotDelete(
            _(
                "What MemOS has of {name} is something else by now than what was shown. Nothing was "
                "deleted. Look at it again."
            ).format(name=plan.ref.external_id)
        )
    report = None
    if plan.export is not None:
        _check_new(plan.export)
        with sending.nothing_sent():
            if export is None:
                report = await in_background(partial(_export, workspace, plan.ref, plan.export))
            else:
                await in_background(partial(export, plan.export))
        await on_step("archived")
    with sending.nothing_sent():
        remote = await workspace.remote()
    event = journal.Event(
        "subject.delete",
        workspace.project,
        subject=plan.ref,
        file=None if plan.export is None else str(plan.export),
        counts={"memories": plan.memories, "conversations": len(plan.conversations)},
    )
    await on_step("sending")
    async with sending.under_way(workspace, event) as answered:
        await on_step("journaled")
        try:
            sent = await sending.send(remote.delete_subject(plan.ref.kind, plan.ref.external_id))
        except Withdrawn:
            await on_step("withdrawn")
            raise
        answered.append(sent)
        if sent.carried != "unknown":
            await on_step("answered")
        # One that MemOS does not know (any more) is what was asked for, if nothing else shows it.
        refused = sent.carried == "refused" and not isinstance(sent.error, NotFound)
        read = None if refused else await read_back(remote, plan, wait, on_asked)
        if sent.carried != "unknown":
            await on_step("read back")
    outcome = SubjectOutcome(
        plan,
        sent.carried,
        read,
        exported=plan.export,
        report=report,
        problem=sent.problem,
        error=sent.error,
    )
    shown = None if read is None else verdict_of(read.shown)
    sending.end(workspace, event, sent, shown, done=outcome.is_done)
    if read is None:
        return outcome
    not_kept, syncs = await _keep(workspace, plan, read)
    return replace(outcome, not_kept=not_kept, syncs=syncs)


async def _read_all(
    workspace: Workspace, ref: SubjectRef, on_progress: OnProgress | None
) -> tuple[str, bool]:
    """Read everything of a subject; return why that was not possible, ``""``: it was, and whether all was listed."""
    report = await sync(workspace, SyncScope((ref,), full=True), on_progress=on_progress)
    if report.cause is not None:
        raise report.cause
    unread = sentences(
        *(
            full_stop(
                error
                if count == 1
                else _("{count} times: {error}").format(count=count, error=error)
            )
            for error, count in Counter(failure.error for failure in report.failed).items()
        )
    )
    return unread, report.listed_whole > 0


def _file_for(workspace: Workspace, ref: SubjectRef, folder: Path | None) -> Path:
    """Return the file that an export before a deletion goes to where nobody says another one."""
    from memos_admin.backend.export.names import suggest_name

    at = datetime.now(UTC).strftime("before-deletion-%Y%m%dT%H%M%SZ")
    name = suggest_name(workspace.project.title, ref, format="jsonl", end=at)
    return (folder or workspace.home.unnamed_dir()) / name


def _check_new(path: Path) -> None:
    """Refuse to write over a file: it may be the only copy of what was deleted before."""
    refuse_unwritten(path, _("Nothing was deleted. Name another file."))
    if path.exists():
        text = _("{path} exists, and was left alone. Nothing was deleted. Name another file.")
        raise CannotDelete(text.format(path=path))


def _export(workspace: Workspace, ref: SubjectRef, path: Path) -> ExportReport:
    from memos_admin.backend.export.exporting import export
    from memos_admin.backend.export.scope import SubjectScope

    return export(workspace, SubjectScope(ref), format="jsonl", output=path)


async def _keep(workspace: Workspace, plan: SubjectPlan, read: SubjectRead) -> tuple[str, int]:
    """Read the subject again, twice where it takes two listings to be sure of what is gone.

    Return why the store is not up to date, and how often it was read.
    """
    syncs = 0
    try:
        if not read.archived.unanswered:
            still = frozenset(read.archived.left)
            gone = [each for each in plan.archived if each not in still]
            writer = await workspace.open_writer()
            await writer.run(partial(_note_gone, memory_ids=gone, now=now_ms()))
        for _time in range(2):
            syncs += 1
            scope = SyncScope((plan.ref,), full=True)
            report = await sync(workspace, scope, most_details=MOST_DETAILS)
            left = await in_background(partial(_count_kept, workspace, plan.ref))
            if not left:
                break
    except (CloudError, CredentialsError, StoreError, HomeError) as error:
        return str(error), syncs
    not_kept = "" if report.complete else _("Not all of it could be read. A sync reads it.")
    return not_kept, syncs


def _note_gone(connection: Connection, memory_ids: Sequence[str], now: int) -> None:
    """Note that there are archived memories no more: no listing would ever tell."""
    for memory_id in memory_ids:
        vanishing.note_gone(
            connection, memory_id, reason=NOT_FOUND.reason, status=NOT_FOUND.status, now=now
        )


def _count_kept(workspace: Workspace, ref: SubjectRef) -> int:
    with workspace.open_reads() as reads:
        return reads.memory_count(Filter(subject=ref, vanished=False))

"""Erases a person as planned: archived first, deleted in the service and read back, then erased here, with a receipt.

What is done in the service is `memos_admin.backend.changing.subject`, what is done here
`memos_admin.backend.erasing`. Here comes last, and only when the service shows nothing any more: until
then the store is what tells whether something is left, and what makes it possible to repeat it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from memos_admin.backend import journal
from memos_admin.backend.absent import NotInRoster
from memos_admin.backend.changing import subject
from memos_admin.backend.changing.reading_back import Wait
from memos_admin.backend.changing.subject import OnProgress, Step
from memos_admin.backend.changing.subject_asking import OnAsked, unheard
from memos_admin.backend.daemon import in_background
from memos_admin.backend.erasing import forgetting
from memos_admin.backend.errors import HomeError, StoreError
from memos_admin.backend.subject_access import receipt, runs_elsewhere
from memos_admin.backend.subject_access.bundle import BundleReport
from memos_admin.backend.subject_access.bundle import export as export_bundle
from memos_admin.backend.subject_access.erasure_outcome import ErasureOutcome
from memos_admin.backend.subject_access.erasure_plan import ErasurePlan
from memos_admin.backend.times import now_ms
from memos_admin.backend.upkeep.turns import OnWait, silently
from memos_admin.store import erasures
from memos_admin.store.erasures import Answer, Attempt

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from memos_admin.backend.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Reached:
    """How far an erasure is.

    Attributes:
        step: the last one that was reached; see `memos_admin.backend.changing.subject.Step`.
        bundle: the archive that was written before; None: none was.
    """

    step: Step | Literal["erased here"]
    bundle: BundleReport | None = None


OnReached = Callable[[Reached], None]


async def erase(
    workspace: Workspace,
    plan: ErasurePlan,
    *,
    on_progress: OnProgress | None = None,
    on_reached: OnReached = lambda _reached: None,
    on_wait: OnWait = silently,
    on_asked: OnAsked = unheard,
    wait: Wait = asyncio.sleep,
) -> ErasureOutcome:
    """Do what a plan says. Whatever it leaves undone is done when it is planned and done again.

    Args:
        workspace: the project.
        plan: what `erasure_planning.plan` has returned and a person has seen.
        on_progress: told how far a reading is.
        on_reached: told each step that is reached, so that whoever stops it knows what was done.
        on_wait: told who uses the store, where that is waited for.
        on_asked: told how far the reading back is.
        wait: waits between readings.

    Raises:
        ReadOnly, CannotDelete, OSError, NotJournaled, CredentialsError, StoreError, HomeError: as
            `memos_admin.backend.changing.subject.delete` does; nothing was deleted.
        Exception: not foreseen; once it may have been sent, the attempt stays noted.
    """
    room = partial(forgetting.check_room, workspace.project, plan.here)
    await in_background(room)
    began_at = now_ms()
    attempt = _Noted(workspace, plan, began_at, on_reached, room)
    try:
        service = await subject.delete(
            workspace,
            plan.service,
            export=attempt.archive,
            on_progress=on_progress,
            on_step=attempt.note,
            on_asked=on_asked,
            wait=wait,
        )
    except Exception:
        if not attempt.may_be_sent:
            await attempt.forget()
        raise
    outcome = ErasureOutcome(plan, service, began_at, attempt.bundle)
    await attempt.read_back(outcome)
    if service.is_complete:
        try:
            erased = await forgetting.forget(
                workspace,
                plan.order.ref,
                on_wait,
                service.let_go,
                verified=not plan.is_lost,
            )
        except (NotInRoster, StoreError, HomeError) as error:
            outcome = replace(outcome, problem=str(error))
        else:
            outcome = replace(outcome, erased=erased)
            on_reached(Reached("erased here", outcome.bundle))
    if outcome.ended == "refused":
        await attempt.forget()
    ours = journal.of(workspace.home)
    await in_background(ours.flush)
    outcome = replace(outcome, journal=ours.said_of_steps())
    with suppress(
        StoreError, HomeError
    ):  # of the journal, whose own commands say what is wrong with it
        look = partial(runs_elsewhere.of, workspace.home, workspace.project, plan.order.ref)
        outcome = replace(outcome, runs_elsewhere=await in_background(look))
    try:
        write = partial(receipt.write, workspace, outcome, now_ms())
        return replace(outcome, receipts=await in_background(write))
    except OSError as error:
        return replace(outcome, receipt_problem=f"{error.filename}: {error.strerror}")


class _Noted:
    """An attempt, of which the store says how far it is.

    Attributes:
        bundle: the archive that was written before; None: none was, or not yet.
        may_be_sent: from then on nobody knows what the service still holds, whatever happens.
    """

    def __init__(
        self,
        workspace: Workspace,
        plan: ErasurePlan,
        began_at: int,
        on_reached: OnReached,
        check: Callable[[], None],
    ) -> None:
        """Take what is done, and what raises where nothing may be sent (any more)."""
        self._workspace, self._order, self._on_reached = workspace, plan.order, on_reached
        self._check = check
        held = plan.here.held  # once all was read
        self._attempt = Attempt(
            began_at,
            plan.order.request,
            memories=0 if held is None else held.memories + held.shared_memories,
            messages=0 if held is None else held.messages,
            conversations=0 if held is None else held.conversations,
        )
        self.bundle: BundleReport | None = None
        self.may_be_sent = False

    def archive(self, path: Path) -> None:
        """Write the archive. Blocks."""
        self.bundle = export_bundle(self._workspace, self._order, path)
        file = str(self.bundle.path.absolute())
        self._attempt = replace(self._attempt, archive=self.bundle.sha256, file=file)

    async def note(self, step: Step) -> None:
        """Note and tell what was reached."""
        if step == "journaled":
            self.may_be_sent = True
            return
        if step == "sending":
            await in_background(self._check)  # the archive may have taken the room
        if step == "withdrawn":
            self.may_be_sent = False
        if step in {"archived", "sending", "withdrawn"}:
            await self._note(replace(self._attempt, sent=step == "sending"))
        if step == "answered":
            with suppress(StoreError):
                await self._note(replace(self._attempt, sent=True, answer="answered"))
        self._on_reached(Reached(step, self.bundle))

    async def read_back(self, outcome: ErasureOutcome) -> None:
        """Note what the service said and showed after the deletion; where that fails, the receipt has it."""
        service, seen = outcome.service, outcome.shown
        if seen is None:
            return
        said: Answer = "done" if service.carried == "done" else "unknown"
        attempt = replace(
            self._attempt,
            sent=True,
            still_shown=seen == "something",
            verified=service.is_complete and outcome.plan.is_all_known,
            answer="absent" if service.is_absent else said,
            seen=seen,
        )
        with suppress(StoreError):
            await self._note(attempt)

    async def forget(self) -> None:
        """Note it no more, since nothing came of it."""
        at = self._attempt.at
        await self._write(partial(erasures.drop, ref=self._order.ref, at=at))

    async def _note(self, attempt: Attempt) -> None:
        await self._write(partial(erasures.note, ref=self._order.ref, attempt=attempt))

    async def _write(self, write: Callable[[Connection], None]) -> None:
        writer = await self._workspace.open_writer()
        await writer.run(write)

"""Erases a person: archived first, deleted in the service and read back, then erased here, with a receipt.

What is done in the service is `memos_admin.backend.changing.subject`, what is done here
`memos_admin.backend.erasing`. Here comes last, and only when the service shows nothing any more: until
then the store is what tells whether something is left, and what makes it possible to repeat it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from memos_admin.backend import absent, journal
from memos_admin.backend.absent import NotInRoster
from memos_admin.backend.changing import subject
from memos_admin.backend.changing.reading_back import Wait
from memos_admin.backend.changing.subject import (
    CannotDelete,
    NotAllRead,
    OnProgress,
    Step,
    SubjectOutcome,
)
from memos_admin.backend.changing.subject_planning import SubjectPlan
from memos_admin.backend.changing.subject_reading import Seen
from memos_admin.backend.daemon import in_background
from memos_admin.backend.erasing import erased_before, forgetting, unfinished_erasures
from memos_admin.backend.erasing.erased_before import ErasedBefore
from memos_admin.backend.errors import HomeError, StoreError
from memos_admin.backend.model import Filter
from memos_admin.backend.subject_access import naming, receipt
from memos_admin.backend.subject_access.bundle import BundleReport, Order
from memos_admin.backend.subject_access.bundle import export as export_bundle
from memos_admin.backend.times import now_ms
from memos_admin.backend.upkeep.turns import OnWait, silently
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.store import erasures
from memos_admin.store.erasures import Attempt

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from memos_admin.backend.erasing.plan import Erased, Plan
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.projects.elsewhere import Elsewhere
    from memos_admin.backend.workspace import Workspace

Ended = Literal["complete", "nothing", "unverified", "partial", "unknown", "refused"]
"""Nothing is left that can be reached; nothing was found before; nothing is left in the service as it says,
which could not be read back whole, or not asked for all that was known once; something is left; nobody
knows; nothing was done."""

Left = Literal["service", "begun elsewhere", "elsewhere", "both", "kept"]
"""The service still shows something; other projects here have begun to erase it; they hold it; they do, and there
is more."""


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


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What will be done, in the service and here.

    Attributes:
        service: what is deleted there, and the archive that is written before.
        here: what is erased here afterwards.
        receipts: the folder that the receipt is written to.
        project: what the project is called; None: it has no name.
        before: the last erasure that has an end, of somebody who is back; None: none is known.
    """

    order: Order
    service: SubjectPlan
    here: Plan
    receipts: Path
    project: str | None = None
    before: ErasedBefore | None = None

    @property
    def earlier(self) -> tuple[Attempt, ...]:
        """Attempts that were begun before, and have no end."""
        return self.here.attempts

    @property
    def word(self) -> str:
        """What a person types to go on."""
        return self.service.word

    @property
    def finds_nothing(self) -> bool:
        """Whether neither MemOS nor this machine has anything of it but the id."""
        service, held = self.service, self.here.held
        there = service.memories or service.archived or service.gone or service.conversations
        here = held is not None and (
            held.messages or held.memories or held.shared_memories or held.unswept
        )
        backups = any(one.held is not None and one.held.anything for one in self.here.backups)
        return not (there or here or backups or service.unread)

    @property
    def was_deleted(self) -> bool:
        """Whether an earlier attempt, which has no end, has sent the deletion, or was about to."""
        return any(attempt.sent for attempt in self.earlier)

    @property
    def is_all_known(self) -> bool:
        """Whether the service can be asked for all that was ever known, as far as that was not verified to be gone.

        It cannot where the copy that an attempt was made with was erased since, or is another project's, unless
        at least as much is known here.
        """
        begun = (
            attempt for other in self.begun_elsewhere for attempt in _unverified(other.attempts)
        )
        return not self.is_lost and all(map(self._knows, begun))

    @property
    def is_lost(self) -> bool:
        """Whether a copy that an attempt was made with, here or in another project, was erased, and less is known here."""
        runs = (self.earlier, *(other.attempts for other in self.begun_elsewhere))
        return any(
            attempt.erased_here and not self._knows(attempt)
            for attempts in runs
            for attempt in _unverified(attempts)
        )

    @property
    def begun_elsewhere(self) -> tuple[Elsewhere, ...]:
        """Other projects of the same people that have begun an erasure of it, which has no end."""
        return tuple(
            other for other in self.here.elsewhere if other.attempts and other.likeness == "key"
        )

    def _knows(self, attempt: Attempt) -> bool:
        """Return whether as much is known here as when an attempt was made."""
        if attempt.memories is None or attempt.conversations is None:
            return False
        held = self.here.held
        memories = 0 if held is None else held.memories + held.shared_memories
        conversations = 0 if held is None else held.conversations
        return memories >= attempt.memories and conversations >= attempt.conversations


def _unverified(attempts: Sequence[Attempt]) -> Iterator[Attempt]:
    """Yield the attempts that have sent a deletion after the last one that was verified, the last one first."""
    behind = takewhile(lambda attempt: not attempt.verified, reversed(attempts))
    return (attempt for attempt in behind if attempt.sent)


@dataclass(frozen=True, slots=True)
class ErasureOutcome:
    """What came of it.

    Attributes:
        began_at: UTC milliseconds.
        bundle: the archive that was written before; None: none was.
        erased: what was erased here; None: nothing was, since the service still shows something, or
            nobody knows.
        problem: why it was not erased here, ``""``: it was, or was not tried.
        receipts: the files of the receipt; `receipt_problem`: why there are none.
        journal: which entries the operator journal has of it, or why there is none.
    """

    plan: ErasurePlan
    service: SubjectOutcome
    began_at: int
    bundle: BundleReport | None = None
    erased: Erased | None = None
    problem: str = ""
    receipts: Sequence[Path] = ()
    receipt_problem: str = field(default="", compare=False)
    journal: str = field(default="", compare=False)

    @property
    def here(self) -> Plan:
        """What was here when it was erased, or is to be erased."""
        return self.plan.here if self.erased is None else self.erased.plan

    @property
    def ended(self) -> Ended:
        """How it ended, the receipt aside."""
        service = self.service
        if service.is_complete and self.erased is not None and not self.erased.remains:
            if not self.plan.is_all_known:
                return "unverified"
            return "nothing" if self.plan.finds_nothing else "complete"
        if service.is_unverified:
            return "unverified"
        if service.is_done or service.is_absent:
            return "partial"
        return "unknown" if service.is_in_doubt else "refused"

    @property
    def left(self) -> Left | None:
        """What keeps it from being complete, as far as that says what to do; None: nothing does, or something else."""
        if self.ended != "partial":
            return None
        if self.erased is None:
            read = self.service.read
            return "service" if read is not None and read.verdict == "pending" else None
        if not self.erased.elsewhere:
            return "kept" if self.erased.kept and not self.erased.repeating_helps else None
        if any(other.attempts for other in self.elsewhere):
            return "begun elsewhere"
        return "both" if self.erased.repeating_helps or self.erased.kept else "elsewhere"

    @property
    def elsewhere(self) -> tuple[Elsewhere, ...]:
        """Other projects that keep it from being complete: those that have begun an erasure, where there are any."""
        others = () if self.erased is None else self.erased.elsewhere
        return tuple(other for other in others if other.attempts) or others

    @property
    def left_to_others(self) -> int:
        """Memories that the service still has, and lists for others too."""
        read = self.service.read
        return 0 if read is None else read.left_to_others

    @property
    def left_nothing(self) -> bool:
        """Whether earlier attempts have left nothing to be found, as far as the service said then."""
        return self.ended == "nothing" and self.plan.was_deleted

    @property
    def shown(self) -> Seen | None:
        """What the service showed, of which all texts are made; None: it was not read back."""
        read = self.service.read
        return None if read is None else read.seen(all_known=self.plan.is_all_known)

    @property
    def is_in_part_unasked(self) -> bool:
        """Whether it is not verified since a copy that was erased knew more, so that to repeat it does not help."""
        return self.ended == "unverified" and self.service.is_complete

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to do, and there is a receipt that says so."""
        return self.ended in {"complete", "nothing"} and bool(self.receipts)


async def plan(
    workspace: Workspace,
    order: Order,
    *,
    archive: bool = True,
    archive_to: Path | None = None,
    although_unread: bool = False,
    on_progress: OnProgress | None = None,
) -> ErasurePlan:
    """Read everything of a subject that there is, and return what would be done.

    Args:
        workspace: the project.
        order: whom, for which request, and what the archive is to be like.
        archive: write one before.
        archive_to: where to; None: a new file where the program was started.
        although_unread: plan it although not all can be read.
        on_progress: told how far the reading is.

    Raises:
        NotInRoster: nobody of this id is known here, nor in a backup.
        NotAllRead: not all could be read, so that nobody knows what would be erased; but where an earlier
            attempt has sent the deletion, and nothing is listed any more, it is planned all the same.
        CannotDelete: the file of the archive is there already, or the request names whom.
        CloudError, CredentialsError, StoreError, HomeError: it could not be read.
    """
    if order.names_whom:
        text = _(
            "The request {request} has the id of the person in it, which no receipt and no name of one is to "
            "have. Nothing was erased. Name the ticket by its number alone."
        )
        raise CannotDelete(text.format(request=order.request))
    known = await in_background(
        partial(forgetting.look, workspace.home, workspace.project, order.ref)
    )
    if known.is_empty and not known.attempts:
        unasked = _("MemOS was not asked, and nothing was erased.")
        look = partial(erased_before.of_nobody, workspace.home, workspace.project, order.ref)
        erased = await in_background(look)
        other = absent.other_kind(order.ref)
        there = not (
            await in_background(partial(forgetting.look, workspace.home, workspace.project, other))
        ).is_empty
        told = absent.nobody(order.ref, erased, is_other=there)
        raise NotInRoster(sentences(unasked, told))
    target = archive_to or Path.cwd() / naming.suggest(workspace.project.title, order)
    try:
        service = await subject.plan(
            workspace,
            order.ref,
            export=archive,
            export_to=target,
            although_unread=although_unread,
            again=any(attempt.sent for attempt in known.attempts),
            shared=known.shared,
            on_progress=on_progress,
        )
    except NotAllRead as error:
        for attempt in known.attempts:
            error.add_note(unfinished_erasures.text_of(attempt))
        raise
    if archive and not await in_background(partial(_holds_anything, workspace, order)):
        service = replace(service, export=None)
    here = await in_background(
        partial(forgetting.look, workspace.home, workspace.project, order.ref)
    )
    until = here.attempts[0].at if here.attempts else None
    before = await in_background(partial(_before, workspace, order.ref, until))
    folder, project = target.absolute().parent, workspace.project.name
    return ErasurePlan(order, service, here, folder, project, before)


async def erase(
    workspace: Workspace,
    plan: ErasurePlan,
    *,
    on_progress: OnProgress | None = None,
    on_reached: OnReached = lambda _reached: None,
    on_wait: OnWait = silently,
    wait: Wait = asyncio.sleep,
) -> ErasureOutcome:
    """Do what a plan says. Whatever it leaves undone is done when it is planned and done again.

    Args:
        workspace: the project.
        plan: what `plan` has returned and a person has seen.
        on_progress: told how far a reading is.
        on_reached: told each step that is reached, so that whoever stops it knows what was done.
        on_wait: told who uses the store, where that is waited for.
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
            wait=wait,
        )
    except Exception:
        if not attempt.may_be_sent:
            await attempt.forget()
        raise
    if service.read is not None:
        is_verified = service.is_complete and plan.is_all_known
        await attempt.read_back(still=service.read.verdict == "pending", verified=is_verified)
    outcome = ErasureOutcome(plan, service, began_at, attempt.bundle)
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
            attempt = replace(self._attempt, sent=step == "sending")
            await self._write(partial(erasures.note, ref=self._order.ref, attempt=attempt))
        self._on_reached(Reached(step, self.bundle))

    async def read_back(self, *, still: bool, verified: bool) -> None:
        """Note what the service showed after the deletion; where that fails, the receipt has it."""
        attempt = replace(self._attempt, sent=True, still_shown=still, verified=verified)
        with suppress(StoreError):
            await self._write(partial(erasures.note, ref=self._order.ref, attempt=attempt))

    async def forget(self) -> None:
        """Note it no more, since nothing came of it."""
        at = self._attempt.at
        await self._write(partial(erasures.drop, ref=self._order.ref, at=at))

    async def _write(self, write: Callable[[Connection], None]) -> None:
        writer = await self._workspace.open_writer()
        await writer.run(write)


def _before(workspace: Workspace, ref: SubjectRef, until: int | None) -> ErasedBefore | None:
    return erased_before.among(workspace.home, workspace.project, [ref], until).get(ref)


def _holds_anything(workspace: Workspace, order: Order) -> bool:
    """Whether the store has a message or a memory of the subject, also one that is gone."""
    with workspace.open_reads() as reads:
        found = reads.subject(order.ref)
        if found is None:
            return False
        return found.messages > 0 or reads.memory_count(Filter(subject=order.ref)) > 0

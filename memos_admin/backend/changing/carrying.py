"""Carries a plan out: one memory after the other, each looked at again right before.

Whatever makes the next one doubtful (the service does not answer as it should, the journal cannot be
written, a memory says something else than what a person has seen) ends it: what was not tried is
told, and can be planned anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from memos_admin.backend import journal
from memos_admin.backend.changing import keeping, permission, sending
from memos_admin.backend.changing.outcome import Outcome, Read, StepOutcome
from memos_admin.backend.changing.plan import Plan, Step
from memos_admin.backend.changing.reading_back import Wait, read_back, read_task
from memos_admin.backend.changing.said import ask
from memos_admin.backend.daemon import in_background
from memos_admin.backend.home import HomeError
from memos_admin.cloud.errors import CloudError, NotFound, Rejected
from memos_admin.cloud.withdrawn import Withdrawn
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.journal import Action
    from memos_admin.backend.remote import Remote
    from memos_admin.backend.workspace import Workspace

OnStep = Callable[[StepOutcome], None]
"""Is told what came of each memory as soon as that is known."""

_ACTIONS: dict[str, Action] = {
    "edit": "memory.edit",
    "archive": "memory.archive",
    "restore": "memory.restore",
    "delete": "memory.delete",
    "feedback": "memory.feedback",
}


def _silently(step: StepOutcome) -> None:
    """Tell nobody."""


async def carry_out(
    workspace: Workspace, plan: Plan, *, on_step: OnStep = _silently, wait: Wait = asyncio.sleep
) -> Outcome:
    """Do what a plan says, read it back, and bring the store up to date from that.

    Cancelling ends it: `on_step` is told what is known of each memory then, of the one that was under
    way too, and the journal has that.

    Args:
        workspace: the project.
        plan: what `planning.plan` has returned and a person has seen.
        on_step: is told each outcome.
        wait: waits between readings.

    Raises:
        ReadOnly: the project may not be changed.
        NotJournaled: the first change could not be journaled; nothing was changed.
        CredentialsError: there is no key for the project.
        HomeError: the configuration cannot be read.
    """
    await in_background(partial(permission.check, workspace))
    with sending.nothing_sent():
        remote = await workspace.remote()
    outcomes: list[StepOutcome] = []
    known: dict[str, StepOutcome] = {}
    goes_on = True
    with _telling_the_rest(plan, outcomes, known, on_step):
        for step in plan.steps:
            outcome = StepOutcome(step, "not tried")
            if goes_on:
                try:
                    # Permission may be taken back in the middle of many.
                    why_not = await _forbidden(workspace) if outcomes else ""
                    if why_not:
                        outcome = replace(outcome, problem=why_not)
                    else:
                        outcome = await _carry_one(workspace, remote, step, known, wait)
                except journal.NotJournaled as error:
                    if not outcomes:
                        raise
                    outcome = replace(outcome, problem=str(error), error=error)
                goes_on = outcome.carried == "done" or isinstance(
                    outcome.error, NotFound | Rejected
                )
            outcomes.append(outcome)
            on_step(outcome)
    not_kept = await keeping.bring_up_to_date(workspace, outcomes)
    return Outcome(plan, tuple(outcomes), not_kept)


@contextmanager
def _telling_the_rest(
    plan: Plan, told: Sequence[StepOutcome], known: Mapping[str, StepOutcome], on_step: OnStep
) -> Iterator[None]:
    """Tell of each memory that was not told yet what is known of it, where it is interrupted inside."""
    try:
        yield
    except (asyncio.CancelledError, KeyboardInterrupt):
        for step in plan.steps[len(told) :]:
            on_step(known.get(step.memory_id, StepOutcome(step, "not tried")))
        raise


async def _forbidden(workspace: Workspace) -> str:
    """Return why nothing more may be changed; ``""``: it may."""
    try:
        await in_background(partial(permission.check, workspace))
    except (permission.ReadOnly, HomeError) as error:
        return str(error)
    return ""


async def _carry_one(
    workspace: Workspace, remote: Remote, step: Step, known: dict[str, StepOutcome], wait: Wait
) -> StepOutcome:
    """Look at one memory again, journal, send, read back, journal.

    `known`: has what is known of it by its id meanwhile, should this be interrupted.
    """
    try:
        now = await ask(remote, step.memory_id)
    except CloudError as error:
        return StepOutcome(step, "not tried", problem=str(error), error=error)
    if not step.is_as_before(now):
        return StepOutcome(step, "changed", now=now, problem=_changed(now is None))
    event = journal.Event(
        _ACTIONS[step.act],
        workspace.project,
        subject=step.before.ref,
        conversation_id=step.before.conversation_id,
        memory_id=step.memory_id,
        details={"fields": sorted(step.fields)},
    )
    async with sending.under_way(workspace, event) as answered:
        tasks: list[str] = []
        unsaid = _("Interrupted before MemOS said whether it did it.")
        known[step.memory_id] = StepOutcome(step, "unknown", problem=unsaid)
        try:
            sent = await sending.send(_request(remote, step, tasks))
        except Withdrawn as error:
            known[step.memory_id] = _withdrawn(step, error)
            raise
        answered.append(sent)
        outcome = StepOutcome(step, sent.carried, problem=sent.problem, error=sent.error)
        unread = Read("unread", problem=_("Interrupted before it was read back."))
        known[step.memory_id] = replace(outcome, read=unread)
        if sent.carried != "refused" and step.act == "feedback":
            outcome = replace(outcome, read=await read_task(remote, step, tasks, wait))
        elif sent.carried != "refused":
            outcome = replace(outcome, read=await read_back(remote, step, wait))
    shown = None if outcome.read is None else outcome.read.verdict
    sending.end(workspace, event, sent, shown, done=outcome.is_done)
    return outcome


async def _request(remote: Remote, step: Step, tasks: list[str]) -> None:
    """Send what a step says; put the id of the task that the service makes of it into `tasks`."""
    ref, conversation_id = step.before.ref, step.before.conversation_id
    if step.act == "feedback" and ref is not None and conversation_id:
        answer = await remote.add_feedback(
            ref.external_id, conversation_id, step.edit.feedback or ""
        )
        if isinstance(task := answer.get("task_id"), str) and task:
            tasks.append(task)
    elif step.act == "delete":
        await remote.delete_memories([step.memory_id])
    else:
        await remote.update_memory(step.memory_id, **step.fields)


def _withdrawn(step: Step, error: Withdrawn) -> StepOutcome:
    if error.declined:
        text = _("MemOS did not do it. It was interrupted before it was sent again.")
        return StepOutcome(step, "refused", problem=text)
    return StepOutcome(step, "not tried", problem=_("Interrupted before it was sent."))


def _changed(gone: bool) -> str:
    if gone:
        return _("MemOS has no memory with this id any more. Nothing was sent.")
    return _("It says something else by now than what was shown. Nothing was sent.")

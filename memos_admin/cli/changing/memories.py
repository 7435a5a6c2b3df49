"""Memories are edited, archived, restored and deleted in MemOS: the verbs, and what sending corrections shares with them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from memos_admin.backend.command_words import option
from memos_admin.cli.changing.confirming import (
    add_change_options,
    check_allowed,
    confirm,
    exit_code,
    interrupted,
    look_again,
    tell_lines,
    unchanged,
)
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.input_wait import told_while_waiting
from memos_admin.cli.progress import CHANGING, asking
from memos_admin.cli.values import memory_id

if TYPE_CHECKING:
    from memos_admin.backend.changing.outcome import Outcome, StepOutcome
    from memos_admin.backend.changing.plan import Act, Edit, Plan, Step
    from memos_admin.backend.changing.said import Said
    from memos_admin.backend.workspace import Workspace


def add_memory_verbs(verbs: Any) -> None:
    """Add ``memories edit``, ``archive``, ``restore`` and ``delete``."""
    edit = verbs.add_parser("edit", help="change its title or content in MemOS")
    edit.add_argument("id", type=memory_id, metavar="ID", help="of the memory")
    edit.add_argument("--title", metavar="TEXT", help="what its title shall be")
    edit.add_argument("--content", metavar="TEXT", help="what it shall say; - reads it from stdin")
    add_change_options(edit)
    edit.set_defaults(run=edit_memory, needs_data=True, seals=True)
    for act, words in (
        ("archive", "take memories out of lists and recall in MemOS; restore brings them back"),
        ("restore", "bring archived memories back in MemOS"),
        ("delete", "delete memories in MemOS for good"),
    ):
        verb = verbs.add_parser(act, help=words)
        verb.add_argument("ids", type=memory_id, nargs="+", metavar="ID", help="of a memory")
        add_change_options(verb)
        verb.set_defaults(run=change_memories, act=act, needs_data=True, seals=True)


def edit_memory(context: Context, args: argparse.Namespace) -> Exit:
    """``memories edit``."""
    from memos_admin.backend.changing.plan import Edit

    content = args.content
    if content == "-":
        with told_while_waiting(context.out, "what the memory shall say"):
            content = sys.stdin.read().removesuffix("\n")
    return change(context, args, "edit", [args.id], Edit(args.title, content))


def change_memories(context: Context, args: argparse.Namespace) -> Exit:
    """``memories archive``, ``restore`` and ``delete``."""
    return change(context, args, args.act, args.ids)


def change(
    context: Context,
    args: argparse.Namespace,
    act: Act,
    ids: list[str],
    edit: Edit | None = None,
    *,
    edits: Mapping[str, Edit] = MappingProxyType({}),
) -> Exit:
    """Plan, tell, confirm and carry out what is done to memories; as `planning.plan`."""
    from memos_admin.backend.changing.plan import NO_EDIT, BadChange
    from memos_admin.backend.changing.planning import plan
    from memos_admin.backend.changing.wording import plan_lines

    check_allowed(context, args)

    async def look(workspace: Workspace) -> Plan:
        with asking(context.out, await workspace.remote()):
            return await plan(workspace, act, ids, edit or NO_EDIT, edits)

    try:
        planned = unchanged(lambda: context.run(look, online=True))
    except BadChange as error:
        raise Usage(f"{error} Nothing was changed.") from None
    for step in planned.steps:
        _viewed(context, step)
    tell_lines(context, plan_lines(planned))
    _tell_begun(context, planned)
    if args.dry_run or not planned.steps:
        if args.json:
            context.out.document(_document(planned, None))
        to_do_it = f" To do it: {option('confirm', planned.pinned)}" if planned.steps else ""
        context.out.note(f"Nothing was changed.{to_do_it}")
        return Exit.REFUSED if any(one.failed for one in planned.passed) else Exit.DONE
    confirm(context, planned.word, args.confirm, len(planned.steps), planned.pinned)
    outcome = _carry_out(context, planned)
    if args.json:
        context.out.document(_document(planned, outcome))
    return exit_code(outcome, done=outcome.done > 0)


def _tell_begun(context: Context, planned: Plan) -> None:
    """Tell of what is passed over that a change of it was begun, how that ended nobody knows, and what helps."""
    from memos_admin.backend.errors import StoreError
    from memos_admin.backend.journal.reading import begun_changes
    from memos_admin.backend.model import SubjectRef

    passed = {one.memory_id for one in planned.passed}
    try:
        found = begun_changes(context.home, context.project().uuid) if passed else []
    except StoreError:  # which whatever is journaled next says
        return
    found = [one for one in found if one.memory_id in passed]
    if not found:
        return
    refs = [
        SubjectRef("agent" if one.subject_kind == "agent" else "user", one.user_id)
        for one in found
        if one.user_id
    ]
    numbers = ", ".join(f"{one.seq:,}" for one in found)
    context.out.note(
        f"A change of it was begun before, and no end is journaled (entry {numbers}). {look_again(refs)}"
    )


def _carry_out(context: Context, planned: Plan) -> Outcome:
    from memos_admin.backend.changing.carrying import carry_out
    from memos_admin.backend.changing.wording import done_line, outcome_lines, step_outcome_lines

    told: list[StepOutcome] = []

    def tell_step(step: StepOutcome) -> None:
        told.append(step)
        tell_lines(context, step_outcome_lines(step))

    async def change(workspace: Workspace) -> Outcome:
        with asking(context.out, await workspace.remote(), CHANGING):
            return await carry_out(workspace, planned, on_step=tell_step)

    refs = [step.before.ref for step in planned.steps]
    try:
        outcome = context.run(change, online=True)
    except KeyboardInterrupt:
        if told:
            tell_lines(context, [done_line(told)])
        carried = {step.carried for step in told}
        anything = not carried <= {"not tried", "changed"}
        raise interrupted(refs, anything=anything, unknown="unknown" in carried) from None
    tell_lines(context, outcome_lines(outcome, steps=False))
    if not outcome.is_settled and (again := look_again(refs)):
        context.out.note(again)
    return outcome


def _viewed(context: Context, step: Step) -> None:
    before = step.before
    context.viewed(
        "memory",
        subject=before.ref,
        conversation_id=before.conversation_id,
        memory_id=before.memory_id,
    )


def _document(plan: Plan, outcome: Outcome | None) -> dict[str, Any]:
    """Return the object that ``--json`` writes."""
    steps = [_planned(step) for step in plan.steps]
    if outcome is not None:
        steps = [_planned(one.step) | _came_of(one) for one in outcome.steps]
    return {
        "act": plan.act,
        "confirm": plan.pinned if plan.steps else None,
        "changed": 0 if outcome is None else outcome.done,
        "complete": outcome is not None and outcome.is_complete,
        "memories": steps,
        "passed_over": [asdict(passed) for passed in plan.passed],
        "not_kept": None if outcome is None else outcome.not_kept or None,
    }


def _planned(step: Step) -> dict[str, Any]:
    before = step.before
    return {
        "memory_id": step.memory_id,
        "kind": None if before.ref is None else before.ref.kind,
        "user_id": None if before.ref is None else before.ref.external_id,
        "route": step.route,
        "sent": step.sent,
        "before": _said(before),
        "stored": None if step.here is None else _said(step.here),
    }


def _came_of(outcome: StepOutcome) -> dict[str, Any]:
    read = outcome.read
    now = outcome.now if read is None else read.now
    return {
        "carried_out": outcome.carried,
        "read_back": None if read is None else read.verdict,
        "now": None if now is None else _said(now),
        "problem": outcome.problem or (None if read is None else read.problem or None),
    }


def _said(said: Said) -> dict[str, Any]:
    return {"title": said.title, "content": said.content, "status": said.status}

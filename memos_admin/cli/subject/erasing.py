"""``subject erase``: what will be done, told before; what was done, and what is left, after."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memos_admin.backend.command_words import erasing, option, program
from memos_admin.backend.subject_access import DEFAULT_LANGUAGE
from memos_admin.backend.view_words import VIEWS
from memos_admin.cli.changing.confirming import confirm, tell_lines, unchanged
from memos_admin.cli.changing.subject import subject_document, telling_how_unread
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Failed, Usage
from memos_admin.cli.lists import utc
from memos_admin.cli.progress import CHANGING, Progress, ReadingBack, Waiting, asking
from memos_admin.cli.store import forgetting

if TYPE_CHECKING:
    from memos_admin.backend.model import Kind, SubjectRef
    from memos_admin.backend.subject_access.erasure import Reached
    from memos_admin.backend.subject_access.erasure_outcome import ErasureOutcome
    from memos_admin.backend.subject_access.erasure_plan import ErasurePlan
    from memos_admin.backend.workspace import Workspace

_TO_GO_ON = "To go on, or without --carry-out to look at what is left"
_THEN = "Then"
_ENDS = {
    "complete": Exit.DONE,
    "nothing": Exit.DONE,
    "unverified": Exit.PARTIAL,
    "partial": Exit.PARTIAL,
    "unknown": Exit.PARTIAL,
    "refused": Exit.REFUSED,
}


def erase(context: Context, args: argparse.Namespace) -> Exit:
    """``subject erase``."""
    from memos_admin.backend import occasion
    from memos_admin.backend.absent import NotInRoster
    from memos_admin.backend.changing import permission
    from memos_admin.backend.subject_access import erasure, erasure_planning, erasure_wording
    from memos_admin.backend.subject_access.bundle import Order
    from memos_admin.cli.subject import path_given

    _check(context, args)
    occasion.change(ticket=args.request)
    order = Order(_whom(context, args), args.request, args.language)
    path = None if args.output is None else path_given(args.output)
    said = f"Everything of {order.ref.external_id} is read from MemOS first."
    progress, waiting = Progress(context.out, said), Waiting(context.out)
    reached: list[Reached] = []

    async def look(workspace: Workspace) -> ErasurePlan:
        archive = not args.no_archive
        return await erasure_planning.plan(
            workspace,
            order,
            archive=archive,
            archive_to=path,
            although_unread=args.although_unread,
            on_progress=progress,
        )

    async def carry_out(workspace: Workspace) -> ErasureOutcome:
        with asking(context.out, await workspace.remote(), CHANGING):
            return await erasure.erase(
                workspace,
                planned,
                on_progress=progress,
                on_reached=reached.append,
                on_wait=waiting,
                on_asked=ReadingBack(context.out),
            )

    try:
        with telling_how_unread():
            planned = unchanged(lambda: context.run(look, online=True))
    except NotInRoster as error:
        raise Failed(str(error)) from None
    finally:
        progress.clear()
    tell_lines(context, erasure_wording.plan_lines(planned, lambda view: VIEWS.get(view, view)))
    if not args.carry_out:
        if args.json:
            context.out.document(_document(planned, None))
        context.out.note(f"Nothing was changed. To do it: {_again(context, planned, args)}")
        try:
            permission.check(context.workspace())
        except permission.ReadOnly as error:
            context.out.note(str(error))
        return Exit.DONE
    confirm(context, planned.word, args.confirm)
    try:
        outcome = context.run(carry_out, online=True)
    except KeyboardInterrupt:
        progress.clear()
        last = reached[-1] if reached else None
        tell_lines(context, erasure_wording.interrupted_lines(planned, last))
        raise KeyboardInterrupt(_go_on(context, planned, args, last)) from None
    finally:
        progress.clear()
    _tell(context, args, outcome)
    return code_of(outcome)


def _tell(context: Context, args: argparse.Namespace, outcome: ErasureOutcome) -> None:
    """Tell what came of an erasure, and how it goes on where something is left."""
    from memos_admin.backend.projects import elsewhere
    from memos_admin.backend.subject_access import erasure_wording

    tell_lines(context, erasure_wording.outcome_lines(outcome))
    if outcome.ended in {"unverified", "partial", "unknown"}:
        again = _again(context, outcome.plan, args, archived=outcome.bundle is not None)
        others = () if outcome.erased is None else outcome.erased.elsewhere
        for other in others:
            there = elsewhere.command_of(other, outcome.plan.order.ref)
            context.out.note(f"To go on, first in project {other.title}: {there}")
        go_on = _THEN if others else _TO_GO_ON
        context.out.note(f"{go_on}: {again}")
    elif outcome.ended == "refused":
        again = _again(context, outcome.plan, args, archived=outcome.bundle is not None)
        context.out.note(f"To try it again: {again}")
    if args.json:
        context.out.document(_document(outcome.plan, outcome))


def _check(context: Context, args: argparse.Namespace) -> None:
    """Refuse what is not allowed, or makes no sense, before anything is asked."""
    from memos_admin.backend.changing import permission

    if args.carry_out:
        permission.check(context.workspace())
    elif args.confirm is not None:
        raise Usage("--confirm is for --carry-out; without that nothing is done.")


def code_of(outcome: ErasureOutcome) -> Exit:
    """Return how an erasure ended: a refused key is 3, anything that is left is 4."""
    if outcome.service.is_refused:
        return Exit.CREDENTIALS
    if outcome.ended in {"complete", "nothing"} and not outcome.is_complete:
        return Exit.PARTIAL
    return _ENDS[outcome.ended]


def _whom(context: Context, args: argparse.Namespace) -> SubjectRef:
    """Return whom the command means: it need not be on the roster, where it was erased in part."""
    from memos_admin.backend.ids.from_list import subject_named
    from memos_admin.backend.model import SubjectRef

    kind: Kind = "agent" if args.agent else "user"
    exact = SubjectRef(kind, args.id)
    known = context.workspace().reads.subject(exact) is not None
    return exact if known else subject_named(args.id, kind)


def _go_on(
    context: Context, plan: ErasurePlan, args: argparse.Namespace, last: Reached | None
) -> str:
    """Return what is to be done where an erasure was interrupted behind a step."""
    if last is not None and last.step == "erased here":
        return (
            f"Only the receipt is missing. The journal has what was done: {program()} journal list"
        )
    again = _again(context, plan, args, archived=last is not None and last.bundle is not None)
    return f"{_TO_GO_ON}: {again}"


def _again(
    context: Context, plan: ErasurePlan, args: argparse.Namespace, *, archived: bool = False
) -> str:
    """Return the command with all that it was given, in the project that it was given for.

    `archived`: the file that it was given is there by now, so that another one is named beside it.
    """
    from memos_admin.backend.subject_access.naming import suggest

    ref, options = plan.order.ref, context.options
    reason = "" if options.reason is None else f" {option('reason', options.reason)}"
    given = [option("request", plan.order.request)]
    if args.language != DEFAULT_LANGUAGE:
        given.append(f"--language {args.language}")
    if args.output is not None:
        path = Path(args.output)
        if archived:
            path = path.with_name(suggest(context.project().title, plan.order))
        given.append(option("output", str(path)))
    if args.no_archive:
        given.append("--no-archive")
    if args.although_unread:
        given.append("--although-unread")
    return f"{program()}{reason} {erasing(ref, given)}"


def _document(plan: ErasurePlan, outcome: ErasureOutcome | None) -> dict[str, Any]:
    """Return the object that ``--json`` writes."""
    from memos_admin.backend.subject_access.receipt import attempt_document, attempts_elsewhere

    service = None if outcome is None else outcome.service
    erased = None if outcome is None else outcome.erased
    bundle = None if outcome is None else outcome.bundle
    return {
        "request": plan.order.request,
        "erased_before": None
        if plan.before is None
        else {
            "at": utc(plan.before.at),
            "request": plan.before.request or None,
            "journal_entry": plan.before.entry,
            "memos_then": plan.before.service,
        },
        "earlier_attempts": [attempt_document(each) for each in plan.earlier],
        "attempts_elsewhere": attempts_elsewhere(plan),
        "runs_elsewhere": []
        if outcome is None
        else [{**run.document(), "receipt": run.file} for run in outcome.runs_elsewhere],
        "ended": None if outcome is None else outcome.ended,
        "complete": outcome is not None and outcome.is_complete,
        "service": subject_document(plan.service, service, all_known=plan.is_all_known),
        "here": forgetting.document(plan.here, erased),
        "archive": None
        if bundle is None
        else {"path": str(bundle.path), "sha256": bundle.sha256, "size": bundle.size},
        "journal": None if outcome is None else outcome.journal or None,
        "receipts": [] if outcome is None else [str(path) for path in outcome.receipts],
        "problem": None if outcome is None else outcome.problem or outcome.receipt_problem or None,
    }

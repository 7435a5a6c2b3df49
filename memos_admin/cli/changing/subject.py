"""A user or an agent is deleted in MemOS: ``users delete``, and what erasing for a request shares with it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memos_admin.backend.view_words import VIEWS
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
from memos_admin.cli.exits import Exit
from memos_admin.cli.progress import CHANGING, Progress, ReadingBack, asking
from memos_admin.cli.values import whole_export

if TYPE_CHECKING:
    from memos_admin.backend.changing.subject import SubjectOutcome
    from memos_admin.backend.changing.subject_planning import SubjectPlan
    from memos_admin.backend.changing.subject_reading import Check
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.workspace import Workspace


def add_deletion_options(parser: argparse.ArgumentParser) -> None:
    """Add what ``users delete`` takes beside the id."""
    export = parser.add_mutually_exclusive_group()
    export.add_argument(
        "--export",
        type=whole_export,
        metavar="FILE",
        help="write it there before, as .jsonl, which holds everything; by default in exports of MEMOS_ADMIN_HOME",
    )
    export.add_argument("--no-export", action="store_true", help="delete it without an export")
    add_although_unread(parser)
    add_change_options(parser)


def add_although_unread(parser: argparse.ArgumentParser) -> None:
    """Add the way to delete what nobody has seen whole."""
    parser.add_argument(
        "--although-unread",
        action="store_true",
        help="do it although not all of it can be read from MemOS: what is not read is lost",
    )


@contextmanager
def telling_how_unread() -> Iterator[None]:
    """Have the error of what cannot be read whole say how it is deleted all the same."""
    from memos_admin.backend.changing.subject import NotAllRead

    try:
        yield
    except NotAllRead as error:
        error.add_note(
            "Try again later. Where it must go although what was not read is lost: --although-unread"
        )
        raise


def delete_subject(context: Context, args: argparse.Namespace, ref: SubjectRef) -> Exit:
    """``users delete``."""
    from memos_admin.backend.changing import subject
    from memos_admin.backend.changing.subject_wording import (
        REACHED,
        subject_interrupted_lines,
        subject_outcome_lines,
        subject_plan_lines,
    )

    check_allowed(context, args)
    path = None if args.export is None else Path(args.export).expanduser()
    progress, reached = Progress(context.out), list[subject.Step]()

    async def look(workspace: Workspace) -> SubjectPlan:
        return await subject.plan(
            workspace,
            ref,
            export=not args.no_export,
            export_to=path,
            although_unread=args.although_unread,
            on_progress=progress,
        )

    async def note_step(step: subject.Step) -> None:
        reached.append(step)

    async def delete(workspace: Workspace) -> SubjectOutcome:
        with asking(context.out, await workspace.remote(), CHANGING):
            return await subject.delete(
                workspace,
                planned,
                on_progress=progress,
                on_step=note_step,
                on_asked=ReadingBack(context.out),
            )

    try:
        with telling_how_unread():
            planned = unchanged(lambda: context.run(look, online=True))
    finally:
        progress.clear()
    tell_lines(context, subject_plan_lines(planned, lambda view: VIEWS.get(view, view)))
    if args.dry_run:
        if args.json:
            context.out.document(subject_document(planned, None))
        context.out.note("Nothing was changed.")
        return Exit.DONE
    confirm(context, planned.word, args.confirm)
    try:
        outcome = context.run(delete, online=True)
    except KeyboardInterrupt:
        progress.clear()
        tell_lines(context, subject_interrupted_lines(planned, reached))
        raise interrupted(
            [ref],
            anything="withdrawn" not in reached and any(step in REACHED for step in reached),
            unknown="answered" not in reached,
        ) from None
    finally:
        progress.clear()
    tell_lines(context, subject_outcome_lines(outcome))
    if not outcome.is_settled:
        context.out.note(look_again([ref]))
    if args.json:
        context.out.document(subject_document(planned, outcome))
    return exit_code(outcome, done=outcome.is_done or outcome.is_absent)


def subject_document(
    plan: SubjectPlan, outcome: SubjectOutcome | None, *, all_known: bool = True
) -> dict[str, Any]:
    """Return the object that ``--json`` writes.

    `all_known`: all that was ever known of it here was asked for.
    """
    from memos_admin.backend.changing.subject_asking import most_requests
    from memos_admin.backend.changing.subject_reading import verdict_of

    read = None if outcome is None else outcome.read
    is_sure = outcome is not None and outcome.is_complete and all_known
    return {
        "kind": plan.ref.kind,
        "user_id": plan.ref.external_id,
        "memories": plan.memories,
        "archived_known": list(plan.archived),
        "gone_known": list(plan.gone),
        "views": dict(plan.views),
        "conversations": list(plan.conversations),
        "messages": plan.messages,
        "shared_memories": plan.shared,
        "read_back_requests": plan.requests,
        "read_back_requests_at_most": most_requests(plan),
        "unread": plan.unread or None,
        "export": None if plan.export is None else str(plan.export),
        "deleted": outcome is not None and outcome.is_done,
        "complete": is_sure,
        "carried_out": None if outcome is None else outcome.carried,
        "read_back": None
        if read is None
        else {
            "verdict": verdict_of(read.seen(all_known=all_known)),
            "shown": read.seen(all_known=all_known),
            "memories_listed": read.listing.count,
            "memories_known": _left(read.known),
            "conversations_served": _left(read.conversations),
            "memories_asked": read.memories.answered,
            "archived_asked": read.archived.answered,
            "gone_asked": read.gone.answered,
            "others_asked": read.others.answered,
            "memories_kept_for_others": _left(read.others),
            "conversations_asked": read.conversations.answered,
            "searches": read.searches.answered,
            "memories_found": read.searches.count,
            "problem": " ".join(read.problems) or None,
        },
        "problem": None if outcome is None else outcome.problem or None,
        "not_kept": None if outcome is None else outcome.not_kept or None,
    }


def _left(check: Check) -> list[str] | None:
    """Return the ids of what is left; None: there was no answer that could show it."""
    return list(check.left) if check.answered else None

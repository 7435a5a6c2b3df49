"""Changing what MemOS holds: shown before, confirmed by an id, told and verified afterwards."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from memos_admin.backend.view_words import VIEWS
from memos_admin.cli.arguments import add_json
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.progress import CHANGING, Progress, asking
from memos_admin.cli.values import memory_id, whole_export

if TYPE_CHECKING:
    from memos_admin.backend.changing.lines import Line
    from memos_admin.backend.changing.outcome import Outcome, StepOutcome
    from memos_admin.backend.changing.plan import Act, Edit, Plan, Step
    from memos_admin.backend.changing.said import Said
    from memos_admin.backend.changing.subject import SubjectOutcome
    from memos_admin.backend.changing.subject_planning import SubjectPlan
    from memos_admin.backend.changing.subject_reading import Check
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.workspace import Workspace

T = TypeVar("T")

INTERRUPTED = (
    "What was done is told above, and in the journal (memos-admin journal list). Whether what was "
    "just being sent was done is not known: look before you repeat it."
)


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


def add_subject_options(parser: argparse.ArgumentParser) -> None:
    """Add what ``users delete`` takes beside the id."""
    export = parser.add_mutually_exclusive_group()
    export.add_argument(
        "--export",
        type=whole_export,
        metavar="FILE",
        help="write it there before, as .jsonl, which holds everything; by default in this folder",
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


def add_change_options(parser: argparse.ArgumentParser) -> None:
    """Add what every change takes."""
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, and end")
    parser.add_argument(
        "--confirm",
        metavar="ID",
        help="the id, instead of typing it; of several memories what --dry-run tells, which confirms no others",
    )
    add_json(parser)


def edit_memory(context: Context, args: argparse.Namespace) -> Exit:
    """``memories edit``."""
    from memos_admin.backend.changing.plan import Edit

    content = sys.stdin.read().removesuffix("\n") if args.content == "-" else args.content
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
    tell(context, plan_lines(planned))
    if args.dry_run or not planned.steps:
        if args.json:
            context.out.document(_document(planned, None))
        to_do_it = f" To do it: --confirm {quote(planned.pinned)}" if planned.steps else ""
        context.out.note(f"Nothing was changed.{to_do_it}")
        return Exit.REFUSED if any(one.failed for one in planned.passed) else Exit.DONE
    confirm(context, planned.word, args.confirm, len(planned.steps), planned.pinned)
    outcome = _carry_out(context, planned)
    if args.json:
        context.out.document(_document(planned, outcome))
    return _code(outcome, done=outcome.done > 0)


def _carry_out(context: Context, planned: Plan) -> Outcome:
    from memos_admin.backend.changing.carrying import carry_out
    from memos_admin.backend.changing.wording import outcome_lines, step_outcome_lines

    def tell_step(step: StepOutcome) -> None:
        tell(context, step_outcome_lines(step))

    async def change(workspace: Workspace) -> Outcome:
        with asking(context.out, await workspace.remote(), CHANGING):
            return await carry_out(workspace, planned, on_step=tell_step)

    refs = [step.before.ref for step in planned.steps]
    outcome = uninterrupted(lambda: context.run(change, online=True), refs)
    tell(context, outcome_lines(outcome, steps=False))
    if (outcome.is_in_doubt or outcome.not_kept) and (again := look_again(refs)):
        context.out.note(again)
    return outcome


def look_again(refs: Iterable[SubjectRef | None]) -> str:
    """Return how to read at once what the service holds now; ``""``: nobody knows of whom."""
    known = dict.fromkeys(ref for ref in refs if ref is not None)
    if not known:
        return ""
    whom = " ".join(f"--{ref.kind} {quote(ref.external_id)}" for ref in known)
    return f"To read what MemOS holds now: memos-admin sync --full {whom}"


def delete_subject(context: Context, args: argparse.Namespace, ref: SubjectRef) -> Exit:
    """``users delete``."""
    from memos_admin.backend.changing import subject
    from memos_admin.backend.changing.subject_wording import (
        subject_outcome_lines,
        subject_plan_lines,
    )

    check_allowed(context, args)
    path = None if args.export is None else Path(args.export).expanduser()
    progress = Progress(context.out)

    async def look(workspace: Workspace) -> SubjectPlan:
        return await subject.plan(
            workspace,
            ref,
            export=not args.no_export,
            export_to=path,
            although_unread=args.although_unread,
            on_progress=progress,
        )

    async def delete(workspace: Workspace) -> SubjectOutcome:
        with asking(context.out, await workspace.remote(), CHANGING):
            return await subject.delete(workspace, planned, on_progress=progress)

    try:
        with telling_how_unread():
            planned = unchanged(lambda: context.run(look, online=True))
    finally:
        progress.clear()
    tell(context, subject_plan_lines(planned, lambda view: VIEWS.get(view, view)))
    if args.dry_run:
        if args.json:
            context.out.document(subject_document(planned, None))
        context.out.note("Nothing was changed.")
        return Exit.DONE
    confirm(context, planned.word, args.confirm)
    try:
        outcome = uninterrupted(lambda: context.run(delete, online=True), [ref])
    finally:
        progress.clear()
    tell(context, subject_outcome_lines(outcome))
    if outcome.is_in_doubt or outcome.not_kept:
        context.out.note(look_again([ref]))
    if args.json:
        context.out.document(subject_document(planned, outcome))
    return _code(outcome, done=outcome.is_done or outcome.is_absent)


def check_allowed(context: Context, args: argparse.Namespace) -> None:
    """Refuse before anything is asked, unless it is only looked at."""
    from memos_admin.backend.changing import permission

    if not args.dry_run:
        permission.check(context.workspace())


def unchanged(work: Callable[[], T]) -> T:
    """Return what a look before a change returns; interrupted, say that nothing was changed."""
    try:
        return work()
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Nothing was changed.") from None


def uninterrupted(work: Callable[[], T], refs: Iterable[SubjectRef | None] = ()) -> T:
    """Return what a change of `refs` returns; interrupted, say what is not known, and how to look."""
    try:
        return work()
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"{INTERRUPTED} {look_again(refs)}".rstrip()) from None


def confirm(
    context: Context, word: str, given: str | None, number: int = 1, pinned: str | None = None
) -> None:
    """Go on only if the id was given or is typed.

    Args:
        context: of the command.
        word: the id.
        given: what was given for it.
        number: of so many memories, all of which it confirms.
        pinned: what has to be given where it is not typed below what it confirms; None: the id.
    """
    pinned = word if pinned is None else pinned
    to_what = "" if number == 1 else f" with {number:,} memories"
    to_go_on = f"Nothing was changed. To go on{to_what}: --confirm {quote(pinned)}"
    if given is not None:
        if given == pinned:
            return
        if number > 1 and (given == word or given.startswith(f"{word} ")):
            raise Usage(f"That does not confirm these memories as they are now. {to_go_on}")
        raise Usage(f"That is not {pinned}. Nothing was changed.")
    if not context.person.is_there:
        raise Usage(to_go_on)
    if context.person.answer(f"Type {word} to go on{to_what}:") != word:
        raise Usage(f"That is not {word}. Nothing was changed.")


def _code(outcome: Outcome | SubjectOutcome, *, done: bool) -> Exit:
    if outcome.is_complete and not outcome.not_kept:
        return Exit.DONE
    if outcome.is_refused:
        return Exit.CREDENTIALS
    return Exit.PARTIAL if done or outcome.is_in_doubt else Exit.REFUSED


def tell(context: Context, lines: Iterable[Line]) -> None:
    """Tell lines of a plan or an outcome."""
    from memos_admin.backend.changing.lines import text_of

    for line in lines:
        context.out.note(text_of(line))


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


def subject_document(plan: SubjectPlan, outcome: SubjectOutcome | None) -> dict[str, Any]:
    """Return the object that ``--json`` writes."""
    read = None if outcome is None else outcome.read
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
        "unread": plan.unread or None,
        "export": None if plan.export is None else str(plan.export),
        "deleted": outcome is not None and outcome.is_done,
        "complete": outcome is not None and outcome.is_complete,
        "carried_out": None if outcome is None else outcome.carried,
        "read_back": None
        if read is None
        else {
            "verdict": read.verdict,
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

"""``store forget``: what will go and what stays, told before; what went and what is left, after."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from memos_admin.backend.command_words import erasing, option, program
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Failed
from memos_admin.cli.given_keys import refuse_unknown
from memos_admin.cli.lists import counted
from memos_admin.cli.progress import Waiting

if TYPE_CHECKING:
    from memos_admin.backend.erasing.plan import Backup, Erased, Held, Kept, Plan
    from memos_admin.backend.model import SubjectRef

OUT_OF_REACH = (
    "Out of reach, so not erased: what MemOS itself holds (a later sync of the id reads it again), "
    "exports, questions of the recall lab and copies in files elsewhere, snapshots of the file system, and blocks that an SSD has set "
    "aside. The journal keeps the id, and what operators searched for."
)


def forget(context: Context, args: argparse.Namespace) -> Exit:
    """``store forget``."""
    from memos_admin.backend import absent
    from memos_admin.backend.erasing import erased_before, forgetting
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.projects import elsewhere

    ref = SubjectRef("agent", args.agent) if args.user is None else SubjectRef("user", args.user)
    context.workspace().unlock()
    plan = forgetting.look(context.home, context.project(), ref)
    if plan.is_empty:
        refuse_unknown(ref.external_id)
        before = erased_before.of_nobody(context.home, context.project(), ref)
        nothing = absent.nothing(ref, before, said_elsewhere=plan.said_elsewhere)
        told = (nothing, *_not_looked_into(plan), *elsewhere.texts_of(plan.elsewhere, ref))
        raise Failed(" ".join(told))
    if args.dry_run and plan.lacking:  # else it is what ends the command
        context.out.note(plan.lacking)
    for line in _plan_lines(plan):
        context.out.note(line)
    if args.dry_run:
        if args.json:
            context.out.document(document(plan, None))
        context.out.note("Nothing was changed.")
        return Exit.DONE
    forgetting.check_room(context.project(), plan)  # before a person types an id for it
    question = f"This erases {ref.kind} {ref.external_id} here, not in MemOS."
    context.person.ask_name(ref.external_id, question, yes=args.yes)
    waiting = Waiting(context.out)
    try:
        erased = context.run(lambda workspace: forgetting.forget(workspace, ref, waiting))
    except KeyboardInterrupt:
        raise KeyboardInterrupt("What was not erased yet is when you repeat it.") from None
    if args.json:
        context.out.document(document(erased.plan, erased))
    for remaining in erased.remains:
        context.out.note(f"Not erased: {remaining}")
    others = tuple(other for other in erased.plan.elsewhere if not other.is_left)
    for text in elsewhere.texts_of(others, ref):
        context.out.note(text)
    if erased.remains:
        context.out.note(_left(erased))
        return Exit.PARTIAL
    finished = f": finished what entry {erased.plan.begun[-1]} began" if erased.plan.begun else ""
    context.out.note(f"Erased {ref.kind} {ref.external_id} here{finished}.")
    return Exit.DONE


def _not_looked_into(plan: Plan) -> Iterator[str]:
    """Yield which copies may hold something all the same."""
    if plan.not_looked_into:
        names = ", ".join(map(str, plan.not_looked_into))
        yield f"What could not be looked into, and may hold something of it: {names}."


def _left(erased: Erased) -> str:
    """Return what helps where something remains."""
    from memos_admin.backend.projects import elsewhere

    who = f"{erased.plan.ref.kind} {erased.plan.ref.external_id}"
    others = elsewhere.names_of(erased.elsewhere)
    if erased.repeating_helps or erased.kept:
        told = [f"Erased {who} in part."]
        if erased.elsewhere:
            told.append(
                f"In another project here, {others}, it has to be erased there, as said above."
            )
        if erased.kept:
            told.append(
                "In a store whose place a backup has taken it stays until that is deleted, as said above, however "
                "often this is repeated."
            )
        if erased.repeating_helps:
            is_all = len(told) == 1
            told.append(
                f"Repeat {'it' if is_all else 'this'} for what {'' if is_all else 'else '}is left."
            )
        return " ".join(told)
    return (
        f"Erased {who} in this project, not in another one here, {others}: to repeat this does not help, what "
        "is said above does, unless it is to stay there."
    )


def _plan_lines(plan: Plan) -> Iterator[str]:
    """Yield what will go, and what stays and why."""
    from memos_admin.backend.erasing import begun_here
    from memos_admin.backend.projects import elsewhere

    who = f"{plan.ref.kind} {plan.ref.external_id}"
    if plan.held is not None and plan.held.anything:
        yield f"Of {who} the store holds {_amount(plan.held)}."
    else:
        yield f"The store holds nothing of {who}."
    if plan.held is not None and plan.held.unswept:
        yield "Its files are to be rewritten since an earlier removal; that will be done too."
    if plan.begun:
        yield f"{begun_here.text_of(plan.begun)} This finishes it."
    yield from _unfinished(plan)
    if plan.screen:
        yield "The screen was left there; that will be forgotten."
    for backup in plan.backups:
        yield f"Backup {backup.path}: {_backup_words(backup)}"
    if plan.old_copies:
        names = ", ".join(path.name for path in plan.old_copies)
        yield f"To be deleted whole, since their form is an older one and the store has all of it: {names}."
    if plan.leftovers:
        names = ", ".join(path.name for path in plan.leftovers)
        yield f"To be deleted, left behind by a program that was killed: {names}."
    for kept in plan.replaced:
        yield f"{kept.path.name}, a store whose place a backup has taken: {_kept_words(kept)}"
    if plan.held is not None:
        yield from _stays(plan.held, who)
    if plan.filters:
        yield (
            f"What stays: {counted(len(plan.filters), 'saved filter')} ({', '.join(plan.filters)}). What is "
            f"looked for in them may be words of this person: {program()} filters list shows it."
        )
    yield from elsewhere.texts_of(plan.elsewhere, plan.ref)
    yield OUT_OF_REACH


def _unfinished(plan: Plan) -> Iterator[str]:
    """Yield which erasure has no end, and what this takes away from it."""
    from memos_admin.backend.erasing import unfinished_erasures

    for attempt in plan.attempts[-1:]:
        yield unfinished_erasures.text_of(attempt)
        if attempt.sent and not (attempt.verified or attempt.erased_here):
            yield (
                "The ids of memories and conversations by which MemOS is asked whether it has let go of them go "
                "with the copy here: an erasure after this cannot verify that any more. Run it to its end first: "
                f"{program()} {erasing(plan.ref, [option('request', attempt.request)])}"
            )


def _amount(held: Held) -> str:
    """Return the counts of what goes, those that are not 0."""
    counts = [
        counted(held.conversations, "conversation"),
        _with(counted(held.messages, "message"), held.message_versions),
        _with(counted(held.memories, "memory"), held.memory_versions),
    ]
    if held.verdicts:
        counts.append(counted(held.verdicts, "verdict"))
    if held.runs:
        counts.append(f"its id in {counted(held.runs, 'sync')}")
    return ", ".join(counts)


def _with(what: str, versions: int) -> str:
    return f"{what} ({counted(versions, 'earlier version')})" if versions else what


def _backup_words(backup: Backup) -> str:
    if backup.problem:
        return f"will not be erased there. {backup.problem}"
    if backup.held is not None and backup.held.anything:
        return f"{_amount(backup.held)}; will be erased there too."
    if backup.held is not None and backup.held.unswept:
        return "will be rewritten, to end an earlier erasure."
    return "holds nothing of it."


def _kept_words(kept: Kept) -> str:
    if kept.held is None:
        return f"to be left, and may hold something of it. {kept.problem} {_only_deleting(kept)}"
    if kept.held.anything:
        return f"to be left, with {_amount(kept.held)}. {_only_deleting(kept)}"
    if kept.held.unswept:
        return (
            "to be left; parts of what was removed from it may still stand in its free space. "
            f"{_only_deleting(kept)}"
        )
    return "holds nothing of it."


def _only_deleting(kept: Kept) -> str:
    from memos_admin.backend.erasing.in_kept_stores import deleting

    return f"Only deleting it helps, once nothing in it is missed: {deleting(kept.path)}"


def _stays(held: Held, who: str) -> Iterator[str]:
    if held.shared_memories:
        yield (
            f"What stays: {counted(held.shared_memories, 'memory')} that MemOS lists for others too "
            f"({_names(held.shared_with)}), with what was read of them since then, and perhaps with "
            "this id in their raw JSON. To erase them, erase those others as well."
        )
    if held.said_elsewhere:
        yield (
            f"What stays: {counted(held.said_elsewhere, 'message')} that {who} said in group chats, in "
            f"the conversations of others who took part ({_names(held.said_with)}). To erase them, "
            f"remove those conversations ({program()} conversations remove), or erase the others."
        )
    if held.perhaps_said_elsewhere:
        yield (
            f"What stays: {counted(held.perhaps_said_elsewhere, 'message')} in conversations of others with this "
            "name and no id: whose words they are is not known."
        )


def _names(refs: Sequence[SubjectRef]) -> str:
    from memos_admin.backend.erasing.plan import NAMES

    named = ", ".join(f"{ref.kind} {ref.external_id}" for ref in refs)
    return f"{named}, …" if len(refs) == NAMES else named


def document(plan: Plan, erased: Erased | None) -> dict[str, Any]:
    """Return the object that ``--json`` writes."""
    return {
        "kind": plan.ref.kind,
        "user_id": plan.ref.external_id,
        "erased": erased is not None,
        "complete": erased is not None and not erased.remains,
        "store": None if plan.held is None else _counts(plan.held),
        "backups": [
            {
                "path": str(backup.path),
                "holds": None if backup.held is None else _counts(backup.held),
                "erased": erased is not None and backup.path in erased.backups,
                "problem": backup.problem or None,
            }
            for backup in plan.backups
        ],
        "replaced": [
            {
                "path": str(kept.path),
                "holds": None if kept.held is None else _counts(kept.held),
                "problem": kept.problem or None,
            }
            for kept in plan.replaced
        ],
        "elsewhere": [
            {
                "project": other.title,
                "base_url": other.base_url,
                "store": str(other.store),
                "likeness": other.likeness,
                "holds": None if other.held is None else _counts(other.held),
                "problem": other.problem or None,
            }
            for other in plan.elsewhere
        ],
        "unfinished_erasures": [attempt.request for attempt in plan.attempts],
        "begun_in_entries": [*plan.begun],
        "saved_filters": [*plan.filters],
        "deleted": [] if erased is None else [str(path) for path in erased.deleted],
        "remains": [] if erased is None else erased.remains,
        "id_kept": erased is not None and erased.keeps_id,
        "out_of_reach": OUT_OF_REACH,
    }


def _counts(held: Held) -> dict[str, Any]:
    """Return the counts, with the others as JSON has them."""
    values = asdict(held)
    for name in ("shared_with", "said_with"):
        values[name] = [
            {"kind": ref.kind, "user_id": ref.external_id} for ref in getattr(held, name)
        ]
    return values

"""Read what the service remembers into the local store.

A user never listed is listed whole; after that only what changed is asked for, and the messages of
conversations whose memories changed or that were opened. Ctrl+C stops at once: what was read stays,
and the next sync goes on from there.
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from memos_admin.backend.command_words import program
from memos_admin.cli.arguments import WHOM, add_json
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.lists import counted
from memos_admin.cli.output import Output
from memos_admin.cli.progress import Progress, asking
from memos_admin.cli.users import tell_erased
from memos_admin.cli.values import identity

if TYPE_CHECKING:
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.sync import SyncReport, SyncScope
    from memos_admin.backend.workspace import Workspace

_NAMED = 10
"""How many ids are told one by one."""

_DOUBTED = 5
"""How many ids are named that may be mistyped."""

FASTEST = 50.0
"""Requests a second that the service recommends at most, for the whole account."""

NOTES = """\
The rate limit is your account's, shared with your production: 10 requests a
second unless told."""


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the options; this noun has no verbs."""
    whom = parser.add_argument_group(WHOM)
    several: dict[str, Any] = {"nargs": "+", "action": "extend", "type": identity, "default": []}
    whom.add_argument("--user", **several, metavar="ID", help="users, by id (default: everybody)")
    whom.add_argument("--agent", **several, metavar="ID", help="agents, by id")
    whom.add_argument(
        "--conversation", type=identity, metavar="ID", help="messages of this conversation only"
    )
    parser.add_argument("--full", action="store_true", help="list everything again")
    parser.add_argument(
        "--rate", type=_rate, metavar="N", help="requests a second (default 10, at most 50)"
    )
    add_json(parser)
    parser.set_defaults(run=sync, seals=True)


def sync(context: Context, args: argparse.Namespace) -> Exit:
    """``sync``."""
    from memos_admin.backend.errors import RateLimited
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.sync import SyncReport, SyncScope

    subjects = [SubjectRef("user", name) for name in args.user]
    subjects += [SubjectRef("agent", name) for name in args.agent]
    if args.conversation is not None and len(subjects) != 1:
        raise Usage("--conversation needs exactly one --user ID or --agent ID.")
    scope = SyncScope(tuple(subjects), conversation_id=args.conversation, full=args.full)
    progress = Progress(context.out)
    added: list[SubjectRef] = []
    try:
        report = context.run(
            lambda workspace: _sync(context.out, workspace, scope, progress, added),
            online=True,
            rate=args.rate,
        )
    except KeyboardInterrupt:
        _tell_added(context.out, added)
        raise KeyboardInterrupt(progress.kept()) from None
    finally:
        progress.clear()
    if report is None:
        report = SyncReport(0, 0, 0, 0, 0, 0, 0, 0, 0, (), complete=True)
        if args.json:
            context.out.document(as_json(report))
        context.out.note(f"Nobody to read. Add somebody: {program()} users add ID")
        return Exit.DONE
    if args.json:
        context.out.document(as_json(report))
    tell(context, report)
    _tell_added(context.out, added)
    tell_erased(context, subjects[:_NAMED])
    if any(isinstance(failure.cause, RateLimited) for failure in report.failed):
        context.out.note("The rate was limited: --rate reads more slowly.")
    tell_doubts(context, scope, report)
    return code_of(report)


async def _sync(
    out: Output,
    workspace: Workspace,
    scope: SyncScope,
    progress: Progress,
    added: list[SubjectRef],
) -> SyncReport | None:
    """Return what a sync did; None where there is nobody whom it could read.

    Whom it has added to the roster comes into `added`, whatever ended it.

    Then the service is asked all the same whether it accepts the key: a mistyped one makes a project
    of its own, which is as empty.
    """
    from memos_admin.backend.errors import HomeError, StoreError
    from memos_admin.backend.projects.connection import try_connection
    from memos_admin.backend.sync import sync as run_sync

    known = workspace.is_begun
    new = [ref for ref in scope.subjects if not known or workspace.reads.subject(ref) is None]
    if not scope.subjects and not (known and workspace.reads.subject_pks()):
        with asking(out, await workspace.remote()):
            await try_connection(workspace)
        return None
    try:
        return await run_sync(workspace, scope, on_progress=progress)
    finally:
        with suppress(StoreError, HomeError):  # what ended the sync is told instead
            reads = workspace.reads if new and workspace.is_begun else None
            added += [ref for ref in new if reads is not None and reads.subject(ref) is not None]


def _tell_added(out: Output, added: list[SubjectRef]) -> None:
    """Tell whom a sync has added to the roster."""
    for ref in added[:_NAMED]:
        out.note(f"{ref.external_id} was not on the roster; it was added.")
    if len(added) > _NAMED:
        out.note(f"{len(added):,} were not on the roster and were added.")


def as_json(report: SyncReport) -> dict[str, Any]:
    """Return the object that ``--json`` writes."""
    return {
        "asked": report.asked,
        "subjects": report.subjects,
        "requests": report.requests,
        "added": report.added,
        "changed": report.changed,
        "vanished": report.vanished if report.listed_whole else None,
        "missed_once": report.unconfirmed if report.listed_whole else None,
        "listed_in_part": report.listed_in_part,
        "listed_whole": report.listed_whole,
        "returned": report.returned,
        "messages": report.messages,
        "messages_changed": report.messages_changed,
        "gaps": report.gaps,
        "conversations_kept": report.kept,
        "failed": [
            {
                "kind": failure.ref.kind,
                "user_id": failure.ref.external_id,
                "part": failure.part,
                "conversation_id": failure.conversation_id,
                "error": failure.error,
            }
            for failure in report.failed
        ],
        "not_begun": [{"kind": ref.kind, "user_id": ref.external_id} for ref in report.not_begun],
        "finishes": list(report.finishes),
        "complete": report.complete,
    }


def tell(context: Context, report: SyncReport) -> None:
    """Tell a person what a sync did and what it could not."""
    from memos_admin.backend import clock
    from memos_admin.backend.sync.wording import how_far

    out = context.out
    looked = report.listed_whole > 0
    edited = f"{report.messages_changed:,} changed, " if report.messages_changed else ""
    vanished = f"{report.vanished:,} vanished" if looked else "vanished ones not looked for"
    out.note(
        f"{_read(report)}, {counted(report.requests, 'request')}: "
        f"{report.added:,} memories new, {report.changed:,} changed, {vanished}, "
        f"{report.returned:,} returned; {counted(report.messages, 'new message')}, "
        f"{edited}{counted(report.gaps, 'gap')}."
    )
    if report.unconfirmed:
        are, they = ("is", "it is") if report.unconfirmed == 1 else ("are", "they are")
        out.note(
            f"{counted(report.unconfirmed, 'memory')} more {are} in doubt: the listing lacks what an "
            f"earlier one had, and MemOS does not say that {they} gone. The next --full tells."
        )
    if report.kept:
        out.note(
            f"Of {counted(report.kept, 'conversation')} MemOS returned none of the messages that are here; "
            "they are kept."
        )
    if report.listed_in_part:
        out.note(
            f"Of {counted(report.listed_in_part, 'user or agent')} only what changed was listed: what is "
            "gone from MemOS is found by --full."
        )
    for failure in report.failed[:20]:
        where = f", conversation {failure.conversation_id}" if failure.conversation_id else ""
        out.note(
            f"  {failure.ref.kind} {failure.ref.external_id}{where}: {failure.part}: {failure.error}"
        )
    if len(report.failed) > 20:
        out.note(f"  … and {len(report.failed) - 20:,} more; --json lists all.")
    if report.skipped:
        by = "another sync, which is under way, has just read them."
        if not report.beside:
            by = "an interrupted sync had read them within the last hour."
        out.note(f"{report.skipped:,} skipped: {by}")
    if report.stopped:
        out.note(f"memos-admin: stopped: {report.stopped} {how_far(report)} What was read stays.")
    elif report.failed:
        out.note(f"{how_far(report)} Run it again to try once more.")
    if report.finishes:
        numbers = ", ".join(f"{number:,}" for number in report.finishes)
        out.note(
            f"{counted(len(report.finishes), 'change')} in MemOS begun and without an end in the journal "
            f"(entry {numbers}): what MemOS has since was read."
        )
    if apart := clock.apart(report.clock_ahead):
        out.note(
            f"{apart} Set it: when something was found, and when a reading ended, is told by this one."
        )


def _read(report: SyncReport) -> str:
    """Return how many were read, and of how many where that is not all."""
    if report.subjects == report.asked:
        return counted(report.subjects, "user or agent")
    return f"{report.subjects:,} of {counted(report.asked, 'user or agent')} read"


def tell_doubts(context: Context, scope: SyncScope, report: SyncReport) -> None:
    """Tell which of the ids that were asked for MemOS seems not to know."""
    if report.unheard_of:
        context.out.note(
            f"MemOS returned no messages for conversation {scope.conversation_id} of "
            f"{scope.subjects[0].external_id}, and no memory names it: is the id right?"
        )
    doubted = report.nothing_of
    if len(doubted) == 1:
        context.out.note(f"MemOS lists no memories for {doubted[0].external_id}: is the id right?")
    elif doubted:
        named = doubted if context.options.verbose else doubted[:_DOUBTED]
        more = ", …" if len(named) < len(doubted) else "."
        context.out.note(
            f"MemOS lists nothing for {len(doubted):,} of {report.asked + report.skipped:,}: "
            f"{', '.join(ref.external_id for ref in named)}{more} Are the ids right?"
        )
    if doubted:
        context.out.note(f"To take an id off the roster: {program()} users remove ID")


def code_of(report: SyncReport) -> Exit:
    """Return how a sync ended: a refused key is 3, anything read beside a failure is 4.

    Read counts whether or not it changed anything here.
    """
    if report.refused:
        return Exit.CREDENTIALS
    if report.complete and not report.failed and not report.stopped:
        return Exit.DONE
    return Exit.PARTIAL if report.answers else Exit.REFUSED


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= FASTEST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no rate; give requests a second, more than 0 and at most {FASTEST:g}"
        )
    return rate

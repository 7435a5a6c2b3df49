"""Answer a person who asks what is stored about them.

An export is one archive: a document that the person can read (HTML and Markdown), tables, everything as
JSON lines, and a manifest with checksums. Messages (what was said) and memories (what MemOS derived)
are kept apart in it, and it says what it cannot contain.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from memos_admin.backend.subject_access import LANGUAGES
from memos_admin.cli import sync as cli_sync
from memos_admin.cli.arguments import OUTPUT, add_json, add_kind, commands, identity
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Failed, Usage
from memos_admin.cli.export import add_mask, privacy_of
from memos_admin.cli.lists import counted
from memos_admin.cli.progress import Progress
from memos_admin.cli.users import find_named

if TYPE_CHECKING:
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.subject_access.bundle import BundleReport, Order
    from memos_admin.backend.sync import SyncReport

_UNSIGNED = (
    "That says that nothing was damaged or changed by mistake. Whoever can change a file can change "
    "the manifest too: compare the SHA-256 with the one in the journal."
)


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)
    export = verbs.add_parser("export", help="write all that is stored of one, as one zip")
    export.add_argument("id", type=identity, metavar="ID", help="whose")
    add_kind(export)
    export.add_argument(
        "--request",
        type=ticket,
        required=True,
        metavar="TICKET",
        help="which request it answers; in the document, the manifest and the journal",
    )
    export.add_argument(
        "--sync", action="store_true", help="read it whole from MemOS first, so that it is fresh"
    )
    output = export.add_argument_group(OUTPUT)
    output.add_argument(
        "--output",
        metavar="FILE",
        help="the zip; an existing one is replaced; by default a new one in this folder",
    )
    output.add_argument(
        "--language",
        choices=tuple(LANGUAGES),
        default="en",
        help="of the document for the person (default en)",
    )
    add_mask(output)
    add_json(export)
    export.set_defaults(run=export_subject, needs_data=True, seals=True)

    verify = verbs.add_parser("verify", help="say whether the files of such a zip are as it says")
    verify.add_argument("file", metavar="FILE", help="the zip; nothing of it is unpacked")
    add_json(verify)
    verify.set_defaults(run=verify_bundle)


def ticket(text: str) -> str:
    """Return the name of a request, which is something that can be seen on one line."""
    text = text.strip()
    if not text or not text.isprintable():
        raise argparse.ArgumentTypeError("a ticket is a word or a few on one line")
    return text


def export_subject(context: Context, args: argparse.Namespace) -> Exit:
    """``subject export``."""
    from memos_admin.backend import occasion
    from memos_admin.backend.subject_access.bundle import Order

    occasion.change(ticket=args.request)
    ref = _whom(context, args)
    order = Order(ref, args.request, args.language, privacy_of(context, args))
    path = target(context, order, args.output)
    read = _read(context, ref) if args.sync else None
    report = write(context, order, path)
    if args.json:
        context.out.document(_document(report))
    tell(context, report, synced=args.sync)
    if read is None or read.complete:
        return Exit.DONE
    return Exit.CREDENTIALS if read.refused else Exit.PARTIAL


def _whom(context: Context, args: argparse.Namespace) -> SubjectRef:
    """Return whom the command means; with ``--sync`` it need not be known yet."""
    from memos_admin.backend.id_list import subject_named

    if not args.sync:
        return find_named(context, args).ref
    try:
        return find_named(context, args).ref
    except Failed:
        return subject_named(args.id, "agent" if args.agent else "user")


def target(context: Context, order: Order, given: str | None) -> Path:
    """Return the file of an archive: what was given, or a new one here."""
    from memos_admin.backend.subject_access.naming import suggest

    if given is None:
        return Path.cwd() / suggest(context.project().title, order)
    path = Path(given).expanduser()
    if given == "-" or path.is_dir():
        raise Usage(f"{given} is no file. Name one: --output FILE.zip")
    return path


def _read(context: Context, ref: SubjectRef) -> SyncReport:
    from memos_admin.backend.sync import SyncScope, sync

    progress = Progress(context.out)
    scope = SyncScope((ref,), full=True)
    try:
        report = context.run(
            lambda workspace: sync(workspace, scope, on_progress=progress), online=True
        )
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Nothing was exported.") from None
    finally:
        progress.clear()
    cli_sync.tell(context, report)
    cli_sync.tell_doubts(context, scope, report)
    return report


def write(context: Context, order: Order, path: Path) -> BundleReport:
    """Write an archive, and tell how far that is where somebody looks on."""
    from memos_admin.backend.subject_access.bundle import export

    def tell_progress(done: int, total: int) -> None:
        if context.out.notes_on_terminal:
            context.out.rewrite(f"{done * 100 // max(1, total)} % written")

    try:
        return export(context.workspace(), order, path, tell_progress)
    finally:
        context.out.rewrite("")


def tell(context: Context, report: BundleReport, *, synced: bool) -> None:
    """Tell what was written, how old it is, what is missing, and what to look at before it is sent."""
    out, counts = context.out, report.counts
    out.note(
        f"Wrote {counted(counts.messages, 'message')} and {counted(counts.memories, 'memory')} to "
        f"{report.path}."
    )
    fresh = report.freshness
    out.note(fresh.said() + ("" if fresh.is_fresh or synced else " --sync reads it first."))
    if counts.by_others:
        said = counted(counts.by_others, "message")
        out.note(f"{said} of other people are in it: see whether you may hand them over.")
    if report.masked is not None:
        out.note(
            f"It is masked: {counted(report.masked, 'part')} of what it says. It does not hold all."
        )
    if report.guarded:
        out.note(
            f"{counted(report.guarded, 'cell')} of CSV began like a formula and got a leading '."
        )
    if report.cut:
        out.note(
            f"{counted(report.cut, 'cell')} of the workbook were cut: one holds 32,767 characters."
        )
    for line in report.incomplete:
        out.note(line)
    out.note("In it, your-data.html is for the person. Read it before you send it.")
    out.note(f"SHA-256 {report.sha256}, also in the journal.")
    out.note(f"To check it later: memos-admin subject verify {quote(str(report.path))}")
    out.note(report.journal)


def verify_bundle(context: Context, args: argparse.Namespace) -> Exit:
    """``subject verify``."""
    from memos_admin.backend.subject_access.verifying import NotABundle, verify

    try:
        found = verify(Path(args.file).expanduser())
    except NotABundle as error:
        raise Failed(f"{args.file}: {error}") from None
    if args.json:
        context.out.document(
            {
                "path": str(found.path),
                "whole": found.is_whole,
                "sha256": found.sha256,
                "files": found.files,
                "problems": list(found.problems),
                "manifest": found.manifest,
            }
        )
    for problem in found.problems:
        context.out.note(problem)
    context.out.note(f"SHA-256 {found.sha256}.")
    if not found.is_whole:
        context.out.note(f"{args.file} is not what it was when it was made.")
        return Exit.REFUSED
    context.out.note(f"{counted(found.files, 'file')} are as the manifest says. {_UNSIGNED}")
    return Exit.DONE


def _document(report: BundleReport) -> dict[str, Any]:
    """Return the object that ``--json`` writes."""
    from memos_admin.cli.lists import utc

    return {
        "path": str(report.path),
        "size": report.size,
        "sha256": report.sha256,
        "counts": asdict(report.counts),
        "guarded_cells": report.guarded,
        "cut_cells": report.cut,
        "masked_parts": report.masked,
        "listed_whole_at": utc(report.freshness.listed_at),
        "fresh": report.freshness.is_fresh,
        "incomplete": list(report.incomplete),
        "journal": report.journal,
    }

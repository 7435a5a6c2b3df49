"""Answer a person who asks what is stored about them, or that it be erased.

An export is one archive: a document that the person can read (HTML and Markdown), tables, everything as
JSON lines, and a manifest with checksums. Messages (what was said) and memories (what MemOS derived)
are kept apart in it, and it says what it cannot contain.

An erasure writes that archive first, deletes everything in MemOS, reads it back, erases the person here,
and leaves a receipt. It only tells what it would do, unless --carry-out is given.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memos_admin.backend.subject_access import DEFAULT_LANGUAGE, LANGUAGES
from memos_admin.cli import sync as cli_sync
from memos_admin.cli.arguments import OUTPUT, add_json, add_kind
from memos_admin.cli.changing.confirming import tell_lines
from memos_admin.cli.changing.subject import add_although_unread
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Failed, Usage
from memos_admin.cli.export import add_mask, privacy_of
from memos_admin.cli.lists import counted
from memos_admin.cli.parser import commands
from memos_admin.cli.progress import Progress
from memos_admin.cli.subject import erasing
from memos_admin.cli.users import find_named
from memos_admin.cli.values import identity, new_file

if TYPE_CHECKING:
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.subject_access.bundle import BundleReport, Order
    from memos_admin.backend.sync import SyncReport


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)
    export = verbs.add_parser("export", help="write all that is stored of one, as one zip")
    _add_whose(export)
    export.add_argument(
        "--sync",
        action=argparse.BooleanOptionalAction,
        help="read it whole from MemOS first; by default where that was not done within the last hour",
    )
    _add_output(
        export,
        "the zip; by default a new one in exports of MEMOS_ADMIN_HOME, named after the id, the ticket and the time",
    )
    export.add_argument_group(OUTPUT).add_argument(
        "--replace",
        action="store_true",
        help="an existing file of --output, which else is left alone",
    )
    add_mask(export.add_argument_group(OUTPUT))
    add_json(export)
    export.set_defaults(run=export_subject, needs_data=True, seals=True)

    erase = verbs.add_parser(
        "erase", help="tell how one is erased in MemOS and here, and with --carry-out do it"
    )
    _add_whose(erase)
    does = erase.add_mutually_exclusive_group()
    does.add_argument(
        "--dry-run", action="store_true", help="tell what would be done, and end: the default"
    )
    does.add_argument(
        "--carry-out", action="store_true", help="do it; the id is asked for, or --confirm has it"
    )
    erase.add_argument("--confirm", metavar="ID", help="the id, instead of typing it")
    erase.add_argument(
        "--no-archive", action="store_true", help="erase it without the archive of export"
    )
    add_although_unread(erase)
    _add_output(
        erase,
        "the archive before; by default a new one in exports of MEMOS_ADMIN_HOME; receipts go beside",
    )
    add_json(erase)
    erase.set_defaults(run=erasing.erase, needs_data=True, seals=True)

    verify = verbs.add_parser(
        "verify", help="say whether such a zip is as its manifest and the journal here say"
    )
    verify.add_argument("file", metavar="FILE", help="the zip; nothing of it is unpacked")
    add_json(verify)
    verify.set_defaults(run=verify_bundle)


def _add_whose(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=identity, metavar="ID", help="whose")
    add_kind(parser)
    parser.add_argument(
        "--request",
        type=ticket,
        required=True,
        metavar="TICKET",
        help="which request it answers; in what is written, and in the journal",
    )


def _add_output(parser: argparse.ArgumentParser, what: str) -> None:
    output = parser.add_argument_group(OUTPUT)
    output.add_argument("--output", type=new_file, metavar="FILE", help=what)
    output.add_argument(
        "--language",
        choices=tuple(LANGUAGES),
        default=DEFAULT_LANGUAGE,
        help=f"of the documents for the person (default {DEFAULT_LANGUAGE})",
    )


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
    path = target(context, order, args.output, replace=args.replace)
    replaces = path.exists()
    read = _read(context, ref) if _reads_first(context, ref, args.sync) else None
    report = write(context, order, path)
    if args.json:
        context.out.document(_document(report))
    tell(context, report, synced=read is not None)
    if replaces:
        context.out.note("The file that was there was replaced.")
    if read is not None and read.refused:
        return Exit.CREDENTIALS
    if report.counts.doubted:
        context.out.note(
            "Whether all memories in the archive are still in use is not confirmed. MemOS may tell when it is read again."
        )
        return Exit.PARTIAL
    if read is None and not report.freshness.is_fresh:
        context.out.note("MemOS was not asked, so the archive may lack what it has.")
        return Exit.PARTIAL
    if report.half_erased:
        context.out.note("The archive may lack what MemOS deleted before it was read here.")
        return Exit.PARTIAL
    return Exit.DONE if read is None or read.complete else Exit.PARTIAL


def _reads_first(context: Context, ref: SubjectRef, asked: bool | None) -> bool:
    """Return whether MemOS is read before: where that was asked for, or what is stored is not fresh."""
    from memos_admin.backend.subject_access.freshness import freshness

    if asked is not None:
        return asked
    reads = context.workspace().reads
    subject = reads.subject(ref)
    if subject is None:
        return True
    found = freshness(reads, subject)
    if not found.is_fresh:
        context.out.note(f"{found.said()} So it is read from MemOS first; --no-sync does not.")
    return not found.is_fresh


def _whom(context: Context, args: argparse.Namespace) -> SubjectRef:
    """Return whom the command means; with ``--sync`` it need not be known yet."""
    from memos_admin.backend.ids.from_list import subject_named

    if not args.sync:
        return find_named(context, args).ref
    try:
        return find_named(context, args).ref
    except Failed:
        return subject_named(args.id, "agent" if args.agent else "user")


def target(context: Context, order: Order, given: str | None, *, replace: bool) -> Path:
    """Return the file of an archive: what was given, or a new one in the folder of exports.

    Raises:
        Usage: what was given is no name of an archive.
        Failed: there is a file, which is not to be replaced.
        HomeError: the folder of exports cannot be made.
    """
    from memos_admin.backend.private_files import refuse_unwritten
    from memos_admin.backend.subject_access.naming import suggest

    if given is None:
        path = context.home.unnamed_dir() / suggest(context.project().title, order)
        refuse_unwritten(path, "Name a file elsewhere: --output FILE.zip")
        return path
    path = path_given(given)
    if path.exists() and not replace:
        raise Failed(
            f"{path} exists, and was left alone: it may be what somebody was sent. Name another file, or "
            "add --replace."
        )
    return path


def path_given(given: str) -> Path:
    """Return the file that ``--output`` names."""
    path = Path(given).expanduser()
    if given == "-" or path.is_dir():
        raise Usage(f"{given} is no file. Name one: --output FILE.zip")
    if path.suffix.lower() != ".zip":
        raise Usage(f"{given}: the archive is a zip, and is named as one: --output FILE.zip")
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
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Nothing was exported.") from None
    finally:
        context.out.rewrite("")


def tell(context: Context, report: BundleReport, *, synced: bool) -> None:
    """Tell what was written, how old it is, what is missing, and what to look at before it is sent."""
    from memos_admin.backend.subject_access.bundle_wording import report_lines

    tell_lines(context, report_lines(report))
    if not synced and not report.freshness.is_fresh:
        context.out.note("With --sync it is read from MemOS first.")


def verify_bundle(context: Context, args: argparse.Namespace) -> Exit:
    """``subject verify``."""
    from memos_admin.backend.errors import StoreError
    from memos_admin.backend.subject_access.attesting import Attested, attest
    from memos_admin.backend.subject_access.verifying import NotABundle, verify

    try:
        found = verify(Path(args.file).expanduser())
    except NotABundle as error:
        raise Failed(f"{args.file}: {error}") from None
    try:
        attested = attest(context.home, found)
    except StoreError as error:  # what the file itself says is told all the same
        said = f"The operator journal here could not be asked: {error}"
        attested = Attested("unknown", None, said)
    entry = attested.entry
    if args.json:
        context.out.document(
            {
                "path": str(found.path),
                "whole": found.is_whole,
                "sha256": found.sha256,
                "files": found.files,
                "problems": list(found.problems),
                "journal": {
                    "verdict": attested.verdict,
                    "entry": None if entry is None else entry.seq,
                    "sha256": None if entry is None else entry.details.get("sha256"),
                    "said": attested.said,
                },
                "manifest": found.manifest,
            }
        )
    for problem in found.problems:
        context.out.note(problem)
    context.out.note(f"SHA-256 {found.sha256}.")
    if found.is_whole:
        context.out.note(f"{counted(found.files, 'file')} are as the manifest says.")
    context.out.note(attested.said)
    if not found.is_whole or attested.verdict == "disagrees":
        context.out.note(f"{args.file} is not what it was when it was made.")
        return Exit.REFUSED
    if attested.verdict == "unknown":
        context.out.note(
            "So nothing was damaged or changed by mistake. Whoever can change a file can change the "
            "manifest too, and that could not be checked."
        )
        return Exit.PARTIAL
    context.out.note("Whether the journal itself was changed: memos-admin journal verify")
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

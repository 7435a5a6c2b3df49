"""Write messages or memories to a file, with what is known to be missing told beside it.

CSV is made for spreadsheets: cells that a spreadsheet would take for a formula get a leading '.
JSON lines (jsonl) lose nothing: one object a line with its type. A workbook (xlsx) has the columns
of the CSV, every cell as text. Masked (--mask), all of them say what a masked screen says.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from memos_admin.cli.arguments import (
    OUTPUT,
    WHOM,
    add_kind,
    add_memory_filters,
    add_subject_options,
)
from memos_admin.cli.context import Context
from memos_admin.cli.conversations import find_conversation
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.formats import add_output, as_format, choose_format
from memos_admin.cli.lists import counted
from memos_admin.cli.long_reads import long_read, percent
from memos_admin.cli.memory_filters import filter_of
from memos_admin.cli.parser import commands
from memos_admin.cli.users import find, find_named
from memos_admin.cli.values import identity

if TYPE_CHECKING:
    from memos_admin.backend.export.exporting import ExportReport
    from memos_admin.backend.export.scope import Scope
    from memos_admin.backend.privacy import Privacy

FORMATS = ("csv", "jsonl", "xlsx")


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)

    conversation = verbs.add_parser("conversation", help="the messages of one conversation")
    add_subject_options(conversation, required=True)
    conversation.add_argument_group(WHOM).add_argument(
        "--conversation", type=identity, required=True, metavar="ID", help="which of theirs"
    )
    add_file_options(conversation)
    conversation.set_defaults(run=export_conversation, needs_data=True, seals=True)

    user = verbs.add_parser("user", help="all conversations of a user or agent")
    user.add_argument("id", type=identity, metavar="ID", help="whose")
    add_kind(user)
    add_file_options(user)
    user.set_defaults(run=export_user, needs_data=True, seals=True)

    messages = verbs.add_parser("messages", help="all conversations of everyone")
    add_file_options(messages)
    messages.set_defaults(run=export_messages, needs_data=True, seals=True)

    memories = verbs.add_parser("memories", help="memories, all or filtered")
    add_memory_filters(memories)
    add_file_options(memories)
    memories.set_defaults(run=export_memories, needs_data=True, seals=True)


def export_conversation(context: Context, args: argparse.Namespace) -> Exit:
    """``export conversation``."""
    from memos_admin.backend.export.scope import ConversationScope

    check(context, args)
    found = find_conversation(context, args, args.conversation)
    return write(context, args, ConversationScope(found.ref, found.conversation_id), "message")


def export_user(context: Context, args: argparse.Namespace) -> Exit:
    """``export user``."""
    from memos_admin.backend.export.scope import SubjectScope

    check(context, args)
    subject = find_named(context, args)
    return write(context, args, SubjectScope(subject.ref), "message")


def export_messages(context: Context, args: argparse.Namespace) -> Exit:
    """``export messages``."""
    from memos_admin.backend.export.scope import MessagesScope

    check(context, args)
    return write(context, args, MessagesScope(), "message")


def export_memories(context: Context, args: argparse.Namespace) -> Exit:
    """``export memories``."""
    from memos_admin.backend.export.scope import MemoriesScope

    check(context, args)
    wanted = filter_of(args)
    if wanted.subject is not None:
        find(context, wanted.subject)
    return write(context, args, MemoriesScope(wanted), "memory")


def check(context: Context, args: argparse.Namespace) -> None:
    """Choose the format, and refuse what does not go with it."""
    choose_format(args, FORMATS)
    if args.format != "csv" and (args.excel or args.raw):
        raise Usage(f"--excel and --raw are for CSV; leave them out with --format {args.format}.")
    if args.format == "xlsx" and args.output == "-" and context.out.on_terminal:
        raise Usage("A workbook is not for a terminal. Name a file: --output FILE.xlsx")


def write(context: Context, args: argparse.Namespace, scope: Scope, one: str) -> Exit:
    """Write what a scope holds, and tell what was written; `one` is what a row is."""
    from memos_admin.backend.export.exporting import export

    output = args.output
    if output != "-":
        output = Path(output).expanduser()
        if output.is_dir():
            raise Usage(f"{output} is a folder. Name a file in it.")
    replaces = output != "-" and output.exists()
    share = 0.0

    def tell(done: int, of: int) -> None:
        nonlocal share
        share = done / max(1, of)

    # The rows themselves stand where else it would be told how many there are.
    tells = context.out.notes_on_terminal and not (output == "-" and context.out.on_terminal)
    with long_read(context, lambda: f"exporting, {percent(share)}", tells=tells):
        report = export(
            context.workspace(),
            scope,
            format=args.format,
            output=output,
            excel=args.excel,
            raw=args.raw,
            privacy=privacy_of(context, args),
            on_progress=tell if tells else None,
        )
    code = _tell(context, args, report, one)
    if replaces:
        context.out.note("The file that was there was replaced.")
    return code


def privacy_of(context: Context, args: argparse.Namespace) -> Privacy:
    """Return what is to be masked; the configuration says whether users have other names too."""
    from memos_admin.backend import config
    from memos_admin.backend.privacy import Privacy, privacy

    if not (args.mask or args.pseudonyms or context.options.mask):
        return Privacy()
    names = args.pseudonyms or privacy(config.read(context.home)).pseudonyms
    return Privacy(True, names)


def _tell(context: Context, args: argparse.Namespace, report: ExportReport, one: str) -> Exit:
    """Tell what was written, what was changed in it, and what is known to be missing."""
    out = context.out
    where = "standard output" if report.path is None else str(report.path)
    beside = f" and {counted(report.memories, 'memory')}" if report.memories else ""
    out.note(f"Wrote {counted(report.rows, one)}{beside} to {where}{as_format(args)}.")
    if report.masked is not None:
        out.note(f"It is masked: {counted(report.masked, 'part')} of what it says.")
    if report.guarded:
        cells = counted(report.guarded, "cell")
        out.note(
            f"{cells} began like a formula, or a part did, and got a ' there (--raw leaves them)."
        )
    if report.cut:
        cells = counted(report.cut, "cell")
        was = "was" if report.cut == 1 else "were"
        out.note(
            f"{cells} {was} cut: a workbook's hold 32,767 characters (csv and jsonl hold all)."
        )
    if args.raw:
        out.note(
            "Warning: --raw leaves cells that a spreadsheet runs as formulas. Do not open the file "
            "in one."
        )
    for line in report.incomplete:
        out.note(line)
    out.note(report.journal)
    if report.no_manifest:
        out.note(f"Its manifest could not be written: {report.no_manifest}. The file is whole.")
        return Exit.PARTIAL
    if report.manifest is not None:
        out.note(f"What it is, and how complete: {report.manifest}")
    else:
        out.note("There is no manifest beside this; with --output FILE there is one.")
    return Exit.DONE


def add_file_options(parser: argparse.ArgumentParser) -> None:
    """Add what says how and where to, for `check` and `write`."""
    output = parser.add_argument_group(OUTPUT)
    add_output(output, FORMATS)
    output.add_argument(
        "--excel", action="store_true", help="begin the CSV with a byte order mark, for Excel"
    )
    output.add_argument(
        "--raw", action="store_true", help="leave cells that a spreadsheet takes for formulas"
    )
    add_mask(output)


def add_mask(output: argparse._ArgumentGroup) -> None:
    """Add ``--mask`` and ``--pseudonyms``; `privacy_of` reads them."""
    output.add_argument(
        "--mask", action="store_true", help="mask addresses, phones, numbers and secrets in it"
    )
    output.add_argument(
        "--pseudonyms", action="store_true", help="as --mask, and give users other names in it"
    )

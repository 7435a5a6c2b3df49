"""``journal export``: all entries as a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Failed, Usage
from memos_admin.cli.formats import as_format, choose_format
from memos_admin.cli.journal.telling import tell_sealed
from memos_admin.cli.lists import counted

FORMATS = ("csv", "jsonl")


def export_journal(context: Context, args: argparse.Namespace) -> Exit:
    """``journal export``."""
    from memos_admin.backend import journal
    from memos_admin.backend.export.journaling import named
    from memos_admin.backend.journal.reading import write

    choose_format(args, FORMATS)
    if context.options.mask:
        raise Usage("The journal is exported as it is, to be verified: leave --mask out.")
    output = args.output
    if output != "-":
        output = Path(output).expanduser()
        if output.is_dir():
            raise Usage(f"{output} is a folder. Name a file in it.")
    replaces = output != "-" and output.exists()
    home = context.home
    if not home.journal_path.exists():
        raise Failed(f"There is no journal {home.journal_path} yet.")
    details = {"format": args.format}
    event = journal.Event("journal.export", file=named(output), details=details)
    with journal.journaled(home, event, "Nothing was exported") as counts:
        done = write(home, format=args.format, output=output)
        counts["entries"] = done.entries
    out = context.out
    where = "standard output" if output == "-" else str(output)
    out.note(f"Wrote {counted(done.entries, 'entry')} to {where}{as_format(args)}.")
    if done.guarded:
        out.note(
            f"{counted(done.guarded, 'cell')} began like a formula, or a part did, and got a ' there."
        )
    out.note(f"The last is entry {done.head.seq}, hash {done.head.hash}.")
    tell_sealed(context, done.head)
    if replaces:
        out.note("The file that was there was replaced.")
    return Exit.DONE

"""Which format a file is written in: what a person says, else what the ending of its name says."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import PurePath

from memos_admin.cli.exits import Usage
from memos_admin.cli.values import new_file

_ENDINGS = ("csv", "jsonl", "xlsx")
"""Those of names that are taken at their word."""


def add_output(parser: argparse._ActionsContainer, formats: Sequence[str]) -> None:
    """Add ``--format`` and ``--output``."""
    parser.add_argument(
        "--format",
        choices=formats,
        help="of the file (default: by the ending of its name, else csv)",
    )
    parser.add_argument(
        "--output",
        type=new_file,
        default="-",
        metavar="FILE",
        help="an existing one is replaced; - is stdout",
    )


def choose_format(args: argparse.Namespace, formats: Sequence[str]) -> None:
    """Put the format of ``--output`` into `args`, and whether anything said it.

    Raises:
        Usage: the name says another format than is asked for, or one that there is not.
    """
    ending = PurePath(args.output).suffix[1:].lower()
    args.format_said = args.format is not None or args.output == "-" or ending in _ENDINGS
    if args.output == "-" or ending not in _ENDINGS:
        args.format = args.format or "csv"
        return
    if ending not in formats:
        raise Usage(f"{args.output}: this is written as {' or '.join(formats)}, not as {ending}.")
    if args.format not in (None, ending):
        raise Usage(
            f"--format {args.format} and the name {args.output} contradict each other. Leave "
            f"--format out for {ending}, or let the name end in .{args.format}"
        )
    args.format = ending


def as_format(args: argparse.Namespace) -> str:
    """Return what to add to the name of a written file whose format nothing said, else ``""``."""
    return "" if args.format_said else " as CSV, since its name says no format"

"""Who looked at, searched, exported, added or removed what, when and why.

The journal is appended to by commands and by the interface. Each entry is chained to the one before
and, where there is a keyring, sealed: one that is changed, missing or cut off is found. It holds no
text of a message or a memory.
"""

from __future__ import annotations

import argparse
import re

from memos_admin.cli.arguments import (
    FILTERS,
    OUTPUT,
    add_json,
    add_list_options,
    add_subject_options,
)
from memos_admin.cli.formats import add_output
from memos_admin.cli.journal.exporting import FORMATS, export_journal
from memos_admin.cli.journal.listing import list_entries
from memos_admin.cli.journal.verifying import verify_journal
from memos_admin.cli.parser import commands
from memos_admin.cli.values import instant


def _hash(typed: str) -> str:
    """Return the hash of an entry, or its beginning, as it was noted."""
    found = typed.strip().lower()
    if not re.fullmatch("[0-9a-f]{8,64}", found):
        raise argparse.ArgumentTypeError(
            f"{typed!r} is no hash of an entry, which has 64 digits and letters from a to f; its first "
            "eight will do"
        )
    return found


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    from memos_admin.backend.journal import ACTIONS

    verbs = commands(parser)

    listed = verbs.add_parser("list", help="list entries, the latest first")
    add_subject_options(listed, required=False, group=FILTERS)
    filters = listed.add_argument_group(FILTERS)
    filters.add_argument(
        "--action", choices=ACTIONS, metavar="A", help=f"one of {', '.join(ACTIONS)}"
    )
    filters.add_argument("--ticket", metavar="ID", help="done for this ticket")
    filters.add_argument("--operator", metavar="NAME", help="done by this operator")
    filters.add_argument(
        "--since", type=instant, metavar="T", help="since: 2025-09-17, an ISO time, 7d, 24h"
    )
    filters.add_argument(
        "--until", type=instant, metavar="T", help="before: as --since, which is included"
    )
    filters.add_argument(
        "--only-named",
        action="store_true",
        help="with --user: leave out entries that name no user, such as an export of everybody",
    )
    filters.add_argument(
        "--unfinished",
        action="store_true",
        help="what was begun and has no end: it is under way, or was killed",
    )
    add_list_options(listed)
    listed.set_defaults(run=list_entries)

    verify = verbs.add_parser(
        "verify", help="check that no entry was changed or is missing; 1 where one is"
    )
    verify.add_argument(
        "--hash",
        metavar="HASH",
        type=_hash,
        help="that was noted before, as exports tell it",
    )
    which = verify.add_mutually_exclusive_group()
    which.add_argument(
        "--file", metavar="FILE", help="a journal that was moved away (default: the present one)"
    )
    which.add_argument(
        "--previous",
        metavar="FILE",
        help="one that was in this folder before: where it is whole, it is missed no more",
    )
    add_json(verify)
    verify.set_defaults(run=verify_journal)

    export = verbs.add_parser("export", help="write all entries to a file, the first one first")
    output = export.add_argument_group(OUTPUT)
    add_output(output, FORMATS)
    export.set_defaults(run=export_journal, seals=True)

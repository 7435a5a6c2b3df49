"""Filters that are saved under a name, for one project: docs/filters.md tells their language.

They stand in config.toml, and name neither users nor conversations. Commands take them by --saved NAME.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from memos_admin.backend.command_words import program
from memos_admin.cli.arguments import add_list_options
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.lists import tell_cut
from memos_admin.cli.parser import commands
from memos_admin.cli.table import text
from memos_admin.cli.values import filter_expression

if TYPE_CHECKING:
    from memos_admin.backend.filter_language import Language
    from memos_admin.backend.model import Filter

FIELDS = ("name", "filter", "problem")
COLUMNS = (text("name", "Name", least=12), text("filter", "Filter", least=20))
BROKEN = text("problem", "Broken", least=20)


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)

    listed = verbs.add_parser("list", help="list the saved filters of the project")
    add_list_options(listed)
    listed.set_defaults(run=list_filters)

    show = verbs.add_parser("show", help="write one as --filter takes it")
    show.add_argument("name", metavar="NAME", help="of a saved filter")
    show.set_defaults(run=show_filter)

    save = verbs.add_parser("save", help="save a filter under a name")
    save.add_argument("name", metavar="NAME", help="letters, digits, spaces and . , _ - + &")
    save.add_argument(
        "expression",
        type=_checked,
        metavar="EXPR",
        help="such as 'tag:travel inferred:yes'",
    )
    save.add_argument("--replace", action="store_true", help="one of this name, if there is one")
    save.set_defaults(run=save_filter)

    rename = verbs.add_parser("rename", help="give one another name")
    rename.add_argument("name", metavar="NAME", help="of a saved filter")
    rename.add_argument("new_name", metavar="NEW", help="another name")
    rename.set_defaults(run=rename_filter)

    remove = verbs.add_parser("remove", help="remove one; it is written, to be saved again")
    remove.add_argument("name", metavar="NAME", help="of a saved filter")
    remove.set_defaults(run=remove_filter)


def _checked(text: str) -> str:
    """Return a text that is a filter of memories or verdicts; where it is none, the error points there."""
    filter_expression(text, "saved")
    return text


def list_filters(context: Context, args: argparse.Namespace) -> Exit:
    """``filters list``."""
    from memos_admin.backend.saved_filters import SavedFilters

    found = SavedFilters(context.home, context.project()).list()
    rows = [
        {"name": one.name, "filter": one.typed, "problem": one.problem or None}
        for one in found[: args.limit or None]
    ]
    columns = (*COLUMNS, BROKEN) if any(row["problem"] for row in rows) else COLUMNS
    context.out.rows(rows, fields=FIELDS, columns=columns, as_json=args.json)
    if not found:
        context.out.note(f"No filter is saved. {program()} filters save NAME EXPR")
    tell_cut(context.out, args.limit, len(found), "saved filters")
    return Exit.DONE


def show_filter(context: Context, args: argparse.Namespace) -> Exit:
    """``filters show``."""
    from memos_admin.backend.saved_filters import SavedFilters

    context.out.line(SavedFilters(context.home, context.project()).get(args.name).typed)
    return Exit.DONE


def save_filter(context: Context, args: argparse.Namespace) -> Exit:
    """``filters save``."""
    from memos_admin.backend.saved_filters import SavedFilters

    filters = SavedFilters(context.home, context.project())
    saved = filters.save(args.name, args.expression, replace=args.replace)
    context.out.note(f"Saved the filter {saved.name} for the project {context.project().title}.")
    return Exit.DONE


def rename_filter(context: Context, args: argparse.Namespace) -> Exit:
    """``filters rename``."""
    from memos_admin.backend.saved_filters import SavedFilters

    renamed = SavedFilters(context.home, context.project()).rename(args.name, args.new_name)
    context.out.note(f"The filter is called {renamed.name} now.")
    return Exit.DONE


def remove_filter(context: Context, args: argparse.Namespace) -> Exit:
    """``filters remove``."""
    from memos_admin.backend.saved_filters import SavedFilters

    removed = SavedFilters(context.home, context.project()).remove(args.name)
    context.out.note(f"Removed the filter {removed.name}: {removed.typed}")
    return Exit.DONE


def take_saved(context: Context, args: argparse.Namespace) -> None:
    """Put the filter that ``--saved`` names into ``--filter``, where it stands, and by what it was said.

    Raises:
        Usage: both contradict each other, or what is saved is no filter here.
        ProjectError: there is no such filter.
    """
    from datetime import UTC

    from memos_admin.backend.filter_language import FilterError, parse, parse_verdicts
    from memos_admin.backend.saved_filters import BadFilter, SavedFilters
    from memos_admin.cli.memory_filters import joined
    from memos_admin.cli.values import pointed, refused_by

    found = SavedFilters(context.home, context.project()).get(args.saved)
    language: Language[Filter] = parse_verdicts if args.filter_target == "verdicts" else parse
    barred = refused_by(args.filter_target) | args.filter_refused(args)
    by = f"--saved {found.name!r}"
    try:
        saved, left_out = found.applied(language, UTC, barred)
    except BadFilter as error:
        cause = error.__cause__
        why = pointed(found.typed, cause) if isinstance(cause, FilterError) else str(error)
        raise Usage(f"{by}: {why}") from None
    if left_out:
        context.out.note(left_out)
    if args.filter is None:
        args.filter, args.filter_by, args.filter_typed = saved, "--saved", {by: found.typed}
        return
    args.filter = joined(saved, args.filter, args.filter_typed, by)
    args.filter_by = "--saved or --filter"
    args.filter_typed = {by: found.typed, **args.filter_typed}

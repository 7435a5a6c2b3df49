"""Ask the store in SQL, over views that are documented and stay as they are (docs/sql.md).

Nothing can be written: the file is opened to be read, and a statement may only select from the views.
Ctrl+C ends one that takes too long.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from memos_admin.cli.arguments import OUTPUT, add_list_options
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.lists import counted
from memos_admin.cli.long_reads import LongRead, long_read
from memos_admin.cli.table import Column

if TYPE_CHECKING:
    from memos_admin.backend.sql import Selected

VIEW_FIELDS = ("view", "column", "says")
VIEW_COLUMNS = (
    Column("View", lambda row: row["view"]),
    Column("Column", lambda row: row["column"]),
    Column("Says", lambda row: row["says"], least=20),
)


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the options; this noun has no verbs."""
    parser.add_argument(
        "statement", metavar="SELECT", nargs="?", help="one statement; without it: the views"
    )
    add_list_options(parser)
    output = parser.add_argument_group(OUTPUT)
    output.add_argument("--csv", action="store_true", help="write CSV, without formulas")
    output.add_argument(
        "--definitions",
        action="store_true",
        help="write the statements that make the views, for a copy of the store",
    )
    parser.set_defaults(run=run_sql, needs_data=True)


def run_sql(context: Context, args: argparse.Namespace) -> Exit:
    """``sql``."""
    from memos_admin.backend.sql import SqlRefused, definitions, opened, shape

    if args.csv and args.json:
        raise Usage("Either --csv or --json.")
    if args.definitions:
        for statement in definitions(temporary=False):
            context.out.line(" ".join(statement.split()) + ";")
        return Exit.DONE
    if args.statement is None:
        return _list_views(context, args)
    try:
        with (
            long_read(context, "running the statement") as read,
            opened(context.workspace(), read.is_over) as access,
        ):
            found = access.select(args.statement)
            said = {"views": list(found.views), "statement": shape(args.statement)}
            context.record("view", details={"what": "sql", **said})
            count, more = _write(context, args, found, read)
    except SqlRefused as error:
        raise Usage(str(error)) from None
    if more:
        context.out.note(f"The first {count:,}; there are more. --limit 0 lists all.")
    return Exit.DONE


def _write(
    context: Context, args: argparse.Namespace, found: Selected, read: LongRead
) -> tuple[int, bool]:
    """Write the rows; return how many, and whether there are more."""
    rows = read.each(found)
    some = islice(rows, args.limit or None)
    named = (dict(zip(found.columns, map(_value, row), strict=True)) for row in some)
    if args.csv:
        count = _write_csv(context, found, named)
    else:
        columns = [Column(name, _cell(name), least=8) for name in found.columns]
        count = context.out.rows(named, fields=found.columns, columns=columns, as_json=args.json)
    return count, bool(args.limit) and count == args.limit and next(rows, None) is not None


def _write_csv(context: Context, found: Selected, rows: Iterator[Mapping[str, Any]]) -> int:
    from memos_admin.backend.export.csv_format import CsvFormat

    form, count = CsvFormat(found.columns), 0
    mask = context.out.mask
    context.out.write(form.line(found.columns))
    for row in rows:
        shown = row if mask is None else mask.value("", row)
        context.out.write(form.line(list(shown.values())))
        count += 1
    if form.guarded:
        context.out.note(
            f"{counted(form.guarded, 'cell')} got a ' so that no cell, and no part of one, is a formula."
        )
    return count


def _cell(name: str) -> Any:
    return lambda row: "" if row[name] is None else str(row[name])


def _value(value: Any) -> Any:
    """Return a value of SQLite's as JSON has it: bytes in hexadecimal digits."""
    return value.hex() if isinstance(value, bytes) else value


def _list_views(context: Context, args: argparse.Namespace) -> Exit:
    from memos_admin.backend.sql import VERSION, VIEWS

    rows = (
        {"view": name, "column": column, "says": says}
        for name, view in VIEWS.items()
        for column, says in view.columns.items()
    )
    if args.csv:
        raise Usage("--csv is for the answer of a statement; --json lists the views.")
    context.out.rows(rows, fields=VIEW_FIELDS, columns=VIEW_COLUMNS, as_json=args.json)
    context.out.note(f"Version {VERSION} of the views.")
    return Exit.DONE

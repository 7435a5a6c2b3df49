"""Day by day, in UTC: how many memories were listed, and what was found to have changed.

A day on which nothing was read says nothing of MemOS: what changed then was found later. The numbers
of everybody count a memory listed for two users twice. With --filter they are of the memories that it
names as they are now, whatever they said then.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from memos_admin.backend.command_words import program
from memos_admin.cli.arguments import FILTERS, add_filter, add_list_options, add_subject_options
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit
from memos_admin.cli.memory_filters import whose
from memos_admin.cli.output import Output
from memos_admin.cli.table import Column, bounded, number
from memos_admin.cli.users import find
from memos_admin.cli.values import instant, past_instant

if TYPE_CHECKING:
    from memos_admin.backend.history.timeline import Day

COUNTS = ("listed", "added", "changed", "status", "vanished", "returned")
FIELDS = ("day", "readings", "listed", "bound", *COUNTS[1:])

_LONGEST_BAR = 40
_BESIDE = 62
"""Cells that the other columns take."""


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the options; this noun has no verbs."""
    add_subject_options(parser, required=False, group=FILTERS)
    add_filter(parser, "timeline")
    filters = parser.add_argument_group(FILTERS)
    filters.add_argument(
        "--since",
        type=past_instant,
        metavar="T",
        help="from this day on: 2025-09-17, an ISO time, 30d",
    )
    filters.add_argument("--until", type=instant, metavar="T", help="before this day: as --since")
    add_list_options(parser)
    parser.set_defaults(run=show_timeline, needs_data=True)


def show_timeline(context: Context, args: argparse.Namespace) -> Exit:
    """``timeline``."""
    from memos_admin.backend.history.timeline import days
    from memos_admin.backend.journal import narrowed
    from memos_admin.backend.times import now_ms

    out, within = context.out, args.filter
    ref = whose(args)
    if ref is not None:
        find(context, ref)
    details = None if within is None else narrowed(within)["details"]
    context.viewed("timeline", subject=ref, details=details)
    found = days(context.workspace().reads, ref, now_ms(), UTC, within=within)
    if within is not None and found and not any(one.added for one in found):
        out.note("No memory here passes the filter.")
    elif within is not None:
        out.note("Of memories that the filter names as they are now.")
    since, until = _day(args.since), _day(args.until)
    fitting = [
        one
        for one in found
        if (since is None or f"{one.day}" >= since) and (until is None or f"{one.day}" < until)
    ]
    shown = fitting[-args.limit :] if args.limit else fitting
    drawn = out.on_terminal and not args.json
    rows = _drawn(shown, out.width) if drawn else map(_row, shown)
    out.rows(rows, fields=FIELDS, columns=COLUMNS, as_json=args.json)
    if not found:
        out.note(f"Nothing was read yet. {program()} sync reads.")
    elif len(shown) < len(fitting):
        out.note(f"The latest {len(shown):,} of {len(fitting):,} days; --limit 0 lists all.")
    if drawn and found:
        out.note("Days of UTC. What changed on a day that was not read was found on a later one.")
    if shown and not args.json:
        _tell_bounds(out, shown, of_one=ref is not None)
    return Exit.DONE


def _tell_bounds(out: Output, shown: Sequence[Day], *, of_one: bool) -> None:
    """Say which of the days have lower bounds, and where a reading broke off."""
    if any(one.bound in {"most", "about"} for one in shown):
        out.note(
            "At most (≤), or about (~) where not all was listed: some were in doubt by then, since MemOS did not list them "
            "any more and did not say that they are gone."
        )
    if any(one.bound == "least" for one in shown):
        whose = "not listed whole" if of_one else "somebody on the roster was not listed whole"
        out.note(f"Lower bounds (+): {whose} by then. memos-admin sync lists all.")
    if broken := [f"{one.day}" for one in shown if one.broke_off]:
        out.note(
            f"A reading that broke off found the memories of {broken[-1]}"
            f"{f' and {len(broken) - 1:,} earlier days' if len(broken) > 1 else ''}: "
            "it does not count as one."
        )


def _day(moment: int | None) -> str | None:
    return None if moment is None else f"{datetime.fromtimestamp(moment / 1000, UTC).date()}"


def _row(one: Day) -> dict[str, Any]:
    facts = {"day": f"{one.day}", "readings": one.readings, "bound": one.bound}
    return facts | {name: getattr(one, name) for name in COUNTS}


def _drawn(shown: Sequence[Day], width: int) -> Iterator[dict[str, Any]]:
    """Yield rows for a terminal: with a bar, and days without a reading in one."""
    from memos_admin.backend.history.timeline import bar, folded, scale

    most, cells = scale(shown), max(8, min(_LONGEST_BAR, width - _BESIDE))
    for one in folded(shown):
        row = _row(one)
        if not one.readings and not any(row[name] for name in COUNTS[1:]):
            row |= {"bar": "not read" if one.days == 1 else f"{one.days} days, not read"}
        else:
            row |= {"bar": bar(one.listed, most, cells)}
        yield row


def _sign(name: str, title: str, sign: str) -> Column:
    """Return a column of a number that is left empty where nothing happened."""
    return Column(title, lambda row: f"{sign}{row[name]:,}" if row[name] else "", right=True)


COLUMNS = (
    Column("Day", lambda row: str(row["day"])),
    number("readings", "Read"),
    bounded("listed", "Listed"),
    Column("", lambda row: str(row["bar"]), least=8),
    _sign("added", "Added", "+"),
    _sign("changed", "Changed", "~"),
    _sign("status", "Status", "~"),
    _sign("vanished", "Gone", "-"),
    _sign("returned", "Back", "+"),
)

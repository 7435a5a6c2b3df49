"""The numbers of a project: users, conversations, memories, how old they are, changes, verdicts, problems.

Each says what it is about and since when. "≥": MemOS may have more than was read here. "?": not known.
Users, conversations, problems and days are those of the project, or of --user; the filter narrows memories,
tags and verdicts. A memory listed for two users counts twice.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from memos_admin.cli.arguments import add_json, add_memory_filters
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit
from memos_admin.cli.memory_filters import filter_of, tell_completeness
from memos_admin.cli.table import Column
from memos_admin.cli.users import find

if TYPE_CHECKING:
    from memos_admin.backend.model import Filter, Reads
    from memos_admin.backend.overview import Section

FIELDS = (
    "section",
    "item",
    "count",
    "bound",
    "by",
    "correct_share",
    "correct_from",
    "correct_to",
    "scope",
    "since",
    "until",
)

_MOST_NAMED = 400
"""Cells of a name that are written at most."""

_LONGEST_NAME = 30
"""Cells of a name in one line, where a third of the width is not more."""
_LONGEST_BAR = 30
_SHORTEST_BAR = 6
_NUMBER = 14
"""Cells of the numbers, of millions too, and between the columns."""

_SIGNS = {"exact": "", "least": "≥", "most": "≤", "about": "~"}


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the options; this noun has no verbs."""
    add_memory_filters(parser, "overview", of_now=True, ordered=False)
    add_json(parser)
    parser.set_defaults(run=show_overview, needs_data=True)


def show_overview(context: Context, args: argparse.Namespace) -> Exit:
    """``overview``."""
    from memos_admin.backend.journal import narrowed

    wanted, out = filter_of(args), context.out
    if wanted.subject is not None:
        find(context, wanted.subject)
    about = narrowed(wanted)
    details = about.pop("details")
    context.viewed("overview", details=details, **about)
    reads = context.workspace().reads
    sections = _counted(context, reads, wanted)
    drawn = out.on_terminal and not args.json
    rows = _drawn(sections, out.width) if drawn else _rows(sections)
    out.rows(rows, fields=FIELDS, columns=COLUMNS, as_json=args.json)
    if drawn:
        out.note("≥: at least; MemOS may have more. ?: not known. Days are those of UTC.")
        out.note("A memory listed for two users counts twice.")
    tell_completeness(context, reads, wanted)
    return Exit.DONE


def _counted(context: Context, reads: Reads, wanted: Filter) -> list[Section]:
    """Return the sections, each with all of its numbers; how far it is stands on stderr."""
    from memos_admin.backend.overview import SECTIONS, overview
    from memos_admin.backend.times import now_ms

    out, found = context.out, dict[str, Any]()
    try:
        for step in overview(reads, wanted, now_ms(), UTC):
            found |= {section.name: section for section in step.sections}
            if out.notes_on_terminal and step.done < step.of and step.of > 1:
                out.rewrite(f"counting · {100 * step.done // step.of} % of the memories")
    finally:
        out.rewrite("")
    return [found[name] for name in SECTIONS if name in found]


def _rows(sections: Sequence[Section]) -> Iterator[dict[str, Any]]:
    from memos_admin.backend.times import utc_text

    for section in sections:
        scope = section.scope
        for row in section.rows:
            low, high = row.interval or (None, None)
            yield {
                "section": section.name,
                "item": row.item,
                "count": row.count,
                "bound": row.bound,
                "by": dict(row.by),
                "correct_share": row.share,
                "correct_from": low,
                "correct_to": high,
                "scope": scope.of,
                "since": None if scope.since is None else utc_text(scope.since),
                "until": None if scope.until is None else utc_text(scope.until),
            }


def _drawn(sections: Sequence[Section], width: int) -> Iterator[dict[str, Any]]:
    """Yield rows for a terminal: a line for each section, then its numbers with bars.

    Neither names, unless they are very long, nor what is told beside them is cut: bars are shorter for
    it, and both go on below. JSON has all of a name.
    """
    from rich.cells import cell_len

    from memos_admin.backend.display import both_ends
    from memos_admin.backend.history.timeline import bar
    from memos_admin.backend.wrapping import wrap

    rows = [row for section in sections for row in (_heading(section), *_named(section))]
    names = [both_ends(row["name"], _MOST_NAMED) for row in rows]
    named = min(max(map(cell_len, names)), max(_LONGEST_NAME, width // 3))
    room = width - named - _NUMBER
    told = max(cell_len(row["told"]) for row in rows)
    cells = max(_SHORTEST_BAR, min(_LONGEST_BAR, room - told))
    for row, name in zip(rows, names, strict=True):
        drawn = "" if row["most"] is None else bar(row["count"] or 0, row["most"], cells)
        text = row["told"]
        lines = zip_longest(
            _lines_of(name, named),
            (text[start:end] for start, end in wrap(text, room - cells)),
            fillvalue="",
        )
        for number, (of_name, of_told) in enumerate(lines):
            below = {"count": None, "bound": "exact", "bar": ""}
            beside = {"bar": drawn} if not number else below
            yield row | beside | {"name": of_name, "told": of_told}


def _lines_of(name: str, cells: int) -> Iterator[str]:
    """Yield a name in lines at most so wide, those below the first set in."""
    from rich.cells import cell_len

    from memos_admin.backend.wrapping import wrap

    if cell_len(name) <= cells:
        yield name
        return
    for number, (start, end) in enumerate(wrap(name, cells - 2)):
        yield f"{'  ' if number else ''}{name[start:end]}"


def _named(section: Section) -> Iterator[dict[str, Any]]:
    """Yield the numbers of a section with their names, what is told beside them, and the longest bar."""
    from memos_admin.backend.overview.words import ITEMS, UNITS
    from memos_admin.backend.view_words import VIEWS

    names = {"detail_factual": "fact", **{name: word.lower() for name, word in VIEWS.items()}}
    words = ITEMS[section.name]
    if section.name in {"views", "verdicts"}:
        words = names | words
    rows, others = list(_rows([section])), UNITS.get(section.name, frozenset())
    most = max((row["count"] or 0 for row in rows if row["item"] not in others), default=0)
    for row in rows:
        named = {"name": f"· {words.get(row['item'], row['item'])}", "told": _told(row, names)}
        yield row | named | {"most": None if row["item"] in others else most}


def _heading(section: Section) -> dict[str, Any]:
    from memos_admin.backend.overview.words import TITLES
    from memos_admin.backend.times import utc_text

    scope = section.scope
    since, until = ("" if ms is None else utc_text(ms)[:10] for ms in (scope.since, scope.until))
    until = f" to {until}" if until else " on"
    told = f"{scope.of}, {since}{until}" if section.rows and since else scope.of
    total = section.total
    count, bound = (None, "exact") if total is None else (total.count, total.bound)
    name = TITLES[section.name]
    return {"name": name, "count": count, "bound": bound, "most": None, "told": told}


def _told(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    from memos_admin.backend.overview.words import LOOKED_AT_BY

    if row["item"] in LOOKED_AT_BY and row["bound"] == "unknown":
        return f"to know: {LOOKED_AT_BY[row['item']]}"
    if row["bound"] == "unknown":
        return "nothing was read"
    by = ", ".join(
        f"{names.get(name, name) or 'none'} {number:,}" for name, number in row["by"].items()
    )
    if row["correct_share"] is None:
        return by
    low, high = row["correct_from"], row["correct_to"]
    return f"{row['correct_share']:.0%} correct ({low:.0%} to {high:.0%}); {by}"


def _number(row: Mapping[str, Any]) -> str:
    if row["bound"] == "unknown":
        return "?"
    return "" if row["count"] is None else f"{_SIGNS[row['bound']]}{row['count']:,}"


COLUMNS = (
    Column("", lambda row: str(row["name"]), least=14),
    Column("Number", _number, right=True),
    Column("", lambda row: str(row["bar"])),
    Column("", lambda row: str(row["told"]), least=16),
)

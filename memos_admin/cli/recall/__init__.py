"""Why a memory was recalled for a question, or was not.

The service is asked as your application asks it, and again with the threshold off, limits at most, all
views and no filter. Every memory that either answer or the store has is told with its rank, its relativity,
whether the application gets it, and why not. How the application asks stands in config.toml under
[recall], or is given here.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from memos_admin.backend.view_words import VIEWS
from memos_admin.cli.arguments import FILTERS, OUTPUT, WHOM, add_filter, add_json, add_list_options
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.lists import counted, tell_cut, utc
from memos_admin.cli.parser import commands
from memos_admin.cli.progress import NOTHING_READ, asking
from memos_admin.cli.table import Column, text
from memos_admin.cli.values import identity, memory_id, new_file, view

if TYPE_CHECKING:
    from memos_admin.backend.model import Filter
    from memos_admin.backend.recall.explaining import Row
    from memos_admin.backend.recall.lab import Answers, Table
    from memos_admin.backend.recall.parameters import Parameters
    from memos_admin.backend.workspace import Workspace

T = TypeVar("T")

SENT = "as the application asks"
"""Title of the options that are sent."""

FIELDS = (
    "rank",
    "rank_of_all",
    "relativity",
    "view",
    "recalled",
    "why",
    "certain",
    "also",
    "explanation",
    "memory_id",
    "title",
    "content",
    "status",
    "conversation_id",
    "updated_at",
    "stored",
)


def _place(row: Mapping[str, Any]) -> str:
    if row["rank"] is not None:
        return f"{row['rank']}"
    return "" if row["rank_of_all"] is None else f"({row['rank_of_all']})"


def _near(row: Mapping[str, Any]) -> str:
    return "" if row["relativity"] is None else f"{row['relativity']:.3f}"


def _reason(row: Mapping[str, Any]) -> str:
    if row["why"] is None:
        return ""
    return f"{row['why']}" if row["certain"] else f"{row['why']}?"


COLUMNS = (
    Column("Rank", _place, right=True),
    Column("Relativity", _near, right=True),
    Column("View", lambda row: VIEWS.get(row["view"], row["view"]), gives=3),
    Column("", lambda row: "in" if row["recalled"] else "out"),
    Column("Why out", _reason, least=12),
    Column("Memory", lambda row: row["title"] or row["content"], least=20),
    text("memory_id", "Id", least=12, gives=4),
)


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)
    ask = verbs.add_parser("ask", help="ask a question, and tell why each memory is in or out")
    ask.add_argument("text", metavar="TEXT", help="what is said to the assistant")
    whom = ask.add_argument_group(WHOM)
    whom.add_argument("--user", type=identity, required=True, metavar="ID", help="a user, by id")
    whom.add_argument(
        "--conversation", type=identity, metavar="ID", help="the one at hand, which is preferred"
    )
    _add_sent(ask)
    filters = ask.add_argument_group(FILTERS)
    filters.add_argument(
        "--memory", action="append", type=memory_id, metavar="ID", help="tell of this memory only"
    )
    filters.add_argument("--only", choices=("in", "out"), help="what is in, or what is out")
    add_filter(ask, "recall")
    add_list_options(ask)
    ask.set_defaults(run=ask_question, needs_data=True)

    check = verbs.add_parser("check", help="ask the questions of a file, and compare the answers")
    check.add_argument(
        "file",
        metavar="FILE",
        help="questions with expectations, in TOML; a filter stands there too, so there is no --filter",
    )
    check.add_argument_group(FILTERS).add_argument(
        "--question", action="append", metavar="NAME", help="this one only"
    )
    check.add_argument_group(SENT).add_argument(
        "--bare", action="store_true", help="send nothing of what config.toml says"
    )
    output = check.add_argument_group(OUTPUT)
    output.add_argument(
        "--against", metavar="FILE", help="compare with this report, which --json wrote"
    )
    output.add_argument(
        "--junit", type=new_file, metavar="FILE", help="write a report in JUnit's XML as well"
    )
    add_json(check)
    check.set_defaults(run=_check, needs_data=True)


def _check(context: Context, args: argparse.Namespace) -> Exit:
    """``recall check``."""
    from memos_admin.cli.recall.check import check_questions

    return check_questions(context, args)


def _add_sent(parser: argparse.ArgumentParser) -> None:
    """Add what goes before ``[recall]`` of the configuration."""
    from memos_admin.backend.recall import parameters

    sent = parser.add_argument_group(SENT)
    sent.add_argument(
        "--relativity",
        type=_checked(parameters.of_mapping, "relativity", float),
        metavar="X",
        help="the threshold, 0 (off) to 1",
    )
    sent.add_argument(
        "--at-most",
        type=_limit,
        action="append",
        metavar="N",
        help="so many of each view, 0 to 25; of one: preference=3",
    )
    sent.add_argument(
        "--view", type=view, action="append", metavar="V", help=f"one of {', '.join(VIEWS)}"
    )
    sent.add_argument(
        "--memos-filter", type=_json_filter, metavar="JSON", help="the filter, as MemOS takes it"
    )
    sent.add_argument("--bare", action="store_true", help="send nothing of what config.toml says")


def _checked(check: Callable[[dict[str, Any]], Any], name: str, kind: type) -> Callable[[str], Any]:
    def read(said: str) -> Any:
        try:
            return getattr(check({name: kind(said)}), name)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{said!r}: {error}") from None

    return read


def _limit(said: str) -> dict[str, int]:
    """Return limits by the names of the wire, from ``9`` or ``preference=3``."""
    from memos_admin.backend.recall.parameters import DOCUMENTED, LIMITS, of_mapping

    name, equals, number = said.rpartition("=")
    named = view(name) if equals else None
    if named is not None and named not in DOCUMENTED:
        raise argparse.ArgumentTypeError(
            f"{said!r}: which limit holds for {named} is not documented; there are those of "
            f"{', '.join(sorted(DOCUMENTED))}"
        )
    names = [LIMITS[named]] if named else sorted({*LIMITS.values()})
    try:
        limits = {one: int(number) for one in names}
        of_mapping(limits)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{said!r} is no number from 0 to 25; give 9, or preference=3"
        ) from None
    return limits


def _json_filter(said: str) -> Mapping[str, Any]:
    from memos_admin.backend.recall.parameters import BadParameter, parse_filter

    try:
        return parse_filter(said)
    except BadParameter as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def sent_by(context: Context, args: argparse.Namespace) -> Parameters:
    """Return what is sent: what is given, else what the configuration says."""
    from memos_admin.backend.recall.parameters import Parameters, of_mapping, of_project

    given: dict[str, Any] = {}
    for limits in args.at_most or ():
        given |= limits
    if args.relativity is not None:
        given["relativity"] = args.relativity
    if args.view is not None:
        given["include_memory_view"] = args.view
    if args.memos_filter is not None:
        given["filter"] = args.memos_filter
    configured = Parameters()
    if not args.bare:
        configured = of_project(context.home, context.project().uuid)
    return of_mapping(given).over(configured)


def ask_question(context: Context, args: argparse.Namespace) -> Exit:
    """``recall ask``."""
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.recall import lab, wording
    from memos_admin.backend.recall.lab import Question
    from memos_admin.backend.recall.narrowing import passing

    if not args.text.strip():
        raise Usage("There is no question. Give what is said to the assistant.")
    question = Question(args.user, args.text, args.conversation, sent_by(context, args))
    within = _within(args)
    answers = online(context, partial(_asked, question))
    reads = context.workspace().reads
    found = lab.tabulate(reads, answers, args.memory or ())
    meant = list(_meant(found, args))
    unknown = 0
    if within is not None:
        of_each = passing(reads, meant, SubjectRef("user", args.user), within)
        unknown = of_each.count(None)
    told = meant if within is None else [row for row, ok in zip(meant, of_each, strict=True) if ok]
    rows = [row_of(row, found) for row in told]
    shown = rows[: args.limit or None]
    context.out.rows(shown, fields=FIELDS, columns=COLUMNS, as_json=args.json)
    tell_cut(context.out, args.limit, len(rows), "memories")
    if context.out.on_terminal and not args.json:
        _tell_marks(context, rows)
        for row in rows if args.memory else ():
            context.out.note(f"{row['memory_id']}: {row['explanation']}")
    for missing in sorted(
        {*(args.memory or ())} - {row.memory_id for row in found.explanation.rows}
    ):
        context.out.note(f"{missing}: neither MemOS nor the store has it of this user.")
    for line in wording.summary(found):
        context.out.note(line)
    if within is not None:
        context.out.note(
            f"{args.filter_by} chose {len(rows):,} of {len(meant):,} rows, by what the "
            "store has of them; MemOS was not told of it. What is sent to MemOS: --memos-filter."
        )
    if unknown:
        context.out.note(
            f"{counted(unknown, 'memory')} left out that the store does not have: a sync reads it."
        )
    return Exit.PARTIAL if answers.trouble else Exit.DONE


async def _asked(question: Any, workspace: Workspace) -> Answers:
    from memos_admin.backend.recall import lab

    try:
        return await lab.ask(workspace, question)
    except lab.BadQuestion as error:
        raise Usage(str(error)) from None


def online(context: Context, act: Callable[[Workspace], Any]) -> Any:
    """Return what `act` returns in a workspace of its own, while a person is told of waits."""

    async def ask(workspace: Workspace) -> Any:
        with asking(context.out, await workspace.remote(), NOTHING_READ):
            return await act(workspace)

    return context.run(ask, online=True)


def _within(args: argparse.Namespace) -> Filter | None:
    """Return which memories are told of, by ``--filter``; None: of all."""
    from memos_admin.backend.model import Filter, SubjectRef
    from memos_admin.cli.memory_filters import joined

    said: Filter | None = args.filter
    if said is None:
        return None
    whose = SubjectRef("user", args.user)
    return joined(Filter(subject=whose), said, args.filter_typed)


def _meant(found: Table, args: argparse.Namespace) -> Iterator[Row]:
    """Yield the rows that ``--memory`` and ``--only`` name."""
    wanted = set(args.memory or ())
    for row in found.explanation.rows:
        if (not wanted or row.memory_id in wanted) and args.only in {None, _side(row)}:
            yield row


def _side(row: Row) -> str:
    return "in" if row.is_in else "out"


def row_of(row: Row, found: Table) -> dict[str, Any]:
    """Return a row with the keys `FIELDS` and JSON's types."""
    from memos_admin.backend.recall import wording

    why = row.why
    updated = None if row.stored is None else row.stored.updated_at
    return {
        "rank": row.rank,
        "rank_of_all": row.rank_of_all,
        "relativity": row.relativity,
        "view": row.view,
        "recalled": row.is_in,
        "why": None if why is None else wording.WHY[why.why],
        "certain": None if why is None else why.certain,
        "also": [wording.why_words(cause) for cause in row.causes[1:]],
        "explanation": wording.explained(row, found),
        "memory_id": row.memory_id,
        "title": row.title,
        "content": row.said,
        "status": row.status,
        "conversation_id": row.conversation_id,
        "updated_at": utc(updated),
        "stored": row.stored is not None,
    }


def _tell_marks(context: Context, rows: list[dict[str, Any]]) -> None:
    """Tell what the ranks mean, where there are some that need it."""
    if any(row["rank"] is None and row["rank_of_all"] is not None for row in rows):
        context.out.note(
            "A rank is the place among its view; in brackets: with the threshold off, where it is out."
        )

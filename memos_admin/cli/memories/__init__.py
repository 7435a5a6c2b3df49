"""What was made of what was said: memories of all six views, with their history and sources.

Lists contain vanished memories too: those that MemOS lists no more.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from memos_admin.backend.view_words import VIEWS
from memos_admin.cli.arguments import add_json, add_list_options, add_memory_filters
from memos_admin.cli.changing.memories import add_memory_verbs
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit
from memos_admin.cli.lists import tell_cut, utc
from memos_admin.cli.long_reads import long_read
from memos_admin.cli.memories.history import list_history
from memos_admin.cli.memories.one import show_memory
from memos_admin.cli.memories.sources import list_sources
from memos_admin.cli.memory_filters import filter_of, tell_completeness, tell_then
from memos_admin.cli.parser import commands
from memos_admin.cli.table import Column, instant, text
from memos_admin.cli.users import find
from memos_admin.cli.values import memory_id

if TYPE_CHECKING:
    from memos_admin.backend.model import Filter, Reads
    from memos_admin.cli.long_reads import LongRead

_COUNTED = 10_000
"""Where memories have to be looked at to be counted, a list waits for no more than so many."""


def _title(row: Mapping[str, Any]) -> str:
    from memos_admin.backend.display import titled
    from memos_admin.backend.perspective import INFERENCE, perspective

    if row["content"] is None:
        return "(no longer kept)"
    special = "inferred · " if perspective(row["content"]) == INFERENCE else ""
    if row["vanished"]:
        special = "gone · "
    elif row["missed_at"]:
        special = "in doubt · "
    return f"{special}{titled(row['title'] or '', row['content']) or row['content']}"


COLUMNS = (
    Column("View", lambda row: VIEWS.get(row["view"], row["view"]), least=4),
    Column("Title", _title, least=20),
    text("user_id", "User", least=12, gives=1),
    text("tags", "Tags", least=10, gives=4),
    text("status", "Status", gives=3),
    instant("updated_at", "Updated", gives=2),
    text("memory_id", "Memory"),
)


GONE = ("vanished_at", "reason")
"""What a list of vanished memories tells beside the columns of others."""


def _why(row: Mapping[str, Any]) -> str:
    from memos_admin.backend.gone_words import why_gone

    return why_gone(row["reason"])


GONE_COLUMNS = (
    *COLUMNS[:2],
    instant("vanished_at", "Gone since"),
    Column("Why", _why, below=True),
    text("user_id", "User", below=True),
    *COLUMNS[3:-1],
    text("memory_id", "Memory", below=True),
)


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)

    listed = verbs.add_parser("list", help="list memories, latest update first")
    add_memory_filters(listed)
    add_list_options(listed)
    listed.set_defaults(run=list_memories, needs_data=True)

    show = verbs.add_parser("show", help="everything of one; asks MemOS where it is not stored")
    show.add_argument("id", type=memory_id, metavar="ID", help="of the memory, or how it begins")
    add_json(show)
    show.set_defaults(run=show_memory, needs_data=True)

    history = verbs.add_parser("history", help="what it said before, oldest first")
    history.add_argument("id", type=memory_id, metavar="ID", help="of the memory, or how it begins")
    add_list_options(history)
    history.set_defaults(run=list_history, needs_data=True)

    sources = verbs.add_parser("sources", help="which messages it came from, and how that is known")
    sources.add_argument("id", type=memory_id, metavar="ID", help="of the memory, or how it begins")
    add_list_options(sources)
    sources.set_defaults(run=list_sources, needs_data=True)

    add_memory_verbs(verbs)


def list_memories(context: Context, args: argparse.Namespace) -> Exit:
    """``memories list``."""
    with long_read(context, "looking through the memories") as read:
        return _list_memories(context, args, read)


def _list_memories(context: Context, args: argparse.Namespace, read: LongRead) -> Exit:
    from memos_admin.backend.export.rows import memory_columns, memory_rows
    from memos_admin.backend.journal import narrowed

    wanted = filter_of(args)
    if wanted.subject is not None:
        find(context, wanted.subject)
    reads = context.workspace().reads
    counted = max(_COUNTED, args.limit)
    total = reads.memory_count(wanted, counted)
    shown = (
        {} if total > counted and not args.limit else {"memories": min(total, args.limit or total)}
    )
    context.viewed("memories", shown, **narrowed(wanted))
    fields = memory_columns(wanted)
    rows: Iterator[dict[str, Any]]
    if wanted.vanished:
        fields = (*fields, *GONE)
        rows = _gone_rows(reads, context.project().title, wanted, args.limit or None)
    else:
        rows = memory_rows(reads, context.project().title, wanted, args.limit or None)
    there_are = GONE_COLUMNS if wanted.vanished else COLUMNS
    # Whose they are is said once where one was asked for.
    columns = [found for found in there_are if found.title != "User" or wanted.subject is None]
    context.out.rows(read.each(rows), fields=fields, columns=columns, as_json=args.json)
    if not total:
        context.out.note("No memory is stored that fits.")
    tell_cut(context.out, args.limit, total, "memories", counted)
    if wanted.as_of is None:
        tell_completeness(context, reads, wanted)
    else:
        tell_then(context.out, reads, wanted)
    return Exit.DONE


def _gone_rows(
    reads: Reads, project: str, wanted: Filter, first: int | None
) -> Iterator[dict[str, Any]]:
    """Yield vanished memories with their last text, since when and why they are gone."""
    from memos_admin.backend.export.rows import memory_batches, memory_columns, memory_values

    columns = memory_columns(wanted)

    for batch in memory_batches(reads, wanted, first):
        for memory, sources in batch:
            said = memory_values(project, memory, sources, wanted.as_of)
            values = zip(columns, said, strict=True)
            gone = {"vanished_at": utc(memory.vanished_at), "reason": memory.reason}
            yield dict(values) | gone

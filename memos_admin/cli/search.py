"""Find words in messages and in the titles, texts and tags of memories.

A place is found if it has all words, whole or as the beginning of a longer one (from two letters on);
words in "double quotes" follow each other. Chinese needs no spaces. Capitals and accents do not count.
What arrived here last comes first. With --remote the service is asked what it would recall for a user
instead, with its own figure of how near that is.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from memos_admin.backend.view_words import VIEWS
from memos_admin.cli.arguments import (
    FILTERS,
    ORDER,
    add_filter,
    add_list_options,
    add_subject_options,
    subject_of,
)
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.lists import utc
from memos_admin.cli.long_reads import long_read, percent
from memos_admin.cli.memory_filters import tell_completeness, whose
from memos_admin.cli.progress import NOTHING_READ, asking
from memos_admin.cli.table import Column, instant, number, text
from memos_admin.cli.users import find

if TYPE_CHECKING:
    from memos_admin.backend.model import Filter, Reads
    from memos_admin.backend.search import Hit, Hits, HitType
    from memos_admin.backend.workspace import Workspace

FIELDS = (
    "type",
    "user_id",
    "conversation_id",
    "seq",
    "memory_id",
    "view",
    "title",
    "snippet",
    "updated_at",
    "relativity",
)
_TYPES: dict[str, frozenset[HitType]] = {
    "messages": frozenset({"message"}),
    "memories": frozenset({"memory"}),
    "all": frozenset({"message", "memory"}),
}
_REMOTE_AT_MOST = 25
"""How many memories the service returns at most (memos-cloud-api, search/memory)."""


def _what(row: Any) -> str:
    return VIEWS.get(row["view"], row["view"]) if row["type"] == "memory" else "message"


COLUMNS = (
    Column("What", _what),
    text("user_id", "User", least=12, gives=1),
    text("conversation_id", "Conversation", least=8, gives=2),
    number("seq", "Message", gives=3),
    text("snippet", "Text", least=36),
    instant("updated_at", "Updated", gives=4),
)
REMOTE_COLUMNS = (*COLUMNS, number("relativity", "Relativity"))


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the options; this noun has no verbs."""
    parser.add_argument("text", metavar="TEXT", help="what to look for")
    add_subject_options(parser, required=False, group=FILTERS)
    add_filter(parser, "search")
    filters = parser.add_argument_group(FILTERS)
    filters.add_argument(
        "--in", dest="where", choices=tuple(_TYPES), default="all", help="where (default all)"
    )
    parser.add_argument("--remote", action="store_true", help="what the service would recall")
    parser.add_argument_group(ORDER).add_argument(
        "--sort",
        choices=("arrival", "relevance"),
        default="arrival",
        metavar="FIELD",
        help="one of arrival, relevance (among the latest 5,000); default arrival",
    )
    add_list_options(parser)
    parser.set_defaults(run=search, needs_data=True)


def search(context: Context, args: argparse.Namespace) -> Exit:
    """``search``."""
    if not args.text.strip():
        raise Usage("Nothing to search for. Give some words.")
    within: Filter | None = args.filter
    if within is not None and args.remote:
        raise Usage("The service knows no --filter; it narrows what is stored here.")
    if args.remote:
        return _remote(context, args)
    from memos_admin.backend import search as backend
    from memos_admin.backend.journal import narrowed
    from memos_admin.backend.model import Filter

    ref = whose(args)
    if ref is not None:
        find(context, ref)
    reads = context.workspace().reads
    hits = backend.search(
        reads, args.text, subject=ref, types=_TYPES[args.where], order=args.sort, within=within
    )
    limit = args.limit or None
    shown: Iterable[Hit] = hits
    counts = {}
    details = {} if within is None else narrowed(within)["details"]
    with long_read(context, lambda: _how_far(hits, reads)) as read:
        if limit is not None:
            # Found before they are shown, so that the entry is there first, and has their number.
            shown = found = list(islice(hits, limit))
            counts = {"hits": len(found)}
        context.record(
            "search",
            subject=ref,
            query=args.text,
            counts=counts,
            details={"in": args.where, **details},
        )
        rows = map(_row, read.each(shown))
        count = context.out.rows(rows, fields=FIELDS, columns=COLUMNS, as_json=args.json)
        more = count == limit and next(hits, None) is not None
    if more:
        context.out.note(f"The first {count:,}; there are more. --limit 0 lists all.")
    if not count:
        nothing = "Nothing to search for: signs alone are no words."
        found_none = "Nothing found in what is stored."
        context.out.note(found_none if backend.has_words(args.text) else nothing)
        if said := _taken_for_text(args.text):
            context.out.note(said)
    if within is not None and "message" not in backend.types_within(within):
        context.out.note("Messages have no views, tags and the like: memories only were searched.")
    tell_completeness(context, reads, Filter(subject=ref))
    return Exit.DONE


def _taken_for_text(typed: str) -> str:
    """Return what reads like a condition and was looked for as a text, ``""``: nothing."""
    from memos_admin.backend.filter_language import names_a_field, slip

    if names_a_field(typed):
        return "A condition such as view:fact stands in --filter; here it was looked for as a text."
    return slip(typed)


def _how_far(hits: Hits, reads: Reads) -> str:
    """Return why a search takes long, and how far it is."""
    from memos_admin.backend.upkeep import indexing

    looked, made = hits.looked, indexing.share(reads.query.path)
    if looked is None:
        return "searching"
    if made is None:
        return f"searching through what the index does not have yet, {percent(looked)}"
    # Short, so that 80 columns have room for what stands behind it.
    return f"the index is being made, {percent(made)}; all is searched, {percent(looked)}"


def _remote(context: Context, args: argparse.Namespace) -> Exit:
    from memos_admin.backend.search import incomplete, recall

    ref = subject_of(args)
    if ref is None or ref.kind != "user":
        raise Usage("The service searches one user's memories: --remote needs --user ID.")
    if args.where == "messages":
        raise Usage("The service searches memories only; leave out --in messages.")
    most = min(args.limit or _REMOTE_AT_MOST, _REMOTE_AT_MOST)

    async def ask(workspace: Workspace) -> list[Hit]:
        with asking(context.out, await workspace.remote(), NOTHING_READ):
            return list(await recall(workspace, args.text, ref, limit=most))

    hits = context.run(ask, online=True)
    shown = hits[: args.limit or None]
    context.out.rows(map(_row, shown), fields=FIELDS, columns=REMOTE_COLUMNS, as_json=args.json)
    context.out.note(
        f"Recalled by the service now; it returns at most {_REMOTE_AT_MOST} of a kind."
        if hits
        else "The service recalls nothing."
    )
    if lacking := incomplete(hits):
        context.out.note(lacking)
        return Exit.PARTIAL
    return Exit.DONE


def _row(hit: Hit) -> dict[str, Any]:
    return {
        "type": hit.type,
        "user_id": hit.ref.external_id,
        "conversation_id": hit.conversation_id,
        "seq": hit.seq,
        "memory_id": hit.memory_id,
        "view": hit.view,
        "title": hit.heading or None,
        "snippet": hit.snippet,
        "updated_at": utc(hit.updated_at),
        "relativity": hit.relativity,
    }

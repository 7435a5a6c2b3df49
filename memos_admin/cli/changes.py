"""What syncs found: memories added, changed, gone and back, new messages and changed ones, latest first.

Found means: read here for the first time. It may have changed in MemOS before that, and two changes
between two readings are found as one. View, title, content, status and conversation are those behind
the change, whatever they are by now: of a memory that is gone its last text, with why it is no longer
listed. Where a text changed, content_before and diff of --json have what it said before and the words
that are gone and new. What was said then or before may be no longer kept; not_kept of --json names the fields of
which it is not known, among them changed where more may have changed than it names. Which conversation a memory named
was not kept before an upgrade that changed this: such rows name none, and have it in not_kept.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memos_admin.backend.view_words import VIEWS
from memos_admin.cli.arguments import FILTERS, add_filter, add_list_options, add_subject_options
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit
from memos_admin.cli.lists import tell_cut, utc
from memos_admin.cli.memory_filters import whose
from memos_admin.cli.table import Column, text
from memos_admin.cli.table import instant as column_of_time
from memos_admin.cli.users import find
from memos_admin.cli.values import Named, instant, past_instant

if TYPE_CHECKING:
    from memos_admin.backend.history.changes import Change
    from memos_admin.backend.model import Conversation, Memory, Reads

KINDS = ("added", "changed", "status", "vanished", "returned", "messages", "edited")
"""What can be asked for. They are those of the store, which a list of commands need not import."""

SECTIONS = {
    "kinds": {
        "added": "listed for the first time here",
        "changed": "another title, content, view, conversation or other tags, and perhaps another status",
        "status": "another status and nothing else",
        "vanished": "no longer listed, with the reason; shown as gone",
        "returned": "listed again after it had vanished; what it says differently then is told as changed, too",
        "messages": "new messages of a conversation, counted by reading",
        "edited": "a message says something else than before, in which words",
    },
}

FIELDS = (
    "found_at",
    "kind",
    "subject_kind",
    "user_id",
    "conversation_id",
    "memory_id",
    "view",
    "title",
    "content",
    "status",
    "status_before",
    "conversation_id_before",
    "changed",
    "version",
    "reason",
    "messages",
    "message",
    "content_before",
    "diff",
    "not_kept",
)
_BATCH = 500


def _what(row: Mapping[str, Any]) -> str:
    if row["messages"]:
        return f"{row['messages']:,} new in {row['conversation_id']}"
    if row["message"]:
        return f"message {row['message']:,} of {row['conversation_id']}: {_edited(row)}"
    if row["memory_id"] is not None and row["content"] is None:
        return "no longer kept"
    return str(row["title"] or row["content"] or "")


def _edited(row: Mapping[str, Any]) -> str:
    """Return which words of a message are gone and new, or which of its texts is no longer kept."""
    lost = row["not_kept"]
    if "content_before" not in lost:
        return "what it said then is no longer kept" if "content" in lost else row["diff"] or ""
    if "content" in lost:
        return "what it said before and then is no longer kept"
    return f"what it said before is no longer kept; then: {row['content']}"


def _how(row: Mapping[str, Any]) -> str:
    from memos_admin.backend.gone_words import why_gone

    turned = [_turned(row, name) for name in row["changed"]]
    if "changed" in row["not_kept"]:
        turned.append(f"what {'else ' if turned else ''}changed is no longer kept")
    return why_gone(row["reason"]) or ", ".join(turned)


def _turned(row: Mapping[str, Any], name: str) -> str:
    """Return what changed, of a status and a conversation from which to which."""
    before, after = row.get(f"{name}_before"), row.get(name)
    if name == "conversation_id":
        return f"conversation {before or 'none'} → {after or 'none'}"
    return f"{before} → {after}" if name == "status" and before and after else name


COLUMNS = (
    column_of_time("found_at", "Found"),
    Column("Change", lambda row: _words()[row["kind"]]),
    Column("View", lambda row: VIEWS.get(row["view"], row["view"] or ""), least=4, gives=4),
    Column("What", _what, least=20),
    Column("How", _how, below=True),
    text("user_id", "User", below=True),
    text("memory_id", "Memory", below=True),
)


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the options; this noun has no verbs."""
    add_subject_options(parser, required=False, group=FILTERS)
    add_filter(parser, "changes")
    filters = parser.add_argument_group(FILTERS)
    filters.add_argument(
        "--since",
        type=past_instant,
        default="7d",
        metavar="T",
        help="found since: 2025-09-17, an ISO time, 7d, 24h (default 7d)",
    )
    filters.add_argument(
        "--until", type=instant, metavar="T", help="found before: as --since, which is included"
    )
    filters.add_argument(
        "--kind",
        type=Named(KINDS, _words),
        choices=KINDS,
        action="append",
        metavar="K",
        help=f"one of {', '.join(KINDS)}",
    )
    add_list_options(parser)
    parser.set_defaults(run=list_changes, needs_data=True)


def _words() -> Mapping[str, str]:
    from memos_admin.backend.history.changes import WORDS

    return WORDS


def list_changes(context: Context, args: argparse.Namespace) -> Exit:
    """``changes``."""
    from memos_admin.backend.history.changes import (
        changes_between,
        changes_within,
        count_between,
    )
    from memos_admin.backend.journal import narrowed
    from memos_admin.backend.ledger import ledger

    within = args.filter
    ref = whose(args)
    if ref is not None:
        find(context, ref)
    reads = context.workspace().reads
    since, until, kinds = args.since, args.until, tuple(args.kind or KINDS)
    found: Sequence[Change]
    if within is None:
        total = count_between(reads, since, until, ref, kinds=kinds)
    else:
        every = changes_between(reads, since, until, ref, kinds=kinds)
        found = changes_within(reads, every, within)
        total = len(found)
        context.out.note(
            "Of memories that the filter names as they are now; messages are left out."
        )
    details = {"since": utc(since), "until": utc(until), "kinds": args.kind}
    told = {name: value for name, value in details.items() if value}
    if within is not None:
        told |= narrowed(within)["details"]
    context.viewed("changes", {"changes": total}, subject=ref, details=told)
    if within is None:
        found = changes_between(reads, since, until, ref, kinds=kinds, most=args.limit or None)
    else:
        found = found[: args.limit or None]
    columns = [one for one in COLUMNS if one.title != "User" or ref is None]
    context.out.rows(_rows(reads, found), fields=FIELDS, columns=columns, as_json=args.json)
    if not total and not ledger(reads, ref).readings.readings:
        context.out.note("Nothing was read yet, so no change can be known.")
    elif not total:
        context.out.note("No sync found a change then that fits.")
    tell_cut(context.out, args.limit, total, "changes")
    return Exit.DONE


def _rows(reads: Reads, found: Sequence[Change]) -> Iterator[dict[str, Any]]:
    from memos_admin.backend.history.changes import about

    for start in range(0, len(found), _BATCH):
        for change, it in about(reads, found[start : start + _BATCH]):
            yield row_of(change, it)


def row_of(change: Change, it: Memory | Conversation) -> dict[str, Any]:
    """Return the row of a change: `FIELDS` with JSON's types."""
    from memos_admin.backend.history.changes import words_changed

    of_memory, edit = change.listing_pk is not None, change.edit
    before = change.content_before if edit is None else edit.before
    said = {name: getattr(it, name) if of_memory else None for name in _OF_MEMORY}
    if getattr(it, "dropped", False):
        said["content"] = None
    if edit is not None:
        said["content"] = edit.after
    return {
        "found_at": utc(change.at),
        "kind": change.kind,
        "subject_kind": it.ref.kind,
        "user_id": it.ref.external_id,
        "conversation_id": (change.conversation_id or None) if of_memory else it.conversation_id,
        **said,
        "status": change.status,
        "status_before": change.status_before,
        "conversation_id_before": change.conversation_before or None,
        "changed": list(change.fields),
        "version": change.version,
        "reason": change.reason,
        "messages": change.messages if change.kind == "messages" else None,
        "message": None if edit is None else edit.number,
        "content_before": before,
        "diff": words_changed(before, said["content"]) or None,
        "not_kept": list(_not_kept(change, it)),
    }


def _not_kept(change: Change, it: Memory | Conversation) -> Iterator[str]:
    """Yield the fields of a row of which it is not known what stood there."""
    edit, of_memory = change.edit, change.listing_pk is not None
    before = change.dropped if edit is None else edit.before is None
    then = getattr(it, "dropped", False) if edit is None else edit.after is None
    if of_memory and change.conversation_id is None:
        yield "conversation_id"
    if of_memory and then:
        yield "title"
    if then:
        yield "content"
    if of_memory and before:
        yield "changed"
    if before:
        yield "content_before"
    if before or (then and edit is not None):
        yield "diff"


_OF_MEMORY = ("memory_id", "view", "title", "content")

"""What was made of what was said: memories of all six views, with their history and sources.

Lists contain vanished memories too: those that MemOS lists no more.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memos_admin.cli import changing
from memos_admin.cli.arguments import (
    VIEWS,
    add_json,
    add_list_options,
    add_memory_filters,
    begins_with_the_last,
    commands,
    subject_of,
)
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Failed, Usage
from memos_admin.cli.lists import counted, tell_cut, utc
from memos_admin.cli.progress import Progress, asking
from memos_admin.cli.table import Column, fact_lines, instant, minute, number, text
from memos_admin.cli.users import find

if TYPE_CHECKING:
    from memos_admin.backend.history import Found
    from memos_admin.backend.model import Filter, Memory, MemorySource, Reads
    from memos_admin.backend.workspace import Workspace
    from memos_admin.cli.output import Output

_COUNTED = 10_000
"""Where memories have to be looked at to be counted, a list waits for no more than so many."""

HISTORY_FIELDS = (
    "memory_id",
    "version",
    "view",
    "title",
    "content",
    "tags",
    "status",
    "updated_at",
    "seen_from",
    "replaced_at",
    "dropped",
    "sync_began",
    "changed",
    "diff",
)

SOURCE_FIELDS = (
    "memory_id",
    "kind",
    "role",
    "excerpt",
    "message_id",
    "time",
    "user_id",
    "conversation_id",
    "seq",
    "how",
)
SOURCE_COLUMNS = (
    text("kind", "Kind", gives=3),
    text("role", "Role", gives=2),
    text("excerpt", "Quoted", least=20),
    text("message_id", "Message id", least=12, gives=1),
    text("conversation_id", "Conversation", least=10),
    number("seq", "Message"),
    text("how", "Known by"),
)


def _title(row: Mapping[str, Any]) -> str:
    from memos_admin.backend.perspective import INFERENCE, perspective

    if row["content"] is None:
        return "(no longer kept)"
    special = "inferred · " if perspective(row["content"]) == INFERENCE else ""
    if row["vanished"]:
        special = "vanished · "
    return f"{special}{row['title'] or row['content']}"


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

GONE_COLUMNS = (instant("vanished_at", "Gone since"), text("reason", "Why", least=8))


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)

    listed = verbs.add_parser("list", help="list memories, latest update first")
    add_memory_filters(listed)
    add_list_options(listed)
    listed.set_defaults(run=list_memories, needs_data=True)

    show = verbs.add_parser("show", help="everything of one; asks MemOS where it is not stored")
    show.add_argument("id", metavar="ID", help="of the memory")
    add_json(show)
    show.set_defaults(run=show_memory, needs_data=True)

    history = verbs.add_parser("history", help="what it said before, oldest first")
    history.add_argument("id", metavar="ID", help="of the memory")
    add_list_options(history)
    history.set_defaults(run=list_history, needs_data=True)

    sources = verbs.add_parser("sources", help="which messages it came from, and how that is known")
    sources.add_argument("id", metavar="ID", help="of the memory")
    add_list_options(sources)
    sources.set_defaults(run=list_sources, needs_data=True)

    changing.add_memory_verbs(verbs)


def filter_of(args: argparse.Namespace) -> Filter:
    """Return the filter that the arguments of `add_memory_filters` name."""
    from memos_admin.backend.model import Filter

    options = Filter(
        subject=subject_of(args),
        conversation_id=args.conversation,
        views=frozenset(args.view or ()),
        tags=frozenset(args.tag or ()),
        statuses=frozenset(args.status or ()),
        since=args.since,
        until=args.until,
        text=args.text or "",
        order=args.sort,
        descending=begins_with_the_last(args.sort) != args.reverse,
        vanished=None if args.vanished is None else args.vanished == "yes",
        as_of=args.as_of,
    )
    return options if args.filter is None else joined(options, args.filter)


def joined(options: Filter, said: Filter) -> Filter:
    """Return the filter that options and ``--filter`` name together.

    Raises:
        Usage: they contradict each other, or say the same in two ways.
    """
    from dataclasses import fields, replace

    from memos_admin.backend.model import Filter

    usual, changes = Filter(), dict[str, Any]()
    for name in (one.name for one in fields(Filter)):
        mine, theirs = getattr(options, name), getattr(said, name)
        if theirs == getattr(usual, name) or theirs == mine:
            continue
        if isinstance(mine, frozenset):
            if mine and name in {"views", "statuses"}:
                raise Usage(f"Both an option and --filter say which {name}. Say it in one of them.")
            changes[name] = mine | theirs
        elif mine == getattr(usual, name):
            changes[name] = theirs
        else:
            word = name.removesuffix("_id").replace("_", "-")
            raise Usage(f"Both an option and --filter say {word}. Say it in one of them.")
    if said.order != usual.order and options.order == usual.order:
        changes |= {"order": said.order, "descending": said.descending}
    return replace(options, **changes)


def list_memories(context: Context, args: argparse.Namespace) -> Exit:
    """``memories list``."""
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
    # Whose they are is said once where one was asked for.
    columns = [found for found in COLUMNS if found.title != "User" or wanted.subject is None]
    if wanted.vanished:
        columns = [*columns[:2], *GONE_COLUMNS, *columns[2:]]
    context.out.rows(rows, fields=fields, columns=columns, as_json=args.json)
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


def tell_then(out: Output, reads: Reads, wanted: Filter) -> None:
    """Tell as of when memories were told, and what of that cannot be known; nothing of now."""
    from memos_admin.backend.as_of import told
    from memos_admin.backend.times import utc_text

    for line in told(reads, wanted, utc_text):
        out.note(line)


def tell_completeness(context: Context, reads: Reads, wanted: Filter) -> None:
    """Tell whose memories were never listed whole, so that a list may lack some."""
    from memos_admin.backend.export.completeness import of_memories

    for line in of_memories(reads, wanted.subject, 0):
        context.out.note(line)


def show_memory(context: Context, args: argparse.Namespace) -> Exit:
    """``memories show``."""
    memories = _stored_or_asked(context, args.id)
    _viewed(context, "memory", memories[0])
    reads = context.workspace().reads
    facts = {**_facts(memories[0]), "listed_for": [_listing(memory) for memory in memories]}
    facts["sources"] = [_source(source) for source in reads.memory_sources(memories[0].pk)]
    if args.json:
        context.out.document(facts)
        return Exit.DONE
    for line in fact_lines(list(_in_words(facts)), context.out.width):
        context.out.line(line)
    return Exit.DONE


def list_history(context: Context, args: argparse.Namespace) -> Exit:
    """``memories history``."""
    from memos_admin.backend.history import versions
    from memos_admin.backend.times import parse_service_time

    memory = _stored(context, args.id)
    _viewed(context, "history", memory)
    workspace, out = context.workspace(), context.out
    found = versions(workspace.reads, memory.pk)
    rows = [
        {
            "memory_id": memory.memory_id,
            **_version(one),
            "updated_at": utc(parse_service_time(one.version.update_time, workspace.zone)),
            **_difference(found[at - 1] if at else None, one),
        }
        for at, one in enumerate(found[: args.limit or None])
    ]
    if out.on_terminal and not args.json:
        for row in rows:
            for line in _told(row, out.width):
                out.line(line)
    else:
        out.rows(rows, fields=HISTORY_FIELDS, columns=(), as_json=args.json)
    _tell_gone(out, memory)
    tell_cut(out, args.limit, len(found), "versions")
    if dropped := sum(one.version.dropped for one in found):
        out.note(
            f"What {counted(dropped, 'earlier version')} said is no longer kept: keep_versions_days of "
            "config.toml has it dropped."
        )
    out.note(
        f"As seen from here since {minute(utc(memory.first_seen))}; two changes between two readings "
        "are seen as one."
    )
    return Exit.DONE


def _version(found: Found) -> dict[str, Any]:
    version, run = found
    return {
        "version": version.version,
        "view": version.view,
        "title": version.title,
        "content": None if version.dropped else version.content,
        "tags": list(version.tags),
        "status": version.status,
        "seen_from": utc(version.seen_from),
        "replaced_at": utc(version.replaced_at),
        "dropped": version.dropped,
        "sync_began": None if run is None else utc(run.started_at),
    }


def _difference(before: Found | None, found: Found) -> dict[str, Any]:
    """Return which fields are new, and each with its words marked."""
    from memos_admin.backend.history import differences
    from memos_admin.backend.worddiff import marked

    told = [] if before is None else differences(before.version, found.version)
    return {
        "changed": [one.field for one in told],
        "diff": {one.field: one.between.join(map(marked, one.parts)) for one in told},
    }


def _told(row: Mapping[str, Any], width: int) -> Iterator[str]:
    """Yield the lines of a version for a terminal: the first one whole, others with marked words."""
    from memos_admin.backend.history import FIELDS

    until = f", until {minute(row['replaced_at'])}" if row["replaced_at"] else ""
    head = [f"{row['version']}  seen from {minute(row['seen_from'])}{until}"]
    head += [f"sync of {minute(row['sync_began'])}"] if row["sync_began"] else []
    head += [f"changed: {', '.join(row['changed'])}"] if row["changed"] else []
    yield from _folded(head, width)
    said = {name: row["diff"].get(name, row[name]) for name in FIELDS}
    facts = [(name, ", ".join(v) if isinstance(v, list) else v) for name, v in said.items() if v]
    if row["dropped"]:
        facts.append(("text", "no longer kept"))
    yield from (f"   {line}" for line in fact_lines(facts, width - 3))
    yield ""


def _folded(parts: Sequence[str], width: int) -> Iterator[str]:
    """Yield parts behind each other in lines of a width; no part is broken."""
    line = parts[0]
    for part in parts[1:]:
        longer = f"{line} · {part}"
        if len(longer) > width:
            yield line
            longer = f"   {part}"
        line = longer
    yield line


def _tell_gone(out: Output, memory: Memory) -> None:
    """Tell that a memory is gone: the last version is its last text then."""
    if memory.vanished_at is not None:
        from memos_admin.backend.gone_words import GONE

        reason = memory.reason or ""
        why = f": {GONE.get(reason, reason)}" if reason else ""
        out.note(
            f"Gone since {minute(utc(memory.vanished_at))}{why}. The last version is its last text."
        )


def list_sources(context: Context, args: argparse.Namespace) -> Exit:
    """``memories sources``."""
    memory = _stored(context, args.id)
    _viewed(context, "sources", memory)
    rows = list(_source_rows(context.workspace().reads, memory))
    context.out.rows(
        rows[: args.limit or None],
        fields=SOURCE_FIELDS,
        columns=SOURCE_COLUMNS,
        as_json=args.json,
    )
    tell_cut(context.out, args.limit, len(rows), "sources")
    if not rows:
        context.out.note("MemOS gave no source of it.")
    elif any(row["seq"] is None for row in rows):
        context.out.note("Sources without a message number are in no transcript that was read.")
    return Exit.DONE


def _viewed(context: Context, what: str, memory: Memory) -> None:
    context.viewed(
        what,
        subject=memory.ref,
        conversation_id=memory.conversation_id,
        memory_id=memory.memory_id,
    )


def _source_rows(reads: Reads, memory: Memory) -> Iterator[dict[str, Any]]:
    from memos_admin.backend.provenance import link_sources

    conversation = (
        None
        if memory.conversation_id is None
        else reads.conversation(memory.ref, memory.conversation_id)
    )
    messages = [] if conversation is None else reads.messages(reads.message_pks(conversation.pk))
    seq_of = {message.pk: message.seq for message in messages}
    for source in reads.memory_sources(memory.pk):
        links: list[tuple[int | None, str | None]] = [
            (seq_of[link.message_pk], link.how) for link in link_sources([source], messages)
        ]
        for seq, how in links or [(None, None)]:
            yield {
                "memory_id": memory.memory_id,
                **_source(source),
                "user_id": memory.ref.external_id,
                "conversation_id": memory.conversation_id,
                "seq": seq,
                "how": how,
            }


def _stored(context: Context, memory_id: str) -> Memory:
    found = context.workspace().reads.memory(memory_id)
    if not found:
        raise Failed(
            f"There is no memory {memory_id!r} in this store. "
            "memos-admin memories show ID asks MemOS for it."
        )
    return found[0]


def _stored_or_asked(context: Context, memory_id: str) -> list[Memory]:
    """Return a memory's listings; where there is none, ask the service whose it is and read them."""
    from memos_admin.backend import roster
    from memos_admin.backend.sync import open_subject

    found = context.workspace().reads.memory(memory_id)
    if found:
        return found

    progress = Progress(context.out)

    async def ask(workspace: Workspace) -> None:
        remote = await workspace.remote()
        with asking(context.out, remote):
            ref = await roster.find_by_memory_id(workspace, remote, memory_id)
        if ref is None:
            raise Failed(f"MemOS knows memory {memory_id!r} but does not say whose it is.")
        context.out.note(
            f"Not in this store; MemOS says that it is of {ref.kind} {ref.external_id}."
        )
        await open_subject(workspace, ref, on_progress=progress)

    try:
        context.run(ask, online=True)
    finally:
        progress.clear()
    found = context.workspace().reads.memory(memory_id)
    if not found:
        raise Failed(
            f"MemOS knows memory {memory_id!r} but does not list it: it may be archived or deleted."
        )
    return found


def _facts(memory: Memory) -> dict[str, Any]:
    return {
        "memory_id": memory.memory_id,
        "view": memory.view,
        "title": memory.title,
        "content": memory.content,
        "tags": list(memory.tags),
        "status": memory.status,
        "type": memory.type,
        "confidence": memory.confidence,
        "conversation_id": memory.conversation_id,
        "created_at": utc(memory.created_at),
        "updated_at": utc(memory.updated_at),
        "create_time": memory.create_time,
        "update_time": memory.update_time,
        "version": memory.version,
        "version_since": utc(memory.version_since),
    }


def _listing(memory: Memory) -> dict[str, Any]:
    return {
        "kind": memory.ref.kind,
        "user_id": memory.ref.external_id,
        "first_seen": utc(memory.first_seen),
        "last_seen": utc(memory.last_seen),
        "vanished": memory.vanished_at is not None,
        "vanished_at": utc(memory.vanished_at),
        "reason": memory.reason,
    }


def _source(source: MemorySource) -> dict[str, Any]:
    return {
        "kind": source.kind,
        "role": source.role,
        "excerpt": source.excerpt,
        "message_id": source.message_id,
        "time": source.time,
    }


def _in_words(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in facts.items():
        if name == "listed_for":
            for listing in value:
                gone = f", gone since {listing['vanished_at']}" if listing["vanished"] else ""
                who = f"{listing['kind']} {listing['user_id']}"
                why = f" ({listing['reason']})" if listing["reason"] else ""
                yield (
                    "listed for",
                    f"{who}, first seen {listing['first_seen']}, last {listing['last_seen']}{gone}{why}",
                )
        elif name == "sources":
            for source in value:
                yield "source", " · ".join(str(part) for part in source.values() if part)
        else:
            shown = ", ".join(value) if isinstance(value, list) else value
            yield name, "" if shown is None else str(shown)

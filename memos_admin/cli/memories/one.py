"""``memories show``, and what all commands about one memory begin with: finding it, noting that it is seen."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from memos_admin.backend.command_words import program
from memos_admin.backend.gone_words import ARCHIVED
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Failed
from memos_admin.cli.lists import utc
from memos_admin.cli.progress import Progress, asking
from memos_admin.cli.table import fact_lines

if TYPE_CHECKING:
    from memos_admin.backend.history.memories import Absence
    from memos_admin.backend.model import Memory, MemorySource
    from memos_admin.backend.workspace import Workspace

_FEWEST, _MOST_NAMED = 4, 5
"""Characters of an id that may stand for all of it, and memories that are named where several begin so."""


def show_memory(context: Context, args: argparse.Namespace) -> Exit:
    """``memories show``."""
    from memos_admin.backend.history.memories import absences

    memories = _stored_or_asked(context, args.id)
    viewed(context, "memory", memories[0])
    reads = context.workspace().reads
    gone = absences(reads, memories)
    listed_for = [
        {
            **_listing(memory),
            "absences": [
                absence_values(one) for one in gone if one.listing_pk == memory.listing_pk
            ],
        }
        for memory in memories
    ]
    facts = {**_facts(memories[0]), "listed_for": listed_for}
    facts["sources"] = [source_values(source) for source in reads.memory_sources(memories[0].pk)]
    if args.json:
        context.out.document(facts)
        return Exit.DONE
    for line in fact_lines(list(_in_words(facts)), context.out.width):
        context.out.line(line)
    return Exit.DONE


def viewed(context: Context, what: str, memory: Memory) -> None:
    """Journal that something of a memory is about to be shown."""
    context.viewed(
        what,
        subject=memory.ref,
        conversation_id=memory.conversation_id,
        memory_id=memory.memory_id,
    )


def stored(context: Context, wanted: str) -> Memory:
    """Return a memory of the store, by its id or how it begins. Raises Failed where there is none, or several."""
    found = _here(context, wanted)
    if not found:
        raise Failed(
            f"There is no memory {wanted!r} in this store. "
            f"{program()} memories show ID asks MemOS for it.{_erased(context)}"
        )
    return found[0]


def _here(context: Context, wanted: str) -> list[Memory]:
    """Return the listings of the memory with an id, else of the only one whose id begins so; none: there is none.

    A list may have cut the id, with a mark.

    Raises:
        Failed: the ids of several begin so.
    """
    from memos_admin.backend.jump import begun

    reads = context.workspace().reads
    if found := reads.memory(wanted):
        return found
    beginning = wanted.removesuffix("…")
    if len(beginning) < _FEWEST:
        return []
    ids = begun(reads, beginning, _MOST_NAMED + 1)
    if len(ids) > 1:
        more = " and others" if len(ids) > _MOST_NAMED else ""
        raise Failed(
            f"{beginning!r} is how the ids of several memories begin: {', '.join(ids[:_MOST_NAMED])}"
            f"{more}. Give more of the one that you mean."
        )
    if not ids:
        return []
    context.out.note(f"Memory {ids[0]}")
    return reads.memory(ids[0])


def _erased(context: Context) -> str:
    """Return that it may have been of somebody who was erased, ``""``: nobody was."""
    from memos_admin.backend.erasing import erased_before

    if not (count := erased_before.how_many(context.home, context.project())):
        return ""
    return (
        f" It may be of one of those who were erased here ({count:,}): ids of their memories are not kept. "
        f"Who that was: {program()} journal list --action forget"
    )


def _stored_or_asked(context: Context, memory_id: str) -> list[Memory]:
    """Return a memory's listings; where there is none, ask the service whose it is and read them."""
    from memos_admin.backend import roster
    from memos_admin.backend.sync import open_subject

    found = _here(context, memory_id)
    if found:
        return found

    progress = Progress(context.out)

    async def ask(workspace: Workspace) -> None:
        remote = await workspace.remote()
        with asking(context.out, remote):
            ref = await roster.find_by_memory_id(workspace, remote, memory_id)
        if ref is None:
            raise Failed(f"MemOS knows memory {memory_id!r} but does not say whose it is.")
        context.out.note(f"Not in this store; MemOS says whose it is: {ref.kind} {ref.external_id}")
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
        "missed_at": utc(memory.missed_at),
        "vanished": memory.vanished_at is not None,
        "vanished_at": utc(memory.vanished_at),
        "reason": memory.reason,
    }


def absence_values(absence: Absence) -> dict[str, Any]:
    """Return when a memory was not listed for a while, for whom, and why."""
    return {
        "kind": absence.ref.kind,
        "user_id": absence.ref.external_id,
        "last_seen": utc(absence.last_seen),
        "vanished_at": utc(absence.vanished_at),
        "returned_at": utc(absence.returned_at),
        "reason": absence.reason,
    }


def still_gone(memory: Memory) -> dict[str, Any]:
    """Return the same of a memory that has not come back, for whom it is listed no more."""
    return {
        "kind": memory.ref.kind,
        "user_id": memory.ref.external_id,
        "last_seen": utc(memory.last_seen),
        "vanished_at": utc(memory.vanished_at),
        "returned_at": None,
        "reason": memory.reason,
    }


def absence_words(values: Mapping[str, Any]) -> str:
    """Return the same in words."""
    from memos_admin.backend.gone_words import why_gone, why_was_gone

    ended = values["returned_at"] is not None
    reason = (why_was_gone if ended else why_gone)(values["reason"])
    why = f" ({reason})" if reason else ""
    if not ended:
        return f"since {values['vanished_at']}{why}"
    return f"from {values['vanished_at']} until {values['returned_at']}{why}"


def source_values(source: MemorySource) -> dict[str, Any]:
    """Return what the service says of a source."""
    return {
        "kind": source.kind,
        "role": source.role,
        "excerpt": source.excerpt,
        "message_id": source.message_id,
        "time": source.time,
    }


def _in_words(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    from memos_admin.backend.gone_words import why_gone

    for name, value in facts.items():
        if name == "listed_for":
            for listing in value:
                word = ARCHIVED if listing["reason"] == ARCHIVED else "gone"
                gone = f", {word} since {listing['vanished_at']}" if listing["vanished"] else ""
                if listing["missed_at"] and not listing["vanished"]:
                    gone = f", in doubt since {listing['missed_at']}: MemOS does not list it and does not say that it is gone"
                who = f"{listing['kind']} {listing['user_id']}"
                why = f" ({why_gone(listing['reason'])})" if listing["reason"] else ""
                yield (
                    "listed for",
                    f"{who}, first seen {listing['first_seen']}, last listed {listing['last_seen']}{gone}{why}",
                )
                yield from (("not listed", absence_words(one)) for one in listing["absences"])
        elif name == "sources":
            for source in value:
                yield "source", " · ".join(str(part) for part in source.values() if part)
        else:
            shown = ", ".join(value) if isinstance(value, list) else value
            yield name, "" if shown is None else str(shown)

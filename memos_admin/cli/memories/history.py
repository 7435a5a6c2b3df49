"""``memories history``: what a memory said at each reading that found it changed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit
from memos_admin.cli.lists import counted, tell_cut, utc
from memos_admin.cli.memories.one import absence_values, absence_words, still_gone, stored, viewed
from memos_admin.cli.table import fact_lines, folded, minute

if TYPE_CHECKING:
    from memos_admin.backend.history.memories import Found
    from memos_admin.backend.model import Memory
    from memos_admin.cli.output import Output

FIELDS = (
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
    "conversation_id",
    "not_kept",
    "sync_began",
    "changed",
    "diff",
    "absences",
)
_INDENT = "   "
_WORDS = {"conversation_id": "conversation"}
"""What fields are called on a terminal, where that is not their name."""


def list_history(context: Context, args: argparse.Namespace) -> Exit:
    """``memories history``."""
    from memos_admin.backend.history.memories import absences, began_in, versions
    from memos_admin.backend.times import parse_service_time

    memory = stored(context, args.id)
    viewed(context, "history", memory)
    workspace, out = context.workspace(), context.out
    found = versions(workspace.reads, memory.pk)
    listings = workspace.reads.memory(memory.memory_id)
    gone = absences(workspace.reads, listings)
    still = [still_gone(one) for one in listings if one.vanished_at is not None]
    rows = [
        {
            "memory_id": memory.memory_id,
            **_version(one),
            "updated_at": utc(parse_service_time(one.version.update_time, workspace.zone)),
            **_difference(found[at - 1] if at else None, one),
            "absences": [
                *(absence_values(absence) for absence in began_in(one.version, gone)),
                *(still if one.version.replaced_at is None else ()),
            ],
        }
        for at, one in enumerate(found[: args.limit or None])
    ]
    if out.on_terminal and not args.json:
        for row in rows:
            for line in _told(row, out.width):
                out.line(line)
    else:
        out.rows(rows, fields=FIELDS, columns=(), as_json=args.json)
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
        "conversation_id": version.conversation_id,
        "not_kept": list(version.not_kept),
        "sync_began": None if run is None else utc(run.started_at),
    }


def _difference(before: Found | None, found: Found) -> dict[str, Any]:
    """Return which fields are new, and each with its words marked."""
    from memos_admin.backend.history.memories import differences
    from memos_admin.backend.history.worddiff import marked

    told = [] if before is None else differences(before.version, found.version)
    return {
        "changed": [one.field for one in told],
        "diff": {one.field: one.between.join(map(marked, one.parts)) for one in told},
    }


def _told(row: Mapping[str, Any], width: int) -> Iterator[str]:
    """Yield the lines of a version for a terminal: the first one whole, others with marked words."""
    from memos_admin.backend.history.memories import FIELDS

    until = f", until {minute(row['replaced_at'])}" if row["replaced_at"] else ""
    head = [f"{row['version']}  seen from {minute(row['seen_from'])}{until}"]
    head += [f"sync of {minute(row['sync_began'])}"] if row["sync_began"] else []
    changed = [_WORDS.get(name, name) for name in row["changed"]]
    head += [f"changed: {', '.join(changed)}"] if changed else []
    yield from folded(head, width, then=_INDENT)
    said = {_WORDS.get(name, name): row["diff"].get(name, row[name]) for name in FIELDS}
    said |= {_WORDS.get(name, name): "not kept for this version" for name in row["not_kept"]}
    facts = [(name, ", ".join(v) if isinstance(v, list) else v) for name, v in said.items() if v]
    if row["dropped"]:
        facts.append(("text", "no longer kept"))
    facts += [("not listed", absence_words(one)) for one in row["absences"]]
    yield from (f"{_INDENT}{line}" for line in fact_lines(facts, width - len(_INDENT)))
    yield ""


def _tell_gone(out: Output, memory: Memory) -> None:
    """Tell that a memory is gone: the last version is its last text then."""
    if memory.vanished_at is not None:
        from memos_admin.backend.gone_words import why_gone

        why = f": {why_gone(memory.reason)}" if memory.reason else ""
        out.note(
            f"Gone since {minute(utc(memory.vanished_at))}{why}. The last version is its last text."
        )
    elif memory.in_doubt:
        out.note(
            f"In doubt since {minute(utc(memory.missed_at))}: MemOS did not list it, and does not say that it is gone."
        )

"""``journal list``: who did what, the latest first."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from memos_admin.cli.arguments import subject_of
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit
from memos_admin.cli.journal.telling import tell_off, tell_sealed, write_first
from memos_admin.cli.lists import counted, tell_cut
from memos_admin.cli.table import Column, text
from memos_admin.cli.table import instant as time

if TYPE_CHECKING:
    from memos_admin.backend.journal.entries import Entry


_EVERYBODY = "is_about_everybody"
"""Beside the fields of an entry, for the table alone."""


def _what(row: Mapping[str, Any]) -> str:
    # Nobody knows whether what was interrupted, or not answered, was done: it did not simply fail.
    is_unknown = row["result"] == "failed" and row["details"].get("carried_out") == "unknown"
    result = "not known" if is_unknown else row["result"]
    if row["details"].get("ended") == "in part":
        result = f"{result} in part"
    return f"{row['action']} {result}" if result else str(row["action"])


def _about(row: Mapping[str, Any]) -> str:
    """Return everything that an entry names beside the user, in a line."""
    details = {name: value for name, value in row["details"].items() if name != "ended"}
    said = [details.pop("what", None), row["query"] and f"“{row['query']}”"]
    said += [row[name] for name in ("conversation_id", "memory_id", "file")]
    said += [f"{number} {name}" for name, number in row["counts"].items()]
    said += [f"{name} {_short(value)}" for name, value in details.items()]
    return " · ".join(str(part) for part in said if part)


def _short(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _whom(row: Mapping[str, Any]) -> str:
    if row["user_id"]:
        return f"{row['user_id']} (agent)" if row["subject_kind"] == "agent" else row["user_id"]
    return "everybody" if row[_EVERYBODY] else ""


COLUMNS = (
    Column("Entry", lambda row: str(row["seq"]), right=True, gives=4),
    time("at", "When"),
    text("operator", "Who", least=6, gives=3),
    Column("Did", _what),
    text("project", "Project", least=6, gives=5),
    Column("User", _whom, least=12),
    Column("About", _about, least=12, gives=1),
    text("ticket", "Ticket", least=6, gives=2),
    text("reason", "Reason", least=8, gives=6),
)


def list_entries(context: Context, args: argparse.Namespace) -> Exit:
    """``journal list``."""
    from memos_admin.backend.journal.entries import OF_NO_USER
    from memos_admin.backend.journal.reading import FIELDS, Wanted, listing, unfinished

    write_first(context)
    ref = subject_of(args)
    wanted = Wanted(
        subject_kind=None if ref is None else ref.kind,
        user_id=None if ref is None else ref.external_id,
        action=args.action,
        since=args.since,
        until=args.until,
        unnamed_but=None if args.only_named else OF_NO_USER,
        operator=args.operator,
        ticket=args.ticket,
    )
    found = (unfinished if args.unfinished else listing)(context.home, wanted)
    told = islice(found.entries, args.limit or None)
    shown = list(told) if args.unfinished else told
    entries = ({**entry.values(), _EVERYBODY: entry.is_about_everybody} for entry in shown)
    context.out.rows(entries, fields=FIELDS, columns=COLUMNS, as_json=args.json)
    tell_cut(context.out, args.limit, found.total, "entries")
    if not found.total:
        context.out.note("No entry fits." if found.head else "There is no journal here yet.")
    if found.unnamed:
        context.out.note(
            f"{counted(found.unnamed, 'entry')} among them: no user is named, since it was about everybody, "
            "or about what nobody was named for. --only-named leaves them out."
        )
    if args.unfinished:
        _tell_unfinished(context, list(shown))
    tell_sealed(context, found.head)
    tell_off(context)
    return Exit.DONE


def _tell_unfinished(context: Context, entries: Sequence[Entry]) -> None:
    """Tell what having no end means, and how to read whether MemOS was changed."""
    from memos_admin.backend.journal.entries import CHANGES
    from memos_admin.backend.model import SubjectRef
    from memos_admin.cli.changing.confirming import look_again

    if not entries:
        return
    context.out.note(
        "Begun, and no end is journaled: it is under way, or its process was killed. Whether it was done "
        "is not known."
    )
    changes = [one for one in entries if one.action in CHANGES]
    refs = [
        SubjectRef("agent" if one.subject_kind == "agent" else "user", one.user_id)
        for one in changes
        if one.user_id
    ]
    if again := look_again(refs):
        context.out.note(
            "A change is not listed here any more once all of its user was read since."
        )
        context.out.note(again)

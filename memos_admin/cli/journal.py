"""Who looked at, searched, exported, added or removed what, when and why.

The journal is appended to by commands and by the interface. Each entry is chained to the one before
and, where there is a keyring, sealed: one that is changed, missing or cut off is found. It holds no
text of a message or a memory.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memos_admin.cli.arguments import (
    FILTERS,
    OUTPUT,
    add_json,
    add_list_options,
    add_subject_options,
    subject_of,
)
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Failed, Usage
from memos_admin.cli.formats import add_format, as_format, choose_format
from memos_admin.cli.lists import counted, tell_cut, utc
from memos_admin.cli.parser import commands
from memos_admin.cli.table import Column, minute, text
from memos_admin.cli.table import instant as time
from memos_admin.cli.values import instant, new_file

if TYPE_CHECKING:
    from memos_admin.backend.journal.copies import Copy
    from memos_admin.backend.journal.entries import Entry
    from memos_admin.backend.journal.reading import Head
    from memos_admin.backend.journal.verifying import Verified

FORMATS = ("csv", "jsonl")

_EVERYBODY = "is_about_everybody"
"""Beside the fields of an entry, for the table alone."""


def _hash(typed: str) -> str:
    """Return the hash of an entry, or its beginning, as it was noted."""
    found = typed.strip().lower()
    if not re.fullmatch("[0-9a-f]{8,64}", found):
        raise argparse.ArgumentTypeError(
            f"{typed!r} is no hash of an entry, which has 64 digits and letters from a to f; its first "
            "eight will do"
        )
    return found


def _what(row: Mapping[str, Any]) -> str:
    # Nobody knows whether what was interrupted, or not answered, was done: it did not simply fail.
    is_unknown = row["result"] == "failed" and row["details"].get("carried_out") == "unknown"
    result = "not known" if is_unknown else row["result"]
    return f"{row['action']} {result}" if result else str(row["action"])


def _about(row: Mapping[str, Any]) -> str:
    """Return everything that an entry names beside the user, in a line."""
    details = dict(row["details"])
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


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    from memos_admin.backend.journal import ACTIONS

    verbs = commands(parser)

    listed = verbs.add_parser("list", help="list entries, the latest first")
    add_subject_options(listed, required=False, group=FILTERS)
    filters = listed.add_argument_group(FILTERS)
    filters.add_argument(
        "--action", choices=ACTIONS, metavar="A", help=f"one of {', '.join(ACTIONS)}"
    )
    filters.add_argument("--ticket", metavar="ID", help="done for this ticket")
    filters.add_argument("--operator", metavar="NAME", help="done by this operator")
    filters.add_argument(
        "--since", type=instant, metavar="T", help="since: 2025-09-17, an ISO time, 7d, 24h"
    )
    filters.add_argument(
        "--until", type=instant, metavar="T", help="before: as --since, which is included"
    )
    filters.add_argument(
        "--only-named",
        action="store_true",
        help="with --user: leave out entries that name no user, such as an export of everybody",
    )
    filters.add_argument(
        "--unfinished",
        action="store_true",
        help="what was begun and has no end: it is under way, or was killed",
    )
    add_list_options(listed)
    listed.set_defaults(run=list_entries)

    verify = verbs.add_parser(
        "verify", help="check that no entry was changed or is missing; 1 where one is"
    )
    verify.add_argument(
        "--hash",
        metavar="HASH",
        type=_hash,
        help="that was noted before, as exports tell it",
    )
    which = verify.add_mutually_exclusive_group()
    which.add_argument(
        "--file", metavar="FILE", help="a journal that was moved away (default: the present one)"
    )
    which.add_argument(
        "--previous",
        metavar="FILE",
        help="one that was in this folder before: where it is whole, it is missed no more",
    )
    add_json(verify)
    verify.set_defaults(run=verify_journal)

    export = verbs.add_parser("export", help="write all entries to a file, the first one first")
    output = export.add_argument_group(OUTPUT)
    add_format(output, FORMATS)
    output.add_argument(
        "--output",
        type=new_file,
        default="-",
        metavar="FILE",
        help="an existing one is replaced; - is stdout",
    )
    export.set_defaults(run=export_journal, seals=True)


def list_entries(context: Context, args: argparse.Namespace) -> Exit:
    """``journal list``."""
    from memos_admin.backend.journal.entries import OF_NO_USER
    from memos_admin.backend.journal.reading import FIELDS, Wanted, listing, unfinished

    _write_first(context)
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
    _tell_sealed(context, found.head)
    _tell_off(context)
    return Exit.DONE


def _tell_unfinished(context: Context, entries: Sequence[Entry]) -> None:
    """Tell what having no end means, and how to read whether MemOS was changed."""
    from memos_admin.backend.model import SubjectRef
    from memos_admin.cli.changing import look_again

    if not entries:
        return
    context.out.note(
        "Begun, and no end is journaled: it is under way, or its process was killed. Whether it was done "
        "is not known."
    )
    changes = [one for one in entries if one.action.startswith(("memory.", "subject."))]
    refs = [
        SubjectRef("agent" if one.subject_kind == "agent" else "user", one.user_id)
        for one in changes
        if one.user_id
    ]
    if again := look_again(refs):
        context.out.note(again)


def _write_first(context: Context) -> None:
    """Write what this process has done itself: in the demo that is all that there is."""
    from memos_admin.backend import journal

    journal.of(context.home).flush()


def _tell_sealed(context: Context, head: Head | None) -> None:
    """Tell how far the entries can be trusted, before they are verified."""
    if head is None or not head.seq:
        return
    if head.sealed_from is None:
        context.out.note(
            "Only chained, not sealed: who can write the file can write it anew. Where there is a "
            "keyring, the interface, a sync or an export begins to seal it."
        )
    elif head.sealed_from > 1:
        context.out.note(
            f"Sealed from entry {head.sealed_from} on; those before are chained to it."
        )


def _tell_off(context: Context) -> None:
    from memos_admin.backend import journal

    if not journal.of(context.home).settings().enabled:
        context.out.note(f"Nothing is journaled now: {journal.OFF}.")


def verify_journal(context: Context, args: argparse.Namespace) -> Exit:
    """``journal verify``."""
    from memos_admin.backend.journal.verifying import verify

    path = _journal_file(args.file)
    _write_first(context)
    if (previous := _journal_file(args.previous)) is not None:
        shown = _show(context, previous)
        if shown.problems or shown.unchecked:
            return _told(context, args, shown)
    return _told(context, args, verify(context.home, path=path, expected=args.hash or ""))


def _told(context: Context, args: argparse.Namespace, found: Verified) -> Exit:
    if args.json:
        context.out.document(_as_json(found))
    else:
        for problem in found.problems:
            context.out.line(problem.text)
    _tell(context, found)
    if args.file is None:
        _tell_off(context)
    if found.problems:
        return Exit.REFUSED
    return Exit.PARTIAL if found.unchecked and found.journal else Exit.DONE


def _journal_file(given: str | None) -> Path | None:
    """Return the file of a journal that is not the present one; None: none was given."""
    if given is None:
        return None
    path = Path(given).expanduser()
    if not path.is_file():
        raise Failed(f"There is no file {path}.")
    if form := _exported_as(path):
        raise Failed(
            f"{path} is an export of a journal ({form}), and here belongs the file of a journal that was "
            "moved away. Whether its last entry is in the journal here says: memos-admin journal verify "
            "--hash HASH. How its chain is checked without memos-admin stands in docs/journal.md."
        )
    return path


def _show(context: Context, path: Path) -> Verified:
    """Show a journal that was in the folder before; tell whether it is missed no more."""
    from memos_admin.backend.journal.showing import NotMissed, show

    try:
        found = show(context.home, path)
    except NotMissed as error:
        raise Failed(f"{path}: {error}") from None
    if found.problems or found.unchecked:
        context.out.note(
            f"{path} cannot be shown to be whole, and is missed as before. What follows is about it. A "
            "whole copy, such as one in a backup of the folder, can be shown in its place."
        )
    else:
        context.out.note(
            f"{path} is journal {found.journal}, whole with {counted(found.entries, 'entry')}. It is "
            "missed no more, and that it was shown is journaled."
        )
    return found


def _exported_as(path: Path) -> str:
    """Return in which form a file is an export of a journal, ``""``: it is none."""
    from memos_admin.backend.journal.reading import FIELDS

    with path.open("rb") as file:
        begins = file.read(len(",".join(FIELDS)))
    if begins == ",".join(FIELDS).encode():
        return "CSV"
    return "JSON lines" if begins.startswith(b'{"') else ""


def _tell(context: Context, found: Verified) -> None:
    out = context.out
    if found.more:
        out.note(f"And {counted(found.more, 'further problem')}.")
    missed = [each for each in found.before if not each.shown]
    changed = bool(found.more) or len(found.problems) > len(missed)
    if changed:
        out.note(
            "The journal is not as it was written. It was left as it is. Keep a copy of it, and "
            "compare what exports told and backups hold."
        )
    if missed:
        out.note(
            "A journal that was moved away, or is in a backup of the folder, is shown by: memos-admin "
            "journal verify --previous FILE"
        )
    if (noted := found.noted) is not None:
        what = f": {noted.action}, {minute(utc(noted.at))}" if noted.action else ""
        out.note(f"Entry {noted.seq} has this hash{what}.")
    for told in _elsewhere(found):
        out.note(told)
    if found.journal is None:
        if not found.problems:
            out.note("There is no journal here yet.")
    else:
        whole = "" if changed else ", each as it was written"
        ends = "" if found.last is None else f" The last is {found.last[0]}, hash {found.last[1]}."
        out.note(f"{counted(found.entries, 'entry')}{whole}.{ends}")
        if found.sealed_from is None:
            out.note(
                "They are only chained, not sealed: who can write the file can write it anew. "
                "Entries cut off at the end are found only by a hash that was noted (--hash)."
            )
        elif found.sealed_from > 1:
            out.note(f"Sealed from entry {found.sealed_from} on; those before are chained to it.")
    if found.unchecked and found.journal is not None:
        out.note(f"The seals were not checked. {found.unchecked}")
    elif found.unchecked:
        out.note(f"Whether there was one before cannot be told. {found.unchecked}")


def _elsewhere(found: Verified) -> Iterator[str]:
    """Yield what is to be said of journals that were here before, and of this one in other folders."""
    for each in found.before:
        if each.shown:
            yield f"Before there was journal {each.held}. It was shown since, and was whole."
    yield from map(_of_copy, found.copies)


def _of_copy(copy: Copy) -> str:
    known = f"up to entry {copy.last.seq} at least, hash {copy.last.hash}"
    if copy.there:
        return (
            f"This journal is in {copy.folder} too, and goes on there by itself, {known}. One of the two "
            f"is a copy; each is verified in its own folder (MEMOS_ADMIN_HOME={copy.folder})."
        )
    return (
        f"A copy of this journal went on by itself in {copy.folder}, {known}. It is not there any more. If "
        "nobody copied this folder, look for it: those entries are nowhere else."
    )


def _as_json(found: Verified) -> dict[str, Any]:
    return {
        "journal": found.journal,
        "entries": found.entries,
        "last_seq": None if found.last is None else found.last[0],
        "last_hash": None if found.last is None else found.last[1],
        "sealed_from": found.sealed_from,
        "seals_unchecked": found.unchecked or None,
        "problems": [{"seq": one.seq, "problem": one.text} for one in found.problems],
        "more_problems": found.more,
        "previous": [
            {
                "journal": each.journal,
                "last_seq": each.last.seq or None,
                "last_hash": each.last.hash or None,
                "shown": each.shown,
            }
            for each in found.before
        ],
        "noted": None
        if found.noted is None
        else {**found.noted._asdict(), "at": utc(found.noted.at)},
        "copies": [
            {
                "folder": each.folder,
                "last_seq": each.last.seq,
                "last_hash": each.last.hash,
                "there": each.there,
            }
            for each in found.copies
        ],
    }


def export_journal(context: Context, args: argparse.Namespace) -> Exit:
    """``journal export``."""
    from memos_admin.backend import journal
    from memos_admin.backend.export.journaling import named
    from memos_admin.backend.journal.reading import write

    choose_format(args, FORMATS)
    if context.options.mask:
        raise Usage("The journal is exported as it is, to be verified: leave --mask out.")
    output = args.output
    if output != "-":
        output = Path(output).expanduser()
        if output.is_dir():
            raise Usage(f"{output} is a folder. Name a file in it.")
    replaces = output != "-" and output.exists()
    home = context.home
    if not home.journal_path.exists():
        raise Failed(f"There is no journal {home.journal_path} yet.")
    details = {"format": args.format}
    event = journal.Event("journal.export", file=named(output), details=details)
    with journal.journaled(home, event, "Nothing was exported") as counts:
        done = write(home, format=args.format, output=output)
        counts["entries"] = done.entries
    out = context.out
    where = "standard output" if output == "-" else str(output)
    out.note(f"Wrote {counted(done.entries, 'entry')} to {where}{as_format(args)}.")
    if done.guarded:
        out.note(
            f"{counted(done.guarded, 'cell')} began like a formula, or a part did, and got a ' there."
        )
    out.note(f"The last is entry {done.head.seq}, hash {done.head.hash}.")
    _tell_sealed(context, done.head)
    if replaces:
        out.note("The file that was there was replaced.")
    return Exit.DONE

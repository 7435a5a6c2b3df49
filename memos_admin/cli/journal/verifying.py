"""``journal verify``: whether each entry is as it was written."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Failed
from memos_admin.cli.journal.telling import tell_off, write_first
from memos_admin.cli.lists import counted, utc
from memos_admin.cli.table import minute

if TYPE_CHECKING:
    from memos_admin.backend.journal.copies import Copy
    from memos_admin.backend.journal.verifying import Verified


def verify_journal(context: Context, args: argparse.Namespace) -> Exit:
    """``journal verify``."""
    from memos_admin.backend.journal.verifying import verify

    path = _journal_file(args.file)
    write_first(context)
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
        tell_off(context)
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
    changed = bool(found.more) or not all(each.of_another for each in found.problems)
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
    for told in (*_out_of_turn(found), *_elsewhere(found)):
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


def _out_of_turn(found: Verified) -> Iterator[str]:
    """Yield that entries are dated before those before them."""
    if (back := found.set_back) is not None:
        more = f" Further such entries: {found.set_backs - 1:,}." if found.set_backs > 1 else ""
        yield (
            f"Entry {back.seq} ({utc(back.at)}) is dated before the one before it ({utc(back.before)}): a "
            f"clock was set back, or it waited to be written.{more}"
        )


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
        "dated_before_the_one_before": {
            "entries": found.set_backs,
            "first_seq": None if found.set_back is None else found.set_back.seq,
        },
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

"""Reading the journal: the latest entries first for a list, all in their order for a file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

from memos_admin.backend.home import Home
from memos_admin.backend.journal import chain
from memos_admin.backend.journal.entries import CHANGES, NAMES, Action, Entry, read_row
from memos_admin.backend.model import SubjectRef
from memos_admin.language import gettext as _
from memos_admin.store.errors import StoreBroken
from memos_admin.store.journal_file import Head, Row
from memos_admin.store.journal_reads import JournalReads, Wanted

__all__ = [
    "FIELDS",
    "Format",
    "Head",
    "Listing",
    "Wanted",
    "Written",
    "begun_changes",
    "done",
    "listing",
    "unfinished",
    "write",
]

FIELDS = NAMES
"""The fields of an entry in lists and in CSV, in their order."""

Format = Literal["csv", "jsonl"]
_BATCH = 500
_SAME = (
    *("action", "os_user", "via", "project_uuid", "subject_kind", "user_id"),
    *("conversation_id", "memory_id", "file"),
)
"""What the entries before and after something have in common."""
_SAME_ERASURE = ("action", "project_uuid", "subject_kind", "user_id")
"""What those of an erasure here have in common with what it finishes, whoever began that."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Some entries of a journal, latest first.

    Attributes:
        total: how many there are of that kind.
        unnamed: how many of them name no user, where those of one were wanted.
    """

    entries: Iterator[Entry]
    total: int
    head: Head | None
    unnamed: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """What was written of a journal: how many entries, cells guarded, and where it ends."""

    entries: int
    guarded: int
    head: Head


def listing(home: Home, wanted: Wanted) -> Listing:
    """Return the entries that are wanted; none where there is no journal. Raises StoreError."""
    reads = JournalReads(home.journal_path)
    try:
        head = reads.head()
    except FileNotFoundError:
        return Listing(iter(()), 0, None)
    total, unnamed = reads.count(wanted), 0
    if wanted.user_id is not None and wanted.unnamed_but is not None:
        unnamed = total - reads.count(wanted._replace(unnamed_but=None))
    return Listing(_latest(reads, head.seq + 1, wanted), total, head, unnamed)


def unfinished(home: Home, wanted: Wanted) -> Listing:
    """Return what was begun and has no end: it is under way, or was killed. Raises StoreError.

    An end belongs to what was begun last of the same; so each of several at once has its own. Of erasures
    here one alone goes on at a time, and finishes what those before it left. A change in MemOS is finished
    too by a sync that has read afterwards all that it could have changed.
    """
    reads = JournalReads(home.journal_path)
    try:
        head = reads.head()
    except FileNotFoundError:
        return Listing(iter(()), 0, None)
    since, until = wanted.since or 0, wanted.until or math.inf
    ever = wanted._replace(since=None, until=None, operator=None, ticket=None)
    left = [
        entry
        for entry in _without_end(reads, _ends(reads, ever))
        if since <= entry.at < until
        and wanted.operator in {None, entry.operator}
        and wanted.ticket in {None, entry.ticket}
    ]
    left.sort(key=lambda entry: entry.seq, reverse=True)
    unnamed = 0 if wanted.user_id is None else sum(entry.user_id is None for entry in left)
    return Listing(iter(left), len(left), head, unnamed)


def begun_changes(home: Home, project: UUID) -> list[Entry]:
    """Return the changes of what MemOS has of a project that were begun and have no end, the first one first.

    One that is under way is among them. Raises StoreError.
    """
    reads = JournalReads(home.journal_path)
    try:
        rows = reads.done(str(project), CHANGES, Wanted(), begun=True)
    except FileNotFoundError:
        return []
    left = _without_end(reads, (_entry(reads, row) for row in rows))
    return sorted(left, key=lambda entry: entry.seq)


def _ends(reads: JournalReads, wanted: Wanted) -> Iterator[Entry]:
    """Yield the entries that say how far something went."""
    at = 0
    while rows := reads.ends_after(at, _BATCH, wanted):
        at = rows[-1][0]
        yield from (_entry(reads, row) for row in rows)


def _without_end(reads: JournalReads, entries: Iterable[Entry]) -> list[Entry]:
    """Return those of some entries that began something which has no end, and nothing finishes."""
    begun: dict[tuple[object, ...], list[Entry]] = {}
    for entry in entries:
        is_erasure = entry.action == "forget"
        names = _SAME_ERASURE if is_erasure else _SAME
        same = begun.setdefault(tuple(getattr(entry, name) for name in names), [])
        if entry.result == "begun":
            same.append(entry)
        elif is_erasure and entry.result == "done":
            same.clear()
        elif same:
            same.pop()
    left = [entry for same in begun.values() for entry in same]
    if not any(entry.action in CHANGES for entry in left):
        return left
    since = reads.finished_by("sync")
    return [one for one in left if one.action not in CHANGES or one.seq not in since]


def done(
    home: Home, project: UUID, actions: Sequence[Action], ref: SubjectRef | None = None
) -> Iterator[Entry]:
    """Yield what was done in a project by these actions, to one user or agent or to all, in its order.

    Raises StoreError.
    """
    reads = JournalReads(home.journal_path)
    with suppress(FileNotFoundError):
        for row in reads.done(str(project), actions, _of(ref)):
            yield _entry(reads, row)


def of_actions(
    home: Home, project: UUID, actions: Sequence[Action], ref: SubjectRef | None = None
) -> Iterator[Entry]:
    """Yield how far went what was begun in a project by these actions, as `done` does. Raises StoreError."""
    reads = JournalReads(home.journal_path)
    with suppress(FileNotFoundError):
        for row in reads.done(str(project), actions, _of(ref), begun=True):
            yield _entry(reads, row)


def _of(ref: SubjectRef | None) -> Wanted:
    """Return what is about one user or agent; None: about all."""
    return Wanted() if ref is None else Wanted(subject_kind=ref.kind, user_id=ref.external_id)


def count_queries(home: Home, project: UUID) -> int:
    """Return how many entries about a project have words that an operator searched or filtered by.

    Raises StoreError.
    """
    try:
        return JournalReads(home.journal_path).count_queries(str(project))
    except FileNotFoundError:
        return 0


def _latest(reads: JournalReads, before: int, wanted: Wanted) -> Iterator[Entry]:
    while rows := reads.before(before, _BATCH, wanted):
        yield from (_entry(reads, row) for row in rows)
        before = rows[-1][0]


def write(home: Home, *, format: Format, output: Path | str) -> Written:  # noqa: A002 - the option's name
    """Write all entries in their order: as CSV, or as JSON lines by which the chain can be checked.

    Raises:
        FileNotFoundError: there is no journal.
        StoreError: it cannot be read.
        OSError: the file cannot be written; what was there is untouched.
    """
    from memos_admin.backend.export.csv_format import CsvFormat
    from memos_admin.backend.export.table import block
    from memos_admin.backend.export.target import writing

    reads = JournalReads(home.journal_path)
    head = reads.head()
    sheet, entries, previous = CsvFormat(FIELDS), 0, ""
    with writing(output) as out:
        if format == "csv":
            out(sheet.header())
        for entry in _all(reads, head.seq):
            entries += 1
            values = entry.values()
            if format == "csv":
                values |= {name: _pairs(values[name]) for name in ("counts", "details")}
                out(sheet.lines(block([[values[name] for name in FIELDS]])))
            else:
                line = {**values, "journal": head.journal, "previous": previous}
                out(chain.canonical(line).decode() + "\n")
                previous = entry.hash
    return Written(entries, sheet.guarded, head)


def _all(reads: JournalReads, last: int) -> Iterator[Entry]:
    at = 0
    while at < last and (rows := reads.after(at, _BATCH)):
        for row in rows:
            if row[0] <= last:
                yield _entry(reads, row)
        at = rows[-1][0]


def _pairs(values: dict[str, object]) -> list[str]:
    return [f"{name}={value}" for name, value in values.items()]


def _entry(reads: JournalReads, row: Row) -> Entry:
    try:
        return read_row(row)
    except ValueError:
        raise StoreBroken(
            _(
                "Entry {number} of the journal {path} was changed by another program, and "
                "cannot be read. What else is wrong tells: memos-admin journal verify"
            ).format(number=row[0], path=reads.path)
        ) from None

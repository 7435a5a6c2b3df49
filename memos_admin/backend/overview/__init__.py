"""Overview of one project: how much there is, how old it is, what was judged, and what is wrong.

It is counted part by part, so that the first ones are there at once however much is stored. What the
numbers are about stands with each part; the page docs/overview.md has the rest. (Projects beside each
other are in `memos_admin.backend.projects.stored`.)
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta, tzinfo
from typing import Literal, NamedTuple, get_args

from memos_admin.backend.display import called
from memos_admin.backend.model import Filter, Reads, bound
from memos_admin.backend.remote import WINDOW
from memos_admin.backend.times import local, to_ms
from memos_admin.backend.verdicts.choosing import chosen, is_narrow
from memos_admin.backend.verdicts.figures import by_view
from memos_admin.backend.verdicts.verdict_filter import VerdictFilter
from memos_admin.language import gettext as _
from memos_admin.store import changes, known_then
from memos_admin.store import ledger as known
from memos_admin.store import overview as stored
from memos_admin.store.errors import StoreInterrupted

SectionName = Literal[
    "users", "readings", "conversations", "problems", "views", "statuses", "ages", "tags", "verdicts", "days"
]  # fmt: skip
SECTIONS: tuple[SectionName, ...] = get_args(SectionName)

Bound = Literal["exact", "least", "most", "about", "unknown"]
"""``least``: MemOS may have more, or not all was counted; ``most``: some are in doubt; ``about``: both;
``unknown``: there is no number."""

TOP = 10
"""Tags that are told."""

DAYS = 14
"""Days of changes that are told, at most."""

_DAY = stored.DAY
AGES = {"1d": 1, "7d": 7, "30d": 30, "91d": 91, "365d": 365}
"""Classes of how long ago a memory was updated, in days; ``older`` and ``untimed`` follow."""

_AGE_ITEMS = (*AGES, "older")

ARCHIVED = "archived"
"""A status, and a row of those that are listed no more since they have it: MemOS still has them."""

_BESIDE_VIEWS = frozenset({ARCHIVED, "vanished", "missed"})
"""What is counted beside the views: memories that are not listed, or that a view has already."""

UNLISTED = {("views", ARCHIVED), ("views", "vanished"), ("statuses", ARCHIVED)}
"""Rows that `unlisted_keys` has the keys of."""


class Scope(NamedTuple):
    """What numbers are about.

    Attributes:
        of: the project, one user or agent, or the memories of a filter.
        since: since when it is known here, milliseconds; None: not known, or nothing is.
        until: when it was last read; None: at the time of counting.
    """

    of: Literal["project", "user", "filter"]
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A number.

    Attributes:
        item: what is counted: a word that stays as it is, a view, a status, a tag, a day.
        count: None where `bound` is ``unknown``.
        by: what it consists of.
        share, interval: of *correct* among verdicts, 95 %; None: too few, or no verdicts.
    """

    item: str
    count: int | None
    bound: Bound = "exact"
    by: Mapping[str, int] = field(default_factory=dict)
    share: float | None = None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Numbers about one thing; `whole`: all of them are counted."""

    name: SectionName
    scope: Scope
    rows: tuple[Row, ...]
    whole: bool = True

    @property
    def total(self) -> Row | None:
        """How many memories are listed, of the views; None: it is another section, or not counted yet."""
        listed = [row for row in self.rows if row.item not in _BESIDE_VIEWS]
        if self.name != "views" or not self.whole:
            return None
        bounds = {row.bound for row in self.rows}
        is_bound = bound(
            lacks=bool(bounds & {"least", "about"}), doubted=bool(bounds & {"most", "about"})
        )
        return Row("", sum(row.count or 0 for row in listed), is_bound)


class Step(NamedTuple):
    """Sections that are new or say more, and how far the counting is: `done` of `of`."""

    sections: list[Section]
    done: int
    of: int


def overview(reads: Reads, wanted: Filter, now: int, zone: tzinfo | None) -> Iterator[Step]:
    """Yield the sections of an overview, those first that are soon counted.

    Args:
        reads: the store; `Reads.interrupt` ends the counting.
        wanted: which memories; of users, conversations, problems and days only its user counts.
        now: milliseconds.
        zone: in which days begin; None: this machine's.

    Raises:
        LookupError: there is no such user.
        StoreInterrupted: it was interrupted.
        ValueError: the filter asks for another time than now.
    """
    if wanted.as_of is not None:
        raise ValueError("An overview counts what is known now.")
    return _Counting(reads, wanted, now, zone).steps()


def subject_keys(reads: Reads, wanted: Filter, section: str, item: str, now: int) -> array[int]:
    """Return the keys of the users that a row of ``users`` or ``readings`` counts."""
    pk = _subject_pk(reads, wanted)
    return stored.subject_keys(reads.query, section, item, now, pk)


def unlisted_keys(reads: Reads, wanted: Filter, section: str, item: str) -> array[int] | None:
    """Return the keys of the listings that a row counts with or of those listed no more; None: no such row.

    No filter names them: which ones are archived, and which are gone, depends on why they are not listed.
    """
    if wanted.vanished is not None:
        return None
    if section == "views" and item in {ARCHIVED, "vanished"}:
        archived = stored.archived(reads.query)
        gone = reads.memory_pks(replace(wanted, vanished=True))
        return array("q", (key for key in gone if (key in archived) == (item == ARCHIVED)))
    if (section, item) == ("statuses", ARCHIVED):
        wanted = replace(wanted, statuses=frozenset({ARCHIVED}), not_statuses=frozenset())
        gone_now = {*reads.memory_pks(replace(wanted, vanished=True))}
        gone_now -= stored.archived(reads.query)
        return array("q", (key for key in reads.memory_pks(wanted) if key not in gone_now))
    return None


def narrowed(wanted: Filter, section: str, item: str, now: int) -> Filter | None:
    """Return the filter of the memories that a row counts; None: it counts something else.

    ``missed`` has no filter either, nor have those of `unlisted_keys`.
    """
    if wanted.vanished is None and (section, item) in UNLISTED:
        return None
    if section in {"views", "statuses", "ages", "tags"} and wanted.vanished is None:
        wanted = replace(wanted, vanished=False)
    if section == "views" and item != "missed":
        return replace(wanted, views=frozenset({item}), not_views=frozenset())
    if section == "statuses" and item:
        return replace(wanted, statuses=frozenset({item}), not_statuses=frozenset())
    if section == "tags":
        return replace(wanted, tags=wanted.tags | {item})
    if section == "ages" and item in _AGE_ITEMS:
        number = _AGE_ITEMS.index(item)
        since, until = [*_bounds(now), None][number], [None, *_bounds(now)][number]
        since = max(filter(None, (since, wanted.since)), default=None)
        until = min(filter(None, (until, wanted.until)), default=None)
        return replace(wanted, since=since, until=until)
    return None


def midnight(ms: int, zone: tzinfo | None) -> int:
    """Return when the day of an instant began, milliseconds."""
    begin = local(ms, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return to_ms(begin)


def _bounds(now: int) -> list[int]:
    return [now - number * _DAY for number in AGES.values()]


def _subject_pk(reads: Reads, wanted: Filter) -> int | None:
    if wanted.subject is None:
        return None
    subject = reads.subject(wanted.subject)
    if subject is None:
        name = called(wanted.subject)
        raise LookupError(_("{id} is not on the roster of this project.").format(id=name))
    return subject.pk


class _Counting:
    def __init__(self, reads: Reads, wanted: Filter, now: int, zone: tzinfo | None) -> None:
        self._reads, self._wanted, self._now, self._zone = reads, wanted, now, zone
        self._interrupts = reads.query.interrupts
        self._pk = _subject_pk(reads, wanted)
        self._subject = Scope("project" if wanted.subject is None else "user")
        self._views: dict[str, Counter[str]] = {}
        self._statuses, self._ages = Counter[str](), Counter[str]()
        self._gone, self._archived = Counter[str](), Counter[str]()
        self._missed, self._tags = Counter[str](), stored.Tags()
        self._may_lack = False

    def steps(self) -> Iterator[Step]:
        """Yield what is counted."""
        yield Step(self._users(), 0, 1)
        yield self._step([self._conversations(), self._problems()], 0, 1)
        scope = self._memory_scope()
        for block in stored.blocks(self._reads.query, self._wanted, _bounds(self._now)):
            for tally in block.tallies:
                self._add(tally)
            self._tags.add(block.tags)
            whole = block.done >= block.of
            yield self._step(list(self._memories(scope, whole=whole)), block.done, block.of)
        if not self._views and not self._gone and not self._archived:
            yield self._step(list(self._memories(scope, whole=True)), 1, 1)
        yield self._step([self._verdicts()], 1, 1)
        yield self._step([self._days()], 1, 1)

    def _step(self, sections: list[Section], done: int, of: int) -> Step:
        if self._reads.query.interrupts != self._interrupts:
            raise StoreInterrupted(_("Stopped."))
        return Step(sections, done, of)

    def _users(self) -> list[Section]:
        query = self._reads.query
        since = stored.roster_since(query, self._pk)
        scope = self._subject._replace(since=since)
        found = []
        for name in ("users", "readings"):
            counts = stored.subjects(query, name, self._now, self._pk)
            rows = tuple(Row(item, number) for item, number in counts.items())
            found.append(Section(name, scope, rows))
            if name == "users":
                self._may_lack = bool(counts["never"] or counts["problem"])
        return found

    def _conversations(self) -> Section:
        found = known.windows(self._reads.query, self._pk, WINDOW)
        scope = self._subject._replace(since=found.oldest, until=found.latest)
        # MemOS lists no conversations, and serves the latest messages only.
        rows = (
            Row("known", found.conversations, "least"),
            Row("unread", found.never),
            Row("empty", found.empty),
            Row("stale", found.stale),
            Row("messages", found.messages, "least"),
        )
        return Section("conversations", scope, rows)

    def _problems(self) -> Section:
        query = self._reads.query
        users = stored.subjects(query, "users", self._now, self._pk)
        seams = stored.seams(query, self._pk)
        windows = known.windows(query, self._pk, WINDOW)
        run = self._reads.last_run()
        rows = [
            Row("problem", users["problem"]),
            *(Row(kind, seams.get(kind, 0)) for kind in ("gap", "reset", "uncertain")),
            Row("beginning", windows.late),
        ]
        if self._wanted.subject is None:
            incomplete = run is not None and run.outcome != "complete"
            rows.append(Row("last_sync", int(incomplete)))
            # What takes minutes, or asks a keyring or MemOS, is not looked at here.
            rows += [Row("store", None, "unknown"), Row("key", None, "unknown")]
        return Section("problems", self._subject, tuple(rows))

    def _memory_scope(self) -> Scope:
        found = known.readings(self._reads.query, self._pk)
        rest = replace(self._wanted, subject=None)
        of = "filter" if is_narrow(rest) else self._subject.of
        return Scope(of, found.first, found.last)

    def _add(self, tally: stored.Tally) -> None:
        if tally.gone:
            unlisted = self._archived if tally.archived else self._gone
            unlisted[tally.view] += tally.number
            if tally.archived and self._wanted.vanished is None:
                self._statuses[ARCHIVED] += tally.number
        if tally.missed:
            self._missed[tally.view] += tally.number
        if tally.gone != bool(self._wanted.vanished):
            return
        status = tally.status or ""
        self._views.setdefault(tally.view, Counter())[status] += tally.number
        self._statuses[status] += tally.number
        self._ages["untimed" if tally.age is None else _AGE_ITEMS[tally.age]] += tally.number

    def _memories(self, scope: Scope, *, whole: bool) -> Iterator[Section]:
        lacks = not whole or self._may_lack
        doubted = bool(self._missed) and not self._wanted.vanished
        least, listed = bound(lacks=lacks, doubted=False), bound(lacks=lacks, doubted=doubted)
        unlisted = bound(lacks=lacks or doubted, doubted=False)

        def ordered(counts: Counter[str]) -> tuple[Row, ...]:
            found = sorted(counts.items(), key=lambda it: (-it[1], it[0]))
            return tuple(Row(item, number, listed) for item, number in found)

        views = sorted(self._views.items(), key=lambda it: (-it[1].total(), it[0]))
        rows = [
            Row(
                view,
                counts.total(),
                bound(lacks=lacks, doubted=doubted and self._missed[view] > 0),
                dict(counts),
            )
            for view, counts in views
        ]
        if self._wanted.vanished is None:
            rows.append(Row(ARCHIVED, self._archived.total(), unlisted, dict(self._archived)))
            rows.append(Row("vanished", self._gone.total(), unlisted, dict(self._gone)))
        if not self._wanted.vanished:
            rows.append(Row("missed", self._missed.total(), least, dict(self._missed)))
        yield Section("views", scope, tuple(rows), whole)
        yield Section("statuses", scope, ordered(self._statuses), whole)
        ages = (Row(item, self._ages[item], listed) for item in (*_AGE_ITEMS, "untimed"))
        kept = tuple(row for row in ages if row.item != "untimed" or row.count)
        yield Section("ages", scope, kept, whole)
        forgotten = lacks or self._tags.forgotten
        tagged = bound(lacks=forgotten, doubted=doubted)
        tags = tuple(Row(tag, number, tagged) for tag, number in self._tags.top(TOP))
        yield Section("tags", scope, tags, whole)

    def _days(self) -> Section:
        query, ref = self._reads.query, self._wanted.subject
        since = midnight(self._now - (DAYS - 1) * _DAY, self._zone)
        quarters = {
            local(quarter * changes.QUARTER, self._zone).date()
            for quarter in known_then.readings(query, ref, changes.QUARTER)
        }
        found: dict[date, Counter[str]] = {}
        kind: str
        for kind, quarter, number in changes.by_quarter(query, ref, since=since):
            day = local(quarter * changes.QUARTER, self._zone).date()
            found.setdefault(day, Counter())[kind] += number
        for quarter, number in changes.archived_by_quarter(query, ref, since=since):
            day = local(quarter * changes.QUARTER, self._zone).date()
            found[day].update({ARCHIVED: number, "vanished": -number})
        first = min((*quarters, *found), default=None)
        rows, today = [], local(self._now, self._zone).date()
        for day in (today - timedelta(days=number) for number in range(DAYS)):
            if first is None or day < first:
                break
            counts = found.get(day, Counter[str]())
            by = {str(kind): counts[kind] for kind in (*changes.KINDS, ARCHIVED) if counts[kind]}
            known_of = day in quarters or by
            count = sum(by.values()) if known_of else None
            rows.append(Row(f"{day}", count, "exact" if known_of else "unknown", by))
        return Section("days", self._subject._replace(since=since), tuple(rows))

    def _verdicts(self) -> Section:
        found = [one for one, _listing in chosen(self._reads, VerdictFilter.on(self._wanted))]
        since = min((one.judged_at for one in found), default=None)
        last = max((one.judged_at for one in found), default=None)
        of = "filter" if is_narrow(replace(self._wanted, subject=None)) else self._subject.of
        rows = tuple(
            Row(
                figure.view,
                figure.verdicts,
                by=figure.counts,
                share=figure.correct,
                interval=figure.interval,
            )
            for figure in by_view(found)
        )
        return Section("verdicts", Scope(of, since, last), rows)

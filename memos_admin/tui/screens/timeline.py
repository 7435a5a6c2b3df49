"""Day by day: how many memories were listed, as bars, and what was found to have changed."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar, cast

from textual.binding import Binding, BindingType

from memos_admin.backend.display import called, one_line
from memos_admin.backend.filter_language import refused
from memos_admin.backend.history.timeline import Day, bar, days, folded, scale
from memos_admin.backend.model import Filter, Reads, SubjectRef
from memos_admin.backend.times import now_ms, to_ms
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.desk.place import Place
from memos_admin.tui.filters_memories import FILTER, FiltersMemories, Narrowed
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.rows.changes import Span
from memos_admin.tui.screens.changes import ChangesScreen
from memos_admin.tui.screens.follows_store import FollowsStore
from memos_admin.tui.screens.over_list import MOVES, FramedList, Keys
from memos_admin.tui.session import Session
from memos_admin.tui.telling import tell
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.words import narrowing, phrases
from memos_admin.tui.words.command_line import of_timeline


@dataclass(frozen=True)
class DayRow:
    """A day, or several on which nothing was read, and the number that the longest bar stands for."""

    key: int
    day: Day
    most: int

    @property
    def is_unread(self) -> bool:
        """Whether nothing is known of it."""
        return not self.day.readings and not self.changes

    @property
    def changes(self) -> int:
        """How many changes were found."""
        day = self.day
        return day.added + day.changed + day.status + day.vanished + day.returned

    @property
    def span(self) -> Span:
        """The time from its beginning to its end, in this machine's zone."""
        first = self.day.day
        last = first + timedelta(days=self.day.days)
        ends = (datetime(day.year, day.month, day.day).astimezone() for day in (first, last))
        since, until = map(to_ms, ends)
        return Span(since, until, day_word(self.day))


def day_word(day: Day) -> str:
    """Return ``2026-11-12``, or ``2026-11-12 +8`` of nine days."""
    return f"{day.day}" if day.days == 1 else f"{day.day} +{day.days - 1}"


@dataclass
class Timeline:
    """The days of a user, or of everybody, the latest first.

    `as_of`: until that instant; `within`: of the memories that it names as they are now.
    """

    subject: SubjectRef | None
    as_of: int | None = None
    within: Filter | None = None
    _rows: dict[int, DayRow] = field(default_factory=dict, compare=False)

    def keys(self, reads: Reads) -> array[int]:
        """Return the keys of the days."""
        every = days(reads, self.subject, now_ms(), None, as_of=self.as_of, within=self.within)
        found = list(folded(every))
        most = scale(found)
        rows = (DayRow(day.day.toordinal(), day, most) for day in reversed(found))
        self._rows = {row.key: row for row in rows}
        return array("q", self._rows)

    def rows(self, _reads: Reads, keys: Sequence[int]) -> list[DayRow]:
        """Return days."""
        return [self._rows[key] for key in keys]


def _fills(row: DayRow, cells: int) -> str:
    return _("not read") if row.is_unread else bar(row.day.listed, row.most, cells)


def _number(name: str, attribute: str, sign: str, gives_way: int = 0) -> Column[DayRow]:
    """Return a column that is empty where nothing happened."""

    def text(row: DayRow, _now: int, _shown: Collection[str]) -> str:
        number = getattr(row.day, attribute)
        return f"{sign}{phrases.count(number)}" if number else ""

    return Column(name, text, 1, right=True, gives_way=gives_way, grows=True)


def _listed(row: DayRow, _now: int, _shown: Collection[str]) -> str:
    return "" if row.is_unread else phrases.bounded(row.day.listed, row.day.bound)


COLUMNS: tuple[Column[DayRow], ...] = (
    Column(N_("Day"), lambda row, _now, _s: day_word(row.day), 1, grows=True),
    Column(
        N_("Reads"),
        lambda row, _now, _s: phrases.count(row.day.readings) if row.day.readings else "",
        1,
        right=True,
        gives_way=1,
        style="dim",
        grows=True,
    ),
    Column(N_("Listed"), _listed, 1, right=True, grows=True),
    Column(
        N_("As a bar"),
        fills=_fills,
        style=lambda row: "dim" if row.is_unread else "accent",
    ),
    _number(N_("Added"), "added", "+"),
    _number(N_("Changed"), "changed", "~"),
    _number(N_("Status"), "status", "~", 3),
    _number(N_("Gone"), "vanished", "-"),
    _number(N_("Back"), "returned", "+", 2),
)


class TimelineScreen(
    FiltersMemories,
    CopiesCommand,
    FollowsStore[Place | None],
    FramedList[Place | None],
    inherit_bindings=False,
):
    """Returns where a change of a day can be seen; None where a person left."""

    reading = N_("Reading the days …")
    unreadable = N_("The days cannot be read: {error}")
    reads_in = "timeline"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("H", "dismiss(None)", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("u", "whose", show=False),
        Binding("r", "again", show=False),
        COPY,
        *FILTER,
        *MOVES,
    ]
    KEYS: ClassVar[Keys] = (
        ("enter", N_("its changes"), "enter"),
        ("u", N_("this user, everyone"), "whose"),
        ("/", N_("filter"), "filter"),
        ("'", N_("saved filters"), "saved_filters"),
        ("escape", N_("back"), "leave"),
    )

    def __init__(
        self, session: Session, subject: SubjectRef | None, *, as_of: int | None = None
    ) -> None:
        """Take the project, and the user that is chosen there: the days begin with its own.

        They end with `as_of` where memories are shown as of an instant.
        """
        super().__init__()
        self._session, self._chosen, self.state = session, subject, Narrowed()
        self._as_of = as_of
        self._list = RowList[DayRow](COLUMNS, lambda row: row.key, id="days", least=16)
        self._pane = Pane(
            _("Time line"),
            self._list,
            id="timeline-pane",
            prompt=_("filter, such as: view:fact -tag:work tea"),
            offer=self.offers,
        )

    def refused(self) -> dict[str, str]:
        """Return the fields of the language that do not apply here, with a sentence on why."""
        return super().refused() | refused("timeline")

    def narrowed_anew(self) -> None:
        """Count the memories that the filter names."""
        self.action_again()

    @property
    def _within(self) -> Filter | None:
        """The filter of the memories; None: it leaves out none but those of others."""
        within = replace(self.chosen, subject=None)
        return None if within == Filter() else within

    def on_resize(self) -> None:
        """Name the columns that there is no room for."""
        self.call_after_refresh(self._tell_notes)

    @property
    def title_parts(self) -> tuple[str, ...]:
        """The title, which says whom it is about."""
        whom = _("everyone") if self._ref is None else called(self._ref)
        return (_("Day by day · {whose}").format(whose=one_line(whom, 40)),)

    async def _show(self) -> None:
        ref, within = self._ref, self._within
        self.say_whose()
        with self.reads() as whose:
            if not await self.list_rows(whose, Timeline(ref, self._as_of, within)):
                return
            self._session.journaling.shown("timeline", ref)
            self._pane.set_empty("" if len(self._list) else _("Nothing was read yet."))
            self._tell_notes()

    def _tell_notes(self) -> None:
        self._pane.set_note(list(self._notes()) if len(self._list) else [])

    def _notes(self) -> Iterator[Part]:
        without = [column.heading for column in COLUMNS if not self._list.shows(column.name)]
        if without:
            yield Part(_("no room for: {columns}").format(columns=_(", ").join(without)))
        bounds = {row.day.bound for row in self._list.shown_rows}
        if "least" in bounds:
            yield Part(_("+ at least: not listed whole by then"), (_("+ at least"),))
        if "most" in bounds:
            yield Part(_("≤ at most: some were in doubt by then"), (_("≤ at most"),))
        if "about" in bounds:
            yield Part(_("~ about: not listed whole, and some in doubt"), (_("~ about"),))
        if any(row.day.broke_off for row in self._list.shown_rows):
            yield Part(_("found by a reading that broke off: not under Reads"), ("",), gives_way=3)
        if self._as_of is not None:
            yield Part(_("ends {time}, not now").format(time=narrowing.then(self._as_of)))
        if self._within is not None:
            yield from narrowing.chips(self.chosen)
            yield Part(_("of memories as they are now"), ("",))
        last = ("",) if self._within or without else ()
        yield Part(_("dated by the reading that found it"), last, gives_way=2)
        yield Part(_("days of your time zone"), ("",))
        if self._ref is None:
            shorter = _("listed for two users: twice")
            text = _("a memory listed for two users counts twice")
            yield Part(text, (shorter, *last), gives_way=1)

    def command(self) -> CommandOf:
        """Return the command for the days: those of UTC."""
        lacks = _("Its days are those of UTC.")
        if self._as_of is not None:
            lacks = sentences(lacks, _("It goes on until now."))
        return CommandOf(of_timeline(self._ref, self.chosen), self._ref, lacks)

    def action_leave(self) -> None:
        """Drop the filter, then go back."""
        if not self.drop_filter():
            self.dismiss(None)

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        """Show the changes of a day; of one on which nothing was read, say that none can be known."""
        row = cast("DayRow", event.row)
        if row.is_unread:
            text = _("Nothing was read then: what changed is found by the next reading.")
            tell(self, text)
            return
        span, end = row.span, None if self._as_of is None else self._as_of + 1
        if end is not None and span.until is not None:
            span = span._replace(until=min(span.until, end))
        screen = ChangesScreen(self._session, self._ref, span, as_of=self._as_of)
        screen.chosen = replace(self.chosen, subject=None)
        self.app.push_screen(screen, self._chosen_there)

    def _chosen_there(self, place: Place | None) -> None:
        if place is not None:
            self.dismiss(place)

"""A project in numbers: how much there is, how old, what was judged, what is wrong; and the lists behind."""

from __future__ import annotations

import asyncio
from array import array
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import ClassVar, cast

from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen

from memos_admin.backend.display import called, one_line
from memos_admin.backend.filter_language import refused
from memos_admin.backend.model import Filter, Reads, SubjectRef
from memos_admin.backend.overview import (
    SECTIONS,
    UNLISTED,
    Section,
    Step,
    narrowed,
    overview,
    subject_keys,
    unlisted_keys,
)
from memos_admin.backend.overview.words import LOOKED_AT_BY, TITLES
from memos_admin.backend.times import now_ms, to_ms
from memos_admin.backend.verdicts.verdict_filter import VerdictFilter
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.desk.place import Place
from memos_admin.tui.filters_memories import FILTER, FiltersMemories, Narrowed
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.rows.changes import Span
from memos_admin.tui.rows.overview import (
    Line,
    Lines,
    ListedMemories,
    ListedSubjects,
    columns,
    lines,
    name_of,
    whole,
)
from memos_admin.tui.screens.changes import ChangesScreen
from memos_admin.tui.screens.completeness import CompletenessScreen
from memos_admin.tui.screens.counted import Behind, CountedMemories, CountedScreen, CountedSubjects
from memos_admin.tui.screens.over_list import MOVES, FramedList
from memos_admin.tui.screens.verdicts import VerdictsScreen
from memos_admin.tui.session import Session
from memos_admin.tui.typed_ahead import LONGEST
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.words import narrowing
from memos_admin.tui.words.command_line import ALL, of_memories, of_overview
from memos_admin.tui.words.failures import said_by

_ROOM = 8
"""Cells of the frame, the margin and the gaps between columns."""


class OverviewScreen(
    FiltersMemories, CopiesCommand, FramedList[Place | None], inherit_bindings=False
):
    """Returns the place of what was chosen in a list behind a number; None where a person left."""

    is_slow = True
    reading = N_("Counting …")
    unreadable = N_("This cannot be counted: {error}")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("ctrl+o", "dismiss(None)", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("u", "whose", show=False),
        Binding("r", "again", show=False),
        Binding("x", "stop", show=False),
        COPY,
        *FILTER,
        *MOVES,
    ]
    KEYS = (
        ("enter", N_("its list"), "enter"),
        ("/", N_("filter"), "filter"),
        ("u", N_("this user, everyone"), "whose"),
        ("x", N_("stop"), "stop"),
        ("r", N_("count again"), "again"),
        ("'", N_("saved filters"), "saved_filters"),
        ("escape", N_("back"), "leave"),
    )

    def __init__(self, session: Session, subject: SubjectRef | None) -> None:
        """Take the project, and the user that is chosen there; the overview begins with everyone."""
        super().__init__()
        self._session, self._chosen = session, subject
        self.state = Narrowed(everyone=True)
        self._at = now_ms()
        self._number = 0
        self._told = False
        self._found: dict[str, Section] = {}
        self._keys: dict[tuple[str, str | None], int] = {}
        self._list = RowList[Line](columns(72), lambda line: line.key, id="overview")
        self._pane = Pane(
            _("Overview"),
            self._list,
            id="overview-pane",
            prompt=_("filter, such as: view:fact -tag:work tea"),
            offer=self.offers,
        )

    def on_resize(self, event: events.Resize) -> None:
        """Draw bars as long as there is room for."""
        self._list.set_columns(columns(event.size.width - _ROOM))

    def draw_anew(self) -> None:
        """Draw the lines and the title anew; the numbers stay."""
        self._list.redraw()
        self.say_whose()
        self._pane.set_foot(whole(self._list.row))

    # -- counting --------------------------------------------------------------------------------

    def action_again(self) -> None:
        """Count from the beginning; what was counted before stays until it is counted anew."""
        self._number += 1
        self._at = now_ms()
        background.start(self, partial(self._count, self._number), "overview", awaited=True)

    async def _count(self, number: int) -> None:
        background.arrived(within=LONGEST)
        self.say_whose()
        self._pane.set_note(self._notes())
        loop = asyncio.get_running_loop()

        def count(reads: Reads) -> None:
            for step in overview(reads, self._wanted, self._at, None):
                loop.call_soon_threadsafe(self._arrived, number, step)

        try:
            await self._session.reader.aside(count)
        except asyncio.CancelledError:
            if number == self._number and self.is_attached:
                self._pane.set_count(_("stopped: r counts again"))
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            if number != self._number:
                return
            if self._found:
                text = _(self.unreadable).format(error=one_line(said_by(error), 300))
                self._pane.set_note([Part(text)])
            else:
                self.say_unread(error)
            return
        self._session.journaling.shown("overview", self._wanted.subject)
        self._pane.set_count("")

    def _arrived(self, number: int, step: Step) -> None:
        """Take what was counted, unless it was asked for anew, or left, meanwhile."""
        if number != self._number or not self.is_attached:
            return
        self._found |= {section.name: section for section in step.sections}
        if step.done < step.of:
            told = _("counting · {percent} of the memories · x stops")
            self._pane.set_count(told.format(percent=f"{step.done / step.of:.0%}"))
        background.start(self, self._show, "overview lines", awaited=True)

    async def _show(self) -> None:
        with self.reads() as whose:
            found = [self._found[name] for name in SECTIONS if name in self._found]
            if await self.list_rows(whose, Lines(self._wanted, lines(found, self._keys))):
                self._pane.set_empty("")

    def action_stop(self) -> None:
        """Stop counting; what was counted stays."""
        self.workers.cancel_group(self, "overview")

    @property
    def title_parts(self) -> tuple[str, ...]:
        """The title, which says whom it is about."""
        whom = _("everyone") if self._ref is None else called(self._ref)
        return (_("Overview · {whose}").format(whose=one_line(whom, 40)),)

    def let_go(self) -> None:
        """Show no numbers, and take none of what is being counted, until some are counted anew."""
        super().let_go()
        self._found = {}
        self._number += 1

    def _notes(self) -> list[Part]:
        return [
            *self._session.standing.known_now,
            *narrowing.chips(replace(self._wanted, subject=None)),
            Part(_("≥ at least"), ("",), 1),
            Part(_("? not known"), ("",), 1),
            Part(_("a memory listed for two users counts twice"), ("",)),
        ]

    # -- whose and which -------------------------------------------------------------------------

    @property
    def _wanted(self) -> Filter:
        return replace(self.chosen, subject=self._ref)

    def refused(self) -> dict[str, str]:
        """Return the fields of the language that do not apply here, with a sentence on why."""
        return super().refused() | refused("overview")

    def narrowed_anew(self) -> None:
        """Count the memories of the filter."""
        self._found = {}
        self._pane.set_empty(_("Counting …"))
        self.action_again()

    def action_leave(self) -> None:
        """Drop the filter, its last condition first, else go back."""
        if not self.drop_filter():
            self.dismiss(None)

    def command(self) -> CommandOf:
        """Return the command for the numbers."""
        lacks = _("Its days are those of UTC.")
        return CommandOf(of_overview(self._wanted), self._wanted.subject, lacks)

    def on_row_list_highlighted(self, _event: RowList.Highlighted) -> None:
        """Say in full what the columns have no room for, and no more what was said of another row."""
        self._pane.set_foot(whole(self._list.row))
        if self._told:
            self._told = False
            self._pane.set_note(self._notes())

    # -- the list behind -------------------------------------------------------------------------

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        """Show what a number counts."""
        line = cast("Line", event.row)
        if line.row is None:
            found: Screen[Place | None] | str = _("a heading: enter is for the numbers below")
        else:
            found = self._behind(line.section.name, line.row.item)
        if isinstance(found, str):
            self._told = True
            self._pane.set_note([Part(found), *self._notes()])
        else:
            self.app.push_screen(found, self._chosen_there)

    def _behind(self, section: str, item: str) -> Screen[Place | None] | str:
        """Return the screen with what is counted, or why there is none."""
        if item in LOOKED_AT_BY and section == "problems":
            return _("{command} looks at it").format(command=LOOKED_AT_BY[item])
        if section in {"users", "readings"} or (section == "problems" and item == "problem"):
            return self._subjects("users" if section == "problems" else section, item)
        if section == "days":
            return self._changes(date.fromisoformat(item))
        if section == "verdicts":
            return self._judged(item)
        if section in {"conversations", "problems"} or (section, item) == ("views", "missed"):
            return CompletenessScreen(self._session, self._wanted.subject)
        return self._listed(section, item)

    def _listed(self, section: str, item: str) -> CountedScreen | str:
        if (section, item) in UNLISTED and self._wanted.vanished is None:
            return self._unlisted(section, item)
        wanted = narrowed(self._wanted, section, item, self._at)
        return (
            _("no filter names these") if wanted is None else self._memories(section, item, wanted)
        )

    def _changes(self, begins: date) -> ChangesScreen:
        since, until = (
            to_ms(datetime(day.year, day.month, day.day).astimezone())
            for day in (begins, begins + timedelta(days=1))
        )
        return ChangesScreen(self._session, self._wanted.subject, Span(since, until, f"{begins}"))

    def _subjects(self, section: str, item: str) -> CountedScreen:
        wanted, now = self._wanted, self._at
        lacks = _("It lists all users.")
        command = CommandOf(["users", "list", ALL], self._wanted.subject, lacks)
        source = ListedSubjects(lambda reads: subject_keys(reads, wanted, section, item, now))
        return CountedSubjects(self._session, _title(section, item), source, command)

    def _memories(self, section: str, item: str, wanted: Filter) -> CountedScreen:
        return CountedMemories(self._session, _title(section, item), wanted)

    def _unlisted(self, section: str, item: str) -> CountedScreen:
        def there(wanted: Filter) -> Filter:
            if section == "statuses":
                wanted = replace(wanted, statuses=frozenset({item}), not_statuses=frozenset())
            return replace(wanted, vanished=True if section == "views" else None)

        def command(wanted: Filter) -> CommandOf:
            lacks = _(
                "It lists archived ones and those gone; why they are not listed tells them apart."
            )
            return CommandOf(of_memories(there(wanted)), wanted.subject, lacks)

        def rows(wanted: Filter) -> ListedMemories:
            def named(reads: Reads) -> array[int]:
                return unlisted_keys(reads, wanted, section, item) or array("q")

            return ListedMemories(named)

        said = _("This number says it already.")
        behind = Behind(rows, there, command, {"vanished": said, "status": said})
        return CountedMemories(self._session, _title(section, item), self._wanted, behind)

    def _judged(self, view: str) -> VerdictsScreen:
        wanted = replace(self._wanted, views=frozenset({view}), not_views=frozenset())
        return VerdictsScreen(self._session, self._chosen, VerdictFilter.on(wanted))

    def _chosen_there(self, place: Place | None) -> None:
        if place is not None:
            self.dismiss(place)


def _title(section: str, item: str) -> tuple[str, str]:
    return _(TITLES[section]), one_line(name_of(section, item), 40)

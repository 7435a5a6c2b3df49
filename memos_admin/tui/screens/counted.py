"""The list behind a number of the overview: memories of all users, or users."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from textual.binding import Binding, BindingType

from memos_admin.backend.model import Filter, Memory, Subject
from memos_admin.backend.times import now_ms
from memos_admin.language import N_, counted
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.desk.place import Place
from memos_admin.tui.filters_memories import FILTER, FiltersMemories
from memos_admin.tui.rows.main import (
    SUBJECT_COLUMNS,
    Memories,
    memory_columns,
    memory_order,
    memory_style,
)
from memos_admin.tui.rows.overview import MEMORIES, WHOSE, ListedSubjects, whole_memory
from memos_admin.tui.screens.over_list import MOVES, FramedList, Keys, ListByWords
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.words import narrowing, phrases
from memos_admin.tui.words.command_line import of_memories


class CountedScreen(CopiesCommand, FramedList[Place | None], inherit_bindings=False):
    """Returns the place of what was chosen; None where a person left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("r", "again", show=False),
        COPY,
        *MOVES,
    ]
    KEYS: ClassVar[Keys] = (
        ("enter", N_("go there"), "enter"),
        ("escape", N_("back"), "dismiss(None)"),
    )

    def __init__(
        self,
        session: Session,
        title: Sequence[str],
        source: Any,
        command: CommandOf,
        *,
        narrowed: Filter | None = None,
    ) -> None:
        """Take what is listed.

        Args:
            session: the project.
            title: what it is, in parts.
            source: of memories or subjects, for a `RowList`.
            command: the one that writes the same.
            narrowed: how memories are shown where one is gone to; None: the source has subjects.
        """
        super().__init__()
        self._session, self._source, self._command = session, source, command
        self._narrowed = narrowed
        if narrowed is None:
            self._list = RowList[Any](SUBJECT_COLUMNS, lambda row: row.pk, id="counted")
        else:
            self._list = RowList[Any](
                MEMORIES, lambda row: row.listing_pk, id="counted", row_style=memory_style
            )
        self._pane = Pane(title[0], self._list, id="counted-pane")
        self._said = title

    def on_mount(self) -> None:
        """Say what it is."""
        self._pane.set_title(*self._said)

    def action_again(self) -> None:
        """Read the list."""
        background.start(self, self._show, "counted", awaited=True)

    async def _show(self) -> None:
        with self.reads() as whose:
            if not await self.list_rows(whose, self._source):
                return
            self._session.journaling.shown("overview", self._command.subject)
            self._tell_count()
            self._tell_row()
            self._pane.set_empty("" if len(self._list) else self._nothing())

    def draw_anew(self) -> None:
        """Draw the rows anew, and what is said of one of them."""
        super().draw_anew()
        self._tell_row()

    def _nothing(self) -> str:
        return _("There is nothing here any more.")

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        """Show the first rows as soon as they are there, and say where the cursor is."""
        if event.row is not None:
            self._pane.set_empty("")
        self._tell_row()
        self._tell_count()

    def _tell_row(self) -> None:
        """Say below the list what the columns of its row cut; nothing where there is no row."""
        row = self._list.row
        if isinstance(row, Memory):
            self._pane.set_foot(whole_memory(row, now_ms()))
        elif not len(self._list):
            self._pane.set_foot("", 0)

    def _tell_count(self) -> None:
        number = len(self._list)
        if self._list.more:
            first = _("the first {count} · reading the others …")
            self._pane.set_count(first.format(count=phrases.count(number)))
            return
        users = counted(number, "{count} user", "{count} users")
        of = users if self._narrowed is None else phrases.memories(number)
        at = _("{number} of {total}").format(number=phrases.count(self._list.cursor + 1), total=of)
        self._pane.set_count(at if number > 1 else of)

    def command(self) -> CommandOf:
        """Return the command for the list."""
        return self._command

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        """Return where it is."""
        row = event.row
        if isinstance(row, Memory):
            place = Place(row.ref, None, row.memory_id, pane="memories", narrowed=self._narrowed)
            self.dismiss(place)
        elif isinstance(row, Subject):
            self.dismiss(Place(row.ref, None, pane="conversations"))


class CountedSubjects(CountedScreen, ListByWords[Place | None], inherit_bindings=False):
    """Users and agents behind a number, narrowed by their ids."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *CountedScreen.BINDINGS[1:],
        Binding("slash", "filter", show=False),
        Binding("escape", "leave", show=False),
    ]
    KEYS = (
        CountedScreen.KEYS[0],
        ("/", N_("filter"), "filter"),
        ("escape", N_("back"), "leave"),
    )

    def __init__(
        self, session: Session, title: Sequence[str], source: ListedSubjects, command: CommandOf
    ) -> None:
        """Take the project, what the list is called, whom it has, and the command that lists them."""
        super().__init__(session, title, source, command)
        self._pane = Pane(title[0], self._list, id="counted-pane", prompt=_("filter"))

    def action_again(self) -> None:
        """Read those with what is typed in their id."""
        self._source = replace(self._source, text=self._pane.filter)
        super().action_again()

    def _nothing(self) -> str:
        if self._pane.filter:
            return _("No id has “{text}” in it. escape drops the filter.").format(
                text=self._pane.filter
            )
        return super()._nothing()


class Behind(NamedTuple):
    """What stands behind a number of memories.

    Attributes:
        rows: the source of the memories that a filter leaves.
        there: how memories are filtered where one of them is gone to.
        command: the one that writes the same.
        refused: fields of the language that the number itself says, with a sentence on why.
    """

    rows: Callable[[Filter], Any]
    there: Callable[[Filter], Filter]
    command: Callable[[Filter], CommandOf]
    refused: Mapping[str, str] = {}


def _of_filter(wanted: Filter) -> CommandOf:
    return CommandOf(of_memories(wanted), wanted.subject)


NAMED_BY_FILTER = Behind(Memories, lambda wanted: wanted, _of_filter)
"""Memories that a filter names and nothing else."""


class CountedMemories(FiltersMemories, CountedScreen, inherit_bindings=False):
    """Memories behind a number, which can be narrowed and ordered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *CountedScreen.BINDINGS[1:],
        *FILTER,
        Binding("escape", "leave", show=False),
        Binding("o", "order", show=False),
        Binding("O", "reverse", show=False),
    ]
    KEYS = (
        CountedScreen.KEYS[0],
        ("/", N_("filter"), "filter"),
        ("o", N_("order"), "order"),
        ("O", N_("reverse"), "reverse"),
        ("'", N_("saved filters"), "saved_filters"),
        ("escape", N_("back"), "leave"),
    )

    def __init__(
        self,
        session: Session,
        title: Sequence[str],
        wanted: Filter,
        behind: Behind = NAMED_BY_FILTER,
    ) -> None:
        """Take the project, what the list is called, which memories it has, and what makes it of them."""
        super().__init__(
            session,
            title,
            behind.rows(wanted),
            behind.command(wanted),
            narrowed=replace(behind.there(wanted), subject=None),
        )
        self._wanted, self._chosen, self._behind = wanted, wanted.subject, behind
        self._pane = Pane(
            title[0],
            self._list,
            id="counted-pane",
            prompt=_("filter, such as: view:fact -tag:work tea"),
            offer=self.offers,
        )

    def on_mount(self) -> None:
        """Say how it is ordered."""
        self._say_order()

    @property
    def chosen(self) -> Filter:
        """The filter of what is listed, without whose it is: the overview tells that."""
        return replace(self._wanted, subject=None)

    @chosen.setter
    def chosen(self, chosen: Filter) -> None:
        self._wanted = replace(chosen, subject=self._wanted.subject)

    @property
    def title_parts(self) -> tuple[str, ...]:
        """The title; whom it is about the overview says."""
        return tuple(self._said)

    @property
    def is_of_chosen(self) -> bool:
        """Whether it is about the user that the overview is about."""
        return self._wanted.subject is not None

    def refused(self) -> dict[str, str]:
        """Return the fields of the language that do not apply here, with a sentence on why."""
        return dict.fromkeys(("user", "agent"), _("Choose whose in the overview.")) | {
            "as-of": _("An overview counts what is known now."),
            **self._behind.refused,
        }

    def narrowed_anew(self) -> None:
        """List what the filter names."""
        self._show_wanted(self._wanted)

    def action_leave(self) -> None:
        """Leave the field with the filter as it was, else go back to the numbers."""
        if self._pane.is_filtering:
            self.drop_filter()
        else:
            self.dismiss(None)

    def action_order(self) -> None:
        """Order by the next column."""
        self._show_wanted(narrowing.next_order(self._wanted))

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._show_wanted(replace(self._wanted, descending=not self._wanted.descending))

    def on_row_list_heading_clicked(self, event: RowList.HeadingClicked) -> None:
        """Order by a column, or turn that order round."""
        order = memory_order(event.column)
        if order == self._wanted.order:
            self.action_reverse()
        elif order is not None:
            self._show_wanted(narrowing.ordered(self._wanted, order))

    async def _show(self) -> None:
        self._say_order()
        await super()._show()

    def _show_wanted(self, wanted: Filter) -> None:
        self._wanted, self._source = wanted, self._behind.rows(wanted)
        self._narrowed = replace(self._behind.there(wanted), subject=None)
        self._command = self._behind.command(wanted)
        self.action_again()

    def _say_order(self) -> None:
        self._list.set_columns(_columns(self._wanted))
        chips = narrowing.chips(replace(self._wanted, subject=None))
        self._pane.set_note([*self._session.standing.known_now, *chips])

    def _nothing(self) -> str:
        return _("No memory passes the filter.")


def _columns(wanted: Filter) -> list[Column[Memory]]:
    return [WHOSE, *memory_columns(wanted.order, descending=wanted.descending)]

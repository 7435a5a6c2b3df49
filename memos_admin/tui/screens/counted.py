"""The list behind a number of the overview: memories of all users, or users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from memos_admin.backend.display import one_line
from memos_admin.backend.model import Filter, Memory, Subject
from memos_admin.language import N_, counted
from memos_admin.language import gettext as _
from memos_admin.tui import background, phrases
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.failures import said_by
from memos_admin.tui.lists import SUBJECT_COLUMNS, memory_style
from memos_admin.tui.overview_rows import MEMORIES
from memos_admin.tui.place import Place
from memos_admin.tui.screens.over_list import MOVES, OverList, framed
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList


class CountedScreen(CopiesCommand, OverList[Place | None], inherit_bindings=False):
    """Returns the place of what was chosen; None where a person left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("r", "again", show=False),
        COPY,
        *MOVES,
    ]
    KEYS = (
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

    def compose(self) -> ComposeResult:
        """Return the top line, the list and the keys."""
        yield from framed(self._session, self._pane, self.KEYS)

    def on_mount(self) -> None:
        """Show the list."""
        self.set_focus(self._list)
        self._pane.set_title(*self._said)
        self._pane.set_empty(_("Reading …"))
        self.action_again()

    def action_again(self) -> None:
        """Read the list."""
        background.start(self, self._show, "counted")

    async def _show(self) -> None:
        try:
            await self._list.load(self._session.reader, self._source)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            text = _("The list cannot be read: {error}")
            self._pane.set_empty(text.format(error=one_line(said_by(error), 300)))
            return
        self._session.journaling.shown("overview", self._command.subject)
        number = len(self._list)
        users = counted(number, "{count} user", "{count} users")
        self._pane.set_count(users if self._narrowed is None else phrases.memories(number))
        self._pane.set_empty("" if number else _("There is nothing here any more."))

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

"""The first frame: the users from the store, while the main screen is still being imported."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen

from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.layout.arrangement import Arrangement
from memos_admin.tui.reader import in_thread
from memos_admin.tui.rows import main as lists
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from memos_admin.backend.model import Subject
    from memos_admin.tui.session import Session


LATE = 1.5
"""Seconds after which it is said that the store is waited for: another program may have it to itself."""


class Opening(Screen[None], inherit_bindings=False):
    """The top line and the users, where the main screen will have them.

    Attributes:
        users: the list; the main screen goes on with what is in it.
        painted: set when it is on the screen, or never will be.
    """

    DEFAULT_CSS = """
    Opening {
        & #opening { border: heavy $border; border-title-style: bold; margin: 1 0 0 0; }
        &.three #opening { width: 28%; max-width: 42; min-width: 28; margin: 0; }
        &.four #opening { width: 34; margin: 0; }
    }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._unlocks = False
        self.painted = asyncio.Event()
        self.users: RowList[Subject] = RowList(
            lists.SUBJECT_COLUMNS, lambda row: row.pk, id="opening"
        )
        self._status = StatusLine(id="opening-status")

    @property
    def _arrangement(self) -> Arrangement:
        return Arrangement.of(self.app.size.width, zoomed=False)

    def compose(self) -> ComposeResult:
        """Return the parts, top to bottom."""
        self.add_class(self._arrangement.mode)
        yield self._status
        yield self.users

    def on_mount(self) -> None:
        """Read the users."""
        self._status.set_project(self._session.name, self._session.host)
        rows = self.app.size.height - 2
        single = self._arrangement.mode == "single"
        self.users.styles.height = rows - 1 if single else rows // 2
        self.users.border_title = Content(_("Users"))
        self.set_focus(self.users)
        background.start(self, self._show, "users")
        self.set_timer(LATE, self._say_late)

    def _say_late(self) -> None:
        if not self.painted.is_set() and not self._unlocks:
            self._status.set_state(_("waiting for the store …"))

    async def _show(self) -> None:
        workspace = self._session.workspace
        try:
            if await in_thread(lambda: workspace.is_locked):  # the main screen waits for its key
                self._unlocks = True
                self._status.set_state(_("unlocking the store …"))
                return
            left, read = await self._session.left(), self._session.reader
            self.users.set_columns(lists.subject_columns(left.user_order, turned=left.users_turned))
            ref = left.subject
            subject = None if ref is None else await read(lambda reads: reads.subject(ref))
            at = None if subject is None else subject.pk
            await self.users.load(
                read, lists.Subjects(order=left.user_order, turned=left.users_turned), at=at
            )
        finally:  # what is wrong with the store the main screen says
            self.call_after_refresh(self.painted.set)

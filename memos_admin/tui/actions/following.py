"""Following what changes outside of the main screen: the configuration, the journal, work on the store."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from memos_admin.language import gettext as _
from memos_admin.tui import background, permitting
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.reader import in_thread

if TYPE_CHECKING:
    from memos_admin.tui.app import MemosAdmin


class Following(Acting, inherit_bindings=False):
    """Says what is otherwise than before.

    Attributes:
        permission: whether what the service holds may be changed.
        filled: set when what is stored was shown, or never will be.
    """

    permission: permitting.Permission
    filled: asyncio.Event

    def follow(self) -> None:
        """Begin; to be called once."""
        self.set_interval(permitting.SECONDS, self._follow_configuration)
        self._watch_beginnings()
        self._watch_waiting()
        background.start(self, self._watch_journal, "journal")

    def _follow_configuration(self) -> None:
        if self.permission.is_stale():
            background.start(self, self._take_configuration, "configuration")

    async def _take_configuration(self) -> None:
        await in_thread(self.session.journaling.look)
        project = await self.permission.read()
        if project is not None:
            cast("MemosAdmin", self.app).changed_project(project)
        self.session.standing.mark()

    async def _watch_journal(self) -> None:
        """Say when what is done is not journaled, and when it is again."""
        loop = asyncio.get_running_loop()

        def changed() -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody looks any more
                loop.call_soon_threadsafe(self._journal_changed)

        self.session.journaling.watch(changed)
        await in_thread(self.session.journaling.look)
        self.show_state()

    def _journal_changed(self) -> None:
        if self.is_attached:
            if problem := self.session.journaling.problem:
                self.fetching.failed(
                    _("What you do is not journaled. {problem}").format(problem=problem)
                )
            self.show_state()

    def _watch_beginnings(self) -> None:
        """Say how far it is where it is looked at where conversations begin."""
        loop, beginnings = asyncio.get_running_loop(), self.session.beginnings

        def changed() -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody looks any more
                loop.call_soon_threadsafe(self._beginnings_changed)

        beginnings.changed = changed
        self.session.standing.set_behind(beginnings.progress)

    def _watch_waiting(self) -> None:
        """Say which other program what is written waits for."""
        loop, waiting = asyncio.get_running_loop(), self.session.waiting

        def show() -> None:
            self.session.standing.set_waits(*waiting.said)

        def changed() -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody looks any more
                loop.call_soon_threadsafe(show)

        waiting.changed = changed
        show()

    def _beginnings_changed(self) -> None:
        if self.is_attached:
            progress = self.session.beginnings.progress
            self.session.standing.set_behind(progress)
            if progress is None:
                background.start(self, self._show_beginnings, "beginnings")

    async def _show_beginnings(self) -> None:
        await self.filled.wait()  # else what was left would not be shown
        self.reload()

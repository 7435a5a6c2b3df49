"""Following what changes outside of the main screen: the configuration, the journal, work on the store."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.screen import Screen

from memos_admin.backend.display import both_ends
from memos_admin.backend.model import Reads, SubjectRef
from memos_admin.backend.times import now_ms
from memos_admin.language import gettext as _
from memos_admin.tui import background, permitting
from memos_admin.tui.about_somebody import AboutSomebody
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.desk import reloading
from memos_admin.tui.jobs import leaving
from memos_admin.tui.reader import in_thread

if TYPE_CHECKING:
    from memos_admin.tui.app import MemosAdmin

STORE_SECONDS = 2.0
"""Between two looks at whether another program has written to the store; one is a pragma."""


class Following(Acting, inherit_bindings=False):
    """Says what is otherwise than before.

    Attributes:
        permission: whether what the service holds may be changed.
        filled: set when what is stored was shown, or never will be.
    """

    permission: permitting.Permission
    filled: asyncio.Event
    _store_seen: int | None = None
    _since = 0

    def follow(self) -> None:
        """Begin; to be called once."""
        self._since = now_ms()
        self.set_interval(STORE_SECONDS, self._follow_store)
        self.set_interval(permitting.SECONDS, self._follow_configuration)
        self._watch_beginnings()
        self._watch_waiting()
        background.start(self, self._watch_journal, "journal")

    def on_screen_suspend(self) -> None:
        """Look at once: what is opened may be about somebody who is gone."""
        self._follow_store()

    def _follow_store(self) -> None:
        if self._store_seen is not None and not self.is_reloading and not self.session.locked:
            background.start(self, self._look_at_store, "store")

    async def _look_at_store(self) -> None:
        """Read again what is shown, where somebody else has written to the store since."""
        from memos_admin.backend.errors import HomeError, StoreError

        with suppress(StoreError, HomeError):  # whoever reads something says it
            if await self.desk.reader(Reads.changes) != self._store_seen:
                self.reload()

    async def see_store(self) -> None:
        """Note what the store is like before it is read; of whom is gone from it nothing is shown any more."""
        now = await self.desk.reader(Reads.changes)
        await self.has_lost()
        await self.watching.let_go_of_lost()
        self._store_seen = now

    async def has_lost(self) -> bool:
        """Whether what was chosen is gone from the store; it is said then, and nothing of it is shown."""
        if await self.desk.reader(Reads.changes) == self._store_seen:
            return False
        await self._leave_lost()
        lost = await reloading.let_go_of_lost(self.desk)
        if isinstance(lost, SubjectRef):
            self._leave(lost)
        elif lost is not None:
            text = _("Conversation {id} is no longer in this store.")
            self.say(text.format(id=both_ends(lost.conversation_id, 40)), stays=True)
        return lost is not None

    async def _leave_lost(self) -> None:
        """Leave what is asked about somebody else than is chosen here: of a queue of everyone, as an example."""
        chosen = None if self.desk.subject is None else self.desk.subject.ref
        stack = (one for one in self.app.screen_stack if isinstance(one, AboutSomebody))
        others = {one.whom_about for one in stack} - {chosen}
        for ref in filter(None, others):
            if await self.desk.reader(partial(_lacks, ref=ref)) and self._leave_screens(ref):
                self._tell_gone(ref)

    def _leave(self, ref: SubjectRef) -> None:
        """Leave what is about the chosen user, who is gone, and say it."""
        self.searched = self.cleaned = None
        self._leave_screens(ref)
        self.go_to("users", note=False)
        self._tell_gone(ref)

    def _leave_screens(self, ref: SubjectRef) -> bool:
        """Leave the screens and dialogs that are about somebody, without an answer; return whether there were any."""
        stack = self.app.screen_stack
        about = (at for at, one in enumerate(stack) if _is_about(one, ref))
        left = stack[next(about, len(stack)) :]
        for screen in reversed(left):
            if isinstance(screen, AboutSomebody):
                screen.leave_behind()
            else:
                screen.dismiss(None)
        return bool(left)

    def _tell_gone(self, ref: SubjectRef) -> None:
        if ref not in self.session.taken_away:
            background.start(self, partial(self._say_gone, ref), "gone", exclusive=False)

    async def _say_gone(self, ref: SubjectRef) -> None:
        text = await in_thread(leaving.how, self.session.workspace, ref, self._since)
        self.say(text, stays=True, everywhere=True)

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


def _lacks(reads: Reads, ref: SubjectRef) -> bool:
    return reads.subject(ref) is None


def _is_about(screen: Screen[Any], ref: SubjectRef) -> bool:
    return isinstance(screen, AboutSomebody) and screen.is_about(ref)

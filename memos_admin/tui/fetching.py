"""What the main screen asks of the service: in the background, one of a kind, told in the top line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from memos_admin.backend.model import Conversation, SubjectRef
from memos_admin.backend.times import now_ms
from memos_admin.tui import background
from memos_admin.tui.running import Runs, Scope, summary
from memos_admin.tui.session import Session, first_error
from memos_admin.tui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from memos_admin.backend.sync import SyncProgress, SyncReport
    from memos_admin.tui.screens.main import MainScreen

FRESH_MS = 60_000
"""What was read within the last minute is not asked for again by merely opening it."""

TELL_EVERY = 0.25
"""Seconds between two readings of the store while a sync runs."""


class Fetching:
    """Runs syncs and refreshes as workers of the main screen, and says how they go."""

    def __init__(self, screen: MainScreen, session: Session, status: StatusLine) -> None:
        self._screen, self._session, self._status = screen, session, status
        self._asking = 0
        self._reloaded = 0.0
        self._runs = Runs()
        self.error = ""

    @property
    def syncing(self) -> bool:
        """Whether a sync runs."""
        return bool(len(self._runs))

    @property
    def busy(self) -> bool:
        """Whether anything is being asked of the service."""
        return self.syncing or self._asking > 0

    def open_subject(self, ref: SubjectRef, *, seen: int | None, forced: bool = False) -> None:
        """Fetch what changed of a subject, unless that was done a moment ago."""
        if forced or seen is None or now_ms() - seen > FRESH_MS:
            self._start(lambda: self._session.open_subject(ref), "subject")

    async def fetch_subject(self, ref: SubjectRef) -> None:
        """Fetch what changed of a subject, and return when it is here, or the reason was told."""
        await self._ask(lambda: self._session.open_subject(ref))

    def open_conversation(self, conversation: Conversation, *, forced: bool = False) -> None:
        """Fetch the latest messages of a conversation, unless that was done a moment ago."""
        seen, ref = conversation.fetched_at, conversation.ref
        name = conversation.conversation_id
        if forced or seen is None or now_ms() - seen > FRESH_MS:
            self._start(lambda: self._session.open_conversation(ref, name), "conversation")

    def sync(self, *refs: SubjectRef, tell: bool = True) -> None:
        """Sync these subjects, or all; several syncs may run at once, one of each kind.

        At the end `tell` what has changed.
        """
        if self._runs.begin(refs):
            self._show_progress()
            background.start(
                self._screen, partial(self._sync, refs, tell=tell), "sync", exclusive=False
            )

    def stop(self) -> None:
        """Stop the syncs that run. What has arrived stays."""
        if self.syncing:
            self._screen.workers.cancel_group(self._screen, "sync")

    def failed(self, text: str) -> None:
        """Say what went wrong until it was read."""
        self.error = text
        self._status.set_error(text)

    def read(self) -> str:
        """Return the last error, which counts as read from now on."""
        self._status.set_error("")
        return self.error

    def _start(self, ask: Callable[[], Awaitable[SyncReport]], group: str) -> None:
        background.start(self._screen, partial(self._ask, ask), f"fetch {group}")

    async def _ask(self, ask: Callable[[], Awaitable[SyncReport]]) -> None:
        self._asking += 1
        self._screen.show_state()
        try:
            await self._report(ask())
        finally:
            self._asking -= 1
            self._screen.show_state()

    async def _sync(self, refs: Scope, *, tell: bool) -> None:
        try:
            report = await self._report(self._session.sync(refs, partial(self._progress, refs)))
            if report is not None and tell:
                self._tell_changes(report)
        except asyncio.CancelledError:
            if self._screen.is_attached:
                self._screen.say("Sync stopped. What has arrived is kept.")
            raise
        finally:
            self._runs.end(refs)
            self._show_progress()
            if self._screen.is_attached:
                self._screen.reload()

    def _tell_changes(self, report: SyncReport) -> None:
        changes = self._screen.key("changes")
        if found := summary(report):
            self._screen.say(f"Synced: {found}. Press {changes} to see them.")
        elif not report.failed and not report.stopped:
            self._screen.say("Synced: nothing has changed.")

    async def _report(self, asked: Awaitable[SyncReport]) -> SyncReport | None:
        """Wait for an answer, show what it brought and what went wrong, and return it."""
        try:
            report = await asked
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self.failed(str(error) or type(error).__name__)
            return None
        if text := first_error(report):
            self.failed(text)
        else:
            self._status.set_error("")  # what failed before has recovered
        self._screen.reload()
        return report

    def _show_progress(self) -> None:
        self._screen.desk.holding = self._runs.several_subjects
        self._status.set_progress(self._runs.progress)

    def _progress(self, refs: Scope, progress: SyncProgress) -> None:
        self._runs.tell(refs, progress)
        self._show_progress()
        now = asyncio.get_running_loop().time()
        if now - self._reloaded > TELL_EVERY:
            self._reloaded = now
            self._screen.reload()

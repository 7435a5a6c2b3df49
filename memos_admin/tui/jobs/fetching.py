"""What the main screen asks of the service: in the background, one of a kind, told in the top line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from memos_admin.backend import clock
from memos_admin.backend.display import both_ends, called
from memos_admin.backend.model import Conversation, SubjectRef
from memos_admin.backend.times import now_ms
from memos_admin.language import counted, sentences
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.jobs.asks import Asking
from memos_admin.tui.jobs.running import Errand, Scope, summary
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.status_line import StatusLine
from memos_admin.tui.words import troubles
from memos_admin.tui.words.troubles import Trouble

if TYPE_CHECKING:
    from memos_admin.backend.sync import SyncProgress, SyncReport
    from memos_admin.tui.screens.main import MainScreen

FRESH_MS = 60_000
"""What was read within the last minute is not asked for again by merely opening it."""

TELL_EVERY = 0.25
"""Seconds between two readings of the store while a sync runs."""

KEY_LATE = 3.0
"""Seconds after which it is told that the key is still being looked for."""

Ask = Callable[[Callable[["SyncProgress"], None]], Awaitable["SyncReport"]]


class Fetching:
    """Runs syncs and refreshes as workers of the main screen, and says how they go.

    Attributes:
        rewriting: for what the store is being rewritten, in words; ``""``: it is not.
    """

    def __init__(self, screen: MainScreen, session: Session, status: StatusLine) -> None:
        self._screen, self._session, self._status = screen, session, status
        self._asks = screen.desk.asks
        session.standing.stop = self.stop
        self.rewriting = ""
        self._since = 0.0
        self._reloaded = 0.0
        self._told: Trouble | None = None
        self._unread = False
        self._again: Callable[[], None] | None = None

    @property
    def syncing(self) -> bool:
        """Whether a sync runs."""
        return bool(len(self._asks.runs))

    @property
    def busy(self) -> bool:
        """Whether anything is being asked of the service."""
        return bool(len(self._asks))

    @property
    def doing(self) -> str:
        """What is being waited for, in words; ``""``: nothing is being asked or rewritten."""
        if not self.busy:
            return self.rewriting
        if not self._session.workspace.is_connected:
            if self._session.demo:
                return _("filling the demo …")
            late = time.monotonic() - self._since >= KEY_LATE
            return (
                _("no API key yet: the keyring may wait to be unlocked")
                if late
                else _("looking for the API key …")
            )
        waiting = self._asks.waiting
        if not waiting:
            return _("asking MemOS …")
        return _("{waiting} · {key} stops").format(waiting=waiting, key=self._screen.key("stop"))

    @property
    def error(self) -> str:
        """All of the last error, ``""``: there was none."""
        return self._told.page(now_ms()) if self._told is not None else ""

    @property
    def title(self) -> str:
        """What the last error is called where all of it is shown."""
        notice = self._told is not None and self._told.notice
        return _("Notice") if notice else _("The last error")

    # -- what is asked for -----------------------------------------------------------------------

    def open_subject(self, ref: SubjectRef, *, seen: int | None, forced: bool = False) -> None:
        """Fetch what changed of a subject, unless that was done a moment ago.

        Args:
            ref: whom.
            seen: when that was done last; None: never.
            forced: do it anyhow.
        """
        if forced or not _is_fresh(seen):
            again = partial(self.open_subject, ref, seen=seen, forced=True)
            ask = partial(self._session.open_subject, ref)
            self._start(partial(self._ask, ask, Asking(ref), seen, again), "subject")

    async def fetch_subject(self, ref: SubjectRef, *, seen: int | None) -> None:
        """Fetch what changed of a subject, and return when it is here, or the reason was told."""
        again = partial(self.open_subject, ref, seen=seen, forced=True)
        await self._ask(partial(self._session.open_subject, ref), Asking(ref), seen, again)

    def open_conversation(self, conversation: Conversation, *, forced: bool = False) -> None:
        """Fetch the latest messages of a conversation, unless that was done a moment ago."""
        ref, name = conversation.ref, conversation.conversation_id
        if forced or not _is_fresh(conversation.fetched_at):
            again = partial(self.open_conversation, conversation, forced=True)
            ask = partial(self._session.open_conversation, ref, name)
            asking, seen = Asking(ref, name), conversation.served_at
            self._start(partial(self._ask, ask, asking, seen, again), "conversation")

    def sync(self, *refs: SubjectRef, full: bool = False, tell: bool = True) -> None:
        """Sync these subjects, or all; several syncs may run at once, one of each kind.

        Args:
            refs: whom.
            full: list everything, not only what changed.
            tell: what has changed, at the end.
        """
        errand = Errand(refs, full)
        if not self.busy:
            self._begin()
        if self._asks.runs.begin(errand):
            self._show_progress()
            background.start(
                self._screen, partial(self._sync, errand, tell=tell), "sync", exclusive=False
            )
            self._screen.reload()
        else:
            self.say_syncing()

    def say_syncing(self) -> None:
        """Say that what was asked for goes on already."""
        key = self._screen.key("stop")
        self._screen.say(_("This is being synced already. {key} stops it.").format(key=key))

    def stop(self) -> None:
        """Stop whatever is asked of the service. What has arrived stays."""
        if not self.busy:
            self._screen.say(_("Nothing is being fetched that could be stopped."))
            return
        for group in ("sync", "fetch subject", "fetch conversation", "open"):
            self._screen.workers.cancel_group(self._screen, group)
        self._screen.say(_("Stopped. What has arrived is kept."))

    def again(self) -> bool:
        """Ask once more for what failed last; False where nothing did."""
        again, self._again = self._again, None
        if again is None:
            return False
        self._clear()
        again()
        return True

    # -- what went wrong -------------------------------------------------------------------------

    def failed(self, failure: Trouble | Exception | str) -> None:
        """Say what went wrong until it was read."""
        if isinstance(failure, Exception):
            failure = troubles.of_error(failure, self._screen.key)
        if isinstance(failure, str):
            failure = Trouble(failure, notice=True)
        self._told = failure
        self._unread = True
        self.tick()

    def read(self) -> str:
        """Return the error that was not read yet, which counts as read from now on."""
        text = self.error if self._unread else ""
        self._clear()
        return text

    def tick(self) -> None:
        """Write the error anew: what it says of ages may have changed."""
        if self._told is not None and self._unread:
            self._status.set_error(*self._told.lines(now_ms()))

    def _clear(self) -> None:
        self._unread = False
        self._status.set_error()

    # -- asking ----------------------------------------------------------------------------------

    def _start(self, deed: background.Deed, group: str) -> None:
        background.start(self._screen, deed, f"fetch {group}")

    def _begin(self) -> None:
        self._since = time.monotonic()
        if not self._session.workspace.is_connected:
            self._screen.set_timer(KEY_LATE, self._show)

    def _show(self) -> None:
        self._screen.show_state()
        if self.syncing:
            self._show_progress()

    async def _ask(
        self, ask: Ask, asking: Asking, seen: int | None, again: Callable[[], None]
    ) -> None:
        """Ask for something of one subject that was seen before, or never."""
        if not self.busy:
            self._begin()
        number = self._asks.begin(asking)

        def progress(progress: SyncProgress) -> None:
            asking.waiting = progress.waiting
            self._screen.show_state()

        self._screen.reload()  # what is not here is being asked for now
        self._screen.show_state()
        try:
            await self._report(ask(progress), (asking.ref,), again, seen=seen, asking=asking)
        finally:
            self._asks.end(number)
            if self._screen.is_attached:
                self._screen.reload()
                self._screen.show_state()

    async def _sync(self, errand: Errand, *, tell: bool) -> None:
        again = partial(self.sync, *errand.refs, full=errand.full, tell=tell)
        progress = partial(self._progress, errand)
        try:
            if await self._is_gone(errand.refs):  # it would come back unasked
                return
            asked = self._session.sync(errand.refs, progress, full=errand.full)
            report = await self._report(asked, errand.refs, again, command=_command(errand))
            if report is not None and tell:
                self._tell_changes(errand, report)
        finally:
            self._asks.runs.end(errand)
            self._show_progress()
            if self._screen.is_attached:
                self._screen.reload()

    def _tell_changes(self, errand: Errand, report: SyncReport) -> None:
        """Tell what a sync has changed; another one that ends then does not hide it."""
        key, chosen = self._screen.key("changes"), self._screen.desk.subject
        if chosen is not None and errand.refs != (chosen.ref,):
            key = _("{key}, then u").format(key=key)  # it begins with the chosen user's
        text = _ended(errand, report, key)
        if text and (report.listed_in_part or not report.listed_whole):
            advice = _("What is gone was not looked for: {key} does.")
            text = sentences(text, advice.format(key=self._screen.key("sync_full")))
        if text and report.kept:
            kept = counted(
                report.kept,
                "Of {count} conversation MemOS returned no messages; those here are kept.",
                "Of {count} conversations MemOS returned no messages; those here are kept.",
            )
            text = sentences(text, kept)
        if text:
            text = sentences(text, clock.apart(report.clock_ahead))
            self._screen.say(text, stays=True)

    async def _report(
        self,
        asked: Awaitable[SyncReport],
        scope: Scope,
        again: Callable[[], None],
        *,
        seen: int | None = None,
        asking: Asking | None = None,
        command: str = "refresh",
    ) -> SyncReport | None:
        """Wait for an answer, show what it brought and what went wrong, and return it.

        Args:
            asked: the answer.
            scope: whom it is about; none: all.
            again: asks for it once more.
            seen: as of when what is shown of it is; None: there is nothing, or it is about several.
            asking: what of one subject is asked for; None: a sync.
            command: whose key asks once more.
        """
        report, key = None, self._screen.key
        try:
            report = await asked
            trouble = troubles.of_report(report, scope, key, again=command)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            if await self._is_gone(scope):
                return None
            trouble = troubles.of_error(error, key, again=command)
        if trouble is not None:
            self._again = again
            shows = "messages" if asking is not None and asking.conversation_id else "memories"
            told = replace(trouble, as_of=seen, shows=shows)
            self.failed(trouble if trouble.kept else told)
        elif self._told is not None and self._told.is_over(scope):
            self._clear()
            self._again = None
        if report is not None:
            self._screen.reload()
        return report

    async def _is_gone(self, scope: Scope) -> bool:
        """Whether it is about one who is not in the store any more, which is said when that is seen."""
        if len(scope) != 1:
            return False
        try:
            return await self._session.reader(lambda reads: reads.subject(scope[0])) is None
        except Exception:  # noqa: BLE001 - what is asked for says what is wrong with the store
            return False

    def _show_progress(self) -> None:
        self._screen.desk.holding = self._asks.runs.several_subjects
        progress = self._asks.runs.progress
        if progress is not None and not self._session.workspace.is_connected:
            progress = replace(progress, text=self.doing)
        self._session.standing.set(progress)

    def _progress(self, errand: Errand, progress: SyncProgress) -> None:
        self._asks.runs.tell(errand, progress)
        self._show_progress()
        now = asyncio.get_running_loop().time()
        if now - self._reloaded > TELL_EVERY and not self._screen.is_reloading:
            self._reloaded = now
            self._screen.reload()


def _is_fresh(seen: int | None) -> bool:
    """Return whether something was fetched a moment ago; not where the clock was set back since."""
    return seen is not None and 0 <= now_ms() - seen <= FRESH_MS


def _command(errand: Errand) -> str:
    """Return the command that asks for this sync."""
    if errand.full:
        return "sync_full"
    return "sync" if len(errand.refs) == 1 else "sync_all"


def _ended(errand: Errand, report: SyncReport, changes: str) -> str:
    """Return what is told at the end of a sync; `changes` is a key. ``""``: an error says it all."""
    whole = not report.failed and not report.stopped
    whose = both_ends(called(errand.refs[0]), 40) if len(errand.refs) == 1 else ""
    if found := summary(report, report.messages_changed):
        text = _("Synced: {changes}. Press {key} to see them.")
        if whose:
            text = _("Synced {name}: {changes}. Press {key} to see them.")
        if not whole:
            text = _("Synced in part: {changes}. Press {key} to see them.")
        return text.format(name=whose, changes=found, key=changes)
    if not whole:
        return ""
    if len(report.nothing_of) == 1:
        name = called(report.nothing_of[0])
        return _("MemOS lists no memories for {name}: is the id right?").format(name=name)
    if whose:
        return _("Synced {name}: nothing has changed.").format(name=whose)
    return _("Synced: nothing has changed.")

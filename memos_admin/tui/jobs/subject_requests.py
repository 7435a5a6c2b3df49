"""What the dialogs of a person's request ask of the backend: one archive, or erasing everywhere.

Everything that imports the client is imported here, in a thread, at first use.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memos_admin import language
from memos_admin.backend.display import both_ends, called
from memos_admin.language import gettext as _
from memos_admin.tui.importing import imported
from memos_admin.tui.jobs.changes_in_memos import Tell, Unseen, Worded, telling, telling_asked
from memos_admin.tui.reader import in_thread
from memos_admin.tui.words import phrases
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.changing.lines import Line
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.subject_access.bundle import BundlePreview, BundleReport, Order
    from memos_admin.backend.subject_access.erasure_plan import ErasurePlan
    from memos_admin.tui.session import Session

_LOOK_SECONDS = 0.1
"""How often a person is told how far it is."""


class _Request(Worded):
    """What is done for a person's request."""

    def __init__(
        self, session: Session, ref: SubjectRef, ticket: str, on_read: Callable[[], None]
    ) -> None:
        """Take whom, for which ticket, and what is called when MemOS was read for it."""
        super().__init__()
        self._session, self._ref, self._ticket = session, ref, ticket
        self._on_read = on_read
        self._language = language.active()

    async def _order(self) -> Order:
        bundle = await imported("memos_admin.backend.subject_access.bundle")
        order: Order = bundle.Order(self._ref, self._ticket, self._language)
        return order

    async def _new_file(self, order: Order) -> Path:
        """Return where the archive goes: a new file, in the folder that is proposed."""
        naming = await imported("memos_admin.backend.subject_access.naming")
        name = naming.suggest(self._session.project_name, order)
        return await in_thread(lambda: self._session.propose_folder() / name)


class SubjectArchive(_Request):
    """One archive of all that is stored of a user or an agent."""

    wording = "memos_admin.backend.subject_access.bundle_wording"
    words: tuple[str, ...] = ()
    is_empty = False
    stops = True
    ages = True

    def __init__(
        self, session: Session, ref: SubjectRef, ticket: str, on_read: Callable[[], None]
    ) -> None:
        """Take whom, for which ticket, and what is called when MemOS was read for it."""
        super().__init__(session, ref, ticket, on_read)
        self._preview: BundlePreview | None = None
        self._anew = False
        self._path = Path()
        self._done, self._total = 0, 0
        self._stopped = threading.Event()

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return _("Archive for {name}").format(name=both_ends(called(self._ref), 40))

    @property
    def choices(self) -> str:
        """The other languages of the document, and reading what is fresh all the same."""
        if self._preview is None or not self._preview.freshness.is_fresh:
            return _("l other language")
        if self._anew:
            return _("l other language · r as it is stored")
        return _("l other language · r reads MemOS first")

    def choose(self, key: str) -> bool:
        """Take the next language, or turn reading first on or off."""
        if key == "l":
            known = list(language.LANGUAGES)
            self._language = known[(known.index(self._language) + 1) % len(known)]
        elif key == "r" and self._preview is not None and self._preview.freshness.is_fresh:
            self._anew = not self._anew
        else:
            return False
        return True

    async def look(self, tell: Tell) -> list[Line]:
        """Return what it would hold."""
        tell(_("looking at what is stored …"))
        bundle = await imported("memos_admin.backend.subject_access.bundle")
        order = await self._order()
        self._path = await self._new_file(order)
        self._preview = await in_thread(bundle.look, self._session.workspace, self._ref)
        return await self._word("preview_lines", order, self._preview, self._path, self._anew)

    async def do(self, tell: Tell) -> list[Line]:
        """Read what is not fresh, write, and return what was written."""
        unread = ""
        if self._preview is not None and (self._anew or not self._preview.freshness.is_fresh):
            unread = await self._read(tell)
        report = await self._write(tell)
        self._session.export_folder = self._path.parent
        return await self._word("report_lines", report, unread)

    async def _read(self, tell: Tell) -> str:
        """Read everything from MemOS; return why that was not possible, ``""``: it was."""
        try:
            report = await self._session.sync((self._ref,), telling(tell), full=True)
        except Exception as error:  # noqa: BLE001 - whatever it is, what is stored can be written
            return said_by(error)
        finally:
            self._on_read()
        return "" if report.complete else report.stopped or report.failed[0].error

    async def _write(self, tell: Tell) -> BundleReport:
        bundle = await imported("memos_admin.backend.subject_access.bundle")
        order, workspace = await self._order(), self._session.workspace
        writing = asyncio.ensure_future(
            in_thread(lambda: bundle.export(workspace, order, self._path, self._on_progress))
        )
        try:
            while not writing.done():
                share = self._done * 100 // max(1, self._total)
                tell(_("writing: {share} % · escape stops it").format(share=share))
                await asyncio.wait({writing}, timeout=_LOOK_SECONDS)
        except asyncio.CancelledError:
            self._stopped.set()
            raise
        report: BundleReport = await writing
        return report

    def _on_progress(self, done: int, total: int) -> None:
        from memos_admin.backend.export.exporting import ExportStopped

        self._done, self._total = done, total
        if self._stopped.is_set():
            raise ExportStopped


class SubjectErasure(Unseen, _Request):
    """The erasure of a user or an agent in MemOS and here; where nothing may be changed, its plan."""

    wording = "memos_admin.backend.subject_access.erasure_wording"

    def __init__(
        self,
        session: Session,
        ref: SubjectRef,
        ticket: str,
        on_read: Callable[[], None],
        forbidden: str = "",
    ) -> None:
        """Take the same, and why it can only be looked at; ``""``: it can be done."""
        super().__init__(session, ref, ticket, on_read)
        self._plan: ErasurePlan | None = None
        self._forbidden = forbidden

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that may be done."""
        return bool(self._forbidden)

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        return _("Erase {name} everywhere").format(name=both_ends(called(self._ref), 40))

    @property
    def words(self) -> tuple[str, ...]:
        """What is to be typed before it is done: what the user is called here, or its id."""
        return called(self._ref), self._ref.external_id

    async def look(self, tell: Tell) -> list[Line]:
        """Return what would be done; everything of it is read for that."""
        tell(_("reading MemOS …"))
        planning = await imported("memos_admin.backend.subject_access.erasure_planning")
        order = await self._order()
        try:
            path = await self._new_file(order)
            plan = await self._planned(
                lambda: planning.plan(
                    self._session.workspace,
                    order,
                    archive_to=path,
                    although_unread=self.although_unread,
                    on_progress=telling(tell),
                )
            )
        finally:
            self._on_read()
        self._plan = plan
        return await self._word("plan_lines", plan, phrases.view_word, self._forbidden)

    async def do(self, tell: Tell) -> list[Line]:
        """Do it, and return what came of it."""
        erasure: Any = await imported("memos_admin.backend.subject_access.erasure")
        with self._session.takes_away(self._ref):
            outcome = await erasure.erase(
                self._session.workspace,
                self._plan,
                on_progress=telling(tell),
                on_wait=tell,
                on_asked=await telling_asked(tell),
            )
        self._session.export_folder = outcome.plan.receipts
        return await self._word("screen_lines", outcome)

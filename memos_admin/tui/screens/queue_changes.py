"""What a review changes in MemOS: the memory at hand, or all that is flagged in the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.jobs.queueing import Opened, Shown
from memos_admin.tui.reader import in_thread
from memos_admin.tui.screen_safe import UNMASK
from memos_admin.tui.session import Session
from memos_admin.tui.telling import tell
from memos_admin.tui.words import phrases
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.verdicts.sent import Sent
    from memos_admin.tui.jobs.changes_in_memos import Change
    from memos_admin.tui.jobs.correcting import Offered, Way


class ChangesMemos(Screen[Any], inherit_bindings=False):
    """A review as its changes know it.

    Attributes:
        _sent: what was sent to MemOS about memories, as far as it was read.
    """

    _session: Session
    _opened: Opened | None
    _found: Shown | None
    _sent: Mapping[str, Sequence[Sent]] = MappingProxyType({})

    def draw_anew(self) -> None:
        """Draw the memory and its sources anew."""
        raise NotImplementedError

    async def _look_for_sent(self) -> None:
        """Find out what was sent, for the memory at hand and those that follow."""
        try:
            if await self._read_sent():
                self.draw_anew()
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            tell(self, said_by(error))

    async def _begin(self) -> None:
        """Read the queue again."""
        raise NotImplementedError

    def action_edit(self) -> None:
        """Change the title or the text of the memory at hand in MemOS, where the project allows it."""
        background.start(self, self._edit, "correct", awaited=True)

    async def _edit(self) -> None:
        from memos_admin.tui.jobs.editing import Editing

        found = self._found
        try:
            if found is None:
                return
            if why := await self._why_not_allowed():
                tell(self, why)
            else:
                editing = Editing(self, self._session, partial(tell, self), self._ask, UNMASK, "E")
                await editing.edit(found.memory)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            tell(self, said_by(error))

    def action_correct(self) -> None:
        """Send corrections of what is flagged in this queue; where that is not allowed, show what would be sent."""
        background.start(self, self._correct, "correct", awaited=True)

    async def _correct(self) -> None:
        from memos_admin.tui.jobs.correcting import batch_of, offered
        from memos_admin.tui.screens.dialogs import Choice

        items = () if self._opened is None else self._opened.items
        try:
            why_not = await self._why_not_allowed()
            batch = await self._session.reader(batch_of, [item.memory_pk for item in items])
            can = await self._session.reader(offered, batch, await self._read_sent())
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            tell(self, said_by(error))
            return
        if not batch.chosen:
            tell(
                self,
                _(
                    "Nothing in this queue is flagged that could be sent: undisputed, of what is said now."
                ),
            )
            return
        words = {
            "feedback": _("say in words what is wrong, with your notes: {memories}"),
            "again": _("say it once more of what was sent before: {memories}"),
            "archive": _("archive them: {memories}"),
        }
        options = [
            (way, words[way].format(memories=phrases.memories(len(some.chosen))))
            for way, some in can._asdict().items()
            if some.chosen
        ]
        title = _("Correct in MemOS: {memories}").format(
            memories=phrases.memories(len(batch.chosen))
        )
        text = _("What would be sent is shown first.")
        if why_not:
            text = _("This project is only read: what would be sent is shown, and nothing is sent.")
        dialog = Choice(title, options, text=text, wide=True)
        self.app.push_screen(dialog, partial(self._send, can, why_not))

    def _send(self, can: Offered, why_not: str, way: str | None) -> None:
        from memos_admin.tui.jobs.correcting import BatchCorrection

        if way is not None:
            how: Way = "archive" if way == "archive" else "feedback"
            self._ask(BatchCorrection(self._session, getattr(can, way), how, why_not))

    async def _read_sent(self) -> Mapping[str, Sequence[Sent]]:
        """Read what was sent to MemOS about memories. Raises StoreError."""
        from memos_admin.backend.verdicts.sent import sent

        workspace = self._session.workspace
        self._sent = await in_thread(sent, workspace.home, workspace.project)
        return self._sent

    async def _why_not_allowed(self) -> str:
        """Return why the project may not be changed as it stands in the configuration now; ``""``: it may."""
        from memos_admin.backend.changing.permission import read_only, standing

        workspace = self._session.workspace
        project = await in_thread(standing, workspace.home, workspace.project)
        if project.allow_writes:
            return ""
        return read_only(project, named=project.name is not None and not self._session.demo)

    def _ask(self, change: Change) -> None:
        """Show what would be done, to the memory at hand or to several; read the queue again afterwards."""
        from memos_admin.tui.screens.changing import ChangeDialog

        def closed(_touched: bool | None) -> None:
            background.start(self, self._begin, "queue", awaited=True)

        self.app.push_screen(ChangeDialog(change, UNMASK), closed)

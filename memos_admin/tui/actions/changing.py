"""Changing what MemOS holds: edit, archive, restore and delete, where the project allows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from memos_admin.language import gettext as _
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.jobs.taking import memory_under
from memos_admin.tui.reader import in_thread

if TYPE_CHECKING:
    from memos_admin.backend.changing.plan import Act
    from memos_admin.backend.model import Memory, SubjectRef
    from memos_admin.tui.app import MemosAdmin
    from memos_admin.tui.jobs.changes_in_memos import Change


class ChangingActions(Acting, inherit_bindings=False):
    """Editing, archiving and deleting in MemOS."""

    def action_edit(self) -> None:
        """Change the title or the text of the memory."""
        self.work(self._edit, "change")

    def action_archive(self) -> None:
        """Archive the memory, or restore one that is archived."""
        self.work(self._archive, "change")

    def action_delete(self) -> None:
        """Delete the memory, or all that MemOS holds of the user."""
        self.work(self._delete, "change")

    async def _edit(self) -> None:
        from memos_admin.tui.jobs.editing import Editing

        memory = await self._memory_to_change()
        if memory is not None:
            keys = self.key("reveal"), self.key("edit")
            await Editing(self, self.session, self.say, self._ask, *keys).edit(memory)

    async def _archive(self) -> None:
        memory = await self._memory_to_change()
        if memory is not None:
            act: Act = "restore" if memory.status == "archived" else "archive"
            self._ask(self._of_memory(act, memory))

    async def _delete(self) -> None:
        from memos_admin.tui.jobs.changes_in_memos import SubjectDeletion

        if self.pane != "users":
            memory = await self._memory_to_change()
            if memory is not None:
                self._ask(self._of_memory("delete", memory))
        elif (subject := self.desk.panes.users.row) is None:
            self.say(_("There is no user here to delete."))
        elif await self._is_allowed():
            self._ask(SubjectDeletion(self.session, subject.ref))

    def _of_memory(self, act: Act, memory: Memory) -> Change:
        from memos_admin.tui.jobs.changes_in_memos import MemoryChange

        return MemoryChange(self.session, act, memory.memory_id)

    async def _memory_to_change(self) -> Memory | None:
        """Return the memory under the cursor; say why it cannot be changed where it cannot."""
        memory = memory_under(self.desk, self.pane)
        if memory is None:
            self.say(_("There is no memory here to change."))
            return None
        return memory if await self._is_allowed() else None

    async def _is_allowed(self) -> bool:
        """Whether the project may be changed as it stands in the configuration now; say how else."""
        if why := await self._why_not_allowed():
            self.say(why)
        return not why

    async def _why_not_allowed(self) -> str:
        """Return why the project may not be changed, and how it may; ``""``: it may."""
        from memos_admin.backend.changing.permission import read_only, standing

        workspace = self.session.workspace
        project = await in_thread(standing, workspace.home, workspace.project)
        if project != workspace.project:
            cast("MemosAdmin", self.app).changed_project(project)
        if project.allow_writes:
            return ""
        return read_only(project, named=project.name is not None and not self.session.demo)

    def _ask(
        self,
        change: Change,
        then: Callable[[], None] | None = None,
        left: Callable[[], None] | None = None,
        *,
        whom: SubjectRef | None = None,
    ) -> None:
        """Show what would be done.

        Args:
            change: what.
            then: done when something was; by default what is shown is read again.
            left: done when a person left before anything was.
            whom: whose it is; None: that of the user under the cursor, or whose data is shown.
        """
        from memos_admin.tui.screens.changing import ChangeDialog

        def closed(touched: bool | None) -> None:
            if touched:
                (then or self.reload)()
            elif left is not None:
                left()

        keys = self.typing_key("mask"), self.key("sync_full")
        self.app.push_screen(ChangeDialog(change, *keys, whom or self.whom()), closed)

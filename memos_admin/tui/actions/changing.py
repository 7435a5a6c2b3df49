"""Changing what MemOS holds: edit, archive, restore and delete, where the project allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from memos_admin.backend.display import printable
from memos_admin.language import gettext as _
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.reader import in_thread

if TYPE_CHECKING:
    from memos_admin.backend.changing.plan import Act
    from memos_admin.backend.model import Memory
    from memos_admin.tui.app import MemosAdmin
    from memos_admin.tui.changes_in_memos import Change

LONGEST_EDITED = 20_000
"""Characters that a field takes without being felt."""


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
        from memos_admin.tui.screens.changing import EditMemory

        memory = await self._memory_to_change()
        if memory is None:
            return
        self.say(_("Asking MemOS what the memory says now …"))
        said = await self.session.ask_memory(memory.memory_id)
        self.app.clear_notifications()  # the fields have its place
        if said is None:
            self.say(_("MemOS has no memory with this id."))
            return
        title, content = said.title or "", said.content
        if (
            len(content) > LONGEST_EDITED
            or printable(title) != title
            or printable(content, newlines=True) != content
            or "\r" in content
        ):
            text = _(
                "It is too long for a field, or holds characters that a field cannot show. Edit it "
                "with: memos-admin memories edit"
            )
            self.say(text)
            return

        def edited(texts: tuple[str | None, str] | None) -> None:
            if texts is not None:
                title, content = texts
                self._ask(self._of_memory("edit", memory, title=title, content=content))

        self.app.push_screen(EditMemory(said.title, said.content), edited)

    async def _archive(self) -> None:
        memory = await self._memory_to_change()
        if memory is not None:
            act: Act = "restore" if memory.status == "archived" else "archive"
            self._ask(self._of_memory(act, memory))

    async def _delete(self) -> None:
        from memos_admin.tui.changes_in_memos import SubjectDeletion

        if self.pane != "users":
            memory = await self._memory_to_change()
            if memory is not None:
                self._ask(self._of_memory("delete", memory))
        elif (subject := self.desk.panes.users.row) is None:
            self.say(_("There is no user here to delete."))
        elif await self._is_allowed():
            self._ask(SubjectDeletion(self.session, subject.ref))

    def _of_memory(self, act: Act, memory: Memory, **texts: str | None) -> Change:
        from memos_admin.tui.changes_in_memos import MemoryChange

        return MemoryChange(self.session, act, memory.memory_id, **texts)

    async def _memory_to_change(self) -> Memory | None:
        """Return the memory under the cursor; say why it cannot be changed where it cannot."""
        memory = self.desk.panes.memories.row if self.pane == "memories" else self.desk.memory
        if memory is None or (self.pane == "detail" and self.desk.about == "message"):
            self.say(_("There is no memory here to change."))
            return None
        return memory if await self._is_allowed() else None

    async def _is_allowed(self) -> bool:
        """Whether the project may be changed as it stands in the configuration now; say how else."""
        from memos_admin.backend.changing.permission import read_only, standing

        workspace = self.session.workspace
        project = await in_thread(standing, workspace.home, workspace.project)
        if project != workspace.project:
            cast("MemosAdmin", self.app).changed_project(project)
        if not project.allow_writes:
            named = project.name is not None and not self.session.demo
            self.say(read_only(project, named=named))
        return project.allow_writes

    def _ask(self, change: Change) -> None:
        """Show what would be done; read again what is shown when something was."""
        from memos_admin.tui.screens.changing import ChangeDialog

        def closed(touched: bool | None) -> None:
            if touched:
                self.reload()

        self.app.push_screen(ChangeDialog(change), closed)

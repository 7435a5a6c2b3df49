"""Changing what MemOS holds: edit, archive, restore and delete, where the project allows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from memos_admin.backend.display import masked, safe
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.reader import in_thread
from memos_admin.tui.session import Draft

if TYPE_CHECKING:
    from memos_admin.backend.changing.plan import Act
    from memos_admin.backend.model import Memory
    from memos_admin.tui.app import MemosAdmin
    from memos_admin.tui.changes_in_memos import Change
    from memos_admin.tui.screens.changing import Texts

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
        texts, draft = (said.title, said.content), self.session.drafts.get(memory.memory_id)
        if draft is not None and draft.texts == texts:  # it was sent
            draft = None
        shown = [*texts, *(draft.texts if draft is not None else ())]
        if why := await in_thread(self._why_no_field, shown):
            self.say(why)
            return

        taken = False

        def edited(now: Texts | None) -> None:
            nonlocal taken
            if now is not None:
                taken, (title, content) = True, now
                self._ask(self._of_memory("edit", memory, title=title, content=content))

        def typed(left: Texts | None) -> None:
            self.session.drafts.pop(memory.memory_id, None)
            if left is not None:
                self.session.drafts[memory.memory_id] = Draft(left, texts)
            if left is not None and not taken and self.is_attached:
                kept = _(
                    "What you typed is kept, in this run: {key} on the memory offers it again."
                )
                self.say(kept.format(key=self.key("edit")), stays=True)

        note = "" if draft is None else _note(draft, texts)
        before = None if draft is None else draft.texts
        self.app.push_screen(EditMemory(texts, before, note=note, typed=typed), edited)

    def _why_no_field(self, texts: Sequence[str | None]) -> str:
        """Return why a field cannot have these texts, ``""``: it can. They may be long to look at."""
        for text in filter(None, texts):
            long = len(text) > LONGEST_EDITED
            if not long and masked(text) != text:
                masks = _("Something in it is masked, and a field shows all. {key} shows it first.")
                return masks.format(key=self.key("reveal"))
            if long or safe(text, newlines=True) != text or "\r" in text:
                return _(
                    "It is too long for a field, or holds characters that a field cannot show. Edit "
                    "it with: memos-admin memories edit"
                )
        return ""

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
    ) -> None:
        """Show what would be done.

        Args:
            change: what.
            then: done when something was; by default what is shown is read again.
            left: done when a person left before anything was.
        """
        from memos_admin.tui.screens.changing import ChangeDialog

        def closed(touched: bool | None) -> None:
            if touched:
                (then or self.reload)()
            elif left is not None:
                left()

        self.app.push_screen(ChangeDialog(change, self.typing_key("mask")), closed)


def _note(draft: Draft, said: Texts) -> str:
    """Return what a person should know of what was typed before."""
    text = _("This is what you typed before. ctrl+r begins anew with what MemOS says.")
    if draft.said != said:
        changed = _("MemOS says something else by now than it did then.")
        text = sentences(text, changed)
    return text

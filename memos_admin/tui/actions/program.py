"""The program itself: errors, help, the palette, quitting."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from memos_admin.backend.keys import CredentialsError
from memos_admin.backend.times import now_ms
from memos_admin.language import gettext as _
from memos_admin.tui import ticketing
from memos_admin.tui.actions.base import TITLES, Acting
from memos_admin.tui.jobs import trying, unlocking
from memos_admin.tui.reader import in_thread
from memos_admin.tui.words import troubles
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.tui.app import MemosAdmin


class ProgramActions(Acting, inherit_bindings=False):
    """Reading errors and keys, finding commands, quitting."""

    def action_palette(self) -> None:
        """Find a command by name."""
        self.app.action_command_palette()

    def action_help(self) -> None:
        """Show all keys, those of the pane first."""
        from memos_admin.tui.screens.help import Help

        self.app.push_screen(Help(self.pane, _(TITLES[self.pane]), self.table))

    async def action_suspend(self) -> None:
        """Go back to the shell for a while."""
        await cast("MemosAdmin", self.app).action_suspend()

    def action_quit(self) -> None:
        """Quit at once."""
        self.app.exit()

    def action_error(self) -> None:
        """Read the last error."""
        subject = self.desk.subject
        unread = self.fetching.read()
        trouble = troubles.of_subject(subject, self.key) if subject is not None else None
        if unread or (trouble is None and self.fetching.error):
            self.view(self.fetching.title, unread or self.fetching.error)
        elif trouble is not None:
            self.view(_("What could not be read"), trouble.page(now_ms()))
        else:
            self.say(_("There was no error."))

    def action_give_key(self) -> None:
        """Ask for the key of the project, for this run; first for that of its store, if need be."""
        if self.session.locked:
            self._ask_store_key()
            return
        if self.session.demo:
            self.say(_("The demo has a key of its own."))
            return
        from memos_admin.tui.screens.dialogs import Ask

        project = self.session.workspace.project
        text = _(
            "For {address}. It is used until memos-admin ends, and kept nowhere. To keep one in the "
            "keyring, or where the project's key was changed: {key}, then K."
        ).format(address=project.origin, key=self.key("projects"))
        title = _("API key of {project}").format(project=project.title)
        self.app.push_screen(Ask(title, text, prompt="mpg-…", hidden=True, take=self._take_key))

    def _ask_store_key(self) -> None:
        from memos_admin.tui.screens.dialogs import Ask

        text = _(
            "The passphrase, or the recovery key that `memos-admin store key` printed. It is used "
            "until memos-admin ends, and kept nowhere."
        )
        title = _("Key to the store of {project}").format(project=self.session.name)
        self.app.push_screen(Ask(title, text, hidden=True, take=self._take_store_key))

    async def _take_store_key(self, text: str) -> str:
        """Unlock the store and show what is in it; return why it cannot be."""
        problem = await unlocking.unlock_with(self.session, text)
        if not problem:
            self.fetching.read()
            self.fill()
        return problem

    async def _take_key(self, text: str) -> str:
        """Use a key from now on, and ask again for what failed; return why it cannot be used."""
        app, project = cast("MemosAdmin", self.app), self.session.workspace.project
        try:
            find_key = await in_thread(trying.typed, project, text)
        except CredentialsError as error:
            return said_by(error)
        app.changed_key(project, find_key)
        if not self.fetching.again():
            self.say(_("The key is used from now on, in this run."))
        return ""

    def action_ticket(self) -> None:
        """Ask for which ticket the following is done."""
        ticketing.ask(self.app, self.session, self.say, self._for_ticket)

    def _for_ticket(self) -> None:
        if self.desk.subject is not None:  # what is on the screen is looked at for it too
            self.session.journaling.shown("user", self.desk.subject.ref)
        self.show_place()

    def action_mask(self) -> None:
        """Mask what is personal, or show it again."""
        cast("MemosAdmin", self.app).action_mask()

    def action_pseudonyms(self) -> None:
        """Give users other names, or show their ids again."""
        cast("MemosAdmin", self.app).action_pseudonyms()

    def action_reveal(self) -> None:
        """Show what is masked of what is under the cursor, until one moves on."""
        self.work(self._reveal, "reveal")

    async def _reveal(self) -> None:
        from memos_admin.tui.jobs import taking

        app = cast("MemosAdmin", self.app)
        if not app.screen_safe.state.mask:
            self.say(_("Nothing is masked. {key} masks.").format(key=self.key("mask")))
            return
        pane, subject = self.pane, self.desk.subject
        about, texts = None, []
        if pane not in {"users", "conversations"}:
            about = taking.about_under(self.desk, pane)
            texts = await taking.texts_under(self.desk, pane)
        elif pane == "conversations" and (row := self.desk.panes.conversations.row) is not None:
            texts = [row.label]
        ref = subject.ref if subject is not None else None
        ids = [ref.external_id] if ref is not None else []
        number = await in_thread(app.screen_safe.reveal, texts, ids)
        if not number:
            self.say(_("Nothing is masked here."))
            return
        self.session.journaling.revealed("item", number, about, ref)
        self.veil()
        self.say(_("Shown until you move on. It is journaled."))

    def hide(self) -> None:
        """Mask again what was revealed: one has moved on."""
        if cast("MemosAdmin", self.app).screen_safe.hide():
            self.veil()

    def action_restore(self) -> None:
        """Offer the backups of the store."""
        if self.session.demo:
            self.say(_("The demo begins anew at each start, and has no backups."))
        else:
            self.work(self._restore, "restore")

    async def _restore(self) -> None:
        from memos_admin.tui.jobs import restoring

        await restoring.offer(cast("MemosAdmin", self.app), self.session.workspace.project)

    def action_projects(self) -> None:
        """Show the projects."""
        from memos_admin.tui.screens.projects import ProjectsScreen

        app = cast("MemosAdmin", self.app)
        app.push_screen(ProjectsScreen(app.home, self.session))

"""What is taken along: copies, files, exports."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from memos_admin.backend.display import called, masked
from memos_admin.backend.errors import StoreError
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.tui.actions.base import COPIED, Acting
from memos_admin.tui.jobs import taking
from memos_admin.tui.reader import in_thread
from memos_admin.tui.words import phrases
from memos_admin.tui.words.command_line import command_line, of_pane
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.tui.app import MemosAdmin

_OF_CONVERSATION = N_("Copied the conversation's id, messages have none: {what}")

LINE_MOST = 350
"""Characters of a link or command that are shown when it was copied: it is made here, to be read."""

TEXTS_ARE = N_("Messages and memories have one.")


class TakingActions(Acting, inherit_bindings=False):
    """Copying, writing, exporting."""

    def action_copy_id(self) -> None:
        """Copy the id under the cursor."""
        if found := taking.id_under(self.desk, self.pane):
            message = taking.is_about_message(self.desk, self.pane)
            self.copy(found, _OF_CONVERSATION if message else COPIED)
        elif self.pane in {"conversations", "transcript"}:
            self.say(taking.no_conversation_under(self.desk, self.pane))
        else:
            self.say(_("There is no id here to copy."))

    def action_copy_text(self) -> None:
        """Copy the text under the cursor."""
        self.work(self._copy_text, "take")

    async def _copy_text(self) -> None:
        found = await taking.text_under(self.desk, self.pane)
        if found is None:
            self.say(sentences(_("There is no text here to copy."), _(TEXTS_ARE)))
        else:
            self.copy_text(found.text, found.about)

    def action_write_text(self) -> None:
        """Ask where to write the text under the cursor."""
        self.work(self._write_text, "take")

    async def _write_text(self) -> None:
        from memos_admin.tui.screens.dialogs import Ask

        found = await taking.text_under(self.desk, self.pane)
        if found is None:
            self.say(sentences(_("There is no text here to write."), _(TEXTS_ARE)))
            return
        project, ref, name = self.session.project_name, found.about.ref, found.name
        await self.open_prepared(
            Ask(
                _("Write the text to a file"),
                _("Where to? A file that exists is left alone; the new one only you can read."),
                prompt=_("where to"),
                suggest=lambda: taking.suggest_path(
                    project, ref, name, ending="txt", folder=self.session.propose_folder()
                ),
                take=partial(self._write, found),
                whom=ref,
            )
        )

    async def _write(self, found: taking.Text, path: str) -> str:
        """Write, and say so; return why that cannot be done."""
        write, text = self.session.journaling.write, await in_thread(masked, found.text)
        try:
            target = await in_thread(write, found.about, text, path, taking.write_text)
        except (taking.CannotWrite, StoreError) as problem:
            return said_by(problem)
        self.session.export_folder = target.parent
        told = _("Wrote {size} to {path}")
        told = told.format(size=phrases.size(len(text)), path=target)
        journaled = await in_thread(self.session.journaling.said)
        self.say(told, below=sentences(self.masked_note(found.text, text), journaled))
        return ""

    def action_copy_link(self) -> None:
        """Copy a line that leads here from the jump box, on other machines too."""
        place = self.desk.place
        if place is None or self.whom() is None:
            self.say(_("There is no place here to link to."))
        elif self._names_nobody(place.conversation_id, place.memory_id):
            # Its ids are all shown: masks that find something else in the code of a link would break it.
            self.copy(place.link, most=LINE_MOST, as_is=True)

    def action_copy_command(self) -> None:
        """Copy the command line that writes what is shown."""
        if not self.opens_for_somebody() or not self._names_nobody():
            return
        words = of_pane(self.pane, self.desk.place, self.desk.query)
        self.copy(command_line(self.session.project_options, words), most=LINE_MOST)

    def _names_nobody(self, *others: str | None) -> bool:
        """Whether a line that has the user's id, and others, in it may be copied; say it where it may not."""
        subject = self.desk.subject
        named = subject is not None and called(subject.ref) != subject.ref.external_id
        if not named and all(masked(one) == one for one in others if one is not None):
            return True
        text = _("It would have the user's id in it, which is masked. {key} shows ids again.")
        if not named:
            text = _("It would have an id in it that is masked. {key} shows ids again.")
        self.say(text.format(key=self.key("mask")))
        return False

    def action_export(self) -> None:
        """Ask what of the user to export, in which form and where to."""
        from memos_admin.tui.screens.export import ExportScreen

        among_users = self.pane == "users"
        subject = self.desk.panes.users.row if among_users else self.desk.subject
        if subject is None:
            self.say(_("There is no user here to export."))
            return
        conversation = None if among_users else taking.conversation_under(self.desk, self.pane)
        memories = None if among_users else self.desk.query
        privacy = cast("MemosAdmin", self.app).screen_safe.state
        self.app.push_screen(
            ExportScreen(
                self.session,
                subject.ref,
                conversation,
                memories,
                privacy=privacy,
                answer_key=self.key("subject_export"),
            )
        )

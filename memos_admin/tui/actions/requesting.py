"""Answering a person who asks for their data, or that it be erased: first for which ticket."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from memos_admin.backend.display import both_ends, called, printable
from memos_admin.backend.erasing import unfinished_erasures
from memos_admin.backend.keys import KeyGiven
from memos_admin.backend.model import SubjectRef
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.tui.actions.changing import ChangingActions
from memos_admin.tui.reader import in_thread
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.model import Subject
    from memos_admin.tui.jobs.changes_in_memos import Change


class RequestingActions(ChangingActions, inherit_bindings=False):
    """One archive for a person, and erasing everywhere."""

    def action_subject_export(self) -> None:
        """Write all that is stored of the user as one archive."""
        from memos_admin.tui.jobs.subject_requests import SubjectArchive

        if (ref := self.whom()) is None:
            self.say(_("There is no user here whose request could be answered."))
            return
        title = _("Answer the request of {name}").format(name=both_ends(called(ref), 40))
        self._ask_ticket(
            ref, title, lambda ticket: SubjectArchive(self.session, ref, ticket, self.reload)
        )

    def action_subject_erase(self) -> None:
        """Erase the user in MemOS and here."""
        self.work(self._erase_everywhere, "change")

    async def _erase_everywhere(self) -> None:
        from memos_admin.tui.jobs.subject_requests import SubjectErasure

        if (ref := self.whom()) is None:
            self.say(_("There is no user here to erase."))
            return
        forbidden = await self._why_not_allowed()
        title = _("Erase {name} everywhere").format(name=both_ends(called(ref), 40))

        async def show() -> None:
            await self.desk.show_users()
            frame = self.desk.panes.frames["users"]
            if frame.filter and not len(self.desk.panes.users):  # it would invite to add them again
                frame.clear_filter(tell=False)
                await self.desk.show_users()
            found = await in_thread(self._subject, ref)
            if found is not None and found.erasing:
                erasing = unfinished_erasures.of(found)
                goes_on = _("{key} on the user goes on.").format(key=self.key("subject_erase"))
                self.say(sentences(erasing, goes_on), stays=True)

        self._ask_ticket(
            ref,
            title,
            lambda ticket: SubjectErasure(self.session, ref, ticket, self.reload, forbidden),
            partial(self.work, show, "change"),
        )

    def _subject(self, ref: SubjectRef) -> Subject | None:
        with self.session.workspace.open_reads() as reads:
            return reads.subject(ref)

    def _ask_ticket(
        self,
        ref: SubjectRef,
        title: str,
        make: Callable[[str], Change],
        then: Callable[[], None] | None = None,
    ) -> None:
        """Ask which request it is for; until that is left, what is done is journaled with its ticket.

        Args:
            ref: whose request it is. Its ticket is offered to nobody else.
            title: of the question.
            make: returns what a ticket is answered with.
            then: done when something was; by default what is shown is read again.
        """
        from memos_admin.tui.screens.dialogs import Ask, example

        text = _(
            "For which request? Its ticket is journaled, and stands in what is written. Nothing is done "
            "yet."
        )
        journaling = self.session.journaling
        before = journaling.ticket

        async def take(typed: str) -> str:
            try:
                journaling.set_request(ref, typed)
            except KeyGiven as error:
                return said_by(error)
            self.call_later(self._ask, make(typed), done, left, whom=ref)
            return ""

        def left() -> None:
            journaling.set_ticket(before)
            self.show_place()

        def done() -> None:
            left()
            (then or self.reload)()

        ticket = journaling.ticket_for(ref)
        value = ticket if printable(ticket) == ticket else ""
        prompt = example("DSR-17")
        self.app.push_screen(Ask(title, text, value=value, prompt=prompt, take=take, whom=ref))

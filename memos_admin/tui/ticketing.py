"""Asking for which ticket the following is done, on whichever screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from memos_admin.backend.display import printable
from memos_admin.backend.keys import KeyGiven
from memos_admin.language import gettext as _
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from textual.app import App

    from memos_admin.tui.jobs.editing import Say
    from memos_admin.tui.session import Session


def ask(app: App[Any], session: Session, say: Say, changed: Callable[[], None]) -> None:
    """Ask for the ticket, take it, and say so; `changed` is called when there is another one."""
    from memos_admin.tui.screens.dialogs import Ask, example

    journaling = session.journaling

    def taken(ticket: str | None) -> None:
        if ticket is None:
            return
        try:
            journaling.set_ticket(ticket)
        except KeyGiven as error:
            say(said_by(error))
            return
        changed()
        now = journaling.ticket
        told = _("From now on for ticket {ticket}.").format(ticket=now)
        say(told if now else _("From now on for no ticket."))

    text = _(
        "What you do from now on is journaled with it, until memos-admin ends. Leave it empty "
        "for none."
    )
    ticket = journaling.ticket
    value = ticket if printable(ticket) == ticket else ""  # a field shows what it holds raw
    app.push_screen(Ask(_("Ticket"), text, value=value, prompt=example("SUP-4711")), taken)


def mark(session: Session) -> Part:
    """Return what the top line says of the ticket; no text: there is none."""
    ticket = session.journaling.ticket
    return Part(_("ticket {ticket}").format(ticket=ticket) if ticket else "")

"""What the interface leaves in the operator journal. Nothing here blocks, but where it says so.

What is defined in the backend (exports, removals, additions, syncs, MemOS's recall) is journaled
there. Here is what only an interface knows: that something was shown, searched for or copied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memos_admin.backend import display
from memos_admin.backend.privacy import Privacy
from memos_admin.language import N_
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.journal import Event, Journal
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.workspace import Workspace


@dataclass(frozen=True)
class About:
    """What a text is of: a memory, or a message by its number in a conversation."""

    ref: SubjectRef
    conversation_id: str | None
    memory_id: str | None = None
    message: int | None = None


class Journaling:
    """The journal of the home of a project that is shown.

    Attributes:
        masks: how the configuration masks the screens; what is seen with less is journaled as that.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.masks, self._off = Privacy(), False
        self._requests: dict[SubjectRef, str] = {}

    @cached_property
    def _journal(self) -> Journal:
        from memos_admin.backend import journal

        return journal.of(self._workspace.home)

    def look(self) -> None:
        """Find out whether it is switched off; blocks."""
        from memos_admin.backend.home import HomeError

        try:
            self._off = not self._journal.settings().enabled
        except HomeError:
            self._off = False  # writing tells it

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed`, in any thread, when writing begins to fail or works again."""
        self._journal.on_change = changed

    def try_again(self) -> None:
        """Write what could not be written before."""
        self._journal.try_again()

    @property
    def problem(self) -> str:
        """Why what is done is not journaled, ``""``: it is, or it is not meant to be."""
        return self._journal.problem

    @property
    def mark(self) -> str:
        """What stands in the top line for as long as what is done is not journaled, else ``""``."""
        if self._off:
            return _("not journaled: switched off")
        return _("not journaled") if self.problem else ""

    @property
    def ticket(self) -> str:
        """The ticket that all is done for, ``""``: none."""
        from memos_admin.backend import occasion

        return occasion.present().ticket or ""

    def ticket_for(self, ref: SubjectRef) -> str:
        """Return the ticket that all is done for, else that of a person's last request; ``""``: none."""
        return self.ticket or self._requests.get(ref, "")

    def set_ticket(self, ticket: str) -> None:
        """Do what follows for a ticket; ``""``: for none. Raises KeyGiven where it is the API key."""
        from memos_admin.backend import occasion
        from memos_admin.backend.keys import refuse_key

        refuse_key(ticket, N_("ticket"), self._workspace.project.fingerprints)
        occasion.change(ticket=ticket.strip() or None)

    def set_request(self, ref: SubjectRef, ticket: str) -> None:
        """Do what follows for a person's request, and remember its ticket for this person alone.

        Raises KeyGiven where that is the API key.
        """
        self.set_ticket(ticket)
        self._requests[ref] = self.ticket

    # -- what was seen and taken -----------------------------------------------------------------

    def shown(self, what: str, ref: SubjectRef | None) -> None:
        """Note that somebody's data, or everybody's, is shown: once an hour."""
        details = {"what": what, **self._unmasked()}
        self._journal.record_once(self._event("view", subject=ref, details=details))

    def watched(
        self, ref: SubjectRef | None, counts: dict[str, int], details: dict[str, object]
    ) -> None:
        """Note that a watch begins, or what it has shown; `ref`: of whom alone."""
        told = {"what": "changes", "watch": True, **details, **self._unmasked()}
        self._journal.record(self._event("view", subject=ref, counts=counts, details=told))

    def _unmasked(self) -> dict[str, bool | str]:
        veil = display.veil()
        if self.masks.mask and veil is None:
            return {"unmasked": True}
        if self.masks == Privacy(True, True) and veil is not None and not veil.names:
            return {"unmasked": "names"}
        return {}

    def searched(self, text: str, ref: SubjectRef | None, where: str, hits: int) -> None:
        """Note what was searched for in what is stored here; `ref`: of whom alone."""
        event = self._event(
            "search",
            subject=ref,
            query=text,
            counts={"hits": hits},
            details={"in": where, **self._unmasked()},
        )
        self._journal.record(event)

    def revealed(self, what: str, number: int, about: About | None, ref: SubjectRef | None) -> None:
        """Note that something masked is shown: ``everything``, ``names``, or an ``item``."""
        details: dict[str, Any] = {"what": what}
        if about is not None and about.message is not None:
            details["message"] = about.message
        event = self._event(
            "reveal",
            subject=ref if about is None else about.ref,
            conversation_id=None if about is None else about.conversation_id,
            memory_id=None if about is None else about.memory_id,
            counts={"values": number} if number else {},
            details=details,
        )
        self._journal.record(event)

    def flush(self) -> None:
        """Wait until what was noted is written, or could not be; blocks."""
        self._journal.flush()

    def said(self) -> str:
        """Return the last entry with its hash, or why there is none, in a sentence; blocks."""
        self._journal.flush()
        return self._journal.said()

    def copied(self, about: About, characters: int) -> None:
        """Note that a text was copied."""
        self._journal.record(self._taken("copy", about, characters))

    def write(self, about: About, text: str, path: str, put: Callable[[str, str], Path]) -> Path:
        """Let `put` write a text to a path; blocks, and journals it before and after.

        Raises:
            NotJournaled: nothing was written, since it could not be journaled.
        """
        from memos_admin.backend import journal

        event = self._taken(
            "export", about, len(text), file=str(Path(path).expanduser().absolute())
        )
        with journal.journaled(self._workspace.home, event, N_("Nothing was written")):
            return put(path, text)

    def _taken(self, action: Any, about: About, characters: int, file: str | None = None) -> Event:
        details: dict[str, Any] = {"what": "text"}
        if about.message is not None:
            details["message"] = about.message
        return self._event(
            action,
            subject=about.ref,
            conversation_id=about.conversation_id,
            memory_id=about.memory_id,
            file=file,
            counts={"characters": characters},
            details=details,
        )

    def _event(self, action: Any, **about: Any) -> Event:
        from memos_admin.backend.journal import Event

        return Event(action, self._workspace.project, **about)

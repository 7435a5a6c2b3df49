"""The filter of the memories that a person types, while they type it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memos_admin.backend.filter_language import FilterError
from memos_admin.backend.model import Filter
from memos_admin.language import gettext as _
from memos_admin.tui.jobs.offers import offers
from memos_admin.tui.rows import main as lists
from memos_admin.tui.words import narrowing

if TYPE_CHECKING:
    from memos_admin.tui.desk.panes import Desk


class TypedFilter:
    """What is typed into the field over a desk's memories.

    Attributes:
        before: the filter and the order of the memories before a person began to type another one.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.before = Filter()

    async def narrow(self, typed: str) -> None:
        """Show the memories that a typed filter names; say under the field where it is none.

        As long as it is none, what stands before its error narrows them.
        """
        desk = self._desk
        frame, refused = desk.panes.frames["memories"], self.refused()
        try:
            desk.chosen = narrowing.read(typed, desk.chosen, refused)
        except FilterError as error:
            frame.set_problem(narrowing.problem(error), (error.start, error.end))
            so_far = narrowing.read_so_far(typed, error, desk.chosen, refused)
            desk.chosen = self.before if so_far is None else so_far
        else:
            frame.set_problem("")
            desk.typed = typed, desk.chosen
        await desk.show_memories()

    def refused(self) -> dict[str, str]:
        """Return the fields of the language that do not apply to the memories, with a sentence on why."""
        desk = self._desk
        elsewhere = _("These are the memories of one user. Choose another in the list of users.")
        found = {"user": elsewhere, "agent": elsewhere}
        if desk.scope is not None and desk.scope.key != lists.ALL_MEMORIES:
            found["conversation"] = _("A conversation is chosen. Choose all memories first.")
        return found

    async def offers(self, typed: str) -> list[str]:
        """Return the texts that a filter could become, and say the words that make them."""
        desk = self._desk
        ref = desk.subject.ref if desk.subject is not None else None
        lines, words = await offers(desk.session.workspace.project, ref, typed, self.refused())
        desk.panes.frames["memories"].set_offers(words, typed)
        return lines

"""Screens about memories whose ``/`` is the field for the language of filters, as in the list of memories."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from textual.binding import Binding

from memos_admin.backend.filter_language import FIELDS, FilterError, Language, parse, refused
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.projects.project import ProjectError
from memos_admin.backend.saved_filters import SavedFilter
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.jobs.named import check_named
from memos_admin.tui.jobs.offers import offers
from memos_admin.tui.jobs.saved_filters import SavedFilterDialogs
from memos_admin.tui.screens.names_whom import NamesWhom
from memos_admin.tui.session import Session
from memos_admin.tui.telling import tell
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.words import narrowing
from memos_admin.tui.words.failures import said_by

FILTER = (
    Binding("slash", "filter", show=False),
    Binding("apostrophe", "saved_filters", show=False),
)


SETTLED = 0.3
"""Seconds after the last key from which on what is typed is taken for what is meant."""


@dataclass(kw_only=True)
class Narrowed:
    """How a screen about memories is narrowed.

    Attributes:
        everyone: everyone's is shown instead of the chosen user's.
        narrowed: the filter of the memories.
    """

    everyone: bool = False
    narrowed: Filter = field(default_factory=Filter)


class FiltersMemories(NamesWhom[Any], inherit_bindings=False):
    """A screen over one pane, whose filter is typed, saved, chosen and dropped alike everywhere.

    Attributes:
        state: how it is narrowed.
        typed: the last text that was typed for the filter, and what that meant.
        is_slow: what the filter names takes long to show, so that it waits for the last key.
        fields: what can be said in it.
    """

    state: Narrowed
    is_slow = False
    fields: ClassVar[Mapping[str, str]] = FIELDS
    typed: tuple[str, Filter] = "", Filter()
    _before_typing = Filter()
    _session: Session
    _list: RowList[Any]
    _chosen: SubjectRef | None

    @property
    def chosen(self) -> Filter:
        """The filter that is active."""
        return self.state.narrowed

    @chosen.setter
    def chosen(self, chosen: Filter) -> None:
        self.state.narrowed = chosen

    @property
    def is_of_chosen(self) -> bool:
        """Whether it is about the user that was chosen before, whom no filter changes."""
        return self._chosen is not None and not self.state.everyone

    @property
    def language(self) -> Language[Filter]:
        """What reads a filter that is typed."""
        return parse

    @property
    def title_parts(self) -> tuple[str, ...]:
        """The title, which says whom it is about."""
        raise NotImplementedError

    @property
    def whose(self) -> object:
        """Whom it is about, and what of them, as the title says it."""
        return self._ref

    def say_whose(self) -> None:
        """Say whom it is about by now."""
        self.turn_to(self.whose, *self.title_parts)

    def narrowed_anew(self) -> None:
        """Show what the filter names: it is another one."""
        raise NotImplementedError

    def refused(self) -> dict[str, str]:
        """Return the fields of the language that do not apply here, with a sentence on why."""
        found = refused("evidence")
        if self.is_of_chosen:
            found["user"] = found["agent"] = _("This is about one user. u shows everyone's.")
        return found

    def action_whose(self) -> None:
        """Show what is of the chosen user only, or everyone's."""
        if self._chosen is not None:
            self.state.everyone = not self.state.everyone
            self.forget_whose()
            self.say_whose()
            self.narrowed_anew()

    @property
    def _ref(self) -> SubjectRef | None:
        """Whom it is about; None: everyone."""
        return self._chosen if self.is_of_chosen else self.chosen.subject

    async def offers(self, typed: str) -> Sequence[str]:
        """Return the texts that a filter could become, and say the words that make them."""
        project = self._session.workspace.project
        lines, words = await offers(project, self._ref, typed, self.refused(), self.fields)
        self._pane.set_offers(words, typed)
        return lines

    def action_filter(self) -> None:
        """Type on from the filter that is active."""
        if not self._pane.is_filtering:
            self._before_typing = self.chosen
        self._pane.open_filter(narrowing.typed(self.chosen))

    async def on_pane_filtered(self, event: Pane.Filtered) -> None:
        """Show what a typed filter names; as long as it is none, what stands before its error does."""
        problem: FilterError | None = None
        try:
            found = narrowing.read(event.text, self.chosen, self.refused(), self.language)
            await check_named(self._session.reader, event.text, found)
        except FilterError as error:
            problem = error
        if not self._pane.is_filtering and event.text != self._pane.filter:
            return  # it was dropped meanwhile
        if problem is not None:
            self._pane.open_filter()
            self._pane.set_problem(narrowing.problem(problem), (problem.start, problem.end))
            barred, chosen = self.refused(), self.chosen
            so_far = narrowing.read_so_far(event.text, problem, chosen, barred, self.language)
            found = self._before_typing if so_far is None else so_far
        else:
            self._pane.set_problem("")
            self.typed = event.text, found
        self._take(found, settles=self.is_slow)

    def _take(self, found: Filter, *, settles: bool = False) -> None:
        """Show what a filter names; `settles`: unless another one follows soon."""
        waits = any(one.group == "settle" and not one.is_finished for one in self.workers)
        if found == self.chosen and not (waits and not settles):
            return
        self.chosen = found
        self.say_whose()
        if settles:
            background.start(self, self._settle, "settle", awaited=True, escapes=True)
        else:
            self.workers.cancel_group(self, "settle")
            self.narrowed_anew()

    async def _settle(self) -> None:
        await asyncio.sleep(SETTLED)
        self.narrowed_anew()

    def drop_filter(self) -> bool:
        """Leave the field with the filter as it was, else drop its last condition; False: there was none."""
        if self._pane.clear_filter(tell=False):
            self.set_focus(self._list)
            self._take(self._before_typing)
            return True
        before = self.chosen
        self._take(narrowing.wider(before))
        return self.chosen != before

    def forget_whose(self) -> None:
        """Drop from the filter whose memories they are: that is chosen anew."""
        self.chosen = replace(self.chosen, subject=None)

    def action_saved_filters(self) -> None:
        """Choose a saved filter, or save the one that is active."""
        dialogs = SavedFilterDialogs(self, self._session, self, self._use)
        background.start(self, dialogs.choose, "saved filters", awaited=True)

    def _use(self, saved: SavedFilter) -> None:
        try:
            found, left_out = saved.applied(self.language, None, self.refused())
        except ProjectError as error:
            tell(self, said_by(error))
            return
        if left_out:
            tell(self, left_out)
        found = narrowing.in_order_of(self.chosen, found)
        self.typed = saved.typed, found
        self._take(found)

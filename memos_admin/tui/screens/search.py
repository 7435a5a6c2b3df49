"""Search: words in everything that is stored here, and beside it what the service would recall."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from memos_admin.backend.filter_language import FilterError, refused, slip, split
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.search import Hit, has_words, recall, types_within
from memos_admin.backend.times import now_ms
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.tui import background
from memos_admin.tui.copies_command import CommandOf, CopiesCommand
from memos_admin.tui.desk.place import Place
from memos_admin.tui.jobs.named import check_named
from memos_admin.tui.jobs.searching import (
    AROUND,
    MOST_RECALLED,
    MOST_SHOWN,
    LocalSearch,
    Recalled,
    Searched,
    SearchState,
    Where,
    searched,
)
from memos_admin.tui.layout.fitting import BETWEEN
from memos_admin.tui.rows import search as search_rows
from memos_admin.tui.screen_safe import titled
from memos_admin.tui.session import Session
from memos_admin.tui.still import LeadsTo
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.field import Field
from memos_admin.tui.widgets.prose import Prose
from memos_admin.tui.widgets.results import Results, Row
from memos_admin.tui.widgets.status_line import KeyLine
from memos_admin.tui.words.command_line import of_recall, of_search
from memos_admin.tui.words.failures import said_by

TELL_EVERY = 0.5
"""Seconds between two looks at how far a search is that takes long."""

STALE_AFTER = 0.3
"""Seconds after which hits of other words are taken away, where there are no new ones yet."""

SETTLED = 1.5
"""Seconds after which what was typed counts as searched for; whoever goes on typing searches more."""

_Search = tuple[str, SubjectRef | None, Where]

_NEXT_WHERE: dict[Where, Where] = {"all": "messages", "messages": "memories", "memories": "all"}


class SearchScreen(CopiesCommand, Veiled, LeadsTo[Place | None], inherit_bindings=False):
    """Finds words; returns the place of what was opened, None where a person left.

    Attributes:
        state: what is searched for and where; give it to the next screen to go on from there.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("tab,shift+tab", "switch", show=False),
        Binding("ctrl+o", "where", show=False),
        Binding("ctrl+t", "whose", show=False),
        Binding("ctrl+r", "order", show=False),
        Binding("ctrl+y", "copy_command", show=False),
        Binding("down,ctrl+n", "move(1)", show=False),
        Binding("up,ctrl+p", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]
    DEFAULT_CSS = """
    SearchScreen #search-frame {
        border: heavy $border;
        border-title-color: $foreground;
        border-title-style: bold;
        height: 1fr;
    }
    SearchScreen #search-note {
        height: auto; min-height: 2; max-height: 6; margin: 1 0 1 0; padding: 0 1; color: $text-muted;
        &.search--error { color: $text-error; }
    }
    SearchScreen #search-scope { margin-top: 1; background: $background; }
    SearchScreen Results { height: 1fr; }
    """

    def __init__(
        self,
        session: Session,
        *,
        subject: SubjectRef | None = None,
        state: SearchState | None = None,
    ) -> None:
        """Take the session, the user that is chosen, and what an earlier search was left with."""
        super().__init__()
        self.state = state or SearchState()
        self._session, self._subject = session, subject
        self._local = LocalSearch(session.workspace)
        self._field = Field(
            self.state.text, compact=True, placeholder=_("words"), id="search-field"
        )
        self._scope = KeyLine(id="search-scope")
        self._note = Prose(id="search-note")
        self._results = Results(id="search-results")
        self._keys = KeyLine(id="search-keys")
        self._looked: Searched | None = None
        self._hits: list[Hit] = []
        self._number = 0
        self._shown: int | None = None
        self._wanted = self.state.chosen
        self._asking = False
        self._within = Filter()
        self._whose: SubjectRef | None = None
        self._unsaid: _Search | None = None
        self._said: set[_Search] = set()

    def compose(self) -> ComposeResult:
        """Return the field, the scope, what is said, what was found, and the keys."""
        with Vertical(id="search-frame") as frame:
            frame.border_title = _title()
            yield self._field
            yield self._scope
            yield self._note
            yield self._results
        yield self._keys

    def on_mount(self) -> None:
        """Go on from where an earlier search was left, and let a person type."""
        self._field.focus()
        self._renew(keep=True)

    def on_unmount(self) -> None:
        """Close the connection, behind the next screen."""
        self._journal()
        self._number += 1
        background.start(self.app, self._local.close, "close search", exclusive=False)

    def draw_anew(self) -> None:
        """Search again, with the cursor where it is."""
        self.query_one("#search-frame").border_title = _title()
        self._wanted = self.state.chosen
        self._renew(keep=True)

    @property
    def _scoped(self) -> SubjectRef | None:
        """Whose messages and memories are searched; None: everyone's."""
        return None if self.state.everyone else self._subject

    @property
    def _recalled(self) -> Recalled | None:
        """What the service recalled for what stands in the field, None where it was not asked."""
        known = self.state.recalled
        fits = known and (known.text, known.ref) == (self.state.text.strip(), self._subject)
        return known if fits else None

    # -- what is asked ---------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search for what is typed now; answers to what was typed before are dropped."""
        event.stop()
        if event.value != self.state.text:
            self.state.text = event.value
            self._renew()

    def action_switch(self) -> None:
        """Change between what is stored here and what the service would recall."""
        self.state.recall = not self.state.recall
        self._renew()

    def action_where(self) -> None:
        """Search messages, memories or both."""
        self.state.where = _NEXT_WHERE[self.state.where]
        self.state.recall = False
        self._renew()

    def action_whose(self) -> None:
        """Search this user's or everyone's."""
        if self._subject is None:
            self._say(_("Everyone is searched: no user was chosen when the search was opened."))
            return
        self.state.everyone = not self.state.everyone
        self.state.recall = False
        self._looked = None
        self._renew()

    def action_order(self) -> None:
        """Show what arrived last first, or what is most relevant."""
        self.state.order = "relevance" if self.state.order == "arrival" else "arrival"
        self.state.recall = False
        self._renew()

    def _renew(self, *, keep: bool = False) -> None:
        """Show what is asked for now; `keep`: with the cursor where it was left."""
        self._number += 1
        self._unsaid = None
        self._shown, self._asking = None, False
        if not keep:
            self._wanted = None
        self._local.stop()
        self.workers.cancel_group(self, "search")
        self._show_keys()
        if self.state.recall:
            self._show_recalled()
        else:
            background.start(self, partial(self._search, self._number), "search", awaited=True)

    def is_about(self, ref: SubjectRef) -> bool:
        """Whether it is about somebody, whatever its command says."""
        return self._subject == ref

    def command(self) -> CommandOf | str:
        """Return the command for what is searched for."""
        state, scoped = self.state, self._scoped
        if state.recall:
            text = state.text.strip()
            if self._subject is None or not text:
                return _("MemOS recalls for a user, and for words: there is nothing to ask yet.")
            return CommandOf(of_recall(text, self._subject), self._subject)
        try:
            text, within = split(state.text, None, _refused())
        except FilterError as error:
            return said_by(error)
        if not text:
            return _("There is nothing to search for yet.")
        words = of_search(
            text, scoped, within, where=state.where, order=state.order, limit=MOST_SHOWN
        )
        return CommandOf(words, within.subject or scoped)

    # -- what is stored --------------------------------------------------------------------------

    async def _search(self, number: int) -> None:
        """Show what is stored, as it is found."""
        state, scoped = self.state, self._scoped
        self._hits = []
        waits = self.set_interval(TELL_EVERY, partial(self._tell_waiting, number), pause=True)
        self.set_timer(STALE_AFTER, partial(self._drop_stale, number))
        try:
            text, self._within = split(state.text, None, _refused())
            self._turn_to(self._within.subject or scoped)
            reader = self._session.reader
            await check_named(reader, state.text, self._within, among_words=True)
            if not text:
                self._show([], number)
            else:
                self._say(_("Searching …"))
                waits.resume()
                async for chunk in self._local.hits(
                    text, scoped, state.where, state.order, self._within
                ):
                    if number != self._number:
                        return
                    self._hits += chunk
                    self._show(search_rows.found_rows(self._hits, text), number)
                    if self._hits:
                        background.arrived()
                self._show(search_rows.found_rows(self._hits, text), number)
                self._found(scoped, number)
            waits.stop()
            self._say_found(number)
            looked = self._looked or await reader(searched, scoped)
        except FilterError as error:
            if number == self._number:
                self._show([], number)
                at = error.start + 1
                self._say(
                    _("Column {number}: {why}").format(number=at, why=said_by(error)), error=True
                )
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            if number == self._number:
                if self._shown != number:  # what was found before is of something else
                    self._show([], number)
                self._say(said_by(error), error=True)
            return
        finally:
            waits.stop()
        if number == self._number:
            self._looked = looked
            self._say_found(number)

    def _turn_to(self, whose: SubjectRef | None) -> None:
        """Take away what was found of others than those who are searched now."""
        if whose != self._whose:
            self._whose = whose
            self._results.show([], prefer=[])

    def _tell_waiting(self, number: int) -> None:
        """Tell why it takes long, and how far it is."""
        if number == self._number:
            self._say(search_rows.searching_text(self._local.indexed, self._local.looked))

    def _drop_stale(self, number: int) -> None:
        """Take away what was found for other words, where nothing was found for these yet."""
        if number == self._number and self._shown != number:
            self._results.show([], prefer=[])

    def _found(self, scoped: SubjectRef | None, number: int) -> None:
        """Journal what was searched for, if it is not only the beginning of what is being typed."""
        if number == self._number:
            self._unsaid = self.state.text.strip(), scoped, self.state.where
            self.set_timer(SETTLED, partial(self._settle, number))

    def _settle(self, number: int) -> None:
        if number == self._number:
            self._journal()

    def _journal(self) -> None:
        unsaid, self._unsaid = self._unsaid, None
        if unsaid is not None and unsaid not in self._said:
            self._said.add(unsaid)
            self._session.journaling.searched(*unsaid, len(self._hits))

    def _say_found(self, number: int) -> None:
        if number != self._number:
            return
        state, scoped, looked, now = self.state, self._scoped, self._looked, now_ms()
        if words := split(state.text, None, _refused())[0]:
            found = len(self._hits)
            text = search_rows.local_text(
                found, looked, state, scoped, now, ranked=self._local.ranked
            )
            if not found and not has_words(words):
                text = _("Signs alone are no words: there is nothing to search for yet.")
            elif not found and len(state.text.strip()) == 1:
                text = sentences(text, _("A single letter is taken for a word."))
            if not found:
                text = sentences(text, slip(words))
            if "message" not in types_within(self._within):
                text = sentences(text, _("Only memories have what the filter asks for."))
            self._say(text)
        else:
            self._say(search_rows.before_text(looked, state.where, scoped, now))

    # -- what the service would recall -----------------------------------------------------------

    def _show_recalled(self) -> None:
        """Show what was recalled for this text, or how to have it recalled."""
        self._show_keys()
        if (known := self._recalled) is not None:
            self._show(search_rows.recalled_rows(known), self._number)
            self._say(search_rows.recalled_text(known, now_ms()))
        else:
            self._show([], self._number)
            self._say(search_rows.recall_hint(self._subject, self.state.text))

    def _ask(self) -> None:
        ref, text = self._subject, self.state.text.strip()
        if self._asking or ref is None or ref.kind != "user" or not text:
            return
        self._asking = True
        self._say(_("Asking MemOS …"))
        background.start(self, partial(self._recall, text, ref, self._number), "search")

    async def _recall(self, text: str, ref: SubjectRef, number: int) -> None:
        try:
            hits = await recall(
                self._session.workspace, text, ref, limit=MOST_RECALLED, around=AROUND
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            if number == self._number:
                self._asking = False
                self._say(said_by(error), error=True)
            return
        if number == self._number:
            self._asking = False
            self.state.recalled = Recalled(text, ref, tuple(hits), now_ms())
            self._show_recalled()

    # -- choosing --------------------------------------------------------------------------------

    def action_move(self, lines: int) -> None:
        """Choose another row."""
        self._results.move(lines)

    def action_page(self, pages: int) -> None:
        """Choose a row a page away."""
        self._results.page(pages)

    def action_open(self) -> None:
        """Open the row, or ask the service."""
        if self.state.recall and self._recalled is None:
            self._ask()
        elif self._shown == self._number:
            self._results.enter()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Open the row."""
        event.stop()
        self.action_open()

    def on_results_highlighted(self, event: Results.Highlighted) -> None:
        """Remember where the cursor is."""
        if event.row is not None and self._shown == self._number:
            self.state.chosen = event.row.key
        if event.by_hand:
            self._wanted = None

    def on_results_entered(self, event: Results.Entered) -> None:
        """Open it in place, unless it is of other words than those that stand there now."""
        if self._shown != self._number:
            return
        self.state.chosen = event.row.key
        self.dismiss(event.row.value)

    # -- showing ---------------------------------------------------------------------------------

    def _show(self, rows: list[Row], number: int) -> None:
        if number != self._number:
            return
        first = self._shown != number
        self._shown = number
        at = self._results.row
        stays = None if first or at is None else at.key
        self._results.show(rows, prefer=[self._wanted, stays])

    def _say(self, text: str, *, error: bool = False) -> None:
        self._note.set_class(error, "search--error")
        self._note.say(text)

    def _show_keys(self) -> None:
        here, there = ("○", "●") if self.state.recall else ("●", "○")
        choices = _("{sign} here {other} MemOS recall").format(sign=here, other=there)
        scope = [("tab", choices, "switch")]
        if not self.state.recall:
            where = (
                _("both") if self.state.where == "all" else _(search_rows.WHERE[self.state.where])
            )
            order = _("latest first") if self.state.order == "arrival" else _("best first")
            scope += [
                ("ctrl+o", where, "where"),
                ("ctrl+t", _("everyone") if self._scoped is None else _("this user"), "whose"),
                ("ctrl+r", order, "order"),
            ]
        self._scope.show(scope, apart=False)
        asks = self.state.recall and self._recalled is None
        self._keys.show(
            [
                ("enter", _("ask MemOS") if asks else _("open"), "open"),
                ("↓ ↑", _("choose"), "move(1)"),
                ("tab", _("here") if self.state.recall else _("MemOS recall"), "switch"),
                ("escape", _("back"), "dismiss(None)"),
            ]
        )


def _title() -> Content:
    return Content(BETWEEN.join(titled(_("Search"))))


def _refused() -> dict[str, str]:
    """Return the fields of filters that do not apply to a search, and why."""
    return refused("search") | {
        "sort": _("What is found is ordered by {key}.").format(key="ctrl+r")
    }

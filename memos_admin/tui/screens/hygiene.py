"""What of a user's memories, or of everyone's, deserves a look by rules alone, grouped by rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar, cast

from textual.binding import Binding, BindingType
from textual.content import Content

from memos_admin.backend.display import called
from memos_admin.backend.filter_language import refused
from memos_admin.backend.hygiene.kinds import RULES, RuleId
from memos_admin.backend.hygiene.rules import DESCRIBED
from memos_admin.backend.hygiene.settings import of_home
from memos_admin.backend.model import Filter, Reads, Subject, SubjectRef, Totals
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.desk.place import Place
from memos_admin.tui.filters_memories import FILTER
from memos_admin.tui.jobs.scanning import Scanning
from memos_admin.tui.layout.evidence import Paragraph
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.layout.hygiene import paragraphs
from memos_admin.tui.reader import in_thread
from memos_admin.tui.rows import hygiene as hygiene_rows
from memos_admin.tui.rows.hygiene import HygieneRow, HygieneRows, is_heading, rule_of
from memos_admin.tui.screens.looks_through import LookedThrough, LooksThrough
from memos_admin.tui.screens.over_list import MOVES, help_key
from memos_admin.tui.screens.reasoned import READS
from memos_admin.tui.session import Session
from memos_admin.tui.telling import tell
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.words import narrowing, phrases
from memos_admin.tui.words.command_line import of_hygiene
from memos_admin.tui.words.failures import said_by


@dataclass
class HygieneState(LookedThrough):
    """What the screen was left with, to go on from there."""

    folded: set[RuleId] = field(default_factory=set)
    scanning: Scanning | None = None


class HygieneScreen(CopiesCommand, LooksThrough[HygieneRow], inherit_bindings=False):
    """Returns where the memory that was chosen can be seen; None where a person left."""

    state: HygieneState
    shown = "hygiene"
    reading = N_("Looking at what is remembered …")
    unreadable = N_("The memories cannot be scanned: {error}")
    explained = tuple((one.name, one.finds) for one in DESCRIBED.values())
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("right,tab", "rule(1)", show=False),
        Binding("left,shift+tab", "rule(-1)", show=False),
        Binding("p", "evidence", show=False),
        Binding("Q", "queue", show=False),
        Binding("v", "fold", show=False),
        Binding("u", "whose", show=False),
        Binding("r", "again", show=False),
        Binding("x", "stop", show=False),
        COPY,
        *FILTER,
        *READS,
        *MOVES,
    ]

    def __init__(
        self,
        session: Session,
        chosen: SubjectRef | None,
        state: HygieneState | None = None,
        narrowed: Filter | None = None,
    ) -> None:
        """Take the project, the user that is chosen, how it was left, and the filters of the memories.

        Without a user it is about everyone.
        """
        super().__init__()
        self.state = state or HygieneState()
        self._take_along(narrowed or Filter())
        self._session, self._chosen = session, chosen
        self._scanned: Scanning | None = None
        self._list = RowList[HygieneRow](
            hygiene_rows.columns(whose=self._ref is None),
            lambda row: row.key,
            id="findings",
            least=24,
        )
        self._pane = Pane(
            _("Hygiene"),
            self._list,
            id="hygiene-pane",
            prompt=_("filter, such as: view:fact -tag:work tea"),
            offer=self.offers,
        )

    # -- looking ---------------------------------------------------------------------------------

    @staticmethod
    def comparable(asked: Filter) -> Filter:
        """Return the filter of the memories without what a scan does not know: an instant, an order."""
        return narrowing.unordered(LooksThrough.comparable(asked))

    def refused(self) -> dict[str, str]:
        """Return the fields of the language that do not apply here, with a sentence on why."""
        return super().refused() | refused("hygiene")

    @property
    def _wanted(self) -> Filter:
        """Which memories are looked at."""
        return replace(self.state.narrowed, subject=self._ref)

    @property
    def look(self) -> Scanning | None:
        """The scan of what is shown; None: there is none of whom it is about."""
        known = self.state.scanning
        return known if known is not None and known.wanted.subject == self._ref else None

    async def look_at(self, whose: Subject | Totals, *, anew: bool) -> Scanning:
        """Return the scan from now on; what was found before a filter was typed is taken again."""
        settings = await in_thread(of_home, self._session.workspace.home)
        known = () if anew else (self.state.scanning, self._scanned)
        fits = (one for one in known if one and one.is_of(whose, self._wanted, settings))
        scanning = next(fits, None) or Scanning(whose, self._wanted, settings)
        self.state.scanning = scanning
        self._list.set_columns(hygiene_rows.columns(whose=self._ref is None))
        return scanning

    def paragraphs(self, reads: Reads, row: HygieneRow) -> list[Paragraph]:
        """Return what is to be said of a row."""
        return paragraphs(reads, row)

    @property
    def title_parts(self) -> tuple[str, ...]:
        """The title, which says whom it is about."""
        return _("Hygiene"), _("everyone") if self._ref is None else called(self._ref)

    async def _show(self, prefer: int | None = None) -> None:
        scanning, whose = self.look, self.whose
        if scanning is None:
            self._say()
            return
        self._news = scanning.news
        source = HygieneRows(
            scanning.wanted,
            frozenset(self.state.folded),
            dict(scanning.counts),
            {rule: tuple(found) for rule, found in scanning.kept.items()},
            frozenset(scanning.settings.rules) if scanning.state == "done" else None,
        )
        if await self.list_rows(whose, source, prefer=() if prefer is None else (prefer,)):
            self._say()

    def _say(self) -> None:
        """Say how far it is, how much was found, and why there is nothing."""
        scanning = self.look
        self.say_whose()
        number = 0 if scanning is None else scanning.counts.total()
        self._pane.set_count(phrases.count(number) if number else "")
        self._pane.set_note([] if scanning is None or self._problem else self._notes(scanning))
        self._pane.set_empty("" if len(self._list) else self._nothing(scanning))
        if not len(self._list):
            self._why.show(Content(""))

    def _notes(self, scanning: Scanning) -> list[Part]:
        parts = list[Part]()
        progress = scanning.progress
        done = _("{done} of {of} memories").format(
            done=phrases.count(progress.memories), of=phrases.count(progress.of)
        )
        if scanning.state == "running" and progress.together:
            compared = _("{done} of {of}").format(
                done=phrases.count(progress.compared), of=phrases.count(progress.together)
            )
            text = _("comparing pairs · {compared} · x stops").format(compared=compared)
            parts += [Part(text), Part(_("looked at {done}").format(done=done), ("",), 1)]
        elif scanning.state == "running":
            parts.append(Part(_("looking · {done} · x stops").format(done=done)))
        elif scanning.state == "stopped":
            parts.append(Part(_("stopped at {done}: not all is here · r again").format(done=done)))
        elif scanning.state == "done":
            parts.append(Part(_("looked at {done}").format(done=done)))
        parts += self._session.standing.known_now
        if off := [rule for rule in RULES if rule not in scanning.settings.rules]:
            text = _("off in config.toml: {names}").format(names=_names_of(off))
            short = _("rules off in config.toml: {number}").format(number=len(off))
            parts.append(Part(text, (short,), 1))
        narrowed = self.state.narrowed
        if taken := narrowing.chips(narrowed):
            same = narrowed == self.comparable(self.state.asked)
            parts += narrowing.as_filtered(taken) if same else taken
        return parts

    def _nothing(self, scanning: Scanning | None) -> str:
        """Return why the list is empty."""
        if self._problem:
            return self._problem
        looks = scanning is None or scanning.state in {"new", "running"}
        if scanning is None or looks or self._list.source is None:
            return _(self.reading)
        of_all = narrowing.wider(self.state.narrowed) == self.state.narrowed
        if scanning.state == "done" and not scanning.progress.of:
            if of_all:
                return _("There is no memory here to look at.")
            return _("No memory passes the filter, so none was looked at. Press escape to drop it.")
        # Which rules are off stands in the line above.
        looked = _("Rules that looked: {names}.").format(names=_names_of(scanning.settings.rules))
        if of_all:
            return sentences(_("No rule found anything."), looked)
        nothing = _("No rule found anything in what passes the filter. Press escape to drop it.")
        return sentences(nothing, looked)

    def _show_keys(self) -> None:
        keys = [
            ("enter", _("open"), "enter"),
            ("p", _("evidence"), "evidence"),
            ("Q", _("review"), "queue"),
            ("←→", _("rule"), "rule(1)"),
            ("v", _("fold"), "fold"),
            ("/", _("filter"), "filter"),
            ("'", _("saved filters"), "saved_filters"),
        ]
        if self._chosen is not None:
            keys.append(("u", _("this user, everyone"), "whose"))
        self.show_keys([*keys, help_key(), ("escape", _("back"), "leave")])

    # -- choosing --------------------------------------------------------------------------------

    def action_rule(self, step: int) -> None:
        """Go to the heading of the next or the previous rule."""
        headings = [n for n, key in enumerate(self._list.keys) if is_heading(key)]
        here = self._list.cursor
        ahead = [n for n in headings if (n > here if step > 0 else n < here)]
        if headings:
            self._list.move_to((ahead or headings)[0 if step > 0 else -1])

    def action_fold(self) -> None:
        """Show the headings only, or all findings again."""
        found = set(() if self.look is None else self.look.counts)
        self.state.folded = set() if self.state.folded else found
        key = self._list.cursor_key
        self.show_soon(None if key is None else hygiene_rows.heading_key(rule_of(key)))

    def action_filter(self) -> None:
        """Look only at memories that a filter names; what was found before is kept to go back to."""
        if not self._pane.is_filtering:
            self._scanned = self.look
        super().action_filter()

    def narrowed_anew(self) -> None:
        """Look at what passes the filter."""
        self._look()

    # -- the row ---------------------------------------------------------------------------------

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        """Open a memory beside its source; fold a rule, or show its findings."""
        row = cast("HygieneRow", event.row)
        if row.found is None:
            self.state.folded ^= {row.rule}
            self.show_soon()
        elif row.place is not None:
            self.dismiss(row.place)

    def action_evidence(self) -> None:
        """Show what stands behind the memory under the cursor."""
        from memos_admin.tui.screens.evidence import EvidenceScreen, EvidenceState

        row = self._list.row
        if row is None or row.memory is None:
            return
        state = EvidenceState(list="links", row=row.memory.listing_pk)

        def gone(place: Place | None) -> None:
            if place is not None:
                self.dismiss(place)

        self.app.push_screen(EvidenceScreen(self._session, row.memory.ref, None, state), gone)

    # -- reviewing -------------------------------------------------------------------------------

    def action_queue(self) -> None:
        """Choose which findings to go through one by one."""
        from memos_admin.tui.screens.dialogs import Choice

        if self._list.source is None:
            tell(self, _("Nothing was read yet."))
            return
        scanning, row = self.look, self._list.row
        if scanning is None or row is None or not any(scanning.kept.values()):
            tell(self, _("There is nothing to review: nothing was found."))
            return
        options = [
            (key, f"{_(name)} · {phrases.count(found)}")
            for key, name, rules in (
                (row.rule, DESCRIBED[row.rule].name, (row.rule,)),
                ("", N_("all rules"), RULES),
            )
            if (found := sum(len(scanning.kept.get(rule, ())) for rule in rules))
        ]
        text = _(
            "One after the other, beside their source messages; not what somebody has judged as it is."
        )
        if scanning.state == "running":
            text = sentences(text, _("What was found so far: the scan goes on."))

        def chosen(key: str | None) -> None:
            if key is not None:
                rules = tuple(rule for rule in RULES if rule == key)
                background.start(
                    self, partial(self._review, scanning, rules), "queue", awaited=True
                )

        self.app.push_screen(Choice(_("Review"), options, text=text, wide=True), chosen)

    async def _review(self, scanning: Scanning, rules: tuple[RuleId, ...]) -> None:
        from memos_admin.tui.jobs.queue_findings import asked_of
        from memos_admin.tui.jobs.queueing import made
        from memos_admin.tui.screens.queue import QueueScreen

        try:
            queue = await made(self._session, asked_of(scanning, rules))
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            tell(self, said_by(error))
            return
        if not queue.items:
            tell(self, _("There is nothing to review: all of it was judged as it says now."))
            return

        def left(place: Place | None) -> None:
            if place is not None:
                self.dismiss(place)

        self.app.push_screen(QueueScreen(self._session, queue), left)

    def command(self) -> CommandOf:
        """Return the command for the findings at hand."""
        return CommandOf(of_hygiene(self._wanted), self._ref)

    def action_leave(self) -> None:
        """Drop the filters, one after the other, then go back."""
        if not self.drop_filter():
            # Who comes back from a memory goes on; who left begins with the chosen user.
            self.state.everyone = False
            self.dismiss(None)


def _names_of(rules: Iterable[RuleId]) -> str:
    return _(", ").join(_(DESCRIBED[rule].name) for rule in rules)

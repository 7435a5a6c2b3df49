"""What stands behind what is remembered of a user, or of everyone, and what of it deserves a look."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from memos_admin.backend.display import called, one_line
from memos_admin.backend.evidence.kinds import TELLERS, Teller
from memos_admin.backend.evidence.narrowing import of_memories_alone, of_messages
from memos_admin.backend.model import Conversation, Filter, SubjectRef
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.filters_memories import FILTER, FiltersMemories, Narrowed
from memos_admin.tui.jobs.reviewing import Reviewing
from memos_admin.tui.layout.evidence import as_content, paragraphs
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.place import Place
from memos_admin.tui.rows import evidence as evidence_rows
from memos_admin.tui.rows.evidence import LISTS, TITLES, EvidenceRow, EvidenceRows, ListName
from memos_admin.tui.screens.over_list import MOVES, OverList, help_key
from memos_admin.tui.session import Session
from memos_admin.tui.typed_ahead import LONGEST
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.widgets.status_line import KeyLine, StatusLine
from memos_admin.tui.words import evidence_notes, narrowing, phrases
from memos_admin.tui.words.command_line import of_evidence
from memos_admin.tui.words.evidence_explained import EXPLAINED
from memos_admin.tui.words.failures import said_by

FOLLOW = 0.5
"""Seconds between two looks at what a running review has found."""

WIDE = 140
"""Cells from which on the reason stands beside the list instead of below."""


@dataclass
class EvidenceState(Narrowed):
    """What the screen was left with, to go on from there.

    Attributes:
        chosen: the user that it was opened for; None: nobody.
        counts: how many rows each list has, where filters leave some out; none: they do not.
        asked: the filter that it was opened with last, so that it is not taken along again once dropped.
    """

    list: ListName = "check"
    kinds: dict[ListName, str] = field(default_factory=dict)
    teller: Teller | None = None
    only: bool = False
    chosen: SubjectRef | None = None
    counts: dict[ListName, int] = field(default_factory=dict)
    asked: Filter = field(default_factory=Filter)
    reviewing: Reviewing | None = None
    row: int | None = None


class EvidenceScreen(
    FiltersMemories, CopiesCommand, OverList[Place | None], inherit_bindings=False
):
    """Returns where what was chosen can be seen; None where a person left."""

    state: EvidenceState
    is_slow = True
    explained = EXPLAINED
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("right,tab,p", "list(1)", show=False),
        Binding("left,shift+tab,P", "list(-1)", show=False),
        Binding("v", "kind", show=False),
        Binding("u", "whose", show=False),
        Binding("s", "teller", show=False),
        Binding("o", "only", show=False),
        Binding("space", "read(1)", show=False),
        Binding("b", "read(-1)", show=False),
        Binding("r", "again", show=False),
        Binding("x", "stop", show=False),
        COPY,
        *FILTER,
        *MOVES,
    ]
    DEFAULT_CSS = """
    EvidenceScreen {
        & #evidence-body { height: 1fr; layout: vertical; }
        & #evidence-pane { height: 1fr; }
        & #why-frame {
            height: 45%; min-height: 9;
            border: round $border-blurred; border-title-color: $text-muted; padding: 0 1;
            scrollbar-size-vertical: 1;
        }
        &.wide #evidence-body { layout: horizontal; }
        &.wide #why-frame { width: 45%; max-width: 96; height: 1fr; }
        & #evidence-lists { background: $background; }
    }
    """

    def __init__(
        self,
        session: Session,
        ref: SubjectRef | None,
        conversation: Conversation | None,
        state: EvidenceState | None = None,
        narrowed: Filter | None = None,
    ) -> None:
        """Take the project, the user, the conversation that is chosen, how it was left, and the filters.

        Without a user it is about everyone.
        """
        super().__init__()
        self.state = state or EvidenceState()
        self.state.chosen = ref
        asked = narrowed or Filter()
        if self.state.asked != asked:
            self.state.asked, self.state.narrowed = asked, _comparable(asked)
        self._session, self._chosen, self._conversation = session, ref, conversation
        self._list = RowList[EvidenceRow](
            evidence_rows.columns(self.state.list), lambda row: row.key, id="evidence", least=24
        )
        self._pane = Pane(
            _("Evidence"),
            self._list,
            id="evidence-pane",
            prompt=_("filter, such as: view:fact -tag:work tea"),
            offer=self.offers,
        )
        self._lists = KeyLine(id="evidence-lists")
        self._keys = KeyLine(id="keys")
        self._why = Static(id="why")
        self._frame = VerticalScroll(self._why, id="why-frame", can_focus=False)
        self._news = -1
        self._problem = ""

    def compose(self) -> ComposeResult:
        """Return the top line, the names of the lists, one of them, the reason and the keys."""
        status = StatusLine(id="status", standing=self._session.standing)
        status.set_project(self._session.name, self._session.host)
        yield status
        yield self._lists
        with Container(id="evidence-body"):
            yield self._pane
            self._frame.border_title = Content(_("Why"))
            yield self._frame
        yield self._keys

    def on_mount(self) -> None:
        """Go on from where it was left, or look at everything."""
        self.set_focus(self._list)
        self._show_keys()
        self.set_interval(FOLLOW, self._follow)
        background.start(self, self._begin, "review", awaited=True)

    def on_unmount(self) -> None:
        """What was not looked at to the end is looked at anew the next time."""
        self.state.row = self._list.cursor_key

    def on_resize(self, _event: events.Resize) -> None:
        """Put the reason beside the list where there is room."""
        self.set_class(self.app.size.width >= WIDE, "wide")
        self._say()

    # -- looking ---------------------------------------------------------------------------------

    @property
    def _reviewing(self) -> Reviewing | None:
        return self.state.reviewing

    def refused(self) -> dict[str, str]:
        """Return the fields of the language that do not apply here, with a sentence on why."""
        refused = super().refused()
        if self._only is not None:
            refused["conversation"] = _("This is about one conversation. o shows all of them.")
        return refused

    def narrowed_anew(self) -> None:
        """Show what passes the filter; of another user compare everything."""
        reviewing = self._reviewing
        if reviewing is None or reviewing.ref != self._ref:
            background.start(self, self._begin, "review", awaited=True)
        else:
            self._again()

    @property
    def _only(self) -> Conversation | None:
        return self._conversation if self.state.only and self._ref is not None else None

    async def _begin(self, *, anew: bool = False) -> None:
        """Look at everything, unless that was done already and nothing has changed."""
        reader, ref = self._session.reader, self._ref
        self._problem = ""
        try:
            whose = await reader(
                lambda reads: reads.totals() if ref is None else reads.subject(ref)
            )
            if whose is None:
                self._pane.set_empty(_("This user is not on the roster any more."))
                return
            known = self._reviewing
            if anew or known is None or not known.is_of(whose):
                self.state.reviewing = Reviewing(whose)
            self._session.journaling.shown("evidence", ref)
            await self._show(prefer=self.state.row)
            reviewing = self._reviewing
            if reviewing is not None and reviewing.state == "new":
                background.arrived(within=LONGEST)
                await reviewing.run(reader)
            await self._show(prefer=self.state.row)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._problem = _("The evidence cannot be read: {error}").format(
                error=one_line(said_by(error), 300)
            )
            self._say()

    def _follow(self) -> None:
        """Show what was found meanwhile."""
        reviewing = self._reviewing
        if reviewing is not None and reviewing.state == "running":
            shows = any(one.group == "show" and not one.is_finished for one in self.workers)
            if reviewing.news != self._news and not shows:
                background.start(self, self._show, "show")
            else:
                self._say()

    async def _show(self, prefer: int | None = None, *, from_top: bool = False) -> None:
        reviewing, state = self._reviewing, self.state
        if reviewing is None:
            return
        self._news = reviewing.news
        only = None if self._only is None else self._only.conversation_id
        kind = state.kinds.get(state.list, "")
        source = EvidenceRows(
            state.list,
            self._ref,
            only,
            kind,
            state.teller,
            dict(reviewing.found.supports),
            list(reviewing.found.silent()),
            state.narrowed,
        )
        self._list.set_columns(evidence_rows.columns(state.list, whose=self._ref is None))
        state.counts = {}
        narrows = any(state.kinds.values()) or state.teller or only is not None
        if narrows or narrowing.chips(state.narrowed):
            state.counts = await self._session.reader(
                lambda reads: source.counts(reads, state.kinds)
            )
        await self._list.load(
            self._session.reader, source, prefer=() if prefer is None else (prefer,)
        )
        if from_top:
            self._list.move_to(0, by_hand=False)
        self._say()

    def _say(self) -> None:
        """Say how far it is, how many there are of each, and why there is none."""
        reviewing, state = self._reviewing, self.state
        counts = state.counts or ({} if reviewing is None else reviewing.found.totals())
        self._lists.show(evidence_notes.tabs(counts, state.list, self.app.size.width), apart=False)
        whom = _("everyone") if self._ref is None else called(self._ref)
        if self._only is not None:
            whom = self._only.conversation_id
        self._pane.set_title(_("Evidence"), whom)
        number = len(self._list)
        self._pane.set_count(phrases.of(self._list.cursor + 1, number) if number else "")
        self._pane.set_note(self._notes(reviewing))
        self._pane.set_empty("" if number else self._nothing(reviewing))
        if not number:
            self._why.update(Content(""))

    def _notes(self, reviewing: Reviewing | None) -> list[Part]:
        if reviewing is None or self._problem:
            return []
        state, taken = self.state, self._taken
        if self._only is not None:
            taken.insert(0, Part(_("of this conversation · o shows all")))
        parts = evidence_notes.note(reviewing, state.list, self._kind, state.teller, taken)
        if state.asked.as_of is not None:
            parts.insert(0, Part(_("compared as known now, not as of then")))
        return parts

    @property
    def _taken(self) -> list[Part]:
        """The filter in words, as far as the list knows what it says."""
        state, foreign = self.state, tuple[str, ...]()
        narrowed = state.narrowed
        if state.list == "silent":
            foreign = of_memories_alone(narrowing.unordered(narrowed))
            narrowed = of_messages(narrowed)
        taken = narrowing.chips(narrowed)
        if taken and state.narrowed == _comparable(state.asked):
            taken = narrowing.as_filtered(taken)
        if foreign:
            text = _("messages have no {fields}")
            taken.append(Part(text.format(fields=_(", ").join(foreign))))
        return taken

    @property
    def _kind(self) -> str:
        """The kind that the list is narrowed to, ``""``: none."""
        return self.state.kinds.get(self.state.list, "")

    def _nothing(self, reviewing: Reviewing | None) -> str:
        """Return why a list is empty."""
        if self._problem or reviewing is None:
            return self._problem or _("Comparing what is remembered with what was said …")
        teller = None if self.state.list == "silent" else self.state.teller
        narrowed = bool(self._kind or teller or self._taken)
        if self._only is not None and not narrowed and reviewing.state not in {"new", "running"}:
            return _("Nothing of this conversation stands in this list. o shows all of them.")
        return evidence_notes.nothing(reviewing, self.state.list, narrowed=narrowed)

    def _show_keys(self) -> None:
        keys = [
            ("enter", _("open"), "enter"),
            ("←→", _("list"), "list(1)"),
            ("/", _("filter"), "filter"),
            ("v", _("kind"), "kind"),
            ("s", _("told by"), "teller"),
        ]
        if self._chosen is not None:
            keys.append(("u", _("whose"), "whose"))
        if self._conversation is not None:
            keys.append(("o", _("conversation"), "only"))
        keys.append(("'", _("saved filters"), "saved_filters"))
        self._keys.show([*keys, help_key(), ("escape", _("back"), "leave")])

    # -- choosing --------------------------------------------------------------------------------

    def action_list(self, step: int) -> None:
        """Show the next or the previous list."""
        self.action_choose(LISTS[(LISTS.index(self.state.list) + step) % len(LISTS)])

    def action_choose(self, name: ListName) -> None:
        """Show a list from its beginning: a row of another one says nothing here."""
        self.state.list = name
        background.start(self, partial(self._show, from_top=True), "show", awaited=True)

    def _again(self) -> None:
        background.start(self, self._show, "show", awaited=True)

    def action_kind(self) -> None:
        """Choose the kind that the list is narrowed to."""
        from memos_admin.tui.screens.dialogs import Choice

        name = self.state.list

        def chosen(kind: str | None) -> None:
            if kind is not None:
                self.state.kinds[name] = kind
                self._again()

        kinds = [(kind, evidence_rows.kind_word(name, kind)) for kind in evidence_rows.KINDS[name]]
        dialog = Choice(
            _(TITLES[name]), [("", _("all")), *kinds], chosen=self.state.kinds.get(name, "")
        )
        self.app.push_screen(dialog, chosen)

    def action_teller(self) -> None:
        """Show what the user said only, what is not marked, what was inferred, or all."""
        orders: tuple[Teller | None, ...] = (None, *TELLERS)
        self.state.teller = orders[(orders.index(self.state.teller) + 1) % len(orders)]
        self._again()

    def action_only(self) -> None:
        """Look at the chosen conversation only, or at all of the user."""
        if self._conversation is not None and self._ref is not None:
            self.state.only = not self.state.only
            self._again()

    def action_again(self) -> None:
        """Look at everything again."""
        background.start(self, partial(self._begin, anew=True), "review", awaited=True)

    def action_stop(self) -> None:
        """Stop looking; what was found stays."""
        self.workers.cancel_group(self, "review")
        self.set_timer(FOLLOW, self._say)

    def action_read(self, pages: int) -> None:
        """Scroll the reason."""
        self._frame.scroll_relative(y=pages * max(1, self._frame.size.height - 1), animate=False)

    def draw_anew(self) -> None:
        """Draw rows and reason anew: something else is masked."""
        self._list.redraw()
        self._say()
        background.start(self, partial(self._explain, self._list.row), "why")

    # -- the row ---------------------------------------------------------------------------------

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        """Say why the row is there."""
        self._say()
        background.start(self, partial(self._explain, cast("EvidenceRow", event.row)), "why")

    async def _explain(self, row: EvidenceRow | None) -> None:
        found = [] if row is None else await self._session.reader(paragraphs, row)
        if row is None or row.key == self._list.cursor_key:
            self._why.update(as_content(found))
            self._frame.scroll_home(animate=False)

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        """Open a row in place."""
        self.dismiss(cast("EvidenceRow", event.row).place)

    def command(self) -> CommandOf:
        """Return the command for the list at hand."""
        state, only = self.state, self._only
        query = replace(state.narrowed, subject=self._ref)
        if only is not None:
            query = replace(query, conversation_id=only.conversation_id)
        words = of_evidence(state.list, query, self._kind, state.teller)
        return CommandOf(words, self._ref)

    def action_leave(self) -> None:
        """Drop the filters, one after the other, then go back."""
        state = self.state
        if self._pane.is_filtering:
            self.drop_filter()
        elif state.kinds.get(state.list):
            state.kinds[state.list] = ""
            self._again()
        elif state.teller is not None:
            state.teller = None
            self._again()
        elif not self.drop_filter():
            self.dismiss(None)


def _comparable(asked: Filter) -> Filter:
    """Return the filter of the memories as it is taken along: what is compared is what is known now."""
    return replace(asked, subject=None, as_of=None)

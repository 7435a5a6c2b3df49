"""What stands behind what is remembered of a user, or of everyone, and what of it deserves a look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, cast

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from memos_admin.backend.display import called
from memos_admin.backend.evidence.kinds import TELLERS, Teller
from memos_admin.backend.evidence.narrowing import of_memories_alone, of_messages
from memos_admin.backend.filter_language import refused
from memos_admin.backend.model import Conversation, Filter, Reads, Subject, SubjectRef, Totals
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.filters_memories import FILTER
from memos_admin.tui.jobs.reviewing import Reviewing
from memos_admin.tui.layout.evidence import Paragraph, paragraphs
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.rows import evidence as evidence_rows
from memos_admin.tui.rows.evidence import LISTS, TITLES, EvidenceRow, EvidenceRows, ListName
from memos_admin.tui.screens.looks_through import LookedThrough, LooksThrough
from memos_admin.tui.screens.over_list import MOVES, help_key
from memos_admin.tui.screens.reasoned import READS
from memos_admin.tui.session import Session
from memos_admin.tui.telling import tell
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.widgets.status_line import KeyLine
from memos_admin.tui.words import evidence_notes, narrowing, phrases
from memos_admin.tui.words.command_line import of_evidence
from memos_admin.tui.words.evidence_explained import EXPLAINED


@dataclass
class EvidenceState(LookedThrough):
    """What the screen was left with, to go on from there.

    Attributes:
        chosen: the user that it was opened for; None: nobody.
        counts: how many rows each list has, where filters leave some out; None: they do not.
    """

    list: ListName = "check"
    kinds: dict[ListName, str] = field(default_factory=dict)
    teller: Teller | None = None
    only: bool = False
    chosen: SubjectRef | None = None
    counts: evidence_rows.Counts | None = None
    reviewing: Reviewing | None = None


class EvidenceScreen(CopiesCommand, LooksThrough[EvidenceRow], inherit_bindings=False):
    """Returns where what was chosen can be seen; None where a person left."""

    state: EvidenceState
    shown = "evidence"
    reading = N_("Comparing what is remembered with what was said …")
    unreadable = N_("The evidence cannot be read: {error}")
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
        Binding("r", "again", show=False),
        Binding("x", "stop", show=False),
        COPY,
        *FILTER,
        *READS,
        *MOVES,
    ]
    DEFAULT_CSS = """
    EvidenceScreen #evidence-lists { background: $background; }
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
        self._take_along(narrowed or Filter())
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

    def above(self) -> Sequence[Widget]:
        """Return the names of the lists."""
        return (self._lists,)

    # -- looking ---------------------------------------------------------------------------------

    @property
    def look(self) -> Reviewing | None:
        """The review of what is shown; None: there is none of whom it is about."""
        known = self.state.reviewing
        return known if known is not None and known.ref == self._ref else None

    def refused(self) -> dict[str, str]:
        """Return the fields of the language that do not apply here, with a sentence on why."""
        found = super().refused()
        if self._only is not None:
            found["conversation"] = _("This is about one conversation. o shows all of them.")
        return found | refused("messages") if self.state.list == "silent" else found

    def narrowed_anew(self) -> None:
        """Show what passes the filter; of another user compare everything."""
        if self.look is None or self._list.source is None:
            self._look()
        else:
            self.show_soon()

    @property
    def _only(self) -> Conversation | None:
        return self._conversation if self.state.only and self._ref is not None else None

    async def look_at(self, whose: Subject | Totals, *, anew: bool) -> Reviewing:
        """Return the review from now on: what was not looked at to the end is looked at anew."""
        known = self.look
        if anew or known is None or not known.is_of(whose):
            self.state.reviewing = known = Reviewing(whose)
        return known

    def paragraphs(self, reads: Reads, row: EvidenceRow) -> list[Paragraph]:
        """Return what is to be said of a row."""
        return paragraphs(reads, row)

    def let_go(self) -> None:
        """Show no rows, and no numbers of them, until some are read."""
        super().let_go()
        self.state.counts = None

    @property
    def whose(self) -> object:
        """Whom it is about, or which conversation of theirs."""
        return self._ref, None if self._only is None else self._only.conversation_id

    @property
    def title_parts(self) -> tuple[str, ...]:
        """The title, which says whom it is about."""
        if self._only is not None:
            return _("Evidence"), self._only.conversation_id
        return _("Evidence"), _("everyone") if self._ref is None else called(self._ref)

    async def _show(self, prefer: int | None = None, *, from_top: bool = False) -> None:
        reviewing, state, whose = self.look, self.state, self.whose
        if reviewing is None:
            self._say()
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
        counts = None
        narrows = any(state.kinds.values()) or state.teller or only is not None
        if narrows or narrowing.chips(state.narrowed):
            counts = await self._session.reader(lambda reads: source.counts(reads, state.kinds))
        if not await self.list_rows(whose, source, prefer=() if prefer is None else (prefer,)):
            return
        state.counts = counts
        if from_top:
            self._list.move_to(0, by_hand=False)
        self._say()

    def _say(self) -> None:
        """Say how far it is, how many there are of each, and why there is none."""
        reviewing, state = self.look, self.state
        known = reviewing is not None and not self._problem
        counts = state.counts
        if counts is None and reviewing is not None and known:
            counts = evidence_rows.Counts(reviewing.found.totals(), reviewing.found.linked)
        self._lists.show(evidence_notes.tabs(counts, state.list, self.app.size.width), apart=False)
        self.say_whose()
        number = len(self._list)
        self._pane.set_count(phrases.of(self._list.cursor + 1, number) if number else "")
        self._pane.set_note(self._notes(reviewing))
        self._pane.set_empty("" if number else self._nothing(reviewing))
        if not number:
            self._why.show(Content(""))

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
        if taken and state.narrowed == self.comparable(state.asked):
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
        if self._problem or reviewing is None or self._list.source is None:
            return self._problem or _(self.reading)
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
        ]
        if self.state.list != "silent":
            keys.append(("s", _("told by"), "teller"))
        if self._chosen is not None:
            keys.append(("u", _("whose"), "whose"))
        if self._conversation is not None:
            keys.append(("o", _("conversation"), "only"))
        keys.append(("'", _("saved filters"), "saved_filters"))
        self.show_keys([*keys, help_key(), ("escape", _("back"), "leave")])

    # -- choosing --------------------------------------------------------------------------------

    def action_list(self, step: int) -> None:
        """Show the next or the previous list."""
        self.action_choose(LISTS[(LISTS.index(self.state.list) + step) % len(LISTS)])

    def action_choose(self, name: ListName) -> None:
        """Show a list from its beginning: a row of another one says nothing here."""
        self.state.list = name
        self._show_keys()
        background.start(self, self._show_from_top, "show", awaited=True)

    async def _show_from_top(self) -> None:
        with self.reads():
            await self._show(from_top=True)

    def action_kind(self) -> None:
        """Choose the kind that the list is narrowed to."""
        from memos_admin.tui.screens.dialogs import Choice

        name = self.state.list

        def chosen(kind: str | None) -> None:
            if kind is not None:
                self.state.kinds[name] = kind
                self.show_soon()

        kinds = [(kind, evidence_rows.kind_word(name, kind)) for kind in evidence_rows.KINDS[name]]
        dialog = Choice(
            _(TITLES[name]), [("", _("all")), *kinds], chosen=self.state.kinds.get(name, "")
        )
        self.app.push_screen(dialog, chosen)

    def action_teller(self) -> None:
        """Show what is marked as the user's words only, what is not marked, what was inferred, or all."""
        if self.state.list == "silent":
            tell(self, _("That is of memories. v shows the messages of one role only."))
            return
        orders: tuple[Teller | None, ...] = (None, *TELLERS)
        self.state.teller = orders[(orders.index(self.state.teller) + 1) % len(orders)]
        self.show_soon()

    def action_only(self) -> None:
        """Look at the chosen conversation only, or at all of the user."""
        if self._conversation is not None and self._ref is not None:
            self.state.only = not self.state.only
            self.say_whose()
            self.show_soon()

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
            self.show_soon()
        elif state.teller is not None and state.list != "silent":
            state.teller = None
            self.show_soon()
        elif not self.drop_filter():
            self.dismiss(None)

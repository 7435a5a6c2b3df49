"""The recall lab: a question, what is sent with it, and why each memory is recalled or not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from memos_admin.backend.display import called, one_line
from memos_admin.backend.filter_language import refused
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.recall import lab
from memos_admin.backend.recall.lab import Question, Table
from memos_admin.backend.recall.narrowing import passing
from memos_admin.backend.recall.parameters import Parameters, of_project
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.desk.place import Place
from memos_admin.tui.filters_memories import FiltersMemories
from memos_admin.tui.reader import in_thread
from memos_admin.tui.rows import recall as recall_rows
from memos_admin.tui.rows.recall import RecallRow, RecallRows, RecallState
from memos_admin.tui.screens.dialogs import Choice
from memos_admin.tui.screens.over_list import MOVES, Keys, help_key
from memos_admin.tui.screens.reasoned import READS, Reasoned
from memos_admin.tui.screens.recall_saving import SavesQuestions
from memos_admin.tui.screens.recall_sent import SendsParameters
from memos_admin.tui.session import Session
from memos_admin.tui.telling import tell
from memos_admin.tui.widgets.field import Field
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.widgets.status_line import KeyLine
from memos_admin.tui.words import narrowing, phrases
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ONLY: Mapping[recall_rows.Only, recall_rows.Only] = {"all": "in", "in": "out", "out": "all"}


class RecallScreen(
    CopiesCommand,
    SendsParameters,
    SavesQuestions,
    FiltersMemories,
    Reasoned[Place | None],
    inherit_bindings=False,
):
    """Returns where the memory that was chosen can be seen; None where a person left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("tab,shift+tab", "switch", show=False),
        Binding("a", "question", show=False),
        Binding("slash", "filter", show=False),
        Binding("F", "saved_filters", show=False),
        Binding("t", "threshold", show=False),
        Binding("n", "limits", show=False),
        Binding("v", "views", show=False),
        Binding("o", "conversation", show=False),
        Binding("f", "sent_filter", show=False),
        Binding("d", "configured", show=False),
        Binding("u", "only", show=False),
        Binding("c,ctrl+r", "recent", show=False),
        Binding("plus", "mark(True)", show=False),
        Binding("minus", "mark(False)", show=False),
        Binding("w", "save", show=False),
        Binding("apostrophe", "questions", show=False),
        Binding("r", "again", show=False),
        COPY,
        Binding("x", "stop", show=False),
        *READS,
        *MOVES,
    ]
    state: RecallState
    DEFAULT_CSS = """
    RecallScreen {
        & #recall-sent { background: $background; margin-bottom: 1; }
        & #recall-field { margin: 1 0 0 0; }
        & WithReason #why-frame { height: 40%; min-height: 7; }
        &.low #recall-sent { margin: 0; }
        &.low #recall-field { margin: 0; }
    }
    """

    def __init__(self, session: Session, state: RecallState) -> None:
        """Take the project, and the user with what the screen was left with."""
        super().__init__()
        self.state = state
        self._session = session
        self._configured = Parameters()
        self._list = RowList[RecallRow](
            recall_rows.COLUMNS, lambda row: row.key, id="recalled", least=20
        )
        self._pane = Pane(
            _("Recall lab"),
            self._list,
            id="recall-pane",
            prompt=_("filter, such as: view:fact -tag:work tea"),
            offer=self.offers,
        )
        self._passing: list[bool | None] | None = None
        self._field = Field(
            state.text,
            compact=True,
            placeholder=_("what is said to the assistant"),
            id="recall-field",
        )
        self._sent = KeyLine(id="recall-sent")
        self._problem = ""
        self._asking = False

    def above(self) -> Sequence[Widget]:
        """Return the question and what is sent with it."""
        return self._field, self._sent

    def on_mount(self) -> None:
        """Go on from where it was left, or let a person type."""
        self.set_focus(self._list if self.state.table is not None else self._field)
        background.start(self, self._begin, "begin", awaited=True)

    async def _begin(self) -> None:
        """Find out what the configuration says, then show what was found last."""
        workspace = self._session.workspace
        try:
            self._configured = await in_thread(
                lambda: of_project(workspace.home, workspace.project.uuid)
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._problem = said_by(error)
        await self._tabulate(self.state.table)

    # -- asking ----------------------------------------------------------------------------------

    @property
    def _pinned(self) -> list[str]:
        """The memories that are to be in the table: the one that it is about, and what is expected."""
        state = self.state
        return [*([] if state.memory_id is None else [state.memory_id]), *state.marks]

    @property
    def _question(self) -> Question:
        """What would be asked now."""
        state = self.state
        return Question(
            state.ref.external_id, state.text.strip(), state.conversation_id, self._parameters
        )

    @property
    def _is_answered(self) -> bool:
        """Whether the table is that of what stands in the field and is sent."""
        table = self.state.table
        return table is not None and table.answers.question == self._question

    def on_input_changed(self, event: Input.Changed) -> None:
        """Note what is typed; it is asked by enter."""
        event.stop()
        self.state.text = event.value
        self._say()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Ask."""
        event.stop()
        self.action_again()

    def action_again(self) -> None:
        """Ask MemOS, in two requests."""
        if not self.state.text.strip():
            self.set_focus(self._field)
            return
        self.set_focus(self._list)
        self._asking, self._problem = True, ""
        self._say()
        background.start(self, partial(self._ask, self._question), "ask")

    async def _ask(self, question: Question) -> None:
        try:
            answers = await lab.ask(self._session.workspace, question)
            table = await self._session.reader(lab.tabulate, answers, self._pinned)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._asking = False
            self._problem = said_by(error)
            self._say()
            return
        self._asking = False
        if not self._goes_on(question):
            self.state.marks.clear()
            self.state.opened = None
        self.state.table = table
        self.state.remember(question)
        await self._tabulate(table)

    def action_stop(self) -> None:
        """Stop asking; the table before stays."""
        if self._asking:
            self.workers.cancel_group(self, "ask")
            self._asking = False
            self._problem = _("Stopped. Nothing of the answer was kept; r asks again.")
            self._say()

    async def _tabulate(self, table: Table | None) -> None:
        """Show a table, with the cursor on the memory that it is about, or why it cannot be read."""
        try:
            await self._list_rows(table)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._list.empty()
            self._problem = said_by(error)
        self._say()

    async def _list_rows(self, table: Table | None) -> None:
        if table is not None and not table.has(self.state.memory_id):
            # It is known here only: what MemOS answered is what it was.
            table = await self._session.reader(lab.tabulate, table.answers, self._pinned)
            self.state.table = table
        within, self._passing = self.state.narrowed, None
        if table is not None and within != Filter():
            shown = table.explanation.rows
            self._passing = await self._session.reader(passing, shown, self.state.ref, within)
        rows = RecallRows(table, self.state.only, self.state.marks, self._passing)
        prefer = rows.find(self.state.chosen, self.state.memory_id)
        at = prefer[0] if prefer and rows != self._list.source else None
        await self._list.load(self._session.reader, rows, at=at)

    # -- saying ----------------------------------------------------------------------------------

    def _say(self) -> None:
        """Say what is sent and whose memories these are; of what stands in the table how many, and why."""
        table = self._shown
        self.say_whose()
        number = 0 if table is None else len(self._list)
        self._pane.set_count(phrases.of(self._list.cursor + 1, number) if number else "")
        self._pane.set_note(
            narrowing.chips(self.state.narrowed)
            if table is None
            else recall_rows.notes(
                table,
                self.state.only,
                self.state.marks,
                self.state.narrowed,
                (self._passing or []).count(None),
            )
        )
        self._pane.set_empty(self._instead())
        self._why.show(recall_rows.about(self._list.row, table))
        self._frame.scroll_home(animate=False)
        self._show_keys()

    @property
    def _shown(self) -> Table | None:
        """The table that is seen: that of what stands in the field, unless something else stands in its place."""
        is_seen = self._is_answered and not self._asking and not self._problem
        return self.state.table if is_seen else None

    def _instead(self) -> str:
        """Return what stands in place of the rows, ``""``: the rows."""
        table = self.state.table
        if self._asking:
            return _("Asking MemOS, as the application does and with the threshold off … x stops.")
        if self._problem:
            return one_line(self._problem, 600)
        if table is None and self.state.memory_id is not None:
            return _(
                "Would “{memory}” be recalled? Type what is said to the assistant, and press enter: MemOS "
                "is asked in two requests what it recalls, and why not more."
            ).format(memory=one_line(self.state.name, 60))
        if table is None:
            return _(
                "Type what is said to the assistant, and press enter: MemOS is asked in two requests what "
                "it recalls, and why not more."
            )
        if not self._is_answered:
            return _("The question is another now: enter asks it, ctrl+r goes back to one before.")
        return "" if len(self._list) else _nothing(table)

    def _show_keys(self) -> None:
        sent = recall_rows.sent_parts(self._parameters, self.state.conversation_id)
        if isinstance(self.focused, Input):  # letters are typed there
            sent = [(" " * len(key), words, action) for key, words, action in sent]
        self._sent.show(sent, apart=False)
        if self._field.has_focus:  # where all others would be typed
            recent = [("ctrl+r", _("recent"), "recent")] if self.state.recent else []
            typing = [("enter", _("ask MemOS"), "again"), ("tab", _("table and keys"), "switch")]
            self.show_keys([*typing, *recent, ("escape", _("back"), "leave")], reads=False)
            return
        keys = [
            ("enter", _("open"), "enter"),
            ("tab", _("question"), "switch"),
            ("r", _("ask again"), "again"),
            ("u", _("in, out, all"), "only"),
            ("/", _("filter"), "filter"),
            ("c", _("recent"), "recent"),
            ("d", _("as configured"), "configured"),
            ("+", _("must be in"), "mark(True)"),
            ("-", _("must not be in"), "mark(False)"),
            ("w", _("save"), "save"),
            ("'", _("saved questions"), "questions"),
            ("F", _("saved filters"), "saved_filters"),
        ]
        if self._asking:
            keys.insert(0, ("x", _("stop"), "stop"))
        self.show_keys([*keys, help_key(), ("escape", _("back"), "leave")])

    def other_keys(self) -> Keys:
        """Return the keys that change what is sent, too."""
        sent = recall_rows.sent_parts(self._parameters, self.state.conversation_id)
        return [*sent, ("x", _("stop"), "stop"), *super().other_keys()]

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """Show the keys of where one is."""
        self._show_keys()

    def draw_anew(self) -> None:
        """Draw rows and reason anew: something else is masked."""
        self._list.redraw()
        self._say()

    # -- what is sent ----------------------------------------------------------------------------

    def _send(self, parameters: Parameters | None) -> None:
        """Send these from now on; who has asked already sees what they change."""
        self.state.parameters = parameters
        self._problem = ""
        if self.state.table is not None and not self._is_answered:
            self.action_again()
        else:
            self._say()

    # -- choosing --------------------------------------------------------------------------------

    def action_switch(self) -> None:
        """Go to the table, or to the question."""
        self.set_focus(self._list if self._field.has_focus else self._field)

    def action_question(self) -> None:
        """Type another question."""
        self.set_focus(self._field)

    def action_only(self) -> None:
        """Show what is in, what is out, or both."""
        self.state.only = _ONLY[self.state.only]
        self.narrowed_anew()

    # -- the filter of the rows --------------------------------------------------------------------

    @property
    def title_parts(self) -> tuple[str, ...]:
        """The title, which says whom it is about."""
        return _("Recall lab"), called(self.state.ref)

    @property
    def is_of_chosen(self) -> bool:
        """Whether it is about one user: it always is."""
        return True

    @property
    def _ref(self) -> SubjectRef:
        """Whom it is about."""
        return self.state.ref

    def refused(self) -> dict[str, str]:
        """Return the fields of the language that do not apply here, with a sentence on why."""
        of_one = _("This is about one user.")
        return refused("recall") | {"user": of_one, "agent": of_one}

    def narrowed_anew(self) -> None:
        """Show the rows that are asked for, of those that there are: MemOS is not asked again."""
        background.start(self, partial(self._tabulate, self.state.table), "show", awaited=True)

    def action_recent(self) -> None:
        """Choose a question that was asked before."""
        recent = list(self.state.recent)
        if not recent:
            return

        def chosen(key: str | None) -> None:
            if key is None:
                return
            question = recent[int(key)]
            self.state.parameters = question.parameters
            self.state.conversation_id = question.conversation_id
            self.state.text = question.text
            self._field.put(question.text)
            self._send(question.parameters)

        options = [(str(n), recall_rows.recent_words(one)) for n, one in enumerate(recent)]
        dialog = Choice(_("Recent questions"), options, wide=True)
        self.app.push_screen(dialog, chosen)

    def is_about(self, ref: SubjectRef) -> bool:
        """Whether it is about somebody, whatever its command says."""
        return self.state.ref == ref

    def command(self) -> CommandOf | str:
        """Return the command that asks what stands here."""
        question = self._question
        if not question.text:
            return _("There is no question. Type what is said to the assistant.")
        words, whole = recall_rows.command_of(self.state, question)
        lacks = "" if whole else _("It has no option for the views that are asked for here.")
        return CommandOf(words, self.state.ref, lacks)

    def action_leave(self) -> None:
        """Leave the field for the table, drop the filter, then leave the screen."""
        if self._field.has_focus and len(self._list):
            self.set_focus(self._list)
        elif not self.drop_filter():
            self.dismiss(None)

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        """Say why the row is in or out."""
        row = cast("RecallRow | None", event.row)
        if row is not None and event.by_hand:
            self.state.chosen = row.known_by
        self._say()

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        """Open the memory in place; where the question is another now, ask that."""
        if self._shown is None:
            if not self._asking:
                self.action_again()
            return
        row = cast("RecallRow", event.row)
        self.state.chosen = row.known_by
        if row.row.stored is None:
            tell(self, _("It is not in the store yet. Sync this user, then it can be opened."))
            return
        self.dismiss(Place(self.state.ref, memory_id=row.row.memory_id, pane="memories"))


def _nothing(table: Table) -> str:
    """Return why no row is shown."""
    if table.explanation.rows:
        return _("Nothing of the table passes what is asked for: / and u say what.")
    return _("MemOS recalls nothing, and nothing is stored of this user.")

"""Verdicts: what was said of which memory, how often by week and view, and who agrees with whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType

from memos_admin.backend.display import called, one_line
from memos_admin.backend.errors import StoreError
from memos_admin.backend.filter_language import OF_VERDICTS, Language, parse_verdicts, refused
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.verdicts.agreement import ENOUGH, FEW, Agreement
from memos_admin.backend.verdicts.figures import Figure, Reviewed, days_of, memories_there, reviewed
from memos_admin.backend.verdicts.sent import Sent, sent
from memos_admin.backend.verdicts.verdict_filter import VerdictFilter
from memos_admin.language import N_, counted, sentences
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.desk.place import Place
from memos_admin.tui.filters_memories import FILTER, FiltersMemories, Narrowed
from memos_admin.tui.jobs import exporting, taking
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.reader import in_thread
from memos_admin.tui.rows.verdicts import TITLES, ListName, Row, VerdictLists, columns, whole
from memos_admin.tui.screens.dialogs import Ask
from memos_admin.tui.screens.follows_store import FollowsStore
from memos_admin.tui.screens.over_list import MOVES, FramedList
from memos_admin.tui.session import Session
from memos_admin.tui.telling import tell
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.words import narrowing, phrases
from memos_admin.tui.words.command_line import of_verdicts
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.export.exporting import Format
    from memos_admin.tui.app import MemosAdmin

_JOURNALED = {
    "list": "verdicts",
    "figures": "verdict figures",
    "agreement": "verdict agreement",
}
_FOOT = {"list": 0, "figures": 2, "agreement": 3}
"""Lines below the list that say its row in full."""

_FORMATS: dict[str, Format] = {".csv": "csv", ".jsonl": "jsonl", ".xlsx": "xlsx"}


class VerdictsScreen(
    FiltersMemories,
    CopiesCommand,
    FollowsStore[Place | None],
    FramedList[Place | None],
    inherit_bindings=False,
):
    """Returns where the memory that was chosen can be seen; None where a person left."""

    is_slow = True
    reads_in = "verdicts"
    fields = OF_VERDICTS
    explained = (
        (N_("changed"), N_("since it was judged the memory says something else; enter shows that")),
        (
            N_("sent"),
            N_("a correction of it was sent to MemOS since; a review of flagged ones says when"),
        ),
        (N_("by week and view"), N_("of what was judged, all operators; weeks from Monday, UTC")),
        (N_("Correct"), N_("the share of correct, with its interval of 95 %")),
        ("κ", N_("Cohen's kappa: how much more two agree than by chance, with its interval")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("8", "dismiss(None)", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("right,tab", "choose(1)", show=False),
        Binding("left,shift+tab", "choose(-1)", show=False),
        Binding("u", "whose", show=False),
        Binding("e", "export", show=False),
        Binding("r", "again", show=False),
        COPY,
        *FILTER,
        *MOVES,
    ]
    KEYS = (
        ("←→", N_("lists"), "choose(1)"),
        ("enter", N_("go there"), "enter"),
        ("/", N_("filter"), "filter"),
        ("e", N_("export"), "export"),
        ("u", N_("this user, everyone"), "whose"),
        ("r", N_("read again"), "again"),
        ("'", N_("saved filters"), "saved_filters"),
        ("escape", N_("back"), "leave"),
    )

    def __init__(
        self,
        session: Session,
        subject: SubjectRef | None,
        narrowed: VerdictFilter | None = None,
    ) -> None:
        """Take the project, the user that is chosen there, and which verdicts; none: everyone's."""
        super().__init__()
        self._session, self._chosen = session, subject
        self._name: ListName = "list"
        begun = narrowed or VerdictFilter()
        is_of_chosen = subject is not None and begun.subject == subject
        self._begun = replace(begun, subject=None) if is_of_chosen else begun
        self.state = Narrowed(everyone=not is_of_chosen, narrowed=self._begun)
        self._unknown = ""
        self._there: tuple[Filter, int] | None = None
        self._reviewed = Reviewed(0, 0)
        self._numbers: tuple[ListName, Filter, int] | None = None
        self._known: Mapping[str, Sequence[Sent]] | None = None
        self._list = RowList[Row](columns("list"), lambda row: row.key, id="verdicts")
        self._pane = Pane(
            _("Verdicts"),
            self._list,
            id="verdicts-pane",
            prompt=_("filter, such as: verdict:wrong changed:no view:fact"),
            offer=self.offers,
        )

    def action_again(self) -> None:
        """Read all of it anew."""
        self._known, self._unknown, self._there = None, "", None
        self._list_anew()

    def _list_anew(self) -> None:
        background.start(self, self._show, "verdicts", awaited=True)

    def draw_anew(self) -> None:
        """Draw the rows anew, and what is said about them."""
        self._list.redraw()
        self._list_anew()

    async def _show(self, prefer: Sequence[int] = ()) -> None:
        name, wanted = self._name, self._wanted
        self.say_whose()
        with self.reads() as whose:
            known = await self._sent()
            source = VerdictLists(name, wanted, known)
            self._list.set_columns(columns(name, sent=bool(known)))
            if not await self.list_rows(whose, source, prefer=prefer):
                return
            looked = await self._session.reader(reviewed, wanted)
            if wanted != self._wanted:
                return
            self._reviewed = looked
            self._session.journaling.shown(_JOURNALED[name], wanted.subject)
            self._say()
            if self._there is None or self._there[0] != wanted.memories:
                background.start(self, self._look, "there")
            self._pane.set_empty("" if len(self._list) else self._nothing())
            self._pane.set_foot(whole(self._list.row), _FOOT[name] if len(self._list) else 0)
            self._tell_count()

    @property
    def title_parts(self) -> tuple[str, ...]:
        """The title, which says whom it is about."""
        ref = self._ref
        whom = _("everyone") if ref is None else one_line(called(ref), 30)
        return _("Verdicts"), _(TITLES[self._name]), whom

    def _say(self) -> None:
        """Say what narrows the list, what of it is not known, and how much was judged, when that is counted."""
        wanted = self._wanted
        chips = narrowing.chips(replace(wanted, subject=None))
        parts = [*self._session.standing.known_now, *chips]
        beside = bool(parts)
        if self._unknown:
            text = _("What was sent to MemOS is not known: {error}").format(error=self._unknown)
            parts.append(Part(text, (_("what was sent is not known"),), 9))
        if self._there is not None and self._there[0] == wanted.memories:
            parts += _notes(self._name, self._reviewed, self._there[1], beside=beside)
        self._pane.set_note(parts)

    async def _look(self) -> None:
        """Count of how many memories: it looks at all of them, so that the list does not wait for it."""
        memories = self._wanted.memories
        try:
            self._there = memories, await self._session.reader.aside(memories_there, memories)
        except Exception:  # noqa: BLE001 - the list says what is wrong with the store
            return
        self._say()

    async def _sent(self) -> Mapping[str, Sequence[Sent]]:
        """Return what was sent to MemOS about memories, which nothing here adds to, read once.

        Nothing where the journal cannot be read, which is said.
        """
        if self._known is None:
            workspace = self._session.workspace
            try:
                self._known = await in_thread(sent, workspace.home, workspace.project)
            except StoreError as error:
                self._known, self._unknown = {}, said_by(error)
        return self._known

    def _nothing(self) -> str:
        if self._name == "agreement":
            return _("No two operators have judged the same version of a memory that fits.")
        return _("No verdict was given that fits. On a memory 1 to 7 give one.")

    def _tell_count(self) -> None:
        number = len(self._list)
        self._pane.set_count(phrases.of(self._list.cursor + 1, number) if number else "")

    def on_row_list_highlighted(self, _event: RowList.Highlighted) -> None:
        """Say where the cursor is, and in full what the columns have no room for."""
        self._tell_count()
        self._pane.set_foot(whole(self._list.row), _FOOT[self._name] if len(self._list) else 0)

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        """Go to the memory; from numbers to the verdicts that they count."""
        row = cast("Row", event.row)
        memory = row.memory
        if memory is None:
            self._numbers = self._name, self.chosen, row.key
            self.chosen = _counted_by(self._narrowed, row.found)
            self._take_list("list")
        else:
            conversation = memory.conversation_id or ""
            self.dismiss(Place(memory.ref, conversation, memory.memory_id, pane="memories"))

    # -- which -----------------------------------------------------------------------------------

    def action_choose(self, step: int) -> None:
        """Show the next or previous list."""
        names = list(TITLES)
        self._take_list(names[(names.index(self._name) + step) % len(names)])

    def _take_list(self, name: ListName, *prefer: int) -> None:
        self._name = name
        self._list.set_columns(columns(name, sent=bool(self._known)))
        background.start(self, partial(self._show, prefer), "verdicts", awaited=True)

    @property
    def _narrowed(self) -> VerdictFilter:
        return cast("VerdictFilter", self.chosen)

    @property
    def _wanted(self) -> VerdictFilter:
        return replace(self._narrowed, subject=self._ref)

    @property
    def language(self) -> Language[Filter]:
        """What reads a filter that is typed."""
        return parse_verdicts

    def refused(self) -> dict[str, str]:
        """Return the fields of the language that do not apply here, with a sentence on why."""
        return super().refused() | refused("verdicts")

    def narrowed_anew(self) -> None:
        """Show the verdicts that the filter names."""
        self._numbers = None
        self._list_anew()

    def action_whose(self) -> None:
        """Show verdicts on what is of the chosen user only, or on everyone's."""
        if self._chosen is None:
            tell(self, _("No user is chosen on the main screen."))
        super().action_whose()

    def action_leave(self) -> None:
        """Go back to the numbers, else drop the filter, its last condition first, else leave."""
        is_as_begun = self.chosen == self._begun and not self._pane.is_filtering
        if self._numbers is not None and not self._pane.is_filtering:
            name, self.chosen, key = self._numbers
            self._numbers = None
            self._take_list(name, key)
        elif is_as_begun or not self.drop_filter():
            self.dismiss(None)

    def command(self) -> CommandOf:
        """Return the command for the list."""
        words = of_verdicts(self._name, self._wanted)
        return CommandOf(words, self._wanted.subject, of_verdicts=True)

    # -- taking along ----------------------------------------------------------------------------

    def action_export(self) -> None:
        """Ask where to write the verdicts, with what was judged."""
        session, ref = self._session, self._wanted.subject
        text = _(
            "With what was judged, and a manifest beside it. The ending says the form: .csv, .xlsx "
            "or .jsonl. A file that exists is left alone."
        )
        ask = Ask(
            _("Export verdicts"),
            text,
            prompt=_("where to"),
            suggest=lambda: taking.suggest_path(
                session.project_name,
                ref,
                "verdicts",
                ending="csv",
                folder=session.propose_folder(),
            ),
            take=self._write,
            paths=True,
        )
        self.app.push_screen(ask)

    async def _write(self, text: str) -> str:
        """Write, and say so; return why that cannot be done."""
        target = await in_thread(exporting.look_at_target, text.strip())
        form = _FORMATS.get(target.path.suffix.lower())
        if target.problem:
            return target.problem
        if form is None:
            return _("The name ends in .csv, .xlsx or .jsonl.")
        if target.exists:
            return _("This file exists already. It is left as it is.")
        from memos_admin.backend.export.exporting import export
        from memos_admin.backend.export.scope import VerdictsScope

        scope = VerdictsScope(self._wanted, await self._sent())
        privacy = cast("MemosAdmin", self.app).screen_safe.state
        write = partial(
            export,
            self._session.workspace,
            scope,
            format=form,
            output=target.path,
            privacy=privacy,
        )
        try:
            report = await in_thread(write)
        except OSError as error:
            return taking.why_not(error, text)
        except Exception as error:  # noqa: BLE001 - whatever it is, the dialog stays and says it
            return said_by(error)
        self._session.export_folder = target.path.parent
        number = counted(report.rows, "{count} verdict", "{count} verdicts")
        told = _("Wrote {count} to {path}").format(count=number, path=report.path)
        masked = _("It is masked.") if report.masked is not None else ""
        tell(self, sentences(f"{told}.", masked))
        return ""


def _counted_by(narrowed: VerdictFilter, found: Figure | Agreement) -> VerdictFilter:
    """Return the filter of the verdicts that a line of numbers counts, of those that a filter leaves."""
    if isinstance(found, Agreement):
        both = frozenset({found.first, found.second})
        return replace(narrowed, operators=frozenset(), both=both)
    narrowed = replace(narrowed, stands=True)
    if not found.week:
        return narrowed
    since, until = days_of(found.week)
    return replace(
        narrowed,
        views=frozenset({found.view}),
        not_views=frozenset(),
        given_since=max(since, narrowed.given_since or since),
        given_until=min(until, narrowed.given_until or until),
    )


def _notes(name: ListName, looked: Reviewed, there: int, *, beside: bool) -> list[Part]:
    """Return how much was judged, and from which number on there are shares; less beside something else."""
    left_out = ("",) if beside else ()
    judged, of = phrases.count(looked.reviewed), phrases.memories(there)
    changed, gone = phrases.count(looked.changed), phrases.count(looked.gone)
    since, short = _("changed since review: {count}"), [_("changed since: {count}")]
    if looked.gone:
        since = _("changed since review: {count}, of which {gone} archived or gone")
        short.insert(0, _("changed since: {count}, {gone} archived or gone"))
    parts = [
        Part(
            _("judged as they are now: {count} of {memories}").format(count=judged, memories=of),
            (_("judged: {count} of {memories}").format(count=judged, memories=of), *left_out),
            1,
        ),
        Part(
            since.format(count=changed, gone=gone),
            (*(text.format(count=changed, gone=gone) for text in short), *left_out),
            2,
        ),
    ]
    few = {
        "figures": (
            _("no share below {few} verdicts").format(few=FEW),
            _("no share below {few}").format(few=FEW),
        ),
        "agreement": (
            _("no κ below {enough} that both judged").format(enough=ENOUGH),
            _("no κ below {enough}").format(enough=ENOUGH),
        ),
    }.get(name)
    return parts if few is None else [*parts, Part(few[0], (few[1], ""), 3)]

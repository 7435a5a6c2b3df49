"""How complete what is stored is: the ledger of a user or of the project, and where messages lack."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from memos_admin.backend.display import called, one_line
from memos_admin.backend.ledger import Ledger, holes, ledger, unfinished
from memos_admin.backend.ledger.words import KINDS, facts, hole_words
from memos_admin.backend.model import Filter, Reads, SubjectRef
from memos_admin.backend.times import local
from memos_admin.language import N_, counted
from memos_admin.language import gettext as _
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.desk.place import Place
from memos_admin.tui.jobs.evidence import Lead
from memos_admin.tui.layout.detail import Entry, EntryKind
from memos_admin.tui.screens.follows_store import FollowsStore
from memos_admin.tui.screens.names_whom import NamesWhom
from memos_admin.tui.screens.over_list import TellsKeys, framed, shown_keys
from memos_admin.tui.session import Session
from memos_admin.tui.still import LeadsTo
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.detail import Detail
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.status_line import KeyLine
from memos_admin.tui.words import phrases
from memos_admin.tui.words.command_line import of_subject

MOST = 200
"""Places, and users, that are listed here; the command lists all."""


class Told(NamedTuple):
    """The lines of the ledger, and where those lead that lead somewhere."""

    entries: list[Entry]
    ways: list[Place]


class CompletenessScreen(
    CopiesCommand,
    Veiled,
    FollowsStore[Place | None],
    TellsKeys[Place | None],
    NamesWhom[Place | None],
    LeadsTo[Place | None],
    inherit_bindings=False,
):
    """Returns the place that was chosen; None where a person left."""

    reads_in = "ledger"
    reading = N_("Counting …")
    unreadable = N_("The ledger cannot be read: {error}")

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,i", "dismiss(None)", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("n", "choose(1)", show=False),
        Binding("N,p", "choose(-1)", show=False),
        Binding("u", "whose", show=False),
        Binding("r", "again", show=False),
        COPY,
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown,ctrl+d,space", "page(1)", show=False),
        Binding("pageup,ctrl+u", "page(-1)", show=False),
        Binding("home,g", "end(False)", show=False),
        Binding("end,G", "end(True)", show=False),
        Binding("question_mark", "keys", show=False),
    ]
    KEYS = (
        ("n", N_("next place"), "choose(1)"),
        ("enter", N_("go there"), "enter"),
        ("u", N_("this user, everyone"), "whose"),
        ("escape", N_("back"), "dismiss(None)"),
    )

    def __init__(self, session: Session, subject: SubjectRef | None) -> None:
        """Take the project, and the user that is chosen there: the ledger begins with its own."""
        super().__init__()
        self._session, self._chosen, self._subject = session, subject, subject
        self._ways: list[Place] = []
        self._detail = Detail(id="ledger")
        self._pane = Pane(_("Completeness"), self._detail, id="ledger-pane")

    def compose(self) -> ComposeResult:
        """Return the top line, the ledger and the keys."""
        yield from framed(self._session, self._pane, self.KEYS)

    def on_mount(self) -> None:
        """Read the ledger."""
        self.set_focus(self._detail)
        self._pane.set_empty(_(self.reading))
        self.action_again()

    def draw_anew(self) -> None:
        """Mask the ledger anew."""
        self._detail.lay_out()
        self.action_again()

    def _say_whose(self) -> None:
        whom = _("everyone") if self._subject is None else called(self._subject)
        title = _("Completeness · {whose}").format(whose=one_line(whom, 40))
        self.turn_to(self._subject, title)

    def let_go(self) -> None:
        """Show no lines, and lead nowhere, until the ledger is read."""
        super().let_go()
        self._take(Told([], []))

    async def _show(self) -> None:
        self._say_whose()
        with self.reads():
            ref = self._subject
            told = await self._session.reader.aside(partial(_told, ref=ref))
            if ref != self._subject:
                return
            self._session.journaling.shown("completeness", ref)
            self._pane.set_empty("")
            self._take(told)

    def _take(self, told: Told) -> None:
        self._ways = told.ways
        line = self.query_one("#keys", KeyLine)
        # Of a single one there is no next one, and of none there is nothing to go to.
        line.show(shown_keys(self.KEYS[2 - min(2, len(told.ways)) :]))
        self._detail.show(self._subject, told.entries)

    def command(self) -> CommandOf:
        """Return the command for the ledger."""
        return CommandOf(of_subject(["completeness", "show"], self._subject), self._subject)

    def action_whose(self) -> None:
        """Show the ledger of the chosen user, or of everyone."""
        if self._chosen is not None:
            self._subject = self._chosen if self._subject is None else None
            self._say_whose()
            self.action_again()

    def action_choose(self, step: int) -> None:
        """Choose the next or previous line that leads somewhere."""
        self._detail.choose(self._detail.chosen + step)

    def action_enter(self) -> None:
        """Go where the chosen line leads."""
        self._detail.action_enter()

    def on_detail_entered(self, event: Detail.Entered) -> None:
        """Return the place."""
        if isinstance(event.lead.key, int):
            self.dismiss(self._ways[event.lead.key])

    def action_move(self, lines: int) -> None:
        """Scroll by lines."""
        self._detail.action_move(lines)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        self._detail.action_page(pages)

    def action_end(self, last: bool) -> None:
        """Scroll to the top or the end."""
        self._detail.action_end(last)


def _told(reads: Reads, ref: SubjectRef | None) -> Told:
    """Return what the screen says; called in a thread that reads."""
    found = ledger(reads, ref)
    told = Told([], [])
    for heading, some in facts(found, _short):
        told.entries.append(Entry("heading", heading))
        for fact in some:
            kind: EntryKind = "warn" if fact.lacks else "field"
            entry = Entry(kind, ("! " if fact.lacks else "") + fact.text, fact.label)
            if fact.gone and ref is not None:
                _add_way(told, entry, Place(ref, pane="memories", narrowed=Filter(vanished=True)))
            else:
                told.entries.append(entry)
        told.entries.append(Entry("blank"))
    if ref is None:
        _add_users(told, reads, found)
    _add_holes(told, reads, found)
    return told


def _add_users(told: Told, reads: Reads, found: Ledger) -> None:
    """Add a line for each user that is not complete."""
    some = unfinished(reads, MOST)
    if not some:
        return
    heading = _("Users and agents whose memories were not all read, or that had a problem")
    told.entries.append(Entry("heading", heading))
    for ref, problem in some:
        text = _("{name}: {problem}").format(
            name=called(ref), problem=problem or _("its memories were never all read")
        )
        _add_way(told, Entry("text", text), Place(ref, None, pane="conversations"))
    told.entries.append(Entry("blank"))


def _add_holes(told: Told, reads: Reads, found: Ledger) -> None:
    """Add a line for each place where messages are missing, or may be."""
    number = sum(found.holes.values())
    if not number:
        return
    heading = counted(
        number,
        "{count} place where messages are missing, or may be",
        "{count} places where messages are missing, or may be",
    )
    told.entries.append(Entry("heading", heading))
    for hole in holes(reads, found.ref, MOST):
        whose = "" if found.ref is not None else f"{called(hole.ref)} · "
        words = hole_words(hole, _short, _exactly)
        text = _("{whose}{conversation} · {kind}: {words}").format(
            whose=whose,
            conversation=hole.conversation_id,
            kind=_(KINDS[hole.kind]),
            words=words,
        )
        way = Place(hole.ref, hole.conversation_id, None, hole.message_pk, pane="transcript")
        _add_way(told, Entry("text", text), way)
    if number > MOST:
        text = _("… and {count} more: memos-admin completeness gaps lists all")
        told.entries.append(Entry("dim", text.format(count=f"{number - MOST:,}")))


def _add_way(told: Told, entry: Entry, way: Place) -> None:
    lead = Lead("message", len(told.ways), _("the place"))
    told.ways.append(way)
    told.entries.append(replace(entry, lead=lead))


def _short(ms: int) -> str:
    """Return a time as holes tell it: ``17 Sep 2025 09:58``."""
    return phrases.minute(local(ms), year=True)


def _exactly(ms: int) -> str:
    """Return a time with its seconds: ``17 Sep 2025 09:58:05``."""
    return phrases.minute(local(ms), year=True, seconds=True)

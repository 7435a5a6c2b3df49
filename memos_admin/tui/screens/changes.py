"""What changed lately: memories added, changed and gone, and new messages, latest first."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from memos_admin.backend.changes import PERIODS, Change, ChangeKind, changes, changes_of
from memos_admin.backend.display import both_ends, called, one_line
from memos_admin.backend.model import Conversation, Memory, Reads, SubjectRef, SyncRun
from memos_admin.backend.perspective import without_marks
from memos_admin.backend.times import now_ms
from memos_admin.language import N_, counted
from memos_admin.language import gettext as _
from memos_admin.tui import background, phrases
from memos_admin.tui.failures import said_by
from memos_admin.tui.lists import TITLE_CUT
from memos_admin.tui.place import Place
from memos_admin.tui.screens.over_list import MOVES, OverList
from memos_admin.tui.screens.syncs import SyncsScreen, whose
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.widgets.status_line import KeyLine, StatusLine

FOLLOW = 1.0
"""Seconds between two looks at what a running sync has found."""

CONVERSATION = N_("Conversation")
NAMED_CELLS = 14
"""How much of its id names a conversation elsewhere: no more, since both its ends are to be seen."""


@dataclass(frozen=True)
class ChangeRow:
    """A change with what it is about: a memory, or the conversation with the new messages."""

    key: int
    change: Change
    about: Memory | Conversation

    def what(self, shown: Collection[str]) -> str:
        """Return what changed, in words from outside or ours; `shown`: the columns there are.

        Without the column of the conversation the one of new messages is named here.
        """
        if isinstance(self.about, Conversation):
            number = self.change.messages
            if CONVERSATION in shown:
                return counted(number, "{count} new message", "{count} new messages")
            name = both_ends(self.about.conversation_id, NAMED_CELLS)
            return _("{count} new in {conversation}").format(
                count=phrases.count(number), conversation=name
            )
        return self.about.title or without_marks(self.about.content) or _("(no text)")

    @property
    def view(self) -> str:
        """The word for the memory's view."""
        return phrases.view_word(self.about.view) if isinstance(self.about, Memory) else ""

    @property
    def place(self) -> Place:
        """Where it can be seen."""
        about = self.about
        if isinstance(about, Memory):
            return Place(about.ref, about.conversation_id or "", about.memory_id, pane="memories")
        return Place(about.ref, about.conversation_id, pane="transcript")


@dataclass
class Changes:
    """The changes of a period, or of one sync; equal to another of the same and of the subject."""

    period: int | None
    subject: SubjectRef | None
    run: SyncRun | None = None
    named: dict[tuple[object, ...], int] = field(default_factory=dict, compare=False)
    """Keys of changes, so that each keeps its own while others arrive."""

    def keys(self, reads: Reads) -> array[int]:
        """Return the keys of the changes."""
        if self.run is not None:
            found = changes_of(reads, self.run, self.subject)
        else:
            found = changes(reads, self.period, now_ms(), self.subject)
        named = self.named
        self._changes = {
            named.setdefault((c.kind, c.listing_pk, c.conversation_pk), len(named)): c
            for c in found
        }
        return array("q", self._changes)

    def rows(self, reads: Reads, keys: Sequence[int]) -> list[ChangeRow]:
        """Return rows; without what was removed since."""
        found = [(key, self._changes[key]) for key in keys]
        listings = [change.listing_pk for _, change in found if change.listing_pk is not None]
        others = [c.conversation_pk for _, c in found if c.conversation_pk is not None]
        memories = {m.listing_pk: m for m in reads.memories(listings, cut=TITLE_CUT)}
        conversations = {c.pk: c for c in reads.conversations(others)}
        about = (
            (key, change, memories.get(change.listing_pk or 0))
            if change.listing_pk is not None
            else (key, change, conversations.get(change.conversation_pk or 0))
            for key, change in found
        )
        return [ChangeRow(key, change, it) for key, change, it in about if it is not None]


KINDS: dict[ChangeKind, str] = {
    "added": N_("added"),
    "changed": N_("changed"),
    "status": N_("status"),
    "vanished": N_("gone"),
    "returned": N_("returned"),
    "messages": N_("messages"),
}

COLUMNS: tuple[Column[ChangeRow], ...] = (
    Column(
        N_("Found"),
        lambda row, now, _s: phrases.short_age(row.change.at, now),
        phrases.age_cells,
        right=True,
    ),
    Column(
        N_("Change"),
        lambda row, _now, _s: _(KINDS[row.change.kind]),
        8,
        style=lambda row: "warn" if row.change.kind == "vanished" else "accent",
    ),
    Column(
        N_("View"),
        lambda row, _now, _s: row.view,
        phrases.view_cells,
        gives_way=2,
        style="dim",
    ),
    Column(N_("What"), lambda row, _now, shown: row.what(shown)),
    Column(
        CONVERSATION,
        lambda row, _now, _s: row.about.conversation_id or "",
        18,
        gives_way=1,
        style="dim",
        is_id=True,
    ),
    Column(N_("Whose"), lambda row, _now, _s: called(row.about.ref), 22, gives_way=3, is_id=True),
)


class ChangesScreen(OverList[Place | None], inherit_bindings=False):
    """Returns where what was chosen can be seen; None where a person left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("right,p", "period(1)", show=False),
        Binding("left,P", "period(-1)", show=False),
        Binding("u", "whose", show=False),
        Binding("r", "again", show=False),
        Binding("l", "log", show=False),
        Binding("x", "stop", show=False),
        *MOVES,
    ]
    KEYS = (
        ("enter", N_("open"), "enter"),
        ("←→", N_("period"), "period(1)"),
        ("u", N_("this user, everyone"), "whose"),
        ("l", N_("syncs"), "log"),
        ("escape", N_("back"), "leave"),
    )

    def __init__(self, session: Session, subject: SubjectRef | None) -> None:
        """Take the project, and the user that is chosen there."""
        super().__init__()
        self._session, self._chosen = session, subject
        self._subject: SubjectRef | None = None
        self._period = 0
        self._run: SyncRun | None = None
        self._named: dict[tuple[object, ...], int] = {}
        self._followed = False
        self._list = RowList[ChangeRow](COLUMNS, lambda row: row.key, id="changes", least=24)
        self._pane = Pane(_("Changes"), self._list, id="changes-pane")

    def compose(self) -> ComposeResult:
        """Return the top line, the list and the keys."""
        status = StatusLine(id="status", standing=self._session.standing)
        status.set_project(self._session.name, self._session.host)
        yield status
        yield self._pane
        keys = KeyLine(id="keys")
        keys.show([(key, _(title), action) for key, title, action in self.KEYS])
        yield keys

    def on_mount(self) -> None:
        """Show the changes of the last sync that found any, and go on while one runs."""
        self.set_focus(self._list)
        self._pane.set_empty(_("Looking for changes …"))
        self.set_interval(FOLLOW, self._follow)
        self.action_again()

    def _follow(self) -> None:
        """Read the changes again while a sync runs, and once when it has ended."""
        runs = self._session.standing.progress is not None
        if runs or self._followed:
            self.action_again()
        self._followed = runs

    def action_again(self) -> None:
        """Read the changes."""
        background.start(self, self._show, "changes")

    async def _show(self) -> None:
        length = PERIODS[self._period][1]
        whom = _("everyone") if self._subject is None else called(self._subject)
        self._pane.set_title(
            _("Changes found · {period} · {whose}").format(
                period=self._period_name(), whose=one_line(whom, 40)
            )
        )
        try:
            source = Changes(length, self._subject, self._run, self._named)
            await self._list.load(self._session.reader, source)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._pane.set_empty(
                _("The changes cannot be read: {error}").format(error=one_line(said_by(error), 300))
            )
            return
        self._session.journaling.shown("changes", self._subject)
        number = len(self._list)
        self._pane.set_count(counted(number, "{count} change", "{count} changes") if number else "")
        self._pane.set_empty("" if number else self._nothing())

    def _period_name(self) -> str:
        """Return the words for what is shown."""
        if self._run is None:
            return _(PERIODS[self._period][0])
        return _("the sync of {whose}, {age}").format(
            whose=one_line(whose(self._run), 40), age=phrases.ago(self._run.started_at, now_ms())
        )

    def _nothing(self) -> str:
        if self._session.standing.progress is not None:
            return _("A sync is running. What it finds appears here.")
        if self._run is not None:
            return _("This sync found no change that is still here. Press l for the others.")
        if PERIODS[self._period][1] is None:
            return _("No sync has found a change lately. Press → for a period, l for the syncs.")
        period = _(PERIODS[self._period][0])
        return _("Nothing was found to have changed within {period}.").format(period=period)

    def action_period(self, step: int) -> None:
        """Choose the next or previous period."""
        self._period, self._run = (self._period + step) % len(PERIODS), None
        self.action_again()

    def action_whose(self) -> None:
        """Show the changes of the chosen user only, or everyone's."""
        if self._chosen is not None:
            self._subject = self._chosen if self._subject is None else None
            self.action_again()

    def action_log(self) -> None:
        """Choose a sync, and show what it found."""

        def chosen(run: SyncRun | None) -> None:
            if run is not None:
                self._run = run
                self.action_again()

        self.app.push_screen(SyncsScreen(self._session), chosen)

    def action_stop(self) -> None:
        """Stop the syncs that run."""
        if self._session.standing.progress is not None:
            self._session.standing.stop()

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        """Open a row."""
        self.dismiss(cast("ChangeRow", event.row).place)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)

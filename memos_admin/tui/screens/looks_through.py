"""Screens that look through the memories of a user, or of everyone, and list what they found so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar, Generic, Literal, Protocol, TypeVar, cast

from textual import events
from textual.content import Content

from memos_admin.backend.display import printable
from memos_admin.backend.model import Filter, Reads, Subject, Totals
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.desk.place import Place
from memos_admin.tui.filters_memories import FiltersMemories, Narrowed
from memos_admin.tui.layout.evidence import Paragraph, as_content
from memos_admin.tui.reader import Reader
from memos_admin.tui.screens.follows_store import FollowsStore
from memos_admin.tui.screens.reasoned import Reasoned
from memos_admin.tui.typed_ahead import LONGEST
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.words import troubles

FOLLOW = 0.5
"""Seconds between two looks at what was found meanwhile."""


class Row(Protocol):
    """A row of such a list, which goes on having its key."""

    @property
    def key(self) -> int:
        """What it is known by."""


R = TypeVar("R", bound=Row)


class Look(Protocol):
    """Work beside the screen that looks at one memory after the other.

    Attributes:
        news: how often something was found.
    """

    news: int

    @property
    def state(self) -> Literal["new", "running", "done", "stopped", "full"]:
        """How far it is."""

    async def run(self, reader: Reader) -> None:
        """Look at everything; to be cancelled. Raises what reading raises."""


@dataclass
class LookedThrough(Narrowed):
    """What such a screen was left with, to go on from there.

    Attributes:
        asked: the filter that it was opened with last, so that it is not taken along again once dropped.
        row: the key of the row that the cursor was on.
    """

    asked: Filter = field(default_factory=Filter)
    row: int | None = None


class LooksThrough(
    FiltersMemories,
    FollowsStore[Place | None],
    Reasoned[Place | None],
    Generic[R],
    inherit_bindings=False,
):
    """Goes on from where it was left; what was found to the end is kept while the store is as it was.

    Attributes:
        shown: what the journal calls it.
    """

    state: LookedThrough
    is_slow = True
    reads_in = "look"
    shown: ClassVar[str]
    _list: RowList[R]

    def __init__(self) -> None:
        super().__init__()
        self._news = -1
        self._problem = ""
        self._explained: int | None = None

    def let_go(self) -> None:
        """Show no rows, and say nothing of one, until some are read."""
        super().let_go()
        self._explained = None

    def on_mount(self) -> None:
        """Go on from where it was left, or look at everything."""
        self.set_focus(self._list)
        self._show_keys()
        self.set_interval(FOLLOW, self._follow_look)
        self._look()

    def on_unmount(self) -> None:
        """Remember where the cursor was."""
        self.state.row = self._list.cursor_key

    def on_resize(self, _event: events.Resize) -> None:
        """Say it in the new width."""
        self._say()

    # -- what such a screen is made of -----------------------------------------------------------

    @staticmethod
    def comparable(asked: Filter) -> Filter:
        """Return the filter of the memories as it is taken along: what is looked at is what is known now."""
        return replace(asked, subject=None, as_of=None)

    @property
    def look(self) -> Look | None:
        """What looks, or has looked, at what is shown; None: nothing has at what is of whom it is about."""
        raise NotImplementedError

    async def look_at(self, whose: Subject | Totals, *, anew: bool) -> Look:
        """Return what looks from now on: another one, unless this was looked at as it is."""
        raise NotImplementedError

    def paragraphs(self, reads: Reads, row: R) -> list[Paragraph]:
        """Return what is to be said of a row."""
        raise NotImplementedError

    async def _show(self, prefer: int | None = None) -> None:
        """List what was found so far. Raises what reading raises."""
        raise NotImplementedError

    def _say(self) -> None:
        """Say how far it is, and why there is nothing."""
        raise NotImplementedError

    def _show_keys(self) -> None:
        raise NotImplementedError

    # -- looking ---------------------------------------------------------------------------------

    def _take_along(self, asked: Filter) -> None:
        """Narrow it as the memories were when it was opened, unless that was dropped here."""
        if self.state.asked != asked:
            self.state.asked, self.state.narrowed = asked, self.comparable(asked)

    def _look(self, *, anew: bool = False) -> None:
        background.start(self, partial(self._begin, anew=anew), self.reads_in, awaited=True)

    def follows_now(self) -> bool:
        """Whether to look again: not what somebody stopped, nor at everyone while more is coming."""
        stopped = self.look is not None and self.look.state == "stopped"
        return not stopped and (self._ref is not None or self._session.standing.progress is None)

    async def read_anew(self) -> None:
        """Look again, if what is shown is of somebody of whom something came meanwhile."""
        self.state.row = self._list.cursor_key
        await self._begin(anew=False)

    async def _begin(self, *, anew: bool) -> None:
        reader, ref = self._session.reader, self._ref
        self.say_whose()
        self._problem = ""
        with self.reads():
            whose = await reader(
                lambda reads: reads.totals() if ref is None else reads.subject(ref)
            )
            if ref != self._ref:
                return
            if whose is None:
                self.let_go()
                self._problem = _("This user is not on the roster any more.")
                self._say()
                return
            look = await self.look_at(whose, anew=anew)
            self._session.journaling.shown(self.shown, ref)
            await self._show(prefer=self.state.row)
            if look.state == "new":
                background.arrived(within=LONGEST)
                await look.run(reader)
            await self._show(prefer=self.state.row)

    def say_unread(self, error: Exception) -> None:
        """Say why it could not be read; nothing of what was read before is shown, or can be chosen."""
        self.let_go()
        self._problem = troubles.unread(_(self.unreadable), error)
        self._say()

    def show_soon(self, prefer: int | None = None) -> None:
        """List what was found so far, in another way."""
        background.start(self, partial(self._show_safely, prefer), "show", awaited=True)

    async def _show_safely(self, prefer: int | None = None) -> None:
        with self.reads():
            await self._show(prefer)

    def _follow_look(self) -> None:
        """Show what was found meanwhile."""
        look = self.look
        if look is not None and look.state == "running":
            shows = any(one.group == "show" and not one.is_finished for one in self.workers)
            if look.news != self._news and not shows:
                background.start(self, self._show_safely, "show")
            else:
                self._say()

    def action_again(self) -> None:
        """Look at everything again."""
        self._look(anew=True)

    def action_stop(self) -> None:
        """Stop looking; what was found stays."""
        self.workers.cancel_group(self, self.reads_in)
        self.set_timer(FOLLOW, self._say)

    def draw_anew(self) -> None:
        """Draw rows and reason anew: something else is masked."""
        self._list.redraw()
        self._say()
        self._explain(self._list.row)

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        """Say why the row is there."""
        self._say()
        self._explain(cast("R | None", event.row))

    def _explain(self, row: R | None) -> None:
        async def explain() -> None:
            try:
                found = [] if row is None else await self._session.reader(self.paragraphs, row)
                said = as_content(found)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is said beside the row
                said = Content(printable(troubles.unread(_(self.unreadable), error), newlines=True))
            if self._list.cursor_key == (None if row is None else row.key):
                self._why.show(said)
                self._frame.scroll_home(animate=False)

        if (
            row is None or row.key != self._explained
        ):  # nothing of another row stands beside this one
            self._explained = None if row is None else row.key
            self._why.show(Content(""))
        background.start(self, explain, "why")

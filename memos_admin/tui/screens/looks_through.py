"""Screens that look through the memories of a user, or of everyone, and list what they found so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar, Generic, Literal, Protocol, TypeVar, cast

from textual import events

from memos_admin.backend.display import one_line
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
from memos_admin.tui.words.failures import said_by

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
        unreadable: what is said where the store cannot be read, with ``{error}``.
    """

    state: LookedThrough
    is_slow = True
    reads_in = "look"
    shown: ClassVar[str]
    unreadable: ClassVar[str]
    _list: RowList[R]

    def __init__(self) -> None:
        super().__init__()
        self._news = -1
        self._problem = ""

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
        """What looks, or has looked, at what is shown."""
        raise NotImplementedError

    async def look_at(self, whose: Subject | Totals, *, anew: bool) -> Look:
        """Return what looks from now on: another one, unless this was looked at as it is."""
        raise NotImplementedError

    def paragraphs(self, reads: Reads, row: R) -> list[Paragraph]:
        """Return what is to be said of a row."""
        raise NotImplementedError

    async def _show(self, prefer: int | None = None) -> None:
        """List what was found so far."""
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
        self._problem = ""
        try:
            whose = await reader(
                lambda reads: reads.totals() if ref is None else reads.subject(ref)
            )
            if whose is None:
                self._pane.set_empty(_("This user is not on the roster any more."))
                return
            look = await self.look_at(whose, anew=anew)
            self._session.journaling.shown(self.shown, ref)
            await self._show(prefer=self.state.row)
            if look.state == "new":
                background.arrived(within=LONGEST)
                await look.run(reader)
            await self._show(prefer=self.state.row)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._problem = _(self.unreadable).format(error=one_line(said_by(error), 300))
            self._say()

    def _follow_look(self) -> None:
        """Show what was found meanwhile."""
        look = self.look
        if look is not None and look.state == "running":
            shows = any(one.group == "show" and not one.is_finished for one in self.workers)
            if look.news != self._news and not shows:
                background.start(self, self._show, "show")
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
            found = [] if row is None else await self._session.reader(self.paragraphs, row)
            if row is None or row.key == self._list.cursor_key:
                self._why.show(as_content(found))
                self._frame.scroll_home(animate=False)

        background.start(self, explain, "why")

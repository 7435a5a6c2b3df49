"""The main screen: who and where, what was said, what was made of it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Input

from memos_admin.backend.model import Memory, Subject
from memos_admin.backend.screen_state import ScreenState
from memos_admin.language import gettext as _
from memos_admin.tui import background, demo_filling, permitting
from memos_admin.tui.actions.arriving import Arriving
from memos_admin.tui.actions.base import TITLES
from memos_admin.tui.actions.fetching import FetchingActions
from memos_admin.tui.actions.finding import FindingActions
from memos_admin.tui.actions.hearing import Hearing
from memos_admin.tui.actions.judging import JudgingActions
from memos_admin.tui.actions.moving import MovingActions
from memos_admin.tui.actions.program import ProgramActions
from memos_admin.tui.actions.requesting import RequestingActions
from memos_admin.tui.actions.saving import SavingActions
from memos_admin.tui.actions.showing import ShowingActions
from memos_admin.tui.actions.taking import TakingActions
from memos_admin.tui.actions.working import Working
from memos_admin.tui.commands import bindings as commands
from memos_admin.tui.commands import keymap
from memos_admin.tui.commands.command import PANES, Command
from memos_admin.tui.commands.elsewhere import works_in
from memos_admin.tui.commands.table import COMMANDS
from memos_admin.tui.desk import reloading
from memos_admin.tui.desk.going import Going
from memos_admin.tui.desk.panes import Desk, Panes
from memos_admin.tui.desk.place import Place
from memos_admin.tui.desk.visits import Visits
from memos_admin.tui.jobs import unlocking
from memos_admin.tui.jobs.asks import Asks
from memos_admin.tui.jobs.fetching import Fetching
from memos_admin.tui.jobs.watching import Watching
from memos_admin.tui.layout.arrangement import Arrangement
from memos_admin.tui.rows import main as lists
from memos_admin.tui.rows.main import ConversationRow
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.crumb_line import CrumbLine
from memos_admin.tui.widgets.detail import Detail
from memos_admin.tui.widgets.line_view import LineView
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.widgets.status_line import KeyLine, StatusLine
from memos_admin.tui.widgets.transcript import Transcript
from memos_admin.tui.words import phrases, troubles

if TYPE_CHECKING:
    from memos_admin.tui.app import MemosAdmin


class MainScreen(
    MovingActions,
    FindingActions,
    ShowingActions,
    SavingActions,
    JudgingActions,
    FetchingActions,
    TakingActions,
    RequestingActions,
    ProgramActions,
    Arriving,
    Hearing,
    Working,
    inherit_bindings=False,
):
    """Five panes over one project."""

    DEFAULT_CSS = """
    MainScreen {
        & #crumbs { display: none; }
        & #body { layout: horizontal; height: 1fr; }
        & .column { layout: vertical; height: 1fr; width: 1fr; }
        & Pane { height: 1fr; width: 1fr; }
        &.three #left { width: 28%; max-width: 42; min-width: 28; }
        &.three #right { width: 36%; max-width: 60; min-width: 36; }
        &.three #detail-pane { height: 1.35fr; }
        &.four #left { width: 34; }
        &.four #transcript-pane { max-width: 100; }
        &.four #right { layout: horizontal; width: 45%; }
        &.four #detail-pane { width: 44; }
        &.single #crumbs { display: block; }
    }
    """

    def __init__(
        self,
        session: Session,
        table: Sequence[Command] = COMMANDS,
        opened: RowList[Subject] | None = None,
    ) -> None:
        """Take the project, the commands with the keys that a person gave them, and what is shown."""
        super().__init__()
        self._opened, self.filled = opened, asyncio.Event()
        self.session, self.table = session, table
        self.permission = permitting.Permission(session.workspace)
        keymap.bind(self, commands.bindings(table))
        panes = Panes(
            RowList[Subject](lists.SUBJECT_COLUMNS, lambda row: row.pk, id="users"),
            RowList[ConversationRow](
                lists.CONVERSATION_COLUMNS, lambda row: row.key, id="conversations", least=18
            ),
            Transcript(id="transcript"),
            RowList[Memory](
                lists.MEMORY_COLUMNS,
                lambda row: row.listing_pk,
                id="memories",
                least=22,
                row_style=lists.memory_style,
            ),
            Detail(id="detail"),
        )
        for pane, title in TITLES.items():
            view: LineView = getattr(panes, pane)
            offer = self._offer if pane == "memories" else None
            panes.frames[pane] = Pane(
                _(title), view, id=f"{pane}-pane", prompt=_prompt(pane), offer=offer
            )
        self.watching = Watching(self, session)
        self.desk = Desk(session, panes, self.key, Asks(), self.watching.word_of)
        self.going = Going(self.desk)
        self.status = StatusLine(
            id="status", standing=session.standing, stop=self.key("stop"), read=self.key("error")
        )
        session.standing.find_marks = self.find_marks
        self.keys = KeyLine(id="keys")
        self.crumbs = CrumbLine(id="crumbs")
        # Kept, not asked for: who leaves while it opens takes them away before it is through.
        self._left = Container(id="left", classes="column")
        self._right = Container(id="right", classes="column")
        self.fetching = Fetching(self, session, self.status)
        self.visits = Visits()
        self.searched = None
        self.evidence = None
        self.recalled = None
        self.questions_file = ""
        self.cleaned = None
        self.pane = "users"
        self.detail_from = "memories"
        self.led_to = ""
        self.bound = None
        self.zoomed = False
        self.arrangement = Arrangement("three")

    def compose(self) -> ComposeResult:
        """Return the top line, the panes in three columns, and the keys."""
        self._arrange()  # before there are parts, so that their styles are worked out once
        frames = self.desk.panes.frames
        yield self.status
        yield self.crumbs
        with Container(id="body"):
            with self._left:
                yield frames["users"]
                yield frames["conversations"]
            yield frames["transcript"]
            with self._right:
                yield frames["memories"]
                yield frames["detail"]
        yield self.keys

    def on_mount(self) -> None:
        """Show the cache, and in a demo fill it."""
        self.show_project()
        if self._opened is not None:
            self.desk.panes.users.take(self._opened)
        self.place_panes()
        self.set_focus(self.view_of("users"))
        self.set_interval(phrases.TOLD_ANEW, self.redraw)
        self.fill()
        self.follow()

    async def _offer(self, typed: str) -> list[str]:
        return await self.desk.typing.offers(typed)

    async def _first(self) -> None:
        try:
            await self._fill()
        finally:
            self.filled.set()
        self._tell_upgraded()

    def _tell_upgraded(self) -> None:
        """Tell once that the store was brought to the present schema, unless something else is told there."""
        copy = self.session.upgraded
        if copy is not None and not self.fetching.error:
            self.session.upgraded = None
            self.fetching.failed(troubles.of_upgrade(copy, self.key("error")))

    def fill(self) -> None:
        """Show what is stored, as at the beginning."""
        self.work(self._first, "reload")

    def _ask_at_once(self) -> None:
        if self.is_active:  # whoever is at something else has the key for it
            self.action_give_key()

    async def _fill(self) -> None:
        say = self.desk.panes.frames["users"].set_empty
        await unlocking.unlock(self.session, say, self.key("give_key"), self._ask_at_once)
        await self.see_store()
        await self._meet_all()
        left = await self.session.left()
        self.desk.chosen, self.desk.user_order = left.filter, left.user_order
        self.desk.users_turned, self.zoomed = left.users_turned, left.zoomed
        self.questions_file = left.questions or ""
        there = left.subject is not None and not await self.going.open(
            Place(left.subject, left.conversation_id)
        )
        if not there and self.desk.subject is None:
            await self.desk.show_users()
        await self.desk.detail.show()
        if there and left.pane in PANES:
            self.go_to(left.pane)
        background.arrived()
        if self.session.demo:
            await demo_filling.fill(self)

    def reload(self) -> None:
        """Read again what is shown, since the store has changed."""
        self.session.standing.changes += 1
        self.work(self._reload, "reload", awaited=False)

    @property
    def is_reloading(self) -> bool:
        """Whether what is shown is being read again; where there is much that takes a while."""
        groups = {worker.group for worker in self.workers if not worker.is_finished}
        return "reload" in groups

    async def _reload(self) -> None:
        await self.see_store()
        await self._meet_all()
        await reloading.reload(self.desk)
        self.show_state()

    async def _meet_all(self) -> None:
        """Know everybody's other name before texts are laid out; lay out anew what names a new one."""
        app = cast("MemosAdmin", self.app)
        if await self.desk.reader(app.screen_safe.meet_all):
            self.desk.panes.transcript.lay_out()
            self.desk.panes.detail.lay_out()
            self.redraw()
            app.draw_veiled_anew()

    def redraw(self) -> None:
        """Write ages anew."""
        for pane in ("users", "conversations", "memories"):
            self.list_of(pane).redraw()
        self.desk.reading.show_note()
        self.fetching.tick()
        self.session.journaling.try_again()
        self.show_state()

    def speak(self) -> None:
        """Say everything anew: the language is another one."""
        panes = self.desk.panes
        for pane, frame in panes.frames.items():
            frame.set_title(_(TITLES[pane]))
            frame.set_prompt(_prompt(pane))
        panes.transcript.lay_out()
        self.show_project()
        self.place_panes()
        self.redraw()
        self.work(self._speak, "reload", awaited=False)

    def veil(self) -> None:
        """Draw everything anew: something else is masked."""
        for pane in self.query(Pane):
            pane.fit()
        self.desk.panes.detail.lay_out()
        self.speak()

    async def _speak(self) -> None:
        await self._reload()
        await self.desk.detail.show()  # what is read again leaves it alone where nothing is chosen

    def say(
        self, text: str, *, below: str = "", stays: bool = False, everywhere: bool = False
    ) -> None:
        """Tell a person something that needs no answer; the text is gated here.

        Args:
            text: takes the place of what was said before.
            below: stands on a line of its own.
            stays: nothing takes its place until its time is over.
            everywhere: it is not about this screen, and does not go with it.
        """
        on = None if everywhere else self
        cast("MemosAdmin", self.app).tell(text, below=below, stays=stays, on=on)

    # -- where one is ----------------------------------------------------------------------------

    def view_of(self, pane: str) -> LineView:
        """Return the widget in a pane."""
        return cast("LineView", getattr(self.desk.panes, pane))

    def list_of(self, pane: str) -> RowList[object]:
        """Return the list in a pane."""
        return cast("RowList[object]", getattr(self.desk.panes, pane))

    def on_key(self, event: events.Key) -> None:
        """Say where a key works that does nothing here; what a field gets is no key of ours."""
        if isinstance(self.focused, Input) and event.is_printable:
            return
        here, there = commands.of_key(event.key, self.pane, self.table)
        if there and not here:
            key = event.character if event.is_printable else event.key
            self._say_where(key or event.key, there)

    def say_where(self, action: str) -> bool:
        """Say where an action works that does nothing here; False where it does something."""
        command = next(c for c in self.table if c.action == action)
        if self.pane in command.panes:
            return False
        self._say_where(_(command.entry or command.title), command.panes)
        return True

    def _say_where(self, what: str, there: Collection[str]) -> None:
        self.say(works_in(what, there))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let a key mean what it means in the pane with the focus."""
        return commands.works(action, self.pane)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Follow the focus wherever it came from."""
        around, frames = event.widget.ancestors_with_self, self.desk.panes.frames
        pane = next((pane for pane, frame in frames.items() if frame in around), None)
        if pane is not None and pane != self.pane:
            if pane == "detail" and self.pane in {"memories", "transcript"}:
                self.detail_from = self.pane
            self.pane = pane
        if self.pane != self.led_to:
            self.led_to = ""
        if self.pane == "memories":  # where it is narrow they are seen from now on
            self.desk.row_words.check()
        self.show_place()

    def on_resize(self) -> None:
        """Arrange anew for the new size."""
        self.place_panes()

    def place_panes(self) -> None:
        """Show the panes that the size and the zoom leave room for."""
        self._arrange()
        visible = self.arrangement.visible(self.pane)
        frames = self.desk.panes.frames
        for pane, frame in frames.items():
            frame.display = pane in visible
        self._left.display = bool(visible & {"users", "conversations"})
        self._right.display = bool(visible & {"memories", "detail"})
        self.show_place()

    def _arrange(self) -> None:
        self.arrangement = Arrangement.of(self.app.size.width, zoomed=self.zoomed)
        for mode in ("single", "three", "four"):
            self.set_class(mode == self.arrangement.mode, mode)

    def remember(self) -> None:
        """Keep where one is for the next start."""
        desk = self.desk
        if desk.place is not None:
            state = ScreenState(
                subject=desk.place.subject,
                conversation_id=desk.place.conversation_id,
                pane=self.pane,
                user_order=desk.user_order,
                users_turned=desk.users_turned,
                zoomed=self.zoomed,
                questions=self._questions_now(),
            )
            self.session.leave(state.with_filter(desk.chosen))

    def _questions_now(self) -> str | None:
        """Return the file that the recall lab has its questions from, wherever the next start is."""
        if self.recalled is not None:
            self.questions_file = self.recalled.questions.file
        file = self.questions_file
        return str(Path(file).expanduser().absolute()) if file else None


def _prompt(pane: str) -> str:
    """Return what the empty filter of a pane shows."""
    if pane == "memories":
        return _("filter, such as: view:fact -tag:work tea")
    return _("find") if pane == "transcript" else _("filter")

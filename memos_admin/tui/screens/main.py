"""The main screen: who and where, what was said, what was made of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Input, Static

from memos_admin.backend.display import both_ends, one_line
from memos_admin.backend.model import Memory, Subject
from memos_admin.backend.times import now_ms
from memos_admin.tui import background, commands, lists, phrases
from memos_admin.tui.arrangement import LEAST_SIZE, OUT, Arrangement, following
from memos_admin.tui.crumbs import crumbs
from memos_admin.tui.desk import Desk, Panes
from memos_admin.tui.evidence import Lead
from memos_admin.tui.fetching import Fetching
from memos_admin.tui.lists import ConversationRow
from memos_admin.tui.screens.deeds import TITLES, Deeds, view_message
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.detail import Detail
from memos_admin.tui.widgets.line_view import LineView
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.widgets.status_line import KeyLine, StatusLine
from memos_admin.tui.widgets.transcript import Transcript

TICK = 20
"""Seconds after which ages are written anew."""


class MainScreen(Deeds, inherit_bindings=False):
    """Five panes over one project."""

    BINDINGS: ClassVar[list[BindingType]] = [*commands.bindings()]

    DEFAULT_CSS = """
    MainScreen {
        layers: base cover;
        & #crumbs { height: 1; padding: 0 1; display: none; color: $text-muted; }
        & #body { layout: horizontal; height: 1fr; }
        & .column { layout: vertical; height: 1fr; width: 1fr; }
        & Pane { height: 1fr; width: 1fr; }
        & #cover {
            layer: cover; display: none; width: 100%; height: 100%; background: $background;
            content-align: center middle; text-align: center;
        }
        &.three #left { width: 26%; max-width: 42; min-width: 28; }
        &.three #right { width: 36%; max-width: 60; min-width: 36; }
        &.three #detail-pane { height: 1.35fr; }
        &.four #left { width: 38; }
        &.four #transcript-pane { max-width: 100; }
        &.four #right { layout: horizontal; width: 43%; }
        &.four #detail-pane { width: 46; }
        &.single #crumbs { display: block; }
        &.small #cover { display: block; }
    }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
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
            panes.frames[pane] = Pane(title, view, id=f"{pane}-pane", prompt="filter")
        self.desk = Desk(session, panes)
        self.status = StatusLine(id="status")
        self.keys = KeyLine(id="keys")
        self.fetching = Fetching(self, session, self.status)
        self.pane = "users"
        self.detail_from = "memories"
        self.led_to = ""
        self.zoomed = False
        self.arrangement = Arrangement("three", too_small=False)

    def compose(self) -> ComposeResult:
        """Return the top line, the panes in three columns, and the keys."""
        frames = self.desk.panes.frames
        yield self.status
        yield Static(id="crumbs")
        with Container(id="body"):
            with Container(id="left", classes="column"):
                yield frames["users"]
                yield frames["conversations"]
            yield frames["transcript"]
            with Container(id="right", classes="column"):
                yield frames["memories"]
                yield frames["detail"]
        yield self.keys
        yield Static(id="cover")

    def on_mount(self) -> None:
        """Show the cache, and in a demo fill it."""
        self.status.set_project(self.session.name, self.session.host)
        self.place_panes()
        self.set_focus(self.view_of("users"))
        self.set_interval(TICK, self.redraw)
        self.work(self._first, "reload")

    async def _first(self) -> None:
        await self.desk.show_users()
        await self.desk.show_detail()
        if self.session.demo and not self.fetching.syncing:
            totals = await self.session.reader(lambda reads: reads.totals())
            if not totals.memories:
                self.fetching.sync()

    def work(self, do: background.Deed, group: str) -> None:
        """Run something in the background; a later one of the same group takes its place."""
        background.start(self, partial(self._guarded, do), group)

    async def _guarded(self, do: background.Deed) -> None:
        try:
            await do()
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self.fetching.failed(str(error) or type(error).__name__)

    def reload(self) -> None:
        """Read again what is shown, since the store has changed."""
        self.work(self._reload, "reload")

    async def _reload(self) -> None:
        await self.desk.reload()
        self.show_state()

    def redraw(self) -> None:
        """Write ages anew."""
        for pane in ("users", "conversations", "memories"):
            self.list_of(pane).redraw()
        self.desk.show_note()
        self.show_state()

    def say(self, text: str) -> None:
        """Tell a person something that needs no answer; the text is gated here."""
        self.notify(one_line(text, 200), markup=False, timeout=6)

    # -- where one is ----------------------------------------------------------------------------

    def view_of(self, pane: str) -> LineView:
        """Return the widget in a pane."""
        return cast("LineView", getattr(self.desk.panes, pane))

    def list_of(self, pane: str) -> RowList[object]:
        """Return the list in a pane."""
        return cast("RowList[object]", getattr(self.desk.panes, pane))

    def go_to(self, pane: str) -> None:
        """Give a pane the focus."""
        if pane == "detail" and self.pane in {"memories", "transcript"}:
            self.detail_from = self.pane
        self.pane = pane
        self.place_panes()
        self.set_focus(self.view_of(pane))

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
        self.show_place()

    def on_resize(self) -> None:
        """Arrange anew for the new size."""
        self.place_panes()

    def place_panes(self) -> None:
        """Show the panes that the size and the zoom leave room for."""
        width, height = self.app.size
        self.arrangement = Arrangement.of(width, height, zoomed=self.zoomed)
        for mode in ("single", "three", "four"):
            self.set_class(mode == self.arrangement.mode, mode)
        self.set_class(self.arrangement.too_small, "small")
        visible = self.arrangement.visible(self.pane)
        frames = self.desk.panes.frames
        for pane, frame in frames.items():
            frame.display = pane in visible
        self.query_one("#left").display = bool(visible & {"users", "conversations"})
        self.query_one("#right").display = bool(visible & {"memories", "detail"})
        cover = (
            f"{width}×{height} is too small.\nmemos-admin needs {LEAST_SIZE[0]}×{LEAST_SIZE[1]}."
        )
        self.query_one("#cover", Static).update(Content(cover))
        self.show_place()

    def show_place(self) -> None:
        """Say where one is, and what can be done there."""
        typing = isinstance(self.focused, Input)
        here = commands.while_filtering() if typing else self._footer()
        keys = [(c.shown.split()[0], c.title, c.action) for c in here]
        self.keys.show(keys, apart=not typing)
        self.show_state()
        if self.arrangement.mode == "single":
            self.query_one("#crumbs", Static).update(self._crumbs())

    def _footer(self) -> list[commands.Command]:
        here, lead = commands.footer(self.pane), self.desk.panes.detail.lead
        if self.pane != "detail":
            return here
        title = f"go to {lead.name}" if lead is not None else ""
        shown = (replace(c, title=title) if c.id == "enter" else c for c in here)
        return [command for command in shown if command.title]

    def _crumbs(self) -> Content:
        desk, pane = self.desk, self.pane
        beside = ("transcript", "memories") if pane in {"transcript", "memories"} else (pane,)
        ids = []
        if pane != "users" and desk.subject is not None:
            ids.append(desk.subject.ref.external_id)
        if pane not in {"users", "conversations"} and desk.scope is not None:
            ids.append(desk.scope.label)
        room = self.app.size.width - 2
        return crumbs([TITLES[p] for p in beside], TITLES[pane], ids, room)

    def show_state(self) -> None:
        """Say in the top line what is known and how old it is."""
        subject = self.desk.subject
        if self.fetching.busy:
            self.status.set_state("asking MemOS …")
        elif subject is None:
            self.status.set_state("")
        elif subject.synced_at is None:
            self.status.set_state(f"{both_ends(subject.ref.external_id, 30)} was never synced")
        else:
            age = phrases.ago(subject.synced_at, now_ms())
            self.status.set_state(f"{both_ends(subject.ref.external_id, 30)} · synced {age}")

    # -- what the panes tell ---------------------------------------------------------------------

    @on(RowList.Highlighted, "#users")
    def _user(self, event: RowList.Highlighted) -> None:
        self.work(partial(self._choose_user, cast("Subject | None", event.row)), "user")

    async def _choose_user(self, subject: Subject | None) -> None:
        await self.desk.choose_subject(subject)
        self.show_place()

    @on(RowList.Highlighted, "#conversations")
    def _conversation(self, event: RowList.Highlighted) -> None:
        row = cast("ConversationRow | None", event.row)
        self.work(partial(self.desk.choose_conversation, row), "conversation")

    @on(RowList.Highlighted, "#memories")
    def _memory(self, event: RowList.Highlighted) -> None:
        by_hand = event.by_hand and self.pane == "memories"
        row = cast("Memory | None", event.row)
        self.work(partial(self.desk.choose_memory, row, by_hand=by_hand), "memory")

    @on(Transcript.Highlighted)
    def _message(self, event: Transcript.Highlighted) -> None:
        shown = event.by_hand and self.pane == "transcript"
        self.work(partial(self.desk.choose_message, event.message, shown=shown), "message")

    @on(Transcript.Unfolded)
    def _unfolded(self, event: Transcript.Unfolded) -> None:
        self.work(partial(self.desk.unfold, event.message), "unfold")

    @on(Transcript.Entered)
    def _message_entered(self, event: Transcript.Entered) -> None:
        self.work(partial(view_message, self, event.message), "view")

    @on(RowList.Entered, "#users")
    def _user_entered(self, event: RowList.Entered) -> None:
        subject = cast("Subject", event.row)
        self.fetching.open_subject(subject.ref, seen=subject.synced_at)
        self.go_to("conversations")

    @on(RowList.Entered, "#conversations")
    def _conversation_entered(self, event: RowList.Entered) -> None:
        row = cast("ConversationRow", event.row)
        if row.conversation is None:
            self.go_to("memories")
            return
        self.fetching.open_conversation(row.conversation)
        self.go_to("transcript")

    @on(RowList.Entered, "#memories")
    def _memory_entered(self, event: RowList.Entered) -> None:
        memory = cast("Memory", event.row)
        self.work(partial(self.desk.choose_memory, memory, by_hand=True), "memory")
        self.go_to("detail")

    @on(Detail.Chosen)
    def _lead_chosen(self) -> None:
        detail = self.desk.panes.detail
        number = len(detail.leads)
        several = f"n next · {detail.chosen + 1} of {number} to go to" if number > 1 else ""
        self.desk.panes.frames["detail"].set_count(several)
        self.show_place()

    @on(Detail.Entered)
    def _lead_entered(self, event: Detail.Entered) -> None:
        self.work(partial(self._follow, event.lead), "lead")

    async def _follow(self, lead: Lead) -> None:
        if not await self.desk.follow(lead):
            self.say(f"{lead.name.capitalize()} is not among those shown.")
            return
        self.led_to = "transcript" if lead.to == "message" else "memories"
        self.go_to(self.led_to)

    @on(Pane.Filtered)
    def _filtered(self, event: Pane.Filtered) -> None:
        show = {
            "users-pane": self.desk.show_users,
            "conversations-pane": self.desk.show_conversations,
            "memories-pane": self.desk.show_memories,
        }.get(event.pane.id or "")
        if show is not None:
            self.work(show, f"filter {event.pane.id}")

    # -- what a person does ----------------------------------------------------------------------

    def action_next_pane(self) -> None:
        """Go to the next pane."""
        self.go_to(following(self.pane, 1))

    def action_previous_pane(self) -> None:
        """Go to the previous pane."""
        self.go_to(following(self.pane, -1))

    def action_pane_beside(self, side: str) -> None:
        """Go to the pane on a side."""
        self.go_to(self.arrangement.beside(self.pane, side))

    def action_move(self, lines: int) -> None:
        """Move in the focused pane."""
        self._focused().action_move(lines)

    def action_page(self, pages: int) -> None:
        """Move by pages in the focused pane."""
        self._focused().action_page(pages)

    def action_end(self, last: bool) -> None:
        """Move to an end of the focused pane."""
        self._focused().action_end(last)

    def _focused(self) -> Any:
        return self.view_of(self.pane)

    def action_enter(self) -> None:
        """Go in."""
        if self.pane == "memories" and not len(self.desk.panes.memories) and self.desk.elsewhere:
            self.work(self.desk.choose_all_memories, "elsewhere")
        else:
            self._focused().action_enter()

    def action_lead(self, step: int) -> None:
        """Choose the next or previous line of the detail that leads somewhere."""
        if self.pane == "detail":
            self.desk.panes.detail.choose(self.desk.panes.detail.chosen + step)

    def action_out(self) -> None:
        """Drop the last filter of the pane; else go back out."""
        frame = self.desk.panes.frames[self.pane]
        if frame.clear_filter():
            self.set_focus(self.view_of(self.pane))
        elif self.pane == "memories" and self.desk.drop_filter():
            self.work(self.desk.show_memories, "filter memories-pane")
        elif self.pane == self.led_to:  # back to where the lead was followed
            before, self.led_to = self.detail_from, ""
            self.go_to("detail")
            self.detail_from = before
        elif self.zoomed:
            self.action_zoom()
        else:
            self.go_to(self.detail_from if self.pane == "detail" else OUT.get(self.pane, self.pane))

    def action_zoom(self) -> None:
        """Give the pane the whole screen, and back."""
        self.zoomed = not self.zoomed
        self.place_panes()
        self.set_focus(self.view_of(self.pane))

    def action_filter(self) -> None:
        """Narrow the focused list."""
        if self.pane in commands.LISTS:
            self.desk.panes.frames[self.pane].open_filter()

    def action_keep_filter(self) -> None:
        """Go from the filter that is typed to the list."""
        self.desk.panes.frames[self.pane].keep_filter()

    def action_user_message(self, step: int) -> None:
        """Go to the next or previous message of the user."""
        if self.pane == "transcript":
            self.desk.panes.transcript.move_to_role(step)

    def action_unfold(self) -> None:
        """Unfold or fold a message."""
        if self.pane == "transcript":
            self.desk.panes.transcript.toggle_fold()

"""What follows from what the panes tell: a choice in one fills the next."""

from __future__ import annotations

from functools import partial
from typing import cast

from textual import on

from memos_admin.backend.model import Memory, Message, Subject
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.jobs import taking
from memos_admin.tui.jobs.evidence import Lead
from memos_admin.tui.rows.main import ConversationRow
from memos_admin.tui.widgets.crumb_line import CrumbLine
from memos_admin.tui.widgets.detail import Detail
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.widgets.transcript import Transcript


class Hearing(Acting, inherit_bindings=False):
    """Handlers of the panes' messages."""

    @on(RowList.Highlighted, "#users")
    def _user(self, event: RowList.Highlighted) -> None:
        self._chosen_by_hand(event.by_hand)
        self.work(
            partial(self._choose_user, cast("Subject | None", event.row)),
            "user",
            fills="conversations",
        )

    @on(RowList.Unread)
    def _unread(self, event: RowList.Unread) -> None:
        event.stop()
        self.failed(event.error)

    def _chosen_by_hand(self, by_hand: bool) -> None:
        """Let a choice of a person win over a place that is being opened."""
        if by_hand:
            self.hide()
            self.workers.cancel_group(self, "open")
            self.bound = None

    async def _choose_user(self, subject: Subject | None) -> None:
        await self.desk.choose_subject(subject)
        self.show_place()

    @on(RowList.Highlighted, "#conversations")
    def _conversation(self, event: RowList.Highlighted) -> None:
        self._chosen_by_hand(event.by_hand)
        row = cast("ConversationRow | None", event.row)
        self.work(partial(self.desk.choose_conversation, row), "conversation", fills="memories")

    @on(RowList.Highlighted, "#memories")
    def _memory(self, event: RowList.Highlighted) -> None:
        row, before = cast("Memory | None", event.row), self.desk.detail.memory
        # A filter that brings another memory under the cursor was a choice as well.
        another = row is not None and before is not None and row.pk != before.pk
        by_hand = self.pane == "memories" and (event.by_hand or another)
        if by_hand:
            self.hide()
        choose = partial(self.desk.choose_memory, row, by_hand=by_hand)
        self.work(choose, "memory", fills="transcript")

    @on(Transcript.Highlighted)
    def _message(self, event: Transcript.Highlighted) -> None:
        shown = event.by_hand and self.pane == "transcript"
        if event.by_hand:
            self.hide()
        choose = partial(self.desk.choose_message, event.message, shown=shown)
        self.work(choose, "message", fills="detail")

    @on(Transcript.Unfolded)
    def _unfolded(self, event: Transcript.Unfolded) -> None:
        self.work(partial(self.desk.reading.unfold, event.message), "unfold")

    @on(Transcript.Entered)
    def _message_entered(self, event: Transcript.Entered) -> None:
        self.work(partial(self._view_message, event.message), "view")

    async def _view_message(self, message: Message) -> None:
        about = taking.about_under(self.desk, "transcript")

        async def raw() -> None:
            self.view(*await taking.raw_message(self.desk, message), about)

        show_raw = partial(self.work, raw, "view")
        self.view(*await taking.whole_message(self.desk, message), about, show_raw)

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
        several = (
            _("{number} of {count} to go to").format(number=detail.chosen + 1, count=number)
            if number > 1
            else ""
        )
        self.desk.panes.frames["detail"].set_count(several)
        self.show_place()

    @on(Detail.Entered)
    def _lead_entered(self, event: Detail.Entered) -> None:
        self.work(partial(self._follow, event.lead), "lead")

    async def _follow(self, lead: Lead) -> None:
        if lead.place is not None and self.going.is_apart(lead.place):
            self.open(lead.place)
            return
        if not await self.going.follow(lead):
            name = f"{lead.name[:1].upper()}{lead.name[1:]}"
            self.say(_("{name} is not among those shown.").format(name=name))
            return
        self.led_to = "transcript" if lead.to == "message" else "memories"
        self.go_to(self.led_to, note=False)
        self.visits.go(self.here, led=True)

    @on(CrumbLine.Chosen)
    def _crumb_chosen(self, event: CrumbLine.Chosen) -> None:
        self.go_to(event.pane)

    @on(Pane.Filtered)
    def _filtered(self, event: Pane.Filtered) -> None:
        shows: dict[str, background.Deed] = {
            "users-pane": self.desk.show_users,
            "conversations-pane": self.desk.show_conversations,
            "memories-pane": partial(self._narrow_memories, event.text),
            "transcript-pane": partial(self.desk.find, go=True),
        }
        if event.pane.id in shows:
            pane = event.pane.id.removesuffix("-pane")
            self.work(shows[event.pane.id], f"filter {event.pane.id}", fills=pane)

    async def _narrow_memories(self, typed: str) -> None:
        await self.desk.typing.narrow(typed)
        self.show_state()

"""Moving about the panes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from memos_admin.language import gettext as _
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.layout.arrangement import OUT, following
from memos_admin.tui.widgets.entry import Entry
from memos_admin.tui.widgets.filter_field import FilterField


class MovingActions(Acting, inherit_bindings=False):
    """Within a pane, from one to the next, in and out."""

    def action_next_pane(self) -> None:
        """Go to the next pane; while a filter is typed: take what is offered, if anything is."""
        field = self.focused
        if isinstance(field, FilterField):
            field.action_take_offer()
        elif not isinstance(field, Entry):
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
        if (
            self.pane == "memories"
            and not len(self.desk.panes.memories)
            and self.desk.words.elsewhere
        ):
            place = self.desk.place
            self.open(replace(place, conversation_id=None, pane="memories") if place else None)
        elif self._under() is None:
            self.say(_("There is nothing here to open."))
        else:
            self._focused().action_enter()

    def _under(self) -> object:
        """Return what ``enter`` would open, None where there is no such thing."""
        panes = self.desk.panes
        if self.pane == "transcript":
            return panes.transcript.message
        if self.pane == "detail":
            return panes.detail.lead
        return self._focused().cursor_key

    def action_lead(self, step: int) -> None:
        """Choose the next or previous line of the detail that leads somewhere."""
        detail = self.desk.panes.detail
        if not detail.leads:
            self.say(_("There is nothing here to go to."))
        elif 0 <= detail.chosen + step < len(detail.leads):
            detail.choose(detail.chosen + step)
        else:
            last = _("This is the last one to go to.")
            self.say(last if step > 0 else _("This is the first one to go to."))

    def action_out(self) -> None:
        """Drop the last filter of the pane; else go back out."""
        frame = self.desk.panes.frames[self.pane]
        if frame.clear_filter(tell=self.pane != "memories"):
            self.set_focus(self.view_of(self.pane))
            if self.pane == "memories":  # as it was before it was typed
                self.desk.chosen = self.desk.typing.before
                self.show_state()
                self.work(self.desk.show_memories, "filter memories-pane", fills="memories")
        elif self.pane == "memories" and self.desk.drop_filter():
            self.show_state()
            self.work(self.desk.show_memories, "filter memories-pane", fills="memories")
        elif self.pane == self.led_to:  # back to where the lead was followed
            before, self.led_to = self.detail_from, ""
            self.go_to("detail")
            self.detail_from = before
        elif self.zoomed:
            self.zoom(False)
        else:
            self.go_to(self.detail_from if self.pane == "detail" else OUT.get(self.pane, self.pane))

    def action_user_message(self, step: int) -> None:
        """Go to the next or previous message of the user."""
        if not self.desk.panes.transcript.move_to_role(step):
            later = _("There is no later message of the user here.")
            self.say(later if step > 0 else _("There is no earlier message of the user here."))

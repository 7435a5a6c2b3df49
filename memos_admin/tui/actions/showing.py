"""What is shown of what is there: filters, order, folds, zoom, the raw JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import get_args

from textual import on

from memos_admin.backend.model import ConversationOrder, Filter, SubjectOrder
from memos_admin.backend.times import now_ms
from memos_admin.language import gettext as _
from memos_admin.tui import lists, narrowing, phrases, taking
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.widgets.columns import in_columns
from memos_admin.tui.widgets.row_list import RowList

Narrow = Callable[[Filter, str], Filter]
"""Returns a filter with what was chosen instead of what it had."""


class ShowingActions(Acting, inherit_bindings=False):
    """Narrowing, sorting, unfolding."""

    def action_zoom(self) -> None:
        """Give the pane the whole screen, and back."""
        self.zoom(not self.zoomed)

    def action_filter(self) -> None:
        """Narrow the focused list; in a text: find words in the messages."""
        if self.pane == "detail":
            self.go_to("transcript")
        self.desk.panes.frames[self.pane].open_filter()

    def action_keep_filter(self) -> None:
        """Go from the filter that is typed to the list."""
        self.desk.panes.frames[self.pane].keep_filter()

    def action_unfold(self) -> None:
        """Unfold or fold a message."""
        if not self.desk.panes.transcript.toggle_fold():
            self.say(_("This message is shown whole."))

    def action_pick_view(self) -> None:
        """Choose a view."""
        options = [
            ("", _("all views")),
            *((view, phrases.view_word(view)) for view in phrases.VIEWS),
        ]
        self.work(partial(self._pick, _("View"), options, narrowing.with_view), "pick")

    def action_pick_status(self) -> None:
        """Choose a status, or what is gone."""
        options = [
            ("", _("all")),
            *((status, phrases.full_status(status)) for status in phrases.STATUSES),
            (narrowing.GONE, _("gone: no longer listed")),
            (narrowing.LISTED, _("listed now")),
        ]
        self.work(partial(self._pick, _("Status"), options, narrowing.with_status), "pick")

    def action_pick_tag(self) -> None:
        """Choose a tag."""
        self.work(self._pick_tag, "pick")

    async def _pick_tag(self) -> None:
        query = self.desk.query
        wide = narrowing.with_tag(query, "")
        tags, whole = await self.desk.reader(
            lambda reads: (reads.tags(query), reads.memory_count(wide))
        )
        rows = [("", _("all tags"), whole), *((tag, tag, number) for tag, number in tags)]
        self._choose(
            _("Tag"), [(key, text, phrases.count(n)) for key, text, n in rows], narrowing.with_tag
        )

    async def _pick(self, title: str, options: list[tuple[str, str]], narrow: Narrow) -> None:
        """Let a person choose, beside how many memories each would leave."""
        query = self.desk.query
        filters = [narrow(query, key) for key, _text in options]
        numbers = await self.desk.reader(lambda reads: [reads.memory_count(f) for f in filters])
        rows = [
            (key, text, phrases.count(n)) for (key, text), n in zip(options, numbers, strict=True)
        ]
        self._choose(title, rows, narrow)

    def _choose(self, title: str, rows: list[tuple[str, str, str]], narrow: Narrow) -> None:
        from memos_admin.tui.screens.dialogs import Choice

        now = self.desk.chosen
        chosen = next((key for key, *_rest in rows if narrow(now, key) == now), None)
        texts = in_columns([(text, number) for _key, text, number in rows])
        options = [(key, text) for (key, *_rest), text in zip(rows, texts, strict=True)]

        def take(key: str | None) -> None:
            if key is not None:
                self._narrow(narrow(self.desk.chosen, key))

        self.app.push_screen(Choice(title, options, chosen=chosen), take)

    def action_pick_since(self) -> None:
        """Choose since when memories were updated."""
        from memos_admin.tui.screens.dialogs import Ask, Choice

        def chosen(key: str | None) -> None:
            if key == "date":
                text = _("Memories updated since a day, such as 2025-09-17, in your time zone.")
                self.app.push_screen(
                    Ask(_("Updated since"), text, prompt="2025-09-17", take=self._since_day)
                )
            elif key is not None:
                since = narrowing.days_ago(int(key), now_ms()) if key else None
                self._narrow(replace(self.desk.chosen, since=since))

        options = [
            ("", _("any time")),
            *((days, _(text)) for days, text in narrowing.PERIODS),
            ("date", _("since a day …")),
        ]
        self.app.push_screen(Choice(_("Updated"), options), chosen)

    async def _since_day(self, text: str) -> str:
        """Narrow to what was updated since a day; return why the text is none."""
        since = narrowing.day(text)
        if since is None:
            return _("That is no day. Write it as 2025-09-17.")
        self._narrow(replace(self.desk.chosen, since=since))
        return ""

    def _narrow(self, chosen: Filter) -> None:
        self.desk.chosen = chosen
        if self.pane != "memories":  # what was asked for is there
            self.go_to("memories")
        self.work(self.desk.show_memories, "filter memories-pane")

    def action_sort(self) -> None:
        """Order by the next."""
        desk, pane = self.desk, self.pane
        if pane == "users":
            self._sort_users(narrowing.following(get_args(SubjectOrder), desk.user_order))
        elif pane == "conversations":
            order = narrowing.following(get_args(ConversationOrder), desk.conversation_order)
            self._sort_conversations(order)
        else:
            self._narrow(narrowing.next_order(desk.chosen))

    def action_reverse(self) -> None:
        """Turn the order of the list round."""
        self._reverse(self.pane)

    def _reverse(self, pane: str) -> None:
        desk = self.desk
        if pane == "users":
            self._sort_users(desk.user_order, turned=not desk.users_turned)
        elif pane == "conversations":
            turned = not desk.conversations_turned
            self._sort_conversations(desk.conversation_order, turned=turned)
        else:
            self._narrow(replace(desk.chosen, descending=not desk.chosen.descending))

    def _sort_users(self, order: SubjectOrder, *, turned: bool = False) -> None:
        self.desk.user_order, self.desk.users_turned = order, turned
        self.work(self.desk.show_users, "filter users-pane")

    def _sort_conversations(self, order: ConversationOrder, *, turned: bool = False) -> None:
        self.desk.conversation_order, self.desk.conversations_turned = order, turned
        self.work(self.desk.show_conversations, "filter conversations-pane")

    @on(RowList.HeadingClicked)
    def _heading_clicked(self, event: RowList.HeadingClicked) -> None:
        self._sort_by(event.list.id or "", event.column)

    def _sort_by(self, pane: str, name: str) -> None:
        """Order a list by the column with this name, or turn that order round."""
        desk = self.desk
        if pane == "users" and (subjects := lists.subject_order(name)):
            if subjects == desk.user_order:
                self._reverse(pane)
            else:
                self._sort_users(subjects)
        elif pane == "conversations" and (conversations := lists.conversation_order(name)):
            if conversations == desk.conversation_order:
                self._reverse(pane)
            else:
                self._sort_conversations(conversations)
        elif pane == "memories" and (memories := lists.memory_order(name)):
            if memories == desk.chosen.order:
                self._reverse(pane)
            else:
                self._narrow(narrowing.ordered(desk.chosen, memories))

    def action_raw(self) -> None:
        """Show the service's JSON."""
        self.work(self._raw, "view")

    async def _raw(self) -> None:
        found = await taking.raw_under(self.desk, self.pane)
        if found is None:
            self.say(_("There is no message or memory here."))
        else:
            self.view(*found, taking.about_under(self.desk, self.pane))

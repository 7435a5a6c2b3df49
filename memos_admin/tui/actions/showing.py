"""What is shown of what is there: filters, order, folds, zoom, the raw JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import get_args

from textual import on

from memos_admin.backend.history import as_of
from memos_admin.backend.model import ConversationOrder, Filter, Reads, SubjectOrder
from memos_admin.backend.times import now_ms
from memos_admin.backend.view_words import VIEWS
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.jobs import taking
from memos_admin.tui.rows import main as lists
from memos_admin.tui.widgets.columns import in_columns
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.words import narrowing, phrases
from memos_admin.tui.words.failures import said_by

Narrow = Callable[[Filter, str], Filter]
"""Returns a filter with what was chosen instead of what it had."""

Options = Sequence[tuple[str, str]]
"""What can be chosen: keys and texts."""

Rows = Sequence[tuple[str, str, str]]
"""The same with a number each."""

MOST_READINGS = 5
"""Readings that are offered as instants of the past."""

COUNTED_AT_ONCE = 20_000
"""Memories of a user that are counted while a person waits for what can be chosen."""


class ShowingActions(Acting, inherit_bindings=False):
    """Narrowing, sorting, unfolding."""

    def action_zoom(self) -> None:
        """Give the pane the whole screen, and back."""
        self.zoom(not self.zoomed)

    def action_filter(self) -> None:
        """Narrow the focused list; in a text: find words in the messages."""
        if self.pane == "detail":
            self.go_to("transcript")
        frame = self.desk.panes.frames[self.pane]
        if self.pane == "memories":
            if not frame.is_filtering:
                self.desk.typing.before = self.desk.chosen
            frame.open_filter(narrowing.typed(self.desk.chosen))
        else:
            frame.open_filter()

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
            *((view, phrases.view_word(view)) for view in VIEWS),
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
        known = [("", _("all tags")), *((tag, tag) for tag in sorted(query.tags))]
        await self._choose(_("Tag"), known, partial(_tags, query), narrowing.with_tag)

    async def _pick(self, title: str, options: Options, narrow: Narrow) -> None:
        filters = [narrow(self.desk.query, key) for key, _text in options]
        await self._choose(title, options, partial(_beside, options, filters), narrow)

    async def _choose(
        self, title: str, known: Options, count: Callable[[Reads], Rows], narrow: Narrow
    ) -> None:
        """Let a person choose, beside how many memories each would leave.

        Of a user with very many that is said when they are counted.

        Args:
            title: of what is chosen.
            known: what can be chosen in any case.
            count: returns all that can be, with the numbers.
            narrow: what a choice means.
        """
        from memos_admin.tui.screens.dialogs import Choice

        subject, now = self.desk.subject, self.desk.chosen
        many = subject is not None and subject.memories > COUNTED_AT_ONCE
        if many:
            rows: Rows = [(key, text, "…") for key, text in known]
        else:
            rows = await self.desk.reader(count)
        chosen = next((key for key, *_rest in rows if narrow(now, key) == now), None)

        def take(key: str | None) -> None:
            self.workers.cancel_group(self, "pick")
            if key is not None:
                self._narrow(narrow(self.desk.chosen, key))

        dialog = Choice(title, _lines(rows), chosen=chosen)
        await self.open_prepared(dialog, take)
        if many and dialog.is_attached:
            lines = _lines(await self.desk.reader.aside(count))
            if dialog.is_attached:
                dialog.renew(lines)

    def action_pick_since(self) -> None:
        """Choose since when memories were updated."""
        from memos_admin.tui.screens.dialogs import Ask, Choice, example

        def chosen(key: str | None) -> None:
            if key == "date":
                text = _("Memories updated since a day, such as 2025-09-17, in your time zone.")
                self.app.push_screen(
                    Ask(
                        _("Updated since"), text, prompt=example("2025-09-17"), take=self._since_day
                    )
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

    def action_pick_as_of(self) -> None:
        """Choose as of when memories are shown; what is typed meanwhile is for that."""
        self.work(self._pick_as_of, "pick")

    async def _pick_as_of(self) -> None:
        from memos_admin.tui.screens.dialogs import Ask, Choice, example

        ref = self.desk.subject.ref if self.desk.subject is not None else None
        readings = await self.desk.reader(as_of.readings, ref, MOST_READINGS)
        told = [narrowing.then(at) for at in readings]
        times = [
            (
                str(at),
                _("the reading of {time}").format(time=text if told.count(text) == 1 else exactly),
            )
            for at, text, exactly in zip(
                readings, told, map(narrowing.exactly, readings), strict=True
            )
        ]
        now = self.desk.chosen.as_of
        known = "" if now is None else str(now)
        if now is not None and now not in readings:
            times = [(known, _("as of {time}").format(time=narrowing.exactly(now))), *times]
        options = [
            ("", _("as they are now")),
            *times,
            *(
                (f"-{days}", _("{period} ago").format(period=_(text)))
                for days, text in narrowing.PERIODS
            ),
            ("date", _("at a time …")),
        ]

        def chosen(key: str | None) -> None:
            if key == "date":
                text = _(
                    "The memories as this store knew them then: a day (its beginning) or a time, such as "
                    "2026-11-12 14:30, in your time zone; or how long ago, such as 36h or 10d."
                )
                self.app.push_screen(
                    Ask(_("As of"), text, prompt=example("2026-11-12 14:30"), take=self._as_of_time)
                )
            elif key is not None:
                self._show_as_of(narrowing.moment(key, now_ms()))

        text = _(
            "Only the memories are shown as of then; users, conversations and messages as now. A time "
            "can be typed at once."
        )
        dialog = Choice(_("As of"), options, text=text, chosen=known, at="", take=self._as_of_time)
        await self.open_prepared(dialog, chosen)

    async def _as_of_time(self, text: str) -> str:
        """Show the memories as of a time; return why the text is none."""
        try:
            moment = narrowing.past(text)
        except ValueError as error:
            return said_by(error)
        self._show_as_of(moment)
        return ""

    def _show_as_of(self, moment: int | None) -> None:
        if self.pane == "users":  # it is asked of the user, not of the conversation that is ahead
            self.desk.panes.conversations.move_to_key(lists.ALL_MEMORIES)
        self._narrow(replace(self.desk.chosen, as_of=moment))
        self.show_state()
        if moment is None:
            self.say(_("The memories are shown as they are now."))
        else:
            text = _(
                "{key} and enter go back to now; what cannot be known of then stands in the detail."
            )
            self.say(text.format(key=self.key("pick_as_of")))

    def action_versions(self) -> None:
        """Go through the versions of the memory."""
        from memos_admin.tui.screens.versions import VersionsScreen

        about = taking.about_under(self.desk, self.pane)
        if about is None or about.memory_id is None:
            self.say(_("There is no memory here."))
        else:
            as_of = self.desk.chosen.as_of
            self.app.push_screen(VersionsScreen(self.session, about.memory_id, as_of))

    def _narrow(self, chosen: Filter) -> None:
        self.desk.chosen = chosen
        if self.pane != "memories":  # what was asked for is there
            self.go_to("memories")
        self._narrowed("memories", self.desk.show_memories)

    def _narrowed(self, pane: str, show: background.Deed) -> None:
        """Fill a list with what it is narrowed to or ordered by now."""
        self.work(show, f"filter {pane}-pane", fills=pane)

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
        self._narrowed("users", self.desk.show_users)

    def _sort_conversations(self, order: ConversationOrder, *, turned: bool = False) -> None:
        self.desk.conversation_order, self.desk.conversations_turned = order, turned
        self._narrowed("conversations", self.desk.show_conversations)

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
        about = taking.about_under(self.desk, self.pane)  # of what is under the cursor now
        found = await taking.raw_under(self.desk, self.pane)
        if found is None:
            self.say(_("There is no message or memory here."))
        else:
            self.view(*found, about)


def _tags(query: Filter, reads: Reads) -> Rows:
    """Return the tags of what a filter names without its own."""
    whole = reads.memory_count(narrowing.with_tag(query, ""))
    tags = [(tag, tag, phrases.count(number)) for tag, number in reads.tags(query)]
    return [("", _("all tags"), phrases.count(whole)), *tags]


def _beside(options: Options, filters: Sequence[Filter], reads: Reads) -> Rows:
    """Return options beside how many memories their filters name."""
    return [
        (key, text, phrases.count(reads.memory_count(query)))
        for (key, text), query in zip(options, filters, strict=True)
    ]


def _lines(rows: Rows) -> list[tuple[str, str]]:
    """Return keys and lines."""
    texts = in_columns([(text, number) for _key, text, number in rows])
    return [(key, line) for (key, *_rest), line in zip(rows, texts, strict=True)]

"""What changed: memories added, changed, gone and back, and new messages, latest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, cast

from textual.binding import Binding, BindingType

from memos_admin.backend.display import called, one_line
from memos_admin.backend.filter_language import refused
from memos_admin.backend.history.changes import KINDS, MOST_RUNS, PERIODS, WORDS, ChangeKind
from memos_admin.backend.model import Reads, SubjectRef, SyncRun
from memos_admin.backend.times import now_ms
from memos_admin.language import N_, counted
from memos_admin.language import gettext as _
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.desk.place import Place
from memos_admin.tui.filters_memories import FILTER, FiltersMemories, Narrowed
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.rows.changes import (
    COLUMNS,
    CONVERSATION,
    MOST,
    OF_ONE,
    ChangeRow,
    Changes,
    Span,
)
from memos_admin.tui.screens.dialogs import Ask, Choice, example
from memos_admin.tui.screens.follows_store import FollowsStore
from memos_admin.tui.screens.over_list import MOVES, FramedList, Keys
from memos_admin.tui.screens.syncs import SyncsScreen, shortly_whose
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.words import narrowing, phrases
from memos_admin.tui.words.command_line import of_changes
from memos_admin.tui.words.failures import said_by


class ChangesScreen(
    FiltersMemories,
    CopiesCommand,
    FollowsStore[Place | None],
    FramedList[Place | None],
    inherit_bindings=False,
):
    """Returns where what was chosen can be seen; None where a person left."""

    reading = N_("Looking for changes …")
    unreadable = N_("The changes cannot be read: {error}")
    reads_in = "changes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("right,p", "period(1)", show=False),
        Binding("left,P", "period(-1)", show=False),
        Binding("u", "whose", show=False),
        Binding("v", "kind", show=False),
        Binding("d", "since", show=False),
        Binding("r", "again", show=False),
        Binding("l", "log", show=False),
        Binding("x", "stop", show=False),
        COPY,
        *FILTER,
        *MOVES,
    ]
    KEYS: ClassVar[Keys] = (
        ("enter", N_("open"), "enter"),
        ("←→", N_("period"), "period(1)"),
        ("u", N_("this user, everyone"), "whose"),
        ("l", N_("syncs"), "log"),
        ("v", N_("kind"), "kind"),
        ("d", N_("since"), "since"),
        ("/", N_("filter"), "filter"),
        ("'", N_("saved filters"), "saved_filters"),
        ("escape", N_("back"), "leave"),
    )

    def __init__(
        self,
        session: Session,
        subject: SubjectRef | None,
        span: Span | None = None,
        *,
        as_of: int | None = None,
    ) -> None:
        """Take the project, and the user that is chosen there: the changes begin with its own.

        Args:
            session: the project.
            subject: the user.
            span: the time to begin with; None: the latest sync that found a change.
            as_of: where a time without an end of its own ends; None: now.
        """
        super().__init__()
        self._session, self._chosen, self.state = session, subject, Narrowed()
        self._period, self._span, self._as_of = 0, span, as_of
        self._kinds: Sequence[ChangeKind] = KINDS
        self._run: SyncRun | None = None
        self._named: dict[tuple[object, ...], int] = {}
        self._list = RowList[Any](COLUMNS, lambda row: row.key, id="changes", least=24)
        self._pane = Pane(
            _("Changes"),
            self._list,
            id="changes-pane",
            prompt=_("filter, such as: view:fact -tag:work tea"),
            offer=self.offers,
        )

    def refused(self) -> dict[str, str]:
        """Return the fields of the language that do not apply here, with a sentence on why."""
        return super().refused() | refused("changes")

    def narrowed_anew(self) -> None:
        """Show the changes of the memories that the filter names."""
        self.action_again()

    def _source(self) -> Any:
        """Return what is listed."""
        return Changes(
            PERIODS[self._period][1],
            self._ref,
            self._run,
            self._span,
            self._kinds,
            self._as_of,
            self._named,
            within=self.chosen,
        )

    def _columns(self) -> Sequence[Column[Any]]:
        return COLUMNS if self._ref is None else OF_ONE

    @property
    def title_parts(self) -> tuple[str, ...]:
        """The title, which says whom it is about."""
        whom = _("everyone") if self._ref is None else called(self._ref)
        title = _("Changes found · {period} · {whose}")
        return (title.format(period=self._period_name(), whose=one_line(whom, 40)),)

    async def _show(self) -> None:
        ref = self._ref
        self.say_whose()
        with self.reads() as whose:
            self._list.set_columns(self._columns())
            if not await self.list_rows(whose, self._source()):
                return
            self._session.journaling.shown("changes", ref)
            self._pane.set_count(self._told(self._number))
            self._say()
            self._pane.set_empty("" if len(self._list) else self._nothing())

    async def read_anew(self) -> None:
        """Read again what is shown; of a sync also how far it is, and whom it names by now."""
        with self.reads():
            if (run := self._run) is not None:
                now = await self._session.reader(_run_now, run)
                self._run = now if self._run is run else self._run
        await self._show()

    @property
    def _number(self) -> int:
        """How many changes are listed."""
        return len(self._list)

    def _told(self, number: int) -> str:
        """Return how many changes are listed, in words."""
        if number == MOST:
            return _("the latest {count}").format(count=phrases.count(number))
        return counted(number, "{count} change", "{count} changes") if number else ""

    def _say(self) -> None:
        """Say what narrows the list, and the conversation of the row where it has no column."""
        parts = [Part(_(WORDS[kind])) for kind in self._kinds if self._narrowed]
        if self._is_filtered:
            parts += narrowing.chips(self.chosen)
        if narrowing.wider(within := replace(self.chosen, subject=None)) != within:
            parts.append(
                Part(_("of memories alone, as they are now"), (_("of memories alone"), ""))
            )
        self._pane.set_note([*parts, *self._of_row()])

    def _of_row(self) -> list[Part]:
        """Return the conversation of the row where it has no column."""
        row = self._list.row
        if row is None or self._list.shows(CONVERSATION):
            return []
        return [Part(_("this row: {what}").format(what=row.conversation))]

    def on_row_list_highlighted(self) -> None:
        """Say what the row is about."""
        self._say()

    def on_resize(self) -> None:
        """Say what there is no column for any more, and no more what there is one for."""
        self.call_after_refresh(self._say)

    def _period_name(self) -> str:
        """Return the words for what is shown."""
        if (run := self._run) is not None:
            return _("the sync of {whose}, {age}").format(
                whose=one_line(shortly_whose(run), 40), age=phrases.ago(run.started_at, now_ms())
            )
        span = self._span
        name = _(PERIODS[self._period][0]) if span is None else span.name
        if self._as_of is None or (span is not None and span.until is not None):
            return name
        return _("{period}, until then").format(period=name)  # the top line tells when

    def _nothing(self) -> str:
        if self._session.standing.progress is not None:
            return _("A sync is running. What it finds appears here.")
        if self._is_filtered:
            return _("No change was found then of a memory that passes. escape drops the filter.")
        if self._run is not None:
            return _("This sync found no change that is still here. Press l for the others.")
        if self._narrowed:
            return _("No such change was found then. escape drops the kind.")
        if self._span is not None:
            return _("Nothing was found to have changed then. → shows another period.")
        if PERIODS[self._period][1] is not None:
            text = _("Nothing was found to have changed within {period}.")
        elif self._ref is not None:
            text = _(
                "No sync has found a change here lately. Press → for a period, u for everyone, l for the "
                "syncs."
            )
        else:
            text = _("No sync has found a change lately. Press → for a period, l for the syncs.")
        return text.format(period=_(PERIODS[self._period][0]))

    def action_period(self, step: int) -> None:
        """Choose the next or previous period."""
        step = 0 if self._span is not None else step
        self._period, self._run, self._span = (self._period + step) % len(PERIODS), None, None
        self.action_again()

    @property
    def _narrowed(self) -> bool:
        return len(self._kinds) < len(KINDS)

    @property
    def _is_filtered(self) -> bool:
        return narrowing.wider(self.chosen) != self.chosen

    def action_kind(self) -> None:
        """Choose one kind of changes, or all."""
        options = [("", _("all kinds")), *((kind, _(WORDS[kind])) for kind in KINDS)]

        def chosen(key: str | None) -> None:
            if key is not None:
                self._kinds = [kind for kind in KINDS if key in ("", kind)]
                self.action_again()

        now = self._kinds[0] if self._narrowed else ""
        self.app.push_screen(Choice(_("Kind"), options, chosen=now), chosen)

    def action_since(self) -> None:
        """Ask since when changes are shown."""
        text = _(
            "Changes found since a day or a time, such as 2026-11-12 or 2026-11-12 14:30, in your time "
            "zone; or how long ago, such as 36h or 10d."
        )
        self.app.push_screen(
            Ask(_("Since"), text, prompt=example("2026-11-12"), take=self._take_since)
        )

    async def _take_since(self, text: str) -> str:
        """Show the changes since a time; return why the text is none."""
        try:
            since = narrowing.past(text)
        except ValueError as error:
            return said_by(error)
        self._run = None
        self._span = Span(since, None, _("since {time}").format(time=narrowing.then(since)))
        self.action_again()
        return ""

    def action_log(self) -> None:
        """Choose a sync, and show what it found."""

        def chosen(run: SyncRun | None) -> None:
            if run is not None:
                self._run, self._span = run, None
                self.action_again()

        self.app.push_screen(SyncsScreen(self._session), chosen)

    def action_stop(self) -> None:
        """Stop the syncs that run."""
        if self._session.standing.progress is not None:
            self._session.standing.stop()

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        """Open a row."""
        self._open(event.row)

    def _open(self, row: Any) -> None:
        self.dismiss(cast("ChangeRow", row).place)

    def command(self) -> CommandOf | str:
        """Return the command for the changes of this time."""
        run, span, ref = self._run, self._span, self._ref
        then = None if self._as_of is None else self._as_of + 1
        source, length = self._list.source, PERIODS[self._period][1]
        if run is not None:
            since, until = run.started_at, None if run.finished_at is None else run.finished_at + 1
        elif span is not None:
            since, until = span.since, then if span.until is None else span.until
        elif length is not None:
            since, until = (now_ms() if self._as_of is None else self._as_of) - length, then
        elif isinstance(source, Changes) and source.first is not None:
            since, until = source.first, then
        elif source is None:
            return _("Nothing was read yet.")
        else:
            return _("There is no change here that a command could list.")
        kinds = list(self._kinds) if self._narrowed else []
        return CommandOf(of_changes(ref, since, until, kinds, self.chosen), ref)

    def action_leave(self) -> None:
        """Drop the kind, then the filter, then go back."""
        if self._narrowed and not self._pane.is_filtering:
            self._kinds = KINDS
            self.action_again()
        elif not self.drop_filter():
            self.dismiss(None)


def _run_now(reads: Reads, run: SyncRun) -> SyncRun | None:
    """Return a sync as it is by now; None: whom alone it was about is gone from here."""
    return next((one for one in reads.runs(MOST_RUNS) if one.pk == run.pk), None)

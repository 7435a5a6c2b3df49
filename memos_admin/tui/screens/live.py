"""What a watch has found since it began, and the tasks that are followed, while they go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from memos_admin.backend.history.changes import WORDS
from memos_admin.backend.ids.from_paste import read_id
from memos_admin.language import N_, counted, sentences
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.copies_command import COPY, CommandOf
from memos_admin.tui.filters_memories import FILTER
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.rows.changes import Span
from memos_admin.tui.rows.live import (
    FOOT,
    Followed,
    FoundChanges,
    LiveRow,
    LiveRows,
    TaskRow,
    columns,
    words_of,
)
from memos_admin.tui.screens.changes import ChangesScreen
from memos_admin.tui.screens.dialogs import Ask
from memos_admin.tui.screens.over_list import MOVES, Keys, shown_keys
from memos_admin.tui.session import Session
from memos_admin.tui.telling import tell
from memos_admin.tui.widgets.status_line import KeyLine
from memos_admin.tui.words import narrowing, phrases
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.tui.jobs.watching import Watching


class LiveScreen(ChangesScreen, inherit_bindings=False):
    """Returns where what was chosen can be seen; None where a person left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+w", "leave", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("t", "task", show=False),
        Binding("x", "stop", show=False),
        Binding("v", "kind", show=False),
        Binding("r", "again", show=False),
        COPY,
        *FILTER,
        *MOVES,
    ]
    KEYS: ClassVar[Keys] = (
        ("enter", N_("open"), "enter"),
        ("x", N_("end the watch"), "stop"),
        ("t", N_("follow a task"), "task"),
        ("v", N_("kind"), "kind"),
        ("/", N_("filter"), "filter"),
        ("'", N_("saved filters"), "saved_filters"),
        ("escape", N_("back, it goes on"), "leave"),
    )
    explained = (
        (N_("task"), N_("followed to its end; below it the memories that came of it")),
        ("?", N_("MemOS counts what a task did, and does not say it of each memory: a guess")),
    )

    def __init__(self, session: Session, watching: Watching) -> None:
        """Take the project, and the watch."""
        since = watching.since or 0
        name = _("since {time}").format(time=narrowing.then(since))
        super().__init__(session, watching.ref, Span(since, None, name))
        self._watching, self._news, self.whom_about = watching, -1, watching.ref

    def _source(self) -> Any:
        changes = FoundChanges(
            None,
            self._ref,
            span=self._span,
            kinds=self._kinds,
            named=self._named,
            within=self.chosen,
            found=tuple(self._watching.found),
        )
        shows_tasks = not (self._narrowed or self._is_filtered)
        return LiveRows(changes, tuple(self._watching.tasks) if shows_tasks else ())

    @property
    def _number(self) -> int:
        """How many changes are listed; tasks are none."""
        return sum(key >= 0 for key in self._list.keys)

    def _told(self, number: int) -> str:
        """Return how many changes are listed, in words, and of how many where not all are kept."""
        kept, found = len(self._watching.found), self._watching.number
        if kept == found:
            return counted(number, "{count} change", "{count} changes") if number else ""
        of = _("the latest {count} of {total}")
        if number < kept:
            of = _("{number} in the latest {count} of {total}")
        return of.format(
            number=phrases.count(number), count=phrases.count(kept), total=phrases.count(found)
        )

    def _columns(self) -> Any:
        return columns(of_one=self._ref is not None)

    def _follow(self) -> None:
        """Show what was found meanwhile, and when it asks next."""
        if self._news != self._watching.news:
            self._news = self._watching.news
            self.action_again()
        else:
            self._say()

    def on_row_list_highlighted(self) -> None:
        """Say below the list which words the change has brought."""
        super().on_row_list_highlighted()
        background.start(self, self._tell_words, "words")

    async def _show(self) -> None:
        await super()._show()
        await self._tell_words()

    async def _tell_words(self) -> None:
        key, row = self._list.cursor_key, self._list.row
        try:
            said = await self._session.reader(words_of, row)
        except Exception as error:  # noqa: BLE001 - the rows say what they say without it
            said = _("The words cannot be read: {error}").format(error=said_by(error))
        if key == self._list.cursor_key:
            self._pane.set_foot(said, FOOT if row is not None else 0)

    def _say(self) -> None:
        """Say when it asks next and whom it watches, and what narrows the list."""
        first, *others = self._watching.plan or (_("nothing is watched now"),)
        self.query_one("#keys", KeyLine).show(shown_keys(self._keys))
        # What it costs at most was said when it began, as was whom it watches; when it asks next changes.
        parts = [Part(first), *(Part(one, ("",), -at) for at, one in enumerate(others, 1))]
        parts += [Part(_(WORDS[kind])) for kind in self._kinds if self._narrowed]
        parts += narrowing.chips(self.chosen) if self._is_filtered else []
        self._pane.set_note([*parts, *self._of_row()])

    @property
    def _keys(self) -> Keys:
        """The keys at the bottom: where nothing is watched, nothing is ended, and nothing goes on."""
        keys = {key[-1]: key for key in self.KEYS}
        if self._running_task is not None:
            keys["stop"] = ("x", N_("end the task"), "stop")
        elif not self._watching.on:
            del keys["stop"]
        if not self._watching.on and not self._watching.follows:
            keys["leave"] = ("escape", N_("back"), "leave")
        return list(keys.values())

    @property
    def _running_task(self) -> Followed | None:
        """The task under the cursor, None where that is none, or has ended."""
        row = self._list.row
        return row.of if isinstance(row, TaskRow) and row.of.runs else None

    def _nothing(self) -> str:
        if self._is_filtered or self._narrowed:
            return _("Nothing that passes was found yet. escape drops what narrows the list.")
        if not self._watching.on:
            return _("It found nothing.")
        return _("Nothing was found to have changed yet. t follows a task of MemOS by its id.")

    def _open(self, row: LiveRow) -> None:
        """Open a memory or conversation."""
        if row.place is not None:
            self.dismiss(row.place)
        elif isinstance(row, TaskRow):
            told = _("MemOS does not say where this memory is.") if row.came else row.state
            tell(self, told)

    def command(self) -> CommandOf | str:
        """Return the command for what was found; a command that goes on would tell what is found from now on."""
        found = super().command()
        if isinstance(found, str):
            return found
        lacks = _(
            "It lists what was found since then; memos-admin watch tells what is found from now on."
        )
        others = _("It lists everyone's, also of whom is not watched.") if not self._ref else ""
        return found._replace(lacks=sentences(lacks, others))

    def action_stop(self) -> None:
        """Follow the task under the cursor no more; elsewhere end the watch, and what it found stays here."""
        if (task := self._running_task) is not None:
            self._watching.end(task)
            self.action_again()
        elif self._watching.on:
            self._watching.stop()
        self._say()

    def action_task(self) -> None:
        """Ask which task to follow."""
        ask_task(self.app, self._watching)


def ask_task(app: Any, watching: Watching) -> None:
    """Ask for the id of a task, and follow it."""

    async def take(text: str) -> str:
        task_id = read_id(text).id
        if not task_id:
            return _("This is no id.")
        watching.follow(task_id)
        return ""

    text = _(
        "Adding messages and feedback answer with the id of a task. It is asked for until it has ended, and "
        "then for the memories that came of it."
    )
    app.push_screen(Ask(_("Follow a task"), text, prompt=_("id of the task"), take=take))

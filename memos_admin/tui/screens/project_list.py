"""The list of projects, and everything that is known of the one under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from memos_admin.backend.display import pad, printable
from memos_admin.backend.model import Reads
from memos_admin.backend.times import now_ms
from memos_admin.backend.wrapping import wrap
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.jobs.project_states import ProjectStates
from memos_admin.tui.reader import Reader
from memos_admin.tui.rows.projects import COLUMNS, ProjectRow, ProjectRows, facts
from memos_admin.tui.screens.over_list import OverList, help_key
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.widgets.status_line import KeyLine, StatusLine
from memos_admin.tui.words import phrases
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.tui.app import MemosAdmin

_LABEL = 12
"""Cells of the names of facts."""

_NOTHING = N_("No project yet.\n\nPress a to connect one.")


class ProjectList(CopiesCommand, OverList[None], inherit_bindings=False):
    """Shows the projects at once, and what is found out about each as it is found."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("r", "again", show=False),
        COPY,
        Binding("x", "stop", show=False),
        Binding("down,ctrl+n,j", "move(1)", show=False),
        Binding("up,ctrl+p,k", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("ctrl+d", "about(1)", show=False),
        Binding("ctrl+u", "about(-1)", show=False),
        Binding("home,g", "end(False)", show=False),
        Binding("end,G", "end(True)", show=False),
        Binding("question_mark", "keys", show=False),
    ]
    DEFAULT_CSS = """
    ProjectList {
        & #projects-pane { height: 1fr; min-height: 6; }
        & #about {
            height: auto; max-height: 60%; padding: 0 2; margin: 1 0; scrollbar-size-vertical: 1;
        }
        & #about Static { height: auto; }
        & #message { margin-bottom: 1; display: none; }
        & #message.failed { color: $text-error; }
    }
    ProjectList.-low #about, ProjectList.-lowest #about { margin: 0; }
    ProjectList.-lowest #about { max-height: 50%; }
    ProjectList.-lowest #projects-pane { min-height: 4; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-lowest"), (20, "-low"), (30, "-high")]  # noqa: RUF012 - as Textual declares it

    def __init__(self, home: Home, session: Session | None) -> None:
        """Take where projects live, and the one that is open; None: there is none."""
        super().__init__()
        self._home, self._session = home, session
        self._states = ProjectStates(home)
        self._reader = Reader(lambda: cast("Reads", None))  # the rows are in memory
        self._list = RowList[ProjectRow](COLUMNS, lambda row: row.key, id="projects", least=12)
        self._pane = Pane(_("Projects"), self._list, id="projects-pane")
        self._status = StatusLine(id="status", standing=session.standing if session else None)
        self._keys = KeyLine(id="keys")
        self._message, self._facts = Static(id="message"), Static(id="facts")
        self._busy = False

    def compose(self) -> ComposeResult:
        """Return the list, what is known of one project, and the keys."""
        yield self._status
        yield self._pane
        with VerticalScroll(id="about", can_focus=False):
            yield self._message
            yield self._facts
        yield self._keys

    def on_mount(self) -> None:
        """Show the projects; what is found out about them comes as it is found."""
        if self._session is not None:
            self._status.set_project(self._session.name, self._session.host)
        self._pane.set_count(_("u makes it the default · r looks again"))
        self.set_focus(self._list)
        self.action_again()

    def on_unmount(self) -> None:
        """Let the list's thread end."""
        self._reader.close()

    def command(self) -> CommandOf:
        """Return the command for the list: of all projects, whichever is open."""
        return CommandOf(["projects", "list", "--limit=0"])

    def action_stop(self) -> None:
        """Stop the syncs of the open project."""
        if self._session is not None and self._session.standing.progress is not None:
            self._session.standing.stop()

    @property
    def _app(self) -> MemosAdmin:
        return cast("MemosAdmin", self.app)

    # -- showing ---------------------------------------------------------------------------------

    def action_again(self) -> None:
        """Read which projects there are, and look at each again."""
        background.start(self, self._read, "read", awaited=True)

    async def _read(self) -> None:
        try:
            await self._states.read()
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            correct = _("Correct that, then press r.")
            self._pane.set_empty(f"{printable(said_by(error))}\n\n{correct}")
            self._facts.update("")
            return
        for project in self._states.listing.named:
            self._app.changed_project(
                project
            )  # what may be done in it may be something else by now
        if self._states.listing.problem:
            self._say(self._states.listing.problem, failed=True)
        await self._show()
        background.start(self, self._look_at_stores, "stores")
        background.start(self, self._look_for_keys, "keys")

    async def _look_at_stores(self) -> None:
        await self._states.look_at_stores(self._session, self._changed)

    async def _look_for_keys(self) -> None:
        await self._states.look_for_keys(self._changed)

    def _changed(self) -> None:
        background.start(self, self._show, "show")

    async def _show(self) -> None:
        app = self._app
        rows = self._states.rows(
            self._session, app.given_keys, demo=app.demo_opened and app.open_demo is not None
        )
        first = [row.key for row in rows if row.open]
        await self._list.load(self._reader, ProjectRows(rows), prefer=first)
        self._pane.set_title(_("Projects"), phrases.count(len(rows)))
        self._pane.set_empty("" if rows else _(_NOTHING))
        self._show_keys()

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        """Say everything of the project under the cursor."""
        if event.by_hand:
            self._say("")
        self._show_facts()
        self._show_keys()

    def _show_facts(self) -> None:
        found = [] if self._row is None else facts(self._row, now_ms())
        width = max(20, self.size.width - 5 - _LABEL)
        lines = [
            Content.assemble((pad("" if start else label, _LABEL), "$text-muted"), text[start:end])
            for label, said in found
            for text in (printable(said),)
            for start, end in wrap(text, width)
        ]
        self._facts.update(Content("\n").join(lines))

    def on_resize(self) -> None:
        """Wrap for the new width."""
        self._show_facts()

    def _show_keys(self) -> None:
        row = self._row
        enter = _("back") if row is not None and row.open else _("open")
        keys = [("enter", enter, "enter")] if row is not None else []
        keys.append(("a", _("add"), "add"))
        if row is not None and row.kind == "named":
            keys += [("n", _("rename"), "rename"), ("K", _("new key"), "new_key")]
        if row is not None and row.project is not None:
            keys.append(("t", _("test"), "test"))
        if row is not None and row.kind == "named":
            keys.append(("d", _("remove"), "remove"))
        self._keys.show([*keys, help_key(), ("escape", _("back"), "leave")])

    @property
    def _row(self) -> ProjectRow | None:
        return self._list.row

    def _say(self, text: str, *, failed: bool = False) -> None:
        self._message.display = bool(text)
        self._message.set_class(failed, "failed")
        self._message.update(Content(printable(text, newlines=True)))

    def failed(self, text: str) -> None:
        """Say why the demo cannot be opened."""
        self._say(text, failed=True)

    # -- moving ----------------------------------------------------------------------------------

    def action_about(self, pages: int) -> None:
        """Scroll what is said of the project, where not all of it fits."""
        about = self.query_one("#about", VerticalScroll)
        about.scroll_relative(y=pages * max(1, about.size.height - 1), animate=False)

"""The projects: what is stored of each and whether it works; opened, connected, renamed, removed."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from memos_admin.backend.display import printable
from memos_admin.backend.home import HomeError
from memos_admin.backend.model import Reads
from memos_admin.backend.overview import look_at_store
from memos_admin.backend.project import Project, ProjectError
from memos_admin.backend.projects import Projects
from memos_admin.backend.times import now_ms
from memos_admin.backend.workspace import Workspace
from memos_admin.backend.wrapping import wrap
from memos_admin.tui import background, phrases, trying
from memos_admin.tui.project_rows import COLUMNS, ProjectRow, ProjectRows, facts
from memos_admin.tui.project_states import DEMO, ProjectStates
from memos_admin.tui.reader import Reader, in_thread
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.widgets.status_line import KeyLine, StatusLine

if TYPE_CHECKING:
    from memos_admin.backend.credentials import Removed
    from memos_admin.backend.home import Home
    from memos_admin.tui.app import MemosAdmin
    from memos_admin.tui.trying import Renewed

_LABEL = 12
"""Cells of the names of facts."""

_NOTHING = "No project yet.\n\nPress a to connect one."
_ENVIRONMENT = (
    "This project comes from MEMOS_API_KEY and is kept nowhere; a adds it as one that is."
)
_DEMO = "The demo is gone when the program ends; there is nothing to change about it."


class ProjectsScreen(Screen[None], inherit_bindings=False):
    """A list, what is known of the one under the cursor, and what can be done with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("a", "add", show=False),
        Binding("n", "rename", show=False),
        Binding("k", "new_key", show=False),
        Binding("t", "test", show=False),
        Binding("u", "use", show=False),
        Binding("d,delete", "remove", show=False),
        Binding("r", "again", show=False),
        Binding("down,ctrl+n", "move(1)", show=False),
        Binding("up,ctrl+p", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("ctrl+d", "about(1)", show=False),
        Binding("ctrl+u", "about(-1)", show=False),
        Binding("home,g", "end(False)", show=False),
        Binding("end,G", "end(True)", show=False),
    ]
    DEFAULT_CSS = """
    ProjectsScreen {
        & #projects-pane { height: 1fr; min-height: 6; }
        & #about {
            height: auto; max-height: 60%; padding: 0 2; margin: 1 0; scrollbar-size-vertical: 1;
        }
        & #about Static { height: auto; }
        & #message { margin-bottom: 1; display: none; }
        & #message.failed { color: $text-error; }
    }
    ProjectsScreen.-low #about { margin: 0; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]  # noqa: RUF012 - as Textual declares it

    def __init__(self, home: Home, session: Session | None) -> None:
        """Take where projects live, and the one that is open; None: there is none."""
        super().__init__()
        self._home, self._session = home, session
        self._states = ProjectStates(home)
        self._reader = Reader(lambda: cast("Reads", None))  # the rows are in memory
        self._list = RowList[ProjectRow](COLUMNS, lambda row: row.key, id="projects", least=12)
        self._pane = Pane("Projects", self._list, id="projects-pane")
        self._status, self._keys = StatusLine(id="status"), KeyLine(id="keys")
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
        self._pane.set_count("u makes it the default · r looks again")
        self.set_focus(self._list)
        self.action_again()

    def on_unmount(self) -> None:
        """Let the list's thread end."""
        self._reader.close()

    @property
    def _app(self) -> MemosAdmin:
        return cast("MemosAdmin", self.app)

    # -- showing ---------------------------------------------------------------------------------

    def action_again(self) -> None:
        """Read which projects there are, and look at each again."""
        background.start(self, self._read, "read")

    async def _read(self) -> None:
        try:
            await self._states.read()
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._pane.set_empty(f"{printable(str(error))}\n\nCorrect that, then press r.")
            self._facts.update("")
            return
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
        self._pane.set_title("Projects", phrases.count(len(rows)))
        self._pane.set_empty("" if rows else _NOTHING)
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
            Content.assemble((f"{'' if start else label:{_LABEL}}", "$text-muted"), text[start:end])
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
        enter = "back" if row is not None and row.open else "open"
        keys = [("enter", enter, "enter")] if row is not None else []
        keys.append(("a", "add", "add"))
        if row is not None and row.kind == "named":
            keys += [("n", "rename", "rename"), ("k", "new key", "new_key")]
        if row is not None and row.project is not None:
            keys.append(("t", "test", "test"))
        if row is not None and row.kind == "named":
            keys.append(("d", "remove", "remove"))
        self._keys.show([*keys, ("escape", "back", "leave")])

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

    def action_move(self, lines: int) -> None:
        """Move the cursor."""
        self._list.action_move(lines)

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self._list.action_page(pages)

    def action_end(self, last: bool) -> None:
        """Move the cursor to an end."""
        self._list.action_end(last)

    def action_about(self, pages: int) -> None:
        """Scroll what is said of the project, where not all of it fits."""
        about = self.query_one("#about", VerticalScroll)
        about.scroll_relative(y=pages * max(1, about.size.height - 1), animate=False)

    def action_leave(self) -> None:
        """Go back to the project that is open."""
        if self._busy:
            return
        if self._session is not None and self._app.session is None:  # closed, but not removed
            self._app.show_first_run()
        else:
            self.dismiss(None)

    # -- opening and adding ----------------------------------------------------------------------

    def action_enter(self) -> None:
        """Open what is under the cursor."""
        self._list.action_enter()

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        """Open a project instead of the one that is open; what is used by default stays."""
        row = cast("ProjectRow", event.row)
        if self._busy:
            return
        if row.open:
            self.action_leave()
        elif row.key == DEMO:
            self._say("Opening the demo …")
            self._app.show_demo()
        elif row.project is not None:
            background.start(self, partial(self._open, row.project, row.kind == "named"), "open")

    async def _open(self, project: Project, named: bool) -> None:
        try:
            if named:
                project = await in_thread(self._as_it_is, project)
            store = await in_thread(look_at_store, project, 0)
        except (ProjectError, HomeError) as error:
            self._say(str(error), failed=True)
            return
        if store.usable:
            self._app.show_project(project)
        else:
            self._say(f"{project.title} is not opened. {store.problem}", failed=True)

    def _as_it_is(self, project: Project) -> Project:
        """Return a project as the configuration has it by now; blocks."""
        return Projects(self._home).get(project.title)

    def action_add(self) -> None:
        """Connect another project."""
        if self._busy:
            return
        from memos_admin.tui.screens.add_project import AddProject

        self.app.push_screen(AddProject(self._home))

    # -- changing --------------------------------------------------------------------------------

    def _named(self) -> Project | None:
        """Return the project under the cursor if it can be changed; else say why not."""
        row = self._row
        if row is None or self._busy:
            return None
        if row.kind == "named":
            return row.project
        self._say(_DEMO if row.kind == "demo" else _ENVIRONMENT)
        return None

    def action_use(self) -> None:
        """Make the project the default."""
        if (project := self._named()) is not None:
            background.start(self, partial(self._use, project), "use")

    async def _use(self, project: Project) -> None:
        try:
            await in_thread(Projects(self._home).use, project.title)
        except (ProjectError, HomeError) as error:
            self._say(str(error), failed=True)
            return
        text = f"{project.title} is what memos-admin opens from now on."
        if os.environ.get("MEMOS_API_KEY"):
            text += " MEMOS_API_KEY is set and goes before it."
        self._say(text)
        await self._read()

    def action_rename(self) -> None:
        """Give the project another name."""
        if (project := self._named()) is None:
            return
        from memos_admin.tui.screens.dialogs import Ask

        name = project.title
        self.app.push_screen(
            Ask(
                f"Rename {name}",
                "Its store, its key and its UUID stay as they are.",
                value=name if printable(name) == name else "",  # a field shows what it holds raw
                take=partial(self._rename, project),
            )
        )

    async def _rename(self, project: Project, name: str) -> str:
        """Rename a project; return why it cannot be, ``""``: it is done."""
        try:
            renamed = await in_thread(Projects(self._home).rename, project.title, name)
        except (ProjectError, HomeError) as error:
            return str(error)
        self._app.changed_project(renamed)
        if self._session is not None:
            self._status.set_project(self._session.name, self._session.host)
        self._say(f"{project.title} is now called {renamed.title}.")
        self.action_again()
        return ""

    def action_new_key(self) -> None:
        """Give the project a new key."""
        if (project := self._named()) is None:
            return
        from memos_admin.tui.screens.project_dialogs import NewKey

        others = {
            fingerprint: other.title
            for other in self._states.listing.named
            for fingerprint in other.fingerprints
            if other.uuid != project.uuid
        }
        self.app.push_screen(NewKey(self._home, project, others), self._renewed)

    def _renewed(self, renewed: Renewed | None) -> None:
        if renewed is not None:
            self._app.changed_key(renewed.project, renewed.find_key)
            self._states.tested.pop(renewed.project.uuid, None)
            self._say(renewed.text)
            self.action_again()

    def action_test(self) -> None:
        """Ask the service whether address and key work."""
        row = self._row
        if row is not None and row.project is not None and not self._busy:
            background.start(self, partial(self._test, row, row.project), "test")

    async def _test(self, row: ProjectRow, project: Project) -> None:
        trial = Workspace(project, self._home, find_key=self._app.given_keys.get(project.uuid))
        if row.open and self._session is not None:
            shown = self._session.workspace
            trial = Workspace(project, shown.home, find_key=shown.find_key)

        def tell(why: str) -> None:
            self._say(f"Testing {row.name} …{f' {why}' if why else ''}")

        tell("")
        self._states.tested[project.uuid] = tested = await trying.test(trial, tell)
        self._say(f"{row.name}: {tested.text}", failed=tested.failed)
        await self._read()

    # -- removing --------------------------------------------------------------------------------

    def action_remove(self) -> None:
        """Remove the project from this machine, after its name was typed."""
        project, row = self._named(), self._row
        if project is None or row is None:
            return
        from memos_admin.tui.screens.project_dialogs import RemoveProject

        def answered(removed: bool | None) -> None:
            if removed:
                background.start(self, partial(self._remove, project, row.open), "remove")

        self.app.push_screen(RemoveProject(row, project), answered)

    async def _remove(self, project: Project, was_open: bool) -> None:
        self._busy = True
        self._say(f"Removing {project.title} …")
        try:
            if was_open:
                await self._app.close_project()
            removed = await in_thread(_remove, self._home, project.title)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._say(str(error), failed=True)
        else:
            self._removed(removed, was_open=was_open)
        finally:
            self._busy = False
        await self._read()

    def _removed(self, removed: Removed, *, was_open: bool) -> None:
        app, project = self._app, removed.project
        app.given_keys.pop(project.uuid, None)
        text = " ".join((f"Removed {project.title} and its store.", *removed.notes))
        if not was_open:
            self._say(text)
            return
        listing = self._states.listing
        left = [other for other in listing.named if other.uuid != project.uuid]
        used = [other for other in left if other.uuid == listing.used]
        if following := [*used, *left, listing.environment][0]:
            app.show_project(following)
        else:
            app.show_first_run()
        app.notify(printable(text), markup=False, timeout=20)


def _remove(home: Home, name: str) -> Removed:
    from memos_admin.backend import credentials

    return credentials.remove_project(Projects(home), name)

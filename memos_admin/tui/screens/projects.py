"""The projects: opened, connected, renamed, tested, given a new key, removed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType

from memos_admin.backend.display import printable
from memos_admin.backend.environment import ENVIRONMENT
from memos_admin.backend.home import HomeError
from memos_admin.backend.projects import Projects
from memos_admin.backend.projects.project import Project, ProjectError
from memos_admin.backend.projects.stored import look_at_store
from memos_admin.backend.workspace import Workspace
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.jobs import trying
from memos_admin.tui.jobs.project_states import DEMO
from memos_admin.tui.reader import in_thread
from memos_admin.tui.rows.projects import ProjectRow
from memos_admin.tui.screens.project_list import ProjectList
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.credentials import Removed
    from memos_admin.backend.home import Home
    from memos_admin.tui.jobs.trying import Renewed

_ENVIRONMENT = N_(
    "This project comes from MEMOS_API_KEY and is kept nowhere; a adds it as one that is."
)
_DEMO = N_("The demo is gone when the program ends; there is nothing to change about it.")


class ProjectsScreen(ProjectList, inherit_bindings=True):
    """The list, and what can be done with a project."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("enter", "enter", show=False),
        Binding("a", "add", show=False),
        Binding("n", "rename", show=False),
        Binding("K", "new_key", show=False),
        Binding("t", "test", show=False),
        Binding("u", "use", show=False),
        Binding("d,delete", "remove", show=False),
        Binding("b", "backups", show=False),
    ]

    def action_leave(self) -> None:
        """Go back to the project that is open."""
        if self._busy:
            return
        if self._session is not None and self._app.session is None:  # closed, but not removed
            self._app.show_first_run()
        else:
            self.dismiss(None)

    # -- opening and adding ----------------------------------------------------------------------

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        """Open a project instead of the one that is open; what is used by default stays."""
        row = cast("ProjectRow", event.row)
        if self._busy:
            return
        if row.open:
            self.action_leave()
        elif row.key == DEMO:
            self._say(_("Opening the demo …"))
            self._app.show_demo()
        elif row.project is not None:
            background.start(self, partial(self._open, row.project, row.kind == "named"), "open")

    async def _open(self, project: Project, named: bool) -> None:
        try:
            if named:
                project = await in_thread(self._as_it_is, project)
            store = await in_thread(look_at_store, project, 0)
        except (ProjectError, HomeError) as error:
            self._say(said_by(error), failed=True)
            return
        if store.usable:
            self._app.show_project(project)
        else:
            text = _("{project} is not opened. {problem}").format(
                project=project.title, problem=store.problem
            )
            if store.condition == "damaged":
                text = sentences(text, _("b shows which backups could take its place."))
            self._say(text, failed=True)

    def _as_it_is(self, project: Project) -> Project:
        """Return a project as the configuration has it by now; blocks."""
        return Projects(self._home).get(project.title)

    def action_add(self) -> None:
        """Connect another project."""
        if self._busy:
            return
        from memos_admin.tui.screens.add_project import AddProject

        self.app.push_screen(AddProject(self._home))

    def action_backups(self) -> None:
        """Offer the backups of the project's store."""
        row = self._row
        if row is not None and row.project is not None and row.key != DEMO and not self._busy:
            background.start(self, partial(self._offer, row.project), "backups", awaited=True)

    async def _offer(self, project: Project) -> None:
        from memos_admin.tui.jobs import restoring

        try:
            await restoring.offer(self._app, project)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._say(said_by(error), failed=True)

    # -- changing --------------------------------------------------------------------------------

    def _named(self) -> Project | None:
        """Return the project under the cursor if it can be changed; else say why not."""
        row = self._row
        if row is None or self._busy:
            return None
        if row.kind == "named":
            return row.project
        self._say(_(_DEMO if row.kind == "demo" else _ENVIRONMENT))
        return None

    def action_use(self) -> None:
        """Make the project the default."""
        if (project := self._named()) is not None:
            background.start(self, partial(self._use, project), "use")

    async def _use(self, project: Project) -> None:
        try:
            await in_thread(Projects(self._home).use, project.title)
        except (ProjectError, HomeError) as error:
            self._say(said_by(error), failed=True)
            return
        text = _("{project} is what memos-admin opens from now on.").format(project=project.title)
        if ENVIRONMENT.get("MEMOS_API_KEY"):
            text = sentences(text, _("MEMOS_API_KEY is set and goes before it."))
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
                _("Rename {project}").format(project=name),
                _("Its store, its key and its UUID stay as they are."),
                value=name if printable(name) == name else "",  # a field shows what it holds raw
                take=partial(self._rename, project),
            )
        )

    async def _rename(self, project: Project, name: str) -> str:
        """Rename a project; return why it cannot be, ``""``: it is done."""
        try:
            renamed = await in_thread(Projects(self._home).rename, project.title, name)
        except (ProjectError, HomeError) as error:
            return said_by(error)
        self._app.changed_project(renamed)
        if self._session is not None:
            self._status.set_project(self._session.name, self._session.host)
        self._say(
            _("{project} is now called {name}.").format(project=project.title, name=renamed.title)
        )
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
            testing = _("Testing {project} …").format(project=row.name)
            self._say(f"{testing} {why}".rstrip())

        tell("")
        self._states.tested[project.uuid] = tested = await trying.test(trial, tell)
        self._say(_("{name}: {text}").format(name=row.name, text=tested.text), failed=tested.failed)
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

        self.app.push_screen(RemoveProject(self._home, row, project), answered)

    async def _remove(self, project: Project, was_open: bool) -> None:
        self._busy = True
        self._say(_("Removing {project} …").format(project=project.title))
        try:
            if was_open:
                await self._app.close_project()
            removed = await in_thread(_remove, self._home, project.title)
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen stays and says it
            self._say(said_by(error), failed=True)
        else:
            self._removed(removed, was_open=was_open)
        finally:
            self._busy = False
        await self._read()

    def _removed(self, removed: Removed, *, was_open: bool) -> None:
        app, project = self._app, removed.project
        app.given_keys.pop(project.uuid, None)
        told = _("Removed {project} and its store.").format(project=project.title)
        text = sentences(told, *removed.notes)
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

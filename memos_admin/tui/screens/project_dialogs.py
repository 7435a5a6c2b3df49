"""What is asked of a person about one project: its new key, and whether it shall be deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from memos_admin.backend.display import one_line, printable
from memos_admin.backend.home import Home
from memos_admin.backend.keys import BadKey, check_key
from memos_admin.backend.projects.lost import lost_with
from memos_admin.backend.projects.project import Project
from memos_admin.backend.projects.stored import StoreState, look_at_store
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.jobs import connecting, trying
from memos_admin.tui.jobs.trying import Renewed
from memos_admin.tui.reader import in_thread
from memos_admin.tui.rows.projects import ProjectRow, byte_size
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.dialog import Dialog, Told
from memos_admin.tui.widgets.field import Field
from memos_admin.tui.widgets.prose import Prose
from memos_admin.tui.words.failures import said_by

COUNT_SECONDS = 10.0
"""How long counting what will be deleted may take."""


class NewKey(Veiled, ModalScreen[Renewed | None]):
    """Asks for a project's new key, tries it, keeps it; returns None where a person left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]
    DEFAULT_CSS = """
    NewKey {
        align: center middle;
        & Field { margin: 1 0; }
    }
    """

    def __init__(self, home: Home, project: Project, others: Mapping[str, str]) -> None:
        """Take the project, and names of the others by the fingerprints of their keys."""
        super().__init__()
        self._home, self._project, self._others = home, project, others
        self._field = Field(password=True, placeholder="mpg-…", compact=True)
        self._kept = Prose(" ", classes="dialog--dim")
        self._said = Prose()
        self._state = Told(self._said)
        self._state.display = False
        self._trying = self._keeping = False
        self._accepted = ""

    def compose(self) -> ComposeResult:
        """Return the question."""
        with Dialog() as dialog:
            dialog.border_title = Content(
                one_line(_("New key for {project}").format(project=self._project.title), 60)
            )
            dialog.set_keys(_("enter tests it · escape leaves"))
            told = _("For {address}. MemOS is asked first whether it accepts the key.").format(
                address=self._project.origin
            )
            yield Told(Prose(told, classes="dialog--dim"))
            yield self._field
            yield self._kept
            yield self._state

    def on_mount(self) -> None:
        """Let a person type, and say where the key will be kept."""
        self._field.focus()
        background.start(self, self._look, "look")

    async def _look(self) -> None:
        kept = await in_thread(connecting.where_kept)
        self._kept.say(kept or " ")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take back what was said of another text."""
        event.stop()
        if not self._keeping:
            self._accepted = ""
            self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Try the key; keep one that was tried and asked about."""
        event.stop()
        text = event.value.strip()
        if self._trying or self._keeping:
            return
        if text and text == self._accepted:
            background.start(self, partial(self._keep, text), "keep", exclusive=False)
            return
        try:
            check_key(text, _("The form"))
        except BadKey as error:
            self._say(said_by(error), error=True)
            return
        background.start(self, partial(self._try, text), "try")

    async def _try(self, text: str) -> None:
        self._trying = self._field.disabled = True
        self._waiting("")
        try:
            await trying.try_key(self._home, self._project, text, self._waiting)
        except asyncio.CancelledError:
            self._say(_("Cancelled. Nothing was changed."))
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the dialog stays and says it
            self._say(await in_thread(trying.refusal, self._project, error), error=True)
            return
        finally:
            self._trying = self._field.disabled = False
            if self.is_attached:
                self._field.focus()
        if question := trying.doubt(self._project, text, self._others):
            self._accepted = text
            self._say(question)
            return
        await self._keep(text)

    async def _keep(self, text: str) -> None:
        self._keeping = self._field.disabled = True
        self._say(_("Putting it into the keyring; it may wait to be unlocked on the desktop …"))
        try:
            renewed = await in_thread(trying.keep_key, self._home, self._project, text)
        except Exception as error:  # noqa: BLE001 - whatever it is, the dialog stays and says it
            self._keeping = self._field.disabled = False
            self._say(await in_thread(trying.refusal, self._project, error), error=True)
            return
        self._field.value = ""
        self.dismiss(renewed)

    def _waiting(self, why: str) -> None:
        if self._trying:
            more = f"\n{why[0].upper()}{why[1:]}" if why else ""
            asking = _("Asking {address} …").format(address=self._project.origin)
            self._say(f"{asking}{more}")

    def action_leave(self) -> None:
        """Cancel the attempt; without one, leave. What is being kept cannot be taken back."""
        if self._trying:
            self.workers.cancel_group(self, "try")
        elif not self._keeping:
            self.dismiss(None)

    def _say(self, text: str, *, error: bool = False) -> None:
        if self.is_attached:
            self._state.display = bool(text)
            self._said.set_class(error, "dialog--error")
            self._said.say(text)
            self._state.scroll_home(animate=False)


class RemoveProject(Veiled, ModalScreen[bool]):
    """Says what removing a project deletes; returns whether its name was typed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(False)", show=False)]
    DEFAULT_CSS = """
    RemoveProject {
        align: center middle;
        & Static { margin-bottom: 1; }
        & Input { margin: 0; }
        & #problem { margin: 1 0 0 0; display: none; }
        & .-low #stays { margin-bottom: 0; }
        & .-low #problem { margin: 0; }
    }
    """

    def __init__(self, home: Home, row: ProjectRow, project: Project) -> None:
        """Take what is known of the project."""
        super().__init__()
        self._home, self._row, self._project = home, row, project
        self._lost: tuple[str, ...] = ()
        self._field = Field(compact=True, placeholder=_("its name"))

    def compose(self) -> ComposeResult:
        """Return the question."""
        name = self._project.title
        with Dialog() as dialog:
            dialog.border_title = Content(one_line(_("Remove {project}").format(project=name), 60))
            dialog.set_keys(_("enter removes it · escape leaves"))
            yield Told(
                Prose(_("This is deleted from this machine, for ever:")),
                Prose(id="deleted"),
                Prose(id="stays", classes="dialog--dim"),
            )
            yield Prose(_("Type {project} to remove it.").format(project=name))
            yield self._field
            yield Prose(id="problem", classes="dialog--error")

    def on_mount(self) -> None:
        """Say what is deleted; count it anew."""
        self._field.focus()
        self._show(self._row.store)
        background.start(self, self._count, "count")

    async def _count(self) -> None:
        self._lost = await in_thread(lost_with, self._home, self._project)
        self._show(self._row.store)
        self._show(await in_thread(look_at_store, self._project, COUNT_SECONDS))

    def _show(self, store: StoreState | None) -> None:
        lines = [f"· {_its_store(store)}"]
        if store is not None and store.condition != "none":
            where = _("{size} in {path}").format(size=byte_size(store.size), path=store.path.parent)
            lines.append(f"  {where}")
        lines.append(_("· its API key, if it is in the keyring"))
        shared = _("copies of the folder of memos-admin share it, and lose it too")
        lines.append(f"  {shared}")
        lines += [f"· {lost}" for lost in self._lost]
        self.query_one("#deleted", Prose).say("\n".join(lines))
        self.query_one("#stays", Prose).say(self._stays(store))

    def _stays(self, store: StoreState | None) -> str:
        kept = _(
            "MemOS keeps all that it has. What it no longer serves is here alone: "
            "earlier versions, memories that are gone, older messages; and so are verdicts. Files that "
            "you exported stay."
        )
        lines = [kept]
        if store is not None and store.encrypted:
            lines.append(
                _("The key of its encrypted store stays, since copies and backups may need it.")
            )
        if self._project.key_command is not None:
            lines.append(_("What its key_command prints is kept elsewhere and stays."))
        if self._row.open:
            lines.append(_("It is open here: it is closed first."))
        return "\n".join(lines)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take back what was said of another text."""
        event.stop()
        self.query_one("#problem").display = False

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on if the name was typed."""
        event.stop()
        # A name that looks like an address is masked: then what is seen can be typed as well.
        if event.value.strip() in {self._project.title, printable(self._project.title)}:
            self.dismiss(True)
            return
        problem = self.query_one("#problem", Prose)
        problem.say(_("That is not its name. Nothing was removed."))
        problem.display = True


def _its_store(store: StoreState | None) -> str:
    """Return what of a store is deleted."""
    if store is None:
        return _("its store; what it holds is being counted …")
    if store.condition == "none":
        return _("its store: there is none yet")
    if store.problem:
        return _("its store, which cannot be read")
    return _("its store: {holds}").format(holds=store.holds) if store.holds else _("its store")

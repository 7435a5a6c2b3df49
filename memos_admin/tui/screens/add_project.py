"""Connecting another project."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.connect_form import ConnectForm
from memos_admin.tui.widgets.status_line import KeyLine, StatusLine

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.tui.app import MemosAdmin

_ABOUT = N_(
    "The key is tried before anything is kept. The new project is opened, and is "
    "the default from then on."
)


class AddProject(Veiled, Screen[None], inherit_bindings=False):
    """The form that connects a project, which is opened then."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "app.quit", show=False)]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - Textual's own type

    DEFAULT_CSS = """
    AddProject {
        align: center top;
        & #sheet { width: 84; max-width: 96%; height: 1fr; padding: 1 0; scrollbar-size-vertical: 1; }
        & #about { height: auto; padding: 0 1; margin-bottom: 1; color: $text-muted; }
    }
    AddProject.-short #about { display: none; }
    """

    def __init__(self, home: Home) -> None:
        """Take where projects live."""
        super().__init__()
        self._home = home
        self._keys = KeyLine(id="keys")

    def compose(self) -> ComposeResult:
        """Return the form."""
        status = StatusLine(id="status")
        status.set_project(_("connect a project"), "")
        yield status
        with VerticalScroll(id="sheet", can_focus=False):
            yield Static(Content(_(_ABOUT)), id="about")
            yield ConnectForm(self._home, id="form")
        yield self._keys

    def on_mount(self) -> None:
        """Begin with the name."""
        self.query_one(ConnectForm).begin()
        self._show_keys()

    def on_connect_form_keys_changed(self) -> None:
        """Show them."""
        self._show_keys()

    def _show_keys(self) -> None:
        form = self.query_one(ConnectForm)
        keys = [(key, title, f"form('{action}')") for key, title, action in form.keys]
        self._keys.show([*keys, ("ctrl+q", _("quit"), "app.quit")])

    async def action_form(self, action: str) -> None:
        """Do what a key of the form does."""
        await self.query_one(ConnectForm).run_action(action)

    def on_connect_form_left(self) -> None:
        """Go back."""
        self.dismiss(None)

    def on_connect_form_connected(self, event: ConnectForm.Connected) -> None:
        """Open the project."""
        app = cast("MemosAdmin", self.app)
        app.show_workspace(event.workspace, warning=event.warning)

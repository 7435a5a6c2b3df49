"""Without a project: what this is, and how to come by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from memos_admin.backend.display import pad, printable
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.widgets.connect_form import ConnectForm
from memos_admin.tui.widgets.prose import Prose
from memos_admin.tui.widgets.status_line import KeyLine, StatusLine
from memos_admin.tui.words import phrases

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.tui.app import MemosAdmin

ABOUT = N_(
    "memos-admin shows what a MemOS Cloud project remembers of its users, and "
    "why: each memory beside the messages that it came from.\n"
    "It keeps a copy on this machine, and changes nothing in MemOS."
)


class FirstRun(Screen[None], inherit_bindings=False):
    """Connect a project, or open the demo."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", show=False),
        Binding("question_mark", "help", show=False),
        Binding("ctrl+q", "quit", show=False),
        Binding("ctrl+c", "help_quit", show=False),
        Binding("tab,down", "app.focus_next", show=False),
        Binding("shift+tab,up", "app.focus_previous", show=False),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - Textual's own type

    DEFAULT_CSS = """
    FirstRun {
        & #middle { height: 1fr; align: center middle; }
        & #sheet {
            width: 84;
            max-width: 96%;
            height: auto;
            max-height: 100%;
            scrollbar-size-vertical: 1;
        }
        & #sheet > Static { height: auto; padding: 0 1; }
        & #start { height: auto; border: none; margin: 1 1 0 1; padding: 0; background: $background; }
        & #start:focus { border: none; }
        & #about { margin-bottom: 1; }
        & #problem { color: $text-error; margin-top: 1; display: none; }
        & ConnectForm { display: none; }
    }
    FirstRun.-short.-form #about { display: none; }
    """

    def __init__(self, home: Home, *, opening: bool) -> None:
        """Take where projects live; `opening`: the demo is being opened."""
        super().__init__()
        self._home, self._opening = home, opening
        self.keys = KeyLine(id="keys")

    def compose(self) -> ComposeResult:
        """Return the text, the choices, and the form that one of them opens."""
        yield StatusLine(id="status")
        with Vertical(id="middle"), VerticalScroll(id="sheet", can_focus=False):
            yield Prose(_(ABOUT), id="about")
            yield OptionList(
                *self._choices(),
                id="start",
            )
            yield ConnectForm(self._home, id="form")
            yield Static(id="problem")
        yield self.keys

    def _choices(self) -> list[Option]:
        """Return what can be chosen, each with what it needs."""
        choices = (
            (_("Connect a project"), _("with an API key of its own")),
            (_("Open the demo"), _("no key, no network needed")),
        )
        cells = phrases.widest(name for name, _needs in choices) + 2
        return [
            Option(Content.assemble((pad(name, cells), "bold"), needs)) for name, needs in choices
        ]

    def on_mount(self) -> None:
        """Begin with the choices."""
        if self._opening:
            self._open_demo()
        else:
            self._show_choices()

    def failed(self, text: str) -> None:
        """Say why there is no demo, and offer the choices again."""
        self._opening = False
        self.query_one(Prose).say(_(ABOUT))
        self._show_choices()
        self._say(text)

    def _say(self, text: str) -> None:
        """Say an error below the choices; ``""``: there is none."""
        problem = self.query_one("#problem", Static)
        problem.update(Content(printable(text)))
        problem.display = bool(text)

    def _open_demo(self) -> None:
        """Show that the demo is being opened."""
        self._opening = True
        self._say("")
        self.query_one("#start").display = False
        self.query_one(Prose).say(_("Opening the demo …"))
        self._show_keys()

    def _show_choices(self) -> None:
        self._show_form(False)
        self.query_one("#start").focus()

    def _show_form(self, shown: bool) -> None:
        self.query_one("#start").display = not shown
        self.query_one("#form").display = shown
        self.set_class(shown, "-form")
        self._show_keys()

    @property
    def _in_form(self) -> bool:
        return self.has_class("-form")

    def _show_keys(self) -> None:
        form = self.query_one(ConnectForm)
        if self._opening:
            keys = [("ctrl+q", _("quit"), "quit")]
        elif self._in_form:
            keys = [(key, title, f"form('{action}')") for key, title, action in form.keys]
            keys.append(("ctrl+q", _("quit"), "quit"))
        else:
            keys = [
                ("enter", _("choose"), "choose"),
                ("?", _("help"), "help"),
                ("q", _("quit"), "quit"),
            ]
        self.keys.show(keys)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go on with what was chosen."""
        if event.option_index == 0:
            self._say("")
            self._show_form(True)
            self.query_one(ConnectForm).begin()
        else:
            self._open_demo()
            cast("MemosAdmin", self.app).show_demo()

    def on_connect_form_keys_changed(self) -> None:
        """Show them."""
        self._show_keys()

    def on_connect_form_left(self) -> None:
        """Offer the choices again."""
        self._show_choices()

    def on_connect_form_connected(self, event: ConnectForm.Connected) -> None:
        """Show the project."""
        app = cast("MemosAdmin", self.app)
        app.show_workspace(event.workspace, warning=event.warning)

    async def action_form(self, action: str) -> None:
        """Do what a key of the form does."""
        await self.query_one(ConnectForm).run_action(action)

    def action_choose(self) -> None:
        """Do what enter does in the choices."""
        self.query_one("#start", OptionList).action_select()

    def action_help(self) -> None:
        """Show the keys of the main screen, where most of them work."""
        from memos_admin.tui.screens.help import Help

        self.app.push_screen(Help("", "", cast("MemosAdmin", self.app).preferences.commands))

    def action_leave(self) -> None:
        """Quit, unless there is a form to lose."""
        if not self._in_form:
            self.app.exit()

    def action_quit(self) -> None:
        """Quit."""
        self.app.exit()

    def action_help_quit(self) -> None:
        """Say which key quits."""
        key = "ctrl+q" if self._in_form else "q"
        self.notify(_("{key} quits").format(key=key), markup=False)

"""Without a project: what this is, and how to come by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from memos_admin.backend.display import printable
from memos_admin.tui import background
from memos_admin.tui.reader import in_thread
from memos_admin.tui.widgets.status_line import KeyLine, StatusLine

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.tui.app import MemosAdmin

ABOUT = """\
memos-admin shows what a MemOS Cloud project remembers of its users,
and why: each memory beside the messages that it came from.
It keeps a copy on this machine, and changes nothing in MemOS."""

OTHER = "other"


class FirstRun(Screen[None], inherit_bindings=False):
    """Connect a project, or open the demo."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("q,ctrl+q", "quit", show=False),
        Binding("tab,down", "app.focus_next", show=False),
        Binding("shift+tab,up", "app.focus_previous", show=False),
    ]

    DEFAULT_CSS = """
    FirstRun {
        & #middle { height: 1fr; align: center middle; }
        & #sheet { width: 84; max-width: 96%; height: auto; max-height: 100%; }
        & #sheet Static { height: auto; padding: 0 1; }
        & OptionList { height: auto; border: none; margin-top: 1; padding: 0; background: $background; }
        & OptionList:focus { border: none; }
        & #form { height: auto; display: none; margin-top: 1; }
        & #form Input { height: 1; border: none; margin: 0 0 1 1; background: $surface; }
        & #form OptionList { margin: 0 0 1 0; }
        & #url { display: none; }
        & .label { color: $text-muted; }
        & #problem { color: $text-error; margin-top: 1; }
    }
    """

    def __init__(self, home: Home, *, opening: bool) -> None:
        """Take where projects live; `opening`: the demo is being opened."""
        super().__init__()
        self._home, self._opening = home, opening
        self._address = "cn"
        self.keys = KeyLine(id="keys")

    def compose(self) -> ComposeResult:
        """Return the text, the choices, and the form that one of them opens."""
        yield StatusLine(id="status")
        with Vertical(id="middle"), Vertical(id="sheet"):
            yield Static(Content(ABOUT), id="about")
            yield OptionList(
                Option(
                    Content.assemble(("Connect a project", "bold"), "  with an API key of its own")
                ),
                Option(
                    Content.assemble(("Open the demo", "bold"), "      no key, no network needed")
                ),
                id="start",
            )
            with Vertical(id="form"):
                yield Static(Content("Name, as you want to see it here"), classes="label")
                yield Input(id="name", placeholder="acme-prod", compact=True)
                yield Static(Content("Where it is"), classes="label")
                yield OptionList(*map(Option, self._places()), id="region")
                yield Input(id="url", placeholder="https://…/api/openmem/v1", compact=True)
                yield Static(
                    Content("API key, from the project's page in MemOS; it is kept in the keyring"),
                    classes="label",
                )
                yield Input(id="key", password=True, placeholder="mpg-…", compact=True)
            yield Static(id="problem")
        yield self.keys

    def on_mount(self) -> None:
        """Begin with the choices."""
        if self._opening:
            self._opening = True
            self.query_one("#start").display = False
            self.query_one("#about", Static).update(Content("Opening the demo …"))
        else:
            self.query_one("#start").focus()
        self._show_keys()

    def failed(self, text: str) -> None:
        """Say what went wrong, and offer the choices again."""
        self._opening = False
        self.query_one("#about", Static).update(Content(ABOUT))
        self.query_one("#problem", Static).update(Content(printable(text)))
        form = bool(self.query_one("#form").display)
        self._show_keys()
        self.query_one("#start").display = not form
        if not form:
            self.query_one("#start").focus()

    def _show_keys(self) -> None:
        form = bool(self.query_one("#form").display)
        if self._opening:
            self.keys.show([("q", "quit", "quit")])
            return
        keys = [("tab", "next", "app.focus_next"), ("escape", "back", "back")] if form else []
        self.keys.show(
            [("enter", "connect" if form else "choose", "enter"), *keys, ("q", "quit", "quit")]
        )

    def _places(self) -> list[Content]:
        """Return where a project can be, the chosen one marked."""
        from memos_admin.tui.connecting import REGIONS

        places = [*REGIONS, (OTHER, "Another address")]
        return [
            Content(f"{'●' if address == self._address else '○'} {text}")
            for address, text in places
        ]

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Choose the place that the cursor is on, and ask for an address where it needs one."""
        from memos_admin.tui.connecting import REGIONS

        if event.option_list.id != "region":
            return
        index = event.option_index
        self._address = REGIONS[index][0] if index < len(REGIONS) else OTHER
        for n, place in enumerate(self._places()):
            event.option_list.replace_option_prompt_at_index(n, place)
        self.query_one("#url").display = self._address == OTHER

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go on with what was chosen."""
        if event.option_list.id == "region":
            self.query_one("#url" if self._address == OTHER else "#key").focus()
        elif event.option_index == 0:
            self.query_one("#form").display = True
            self.query_one("#start").display = False
            self.query_one("#name").focus()
        else:
            self._opening = True
            self.query_one("#start").display = False
            self.query_one("#about", Static).update(Content("Opening the demo …"))
            self.query_one("#problem", Static).update("")
            cast("MemosAdmin", self.app).show_demo()
        self._show_keys()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next field; the last one connects."""
        order = {"name": "#region", "url": "#key"}
        following = order.get(event.input.id or "")
        if following is not None:
            self.query_one(following).focus()
        else:
            background.start(self, self._connect, "connect")

    async def _connect(self) -> None:
        from memos_admin.tui.connecting import connect

        name, url, key = (self.query_one(f"#{field}", Input) for field in ("name", "url", "key"))
        address = url.value.strip() if self._address == OTHER else self._address
        problem = self.query_one("#problem", Static)
        problem.update(Content("Connecting …"))
        try:
            connected = await in_thread(connect, self._home, name.value.strip(), address, key.value)
        except Exception as error:  # noqa: BLE001 - whatever it is, the form stays and says it
            self.failed(str(error))
            return
        app = cast("MemosAdmin", self.app)
        app.show_workspace(connected.workspace)
        if connected.warning:
            app.notify(printable(connected.warning), markup=False, timeout=20)

    def action_enter(self) -> None:
        """Do what enter does where the focus is."""
        focused = self.focused
        if isinstance(focused, OptionList):
            focused.action_select()

    def action_back(self) -> None:
        """Go back to the choices."""
        self.query_one("#form").display = False
        self.query_one("#start").display = True
        self.query_one("#problem", Static).update("")
        self.query_one("#start").focus()
        self._show_keys()

    def action_quit(self) -> None:
        """Quit."""
        self.app.exit()

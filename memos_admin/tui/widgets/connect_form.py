"""The form that connects a project: a name, where it is, its key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from memos_admin.backend.display import printable
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.jobs import connecting
from memos_admin.tui.jobs.connecting import FIELDS, REGIONS, FieldName, Typed
from memos_admin.tui.reader import in_thread
from memos_admin.tui.widgets.field import Field

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.backend.workspace import Workspace

OTHER = "other"
PLACES = (*REGIONS, (OTHER, N_("Another address")))


class State(Static, can_focus=True):
    """What an attempt is at. It has the focus meanwhile, so that no key reaches a field."""


class ConnectForm(Vertical):
    """Asks for a project, tries it, keeps it. What was typed stays until it is connected.

    Errors stand below the field that they are about, which has the focus then, and go with the next
    edit. Its host shows `keys`, and calls `begin` whenever it shows the form.
    """

    @dataclass
    class Connected(Message):
        """A project was connected; `warning` says why its key is for this run only, if it is."""

        workspace: Workspace
        warning: str

    class Left(Message):
        """A person went back; what was typed is kept, but for a key that was refused."""

    class KeysChanged(Message):
        """`keys` are others now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("tab,down", "next", show=False),
        Binding("shift+tab,up", "previous", show=False),
    ]

    DEFAULT_CSS = """
    ConnectForm {
        height: auto;
        & Vertical { height: auto; margin-bottom: 1; }
        & Static { height: auto; padding: 0 1; }
        & Field { margin: 0 1; padding: 0; }
        & OptionList { height: auto; margin: 0 1; border: none; padding: 0; background: $background; }
        & OptionList:focus { border: none; }
        & .label { color: $text-muted; }
        & .problem { color: $text-error; display: none; }
        & #of-url { display: none; }
        & State { display: none; }
    }
    """

    def __init__(self, home: Home, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """Take where projects live."""
        super().__init__(id=id)
        self._home = home
        self._titles: tuple[str, ...] = ()
        self._place = PLACES[0][0]
        self._at = "name"
        self._connecting = self._keeping = False
        self._attempts = 0

    def compose(self) -> ComposeResult:
        """Return the fields, each with its label and room for what is wrong with it."""
        with Vertical(id="of-name"):
            yield Static(Content(_("Name, as you want to see it here")), classes="label")
            yield Field(id="name", placeholder="acme-prod", compact=True)
            yield Static(classes="problem")
        with Vertical(id="of-region"):
            yield Static(Content(_("Where it is")), classes="label")
            yield OptionList(*map(Option, self._places()), id="region")
        with Vertical(id="of-url"):
            yield Static(Content(_("Its address")), classes="label")
            yield Field(id="url", placeholder="https://…/api/openmem/v1", compact=True)
            yield Static(classes="problem")
        with Vertical(id="of-key"):
            yield Static(Content(_("API key, from the project's page in MemOS")), classes="label")
            yield Field(id="key", password=True, placeholder="mpg-…", compact=True)
            yield Static(classes="problem")
            # A line of its own from the beginning: nothing moves when it is known.
            yield Static(" ", id="kept", classes="label")
        yield State(id="state")

    @property
    def keys(self) -> list[tuple[str, str, str]]:
        """The keys that matter where the focus is: (key, title, action of this form)."""
        if self._keeping:
            return []
        if self._connecting:
            return [("escape", _("cancel"), "leave")]
        enters = {"region": _("choose"), "key": _("connect")}
        return [
            ("enter", enters.get(self._at, _("next field")), "enter"),
            ("tab", _("next"), "next"),
            ("escape", _("back"), "leave"),
        ]

    def begin(self) -> None:
        """Go to the field that had the focus last; look at what names and which keyring there are."""
        self.query_one(f"#{self._at}").focus()
        background.start(self, self._look, "look")

    async def _look(self) -> None:
        self._titles = await in_thread(connecting.titles, self._home)
        kept = await in_thread(connecting.where_kept)
        self.query_one("#kept", Static).update(Content(printable(kept) or " "))

    # Where the focus is

    def _ring(self) -> list[str]:
        """Return the fields that can have the focus, in order."""
        url = ["url"] if self._place == OTHER else []
        return ["name", "region", *url, "key"]

    def _go(self, step: int) -> None:
        ring = self._ring()
        self.query_one(f"#{ring[(ring.index(self._at) + step) % len(ring)]}").focus()

    def action_next(self) -> None:
        """Go to the next field, unless what was typed into this one cannot be."""
        if not self._connecting and not (self._value(self._at) and self._wrong(self._at)):
            self._go(1)

    def action_previous(self) -> None:
        """Go to the field before."""
        if not self._connecting:
            self._go(-1)

    def action_enter(self) -> None:
        """Do what enter does where the focus is."""
        if self._at == "region":
            self.query_one("#region", OptionList).action_select()
        elif self._at == "key":
            self._submit()
        elif not self._wrong(self._at):
            self._go(1)

    def action_leave(self) -> None:
        """Cancel the attempt; without one, go back."""
        if self._keeping:
            return
        if not self._connecting:
            if self._problem("key").display:  # it was refused: nobody wants it back
                self.query_one("#key", Input).value = ""
            self.post_message(self.Left())
            return
        self.workers.cancel_group(self, "connect")
        self._end(_("Cancelled. Nothing was kept."), "key")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Show the field whole, with what is wrong with it, and its keys."""
        if event.widget.id in self._ring():
            self._at = str(event.widget.id)
        self.post_message(self.KeysChanged())
        self._show_whole(event.widget)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Say what is wrong with the field that was left, wherever the focus goes."""
        left = event.widget.id or ""
        if not self._connecting and self._value(left):
            self._wrong(left)

    def _show_whole(self, widget: Widget) -> None:
        block = widget if isinstance(widget, State) else widget.parent
        if isinstance(block, Widget):
            self.call_after_refresh(block.scroll_visible, animate=False)

    # What is typed

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take back what was said of an attempt, and of what this field held."""
        event.stop()
        self._say(event.input.id or "", "")
        self._edited()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next field; the last one connects."""
        event.stop()
        if event.input.id == self._at:
            self.action_enter()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Choose the place that the cursor is on, and ask for an address where it needs one."""
        event.stop()
        place = PLACES[event.option_index][0]
        if place == self._place:
            return
        self._place = place
        for n, text in enumerate(self._places()):
            event.option_list.replace_option_prompt_at_index(n, text)
        self.query_one("#of-url").display = place == OTHER
        self._edited()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go on."""
        event.stop()
        self._go(1)

    def _places(self) -> list[Content]:
        """Return where a project can be, the chosen one marked."""
        return [
            Content(f"{'●' if place == self._place else '○'} {_(text)}") for place, text in PLACES
        ]

    def _edited(self) -> None:
        """Take back what was said of an attempt that something else was typed for."""
        self._say("url", "")
        self._say("key", "")
        self.query_one(State).display = False

    def _value(self, field: str) -> str:
        return self.query_one(f"#{field}", Input).value.strip() if field in FIELDS else ""

    def _typed(self) -> Typed:
        address = self._value("url") if self._place == OTHER else self._place
        return Typed(self._value("name"), address, self._value("key"))

    # What is wrong

    def _wrong(self, field: str) -> bool:
        """Say what is wrong with what a field holds, and return whether anything is."""
        if field not in FIELDS:
            return False
        text = connecting.mistake(field, self._typed(), self._titles)
        if text:  # what else was said of it stays until it is edited
            self._say(field, text)
        return bool(text)

    def _problem(self, field: str) -> Static:
        """Return where it is said what is wrong with a field."""
        return self.query_one(f"#of-{field} .problem", Static)

    def _say(self, field: str, text: str) -> None:
        """Say an error below a field; ``""``: there is none."""
        problem = self._problem(field)
        problem.update(Content(printable(text)))
        problem.display = bool(text)
        if text and field == self._at:
            self._show_whole(self.query_one(f"#{field}"))

    # The attempt

    def _submit(self) -> None:
        for field in FIELDS:
            if field in self._ring() and self._wrong(field):
                self.query_one(f"#{field}").focus()
                return
        self._connecting = True
        self._attempts += 1
        self._tell(self._attempts, "")
        state = self.query_one(State)
        state.display = True
        state.focus()
        for block in self.query(Vertical):
            block.disabled = True
        background.start(self, self._connect, "connect")

    def _tell(self, attempt: int, waiting: str) -> None:
        """Say that an attempt goes on, and what it waits for, unless it was cancelled."""
        if not self._connecting or attempt != self._attempts:
            return
        host = self._typed().base_url.partition("://")[2].partition("/")[0]
        text = _("Connecting to {host} …").format(host=host)
        if waiting:
            text += f"\n{waiting[0].upper()}{waiting[1:]}"
        state = self.query_one(State)
        state.update(Content(printable(text, newlines=True)))
        self._show_whole(state)

    async def _connect(self) -> None:
        typed, tell = self._typed(), partial(self._tell, self._attempts)
        try:
            accepted = await connecting.attempt(self._home, typed, tell)
            self._keeping = True  # it is over in a moment: too late to cancel
            self.post_message(self.KeysChanged())
            connected = await in_thread(accepted.keep)
        except Exception as error:  # noqa: BLE001 - whatever it is, the form stays and says it
            self._failed(error, typed)
            return
        for field in FIELDS:
            self.query_one(f"#{field}", Input).value = ""
        self._at = "name"
        self.post_message(self.Connected(connected.workspace, connected.warning))

    def _failed(self, error: Exception, typed: Typed) -> None:
        field: FieldName = connecting.concerned(error, typed)
        self._end("", field)
        self._say(field, connecting.told(error))

    def _end(self, state: str, field: FieldName) -> None:
        """Give the fields back, as they were, and go to one of them."""
        self._connecting = self._keeping = False
        for block in self.query(Vertical):
            block.disabled = False
        shown = self.query_one(State)
        shown.update(Content(state))
        shown.display = bool(state)
        self.query_one(f"#{field}").focus()

"""Small dialogs: choose one of a few, type some ids, read a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from memos_admin.backend.display import one_line, printable


class Dialog(Vertical):
    """The frame of a dialog."""

    DEFAULT_CSS = """
    Dialog {
        width: 76;
        max-width: 94%;
        height: auto;
        max-height: 90%;
        padding: 1 2;
        border: round $border;
        border-title-color: $foreground;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
        background: $background;
        & Static { height: auto; }
        & .dialog--dim { color: $text-muted; }
        & .dialog--error { color: $text-error; }
        & Input { margin-top: 1; }
        & OptionList { height: auto; max-height: 16; border: none; padding: 0; }
        & OptionList:focus { border: none; }
    }
    """


class Choice(ModalScreen[str | None]):
    """Choose one of a few; returns its key, None where nothing was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", show=False),
        Binding("j", "down", show=False),
        Binding("k", "up", show=False),
    ]
    DEFAULT_CSS = "Choice { align: center middle; } Choice Dialog { width: 44; }"

    def __init__(self, title: str, options: Sequence[tuple[str, str]]) -> None:
        """Take the title and (key, text) of the options; the texts are gated here."""
        super().__init__()
        self._title, self._options = title, options

    def compose(self) -> ComposeResult:
        """Return the list."""
        with Dialog() as dialog:
            dialog.border_title = Content(self._title)
            dialog.border_subtitle = Content("enter chooses · escape leaves")
            yield OptionList(*(Option(Content(one_line(text, 60))) for _, text in self._options))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return what was chosen."""
        self.dismiss(self._options[event.option_index][0])

    def action_down(self) -> None:
        """Go to the next option."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """Go to the previous option."""
        self.query_one(OptionList).action_cursor_up()


class Ask(ModalScreen[str | None]):
    """Ask for a line of text; returns it, None where a person left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]
    DEFAULT_CSS = "Ask { align: center middle; }"

    def __init__(self, title: str, help_text: str, *, value: str = "", prompt: str = "") -> None:
        super().__init__()
        self._title, self._help, self._value, self._prompt = title, help_text, value, prompt

    def compose(self) -> ComposeResult:
        """Return the question."""
        with Dialog() as dialog:
            dialog.border_title = Content(one_line(self._title, 60))
            dialog.border_subtitle = Content("enter takes it · escape leaves")
            yield Static(Content(printable(self._help, newlines=True)), classes="dialog--dim")
            yield Input(self._value, placeholder=self._prompt, compact=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the text."""
        self.dismiss(event.value)

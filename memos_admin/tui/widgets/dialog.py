"""The frame of a dialog, and what it tells before it asks."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.layout import Layout
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from memos_admin.language import gettext as _
from memos_admin.tui.layout.giving_way import GIVES_WAY, GIVING_WAY

LOW = 20
"""Lines of a terminal in which a dialog needs those of its margins, too."""


class Told(VerticalScroll):
    """What a dialog tells: where there is too little room it gives way to what is asked, and is scrolled."""

    class Resized(Message):
        """It has another height, or width."""

    def __init__(self, *texts: Widget) -> None:
        super().__init__(*texts, can_focus=False, classes=GIVES_WAY)

    def on_resize(self) -> None:
        """Tell that more is seen of it, or less."""
        self.post_message(self.Resized())


class Dialog(Vertical):
    """The frame of a dialog."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown,space", "read(1)", show=False),
        Binding("pageup,b", "read(-1)", show=False),
    ]
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
        & Told { height: auto; scrollbar-size-vertical: 1; }
        & .dialog--dim { color: $text-muted; }
        & .dialog--error { color: $text-error; }
        & Input { margin-top: 1; }
        & OptionList { height: auto; max-height: 16; border: none; padding: 0; }
        & OptionList:focus { border: none; }
        &.-low { padding: 0 2; max-height: 100%; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._keys = ""

    @property
    def layout(self) -> Layout:
        """What of it scrolls gives way where it is not as high as all that is in it."""
        return GIVING_WAY

    def set_keys(self, text: str) -> None:
        """Say in the frame what the keys do; before that, which one shows more of what is told."""
        self._keys = text
        self._say_keys()

    def on_mount(self) -> None:
        """Watch whether all that is told is seen."""
        self._fit()
        for told in self.query(Told):
            self.watch(told, "virtual_size", self._measure, init=False)
            self.watch(told, "scroll_y", self._measure, init=False)

    def on_resize(self, _event: events.Resize) -> None:
        """Leave out margins where lines are few."""
        self._fit()

    def _fit(self) -> None:
        self.set_class(self.app.size.height < LOW, "-low")

    def on_told_resized(self) -> None:
        """Say whether there is more to be read."""
        self._measure()

    def _measure(self) -> None:
        self.call_after_refresh(self._say_keys)

    @property
    def _cut(self) -> Told | None:
        """What is told and has no room to be seen whole; None: there is no such thing."""
        return next((told for told in self.query(Told) if told.max_scroll_y), None)

    def _say_keys(self) -> None:
        if not self._keys:
            return
        text = self._keys
        cut = self._cut if self.is_attached else None
        if cut is not None and cut.scroll_y < cut.max_scroll_y:
            key = "pagedown" if isinstance(self.screen.focused, Input) else "space"
            text = _("{key} more · {keys}").format(key=key, keys=text)
        self.border_subtitle = Content(text)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave keys to others where all that is told is seen."""
        return action != "read" or self._cut is not None

    def action_read(self, pages: int) -> None:
        """Scroll what is told."""
        if (told := self._cut) is not None:
            told.scroll_relative(y=pages * max(1, told.size.height - 1), animate=False)

"""A choice of a few on one line: a label, and the options with the chosen one marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from memos_admin.backend.display import one_line, pad
from memos_admin.tui.words import phrases

LABEL = 10
"""Cells of the label, the sign of the focus among them."""
_BETWEEN = 3


class ChoiceLine(Widget, can_focus=True):
    """One of a few options, chosen with ← and → or the mouse. Texts given to it are gated here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,space", "choose(1)", show=False),
        Binding("left,h", "choose(-1)", show=False),
    ]
    DEFAULT_CSS = """
    ChoiceLine { height: 1; width: 1fr; }
    ChoiceLine:focus { background: $surface; }
    ChoiceLine:ansi { background: ansi_default; }
    """

    @dataclass
    class Chosen(Message):
        """Another option was chosen."""

        line: ChoiceLine
        key: str

    def __init__(
        self,
        label: str,
        options: Sequence[tuple[str, str]],
        *,
        chosen: str = "",
        id: str,  # noqa: A002 - Textual's name
    ) -> None:
        """Take the label, (key, text) of the options, and the chosen one: by default the first."""
        super().__init__(id=id)
        self._label, self._options = label, list(options)
        self._index = next((n for n, (key, _) in enumerate(options) if key == chosen), 0)
        self._instead = ""
        self._places: list[tuple[int, int, int]] = []

    @property
    def key(self) -> str:
        """The key of the chosen option."""
        return self._options[self._index][0]

    def renew(self, options: Sequence[tuple[str, str]]) -> None:
        """Say the same options in other words."""
        self._options = list(options)
        self.refresh()

    def set_instead(self, text: str) -> None:
        """Say why there is nothing to choose; ``""``: there is."""
        if text != self._instead:
            self._instead = text
            self.can_focus = not text
            self.refresh()

    def render(self) -> Content:
        """Return the line."""
        mark = "› " if self.has_focus else "  "
        label = Content.assemble((pad(f"{mark}{self._label}", LABEL), "$text-muted"))
        room = max(1, self.size.width - LABEL)
        if self._instead:
            return Content.assemble(label, (one_line(self._instead, room), "$text-muted"))
        texts = [one_line(text, 60) for _, text in self._options]
        self._places = []
        if sum(cell_len(text) + 2 + _BETWEEN for text in texts) - _BETWEEN <= room:
            return Content.assemble(label, *self._all(texts))
        count = f"  {phrases.of(self._index + 1, len(texts))}"
        text = one_line(texts[self._index], room - cell_len(count) - 6)
        return Content.assemble(
            label,
            ("‹ ", "$primary"),
            (f"● {text}", "bold"),
            (" ›", "$primary"),
            (count, "$text-muted"),
        )

    def _all(self, texts: list[str]) -> list[tuple[str, str]]:
        parts, at = [], LABEL
        for index, text in enumerate(texts):
            chosen = index == self._index
            part = f"{'●' if chosen else '○'} {text}"
            self._places.append((at, at + cell_len(part), index))
            at += cell_len(part) + _BETWEEN
            parts.append((part + " " * _BETWEEN, "bold" if chosen else "$text-muted"))
        return parts

    def action_choose(self, step: int) -> None:
        """Choose the next or previous option, round and round."""
        self._choose((self._index + step) % len(self._options))

    def on_click(self, event: events.Click) -> None:
        """Choose the option under the mouse; where only one is seen, the next one."""
        for start, end, index in self._places:
            if start <= event.x < end:
                self._choose(index)
                return
        if not self._places and not self._instead and event.x >= LABEL:
            self.action_choose(1)

    def _choose(self, index: int) -> None:
        if index != self._index:
            self._index = index
            self.refresh()
            self.post_message(self.Chosen(self, self.key))

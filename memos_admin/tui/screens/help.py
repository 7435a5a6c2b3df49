"""All keys of the main screen, those of where one is first, from the one table of commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from memos_admin.backend.display import pad
from memos_admin.backend.wrapping import wrap
from memos_admin.language import gettext as _
from memos_admin.tui.command import Command
from memos_admin.tui.commands import by_group, of_pane

KEYS_WIDTH, TEXT_WIDTH = 12, 54


class Help(ModalScreen[None]):
    """The keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss(None)", show=False),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]
    DEFAULT_CSS = """
    Help { align: center middle; }
    Help VerticalScroll {
        width: 76;
        max-width: 96%;
        height: auto;
        max-height: 94%;
        border: round $border;
        border-title-color: $foreground;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
        background: $background;
        padding: 1 2;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, pane: str, title: str, table: Sequence[Command]) -> None:
        """Take the pane whose keys come first, what it is called, and the commands."""
        super().__init__()
        self._pane, self._title, self._table = pane, title, table

    def compose(self) -> ComposeResult:
        """Return the keys, a group after the other."""
        with VerticalScroll() as frame:
            frame.border_title = Content(_("Keys"))
            frame.border_subtitle = Content(_("escape back"))
            yield Static(help_text(self._pane, self._title, self._table))

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def help_text(pane: str, title: str, table: Sequence[Command]) -> Content:
    """Return the keys with what they do, in two columns of text: first those of a pane."""
    here = of_pane(pane, table)
    parts: list[Content] = []
    for group, commands in (
        (_("Here: {title}").format(title=title), here),
        *((_(name), found) for name, found in by_group(table)),
    ):
        told = [c for c in commands if c.help and c.shown and (commands is here or c not in here)]
        if told:
            parts.append(Content.styled(group, "bold"))
            for command in told:
                parts += _entry(command.shown, _(command.help))
            parts.append(Content(""))
    notes = _("> is the cursor. ▌ marks what a memory came from, and what a message became.")
    parts.append(Content.styled(notes, "$text-muted"))
    return Content("\n").join(parts)


def _entry(keys: str, text: str) -> list[Content]:
    """Return a key with what it does; further lines are indented."""
    first, *more = [text[start:end] for start, end in wrap(text, TEXT_WIDTH)]
    if cell_len(keys) >= KEYS_WIDTH:  # other keys than ours may be many
        more = [first, *more]
        return [
            Content.styled(f"  {keys}", "bold $primary"),
            *(Content(" " * (KEYS_WIDTH + 2) + line) for line in more),
        ]
    head = Content.assemble((f"  {pad(keys, KEYS_WIDTH)}", "bold $primary"), first)
    return [head, *(Content(" " * (KEYS_WIDTH + 2) + line) for line in more)]

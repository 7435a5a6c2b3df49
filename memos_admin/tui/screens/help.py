"""All keys of the main screen, those of where one is first, from the one table of commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from memos_admin.backend.display import pad
from memos_admin.backend.wrapping import wrap
from memos_admin.language import gettext as _
from memos_admin.tui.commands.bindings import by_group, of_pane
from memos_admin.tui.commands.command import Command
from memos_admin.tui.screens.narrowed import Narrowed
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.entry import Entry

WIDEST, AROUND = 76, 7
"""Cells of the frame, and those of them that its border, padding and scroll bar take."""

KEYS_WIDTH, LEAST_TEXT = 12, 12


class Help(Veiled, Narrowed[None]):
    """The keys, narrowed by words if a person wants."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("q,question_mark,enter", "dismiss(None)", show=False),
        Binding("slash", "narrow", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,ctrl+d,space", "page(1)", show=False),
        Binding("pageup,ctrl+u", "page(-1)", show=False),
        Binding("home,g", "end(False)", show=False),
        Binding("end,G", "end(True)", show=False),
    ]
    DEFAULT_CSS = f"""
    Help {{ align: center middle; }}
    Help VerticalScroll {{
        width: {WIDEST};
        max-width: 100%;
        height: auto;
        max-height: 94%;
        border: round $border;
        border-title-color: $foreground;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
        background: $background;
        padding: 1 2;
        scrollbar-size-vertical: 1;
    }}
    Help Input {{ display: none; margin-bottom: 1; }}
    """

    def __init__(self, pane: str, title: str, table: Sequence[Command]) -> None:
        """Take the pane whose keys come first ("": none do), its name, and the commands."""
        super().__init__()
        self._pane, self._title, self._table = pane, title, table

    def compose(self) -> ComposeResult:
        """Return the keys, a group after the other."""
        with VerticalScroll() as frame:
            frame.border_title = Content(_("Keys"))
            frame.border_subtitle = Content(_("/ narrows · escape back"))
            yield Entry(placeholder=_("narrow"), compact=True)
            yield Static(id="keys-text")

    def on_mount(self) -> None:
        """Let the keys scroll."""
        self.query_one(VerticalScroll).focus()

    def on_resize(self) -> None:
        """Wrap for the new width."""
        self._show()

    def on_input_changed(self) -> None:
        """Show what has the words."""
        self._show()

    def on_input_submitted(self) -> None:
        """Let what is shown be scrolled."""
        self.query_one(VerticalScroll).focus()

    def _show(self) -> None:
        width = min(WIDEST, self.app.size.width) - AROUND
        words = self.query_one(Input).value
        text = help_text(self._pane, self._title, self._table, width=width, words=words)
        self.query_one("#keys-text", Static).update(text)

    @property
    def narrowed(self) -> VerticalScroll:
        """The keys."""
        return self.query_one(VerticalScroll)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        self.action_scroll(pages * max(1, self.query_one(VerticalScroll).size.height - 1))

    def action_end(self, last: bool) -> None:
        """Scroll to an end."""
        frame = self.query_one(VerticalScroll)
        frame.scroll_to(y=frame.max_scroll_y if last else 0, animate=False)


def help_text(
    pane: str,
    title: str,
    table: Sequence[Command],
    *,
    width: int = WIDEST - AROUND,
    words: str = "",
) -> Content:
    """Return the keys with what they do, in two columns of text: first those of a pane.

    Args:
        pane: whose keys come first; ``""``: none do.
        title: what the pane is called.
        table: the commands.
        width: cells of a line.
        words: all of them are in what is told of a command, or in its other words, whatever their
            capitals.
    """
    here = of_pane(pane, table)
    sought = words.casefold().split()
    parts: list[Content] = []
    for group, commands in (
        (_("Here: {title}").format(title=title), here),
        *((_(name), found) for name, found in by_group(table)),
    ):
        told = [
            command
            for command in commands
            if command.help and command.shown and (commands is here or command not in here)
            if all(word in _about(command) for word in sought)
        ]
        if told:
            parts.append(Content.styled(group, "bold"))
            for command in told:
                parts += _entry(command.shown, _(command.help), width)
            parts.append(Content(""))
    if sought and not parts:
        return Content.styled(_("Nothing fits."), "$text-muted")
    notes = _("> is the cursor. ▌ marks what a memory came from, and what a message became.")
    if not sought:
        parts += [Content.styled(line, "$text-muted") for line in _wrapped(notes, width)]
    return Content("\n").join(parts)


def _about(command: Command) -> str:
    others = f"{command.words} {_(command.words)}" if command.words else ""
    return f"{command.shown} {_(command.title)} {_(command.help)} {others}".casefold()


def _wrapped(text: str, width: int) -> Iterator[str]:
    return (text[start:end] for start, end in wrap(text, max(LEAST_TEXT, width)))


def _entry(keys: str, text: str, width: int) -> list[Content]:
    """Return a key with what it does; further lines are indented."""
    first, *more = _wrapped(text, width - KEYS_WIDTH - 2)
    if cell_len(keys) >= KEYS_WIDTH:  # other keys than ours may be many
        more = [first, *more]
        return [
            Content.styled(f"  {keys}", "bold $primary"),
            *(Content(" " * (KEYS_WIDTH + 2) + line) for line in more),
        ]
    head = Content.assemble((f"  {pad(keys, KEYS_WIDTH)}", "bold $primary"), first)
    return [head, *(Content(" " * (KEYS_WIDTH + 2) + line) for line in more)]

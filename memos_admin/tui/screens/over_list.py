"""A screen with one list, whose cursor the keys move wherever the focus is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from memos_admin.language import gettext as _
from memos_admin.tui.commands.bindings import BY_ID
from memos_admin.tui.commands.command import SHOWING, Command
from memos_admin.tui.copies_command import CopiesCommand
from memos_admin.tui.screens.help import Help
from memos_admin.tui.screens.names_whom import NamesWhom
from memos_admin.tui.session import Session
from memos_admin.tui.still import LeadsTo
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.widgets.row_source import RowSource
from memos_admin.tui.widgets.status_line import KeyLine, StatusLine

T = TypeVar("T")

MOVES: tuple[BindingType, ...] = (
    Binding("down,j", "move(1)", show=False),
    Binding("up,k", "move(-1)", show=False),
    Binding("pagedown,ctrl+d", "page(1)", show=False),
    Binding("pageup,ctrl+u", "page(-1)", show=False),
    Binding("home,g", "end(False)", show=False),
    Binding("end,G", "end(True)", show=False),
    Binding("question_mark", "keys", show=False),
)
"""The keys that move the cursor or tell all keys, for screens whose keys are not taken otherwise."""


Keys = Sequence[tuple[str, str, str]]
"""Keys at the bottom: how they are written, what they do (translated where shown), their action."""


def framed(session: Session, pane: Pane, keys: Keys) -> ComposeResult:
    """Yield what a screen over a project consists of: the top line, a pane, and its keys."""
    status = StatusLine(id="status", standing=session.standing)
    status.set_project(session.name, session.host)
    yield status
    yield pane
    line = KeyLine(id="keys")
    line.show(shown_keys(keys))
    yield line


def shown_keys(keys: Keys) -> list[tuple[str, str, str]]:
    """Return keys as they stand at the bottom, with the one that tells all of them."""
    *others, last = [(key, _(title), action) for key, title, action in keys]
    return [*others, help_key(), last]


def help_key() -> tuple[str, str, str]:
    """Return the key that tells all keys, to stand before the last one: that place has always room."""
    return ("?", _("help"), "keys")


def keys_of_filter() -> list[tuple[str, str, str]]:
    """Return the keys that work while a filter is typed: letters are none then."""
    return [("enter", _("keep"), "keep_filter"), ("escape", _("drop"), "leave")]


class TellsKeys(Screen[T]):
    """A screen whose line at the bottom has all of its keys, as far as there is room.

    Attributes:
        explained: names that the screen shows, with a sentence on each; told behind the keys.
    """

    explained: ClassVar[Sequence[tuple[str, str]]] = ()

    def other_keys(self) -> Keys:
        """Return the keys that do not stand in the line at the bottom, with what they do."""
        return ()

    def action_keys(self) -> None:
        """Show all keys of this screen."""
        here = frozenset({"list"})
        shown = self.query_one("#keys", KeyLine).keys
        known = {action for _key, _title, action in shown}
        others = (one for one in self.other_keys() if one[2] not in known)
        table = [
            Command(action, "", key, title, title, SHOWING, here)
            for key, title, action in (*shown, *others)
            if action != "keys"
        ]
        table += [
            Command("", "", _(name), name, told, SHOWING, here) for name, told in self.explained
        ]
        copies = ["copy_command"] if isinstance(self, CopiesCommand) else []
        moves = ("move.down", "page.down", "end.first")
        everywhere = [BY_ID[name] for name in (*copies, *moves, "mask", "pseudonyms")]
        self.app.push_screen(Help("list", self.query_one(Pane).name_shown, [*table, *everywhere]))


class OverList(Veiled, TellsKeys[T], LeadsTo[T], NamesWhom[T], inherit_bindings=False):
    """Screens of this kind put their list into `_list`, and bind their own keys."""

    _session: Session
    _list: RowList[Any]

    def let_go(self) -> None:
        """Show no rows until some are read."""
        super().let_go()
        self._list.empty()

    async def list_rows(
        self, whose: object, source: RowSource[Any], *, prefer: Sequence[int] = ()
    ) -> bool:
        """Show rows of somebody; return whether they are shown: not where it is about somebody else by now.

        Raises what reading raises.
        """
        if whose != self._whose:
            return False
        return await self._list.load(self._session.reader, source, prefer=prefer)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Show the keys that work where one is."""
        around = event.widget.ancestors
        typed = isinstance(event.widget, Input) and any(isinstance(one, Pane) for one in around)
        self.query_one("#keys", KeyLine).show_instead(keys_of_filter() if typed else [])

    def action_keep_filter(self) -> None:
        """Go from the filter to what it leaves."""
        self.query_one(Pane).keep_filter()

    def draw_anew(self) -> None:
        """Draw the rows anew, and read again what is said about them."""
        self._list.redraw()
        self.action_again()

    def action_again(self) -> None:
        """Read again what is shown."""
        raise NotImplementedError

    def action_move(self, lines: int) -> None:
        """Move the cursor."""
        self._list.action_move(lines)

    def action_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self._list.action_page(pages)

    def action_end(self, last: bool) -> None:
        """Move the cursor to an end."""
        self._list.action_end(last)

    def action_enter(self) -> None:
        """Open what is under the cursor."""
        self._list.action_enter()


class FramedList(OverList[T], inherit_bindings=False):
    """Screens of this kind have nothing but their list, in a pane, which they put into `_pane`."""

    KEYS: ClassVar[Keys]

    def compose(self) -> ComposeResult:
        """Return the top line, the list and the keys."""
        yield from framed(self._session, self._pane, self.KEYS)

    def on_mount(self) -> None:
        """Read the list."""
        self.set_focus(self._list)
        self._pane.set_empty(_(self.reading))
        self.action_again()


class ListByWords(FramedList[T], inherit_bindings=False):
    """Screens of this kind list what has the words in it that are typed, `_pane.filter`."""

    def action_filter(self) -> None:
        """Let a person type words."""
        self._pane.open_filter()

    def on_pane_filtered(self) -> None:
        """List what has the words that are typed."""
        self.action_again()

    def action_leave(self) -> None:
        """Drop the words, else leave."""
        if self._pane.clear_filter():
            self.set_focus(self._list)
        else:
            self.dismiss(None)

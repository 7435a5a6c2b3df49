"""Saying where a key works that does nothing where it was pressed."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.screen import Screen

from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.tui.actions.base import TITLES
from memos_admin.tui.commands import bindings as commands
from memos_admin.tui.commands.command import PANES
from memos_admin.tui.telling import tell

if TYPE_CHECKING:
    from memos_admin.tui.app import MemosAdmin


def works_in(what: str, there: Collection[str]) -> str:
    """Return in which panes a key, or a command by its title, does something."""
    names = _(", ").join(_(TITLES[pane]) for pane in PANES if pane in there)
    return _("{key} works in: {panes}.").format(key=what, panes=names)


class SaysWhere(Screen[Any], inherit_bindings=False):
    """A screen over the main one that says where the main one's keys work which it does not have."""

    def on_key(self, event: events.Key) -> None:
        """Say where a key works that does nothing here."""
        table = cast("MemosAdmin", self.app).preferences.commands
        _here, there = commands.of_key(event.key, "", table)
        if there and event.key not in self.active_bindings:
            key = event.character if event.is_printable else event.key
            tell(self, sentences(works_in(key or event.key, there), _("escape goes there.")))

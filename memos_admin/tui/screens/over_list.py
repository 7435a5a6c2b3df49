"""A screen with one list, whose cursor the keys move wherever the focus is."""

from __future__ import annotations

from typing import Any, TypeVar

from textual.screen import Screen

from memos_admin.tui.widgets.row_list import RowList

T = TypeVar("T")


class OverList(Screen[T], inherit_bindings=False):
    """Screens of this kind put their list into `_list`, and bind their own keys."""

    _list: RowList[Any]

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

"""Textual's command palette, in the language of the interface."""

from __future__ import annotations

from rich.align import Align
from rich.text import Text
from textual.command import CommandList, CommandPalette
from textual.widgets.option_list import Option

from memos_admin.language import gettext as _


class Palette(CommandPalette):
    """The palette; what it says where nothing fits is ours."""

    def _start_no_matches_countdown(self, search_value: str) -> None:
        """Say after a while that nothing fits; Textual's own says it in English only."""

        def show() -> None:
            if search_value:
                text = Align.center(Text(_("No matches found"), style="not bold"))
                nothing = Option(text, disabled=True, id=self._NO_MATCHES)
                self.query_one(CommandList).add_option(nothing)
            self._list_visible = bool(search_value)

        self._stop_no_matches_countdown()
        self._no_matches_timer = self.set_timer(self._NO_MATCHES_COUNTDOWN, show)

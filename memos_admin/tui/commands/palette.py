"""Textual's command palette, in the language of the interface."""

from __future__ import annotations

from typing import Any

from rich.align import Align
from rich.text import Text
from textual.command import CommandList, CommandPalette
from textual.widgets import Input
from textual.widgets.option_list import Option
from textual.worker import Worker

from memos_admin.backend.keys import holds_key, without_held
from memos_admin.language import gettext as _
from memos_admin.tui import background
from memos_admin.tui.widgets.entry import tell_key


class Palette(CommandPalette):
    """The palette; what it says where nothing fits is ours."""

    def run_worker(self, *args: Any, **options: Any) -> Worker[Any]:
        """Let a key wait for the commands that fit what was typed before it."""
        worker: Worker[Any] = super().run_worker(*args, **options)
        background.hold(worker)
        return worker

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take an API key out again, as every field of ours does; this one is Textual's."""
        if holds_key(event.value):
            event.input.value = without_held(event.value)
            tell_key(event.input)

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

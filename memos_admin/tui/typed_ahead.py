"""What is typed and clicked before there is on the screen what it is meant for."""

from __future__ import annotations

from functools import partial

from textual import events
from textual.app import App
from textual.message import Message

from memos_admin.tui import keymap

LONGEST = 1.0
"""Seconds that input waits for a place that one goes to; then it goes to what is there."""


class Arrived(Message):
    """Something that input waits for is on the screen, or is not waited for any longer."""


class TypedAhead(App[int]):
    """Lets input wait, in order, while anything is on its way to the screen. Leaving never waits."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._held: list[events.InputEvent] = []
        self._awaited: set[object] = set()

    def hold(self, awaited: object, seconds: float | None = None) -> None:
        """Let input wait until something has `arrived`; give up waiting after `seconds`, or never."""
        self._awaited.add(awaited)
        if seconds is not None:
            self.set_timer(seconds, partial(self.arrived, awaited))

    def arrived(self, awaited: object) -> None:
        """Let input go on, unless anything else is waited for."""
        self._awaited.discard(awaited)
        self.post_message(Arrived())

    async def on_event(self, event: events.Event) -> None:
        """Keep input that has to wait."""
        leaving = isinstance(event, events.Key) and event.key in {keymap.QUITS, "ctrl+c"}
        if self._awaited and isinstance(event, events.InputEvent) and not leaving:
            self._held.append(event)
        else:
            await super().on_event(event)

    async def on_arrived(self) -> None:
        """Let the screen have what has waited long enough, the first first."""
        if not self._awaited:
            held, self._held = self._held, []
            for event in held:
                await super().on_event(event)

"""What is typed and clicked before there is on the screen what it is meant for.

There is one rule: input is acted on in its order, each when what came of the one before it is there:
the focus and the screen, the rows of a filter, what is chosen among them. What MemOS is asked for is
not waited for, nor a plan that a person is to read before anything is done.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Collection
from typing import NamedTuple

from textual import events
from textual._queue import Queue
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.worker import Worker

from memos_admin.language import gettext as _
from memos_admin.tui.commands import keymap
from memos_admin.tui.telling import Telling
from memos_admin.tui.widgets.line_view import LineView

LONGEST = 1.0
"""Seconds after which a person is told that input waits, and can drop it."""

_SOON = 0.005
"""Seconds between two looks at whether what is awaited is there."""

_MOVES = ("move(", "page(", "end(")


class _Free(NamedTuple):
    """What does not wait for something."""

    typing: bool
    beside: Collection[Widget]
    escapes: bool


_Input = events.InputEvent | events.Paste


class Arrived(Message):
    """Something that input waits for is on the screen, or is not waited for any longer."""


class TypedAhead(Telling):
    """Lets input wait, in order, while anything is on its way to the screen. Leaving never waits."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._held: deque[_Input] = deque()
        self._awaited: dict[object, _Free] = {}
        self._since: float | None = None
        self._before: tuple[Widget | None, str] = None, ""
        self._told_waiting = self._given_up = self._looks = False

    @property
    def waits(self) -> bool:
        """Whether any input waits, or what was caused has not come about."""
        return bool(self._held) or self._busy() is not None

    def hold(
        self,
        awaited: object,
        *,
        typing: bool = False,
        beside: Collection[Widget] = (),
        escapes: bool = False,
    ) -> None:
        """Let input wait until something has `arrived`.

        Args:
            awaited: a worker, for whose end the input to its screen waits, to all screens if it is one
                of the app; for anything else all does.
            typing: what is typed into a field does not wait.
            beside: lists in which the cursor moves without that.
            escapes: ``escape`` does not wait: it takes back what would come.
        """
        self._awaited[awaited] = _Free(typing, beside, escapes)

    def arrived(self, awaited: object) -> None:
        """Let input go on, unless anything else is waited for."""
        self._awaited.pop(awaited, None)
        self.post_message(Arrived())

    async def on_event(self, event: events.Event) -> None:
        """Keep input that has to wait."""
        if not isinstance(event, _Input) or event.is_forwarded or self._passes(event):
            await super().on_event(event)
        elif _is_key(event, "escape") and self._told_waiting:
            self._held.clear()
            self._since, self._told_waiting, self._given_up = None, False, True
        else:
            self._held.append(event)
            await self._feed()

    def _passes(self, event: _Input) -> bool:
        """Whether input never waits: it leaves, or is no more than the mouse's way."""
        if isinstance(event, events.MouseMove):
            return not self._held
        return _is_key(event, keymap.QUITS, "ctrl+c")

    async def on_arrived(self) -> None:
        """Let the screen have what has waited long enough."""
        await self._feed()

    async def _feed(self) -> None:
        """Let the screen have what waits for nothing, the first first."""
        while self._held and self.screen_stack:
            first = self._held[0]
            if not self._goes_on(first):
                busy = self._busy()
                if (busy is not None or self._has_to_wait(first)) and not self._leaves(first):
                    self._look_again(busy)
                    return
            self._held.popleft()
            self._since, self._told_waiting = None, False
            self._before = self.focused, self._kind(first)
            await super().on_event(first)

    def _goes_on(self, first: _Input) -> bool:
        """Whether a character follows another one into a field, or the cursor is moved again.

        Neither takes the focus elsewhere, and a widget has them in their order.
        """
        focused, kind = self._before
        if not kind or focused is not self.focused or kind != self._kind(first):
            return False
        return kind == "types" or not self._has_to_wait(first)

    def _kind(self, event: _Input) -> str:
        """Return ``types`` for a character into a field, ``moves`` for a move, ``""`` for all else."""
        if not isinstance(event, events.Key):
            return ""
        if event.is_printable and _edits(self.focused, event):
            return "types"
        return "moves" if self._action(event).startswith(_MOVES) else ""

    def _leaves(self, first: _Input) -> bool:
        """Whether an ``escape`` has waited long enough: nothing was typed before it."""
        since = self._since
        waited = 0.0 if since is None else time.monotonic() - since
        return waited >= LONGEST and _is_key(first, "escape")

    def _look_again(self, busy: MessagePump | None) -> None:
        """Look soon whether there is what the first input waits for; tell where that takes long."""
        now = time.monotonic()
        self._since = self._since or now
        if now - self._since >= LONGEST and not self._told_waiting:
            self._told_waiting = True
            self.tell(_("What you type waits for what is being read. escape drops it."))
        if not self._looks:
            self._looks = True
            if busy is None or not busy.call_later(self._look):
                asyncio.get_running_loop().call_later(_SOON, self._look)

    def _look(self) -> None:
        self._looks = False
        self.post_message(Arrived())

    def _busy(self) -> MessagePump | None:
        """Return what still has messages to handle, None where all that was caused has come about."""
        if self.message_queue_size or self._pending_message is not None:
            return self
        nodes = (node for screen in self.screen_stack for node in screen.walk_children())
        return next((node for node in (*self.screen_stack, *nodes) if not _rests(node)), None)

    def _has_to_wait(self, event: _Input) -> bool:
        """Whether something is awaited that input could be meant for."""
        self._awaited = {one: free for one, free in self._awaited.items() if not _is_over(one)}
        waits = self._waits(event)
        self._given_up = self._given_up and waits
        return waits and not self._given_up

    def _waits(self, event: _Input) -> bool:
        focused = self.focused
        if isinstance(focused, LineView) and focused.is_moving:
            return True
        frees = [free for one, free in self._awaited.items() if self._is_here(one)]
        if not frees:
            return False
        if _is_key(event, "escape") and all(free.escapes for free in frees):
            return False
        if _edits(focused, event):
            return not all(free.typing for free in frees)
        action = self._action(event)
        moves = action.startswith(_MOVES) and all(focused in free.beside for free in frees)
        return not moves and action != "stop"

    def _is_here(self, awaited: object) -> bool:
        """Whether something is on its way to the screen at hand."""
        if not isinstance(awaited, Worker) or awaited.node is self:
            return True
        return self.screen in awaited.node.ancestors_with_self

    def _action(self, event: _Input) -> str:
        """Return what a key does, ``""`` where it does nothing."""
        key = event.key if isinstance(event, events.Key) else ""
        active = self.screen.active_bindings.get(key)
        return "" if active is None else active.binding.action


def _edits(field: Widget | None, event: _Input) -> bool:
    from memos_admin.tui.widgets.entry import edits  # there are no fields on the first frame

    return edits(field, event)


def _is_key(event: events.Event, *keys: str) -> bool:
    return isinstance(event, events.Key) and event.key in keys


def _is_over(awaited: object) -> bool:
    return isinstance(awaited, Worker) and (awaited.is_finished or awaited.is_cancelled)


def _rests(pump: MessagePump) -> bool:
    """Whether a widget has handled all messages, and waits for another one."""
    if pump._closing or pump._closed:  # noqa: SLF001 - its size leaves out what is being handled
        return True
    queue: Queue[Message | None] = pump._message_queue  # noqa: SLF001 - Textual has no public way to ask
    return queue.empty() and bool(queue.ready_event._waiters)  # noqa: SLF001 - who waits for the next

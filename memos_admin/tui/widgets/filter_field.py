"""A field for the language of filters: what could be typed next is offered, what is wrong is marked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.worker import Worker

from memos_admin.tui import background
from memos_admin.tui.widgets.entry import Entry

Offer = Callable[[str], Awaitable[Sequence[str]]]
"""Returns the texts that what is typed could become, the most likely one first."""


class FilterField(Entry):
    """A field that shows how what is typed could go on; → and tab type that."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "take_offer", show=False)]

    def __init__(self, prompt: str, offer: Offer) -> None:
        self._marks = _Marks()
        super().__init__(
            placeholder=prompt,
            compact=True,
            select_on_focus=False,
            highlighter=self._marks,
            suggester=_Offers(offer),
        )

    def run_worker(self, *args: Any, **options: Any) -> Worker[Any]:
        """Let what is typed next wait for the offer that is looked for, if it could take it."""
        worker: Worker[Any] = super().run_worker(*args, **options)
        background.hold(worker)
        return worker

    def mark(self, place: tuple[int, int] | None) -> None:
        """Mark the characters that are wrong; None: nothing is."""
        if self._marks.place != place:
            self._marks.place = place
            self.refresh()

    @property
    def has_offer(self) -> bool:
        """Whether something is offered behind the cursor."""
        return bool(self._suggestion) and self.cursor_at_end

    def action_take_offer(self) -> None:
        """Type what is offered; nothing where nothing is: who goes on typing means the field still."""
        if self.has_offer:
            self.action_cursor_right()


class _Marks(Highlighter):
    def __init__(self) -> None:
        self.place: tuple[int, int] | None = None

    def highlight(self, text: Text) -> None:
        if self.place is not None:
            text.stylize("underline bold", *self.place)


class _Offers(Suggester):
    def __init__(self, offer: Offer) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._offer = offer

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first offer that goes on behind what is typed."""
        lines = await self._offer(value)
        return next((line for line in lines if line.startswith(value) and line != value), None)

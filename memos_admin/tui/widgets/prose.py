"""A text of ours in lines that are as full as its language allows: Textual breaks Chinese at spaces only."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from memos_admin.backend.display import printable
from memos_admin.backend.wrapping import wrap

LEAST = 10


class Wrapped(Static):
    """Lines that are gated already, with their styles."""

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._width = 0
        self._whole = Content("")

    def show(self, content: Content) -> None:
        """Show something else."""
        self._whole = content
        self._lay()

    def on_mount(self) -> None:
        """Show it, in whatever lines, until the width is known."""
        self._lay()

    def on_resize(self) -> None:
        """Break it for the new width."""
        if self.size.width != self._width:
            self._lay()

    def _lay(self) -> None:
        self._width = self.content_size.width and self.size.width
        shown, width = self._whole, self.content_size.width
        if width >= LEAST:
            ends = [at for line in wrap(shown.plain, width) for at in line]
            shown = Content("\n").join(shown.divide(ends)[1::2])
        self.update(shown)


class Prose(Wrapped):
    """Paragraphs; the text is gated here."""

    def __init__(
        self,
        text: str = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._whole = Content(printable(text, newlines=True))

    def say(self, text: str) -> None:
        """Say something else."""
        self.show(Content(printable(text, newlines=True)))

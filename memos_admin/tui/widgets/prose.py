"""A text of ours in lines that are as full as its language allows: Textual breaks Chinese at spaces only."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from memos_admin.backend.display import printable
from memos_admin.backend.wrapping import wrap

LEAST = 10


class Prose(Static):
    """Paragraphs; the text is gated here."""

    def __init__(
        self,
        text: str = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._text, self._width = text, 0

    def say(self, text: str) -> None:
        """Say something else."""
        self._text = text
        self._lay()

    def on_mount(self) -> None:
        """Say it, in whatever lines, until the width is known."""
        self._lay()

    def on_resize(self) -> None:
        """Break it for the new width."""
        if self.size.width != self._width:
            self._lay()

    def _lay(self) -> None:
        self._width = self.content_size.width and self.size.width
        text, width = printable(self._text, newlines=True), self.content_size.width
        if width >= LEAST:
            text = "\n".join(text[start:end] for start, end in wrap(text, width))
        self.update(Content(text))

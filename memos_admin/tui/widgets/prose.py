"""A text of ours in lines that are as full as its language allows: Textual breaks Chinese at spaces only."""

from __future__ import annotations

from collections.abc import Iterator

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
            lines = shown.split(allow_blank=True)
            shown = Content("\n").join(part for line in lines for part in _broken(line, width))
        self.update(shown)


def _broken(line: Content, width: int) -> Iterator[Content]:
    """Yield a line broken for a width; what goes on is indented as it begins."""
    indent = len(line.plain) - len(line.plain.lstrip(" "))
    if indent > width - LEAST:
        indent = 0
    margin, body = line.divide([indent]) if indent else (Content(""), line)
    ends = [at for part in wrap(body.plain, width - indent) for at in part]
    yield from (margin + part for part in body.divide(ends)[1::2])


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

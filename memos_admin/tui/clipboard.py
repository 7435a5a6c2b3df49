"""The clipboard: what is put there is pasted somewhere else, perhaps into a shell that obeys it."""

from __future__ import annotations

from textual.app import App

from memos_admin.backend.display import readable, unseen_in
from memos_admin.language import ngettext
from memos_admin.tui.words import phrases


class Clipboard(App[int]):
    """Copies a text as documents show it: what a terminal obeys, or nobody sees, is a mark; lines and tabs stay."""

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text."""
        super().copy_to_clipboard(readable(text))


def marks_note(text: str) -> str:
    """Return that some characters of a text are copied as marks, ``""`` where none is."""
    if not (number := unseen_in(text)):
        return ""
    return ngettext(
        "{number} control or unseen character is copied as a symbol.",
        "{number} control and unseen characters are copied as symbols.",
        number,
    ).format(number=phrases.count(number))

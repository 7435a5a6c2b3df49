"""Fields that edit in the order of typing, as Textual's own do not.

Textual gives a character to the field at once, and asks what a key is bound to when the key has come back
from all that the field stands in. Of ``a``, backspace and ``b`` in one read, as a slow line delivers them,
``b`` would be there first, and be what is deleted.
"""

from __future__ import annotations

import re

from textual import events
from textual.widget import Widget
from textual.widgets import Input, TextArea

from memos_admin.backend.ids.as_shown import marked, unmarked
from memos_admin.backend.keys import holds_key, without_held
from memos_admin.language import gettext as _
from memos_admin.tui.telling import tell

_ASKS = frozenset({"submit", "take_offer"})
"""What a field is told to do that is about more than its text."""


class Entry(Input):
    """An input of one line, which takes no API key unless it hides what is typed.

    Attributes:
        takes_ids: characters that nobody would see are part of what is meant, and stay as marks.
    """

    takes_ids = False

    _dropping = False
    """A key is coming in one character at a time, as a terminal pastes that does not say so: there is more of it."""

    _doubted = False
    """What stands here may be what came behind such a key: to submit it takes a second time."""

    def put(self, text: str) -> None:
        """Have a text in place of what stands there, to be typed on behind it."""
        self.value = text
        self.cursor_position = len(text)

    def validate_value(self, value: str) -> str:
        """Return what is typed without an API key, which is taken out before anybody has seen or used it."""
        if self.password or not self.is_attached:
            return value
        before = self.value
        if self._dropping and _is_key_typed_on(before, value):
            return before
        self._dropping = False
        if not holds_key(value) or holds_key(before):
            return value
        self._dropping = self._doubted = len(value) == len(before) + 1
        tell_key(self)
        return without_held(value)

    async def action_submit(self) -> None:
        """Submit what is typed, unless it is what came behind a key that was taken out."""
        if self._doubted:
            self._dropping = self._doubted = False
            tell_key(self)
        else:
            await super().action_submit()

    async def _on_key(self, event: events.Key) -> None:
        char = event.character or ""
        if self.takes_ids and len(char) == 1 and (mark := marked(char)) != char and char > "\x9f":
            event.stop()
            event.prevent_default()
            self.insert_text_at_cursor(mark)
            return
        await _do_bound(self, event)

    def _on_paste(self, event: events.Paste) -> None:
        if not self.takes_ids:
            event.text = unmarked(event.text)


class TextEntry(TextArea):
    """An input of several lines, into which no API key is pasted."""

    async def _on_paste(self, event: events.Paste) -> None:
        if holds_key(event.text):
            event.stop()
            event.prevent_default()
            tell_key(self)
        event.text = unmarked(event.text)

    async def _on_key(self, event: events.Key) -> None:
        await _do_bound(self, event)


def tell_key(field: Widget) -> None:
    """Tell that a field does not take an API key."""
    text = _("That is the API key, which does not belong here. It was taken out, and kept nowhere.")
    tell(field.screen, text)


def _is_key_typed_on(before: str, value: str) -> bool:
    """Return whether one text is the other and a character of a key behind it."""
    return value[:-1] == before and re.fullmatch(r"[A-Za-z0-9_\-]", value[-1:]) is not None


def edits(field: Widget | None, event: events.Event) -> bool:
    """Return whether input is no more to a field than a text, or a change of the one that it has."""
    if not isinstance(field, Input | TextArea):
        return False
    if not isinstance(event, events.Key):
        return isinstance(event, events.Paste)
    if event.is_printable:
        return True
    bound = field._bindings.key_to_bindings.get(event.key, ())  # noqa: SLF001 - no public way
    return any(binding.action not in _ASKS for binding in bound)


async def _do_bound(field: Widget, event: events.Key) -> None:
    """Do what a key is bound to in the field itself; others go on to what it stands in."""
    if event.is_printable:
        return
    for binding in field._bindings.key_to_bindings.get(event.key, ()):  # noqa: SLF001 - no public way
        if not binding.priority and await field.app.run_action(binding.action, field):
            event.stop()
            event.prevent_default()
            return

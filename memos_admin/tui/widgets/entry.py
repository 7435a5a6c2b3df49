"""Fields that edit in the order of typing, as Textual's own do not.

Textual gives a character to the field at once, and asks what a key is bound to when the key has come back
from all that the field stands in. Of ``a``, backspace and ``b`` in one read, as a slow line delivers them,
``b`` would be there first, and be what is deleted.
"""

from __future__ import annotations

from textual import events
from textual.widget import Widget
from textual.widgets import Input, TextArea

_ASKS = frozenset({"submit", "take_offer"})
"""What a field is told to do that is about more than its text."""


class Entry(Input):
    """An input of one line."""

    def put(self, text: str) -> None:
        """Have a text in place of what stands there, to be typed on behind it."""
        self.value = text
        self.cursor_position = len(text)

    async def _on_key(self, event: events.Key) -> None:
        await _do_bound(self, event)


class TextEntry(TextArea):
    """An input of several lines."""

    async def _on_key(self, event: events.Key) -> None:
        await _do_bound(self, event)


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

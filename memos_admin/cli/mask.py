"""Screen-safe mode of commands: how the values of rows and documents are masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from memos_admin.backend import display
from memos_admin.backend.export.mask import LONG_NUMBER, NAMED
from memos_admin.backend.masking.finding import find
from memos_admin.backend.masking.pseudonyms import key_or_passing
from memos_admin.backend.masking.veil import Veil

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.backend.model import Kind, Reads

_SAYS_KIND = ("subject_kind", "kind")
"""Keys of a row under which may stand whether its ``user_id`` is a user or an agent."""


class Mask:
    """Draws the veil of the display gate, and masks the values of rows and documents."""

    def __init__(self, home: Home, *, names: bool) -> None:
        self._veil = Veil(key_or_passing(home), names=names)
        display.draw(self._veil)

    def lift(self) -> None:
        """Mask no more."""
        display.draw(None)

    def meet(self, kind: Kind, ids: Iterable[str]) -> None:
        """Know users or agents by their other names, also where texts name them."""
        self._veil.meet((kind, one) for one in ids)

    def meet_all(self, reads: Reads) -> None:
        """Know whomever a store has by their other names."""
        self._veil.meet_all(reads)

    def value(self, name: str, value: Any, kind: str | None = None) -> Any:
        """Return a value that stands under a name, with masks.

        Args:
            name: the key or column; ``""``: none.
            value: what JSON has.
            kind: whether a ``user_id`` beside it is a user or an agent; None: it does not say.
        """
        if isinstance(value, str):
            if name == "user_id" and kind is not None:
                return display.masked(self._veil.name(value, kind))
            return display.masked(display.other_name(value) if name in NAMED else value)
        if isinstance(value, int) and LONG_NUMBER.fullmatch(text := str(value)):
            masked = display.masked(text)
            return value if masked == text else masked
        if isinstance(value, list | tuple):
            return [self.value(name, one, kind) for one in value]
        if isinstance(value, Mapping):
            kinds = (value.get(key) for key in _SAYS_KIND)
            kind = next((one for one in kinds if one in {"user", "agent"}), None)
            title, content = value.get("title"), value.get("content")
            if isinstance(title, str) and isinstance(content, str):
                value = {**value, "title": display.titled(title, content)}
            return {
                display.masked(key) if find(key) else key: self.value(key, one, kind)
                for key, one in value.items()
            }
        return value

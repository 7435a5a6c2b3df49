"""Screen-safe mode of commands: what is masked where a person reads, or where ``--mask`` asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from memos_admin.backend import display
from memos_admin.backend.export.mask import NAMED
from memos_admin.backend.masking.pseudonyms import key_or_passing
from memos_admin.backend.masking.veil import Veil

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.backend.model import Reads


class Mask:
    """Draws the veil of the display gate, and masks the values of rows and documents."""

    def __init__(self, home: Home, *, names: bool) -> None:
        self._veil = Veil(key_or_passing(home), names=names)
        self._met = False
        display.draw(self._veil)

    def meet(self, reads: Reads) -> None:
        """Know all users and agents by their other names, also where texts name them. Once."""
        if not self._met:
            self._met = True
            for subject in reads.subjects(reads.subject_pks()):
                self._veil.name(subject.ref.external_id, subject.ref.kind)

    def value(self, name: str, value: Any) -> Any:
        """Return a value that stands under a name, with masks."""
        if isinstance(value, str):
            return display.masked(display.other_name(value) if name in NAMED else value)
        if isinstance(value, list | tuple):
            return [self.value(name, one) for one in value]
        if isinstance(value, Mapping):
            return {key: self.value(key, one) for key, one in value.items()}
        return value

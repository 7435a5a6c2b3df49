"""Screen-safe mode of the interface: draws the veil of the display gate, and lifts it.

What masks and names imports its libraries when the veil is drawn first.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from memos_admin.backend import display
from memos_admin.backend.privacy import Privacy
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.backend.model import Reads, SubjectRef

_SEARCH_ROWS = "memos_admin.tui.rows.search"

UNMASK = "ctrl+l"
"""The key that switches the mode, on screens whose keys cannot be chosen."""


def why_no_field(text: str, key: str = UNMASK) -> str:
    """Return why a field cannot have a text, ``""``: it can. `key` is the one that shows what is masked."""
    if display.masked(text) == text:
        return ""
    masks = _("Something in it is masked, and a field shows all. {key} shows it first.")
    return masks.format(key=key)


def titled(text: str) -> tuple[str, ...]:
    """Return what a frame says at the top, with that it is masked, for screens that have no top line.

    At the bottom, what is told would cover it.
    """
    if (veil := display.veil()) is None:
        return (text,)
    return text, _("masked, but for one") if veil.revealed else _("masked")


class ScreenSafe:
    """Whether the mode is on in this run.

    Attributes:
        state: what is masked.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._key: bytes | None = None
        self._met: Collection[tuple[str, str]] = ()
        self.state = Privacy()

    def belong_to(self, home: Home) -> None:
        """Give users the names that they have in this home; the demo has one of its own."""
        if home.path != self._home.path:
            self._home, self._key, self._met = home, None, ()
            self.set(self.state)

    def set(self, state: Privacy, at_hand: Iterable[SubjectRef] = ()) -> None:
        """Mask this from now on, in the language that is spoken; what was revealed no longer is.

        Args:
            state: what is masked.
            at_hand: whose texts are shown, and are drawn anew before the store is read again.
        """
        self.state = state if state.mask else Privacy()
        if not state.mask:
            display.draw(None)
        else:
            from memos_admin.backend.masking.pseudonyms import key_or_passing
            from memos_admin.backend.masking.veil import Veil

            self._key = self._key or key_or_passing(self._home)
            veil = Veil(self._key, names=state.pseudonyms, translate=_)
            veil.meet([*self._met, *((ref.kind, ref.external_id) for ref in at_hand)])
            display.draw(veil)
        self._forget()

    def meet_all(self, reads: Reads) -> bool:
        """Know whomever the store has by their other names, also where texts name them.

        In the thread that reads. Returns whether somebody has another name that was not known: texts that
        are shown may have the id in them until they are drawn anew.
        """
        veil = display.veil()
        if veil is None:
            return False
        self._met = reads.subject_ids()
        if not veil.meet(self._met):
            return False
        self._forget()
        return True

    @property
    def mark(self) -> tuple[str, ...]:
        """What the top line says of it, ever shorter; empty: nothing."""
        if not self.state.mask:
            return ()
        if self.revealing:
            return (_("masked, but for one"),)
        if self.state.pseudonyms:
            return (_("masked, other names"),)
        veil = display.veil()
        some = {"all": (), "some": (_("masked, some ids shown"),)}
        if veil is None or (more := some.get(veil.shows_ids)) is None:
            return (_("masked"),)
        return *more, _("masked, ids shown"), _("masked")

    @property
    def revealing(self) -> bool:
        """Whether something is shown as it is."""
        veil = display.veil()
        return veil is not None and bool(veil.revealed)

    def reveal(self, texts: Iterable[str], ids: Iterable[str]) -> int:
        """Show what is masked in these texts, and these ids, until `hide`; return how much it is."""
        if (veil := display.veil()) is None:
            return 0
        veil.reveal(veil.values(texts) | veil.renamed(ids))
        self._forget()
        return len(veil.revealed)

    def hide(self) -> bool:
        """Mask again what was revealed; False where nothing was."""
        if not self.revealing:
            return False
        self.reveal((), ())
        return True

    def _forget(self) -> None:
        """Forget lines that were made with another veil."""
        if (rows := sys.modules.get(_SEARCH_ROWS)) is not None:
            rows.marked.cache_clear()

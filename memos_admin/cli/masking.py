"""Whether a command masks what it shows: as it is asked to, else as the configuration has it for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from memos_admin.cli.output import Output

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.backend.model import Kind, Reads


class Masking:
    """The mask of what a command writes, if there is one.

    Attributes:
        is_lifted: the configuration masks, and ``--no-mask`` was given: what is seen is journaled as that.
    """

    def __init__(self, out: Output) -> None:
        self._out = out
        self.is_lifted = False

    def begin(self, wanted: bool | None, home: Callable[[], Home]) -> None:
        """Mask from now on, if that is asked for.

        Args:
            wanted: ``--mask`` or ``--no-mask``; None: neither.
            home: finds the home whose configuration it is; not asked where nobody reads at a terminal.
        """
        if wanted is None and not self._out.on_terminal:
            return
        from memos_admin.backend import config
        from memos_admin.backend.privacy import privacy

        here = home()
        chosen = privacy(config.read(here))
        self.is_lifted = chosen.mask and wanted is False
        if wanted or (wanted is None and chosen.mask):
            from memos_admin.cli.mask import Mask

            self._out.mask = Mask(here, names=chosen.pseudonyms)

    def end(self) -> None:
        """Mask no more."""
        if self._out.mask is not None:
            self._out.mask.lift()

    def meet(self, kind: Kind, ids: Iterable[str]) -> None:
        """Know users or agents by their other names, also where texts name them."""
        if self._out.mask is not None:
            self._out.mask.meet(kind, ids)

    def meet_all(self, reads: Reads) -> None:
        """Know whomever a store has before any text that may name them is read."""
        if self._out.mask is not None:
            self._out.mask.meet_all(reads)

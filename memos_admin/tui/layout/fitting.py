"""What frames and crumbs say, fitted to the room that there is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from memos_admin.backend.display import both_ends, one_line

BETWEEN = " · "


@dataclass(frozen=True)
class Part:
    """One of the things that a line says.

    Attributes:
        text: from outside or not: it is gated where the line is fitted.
        shorter: what may stand instead, in this order; a last ``""``: it may be left out.
        gives_way: parts give way in this order where the room is short.
    """

    text: str
    shorter: tuple[str, ...] = ()
    gives_way: int = 0


def fit_parts(parts: Sequence[Part], cells: int, between: str = BETWEEN) -> str:
    """Return parts as one safe line, shortened in their order until it is at most `cells` wide."""

    def joined() -> str:
        return between.join(text for text in texts if text)

    texts = [part.text for part in parts]
    for index in sorted(range(len(parts)), key=lambda index: parts[index].gives_way):
        for shorter in parts[index].shorter:
            if cell_len(joined()) <= cells:
                break
            texts[index] = shorter
    return one_line(joined(), max(0, cells))


def share(ids: Sequence[str], cells: int) -> list[str]:
    """Return ids, gated, that together are at most `cells` wide: the longest ones are cut."""
    texts = [*ids]
    order = sorted(range(len(texts)), key=lambda index: cell_len(texts[index]))
    for place, index in enumerate(order):
        texts[index] = both_ends(texts[index], max(1, cells // (len(order) - place)))
        cells -= cell_len(texts[index])
    return texts

"""The way that led to a pane, where one pane is shown at a time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from memos_admin.language import gettext as _
from memos_admin.tui.layout.fitting import BETWEEN, share

_DEEPER = " › "


@dataclass(frozen=True)
class Crumb:
    """A step of the way: what it is called, and the pane that it leads to."""

    text: str
    pane: str


def fit(ids: Sequence[Crumb], tabs: Sequence[Crumb], cells: int) -> list[Crumb]:
    """Return Users, then `ids`, then `tabs`, so that all are at most `cells` wide in one line.

    Args:
        ids: what was chosen on the way; where they are too long both their ends stay.
        tabs: the pane that is shown and those beside it.
        cells: room.
    """
    first = [] if tabs[0].pane == "users" else [Crumb(_("Users"), "users")]
    room = cells - sum(cell_len(crumb.text) for crumb in (*first, *tabs))
    room -= len(_DEEPER) * (len(first) + len(ids)) + len(BETWEEN) * (len(tabs) - 1)
    texts = share([crumb.text for crumb in ids], room)
    known = (Crumb(text, crumb.pane) for text, crumb in zip(texts, ids, strict=True))
    return [*first, *known, *tabs]


def line(crumbs: Sequence[Crumb], tabs: int, here: str) -> tuple[Content, list[tuple[int, str]]]:
    """Return the line, and where each crumb ends with the pane that it leads to.

    Args:
        crumbs: as `fit` returns them.
        tabs: how many of them, at the end, stand beside each other.
        here: the pane that is shown.
    """
    parts: list[Content] = []
    ends: list[tuple[int, str]] = []
    at = 0
    for index, crumb in enumerate(crumbs):
        between = BETWEEN if index > len(crumbs) - tabs else _DEEPER
        if index:
            parts.append(Content(between))
            at += cell_len(between)
        style = "bold underline $foreground" if crumb.pane == here else ""
        parts.append(Content.styled(crumb.text, style))
        at += cell_len(crumb.text)
        ends.append((at, crumb.pane))
    return Content("").join(parts), ends

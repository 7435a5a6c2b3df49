"""The way that led to a pane, where one pane is shown at a time. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from memos_admin.tui.fitting import share

_BETWEEN = " › "


def crumbs(titles: Sequence[str], here: str, ids: Sequence[str], cells: int) -> Content:
    """Return Users › a user › a conversation › Messages · Memories, at most `cells` wide.

    Args:
        titles: of the pane that is shown and those beside it.
        here: the one that is shown.
        ids: of what was chosen on the way; where they are too long both their ends stay.
        cells: room.
    """
    tabs = Content(" · ").join(
        Content.styled(title, "bold underline $foreground" if title == here else "")
        for title in titles
    )
    first = [] if here == "Users" else ["Users"]
    room = cells - tabs.cell_length - sum(map(len, first))
    room -= len(_BETWEEN) * (len(first) + len(ids))
    parts = [Content(name) for name in (*first, *share(ids, room))]
    return Content(_BETWEEN).join([*parts, tabs])

"""What a screen shows instead of itself where the terminal is too small for it."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static

from memos_admin.language import gettext as _
from memos_admin.tui.layout.arrangement import LEAST_SIZE


class Cover(Static):
    """Lies over everything on a screen; keys go to what is below it."""

    DEFAULT_CSS = """
    Cover {
        layer: cover; dock: top; width: 100%; height: 100%; background: $background;
        content-align: center middle; text-align: center;
    }
    Cover:ansi { background: ansi_default; }
    """


def cover(screen: Screen[object], size: Size, key: str) -> None:
    """Cover a screen if the terminal is too small, uncover it if not; `key` quits."""
    covers = [child for child in screen.children if isinstance(child, Cover)]
    if size.width >= LEAST_SIZE[0] and size.height >= LEAST_SIZE[1]:
        for there in covers:
            there.remove()
        return
    text = _(
        "{size} is too small.\nmemos-admin needs {least}.\nMake it larger, or press {key} to quit."
    ).format(size=f"{size.width}×{size.height}", least=f"{LEAST_SIZE[0]}×{LEAST_SIZE[1]}", key=key)
    if covers:
        covers[0].update(Content(text))
    else:
        screen.mount(Cover(Content(text)))

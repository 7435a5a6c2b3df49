"""What the line widgets share: styles by name, and strips made of pieces of text.

Text in pieces has passed the display gate; nothing here reads markup.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.css.styles import RenderStyles
from textual.dom import DOMNode
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from memos_admin.backend.display import ELLIPSIS, one_line

_COLOURS = frozenset({"dim", "accent", "warn"})
"""Styles that say a colour; the others only how letters look."""

Piece = tuple[str, str]
"""Text and the names of styles, joined by spaces: ``("user", "strong")``."""


class LineView(ScrollView, inherit_bindings=False):
    """A scrolling view that draws itself line by line; only what is visible costs anything."""

    # Not Textual's COMPONENT_CLASSES: those are worked out for every line view whenever any of its
    # styles may have changed, at each move of the focus, which is a third of what styles cost.
    PARTS: ClassVar[frozenset[str]] = frozenset(
        {
            "line--dim",
            "line--strong",
            "line--accent",
            "line--warn",
            "line--match",
            "line--found",
            "line--cursor",
            "line--blurred",
        }
    )

    DEFAULT_CSS = """
    LineView {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        background: $background;
        &:ansi { background: ansi_default; }
        & > .line--dim { color: $text-muted; }
        & > .line--strong { text-style: bold; }
        & > .line--accent { color: $primary; }
        & > .line--warn { color: $warning; }
        & > .line--match { text-style: underline; }
        & > .line--found { text-style: reverse; }
        & > .line--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        & > .line--blurred {
            background: $block-cursor-blurred-background;
            color: $block-cursor-blurred-foreground;
        }
        &:ansi > .line--dim { color: ansi_default; text-style: dim; }
        &:ansi > .line--blurred { background: ansi_default; text-style: bold; }
        &:nocolor > .line--cursor { text-style: reverse; }
        &:nocolor > .line--blurred { text-style: bold; }
        &:nocolor > .line--dim { text-style: dim; }
    }
    """

    @property
    def is_moving(self) -> bool:
        """Whether what is under the cursor is still to be read."""
        return False

    @property
    def line_width(self) -> int:
        """Cells that a line has, the scroll bar left out."""
        return self.scrollable_content_region.width

    def set_lines(self, number: int) -> None:
        """Set how many lines there are to scroll over."""
        self.virtual_size = Size(0, number)

    def show_line(self, top: int, bottom: int | None = None, *, margin: int = 0) -> None:
        """Scroll as little as shows the lines from `top` to `bottom` (excluded), `top` first."""
        height = max(1, self.scrollable_content_region.height)
        bottom = top + 1 if bottom is None else bottom
        at = round(self.scroll_y)
        if bottom + margin > at + height:
            at = bottom + margin - height
        at = min(at, top - margin)
        self.jump_to(at)

    def jump_to(self, line: int) -> None:
        """Scroll so that `line` is the first one, without animation and at once."""
        at = max(0, min(line, self.max_scroll_y))
        self.set_reactive(LineView.scroll_target_y, at)
        self.scroll_y = at

    @property
    def _looks(self) -> dict[tuple[str, str], Style]:
        """Styles by (names, name of the cover), for as long as they hold: to find one is slow."""
        key = (self.app.theme, self.has_focus, self.app.app_focus)
        if self._looks_of != key:
            if self._looks_of[:1] != key[:1]:
                self._component_styles.clear()
                self._rich_style_cache.clear()
            self._looks_of, self._kept_looks = key, {}
        return self._kept_looks

    _looks_of: tuple[object, ...] = ()
    _kept_looks: dict[tuple[str, str], Style] = {}  # noqa: RUF012 - replaced before it is used

    def notify_style_update(self) -> None:
        """Forget styles that may not hold any more."""
        super().notify_style_update()
        self._looks_of = ()

    def get_component_styles(self, *names: str) -> RenderStyles:
        """Return the styles of a part, which are worked out when it is drawn first; see `DOMNode`."""
        for name in self.PARTS.intersection(names).difference(self._component_styles):
            part = DOMNode(classes=name)
            part._attach(self)  # noqa: SLF001 - as the stylesheet does for COMPONENT_CLASSES
            self.app.stylesheet.apply(part, animate=False)
            self._component_styles[name] = part.styles
        return super().get_component_styles(*names)

    def look(self, names: str = "", over: str = "") -> Style:
        """Return the style that names mean, on the widget's own, with another name over it."""
        looks = self._looks
        style = looks.get((names, over))
        if style is None:
            style = looks[names, over] = self._look(names, over)
        return style

    def _look(self, names: str, over: str) -> Style:
        style = self.rich_style
        for name in names.split():
            # Not a partial style: that leaves out what a theme says as a share of another colour.
            named = self.get_component_rich_style(f"line--{name}")
            style += named.without_color
            if name in _COLOURS:
                style += Style(color=named.color)
        if not over:
            return style
        cover = self.get_component_rich_style(f"line--{over}") + Style(dim=False)
        # The accent says something: a cursor over it changes its ground only, if it shows there.
        shows = style.color != cover.bgcolor and not self.app.native_ansi_color
        if "accent" in names and shows:
            cover += Style(color=style.color)
        return style + cover

    def strip(self, pieces: Iterable[Piece], width: int, over: str = "") -> Strip:
        """Return a line `width` cells wide; the style named `over` covers the whole of it."""
        segments = [Segment(text, self.look(names, over)) for text, names in pieces]
        return Strip(segments).adjust_cell_length(width, self.look("", over))

    def blank(self, width: int) -> Strip:
        """Return an empty line."""
        return Strip.blank(width, self.look())


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """Return gated `text` as one line of exactly `cells`: cut with … or filled with spaces."""
    text = one_line(text, cells)
    need = cell_len(text)
    if need > cells:
        return set_cell_size(text, max(0, cells - 1)) + ELLIPSIS
    return " " * (cells - need) + text if right else text + " " * (cells - need)

"""Where there is too little room for a column of widgets, the one that scrolls gives way to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.layout import ArrangeResult
from textual.layouts.vertical import VerticalLayout

if TYPE_CHECKING:
    from textual.widget import Widget

GIVES_WAY = "-gives-way"
"""The class of the widget that does."""


class GivingWay(VerticalLayout):
    """One below the other, as Textual does it, but nothing below the end of the column."""

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Return where each widget stands."""
        placed = super().arrange(parent, children, size, greedy)
        # Without a height it is asked how much all of them would take.
        if not size.height or not placed:
            return placed
        end = placed[-1].region.bottom + placed[-1].margin.bottom
        at = next((n for n, one in enumerate(placed) if one.widget.has_class(GIVES_WAY)), None)
        if at is None or end <= size.height:
            return placed
        region = placed[at].region
        less = min(end - size.height, max(0, region.height - 1))
        shorter = region._replace(height=region.height - less)
        below = (one._replace(region=one.region.translate((0, -less))) for one in placed[at + 1 :])
        return [*placed[:at], placed[at]._replace(region=shorter), *below]


GIVING_WAY = GivingWay()

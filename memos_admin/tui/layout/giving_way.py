"""Where there is too little room for a column of widgets, those that scroll give way to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.layout import ArrangeResult
from textual.layouts.vertical import VerticalLayout

if TYPE_CHECKING:
    from textual.widget import Widget

GIVES_WAY = "-gives-way"
"""The class of a widget that does; of several the highest does first."""


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
        high = [one.region.height if one.widget.has_class(GIVES_WAY) else 0 for one in placed]
        for _line in range(end - size.height):
            if (highest := max(high)) > 1:
                high[high.index(highest)] -= 1
        found, up = [], 0
        for one, height in zip(placed, high, strict=True):
            region = one.region.translate((0, -up))
            if one.widget.has_class(GIVES_WAY):
                up += region.height - height
                region = region._replace(height=height)
            found.append(one._replace(region=region))
        return found


GIVING_WAY = GivingWay()

"""Which panes are visible at a size, and which one is beside which. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from memos_admin.tui.commands.command import PANES

LEAST_SIZE = (60, 15)
"""Below, nothing useful fits."""

THREE_COLUMNS, FOUR_COLUMNS = 100, 170
"""From so many cells on."""

Mode = Literal["single", "three", "four"]

_GRIDS: dict[Mode, tuple[tuple[str, ...], ...]] = {
    "single": tuple((pane,) for pane in PANES),
    "three": (("users", "conversations"), ("transcript",), ("memories", "detail")),
    "four": (("users", "conversations"), ("transcript",), ("memories",), ("detail",)),
}
"""Columns of panes from the left, each from the top."""

OUT = {
    "conversations": "users",
    "transcript": "conversations",
    "memories": "conversations",
}
"""Where ``escape`` leads; from the detail it leads back to where one came from."""


@dataclass(frozen=True)
class Arrangement:
    """How the panes stand."""

    mode: Mode

    @classmethod
    def of(cls, width: int, *, zoomed: bool) -> Arrangement:
        """Return the arrangement for a screen of this width."""
        mode: Mode = "three" if width >= THREE_COLUMNS else "single"
        if width >= FOUR_COLUMNS:
            mode = "four"
        return cls("single" if zoomed else mode)

    def visible(self, pane: str) -> frozenset[str]:
        """Return the panes that are visible while `pane` has the focus."""
        return frozenset({pane}) if self.mode == "single" else frozenset(PANES)

    def beside(self, pane: str, side: str) -> str:
        """Return the pane on a side of another, itself where there is none."""
        grid = _GRIDS[self.mode]
        x = next(i for i, column in enumerate(grid) if pane in column)
        y = grid[x].index(pane)
        if side in {"up", "down"}:
            y += 1 if side == "down" else -1
            return grid[x][y] if 0 <= y < len(grid[x]) else pane
        x += 1 if side == "right" else -1
        if not 0 <= x < len(grid):
            return pane
        return grid[x][min(y, len(grid[x]) - 1)]


def following(pane: str, step: int) -> str:
    """Return the pane that ``tab`` (1) or ``shift+tab`` (-1) goes to."""
    return PANES[(PANES.index(pane) + step) % len(PANES)]

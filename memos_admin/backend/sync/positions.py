"""Order keys of messages: integers with room between them, so that rows can go in the middle."""

from __future__ import annotations

from collections.abc import Sequence

SPACING = 1 << 20
"""Distance of rows appended one after the other: room for twenty halvings."""


def between(before: int | None, after: int | None, count: int) -> list[int] | None:
    """Return `count` positions in order between two neighbours, evenly spread.

    Args:
        before: position of the row that they follow; None: they come first.
        after: position of the row that they precede; None: they come last.
        count: how many are needed.

    Returns:
        None where there is no room: the rows behind must be renumbered (`renumbered`) first.
    """
    if after is None:
        start = 0 if before is None else before
        return [start + SPACING * n for n in range(1, count + 1)]
    if before is None:
        before = after - SPACING * (count + 1)
    room = after - before
    if room <= count:
        return None
    return [before + room * n // (count + 1) for n in range(1, count + 1)]


def renumbered(count: int, before: int | None = None) -> Sequence[int]:
    """Return fresh positions for `count` rows that follow position `before` (None: the start).

    A row's position is unique in its conversation, so rows are moved from the last to the first
    where the new positions are above the old ones, else from the first to the last.
    """
    first = (0 if before is None else before) + SPACING
    return range(first, first + SPACING * count, SPACING)

"""Lines of a transcript as pieces with styles: what is marked in them, and what stands between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rich.cells import cell_len

from memos_admin.tui.layout.transcript import Line
from memos_admin.tui.widgets.line_view import Piece, fit


@dataclass(frozen=True)
class Marks:
    """What is marked in a transcript.

    Attributes:
        sources: spans (of the drawn text) by key of the messages that the memory came from.
        certain: False where the spans are only the nearest words.
    """

    sources: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)
    certain: bool = True


def pieces(line: Line, styled: Sequence[tuple[int, int, str]]) -> list[Piece]:
    """Return a line of text with the styles of the spans that reach into it."""
    first, last = line.start, line.start + len(line.text)
    inside = [(max(a, first), min(b, last), style) for a, b, style in styled]
    inside = [span for span in inside if span[0] < span[1]]
    if not inside:
        return [(line.text, "")]
    edges = sorted({first, last, *(edge for a, b, _ in inside for edge in (a, b))})
    return [
        (
            line.text[a - first : b - first],
            " ".join(sorted({style for start, end, style in inside if start <= a < end})),
        )
        for a, b in pairwise(edges)
    ]


def rule(line: Line, width: int) -> list[Piece]:
    """Return a line that stands between messages: a day, a pause, a seam."""
    if line.kind == "day":
        return [("   ", ""), (fit(line.text, max(4, width - 4)), "dim strong")]
    if line.kind == "seam":
        return [(f"   {line.text}", "warn")]
    fill = "─" * max(0, min(width, 90) - 8 - cell_len(line.text))
    return [(f"   ── {line.text} {fill}", "dim")]

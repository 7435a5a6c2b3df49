"""The figures as one Markdown table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchmarks.measure import Figure

_HEADINGS = ("what", "store", "median", "best", "p95", "ratio", "reference", "aim")


def markdown(
    machine: Iterable[str], figures: Mapping[str, Sequence[Figure]], skipped: Sequence[str]
) -> str:
    """Return machine, versions, the table and what was skipped.

    Args:
        machine: lines about it.
        figures: by section.
        skipped: what was not measured, and why.
    """
    lines = ["# Benchmarks", "", *(f"- {line}" for line in machine), ""]
    rows = [_HEADINGS, *_rows(figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADINGS))]
    for number, row in enumerate(rows):
        lines.append(_line(row, widths))
        if number == 0:
            lines.append(_line(["-" * width for width in widths], widths))
    if skipped:
        lines += ["", "Not measured:", *(f"- {why}" for why in skipped)]
    return "\n".join(lines) + "\n"


def short(figure: Figure) -> str:
    """Return a figure in one line."""
    parts = [figure.what, figure.store and f"({figure.store})", _number(figure.value), figure.unit]
    if figure.ratio is not None:
        parts.append(f"= {figure.ratio:.2f} × {figure.reference}")
    return " ".join(part for part in parts if part)


def _rows(figures: Mapping[str, Sequence[Figure]]) -> Iterator[tuple[str, ...]]:
    for section, some in figures.items():
        yield (f"**{section}**", *[""] * (len(_HEADINGS) - 1))
        for figure in some:
            yield (
                figure.what,
                figure.store,
                f"{_number(figure.value)} {figure.unit}",
                "" if figure.best is None else _number(figure.best),
                "" if figure.p95 is None else _number(figure.p95),
                "" if figure.ratio is None else f"{figure.ratio:.2f} ×",
                figure.reference,
                figure.aim,
            )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    filled = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(filled)} |"


def _number(value: float) -> str:
    """Return three digits that mean something."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"

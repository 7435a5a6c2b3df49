"""A plot of lines over logarithmic axes, as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

_WIDTH, _HEIGHT = 860, 420
_LEFT, _TOP, _RIGHT, _BOTTOM = 70, 20, 330, 50
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Told apart by those who see few colours, too (Okabe and Ito)."""


@dataclass(slots=True)
class Line:
    """A line: a name, and (x, y) of its points."""

    name: str
    points: list[tuple[float, float]] = field(default_factory=list)


def plot(lines: Sequence[Line], across: str, up: str) -> str:
    """Return an SVG of the lines; both axes are logarithmic.

    Args:
        lines: with at least one point each, all above zero.
        across: what the x axis counts.
        up: what the y axis counts.
    """
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    return "\n".join(_elements(lines, _Axis(xs, _LEFT, _WIDTH - _RIGHT), _up(ys), across, up))


class _Axis:
    """Where values stand: powers of ten from the one below the least to the one above the most."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self.first = math.floor(math.log10(min(values)) + 1e-9)
        self.last = max(self.first + 1, math.ceil(math.log10(max(values)) - 1e-9))
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.first) / (self.last - self.first)
        return self._start + share * (self._end - self._start)

    @property
    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.first, self.last + 1)]


def _up(values: Sequence[float]) -> _Axis:
    return _Axis(values, _HEIGHT - _BOTTOM, _TOP)


def _elements(lines: Sequence[Line], x: _Axis, y: _Axis, across: str, up: str) -> Iterator[str]:
    left, right, top, bottom = _LEFT, _WIDTH - _RIGHT, _TOP, _HEIGHT - _BOTTOM
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12" fill="#333">'
    )
    yield f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>'
    for tick in x.ticks:
        at = f"{x.at(tick):.1f}"
        yield f'<path d="M{at} {top}V{bottom}" stroke="#ddd"/>'
        yield f'<text x="{at}" y="{bottom + 18}" text-anchor="middle">{tick:,.0f}</text>'
    for tick in y.ticks:
        at = f"{y.at(tick):.1f}"
        yield f'<path d="M{left} {at}H{right}" stroke="#ddd"/>'
        yield f'<text x="{left - 8}" y="{at}" dy="4" text-anchor="end">{tick:,g}</text>'
    middle = (left + right) / 2
    yield f'<text x="{middle}" y="{_HEIGHT - 10}" text-anchor="middle">{escape(across)}</text>'
    yield f'<text transform="translate(16 {bottom / 2}) rotate(-90)" text-anchor="middle">{up}</text>'
    for number, line in enumerate(lines):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(f"{x.at(a):.1f},{y.at(b):.1f}" for a, b in line.points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for a, b in line.points:
            yield f'<circle cx="{x.at(a):.1f}" cy="{y.at(b):.1f}" r="3" fill="{colour}"/>'
        row = top + 14 + 20 * number
        yield f'<rect x="{right + 16}" y="{row - 9}" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="{right + 34}" y="{row + 2}">{escape(line.name)}</text>'
    yield "</svg>\n"

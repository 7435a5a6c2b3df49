"""Least-cost alignment of a window's rows with stored rows; see `stitching` for what it means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

# All but equal, so that the number of edits decides; apart, so that two alignments that edit
# differently never tie: then a tie can only be a shift along repeats.
_INSERT = 1_000_000
_LACK = 1_010_000
_VERSION = 990_000
_FELL_OUT = 1
_SCALE = 1 << 20
"""A cost times this plus the number of added rows: the least of it has the fewest added rows."""

_NEVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Alignment:
    """How a window's rows stand to stored rows.

    Attributes:
        matched: (stored, window) of the same rows, in order.
        versions: (stored, window) of rows that say something else now.
        added: (window, stored row that it follows; -1 none) of the rows that are new, in order.
        lacking: stored rows, from the very first, that the window does not show.
        first: the first stored row that the window shows.
        edits: rows inserted before a stored one, and lacking ones after `first`.
        ambiguous: another alignment with the same edits overlaps less, so adds more rows.
    """

    matched: tuple[tuple[int, int], ...]
    versions: tuple[tuple[int, int], ...]
    added: tuple[tuple[int, int], ...]
    lacking: int
    first: int
    edits: int
    ambiguous: bool


def align(
    old: Sequence[Hashable],
    new: Sequence[Hashable],
    *,
    versions: Mapping[int, Sequence[int]],
    fallen_out: frozenset[int],
    full: bool,
) -> Alignment | None:
    """Return the alignment with the least edits, of these the one that adds fewest rows.

    Args:
        old: keys of the stored rows.
        new: keys of the window's rows.
        versions: for a stored row the window's rows that may be later texts of it.
        fallen_out: stored rows that the window may have cut off.
        full: stored rows before the first one shown cost nothing.

    Returns:
        None where no row of the window is, or is a later text of, a stored row.
    """
    overlaps = _overlaps(old, new, full=full)
    if overlaps:
        return _overlap(len(old), len(new), overlaps)
    table = _Table(old, new, versions, fallen_out, full=full)
    if table.least >= _NEVER:
        return None
    ambiguous = False
    if full and len(set(new)) < len(new):
        most = _Table(old, new, versions, fallen_out, full=full, added=-1)
        ambiguous = -most.least % _SCALE > table.least % _SCALE
    return table.alignment(ambiguous=ambiguous)


def _overlaps(old: Sequence[Hashable], new: Sequence[Hashable], *, full: bool) -> list[int]:
    """Return the lengths, longest first, at which the stored end is the window's beginning.

    These are all alignments without an edit. A window that is not full must show all rows.
    """
    longest = min(len(old), len(new))
    if not full:
        return [len(old)] if 0 < len(old) <= len(new) and old == new[: len(old)] else []
    return [k for k in range(longest, 0, -1) if old[len(old) - k :] == new[:k]]


def _overlap(stored: int, window: int, lengths: Sequence[int]) -> Alignment:
    length = lengths[0]
    first = stored - length
    return Alignment(
        matched=tuple((first + j, j) for j in range(length)),
        versions=(),
        added=tuple((j, stored - 1) for j in range(length, window)),
        lacking=first,
        first=first,
        edits=0,
        ambiguous=len(lengths) > 1,
    )


@dataclass(slots=True)
class _Path:
    """An alignment while it is walked."""

    matched: list[tuple[int, int]] = field(default_factory=list)
    versions: list[tuple[int, int]] = field(default_factory=list)
    added: list[tuple[int, int]] = field(default_factory=list)
    lacking: int = 0


class _Table:
    """Costs of finishing from stored row i and window row j, once a row has been matched."""

    def __init__(
        self,
        old: Sequence[Hashable],
        new: Sequence[Hashable],
        versions: Mapping[int, Sequence[int]],
        fallen_out: frozenset[int],
        *,
        full: bool,
        added: int = 1,
    ) -> None:
        self._old, self._new, self._versions = old, new, versions
        self._insert = _INSERT * _SCALE + added
        self._lack = [(_FELL_OUT if i in fallen_out else _LACK) * _SCALE for i in range(len(old))]
        self._places: dict[Hashable, list[int]] = defaultdict(list)
        for j, key in enumerate(new):
            self._places[key].append(j)
        size = len(new)
        self._rows: list[list[int]] = [[]] * len(old)
        self._rows.append([added * (size - j) for j in range(size + 1)])
        self.least = _NEVER
        self._start = (0, 0)
        self._fill(full)

    def _fill(self, full: bool) -> None:
        """Fill the table from the end, and find the best first match."""
        insert = self._insert
        for i in range(len(self._old) - 1, -1, -1):
            below = self._rows[i + 1]
            steps = self._steps(i)
            skipped = 0 if full else _LACK * _SCALE * i
            for j, step in steps.items():
                total = step + below[j + 1] + j * insert + skipped
                if total < self.least:
                    self.least, self._start = total, (i, j)
            lack = self._lack[i]
            row = [lack + cost for cost in below]
            following = row[-1]
            for j in range(len(row) - 2, -1, -1):
                following = min(following + insert, row[j])
                if j in steps:
                    following = min(following, steps[j] + below[j + 1])
                row[j] = following
            self._rows[i] = row

    def _steps(self, i: int) -> dict[int, int]:
        """Return the window's rows that stored row i can be, with the cost of saying so."""
        steps = dict.fromkeys(self._versions.get(i, ()), _VERSION * _SCALE)
        steps.update(dict.fromkeys(self._places.get(self._old[i], ()), 0))
        return steps

    def alignment(self, *, ambiguous: bool) -> Alignment:
        """Walk the cheapest way."""
        first, start = self._start
        path = _Path(added=[(j, first - 1) for j in range(start)], lacking=first)
        i, j = first, start
        # The first step is a match whatever else would be cheaper.
        self._take(path, i, j)
        i, j = i + 1, j + 1
        while i < len(self._old) or j < len(self._new):
            cost = self._rows[i][j]
            step = self._steps(i).get(j) if i < len(self._old) and j < len(self._new) else None
            if step is not None and step + self._rows[i + 1][j + 1] == cost:
                self._take(path, i, j)
                i, j = i + 1, j + 1
            elif i < len(self._old) and self._lack[i] + self._rows[i + 1][j] == cost:
                path.lacking += 1
                i += 1
            else:
                path.added.append((j, i - 1))
                j += 1
        inserted = sum(after < len(self._old) - 1 for _, after in path.added)
        return Alignment(
            matched=tuple(path.matched),
            versions=tuple(path.versions),
            added=tuple(path.added),
            lacking=path.lacking,
            first=first,
            edits=inserted + path.lacking - first,
            ambiguous=ambiguous,
        )

    def _take(self, path: _Path, i: int, j: int) -> None:
        same = self._old[i] == self._new[j]
        (path.matched if same else path.versions).append((i, j))

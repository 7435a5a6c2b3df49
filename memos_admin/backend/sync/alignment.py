"""Least-cost alignment of a window's rows with stored rows; see `stitching` for what it means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

EDIT = 100
VERSION = 99
"""Less than an edit: a later text at the end is a version, not a lost and an appended row."""
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
        first: the first stored row that the window shows.
        edits: rows inserted before a stored one, and lacking ones after `first`.
        ambiguous: another alignment with as few edits overlaps less, so adds more rows.
    """

    matched: tuple[tuple[int, int], ...]
    versions: tuple[tuple[int, int], ...]
    added: tuple[tuple[int, int], ...]
    first: int
    edits: int
    ambiguous: bool


def align(
    old: Sequence[Hashable],
    new: Sequence[Hashable],
    *,
    weights: Sequence[int],
    versions: Mapping[int, Sequence[int]],
    full: bool,
) -> Alignment | None:
    """Return the alignment with the least cost, of these the one that adds fewest rows.

    Args:
        old: keys of the stored rows.
        new: keys of the window's rows.
        weights: for each of the window's rows, in hundredths of an edit, how hard it is to believe
            that it is new if it could be a stored one.
        versions: for a stored row the window's rows that may be later texts of it.
        full: stored rows before the first one shown cost nothing.

    Returns:
        None where no row of the window is, or is a later text of, a stored row.
    """
    overlaps = _overlaps(old, new, full=full)
    # Nothing is cheaper unless a row that would be appended could be a stored one.
    if overlaps and (overlaps[0] == len(old) or set(old).isdisjoint(new[overlaps[0] :])):
        return _overlap(len(old), len(new), overlaps)
    table = _Table(old, new, weights, versions, full=full)
    if table.least >= _NEVER:
        return None
    found = table.alignment()
    # Only repeats can make it doubtful: a row that the window has once is the row that is stored.
    if full and len(set(new)) < len(new):
        edits = EDIT * found.edits + VERSION * len(found.versions)
        most = _Table(old, new, [0] * len(new), versions, full=full, added=-1).least
        fewest_edits, most_added = -(-most // _SCALE), -most % _SCALE
        if fewest_edits <= edits and most_added > len(found.added):
            return replace(found, ambiguous=True)
    return found


def embedded(old: Sequence[Hashable], new: Sequence[Hashable]) -> Alignment | None:
    """Return how a window's rows all are stored ones, in their order, the latest there are.

    None where one is not: then it is new.
    """
    matched: list[tuple[int, int]] = []
    i = len(old)
    for j in range(len(new) - 1, -1, -1):
        i = next((at for at in range(i - 1, -1, -1) if old[at] == new[j]), -1)
        if i < 0:
            return None
        matched.append((i, j))
    matched.reverse()
    lacking = len(old) - i - len(new)
    return Alignment(tuple(matched), (), (), matched[0][0], lacking, ambiguous=False)


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
        weights: Sequence[int],
        versions: Mapping[int, Sequence[int]],
        *,
        full: bool,
        added: int = 1,
    ) -> None:
        self._old, self._new, self._weights, self._versions = old, new, weights, versions
        self._append = [weight * _SCALE + added for weight in weights]
        self._insert = [EDIT * _SCALE + cost for cost in self._append]
        self._places: dict[Hashable, list[int]] = defaultdict(list)
        for j, key in enumerate(new):
            self._places[key].append(j)
        self._rows: list[list[int]] = [[]] * len(old)
        self._rows.append([*accumulate(reversed(self._append), initial=0)][::-1])
        self.least = _NEVER
        self._start = (0, 0)
        self._fill(full)

    def _fill(self, full: bool) -> None:
        """Fill the table from the end, and find the best first match."""
        insert = self._insert
        inserted = list(accumulate(insert, initial=0))
        for i in range(len(self._old) - 1, -1, -1):
            below = self._rows[i + 1]
            steps = self._steps(i)
            skipped = 0 if full else EDIT * _SCALE * i
            for j, step in steps.items():
                total = step + below[j + 1] + inserted[j] + skipped
                if total < self.least:
                    self.least, self._start = total, (i, j)
            row = [EDIT * _SCALE + cost for cost in below]
            following = row[-1]
            for j in range(len(row) - 2, -1, -1):
                following = min(following + insert[j], row[j])
                if j in steps:
                    following = min(following, steps[j] + below[j + 1])
                row[j] = following
            self._rows[i] = row

    def _steps(self, i: int) -> dict[int, int]:
        """Return the window's rows that stored row i can be, with the cost of saying so."""
        later = self._versions.get(i, ())
        steps = {j: (VERSION + self._weights[j]) * _SCALE for j in later}
        steps.update(dict.fromkeys(self._places.get(self._old[i], ()), 0))
        return steps

    def alignment(self) -> Alignment:
        """Walk the cheapest way."""
        first, start = self._start
        path = _Path(added=[(j, first - 1) for j in range(start)])
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
            elif i < len(self._old) and EDIT * _SCALE + self._rows[i + 1][j] == cost:
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
            first=first,
            edits=inserted + path.lacking,
            ambiguous=False,
        )

    def _take(self, path: _Path, i: int, j: int) -> None:
        same = self._old[i] == self._new[j]
        (path.matched if same else path.versions).append((i, j))

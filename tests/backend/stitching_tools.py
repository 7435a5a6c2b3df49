"""A store of messages in memory, and a naive reference of the alignment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby, permutations, product

from memos_admin.backend.sync.stitching import Stitch, StoredRow, stitch
from memos_admin.cloud.answers import Message

LIMIT = 50
EDIT, VERSION = 100, 99
WEIGHTS = (1000, 50)
"""What a new row costs beside the edit: with a create_time, without."""


def said(content: str, time: str | None = None, update: str | None = None) -> Message:
    return Message("user", content, create_time=time, update_time=update)


def row(message: Message, pk: int = 0) -> StoredRow:
    return StoredRow(
        pk,
        message.role,
        message.role_id,
        message.content,
        message.create_time,
        message.update_time,
        message_id=message.message_id,
    )


def changes_rows(found: Stitch) -> bool:
    """Whether a message would be written."""
    return bool(found.versions or found.inserts)


@dataclass
class Store:
    """Applies stitches the way the real store does; `tail` limits what the stitching is given."""

    rows: list[StoredRow] = field(default_factory=list)
    tail: int = 1000
    pk: int = 0
    from_beginning: bool = False

    def read(self, window: Sequence[Message], *, full: bool | None = None) -> Stitch:
        full = len(window) >= LIMIT if full is None else full
        known = self.rows[-self.tail :]
        head = self.rows[: len(self.rows) - len(known)]
        found = stitch(known, window, full=full, complete=not head)
        changed = list(known)
        for i, j in found.versions:
            changed[i] = replace(row(window[j], changed[i].pk), seam=changed[i].seam)
        for i in found.closes:
            assert changed[i].seam is not None
            changed[i] = replace(changed[i], seam=None)
        if found.seam is not None and found.seam.stored is not None:
            assert changed[found.seam.stored].seam is None
            changed[found.seam.stored] = replace(changed[found.seam.stored], seam=found.seam.kind)
        for insert in reversed(found.inserts):
            new = []
            for j in insert.window:
                self.pk += 1
                here = found.seam is not None and found.seam.window == j
                seam = found.seam.kind if here and found.seam is not None else None
                new.append(replace(row(window[j], self.pk), seam=seam))
            changed[insert.after + 1 : insert.after + 1] = new
        self.rows = head + changed
        self.from_beginning = self.from_beginning or found.reaches_beginning
        return found

    @property
    def contents(self) -> list[str]:
        return [r.content for r in self.rows]

    @property
    def seams(self) -> list[tuple[int, str]]:
        return [(n, r.seam) for n, r in enumerate(self.rows) if r.seam]


def _later(new: Message, old: StoredRow) -> bool:
    return (
        old.create_time is not None
        and (new.role, new.role_id, new.create_time) == (old.role, old.role_id, old.create_time)
        and (new.update_time or "") > (old.update_time or "")
    )


def _same(new: Message, old: StoredRow) -> bool:
    return (new.role, new.role_id, new.content, new.create_time) == (
        old.role,
        old.role_id,
        old.content,
        old.create_time,
    )


def orders(window: Sequence[Message]) -> Iterator[tuple[Message, ...]]:
    """Every order in which a service that permutes ties could have served the window."""
    runs = []
    for time, group in groupby(window, key=lambda m: m.create_time):
        rows = list(group)
        runs.append([tuple(rows)] if time is None else list(permutations(rows)))
    for chosen in product(*runs):
        yield tuple(m for run in chosen for m in run)


def remainders(stored: Sequence[StoredRow], window: Sequence[Message]) -> Iterator[list[StoredRow]]:
    """Every way in which rows of the first create_time may have fallen out of a full window.

    Rows that it shows have not fallen out.
    """
    time = window[0].create_time
    at = [i for i, r in enumerate(stored) if time is not None and r.create_time == time]
    for kept in product((True, False), repeat=len(at)):
        out = {i for i, keep in zip(at, kept, strict=True) if not keep}
        left = Counter(r.content for i, r in enumerate(stored) if i in at and i not in out)
        had = Counter(stored[i].content for i in at)
        shown = Counter(m.content for m in window if m.create_time == time)
        if all(left[c] >= min(had[c], shown[c]) for c in had):
            yield [r for i, r in enumerate(stored) if i not in out]


def reference(
    stored: Sequence[StoredRow],
    window: Sequence[Message],
    *,
    full: bool,
    weights: tuple[int, int] = WEIGHTS,
) -> tuple[int, set[int]] | None:
    """Return the least cost and all numbers of added rows at that cost, by trying all.

    All rows are by one role. The cost is a hundred an edit. None: nothing matches.
    """
    best: dict[int, set[int]] = {}
    for rows in remainders(stored, window) if full else [stored]:
        for served in orders(window):
            for cost, added in _ways(rows, served, full=full, weights=weights):
                best.setdefault(cost, set()).add(added)
    if not best:
        return None
    cost = min(best)
    return cost, best[cost]


def _ways(
    stored: Sequence[StoredRow],
    served: Sequence[Message],
    *,
    full: bool,
    weights: tuple[int, int],
) -> frozenset[tuple[int, int]]:
    """Return (cost, added rows) of every cheapest alignment of one order of the window."""
    cut = served[0].create_time if full else None

    @cache
    def ways(i: int, j: int, met: bool) -> frozenset[tuple[int, int]]:
        if i == len(stored) and j == len(served):
            return frozenset({(0, 0)} if met else ())
        found: set[tuple[int, int]] = set()
        if i < len(stored):
            fallen = full and not met and (cut is None or stored[i].create_time != cut)
            if not (fallen and j > 0):
                found |= {(c + (0 if fallen else EDIT), a) for c, a in ways(i + 1, j, met)}
        if j < len(served):
            price = (EDIT if i < len(stored) else 0) + weights[served[j].create_time is None]
            found |= {(c + price, a + 1) for c, a in ways(i, j + 1, met)}
        if i < len(stored) and j < len(served):
            if _same(served[j], stored[i]):
                found |= ways(i + 1, j + 1, True)
            elif _later(served[j], stored[i]):
                price = VERSION + weights[0]
                found |= {(c + price, a) for c, a in ways(i + 1, j + 1, True)}
        cheapest = min((c for c, _ in found), default=None)
        return frozenset((c, a) for c, a in found if c == cheapest)

    return ways(0, 0, False)

"""Joining a new window of messages to those stored: pure, no store, no network.

Messages have no id, share timestamps, repeat, and only the latest 50 are served. So what a window
adds is found by aligning it with the stored tail. Two rows are the same message if role, role_id,
content and the raw create_time agree; rows that share a create_time compare as a multiset, since
the service may permute them. Of all alignments the one with the least edits wins:

* a stored row that the window should show and lacks, or a new row before an older one: one edit;
* the same role, role_id and create_time with other content and a later update_time: one edit, a new
  version in place;
* rows after the last stored one are what we came for: free.

A full window may have lost its beginning: stored rows before the first one that it explains cost
nothing, nor (all but) do those of its first create_time, which it may have cut in two. A window
that is not full shows the whole conversation as the service has it now.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from typing import Literal

from memos_admin.backend.alignment import Alignment, align
from memos_admin.backend.model import SeamKind
from memos_admin.backend.times import parse_service_time
from memos_admin.cloud.answers import Message

Order = Literal["oldest first", "newest first"]
Key = tuple[str, str | None, str, str | None]


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A stored message, as far as stitching needs it. `seam` is the open seam before it, if any."""

    pk: int
    role: str
    role_id: str | None
    content: str
    create_time: str | None
    update_time: str | None
    seam: SeamKind | None = None


@dataclass(frozen=True, slots=True)
class Insert:
    """New rows (indexes into the window, in order) that go after stored row `after`.

    `after` is an index into the stored rows given; -1: before the first of them.
    """

    after: int
    window: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SeamFound:
    """A seam before a new row (`window`) or before a stored one (`stored`); the other is None."""

    kind: SeamKind
    window: int | None = None
    stored: int | None = None


@dataclass(frozen=True, slots=True)
class Stitch:
    """What a window says about the stored rows. Stored rows are never removed or moved.

    Attributes:
        matched: (stored index, window index) of the same messages, in order.
        versions: (stored index, window index) where the window holds a later text of the message.
        inserts: new rows by place, in order.
        seam: a join without certainty; None where there is none, or where it is stored already.
        closes: indexes of stored rows whose seam the window covers on both sides.
        explains_all: every stored row given is in the window, as it was or as a later version.
        reaches_beginning: what is stored then starts where the conversation starts.
    """

    matched: tuple[tuple[int, int], ...] = ()
    versions: tuple[tuple[int, int], ...] = ()
    inserts: tuple[Insert, ...] = ()
    seam: SeamFound | None = None
    closes: tuple[int, ...] = ()
    explains_all: bool = False
    reaches_beginning: bool = False

    @property
    def added(self) -> int:
        """How many rows are new."""
        return sum(len(insert.window) for insert in self.inserts)

    @property
    def changes_rows(self) -> bool:
        """Whether a message must be written."""
        return bool(self.versions or self.inserts)


def oldest_first(
    window: Sequence[Message], hint: Order | None = None
) -> tuple[tuple[Message, ...], Order | None]:
    """Return the messages oldest first, and the order in which the answer had them.

    The order shows in the create times; where it does not, `hint` (an order detected earlier) is
    taken and returned, else the order of the published examples, oldest first, and None returned.
    """
    messages = tuple(window)
    times = [message.create_time for message in messages if message.create_time is not None]
    pairs = list(pairwise(times))
    ascents = sum(is_later(second, first) for first, second in pairs)
    descents = sum(is_later(first, second) for first, second in pairs)
    order = hint
    if ascents != descents:
        order = "oldest first" if ascents > descents else "newest first"
    return (messages[::-1] if order == "newest first" else messages), order


def is_later(raw: str | None, than: str | None) -> bool:
    """Tell whether a raw time is later than another of the same service; any is later than none."""
    if raw is None or than is None or raw == than:
        return raw is not None and than is None
    # The zone does not matter: it is the same on both sides.
    first, second = parse_service_time(than, UTC), parse_service_time(raw, UTC)
    return raw > than if first is None or second is None else second > first


def stitch(
    stored: Sequence[StoredRow], window: Sequence[Message], *, full: bool, complete: bool
) -> Stitch:
    """Align a window with the stored rows.

    Args:
        stored: the conversation's last rows, oldest first; at least a window's worth if there are.
        window: what the service returned, oldest first.
        full: the window held as many messages as were asked for, so earlier ones may exist.
        complete: `stored` holds every stored row of the conversation.
    """
    if not window:
        return Stitch()
    beginning = complete and not full
    if not stored:
        everything = (Insert(-1, tuple(range(len(window)))),)
        return Stitch(inserts=everything, explains_all=True, reaches_beginning=beginning)
    new = [_key(message) for message in window]
    old = [_key(row) for row in stored]
    skip = _first_explicable(old, new)
    tail, old = stored[skip:], old[skip:]
    order, permuted = _follow_ties(tail, old, window, new)
    alignment = align(
        old,
        [new[j] for j in order],
        versions=_versions(tail, window, order),
        fallen_out=_cut_rows(tail, window) if full else frozenset(),
        full=full,
    )
    if alignment is None or (full and _is_coincidence(alignment, old)):
        everything = (Insert(len(stored) - 1, tuple(range(len(window)))),)
        return Stitch(inserts=everything, seam=SeamFound("gap" if full else "reset", window=0))
    inserts = _place(alignment, order, permuted, window)
    appended = inserts[-1].window if inserts and inserts[-1].after == len(tail) - 1 else ()
    doubtful = full and (
        alignment.ambiguous or _may_not_overlap(alignment, old, [new[j] for j in appended])
    )
    explains_all = skip + alignment.lacking == 0
    return Stitch(
        matched=tuple((skip + i, order[j]) for i, j in alignment.matched),
        versions=tuple((skip + i, order[j]) for i, j in alignment.versions),
        inserts=tuple(Insert(skip + insert.after, insert.window) for insert in inserts),
        seam=_uncertain(stored, skip + alignment.first, appended) if doubtful else None,
        closes=() if doubtful else _closed(tail, old, new, alignment, skip),
        explains_all=explains_all,
        reaches_beginning=beginning and explains_all,
    )


def _key(row: StoredRow | Message) -> Key:
    return row.role, row.role_id, row.content, row.create_time


def _first_explicable(old: Sequence[Key], new: Sequence[Key]) -> int:
    """Return the first stored row that could be in the window; nothing before it can matter."""
    keys = set(new)
    versionable = {(role, role_id, time) for role, role_id, _, time in new if time is not None}
    for i, key in enumerate(old):
        if key in keys or (key[0], key[1], key[3]) in versionable:
            return i
    return len(old)


def _runs(window: Sequence[Message]) -> list[range]:
    """Return the runs of rows that share a create_time; a row without one is a run of its own."""
    runs: list[range] = []
    start = 0
    for j in range(1, len(window) + 1):
        time = window[start].create_time
        if j == len(window) or time is None or window[j].create_time != time:
            runs.append(range(start, j))
            start = j
    return runs


def _follow_ties(
    tail: Sequence[StoredRow], old: Sequence[Key], window: Sequence[Message], new: Sequence[Key]
) -> tuple[list[int], set[int]]:
    """Order each run of equal create_time as the stored rows have it, rows not stored last.

    Returns the window's indexes in that order, and those whose run the service had permuted.
    """
    copies: dict[Key, list[int]] = defaultdict(list)
    at_time: dict[tuple[str, str | None, str | None], list[int]] = defaultdict(list)
    for i, key in enumerate(old):
        copies[key].append(i)
        at_time[key[0], key[1], key[3]].append(i)
    order: list[int] = []
    permuted: set[int] = set()
    for run in reversed(_runs(window)):
        if len(run) == 1:
            order.append(run[0])
            continue
        # From the end, since a full window may have cut off a run's beginning.
        place = {j: copies[new[j]].pop() for j in reversed(run) if copies[new[j]]}
        taken = set(place.values())
        for j in run:
            if j not in place:
                key = new[j]
                for i in at_time[key[0], key[1], key[3]]:
                    if i not in taken and _is_version(tail[i], window[j]):
                        place[j] = i
                        taken.add(i)
                        break
        known = [j for j in run if j in place]
        followed = sorted(known, key=place.__getitem__)
        if followed != known:
            permuted.update(run)
        order.extend(reversed(followed + [j for j in run if j not in place]))
    return order[::-1], permuted


def _is_version(row: StoredRow, message: Message) -> bool:
    return (
        row.create_time is not None
        and row.create_time == message.create_time
        and row.role == message.role
        and row.role_id == message.role_id
        and row.content != message.content
        and is_later(message.update_time, row.update_time)
    )


def _versions(
    tail: Sequence[StoredRow], window: Sequence[Message], order: Sequence[int]
) -> dict[int, list[int]]:
    """Return for each stored row where in the ordered window a later text of it may stand."""
    at_time: dict[str, list[int]] = defaultdict(list)
    for place, j in enumerate(order):
        time = window[j].create_time
        if time is not None:
            at_time[time].append(place)
    found: dict[int, list[int]] = {}
    for i, row in enumerate(tail):
        places = at_time.get(row.create_time, ()) if row.create_time is not None else ()
        later = [place for place in places if _is_version(row, window[order[place]])]
        if later:
            found[i] = later
    return found


def _cut_rows(tail: Sequence[StoredRow], window: Sequence[Message]) -> frozenset[int]:
    """Return the stored rows that share the window's first create_time: it may be cut in two."""
    first = window[0].create_time
    if first is None:
        return frozenset()
    return frozenset(i for i, row in enumerate(tail) if row.create_time == first)


def _is_coincidence(alignment: Alignment, old: Sequence[Key]) -> bool:
    """Tell whether rows that say only the same words, without times, are all that holds it."""
    if alignment.versions or any(old[i][3] is not None for i, _ in alignment.matched):
        return False
    return alignment.edits > len(alignment.matched)


def _may_not_overlap(alignment: Alignment, old: Sequence[Key], appended: Sequence[Key]) -> bool:
    """Tell whether every row that joins the window to the store occurs again among the new ones.

    Then the window may as well begin after the last stored row, with repeats.
    """
    return not alignment.versions and {old[i] for i, _ in alignment.matched} <= set(appended)


def _place(
    alignment: Alignment, order: Sequence[int], permuted: set[int], window: Sequence[Message]
) -> list[Insert]:
    """Return the inserts by place, indexes relative to the aligned rows.

    Where a run of equal create_time came in the stored order, a new row in it goes where the
    window has it; where it came permuted, after the run.
    """
    pairs = sorted((*alignment.matched, *alignment.versions))
    partner = {order[place]: i for i, place in pairs}
    after = {order[place]: i for place, i in alignment.added}
    for run in _runs(window):
        if permuted.intersection(run) or not any(j in partner for j in run):
            continue
        last: int | None = None
        waiting: list[int] = []
        for j in run:
            if j in partner:
                last = partner[j]
                after.update(dict.fromkeys(waiting, last - 1))
                waiting.clear()
            elif last is not None:
                after[j] = last
            else:
                waiting.append(j)
    places: dict[int, list[int]] = defaultdict(list)
    rank = {j: place for place, j in enumerate(order)}
    for j in sorted(after, key=lambda j: rank[j] if j in permuted else j):
        places[after[j]].append(j)
    return [Insert(place, tuple(rows)) for place, rows in sorted(places.items())]


def _uncertain(
    stored: Sequence[StoredRow], first: int, appended: Sequence[int]
) -> SeamFound | None:
    """Return the uncertain seam: before the first row appended, else before the first matched."""
    if appended:
        return SeamFound("uncertain", window=appended[0])
    return None if stored[first].seam else SeamFound("uncertain", stored=first)


def _closed(
    tail: Sequence[StoredRow],
    old: Sequence[Key],
    new: Sequence[Key],
    alignment: Alignment,
    skip: int,
) -> tuple[int, ...]:
    """Return the stored rows whose seam lies between two rows of the window.

    The earlier one must be unmistakable: a repeat does not fix how many there are.
    """
    if not any(row.seam for row in tail):
        return ()
    stored_counts, window_counts = Counter(old), Counter(new)
    anchors = [
        i for i, _ in alignment.matched if stored_counts[old[i]] == window_counts[old[i]] == 1
    ]
    if not anchors:
        return ()
    last = max(i for i, _ in (*alignment.matched, *alignment.versions))
    return tuple(skip + i for i in range(anchors[0] + 1, last + 1) if tail[i].seam)

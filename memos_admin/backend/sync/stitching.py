"""Joining a new window of messages to those stored: pure, no store, no network.

Messages have no id as a rule, share timestamps, repeat, and only the latest 50 are served. So what a window
adds is found by aligning it with the stored tail. Where the service gives ids that identify (`identities`), rows
of one id are the same message, and rows of two ids are not. Else two rows are the same message if role, role_id,
content and the raw create_time agree; rows that share a create_time compare as a multiset, since
the service may permute them. Of all alignments the one with the fewest edits wins:

* a stored row that the window should show and lacks, or a new row before an older one: one edit;
* the same role, role_id and create_time with other content and a later update_time: one edit, a new
  version in place;
* rows after the last stored one are what we came for: free, but that a row which could be a stored
  one is hardly a new one (`_TIMED`, `_TIMELESS`).

Of equal ones the one that adds fewest rows wins. However many edits that takes: a window all of whose rows
are stored, in its order, adds none if a time is among what it would add: it was read before. (Repeats without
times, or at equal times in no order, can still seem new when a window is read again. They are kept: rather a row
twice than one lost.)

A full window may have lost its beginning: stored rows before the first one that it explains cost
nothing, nor do those of its first create_time, which it may have cut in two. A window that is not
full shows the whole conversation as the service has it now.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from typing import Literal

from memos_admin.backend.model import SeamKind
from memos_admin.backend.sync.alignment import Alignment, align, embedded
from memos_admin.backend.sync.identities import known_by_id
from memos_admin.backend.times import parse_service_time
from memos_admin.cloud.answers import Message

Order = Literal["oldest first", "newest first"]

_TIMED = 1000
"""The same words at the same second are the same message: ten edits are easier to believe."""
_TIMELESS = 50
"""Words without a time repeat; still, one edit is easier to believe than three repeats."""

Key = tuple[str, str | None, str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A stored message, as far as stitching needs it. `seam` is the open seam before it, if any.

    `message_id` is the service's own id of it, which it seldom gives.
    """

    pk: int
    role: str
    role_id: str | None
    content: str
    create_time: str | None
    update_time: str | None
    seam: SeamKind | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of either side; rows can be the same message only if `identity` is the same.

    `identity`: the service's id where ids identify, None where the row may be any.
    """

    role: str
    role_id: str | None
    content: str
    create_time: str | None
    update_time: str | None
    identity: str | None = None


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
    """Return what a window adds to the stored rows, and how sure the join is.

    Args:
        stored: the conversation's last rows, oldest first; several windows' worth if there are so many.
        window: what the service returned, oldest first.
        full: the window held as many messages as were asked for, so earlier ones may exist.
        complete: `stored` holds every stored row of the conversation.
    """
    if not window:
        return Stitch()
    beginning = complete and not full
    if not stored:
        everything = _everything(window, after=-1)
        return Stitch(inserts=everything, explains_all=True, reaches_beginning=beginning)
    known = known_by_id(stored, window, full=full)
    rows, served = _identified(stored, window, known)
    new = [_key(row) for row in served]
    ties = _follow_ties(rows, served, new)
    shown = _explicable(rows, served, new, ties, full=full)
    tail = [rows[i] for i in shown]
    old = [_key(row) for row in tail]
    alignment = align(
        old,
        [new[j] for j in ties.order],
        weights=[_TIMELESS if new[j][3] is None else _TIMED for j in ties.order],
        versions=_versions(tail, served, ties.order),
        full=full,
    )
    if alignment is not None and _adds_times(alignment, ties, new, known):
        every = [_key(row) for row in rows]
        for order in (ties, _Ties(list(range(len(new))), set(), set())):
            again = embedded(every, [new[j] for j in order.order])
            if again is not None:
                alignment, ties = again, order
                old, shown = every, list(range(len(stored)))
                break
    if alignment is None or (full and not known and _is_coincidence(alignment, old)):
        everything = _everything(window, after=len(stored) - 1)
        return Stitch(inserts=everything, seam=SeamFound("gap" if full else "reset", window=0))
    inserts = _place(alignment, ties, served, shown, len(stored), known=known)
    appended = inserts[-1].window if inserts and inserts[-1].after == len(stored) - 1 else ()
    doubtful = full and (
        alignment.ambiguous or _may_not_overlap(alignment, old, [new[j] for j in appended])
    )
    same = {(shown[i], ties.order[place]) for i, place in alignment.matched}
    same |= {(i, j) for j, i in known.items()}
    edited = {(i, j) for i, j in same if stored[i].content != window[j].content}
    matched = tuple(sorted(same - edited))
    versions = tuple(
        sorted(edited | {(shown[i], ties.order[place]) for i, place in alignment.versions})
    )
    explains_all = len(matched) + len(versions) == len(stored)
    return Stitch(
        matched=matched,
        versions=versions,
        inserts=inserts,
        seam=_uncertain(stored, shown[alignment.first], appended) if doubtful else None,
        closes=() if doubtful else _closed(stored, rows, new, matched, versions),
        explains_all=explains_all,
        reaches_beginning=beginning and explains_all,
    )


def _identified(
    stored: Sequence[StoredRow], window: Sequence[Message], known: Mapping[int, int]
) -> tuple[list[_Row], list[_Row]]:
    """Return both sides' rows; one that is known by its id stands in the window as it is stored."""
    rows = [_Row(*_said(row), row.update_time, row.message_id if known else None) for row in stored]
    served = [_Row(*_said(message), message.update_time) for message in window]
    for j, i in known.items():
        served[j] = rows[i]
    return rows, served


def _everything(window: Sequence[Message], *, after: int) -> tuple[Insert, ...]:
    return (Insert(after, tuple(range(len(window)))),)


def _said(row: StoredRow | Message | _Row) -> tuple[str, str | None, str, str | None]:
    return row.role, row.role_id, row.content, row.create_time


def _key(row: _Row) -> Key:
    return *_said(row), row.identity


def _runs(window: Sequence[_Row]) -> list[range]:
    """Return the runs of rows that share a create_time; a row without one is a run of its own."""
    runs: list[range] = []
    start = 0
    for j in range(1, len(window) + 1):
        time = window[start].create_time
        if j == len(window) or time is None or window[j].create_time != time:
            runs.append(range(start, j))
            start = j
    return runs


@dataclass(frozen=True, slots=True)
class _Ties:
    """A window whose runs of equal create_time follow the stored rows.

    Attributes:
        order: the window's indexes, each run as the stored rows have it, rows not stored last.
        permuted: indexes in runs that the service had permuted.
        partners: the stored rows that rows in runs were found to be, or to be versions of.
    """

    order: list[int]
    permuted: set[int]
    partners: set[int]


def _follow_ties(stored: Sequence[_Row], window: Sequence[_Row], new: Sequence[Key]) -> _Ties:
    """Order each run of equal create_time as the stored rows have it."""
    tied = {window[run[0]].create_time for run in _runs(window)} - {None}
    copies: dict[Key, list[int]] = defaultdict(list)
    at_time: dict[str | None, list[int]] = defaultdict(list)
    for i, row in enumerate(stored):
        if row.create_time in tied:
            copies[_key(row)].append(i)
            at_time[row.create_time].append(i)
    ties = _Ties([], set(), set())
    for run in reversed(_runs(window)):
        # From the end, since a full window may have cut off a run's beginning.
        place = {j: copies[new[j]].pop() for j in reversed(run) if copies.get(new[j])}
        ties.partners.update(place.values())
        for j in run:
            if j in place:
                continue
            for i in at_time.get(new[j][3], ()):
                if i not in ties.partners and _is_version(stored[i], window[j]):
                    place[j] = i
                    ties.partners.add(i)
                    break
        known = [j for j in run if j in place]
        followed = sorted(known, key=place.__getitem__)
        if followed != known:
            ties.permuted.update(run)
        ties.order.extend(reversed(followed + [j for j in run if j not in place]))
    ties.order.reverse()
    return ties


def _explicable(
    stored: Sequence[_Row],
    window: Sequence[_Row],
    new: Sequence[Key],
    ties: _Ties,
    *,
    full: bool,
) -> list[int]:
    """Return the stored rows that the window should show.

    Left out: what stands before any row that could be in the window, and of the first create_time
    of a full window the rows that it does not show, since it may have cut them off.
    """
    keys = set(new)
    first = next(
        (i for i, row in enumerate(stored) if i in ties.partners or _key(row) in keys), len(stored)
    )
    cut = window[0].create_time if full else None
    return [
        i
        for i in range(first, len(stored))
        if cut is None or stored[i].create_time != cut or i in ties.partners
    ]


def _is_version(row: _Row, message: _Row) -> bool:
    return (
        row.create_time is not None
        and row.identity == message.identity
        and row.create_time == message.create_time
        and row.role == message.role
        and row.role_id == message.role_id
        and row.content != message.content
        and is_later(message.update_time, row.update_time)
    )


def _versions(
    tail: Sequence[_Row], window: Sequence[_Row], order: Sequence[int]
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


def _adds_times(
    alignment: Alignment, ties: _Ties, new: Sequence[Key], known: Container[int]
) -> bool:
    """Tell whether a row is new that has a time, so that it is hardly a repeat of a stored one."""
    added = [ties.order[place] for place, _ in alignment.added]
    return any(new[j][3] is not None and j not in known for j in added)


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
    alignment: Alignment,
    ties: _Ties,
    window: Sequence[_Row],
    shown: Sequence[int],
    stored: int,
    *,
    known: Container[int],
) -> tuple[Insert, ...]:
    """Return the inserts by place.

    Where a run of equal create_time came in the stored order, a new row in it goes where the
    window has it; where it came permuted, after the run. Stored rows that the window does not show
    stand before a new row at their place. What is known by its id is not new wherever it stands now.
    """
    partner = {ties.order[place]: i for i, place in (*alignment.matched, *alignment.versions)}
    after = {ties.order[place]: i for place, i in alignment.added}
    for run in _runs(window):
        if ties.permuted.intersection(run) or not any(j in partner for j in run):
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
    rank = {j: place for place, j in enumerate(ties.order)}
    for j in sorted(after, key=lambda j: rank[j] if j in ties.permuted else j):
        if j not in known:
            places[after[j]].append(j)
    before = [*(i - 1 for i in shown), stored - 1]
    return tuple(Insert(before[place + 1], tuple(rows)) for place, rows in sorted(places.items()))


def _uncertain(
    stored: Sequence[StoredRow], first: int, appended: Sequence[int]
) -> SeamFound | None:
    """Return the uncertain seam: before the first row appended, else before the first matched."""
    if appended:
        return SeamFound("uncertain", window=appended[0])
    return None if stored[first].seam else SeamFound("uncertain", stored=first)


def _closed(
    stored: Sequence[StoredRow],
    rows: Sequence[_Row],
    new: Sequence[Key],
    matched: Sequence[tuple[int, int]],
    versions: Sequence[tuple[int, int]],
) -> tuple[int, ...]:
    """Return the stored rows whose seam lies between two rows of the window.

    The earlier one must be unmistakable: a repeat does not fix how many there are.
    """
    if not any(row.seam for row in stored):
        return ()
    first = matched[0][0] if matched else len(stored)
    copies, shown = Counter(_key(row) for row in rows[first:]), Counter(new)
    anchors = [i for i, j in matched if copies[new[j]] == shown[new[j]] == 1]
    if not anchors:
        return ()
    last = max(i for i, _ in (*matched, *versions))
    return tuple(i for i in range(anchors[0] + 1, last + 1) if stored[i].seam)

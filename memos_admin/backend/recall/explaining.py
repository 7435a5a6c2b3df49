"""From two answers of the service and what the store knows to one table. Pure and deterministic.

The first answer is what an application gets. The second one was asked for with the threshold off, the
limits at most, all views and no filter: it tells how near the rest is. A memory is *in* if the first
answer has it. Why another one is out follows from what both say, and where they do not say enough
the cause is not certain, or there is none: the service gives no reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from memos_admin.backend.display import beginning
from memos_admin.backend.gone_words import ARCHIVED
from memos_admin.backend.recall.filters import passes
from memos_admin.backend.recall.parameters import DOCUMENTED, VIEWS, Parameters
from memos_admin.backend.remote import MOST_RECALLED

if TYPE_CHECKING:
    from memos_admin.cloud.answers import Memory, Recalled

Why = Literal[
    "view",
    "filter",
    "status",
    "threshold",
    "limit",
    "gone",
    "beyond",
    "not returned",
    "not asked",
    "unexplained",
]
"""Why a memory is out:

* ``view``: its view was not asked for.
* ``filter``: the filter keeps it out.
* ``status``: it is not active, archived for example.
* ``threshold``: its relativity is below the threshold.
* ``limit``: others of its view are nearer, and the limit is reached.
* ``gone``: the store has it, and MemOS listed it no longer when it was last read.
* ``beyond``: the store has it; the second answer is full, which has none that are further away.
* ``not returned``: the store has it, the second answer has room, and it is not there.
* ``not asked``: the store has it, and there is no second answer.
* ``unexplained``: only the second answer has it, and nothing that they say tells why.
"""

Note = Literal[
    "no second answer",
    "no relativity",
    "in below threshold",
    "in not asked for",
    "over limit",
    "moved between",
    "items dropped",
]
"""What makes the table less certain; see `memos_admin.backend.recall.wording`."""

ACTIVE = "activated"

STORED_CUT = 400
"""Characters that are shown of what only the store has."""

BY_ITSELF = frozenset({"detail_factual", "preference"})
"""The views that the service includes where nothing is sent about views."""

Key = tuple[str, str]
"""What a memory is known by: its id, and of a profile, of which one item is a field, its path."""


class Cause(NamedTuple):
    """Why a memory is out; `certain`: it holds, and is enough; else it may be so."""

    why: Why
    certain: bool


class Stored(NamedTuple):
    """A memory as the store has it, listed for the user who is asked about.

    Attributes:
        vanished_at, reason: as of `memos_admin.backend.model.Memory`.
        last_seen: when a complete listing last contained it.
    """

    memory_id: str
    view: str
    title: str | None
    content: str
    status: str | None = None
    conversation_id: str | None = None
    updated_at: int | None = None
    last_seen: int | None = None
    vanished_at: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A memory of the table.

    Attributes:
        rank: its place among those of its view that the application gets, from 1; None: it is out.
        rank_of_all: its place in the second answer, among its view; None: it is not there.
        relativity: the service's figure, of the first answer that has it; None: it gave none.
        causes: why it is out, the one that says most first; empty where it is in.
        stored: as the store has it; None: it does not.
    """

    memory_id: str
    view: str
    title: str | None
    content: str
    status: str | None
    conversation_id: str | None
    update_time: str | None
    relativity: float | None
    rank: int | None
    rank_of_all: int | None
    causes: tuple[Cause, ...] = ()
    stored: Stored | None = None

    @property
    def said(self) -> str:
        """What it says; of what only the store has, the beginning, with masks."""
        answered = self.rank is not None or self.rank_of_all is not None
        return self.content if answered else beginning(self.content, STORED_CUT)

    @property
    def is_in(self) -> bool:
        """Whether the application gets it."""
        return self.rank is not None

    @property
    def why(self) -> Cause | None:
        """The cause that says most; None where it is in."""
        return self.causes[0] if self.causes else None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The table.

    Attributes:
        rows: the nearest first; behind them those without a relativity, then what only the store has.
        counts: how many of each view the application gets.
        counts_of_all: the same of the second answer; None: there is none.
        full: views of which the second answer has as many as the service returns at most.
        notes: what makes it less certain.
    """

    rows: tuple[Row, ...]
    counts: Mapping[str, int]
    counts_of_all: Mapping[str, int] | None
    full: frozenset[str] = frozenset()
    notes: tuple[Note, ...] = ()


@dataclass
class _Answer:
    """One answer, by what its memories are known by."""

    memories: dict[Key, Memory] = field(default_factory=dict)
    ranks: dict[Key, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    def relativities(self, view: str) -> list[float]:
        """Return the figures of a view, as far as there are some."""
        found = (m.relativity for m in self.memories.values() if m.view == view)
        return [figure for figure in found if figure is not None]


def explain(
    user_id: str,
    parameters: Parameters,
    answer: Recalled,
    widest: Recalled | None,
    known: Iterable[Stored] = (),
) -> Explanation:
    """Return the table.

    Args:
        user_id: who is asked about.
        parameters: what the application sent.
        answer: what it got.
        widest: the answer with the threshold off and limits at most; None: there is none.
        known: what the store has of the user, in the order in which it is to be told; each once.
    """
    asked = _read(answer)
    wide = None if widest is None else _read(widest)
    stored = {each.memory_id: each for each in known}
    full = frozenset() if wide is None else _full(wide)
    judge = _Judge(user_id, parameters, asked, wide, full)
    keys = dict.fromkeys((*asked.memories, *(wide.memories if wide else ())))
    rows = [judge.row(key, stored.get(key[0])) for key in keys]
    told = {key[0] for key in keys}
    only = [judge.of_store(each) for each in stored.values() if each.memory_id not in told]
    return Explanation(
        rows=(*sorted(rows, key=_order), *only),
        counts=asked.counts,
        counts_of_all=None if wide is None else wide.counts,
        full=full,
        notes=tuple(_notes(parameters, asked, wide)),
    )


def _read(answer: Recalled) -> _Answer:
    """Return an answer; of what stands twice in a list, the first."""
    found = _Answer(counts={view: answer.counts.get(view, 0) for view in VIEWS})
    places = dict.fromkeys(VIEWS, 0)
    for memory in answer.memories:
        key = _key(memory)
        places[memory.view] += 1
        if key not in found.memories:
            found.memories[key] = memory
            found.ranks[key] = places[memory.view]
    return found


def _key(memory: Memory) -> Key:
    return memory.memory_id, (memory.title or "") if memory.view == "profile" else ""


def _full(wide: _Answer) -> frozenset[str]:
    """Return the views of which there may be more than the second answer has.

    Which limit holds for events and profiles is not documented. If it is that of the facts, they
    may share it: they count together.
    """
    shared = sum(wide.counts[view] for view in VIEWS if view not in DOCUMENTED)
    together = shared + wide.counts["detail_factual"]
    return frozenset(
        view
        for view in VIEWS
        if wide.counts[view] >= MOST_RECALLED
        or (view not in DOCUMENTED and together >= MOST_RECALLED)
        or (view == "detail_factual" and shared and together >= MOST_RECALLED)
    )


def _order(row: Row) -> tuple[bool, float, bool, int, int]:
    """Return by what rows are sorted: nearest first; of equals what is in, then as the service has it."""
    place = row.rank if row.rank is not None else row.rank_of_all or 0
    figure = 0.0 if row.relativity is None else -row.relativity
    return row.relativity is None, figure, not row.is_in, VIEWS.index(row.view), place


@dataclass(frozen=True)
class _Judge:
    """Tells why something is out."""

    user_id: str
    parameters: Parameters
    asked: _Answer
    wide: _Answer | None
    full: frozenset[str]

    def row(self, key: Key, stored: Stored | None) -> Row:
        """Return the row of a memory that one of the answers has. Raises KeyError where neither has."""
        memory = self.asked.memories.get(key)
        is_in = memory is not None
        if memory is None and self.wide is not None:
            memory = self.wide.memories[key]
        if memory is None:
            raise KeyError(key)
        return Row(
            memory_id=memory.memory_id,
            view=memory.view,
            title=memory.title,
            content=memory.content,
            status=memory.status,
            conversation_id=memory.conversation_id,
            update_time=memory.update_time,
            relativity=memory.relativity,
            rank=self.asked.ranks.get(key),
            rank_of_all=None if self.wide is None else self.wide.ranks.get(key),
            causes=() if is_in else tuple(self._causes(key, memory)),
            stored=stored,
        )

    def _causes(self, key: Key, memory: Memory) -> list[Cause]:
        """Return why a memory of the second answer is not in the first: what is certain first."""
        found = [
            cause
            for cause in (
                self._view(memory.view),
                self._filter(memory),
                self._status(memory.status),
                self._threshold(memory),
                self._limit(key, memory),
            )
            if cause is not None
        ]
        found.sort(key=lambda cause: not cause.certain)
        return found or [Cause("unexplained", certain=True)]

    def _view(self, view: str) -> Cause | None:
        said = self.parameters.asks_for(view)
        if said or self.asked.counts[view]:
            return None
        # Nothing names it and none came: but for what the service always includes.
        return None if said is None and view in BY_ITSELF else Cause("view", said is False)

    def _filter(self, memory: Memory) -> Cause | None:
        told = passes(self.parameters.filter, memory.raw, self.user_id)
        return None if told else Cause("filter", told is False)

    def _status(self, status: str | None) -> Cause | None:
        # The second answer has it although it is not active: so that alone may not be the reason.
        return None if status in {None, ACTIVE} else Cause("status", certain=False)

    def _threshold(self, memory: Memory) -> Cause | None:
        figure, least = memory.relativity, self.parameters.threshold
        if figure is None:
            return Cause("threshold", certain=False) if least > 0 else None
        if figure >= least:
            return None
        return Cause("threshold", certain=not _below(self.asked, least))

    def _limit(self, key: Key, memory: Memory) -> Cause | None:
        view, figure = memory.view, memory.relativity
        limit = self.parameters.limit(view)
        if self.asked.counts[view] < limit or self.wide is None:
            return None
        if figure is None:
            return Cause("limit", certain=False) if self.wide.ranks[key] > limit else None
        if figure < self.parameters.threshold:
            return None
        nearer = self.asked.relativities(view)
        beaten = not nearer or figure <= min(nearer)
        return Cause("limit", view in DOCUMENTED) if beaten else None

    def of_store(self, stored: Stored) -> Row:
        """Return the row of a memory that only the store has."""
        return Row(
            memory_id=stored.memory_id,
            view=stored.view,
            title=stored.title,
            content=stored.content,
            status=stored.status,
            conversation_id=stored.conversation_id,
            update_time=None,
            relativity=None,
            rank=None,
            rank_of_all=None,
            causes=tuple(self._causes_of_store(stored)),
            stored=stored,
        )

    def _causes_of_store(self, stored: Stored) -> Iterator[Cause]:
        is_archived = stored.reason == ARCHIVED
        if stored.vanished_at is not None and not is_archived:
            yield Cause("gone", certain=True)
        elif is_archived or stored.status not in {None, ACTIVE}:
            yield Cause("status", certain=True)
        elif self.wide is None:
            yield Cause("not asked", certain=True)
        elif stored.view in self.full:
            yield Cause("beyond", certain=True)
        else:
            yield Cause("not returned", certain=True)
        if self.parameters.asks_for(stored.view) is False and not self.asked.counts[stored.view]:
            yield Cause("view", certain=True)


def _below(answer: _Answer, least: float) -> bool:
    """Return whether an answer has something below a threshold, so that it may not hold."""
    figures = (memory.relativity for memory in answer.memories.values())
    return any(figure is not None and figure < least for figure in figures)


def _notes(parameters: Parameters, asked: _Answer, wide: _Answer | None) -> Iterator[Note]:
    if wide is None:
        yield "no second answer"
    both: Sequence[_Answer] = [asked] if wide is None else [asked, wide]
    if any(m.relativity is None for answer in both for m in answer.memories.values()):
        yield "no relativity"
    if _below(asked, parameters.threshold):
        yield "in below threshold"
    if any(asked.counts[view] and parameters.asks_for(view) is False for view in VIEWS):
        yield "in not asked for"
    if any(asked.counts[view] > parameters.limit(view) for view in DOCUMENTED):
        yield "over limit"
    if wide is not None and any(
        key not in wide.memories and wide.counts[memory.view] < MOST_RECALLED
        for key, memory in asked.memories.items()
    ):
        yield "moved between"
    if any(sum(a.counts.values()) > sum(_places(a).values()) for a in both):
        yield "items dropped"


def _places(answer: _Answer) -> Mapping[str, int]:
    places = dict.fromkeys(VIEWS, 0)
    for memory in answer.memories.values():
        places[memory.view] += 1
    return places

"""Searching a store: by its index as far as that reaches, the rest row by row.

Each log is a stream of its own, latest first; the streams are joined by when a row arrived. Whatever
is found is compared with what the store says now before it is returned, so that an index can make a
search slow, never wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge

from memos_admin.language import gettext as _
from memos_admin.store.errors import StoreBroken, StoreError, StoreInterrupted
from memos_admin.store.query import Query
from memos_admin.store.records import SubjectRef
from memos_admin.store.search.fitting import Stretch, fitting, stretches
from memos_admin.store.search.index import (
    SEEN,
    Index,
    Shard,
    discard,
    everything_of,
    expression,
    path_beside,
)
from memos_admin.store.search.logs import LOGS, Document, Kind, Log, bounds
from memos_admin.store.search.notes import Removals
from memos_admin.store.search.tokens import Wanted

_FIRST, _MOST = 64, 512
"""Candidates that are compared at once: few at first, more where many do not fit."""
_SLICE = 500
"""Rows that are read at once where there is no index."""

_BESIDE = "search index"


@dataclass(frozen=True, slots=True)
class Found:
    """Something that has what was asked for.

    Attributes:
        pk: of the message, or of the memory's listing.
        arrived: when what it says now was first read.
        fields: the folded texts in which it was found.
    """

    kind: Kind
    pk: int
    arrived: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a search goes through: for each log its stretches, latest first.

    `rest`: how many keys no shard covers; they are searched row by row.
    """

    logs: tuple[tuple[Log, tuple[Stretch, ...]], ...]
    rest: int


class Search:
    """One search of a store, to be used by the thread of its connection."""

    def __init__(
        self,
        query: Query,
        wanted: Wanted,
        *,
        subject_pk: int | None = None,
        kinds: Collection[Kind] = ("memory", "message"),
    ) -> None:
        """Plan a search.

        Args:
            query: the store.
            wanted: what is asked for.
            subject_pk: only what belongs to this one.
            kinds: of what is to be found.
        """
        self._query, self._wanted, self._subject = query, wanted, subject_pk
        self._expression = expression(wanted, subject_pk)
        self._index = _index_beside(query)
        self._interrupts = query.interrupts
        self.plan = self._planned(kinds) if wanted.terms else Plan((), 0)
        self._walked = 0

    @property
    def looked(self) -> float | None:
        """How much was looked through of what no shard covers, from 0 to 1; None: there is nothing."""
        return min(1.0, self._walked / self.plan.rest) if self.plan.rest else None

    def __iter__(self) -> Iterator[Found]:
        """Yield what was committed when this was made, latest arrival first, each once.

        What is committed later may be found too.

        Raises:
            StoreInterrupted: the connection was told so since this was made.
            StoreError: the store cannot be read.
        """
        streams = [self._stream(log, stretches) for log, stretches in self.plan.logs]
        seen: set[tuple[Kind, int]] = set()
        for arrived, log, document in merge(*streams, key=lambda each: -each[0]):
            for pk in self._keys(log, document):
                if (log.kind, pk) not in seen:
                    seen.add((log.kind, pk))
                    yield Found(log.kind, pk, arrived, document.fields)

    def _planned(self, kinds: Collection[Kind]) -> Plan:
        """Read how far the index reaches, and only then how far the store does."""
        shards, seen = [], ""
        if self._index is not None:
            try:
                with self._index.steady():
                    shards, seen = self._index.shards(), self._index.state(SEEN)
            except StoreError as error:
                self._give_up(error)
        with self._query.steady():
            fit = fitting(self._query, shards, Removals.in_store(self._query), seen)
            logs = tuple(
                (log, tuple(stretches(log, log.last(self._query), fit)))
                for log in LOGS
                if log.kind in kinds
            )
        rest = sum(
            stretch.last - stretch.first + 1
            for _, parts in logs
            for stretch in parts
            if stretch.shard is None
        )
        return Plan(logs, rest)

    def _stream(self, log: Log, parts: tuple[Stretch, ...]) -> Iterator[tuple[int, Log, Document]]:
        """Yield the documents of a log that fit, latest first."""
        latest = None
        for part in parts:
            for document in self._candidates(log, part):
                mine = self._subject is None or self._subject in document.subjects
                if mine and self._wanted.is_in(document.fields):
                    # A clock that was put back must not bring the streams out of step.
                    latest = document.arrived if latest is None else min(latest, document.arrived)
                    yield latest, log, document

    def _candidates(self, log: Log, part: Stretch) -> Iterator[Document]:
        """Yield the documents of a stretch that may fit, latest first."""
        last, most = part.last, _FIRST
        while part.shard is not None and self._index is not None and last >= part.first:
            self._go_on()
            try:
                if last == part.last and not self._may_hold(self._index, part.shard):
                    return
                keys = self._index.found(part.shard, self._expression, part.first, last, most)
            except StoreError as error:
                self._give_up(error)
                break
            yield from log.some(self._query, keys)
            if len(keys) < most:
                return
            last, most = keys[-1] - 1, min(2 * most, _MOST)
        yield from self._walk(log, part.first, last)

    def _may_hold(self, index: Index, shard: Shard) -> bool:
        """Return whether a shard has anything of the subject: to know that costs next to nothing."""
        if self._subject is None:
            return True
        first, last = bounds(shard.number)
        return bool(index.found(shard, everything_of(self._subject), first, last, 1))

    def _walk(self, log: Log, first: int, last: int) -> Iterator[Document]:
        """Yield all documents with these keys, latest first; of a subject only its own."""
        may_fit = self._wanted.may_be_in
        if self._subject is not None:
            keys = log.keys_of(self._query, self._subject, first, last)
            for start in range(0, len(keys), _MOST):
                self._go_on()
                some = keys[start : start + _MOST]
                yield from log.some(self._query, some, may_fit)
                last = self._walk_on(last, some[-1])
            self._walk_on(last, first)
            return
        while last >= first:
            self._go_on()
            documents, lowest = log.descending(self._query, first, last, _SLICE, may_fit)
            yield from documents
            last = self._walk_on(last, first if lowest is None else lowest)

    def _walk_on(self, last: int, lowest: int) -> int:
        """Count what was looked through from `last` to `lowest`; return where to go on."""
        self._walked += last - lowest + 1
        return lowest - 1

    def _keys(self, log: Log, document: Document) -> list[int]:
        """Return the keys of what a document shows: of a changed memory all of its listings."""
        if log.name != "memory_version":
            return [document.item if log.kind == "message" else document.pk]
        where = "memory_pk = ?1 AND (?2 IS NULL OR subject_pk = ?2)"
        sql = f"SELECT pk FROM listing WHERE {where} ORDER BY pk DESC"
        return list(self._query.keys(sql, [document.item, self._subject]))

    def _go_on(self) -> None:
        if self._query.interrupts != self._interrupts:
            raise StoreInterrupted(_("The search was ended."))

    def _give_up(self, error: StoreError) -> None:
        """Go on without the index; one that is damaged is deleted."""
        if isinstance(error, StoreInterrupted):
            raise error
        if not isinstance(error, StoreBroken):
            return  # a shard that was dropped since, or a file that cannot be read right now
        self._query.close_beside(_BESIDE)
        self._index = None
        _discard(self._query)


def _index_beside(query: Query) -> Index | None:
    """Return the index of the store that is being read; None where there is none that can be used."""
    known = query.beside.get(_BESIDE)
    if isinstance(known, Index):
        return known
    path = path_beside(query.path)
    if not path.exists():
        return None
    try:
        index = Index(path, read_only=True, patience=0)  # a search does without it instead
    except StoreError:
        return None  # it is being made, or whoever fills it will make it anew
    query.beside[_BESIDE] = index
    return index


def _discard(query: Query) -> None:
    try:
        discard(path_beside(query.path))
    except StoreError:
        return  # the next search goes without it as well


@dataclass(frozen=True, slots=True)
class MessagePlace:
    """Where a message stands; `seq` is its position in its conversation, from 1."""

    ref: SubjectRef
    conversation_id: str
    seq: int


def message_places(query: Query, pks: Sequence[int]) -> dict[int, MessagePlace]:
    """Return where messages stand, by their keys."""
    sql = """SELECT m.pk, s.kind, s.external_id, c.conversation_id,
                    (SELECT count(*) FROM message o
                     WHERE o.conversation_pk = m.conversation_pk AND o.position <= m.position)
             FROM message m JOIN conversation c ON c.pk = m.conversation_pk
             JOIN subject s ON s.pk = c.subject_pk"""
    return {
        pk: MessagePlace(SubjectRef(kind, external_id), conversation_id, seq)
        for pk, kind, external_id, conversation_id, seq in query.rows_of(sql, "m.pk", pks)
    }

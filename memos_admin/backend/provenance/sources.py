"""The messages that a memory's sources name or quote."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from itertools import accumulate
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar, cast

from memos_admin.backend.provenance.link import Earlier, How, Link, Spans
from memos_admin.backend.provenance.quotes import (
    joined_spans,
    lines_said,
    locate,
    normal,
    says_enough,
    stands_alone,
    uncut,
)
from memos_admin.backend.times import parse_service_time

Owner = TypeVar("Owner", bound=Hashable)


class _Said(Protocol):
    """What is needed of a message, with its content uncut."""

    @property
    def pk(self) -> int: ...
    @property
    def seq(self) -> int: ...
    @property
    def role(self) -> str: ...
    @property
    def content(self) -> str: ...
    @property
    def create_time(self) -> str | None: ...


class _SaidBefore(_Said, Protocol):
    """What is needed of what a message said before; all but the content is the message's."""

    @property
    def version_pk(self) -> int: ...
    @property
    def until(self) -> int: ...


class _Source(Protocol):
    """What is needed of a memory's source."""

    @property
    def role(self) -> str | None: ...
    @property
    def excerpt(self) -> str | None: ...
    @property
    def message_id(self) -> str | None: ...
    @property
    def time(self) -> str | None: ...


_BETWEEN = "\ue000\uf8ff\ue000"
"""Stands between messages that are searched at once."""


def link_sources(
    sources: Sequence[_Source],
    messages: Sequence[_Said],
    message_ids: Mapping[int, str] | None = None,
    before: Sequence[_SaidBefore] = (),
) -> list[Link]:
    """Return the messages that the sources name or quote, in the messages' order.

    A quote that stands in several messages equally well links to all of them, unless the source's
    role or time tells them apart.

    Args:
        sources: of one memory.
        messages: with their content uncut.
        message_ids: the service's own ids by message pk, where it gave any.
        before: what the messages said before.
    """
    linker: Linker[None] = Linker([(None, source) for source in sources])
    linker.look(messages, message_ids)
    linker.look_before(before)
    return linker.links().get(None, [])


def quote(source: _Source) -> str:
    """Return what a source quotes, ``""`` for nothing."""
    return (source.excerpt or "").strip()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A message that a source may mean."""

    pk: int
    seq: int
    spans: Spans
    role: str
    create_time: str | None
    earlier: Earlier | None = None


class _Search(Generic[Owner]):
    """One source, and the best that was found for it so far: the lower the rank, the better."""

    def __init__(self, owner: Owner, source: _Source) -> None:
        self.owner = owner
        self.source = source
        self.quote = quote(source)
        self.rank = len(_RANKS)
        self.found: list[_Candidate] = []

    # Most quotes are found as they are: what only looser rules need is made when one asks for it.

    @cached_property
    def normal(self) -> str:
        """The quote in normal form."""
        return normal(self.quote).strip()

    @cached_property
    def within(self) -> bool:
        """Whether it says enough to be looked for within a text; it can still be all of one."""
        return says_enough(self.quote, 2)

    @cached_property
    def cut(self) -> str | None:
        """What it begins with, if it bears the mark that it was cut."""
        return _beginning(self.normal)

    @cached_property
    def lines(self) -> list[str]:
        """Its lines that say enough, without who said them."""
        return [line for line in lines_said(self.quote) if says_enough(line, 3)]

    def add(self, rank: int, message: _Said, spans: Spans) -> None:
        """Keep a message, unless better ones are known."""
        if rank < self.rank:
            self.rank = rank
            self.found.clear()
        if rank == self.rank:
            said = message.role, message.create_time
            self.found.append(_Candidate(message.pk, message.seq, spans, *said))

    @property
    def wants_before(self) -> bool:
        """Whether what is quoted is in no message, or not in one whose id is named."""
        named = self.rank == 0 and any(not one.spans for one in self.found)
        return bool(self.quote) and (named or self.rank == len(_RANKS))

    def is_open(self, pk: int) -> bool:
        """Whether what a message said before may be meant: any, or the one whose id is named."""
        return self.rank > 0 or any(one.pk == pk and not one.spans for one in self.found)

    def add_before(self, said: _SaidBefore) -> None:
        """Keep a message that said before what is quoted; of what it said, the latest counts."""
        earlier = Earlier(said.version_pk, said.until)
        same = [one for one in self.found if one.pk == said.pk]
        self.found = [one for one in self.found if one.pk != said.pk]
        if same and same[0].earlier is not None and same[0].earlier.until > said.until:
            earlier = same[0].earlier
        self.found.append(_Candidate(said.pk, said.seq, (), said.role, said.create_time, earlier))

    def best(self) -> list[_Candidate]:
        """Return the messages that role and time leave, all of them where they tell nothing."""
        if len(self.found) < 2:
            return self.found
        same_role = [one for one in self.found if one.role == self.source.role] or self.found
        time = parse_service_time(self.source.time, UTC)
        if time is None:
            return same_role
        return [
            one for one in same_role if parse_service_time(one.create_time, UTC) == time
        ] or same_role


class Linker(Generic[Owner]):
    """Links many sources to messages that come in batches. Keeps no message's text.

    Args:
        sources: with whom to link.
        said_whole: quotes that are known to be all of some message: no less is looked for.
    """

    def __init__(
        self,
        sources: Iterable[tuple[Owner, _Source]],
        said_whole: Container[str] = frozenset(),
    ) -> None:
        self._searches = [_Search(owner, source) for owner, source in sources]
        self.wants_ids = any(search.source.message_id for search in self._searches)
        """Whether any source names a message by id."""
        self._whole: dict[str, list[_Search[Owner]]] = defaultdict(list)
        self._others = []
        for search in self._searches:
            if search.quote in said_whole and not search.source.message_id:
                self._whole[search.quote].append(search)
            else:
                self._others.append(search)

    def look(self, messages: Sequence[_Said], message_ids: Mapping[int, str] | None = None) -> None:
        """Look for the sources in some more messages."""
        batch = _Batch(messages, message_ids or {})
        for quote in self._whole.keys() & batch.whole.keys():
            for search in self._whole[quote]:
                for message, spans in _whole(batch, search):
                    search.add(_RANKS.index(_whole), message, spans)
        for search in self._others:
            for rank, rule in enumerate(_RANKS):
                if rank > search.rank:
                    break
                found = rule(batch, search)
                for message, spans in found:
                    search.add(rank, message, spans)
                if found:
                    break

    @property
    def wants_before(self) -> bool:
        """Whether what is quoted is in no message that was looked at, or not in the one that is named."""
        return any(search.wants_before for search in self._searches)

    def look_before(self, said: Sequence[_SaidBefore]) -> None:
        """Look in what messages said before, when all were looked at, for what none of them says now."""
        if not said:
            return
        batch = _Batch(said, {})
        for search in self._searches:
            for rule in _RANKS[1:] if search.wants_before else ():
                found = [cast("_SaidBefore", one) for one, _spans in rule(batch, search)]
                found = [one for one in found if search.is_open(one.pk)]
                for one in found:
                    search.add_before(one)
                if found:
                    break

    def found(self) -> Iterator[tuple[Owner, int]]:
        """Yield (owner, key of a message) of each source, in the order of the sources."""
        for search in self._searches:
            for one in search.best():
                yield search.owner, one.pk

    def links(self) -> dict[Owner, list[Link]]:
        """Return what was found, for each owner in the messages' order, a message once."""
        ways: dict[Owner, dict[tuple[int, int], list[tuple[bool, _Candidate]]]] = {}
        for search in self._searches:
            for one in search.best():
                of_owner = ways.setdefault(search.owner, {})
                of_owner.setdefault((one.seq, one.pk), []).append((search.rank == 0, one))
        return {
            owner: [_link(pk, some[_, pk]) for _, pk in sorted(some)]
            for owner, some in ways.items()
        }


def _link(pk: int, ways: Sequence[tuple[bool, _Candidate]]) -> Link:
    spans = joined_spans([span for _, one in ways for span in one.spans])
    how: How = "message id" if any(named for named, _ in ways) else "quoted text"
    before = [one.earlier for _, one in ways if one.earlier is not None]
    return Link(pk, how, spans, max(before, key=attrgetter("until"), default=None))


def _beginning(quote: str) -> str | None:
    """Return what a cut quote begins with, None where it is whole or begins too short."""
    shorter = uncut(quote)
    return shorter if shorter and says_enough(shorter, 2) else None


class _Batch:
    """Messages searched together, so that a quote costs one search, not one a message."""

    def __init__(self, messages: Sequence[_Said], message_ids: Mapping[int, str]) -> None:
        self.messages = messages
        self.by_id: dict[str, list[_Said]] = defaultdict(list)
        for message in messages:
            if message.pk in message_ids:
                self.by_id[message_ids[message.pk]].append(message)
        self.whole: dict[str, list[_Said]] = defaultdict(list)
        for message in messages:
            self.whole[message.content.strip()].append(message)

    @cached_property
    def joined(self) -> _Joined:
        """The contents as they are."""
        return _Joined([message.content for message in self.messages])

    @cached_property
    def normal(self) -> _Joined:
        """The contents in normal form."""
        return _Joined([normal(message.content) for message in self.messages])

    @cached_property
    def whole_normal(self) -> dict[str, list[_Said]]:
        """Messages by the normal form of all that they say."""
        found: dict[str, list[_Said]] = defaultdict(list)
        for message, text in zip(self.messages, self.normal.texts, strict=True):
            found[text.strip()].append(message)
        return found


class _Joined:
    """Texts in one string, to be searched at once."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._all = _BETWEEN.join(texts)
        self._starts = [0, *accumulate(len(text) + len(_BETWEEN) for text in texts)][:-1]

    def find(self, quote: str) -> list[tuple[int, int, int]]:
        """Return (index of the text, start, end) of the quote's first place in each text."""
        found: list[tuple[int, int, int]] = []
        at = self._all.find(quote) if quote else -1
        while at >= 0:
            index = bisect_right(self._starts, at) - 1
            start = at - self._starts[index]
            end = start + len(quote)
            text = self.texts[index]
            if end <= len(text) and stands_alone(text, start, end):
                found.append((index, start, end))
                at = self._starts[index] + len(text)
            at = self._all.find(quote, at + 1)
        return found


_Found = list[tuple[_Said, Spans]]


def _by_id(batch: _Batch, search: _Search[Owner]) -> _Found:
    found: _Found = []
    for message in batch.by_id.get(search.source.message_id or "", ()):
        at = message.content.find(search.quote) if search.quote else -1
        spans = ((at, at + len(search.quote)),) if at >= 0 else _loosely(message, search)
        found.append((message, spans))
    return found


def _loosely(message: _Said, search: _Search[Owner]) -> Spans:
    """Return where a message says what is quoted, though not letter by letter."""
    alone = _Batch([message], {})
    places = (rule(alone, search) for rule in _RANKS[1:]) if search.quote else iter(())
    return next((found[0][1] for found in places if found), ())


def _whole(batch: _Batch, search: _Search[Owner]) -> _Found:
    if not search.quote:
        return []
    return [(message, _all_of(message)) for message in batch.whole.get(search.quote, ())]


def _whole_normal(batch: _Batch, search: _Search[Owner]) -> _Found:
    if not search.normal:
        return []
    return [(message, _all_of(message)) for message in batch.whole_normal.get(search.normal, ())]


def _within(batch: _Batch, search: _Search[Owner]) -> _Found:
    if not search.within:
        return []
    places = batch.joined.find(search.quote)
    return [(batch.messages[index], ((start, end),)) for index, start, end in places]


def _within_normal(batch: _Batch, search: _Search[Owner]) -> _Found:
    return _normally(batch, search.normal) if search.within else []


def _cut(batch: _Batch, search: _Search[Owner]) -> _Found:
    return _normally(batch, search.cut) if search.cut else []


def _normally(batch: _Batch, quote: str) -> _Found:
    return [
        (batch.messages[index], (locate(batch.messages[index].content, start, end),))
        for index, start, end in batch.normal.find(quote)
    ]


def _said_in(batch: _Batch, search: _Search[Owner]) -> _Found:
    """Return the messages that are lines of a quote of several."""
    lines = dict.fromkeys(normal(line).strip() for line in search.lines)
    return [
        (message, _all_of(message))
        for line in lines
        for message in batch.whole_normal.get(line, ())
    ]


def _all_of(message: _Said) -> Spans:
    return ((0, len(message.content)),) if message.content else ()


_Rule = Callable[[_Batch, _Search[Any]], _Found]
_RANKS: tuple[_Rule, ...] = (_by_id, _whole, _within, _whole_normal, _within_normal, _cut, _said_in)
"""How a source can mean a message, the surest first."""

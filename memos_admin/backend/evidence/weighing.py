"""What stands behind one memory, given the messages that its sources were found in."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

from memos_admin.backend.authors import Writer
from memos_admin.backend.documents import is_document
from memos_admin.backend.evidence import comparing
from memos_admin.backend.evidence.checking import COMPARED, Check, Numbered, Said
from memos_admin.backend.evidence.comparing import Compared
from memos_admin.backend.evidence.courtesies import is_courtesy
from memos_admin.backend.evidence.facts import Known
from memos_admin.backend.evidence.kinds import WEIGHTS, Missing, Teller, Weight
from memos_admin.backend.evidence.names import words_of
from memos_admin.backend.evidence.support import SourceLink, Support, Unfound
from memos_admin.backend.evidence.terms import terms
from memos_admin.backend.model import Conversation, Memory, MemorySource, Reads, SubjectRef
from memos_admin.backend.perspective import INFERENCE, perspective
from memos_admin.backend.provenance import Link
from memos_admin.backend.provenance.quotes import joined_spans
from memos_admin.backend.strays import SourceMessage, writer_of
from memos_admin.backend.times import parse_service_time
from memos_admin.store import evidence as stored
from memos_admin.store.evidence import NoLongerKept, SaidMessage

_BEGINNING = 200
"""Characters in which a message that says something has a word of some meaning."""


class Owner(NamedTuple):
    """A source: the key of the memory's listing, and the source's number."""

    listing_pk: int
    ordinal: int


class Weighed(NamedTuple):
    """A memory with its sources."""

    memory: Memory
    sources: Sequence[MemorySource]

    @property
    def owned(self) -> list[tuple[Owner, MemorySource]]:
        """The sources, each with its name."""
        pk = self.memory.listing_pk
        return [(Owner(pk, ordinal), source) for ordinal, source in enumerate(self.sources)]


class Found(NamedTuple):
    """Where the sources of a memory were found.

    Attributes:
        own: in the conversation that it names.
        away: elsewhere.
        guess: a similar message that it may have come of, where MemOS leaves open which it was.
        nearest: the message with the nearest words, which may contradict it.
        is_whole: all that was said was searched for that one.
        others: whose message it is, of a source that names a message of somebody else.
    """

    own: Mapping[Owner, list[Link]]
    away: Mapping[Owner, Sequence[SourceMessage]]
    guess: Link | None = None
    nearest: Link | None = None
    is_whole: bool = True
    others: Mapping[Owner, SubjectRef] = MappingProxyType({})


@dataclass
class Transcript:
    """What is known of a conversation while it is looked at; no conversation: an empty one.

    Attributes:
        writers: of each message who wrote it.
        weights: of each message, an index into `WEIGHTS`.
    """

    conversation: Conversation | None
    pks: array[int] = field(default_factory=lambda: array("q"))
    writers: list[Writer] = field(default_factory=list)
    weights: bytearray = field(default_factory=bytearray)
    first_time: str | None = None
    _known: dict[Writer, Writer] = field(default_factory=dict, repr=False)

    def take(self, batch: Sequence[SaidMessage]) -> None:
        """Note a batch of messages."""
        if not self.pks and batch:
            self.first_time = batch[0].create_time
        self.pks.extend(one.pk for one in batch)
        self.writers += map(self._writer, batch)
        self.weights.extend(WEIGHTS.index(_weight(one.content)) for one in batch)

    def _writer(self, message: SaidMessage) -> Writer:
        """Return who wrote a message; of each person one object only is held."""
        assert self.conversation is not None  # noqa: S101 - no other one has messages
        found = writer_of(message, self.conversation.ref)
        return self._known.setdefault(found, found)

    @property
    def is_partial(self) -> bool:
        """Whether some of its messages are not here."""
        known = self.conversation
        return known is not None and (not known.from_beginning or bool(known.gaps))


def _weight(text: str) -> Weight:
    if is_courtesy(text):
        return "courtesy"
    return "says" if terms(text[:_BEGINNING]) else "little"


class Around:
    """What is said in a conversation; read only where it is asked for."""

    def __init__(
        self, reads: Reads, transcript: Transcript, no_longer_kept: Callable[[], NoLongerKept]
    ) -> None:
        """Take the store, the conversation, and what returns which of its user's texts are dropped."""
        self.transcript, self._reads = transcript, reads
        self.no_longer_kept = no_longer_kept
        self._seqs: dict[int, int] = {}
        self._known: Known | None = None

    def seq(self, pk: int) -> int:
        """Return the number of a message of this conversation."""
        if not self._seqs:
            self._seqs = {pk: seq for seq, pk in enumerate(self.transcript.pks, 1)}
        return self._seqs[pk]

    def texts(self, pks: Sequence[int]) -> dict[int, SaidMessage]:
        """Return messages, of any conversation, by their keys."""
        return stored.texts_of(self._reads.query, pks)

    def sources(self, links: Sequence[SourceLink]) -> list[Said]:
        """Return what messages say that a memory is linked to, or said where that is what it came from."""
        texts = self.texts([link.message_pk for link in links])
        before = self.said_before(links)
        return [
            said._replace(text=before.get(link.message_pk, said.text))
            for link in links
            if link.message_pk in texts
            for said in [_said(texts[link.message_pk], link.numbered, link.writer)]
        ]

    def said_before(self, links: Sequence[SourceLink]) -> dict[int, str]:
        """Return what messages said before, by their keys, where that is what a memory came from."""
        earlier = {one.message_pk: one.earlier.version_pk for one in links if one.earlier}
        found = stored.texts_before(self._reads.query, sorted(earlier.values()))
        return {pk: found[key][0] for pk, key in earlier.items() if key in found}

    def changed(self, pks: Sequence[int]) -> dict[int, int]:
        """Return when it was last seen of messages that they had changed, by their keys, where they have."""
        return stored.changed_last(self._reads.query, pks)

    def before(self, seq: int) -> Said | None:
        """Return the message before the one with this number."""
        if not 2 <= seq <= len(self.transcript.pks):
            return None
        pk = self.transcript.pks[seq - 2]
        found = self.texts([pk]).get(pk)
        return (
            None
            if found is None
            else _said(found, Numbered(seq - 1), self.transcript.writers[seq - 2])
        )

    def known(self) -> Known:
        """Return what all messages of the conversation state."""
        if self._known is None:
            self._known = Known()
            if self.transcript.conversation is not None:
                self._known.words |= words_of(self.transcript.conversation.conversation_id)
                for name in {one.name for one in self.transcript.writers}:
                    self._known.words |= words_of(name)
                pk = self.transcript.conversation.pk
                for message in chain.from_iterable(stored.said(self._reads.query, pk)):
                    self._known.add(message.content, message.created_at, nearby=False)
        return self._known


def support(one: Weighed, found: Found, around: Around) -> Support:
    """Return what stands behind a memory."""
    memory, transcript = one.memory, around.transcript
    own = _joined(found.own.values())
    if not own and not found.away and found.guess is not None:
        own = [found.guess]
    name = memory.conversation_id or ""
    links = [_source_link(name, link, around) for link in own]
    away = list(chain.from_iterable(found.away.values()))
    links += (
        SourceLink(
            at.conversation.conversation_id,
            at.link.message_pk,
            at.seq,
            at.writer,
            at.link.how,
            at.link.spans,
            at.link.earlier,
            is_away=True,
        )
        for at in away
    )
    unfound = [
        source for owner, source in one.owned if owner not in found.own and owner not in found.away
    ]
    missing = tuple(_missing(one, found, around))
    compared = _compared(one, links, unfound, found, around)
    told = Support(
        listing_pk=memory.listing_pk,
        memory_pk=memory.pk,
        memory_id=memory.memory_id,
        conversation_id=memory.conversation_id,
        teller=teller(memory.content),
        links=tuple(links),
        given=len(one.sources),
        found=len(found.own) + len(found.away),
        unfound=missing,
        checks=(),
        uncompared=None,
        partly=transcript.is_partial,
    )
    if compared is None:
        compared = Compared((), told.missing or "nothing to compare")
    checks = _with_changes(compared, links, around) if memory.view in COMPARED else ()
    return replace(told, checks=checks, uncompared=compared.uncompared)


def teller(content: str) -> Teller:
    """Return whose words a memory says that it holds."""
    whose = perspective(content)
    if whose is None:
        return "unmarked"
    return "assistant" if whose == INFERENCE else "user"


def _source_link(conversation_id: str, link: Link, around: Around) -> SourceLink:
    seq = around.seq(link.message_pk)
    by = around.transcript.writers[seq - 1]
    return SourceLink(conversation_id, link.message_pk, seq, by, link.how, link.spans, link.earlier)


def _compared(
    one: Weighed,
    links: Sequence[SourceLink],
    unfound: Sequence[MemorySource],
    found: Found,
    around: Around,
) -> Compared | None:
    """Compare a memory with what its sources say; None: nothing of what was said can be seen."""
    memory = one.memory
    if memory.view not in COMPARED:
        return comparing.OTHER_VIEW
    if not one.sources:
        if not around.transcript.pks or around.transcript.is_partial:
            return None  # it may have been said where nobody sees it
        nearest = [] if found.nearest is None else [_source_link("", found.nearest, around)]
        guessed = next(iter(around.sources(nearest)), None)
        return comparing.compare_with_all(
            memory.view, memory.content, guessed, around.known, is_whole=found.is_whole
        )
    said = around.sources(links)
    if found.own and not unfound and not found.away:
        sources = comparing.with_questions(said, around.before)
        return comparing.compare(memory.view, memory.content, sources, around.known)
    known = said if found.own or found.away else []
    quotes = [
        Said(source.excerpt, source.role, None, parse_service_time(source.time, UTC))
        for source in unfound
        if source.excerpt
    ]
    if not known and not quotes:
        return None
    return comparing.compare_with_quotes(memory.view, memory.content, [*known, *quotes])


def _with_changes(
    compared: Compared, links: Sequence[SourceLink], around: Around
) -> tuple[Check, ...]:
    """Return what does not agree, with what of the sources has changed since; that alone is worth a look."""
    before, now = around.said_before(links), around.texts([one.message_pk for one in links])
    since = [
        Check(
            "changed since",
            source=(before[one.message_pk], now[one.message_pk].content),
            messages=(one.numbered,),
            texts=(before[one.message_pk], now[one.message_pk].content),
            until=one.earlier.until,
        )
        for one in links
        if one.earlier is not None and one.message_pk in before and one.message_pk in now
    ]
    if not compared.checks:
        return tuple(since)
    others = {one.message_pk: one.numbered for one in links if one.earlier is None}
    changed = {others[pk]: at for pk, at in around.changed(list(others)).items()}
    checks = (
        replace(one, changed=tuple((it, changed[it]) for it in one.messages if it in changed))
        for one in compared.checks
    )
    return (*checks, *since)


def _missing(one: Weighed, found: Found, around: Around) -> Iterator[Unfound]:
    """Yield the sources that are not in the transcript of the conversation that a memory names."""
    if not one.sources:
        yield Unfound("none given")
    for owner, source in one.owned:
        if owner in found.own:
            continue
        if away := found.away.get(owner):
            place = away[0].conversation.conversation_id
            yield Unfound("another conversation", source, elsewhere=place)
        elif owner in found.others:
            yield Unfound("another user", source, whose=found.others[owner])
        elif is_document(source.kind):
            yield Unfound("knowledge base", source)
        else:
            yield Unfound(_not_here(around, source), source)


def _not_here(around: Around, source: MemorySource) -> Missing:
    """Return why a message that MemOS names is not among those of a conversation."""
    transcript = around.transcript
    conversation = transcript.conversation
    if conversation is None or conversation.fetched_at is None:
        return "not fetched"
    if transcript.is_partial:
        if conversation.gaps or not transcript.pks:
            return "outside the window"
        first = parse_service_time(transcript.first_time, UTC)
        time = parse_service_time(source.time, UTC)
        if first is None or time is None or time <= first:
            return "outside the window"
    kept = around.no_longer_kept()
    unknown = kept.versions or (kept.ids and bool(source.message_id))
    return "not kept" if unknown else "nowhere"


def _joined(found: Iterable[list[Link]]) -> list[Link]:
    """Return the links of several sources in the messages' order of their keys, a message once."""
    by_pk: dict[int, Link] = {}
    for link in chain.from_iterable(found):
        before = by_pk.get(link.message_pk, link)
        how = "message id" if "message id" in {before.how, link.how} else link.how
        spans = joined_spans([*before.spans, *link.spans])
        earlier = before.earlier or link.earlier
        by_pk[link.message_pk] = Link(link.message_pk, how, spans, earlier)
    return list(by_pk.values())


def _said(message: SaidMessage, number: Numbered, by: Writer) -> Said:
    seq, elsewhere = number
    return Said(message.content, by.role, seq, message.created_at, by=by, elsewhere=elsewhere)

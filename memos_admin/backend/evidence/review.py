"""The evidence of a user or agent: what every memory came from, and which messages came to nothing.

Conversation by conversation, so that what is found can be shown while the rest is looked at. No text
is kept but that of one batch, of one conversation's memories and of its latest messages.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from memos_admin.backend.documents import is_document, names_message
from memos_admin.backend.evidence.checking import LONGEST
from memos_admin.backend.evidence.kinds import WEIGHTS
from memos_admin.backend.evidence.similar import TRIED, is_open, most_similar
from memos_admin.backend.evidence.support import Silent, Support
from memos_admin.backend.evidence.weighing import (
    Around,
    Found,
    Owner,
    Transcript,
    Weighed,
    support,
)
from memos_admin.backend.model import Conversation, MemorySource, Reads, Subject, SubjectRef
from memos_admin.backend.provenance import Link, Linker, Nearness
from memos_admin.backend.strays import (
    SourceMessage,
    Wanted,
    conversations_in,
    look,
    look_before,
    look_elsewhere,
    message_ids,
)
from memos_admin.language import gettext as _
from memos_admin.store import evidence as stored
from memos_admin.store import streams
from memos_admin.store.errors import StoreInterrupted
from memos_admin.store.evidence import NoLongerKept, SaidMessage

SEARCHED = 5_000
"""Of a longer conversation the latest so many messages are searched for nearest words."""

QUICK = 500
"""Messages of a conversation with which one memory is compared while a person looks at it."""

_MEMORIES = 500
_CONVERSATIONS = 100
"""So many are read at once."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a review is: messages looked at, of how many."""

    messages: int
    of: int


@dataclass
class Part:
    """What was found out in one step.

    Attributes:
        supports: memories whose evidence is known now.
        silent: messages that no memory of their own conversation came from.
        spoke: keys of messages that are not silent after all: a memory elsewhere came from them.
    """

    progress: Progress
    supports: list[Support] = field(default_factory=list)
    silent: list[Silent] = field(default_factory=list)
    spoke: set[int] = field(default_factory=set)


def review(
    reads: Reads, subject: Subject, conversation: Conversation | None = None
) -> Iterator[Part]:
    """Yield the evidence of a subject, or of one conversation of it, part by part.

    Raises:
        StoreInterrupted: `Reads.interrupt` was called.
    """
    return _Review(reads, subject, conversation).parts()


def review_memory(reads: Reads, listing_pk: int) -> Support | None:
    """Return what stands behind one memory; None where only a review of all can say it.

    Raises:
        StoreInterrupted: `Reads.interrupt` was called.
    """
    return next(review_memories(reads, [listing_pk]), None)


def review_memories(reads: Reads, listing_pks: Sequence[int]) -> Iterator[Support]:
    """Yield what stands behind memories, without those of which only a review of all can say it.

    That is so where no conversation of one is here, where that is long, and where a source is not in it.

    Raises:
        StoreInterrupted: `Reads.interrupt` was called.
    """
    listings: defaultdict[tuple[SubjectRef, str], list[int]] = defaultdict(list)
    for memory in reads.memories(listing_pks, cut=0):
        if memory.conversation_id:
            listings[memory.ref, memory.conversation_id].append(memory.listing_pk)
    for (ref, name), pks in listings.items():
        subject, conversation = reads.subject(ref), reads.conversation(ref, name)
        if subject is None or conversation is None or conversation.messages > QUICK:
            continue
        for part in _Review(reads, subject, conversation).memories(conversation, pks):
            yield from part.supports


def review_everyone(reads: Reads) -> Iterator[Part]:
    """Yield the evidence of each subject of the roster, one after the other, part by part.

    Progress counts the messages of all. Raises as `review` does.
    """
    done, of = 0, reads.totals().messages
    pks = reads.subject_pks()
    for start in range(0, len(pks), _CONVERSATIONS):
        for subject in reads.subjects(pks[start : start + _CONVERSATIONS]):
            for part in review(reads, subject):
                looked_at = part.progress.messages
                part.progress = Progress(min(done + looked_at, of), of)
                yield part
            done += subject.messages


def _names_something(source: MemorySource) -> bool:
    """Whether a source has an id, a quotation, or is a document: else MemOS names none."""
    return is_document(source.kind) or names_message(source)


_Waiting = tuple[Weighed, Transcript, Mapping[Owner, list[Link]], Link | None]


class _Review:
    def __init__(self, reads: Reads, subject: Subject, only: Conversation | None) -> None:
        self._reads, self._subject, self._only = reads, subject, only
        self._interrupts = reads.query.interrupts
        self._done, self._of = 0, subject.messages if only is None else only.messages
        self._waiting: list[_Waiting] = []

    def parts(self) -> Iterator[Part]:
        """Yield what is found out."""
        for conversation in [self._only] if self._only else self._conversations():
            yield from self._conversation(conversation)
        if self._only is None:
            apart = stored.memories_apart(self._reads.query, self._subject.pk)
            self._waiting += ((one, Transcript(None), {}, None) for one in self._weighed(apart))
        yield from self._elsewhere()

    def memories(self, conversation: Conversation, listing_pks: Sequence[int]) -> Iterator[Part]:
        """Yield what is found out of memories by looking at their conversation alone."""
        return self._conversation(conversation, listing_pks)

    def _around(self, transcript: Transcript) -> Around:
        return Around(self._reads, transcript, lambda: self._no_longer_kept)

    @cached_property
    def _no_longer_kept(self) -> NoLongerKept:
        return stored.no_longer_kept(self._reads.query, self._subject.pk)

    def _conversations(self) -> Iterator[Conversation]:
        pks = streams.by_first_message(self._reads.query, self._subject.pk)
        return conversations_in(self._reads, pks)

    def _progress(self) -> Progress:
        if self._reads.query.interrupts != self._interrupts:
            raise StoreInterrupted(_("Stopped."))
        return Progress(min(self._done, self._of), self._of)

    def _weighed(self, pks: Sequence[int]) -> list[Weighed]:
        """Return the memories with these listings."""
        found: list[Weighed] = []
        for start in range(0, len(pks), _MEMORIES):
            some = self._reads.memories(pks[start : start + _MEMORIES], cut=LONGEST)
            with_sources = [one.pk for one in some if one.sources]
            sources = streams.sources_of(self._reads.query, with_sources)
            found += [
                Weighed(one, [it for it in sources.get(one.pk, []) if _names_something(it)])
                for one in some
            ]
        return found

    def _conversation(
        self, conversation: Conversation, listings: Sequence[int] | None = None
    ) -> Iterator[Part]:
        """Look at a conversation and what was made of it, or at these memories alone."""
        if listings is None:
            listings = stored.memories_in(self._reads.query, conversation.pk)
        weighed = self._weighed(listings)
        linker = Linker(source for one in weighed for source in one.owned)
        transcript = Transcript(conversation)
        latest: deque[SaidMessage] = deque(maxlen=SEARCHED)
        for batch in stored.said(self._reads.query, conversation.pk):
            if weighed:
                look(self._reads, linker, batch)
                latest.extend(batch)
            transcript.take(batch)
            self._done += len(batch)
            yield Part(self._progress())
        look_before(self._reads, linker, conversation.pk)
        links: defaultdict[int, dict[Owner, list[Link]]] = defaultdict(dict)
        for owner, some in linker.links().items():
            links[owner.listing_pk][owner] = some
        yield self._judged(weighed, transcript, links, list(latest))

    def _judged(
        self,
        weighed: Sequence[Weighed],
        transcript: Transcript,
        links: Mapping[int, Mapping[Owner, list[Link]]],
        latest: Sequence[SaidMessage],
    ) -> Part:
        """Return what stands behind the memories of a conversation, and what came to nothing."""
        part, spoke, near = Part(self._progress()), set[int](), set[int]()
        around, nearness = self._around(transcript), None
        by_key: dict[int, SaidMessage] = {}
        for one in weighed:
            own = links.get(one.memory.listing_pk, {})
            spoke.update(link.message_pk for some in own.values() for link in some)
            nearest, guess, is_whole = None, None, True
            if not own and latest and is_open(one.sources):
                nearness = nearness or Nearness(latest)
                is_whole = nearness.is_whole and len(latest) == len(transcript.pks)
                by_key = by_key or {message.pk: message for message in latest}
                found = list(islice(nearness.ranked(one.memory.content), TRIED))
                named = [link.message_pk for link in found] if one.sources else []
                nearest = found[0] if found else None
                ids = message_ids(self._reads, named)
                guess = most_similar(found, one.memory.content, by_key, ids)
                near |= set() if guess is None else {guess.message_pk}
            if any(
                owner not in own and not is_document(source.kind) for owner, source in one.owned
            ):
                self._waiting.append((one, transcript, own, guess))
            else:
                part.supports.append(support(one, Found(own, {}, guess, nearest, is_whole), around))
        if (conversation := transcript.conversation) is not None:
            said = enumerate(
                zip(transcript.pks, transcript.writers, transcript.weights, strict=True), 1
            )
            part.silent += (
                Silent(conversation.pk, pk, seq, by, pk in near, WEIGHTS[weight])
                for seq, (pk, by, weight) in said
                if pk not in spoke
            )
        return part

    def _elsewhere(self) -> Iterator[Part]:
        """Look in the other conversations for the sources that were not found in their own."""
        wanted = [
            Wanted(owner, None if named is None else named.pk, source)
            for one, transcript, own, _guess in self._waiting
            for named in [transcript.conversation]
            for owner, source in one.owned
            if owner not in own and not is_document(source.kind)
        ]
        away: dict[Owner, list[SourceMessage]] = {}
        order = streams.by_first_message(self._reads.query, self._subject.pk) if wanted else ()
        for found in look_elsewhere(self._reads, order, wanted):
            away |= found
            yield Part(self._progress())
        named = {
            one.owner: one.source.message_id
            for one in wanted
            if one.source.message_id and one.owner not in away
        }
        theirs = stored.others_with(self._reads.query, self._subject.pk, sorted({*named.values()}))
        part = Part(self._progress())
        for one, transcript, own, guess in self._waiting:
            there = {owner: away[owner] for owner, _source in one.owned if owner in away}
            others = {
                owner: theirs[named[owner]]
                for owner, _source in one.owned
                if named.get(owner) in theirs
            }
            part.spoke.update(at.link.message_pk for some in there.values() for at in some)
            part.supports.append(
                support(one, Found(own, there, guess, others=others), self._around(transcript))
            )
        yield part

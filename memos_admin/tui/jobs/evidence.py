"""What is known of a memory's origin, read in one go in the reader's thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Literal

from memos_admin.backend.author_words import whose_source
from memos_admin.backend.display import called, one_line
from memos_admin.backend.documents import is_document, names_message
from memos_admin.backend.history.memories import Absence, absences
from memos_admin.backend.model import (
    Conversation,
    Memory,
    MemorySource,
    MemoryVersion,
    Message,
    Reads,
    SubjectRef,
)
from memos_admin.backend.strays import writer_of
from memos_admin.backend.times import now_ms
from memos_admin.backend.verdicts.standing import Verdict, standing
from memos_admin.language import gettext as _
from memos_admin.tui.desk.place import Place
from memos_admin.tui.jobs.linking import ids_named, known_by, latest_messages, said_by_these
from memos_admin.tui.layout.transcript import shown_spans
from memos_admin.tui.words import phrases

if TYPE_CHECKING:
    from memos_admin.backend.provenance import Link, Spans

_ALL, _LONGEST_MATCHED = 0.8, 5_000
"""So large a part of a message is called all of it; of longer ones the quotation itself is marked."""

OVERLAP = "overlap"
"""Among leads the one to the message with the nearest words."""


@dataclass(frozen=True)
class Lead:
    """Where a line of the detail leads to.

    Attributes:
        to: what that is.
        key: of the message, or the id of the memory.
        name: what it is called in a sentence; from outside or not.
        place: where it is, if that is another conversation than the one that is shown.
    """

    to: Literal["message", "memory"]
    key: int | str
    name: str
    place: Place | None = None


@dataclass(frozen=True)
class Lacking:
    """A source that is not in the transcript.

    Attributes:
        number: of the source among those of the memory, from 0.
        why: in words.
        quote: what MemOS quotes of it, ``""`` where nothing.
    """

    number: int
    why: str
    quote: str
    is_document: bool


@dataclass(frozen=True)
class FoundElsewhere:
    """What is known of sources that are not in the transcript; false where that is nothing.

    Attributes:
        leads: to where they stand in other conversations, by what is said of that.
        numbers: of the sources that stand there.
        whose: what is said of those that are messages of other users, by their numbers.
    """

    leads: dict[str, Lead] = field(default_factory=dict)
    numbers: frozenset[int] = frozenset()
    whose: dict[int, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.leads or self.whose)


@dataclass(frozen=True)
class MemoryEvidence:
    """A memory with where it comes from.

    Attributes:
        notes: one line for each thing to say about its sources, the first one being the answer.
        leads: to messages, by the notes that name them.
        near: the message with the nearest words, where no source is in the transcript.
        spans: spans of the drawn text by key of the messages that it came from.
        certain: False where `spans` are only the nearest words.
        verdicts: those that stand, of each operator one.
        checks: what does not agree with its messages, each in a sentence, as far as it was looked at.
        only_reviewed: it was not looked at, since only a review of all can say what does not agree.
        absences: when it was not listed for a while.
        lacking: the sources that are not in the transcript, each with why.
    """

    memory: Memory
    sources: tuple[MemorySource, ...]
    versions: tuple[MemoryVersion, ...]
    conversation: Conversation | None
    notes: tuple[str, ...]
    spans: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    certain: bool = True
    leads: dict[str, Lead] = field(default_factory=dict)
    verdicts: tuple[Verdict, ...] = ()
    checks: tuple[str, ...] = ()
    absences: tuple[Absence, ...] = ()
    lacking: tuple[Lacking, ...] = ()
    only_reviewed: bool = False
    near: Message | None = None

    @property
    def unfound(self) -> bool:
        """Whether a source is not in the transcript, and may stand in another one."""
        return any(not one.is_document for one in self.lacking)

    @property
    def told(self) -> tuple[str, ...]:
        """All that is said of the sources, but for what MemOS quotes."""
        return (*self.notes, *dict.fromkeys(one.why for one in self.lacking))

    def with_found(self, elsewhere: FoundElsewhere) -> MemoryEvidence:
        """Return it with what was found of its sources in other conversations."""
        if not elsewhere:
            return self
        lacking = tuple(
            replace(one, why=elsewhere.whose.get(one.number, one.why))
            for one in self.lacking
            if one.number not in elsewhere.numbers
        )
        notes = (*(self.notes if self.certain else ()), *elsewhere.leads)
        spans = self.spans if self.certain else {}
        leads = self.leads | elsewhere.leads
        return replace(self, notes=notes, leads=leads, spans=spans, lacking=lacking, near=None)


def memory_evidence(
    reads: Reads, listing_pk: int, as_of: int | None = None
) -> MemoryEvidence | None:
    """Return all that the detail and the marks of a memory need; None where it is gone.

    With `as_of` as it was known at that instant.
    """
    from memos_admin.backend.evidence.similar import TRIED, is_open, most_similar
    from memos_admin.backend.provenance import Linker, Nearness, link_sources

    found = reads.memories([listing_pk], as_of=as_of)
    if not found:
        return None
    memory = found[0]
    sources = tuple(reads.memory_sources(memory.pk)) if memory.sources else ()
    earlier = (one for one in reads.memory_versions(memory.pk) if one.version < memory.version)
    versions = tuple(earlier)
    conversation = None
    if memory.conversation_id:
        conversation = reads.conversation(memory.ref, memory.conversation_id)
    lost = "sources" in memory.not_kept
    messages = [] if conversation is None or lost else latest_messages(reads, conversation.pk)
    by_key = {message.pk: message for message in messages}
    ids = ids_named(reads, sources, messages)
    before = said_by_these(reads, conversation, by_key) if sources else []
    links = link_sources(sources, messages, ids, before) if sources else []
    linker = Linker(enumerate(sources))
    linker.look(messages, ids)
    linker.look_before(before)
    linked = linker.links()
    left = {
        number: source
        for number, source in enumerate(sources)
        if number not in linked and (is_document(source.kind) or names_message(source))
    }
    certain = bool(links)
    guess = None
    if messages and not links and is_open(sources):
        near = list(islice(Nearness(messages).ranked(memory.content), TRIED))
        guess = most_similar(near, memory.content, by_key, ids)
    links = links or ([guess] if guess is not None else [])
    spans: dict[int, list[tuple[int, int]]] = {}
    for link in links:
        message = by_key[link.message_pk]
        marked = _marked(memory, message, link)
        spans.setdefault(message.pk, []).extend(shown_spans(message.content, marked))
    known: list[str] = []
    leads: dict[str, Lead] = {}
    for link in links:
        message = by_key[link.message_pk]
        name = _("message {number}").format(number=message.seq)
        text = _found(name, link, message, memory.ref, as_of) if certain else OVERLAP
        known += [text] if certain else []
        leads.setdefault(text, Lead("message", link.message_pk, name))
    spans = {pk: sorted(found) for pk, found in spans.items()}
    dropped = _ids_are_dropped(reads, left.values(), messages)
    lacking = tuple(
        Lacking(
            number,
            _why_lacking(memory, source, conversation, dropped=dropped),
            (source.excerpt or "").strip(),
            is_document(source.kind),
        )
        for number, source in left.items()
    )
    notes = tuple(dict.fromkeys(known)) or (() if left else _without_source(memory, conversation))
    if lost:
        notes, lacking = (_("not kept for this version"),), ()
    said = standing(reads, [memory], "", as_of).get(memory.pk)
    verdicts = () if said is None else said.all
    return MemoryEvidence(
        memory,
        sources,
        versions,
        conversation,
        notes,
        spans,
        certain,
        leads,
        verdicts,
        absences=tuple(absences(reads, [memory], as_of)),
        lacking=lacking,
        near=None if guess is None else by_key[guess.message_pk],
    )


def _found(name: str, link: Link, message: Message, ref: SubjectRef, as_of: int | None) -> str:
    """Return that a source stands in a message, what shows it, whose it is, and that it was read after an instant."""
    text = _("{message}, by {how}").format(message=name, how=known_by(link))
    if said := whose_source(writer_of(message, ref)):
        text = _("{found}; {said}").format(found=text, said=said)
    if as_of is None or message.first_seen <= as_of:
        return text
    return _("{found}; not read here until later").format(found=text)


def found_elsewhere(reads: Reads, memory: Memory, as_of: int | None = None) -> FoundElsewhere:
    """Return what is found of a memory's sources in other conversations of its user, or far back in its own.

    With `as_of` it is said of messages that were read here after that instant.
    """
    from memos_admin.backend.strays import others_with, source_messages

    leads: dict[str, Lead] = {}
    numbers: set[int] = set()
    everywhere = source_messages(reads, memory)
    for number, (_source, said) in enumerate(everywhere):
        for where, link, seq, _role in said:
            if where.conversation_id == memory.conversation_id:
                continue
            name = _("message {number} of {conversation}")
            name = name.format(number=seq, conversation=one_line(where.conversation_id, 40))
            (message,) = reads.messages([link.message_pk], cut=0)
            text = _found(name, link, message, memory.ref, as_of)
            place = Place(
                memory.ref,
                where.conversation_id,
                message=link.message_pk,
                pane="transcript",
                beside=memory.memory_id,
            )
            leads[text] = Lead("message", link.message_pk, name, place)
            numbers.add(number)
    theirs = others_with(reads, memory.ref, [source for source, said in everywhere if not said])
    another = _("a message of another user: {user}")
    whose = {
        number: another.format(user=called(theirs[source.message_id]))
        for number, (source, said) in enumerate(everywhere)
        if not said and source.message_id in theirs
    }
    return FoundElsewhere(leads, frozenset(numbers), whose)


def _marked(memory: Memory, message: Message, link: Link) -> Spans:
    """Return what is marked of a message: the words of the memory, or what is quoted where not all is."""
    from memos_admin.backend.evidence.matching import matching

    if link.earlier is not None:
        return ()  # the words are in what it said before
    length = len(message.content)
    quoted = sum(end - start for start, end in link.spans)
    if length > _LONGEST_MATCHED or (link.how != "overlap" and quoted < _ALL * length):
        return link.spans
    return matching(memory.content[:_LONGEST_MATCHED], message.content)[1]


def memory_checks(reads: Reads, memory: Memory) -> tuple[str, ...] | None:
    """Return what of a memory does not agree with its messages; None where only a review of all can say it."""
    from memos_admin.backend.evidence import wording
    from memos_admin.backend.evidence.checking import COMPARED
    from memos_admin.backend.evidence.review import review_memory

    found = review_memory(reads, memory.listing_pk)
    if found is None:
        return None if memory.view in COMPARED else ()
    when = partial(phrases.exact, now=now_ms())
    return tuple(wording.explained(one, found, when) for one in found.checks)


def memories_to_check(reads: Reads, listing_pks: Sequence[int]) -> frozenset[int]:
    """Return which memories do not agree with their messages, as far as that is quickly known."""
    from memos_admin.backend.evidence.review import review_memories

    return frozenset(one.listing_pk for one in review_memories(reads, listing_pks) if one.checks)


def _ids_are_dropped(
    reads: Reads, left: Iterable[MemorySource], messages: Sequence[Message]
) -> bool:
    """Whether ids by which sources are named went with the JSON of the messages; that of the oldest goes first."""
    named = any(source.message_id and not is_document(source.kind) for source in left)
    return named and bool(messages) and reads.message_raw(messages[0].pk) == ""


def _why_lacking(
    memory: Memory, source: MemorySource, conversation: Conversation | None, *, dropped: bool
) -> str:
    """Return why a source is in no message of the transcript."""
    if is_document(source.kind):
        return _("knowledge base: a document, not a message")
    if not memory.conversation_id:
        return _("it names no conversation")
    if conversation is None or conversation.fetched_at is None:
        return _("its conversation has not been fetched yet")
    if dropped and source.message_id:
        return _("source not known: ids of messages are no longer kept (keep_raw_json)")
    if not conversation.from_beginning:
        return _("source not in this transcript: perhaps in messages that MemOS does not serve")
    return _("source not in this transcript")


def _without_source(memory: Memory, conversation: Conversation | None) -> tuple[str, ...]:
    """Return what is to be said of a memory of which MemOS gives no source."""
    none = _("no source given by the service")
    if not memory.conversation_id:
        return none, _("it names no conversation")
    if conversation is None or conversation.fetched_at is None:
        return none, _("its conversation has not been fetched yet")
    return (none,)

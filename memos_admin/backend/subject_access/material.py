"""What a bundle is made from: a subject in a store, read in batches, with masks where they are asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from memos_admin.backend.authors import PEOPLE, Author, author
from memos_admin.backend.documents import is_document, names_message
from memos_admin.backend.export.batches import batches
from memos_admin.backend.export.linking import Derived, with_derived
from memos_admin.backend.export.rows import memory_batches
from memos_admin.backend.model import (
    Conversation,
    Filter,
    Memory,
    MemorySource,
    Message,
    Reads,
    Subject,
    SubjectRef,
)
from memos_admin.backend.strays import (
    Elsewhere,
    conversations_in,
    look,
    look_before,
    no_longer_kept,
)
from memos_admin.backend.times import parse_service_time
from memos_admin.language import counted
from memos_admin.language import gettext as _
from memos_admin.store import bundles, streams, verdict_reads
from memos_admin.store import evidence as stored
from memos_admin.store.verdict_records import Verdict

if TYPE_CHECKING:
    from memos_admin.backend.export.mask import Mask

_MOST_LINKS = 3
"""Messages that are named of those that a memory came from."""
_MOST_SAID = 20
"""Of so many messages of an author it is kept that a memory came from them."""


class Place(NamedTuple):
    """A message: in which conversation, counted from 1, which one, and who wrote it."""

    conversation: int
    seq: int
    author: Author


@dataclass(frozen=True, slots=True)
class Counts:
    """What there is of a subject.

    Attributes:
        roles: messages by who said them.
        by_subject: messages that are the subject's own words.
        by_others: messages that other people said in the subject's conversations.
        by_name_only: messages of which only a name says whose they are.
        made_of_others: memories that came from messages that other people said there.
        quoted_of_others: memories that name a message of another user as their source.
        vanished: of the memories, those that are listed no more.
        doubted: of them, those that were not listed at the last reading, of which it is not confirmed that
            they are gone.
        versions: what messages and memories said before; `dropped`: of them, those whose text is no longer kept.
        raws: messages and memories of which the service's own object is no longer kept.
        untraced: memories of which it is no longer kept from which message they came.
        verdicts: what operators said of the memories, what they took back among it.
    """

    conversations: int
    messages: int
    memories: int
    roles: dict[str, int]
    by_subject: int
    by_others: int
    by_name_only: int
    vanished: int
    versions: int
    verdicts: int
    made_of_others: int = 0
    quoted_of_others: int = 0
    doubted: int = 0
    dropped: int = 0
    raws: int = 0
    untraced: int = 0

    def said(self) -> str:
        """Return it in words."""
        versions = counted(self.versions, "{count} earlier version", "{count} earlier versions")
        if self.dropped:
            lost = counted(
                self.dropped,
                "the text of {count} is no longer kept",
                "the texts of {count} are no longer kept",
            )
            versions = _("{what} ({but})").format(what=versions, but=lost)
        parts = [
            counted(self.conversations, "{count} conversation", "{count} conversations"),
            counted(self.messages, "{count} message", "{count} messages"),
            counted(self.memories, "{count} memory", "{count} memories"),
            versions,
        ]
        if self.verdicts:
            parts.append(counted(self.verdicts, "{count} verdict", "{count} verdicts"))
        return _(", ").join(parts)

    def document(self) -> dict[str, int | dict[str, int]]:
        """Return it with JSON's types."""
        return {
            "conversations": self.conversations,
            "messages": self.messages,
            "messages_by_role": self.roles,
            "messages_of_the_person": self.by_subject,
            "messages_of_other_people": self.by_others,
            "messages_with_a_name_only": self.by_name_only,
            "memories_from_messages_of_other_people": self.made_of_others,
            "memories_from_messages_of_other_users": self.quoted_of_others,
            "memories": self.memories,
            "memories_vanished": self.vanished,
            "memories_missed_once": self.doubted,
            "earlier_versions": self.versions,
            "earlier_versions_no_longer_kept": self.dropped,
            "memories_whose_source_is_no_longer_kept": self.untraced,
            "verdicts": self.verdicts,
        }


@dataclass
class Material:
    """A subject in a store; used by one thread.

    Attributes:
        project: what files call it.
        mask: None: nothing is masked.
        links: where messages stand from which memories certainly came, by the memory's id. Known behind
            `talks`, as `whose` is.
    """

    reads: Reads
    subject: Subject
    project: str
    _: KW_ONLY
    mask: Mask | None = None
    links: dict[str, list[Place]] = field(default_factory=dict)
    _elsewhere: Elsewhere = field(init=False)
    _said: dict[str, dict[Author, list[int]]] = field(init=False)

    def __post_init__(self) -> None:
        self._elsewhere = Elsewhere(self.reads, whole=True)
        self._said = defaultdict(dict)

    @property
    def everything(self) -> Filter:
        """The subject's memories, oldest first, vanished ones among them."""
        return Filter(subject=self.subject.ref, order="created", descending=False)

    def masked(self, name: str, text: str) -> str:
        """Return what a text says that stands under a name such as ``user_id`` or ``content``."""
        return text if self.mask is None else self.mask.text(name, text)

    @property
    def has_other_names(self) -> bool:
        """Whether users and agents stand in it under other names than their ids."""
        return self.mask is not None and self.mask.names

    def conversations(self) -> Iterator[Conversation]:
        """Yield the conversations, the one that began first at the beginning."""
        pks = streams.by_first_message(self.reads.query, self.subject.pk)
        return conversations_in(self.reads, pks)

    def talks(self) -> Iterator[tuple[int, Conversation, Iterator[list[Message]]]]:
        """Yield the conversations, counted, with their messages; fills `links`."""
        for number, conversation in zip(count(1), self.conversations(), strict=False):
            yield number, conversation, self._messages(number, conversation)

    def memories(self) -> Iterator[list[tuple[Memory, list[MemorySource]]]]:
        """Yield all memories with what they say that they came from, batch by batch."""
        return memory_batches(self.reads, self.everything)

    def verdicts(self) -> list[tuple[str, Verdict]]:
        """Return what operators said of the memories, with the memory's id; by memory and time."""
        return verdict_reads.of_subject(self.reads.query, self.subject.ref)

    @cached_property
    def others(self) -> Mapping[str, SubjectRef]:
        """Whose message it is, by its id, of sources that are messages of other users."""
        return bundles.sources_of_others(self.reads.query, self.subject.pk)

    def is_of_others(self, source: MemorySource) -> bool:
        """Whether a source is a message of another user."""
        return source.message_id is not None and source.message_id in self.others

    @property
    def is_of_agent(self) -> bool:
        """Whether it is an agent's: a program that people talk to, so that no person of it is the one asked about."""
        return self.subject.ref.kind == "agent"

    def author(self, message: Message | bundles.Speakers) -> Author:
        """Return who wrote a message; ``another person`` of whatever people say to an agent."""
        external_id = self.subject.ref.external_id
        found = author(message.role, message.role_id, message.role_name, external_id)
        return "another person" if self.is_of_agent and found in PEOPLE else found

    def whose(self, memory: Memory, sources: Sequence[MemorySource]) -> list[set[Author]]:
        """Return who wrote the messages that each source of a memory was found in; nobody: in none."""
        said = self._said.get(memory.memory_id, {})
        found: list[set[Author]] = [set() for _source in sources]
        named = []
        for number, source in enumerate(sources):
            if self.is_of_others(source):
                found[number].add("another person")
            elif names_message(source):
                named.append(number)
        if len(named) == 1:
            found[named[0]] = set(said)
        elif named and said:
            authors = {pk: one for one, pks in said.items() for pk in pks}
            for number, pk in self._standing([(n, sources[n]) for n in named], [*authors]):
                found[number] |= {authors[pk]} if pk in authors else set()
        return found

    def _standing(
        self, sources: Sequence[tuple[int, MemorySource]], pks: Sequence[int]
    ) -> Iterator[tuple[int, int]]:
        """Yield in which of some messages sources stand, now or before: (number, key of the message)."""
        from memos_admin.backend.provenance import Linker

        linker, query = Linker(sources), self.reads.query
        look(self.reads, linker, list(stored.texts_of(query, pks).values()))
        if linker.wants_before:
            for conversation_pk in sorted(bundles.in_conversations(query, pks)):
                look_before(self.reads, linker, conversation_pk)
        return linker.found()

    def _made_of_others(self) -> int:
        """Return how many memories came from messages that other people said in these conversations."""
        ref = self.subject.ref
        pks = bundles.naming_others(self.reads.query, self.subject.pk, ref.external_id)
        found = self.conversations() if self.is_of_agent else conversations_in(self.reads, pks)
        for conversation in found:
            for _batch, _derived in self._linked(conversation):
                pass
        return sum("another person" in said for said in self._said.values())

    def _untraced(self) -> int:
        """Return of how many memories nobody can tell here any more from which messages they came."""
        kept = no_longer_kept(self.reads, self.subject.ref)
        if not (kept.ids or kept.versions):
            return 0
        since: dict[str, int] = {}
        for conversation in self.conversations():
            first = None
            for batch, _derived in self._linked(conversation):
                first = batch[0].create_time if first is None and batch else first
            if conversation.fetched_at is not None and (known := _known_since(conversation, first)):
                since[conversation.conversation_id] = known
        return sum(
            any(
                names_message(source)
                and not by
                and (kept.versions or source.message_id)
                and _stood_here(source, since.get(memory.conversation_id or ""))
                for source, by in zip(sources, self.whose(memory, sources), strict=True)
            )
            for batch in self.memories()
            for memory, sources in batch
        )

    def _from_others(self) -> int:
        if not self.others:
            return 0
        return sum(
            any(map(self.is_of_others, sources))
            for batch in self.memories()
            for _one, sources in batch
        )

    def came_from(self, memory: Memory, sources: Sequence[MemorySource]) -> list[str]:
        """Return what the sources of a memory are, each kind once; `links` are known."""
        said = self._said.get(memory.memory_id, {}).keys()
        found = ["message"] if said - {"another person"} else []
        found += ["another person"] if "another person" in said else []
        found += ["knowledge base"] if any(is_document(one.kind) for one in sources) else []
        found += ["another user"] if any(map(self.is_of_others, sources)) else []
        whose = self.whose(memory, sources)
        lost = any(names_message(one) and not by for one, by in zip(sources, whose, strict=True))
        return found + (["not found"] if lost else [])

    def _messages(self, number: int, conversation: Conversation) -> Iterator[list[Message]]:
        for batch, derived in self._linked(conversation):
            for message in batch:
                for memory_id in derived.get(message.pk, ()):
                    known = self.links.setdefault(memory_id, [])
                    place = Place(number, message.seq, self.author(message))
                    if len(known) < _MOST_LINKS and place not in known:
                        known.append(place)
            yield batch

    def _linked(self, conversation: Conversation) -> Iterator[tuple[list[Message], Derived]]:
        """Yield the messages of a conversation with what came from them; keeps who wrote them."""
        pks = self.reads.message_pks(conversation.pk)
        found = batches(pks, lambda some, at: self.reads.messages(some, first_seq=at + 1))
        for batch, derived in with_derived(self.reads, conversation, found, _keys, self._elsewhere):
            for message in batch:
                for memory_id in derived.get(message.pk, ()):
                    known = self._said[memory_id].setdefault(self.author(message), [])
                    if len(known) < _MOST_SAID and message.pk not in known:
                        known.append(message.pk)
            yield batch, derived

    def counts(self) -> Counts:
        """Return what there is."""
        query, subject = self.reads.query, self.subject
        roles: Counter[str] = Counter()
        authors: Counter[Author] = Counter()
        for one in bundles.speakers(query, subject.pk):
            roles[one.role] += one.messages
            authors[self.author(one)] += one.messages
        vanished = Filter(subject=subject.ref, vanished=True)
        dropped = bundles.dropped(query, subject.pk)
        return Counts(
            conversations=streams.coverage(query, subject_pk=subject.pk).conversations,
            messages=roles.total(),
            memories=self.reads.memory_count(self.everything),
            roles=dict(roles),
            by_subject=authors["user"],
            by_others=authors["another person"],
            by_name_only=authors["by name only"],
            vanished=self.reads.memory_count(vanished),
            versions=sum(bundles.versions(query, subject.pk)),
            verdicts=len(self.verdicts()),
            made_of_others=self._made_of_others(),
            quoted_of_others=self._from_others(),
            doubted=subject.doubted,
            dropped=dropped.message_versions + dropped.memory_versions,
            raws=dropped.message_raws + dropped.memory_raws,
            untraced=self._untraced(),
        )


def _known_since(conversation: Conversation, first: str | None) -> int | None:
    """Return since when no message of a conversation is missing here, 1: ever; None: some may be at any time."""
    if conversation.from_beginning and not conversation.gaps:
        return 1
    return None if conversation.gaps or first is None else parse_service_time(first, UTC)


def _stood_here(source: MemorySource, since: int | None) -> bool:
    """Whether the message of a source is among those that are here, which are whole since an instant."""
    time = parse_service_time(source.time, UTC)
    return since == 1 or (since is not None and time is not None and time > since)


def _keys(messages: list[Message]) -> list[int]:
    return [message.pk for message in messages]

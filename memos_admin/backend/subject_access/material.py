"""What a bundle is made from: a subject in a store, read in batches, with masks where they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from memos_admin.backend.documents import is_document, names_message
from memos_admin.backend.export.batches import batches
from memos_admin.backend.export.linking import with_derived
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
from memos_admin.backend.strays import Elsewhere, conversations_in
from memos_admin.language import counted
from memos_admin.language import gettext as _
from memos_admin.store import bundles, streams, verdict_reads
from memos_admin.store.verdict_records import Verdict

if TYPE_CHECKING:
    from memos_admin.backend.export.mask import Mask

_MOST_LINKS = 3
"""Messages that are named of those that a memory came from."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What there is of a subject.

    Attributes:
        roles: messages by who said them.
        by_others: messages that other people said in the subject's conversations.
        quoted_of_others: memories that name a message of another user as their source.
        vanished: of the memories, those that are listed no more.
        versions: what messages and memories said before.
        verdicts: what operators said of the memories, what they took back among it.
    """

    conversations: int
    messages: int
    memories: int
    roles: dict[str, int]
    by_others: int
    vanished: int
    versions: int
    verdicts: int
    quoted_of_others: int = 0

    def said(self) -> str:
        """Return it in words."""
        parts = [
            counted(self.conversations, "{count} conversation", "{count} conversations"),
            counted(self.messages, "{count} message", "{count} messages"),
            counted(self.memories, "{count} memory", "{count} memories"),
            counted(self.versions, "{count} earlier version", "{count} earlier versions"),
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
            "messages_of_other_people": self.by_others,
            "memories_from_messages_of_other_users": self.quoted_of_others,
            "memories": self.memories,
            "memories_vanished": self.vanished,
            "earlier_versions": self.versions,
            "verdicts": self.verdicts,
        }


@dataclass
class Material:
    """A subject in a store; used by one thread.

    Attributes:
        project: what files call it.
        mask: None: nothing is masked.
        links: where messages stand from which memories certainly came, by the memory's id: of the
            conversation, counted from 1, and the message in it. Known behind `talks`.
    """

    reads: Reads
    subject: Subject
    project: str
    _: KW_ONLY
    mask: Mask | None = None
    links: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    _elsewhere: Elsewhere = field(init=False)

    def __post_init__(self) -> None:
        self._elsewhere = Elsewhere(self.reads, whole=True)

    @property
    def everything(self) -> Filter:
        """The subject's memories, oldest first, vanished ones among them."""
        return Filter(subject=self.subject.ref, order="created", descending=False)

    def masked(self, name: str, text: str) -> str:
        """Return what a text says that stands under a name such as ``user_id`` or ``content``."""
        return text if self.mask is None else self.mask.text(name, text)

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
        found = ["message"] if memory.memory_id in self.links else []
        found += ["knowledge base"] if any(is_document(one.kind) for one in sources) else []
        found += ["another user"] if any(map(self.is_of_others, sources)) else []
        messages = any(names_message(one) and not self.is_of_others(one) for one in sources)
        return found + (["not found"] if messages and "message" not in found else [])

    def _messages(self, number: int, conversation: Conversation) -> Iterator[list[Message]]:
        pks = self.reads.message_pks(conversation.pk)
        found = batches(pks, lambda some, at: self.reads.messages(some, first_seq=at + 1))
        for batch, derived in with_derived(self.reads, conversation, found, _keys, self._elsewhere):
            for message in batch:
                for memory_id in derived.get(message.pk, ()):
                    known = self.links.setdefault(memory_id, [])
                    place = (number, message.seq)
                    if len(known) < _MOST_LINKS and place not in known:
                        known.append(place)
            yield batch

    def counts(self) -> Counts:
        """Return what there is."""
        query, subject = self.reads.query, self.subject
        roles = bundles.roles(query, subject.pk)
        others = bundles.said_by_others(query, subject.pk, subject.ref.external_id)
        vanished = Filter(subject=subject.ref, vanished=True)
        return Counts(
            conversations=streams.coverage(query, subject_pk=subject.pk).conversations,
            messages=sum(roles.values()),
            memories=self.reads.memory_count(self.everything),
            roles=roles,
            by_others=others,
            vanished=self.reads.memory_count(vanished),
            versions=sum(bundles.versions(query, subject.pk)),
            verdicts=len(self.verdicts()),
            quoted_of_others=self._from_others(),
        )


def _keys(messages: list[Message]) -> list[int]:
    return [message.pk for message in messages]

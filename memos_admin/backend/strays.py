"""Sources that stand in another conversation of the same user than the one that their memory names.

A memory says of which conversation it was made, and its source can stand in another one all the same.
Where it is not in its own it is looked for in the others, in the order in which they began, and it is
that of the first one that has it. Whatever shows where a memory came from asks here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from memos_admin.backend.authors import Writer, writer
from memos_admin.backend.documents import is_document, names_message
from memos_admin.backend.errors import StoreInterrupted
from memos_admin.backend.model import (
    Conversation,
    Memory,
    MemorySource,
    Message,
    Reads,
    SaidBefore,
    Subject,
    SubjectRef,
)
from memos_admin.language import gettext as _
from memos_admin.store import evidence as stored
from memos_admin.store import streams
from memos_admin.store.evidence import NoLongerKept, SaidMessage, ToldSource

if TYPE_CHECKING:
    from memos_admin.backend.provenance import Earlier, Link, Linker
    from memos_admin.backend.provenance.openings import Openings

Owner = TypeVar("Owner", bound=Hashable)

_CONVERSATIONS = 100
"""So many are read at once."""


class SourceMessage(NamedTuple):
    """A message that a source stands in."""

    conversation: Conversation
    link: Link
    seq: int
    writer: Writer


class Wanted(NamedTuple, Generic[Owner]):
    """A source that is not in its own conversation; `own` is the key of that, None: there is none."""

    owner: Owner
    own: int | None
    source: MemorySource | ToldSource


def writer_of(message: SaidMessage | SaidBefore | Message, ref: SubjectRef) -> Writer:
    """Return who wrote a message of a conversation of this user or agent; a user of an agent is its user."""
    who = message.role, message.role_id, message.role_name
    if ref.kind != "user" and message.role == "user":
        return Writer(message.role, "user", *who[1:])
    return writer(*who, ref.external_id)


def look(reads: Reads, linker: Linker[Owner], batch: Sequence[SaidMessage]) -> None:
    """Let a linker look at messages, with the service's ids of them where it asks for any."""
    ids = message_ids(reads, [one.pk for one in batch]) if linker.wants_ids else {}
    linker.look(batch, ids)


def look_before(reads: Reads, linker: Linker[Owner], conversation_pk: int) -> list[SaidBefore]:
    """Let a linker that has looked at all messages of a conversation look at what they said before.

    Return that, or nothing where the linker has no use for it.
    """
    said = stored.said_before(reads.query, conversation_pk) if linker.wants_before else []
    linker.look_before(said)
    return said


def said_before(reads: Reads, conversation: Conversation) -> list[SaidBefore]:
    """Return what the messages of a conversation said before, as far as that is kept; oldest first."""
    return stored.said_before(reads.query, conversation.pk)


def no_longer_kept(reads: Reads, ref: SubjectRef) -> NoLongerKept:
    """Return what is no longer kept of messages of a subject, by which a source could be known."""
    subject = reads.subject(ref)
    if subject is None:
        return NoLongerKept(ids=False, versions=False)
    return stored.no_longer_kept(reads.query, subject.pk)


def others_with(
    reads: Reads, ref: SubjectRef, sources: Iterable[MemorySource]
) -> dict[str, SubjectRef]:
    """Return whose message it is, by its id, of sources of a subject that only others have a message of."""
    subject = reads.subject(ref)
    ids = sorted({one.message_id for one in sources if one.message_id and names_message(one)})
    return {} if subject is None else stored.others_with(reads.query, subject.pk, ids)


def text_before(reads: Reads, earlier: Earlier) -> str:
    """Return what a message said before."""
    found = stored.texts_before(reads.query, [earlier.version_pk]).get(earlier.version_pk)
    return "" if found is None else found[0]


def message_ids(reads: Reads, pks: Sequence[int]) -> dict[int, str]:
    """Return the service's own ids of messages by their keys, where it gave any."""
    return streams.message_ids(reads.query, pks)


def conversations_in(reads: Reads, pks: Sequence[int]) -> Iterator[Conversation]:
    """Yield conversations in the order of their keys, a few at a time."""
    for start in range(0, len(pks), _CONVERSATIONS):
        yield from reads.conversations(pks[start : start + _CONVERSATIONS])


def look_elsewhere(
    reads: Reads, order: Sequence[int], wanted: Sequence[Wanted[Owner]]
) -> Iterator[dict[Owner, list[SourceMessage]]]:
    """Yield what is found of sources in conversations that are not their own, one after the other.

    What is in no message is looked for in what messages said before, conversation by conversation again.
    Ends where nothing is left to be found. Raises StoreInterrupted where `Reads.interrupt` is called.

    Args:
        reads: the store.
        order: keys of the conversations, as `streams.by_first_message` returns them.
        wanted: sources that are not in their own.
    """
    left = {one.owner: one for one in wanted}
    openings = _Openings((one.owner, one.source) for one in wanted)
    for conversation in conversations_in(reads, order) if left else ():
        hits = {
            owner
            for batch in _said(reads, conversation.pk)
            for owner in openings.heard(reads, batch)
            if owner in left and left[owner].own != conversation.pk
        }
        found = {}
        if hits:
            some = [(owner, one.source) for owner, one in left.items() if owner in hits]
            found = standing_in(reads, conversation, some)
        for owner in found:
            del left[owner]
        yield found
        if not left:
            return
    for conversation in conversations_in(reads, order) if left else ():
        said = stored.said_before(reads.query, conversation.pk)
        hits = openings.heard(reads, said) & left.keys() if said else set()
        some = [(owner, left[owner].source) for owner in hits if left[owner].own != conversation.pk]
        found = standing_in(reads, conversation, some) if some else {}
        for owner in found:
            del left[owner]
        yield found
        if not left:
            return


def _said(reads: Reads, conversation_pk: int) -> Iterator[list[SaidMessage]]:
    """Yield the messages of a conversation, batch by batch."""
    interrupts = reads.query.interrupts
    for batch in stored.said(reads.query, conversation_pk):
        if reads.query.interrupts != interrupts:
            raise StoreInterrupted(_("Stopped."))
        yield batch


def standing_in(
    reads: Reads,
    conversation: Conversation,
    sources: Iterable[tuple[Owner, MemorySource | ToldSource]],
) -> dict[Owner, list[SourceMessage]]:
    """Return where sources stand in a conversation."""
    from memos_admin.backend.provenance import Linker

    linker = Linker(sources)
    where: dict[int, tuple[int, Writer]] = {}
    for batch in _said(reads, conversation.pk):
        look(reads, linker, batch)
        linked = {pk for _owner, pk in linker.found()}
        where |= {
            one.pk: (one.seq, writer_of(one, conversation.ref)) for one in batch if one.pk in linked
        }
    said = look_before(reads, linker, conversation.pk)
    where |= {one.pk: (one.seq, writer_of(one, conversation.ref)) for one in said}
    return {
        owner: [SourceMessage(conversation, link, *where[link.message_pk]) for link in links]
        for owner, links in linker.links().items()
    }


class _Openings(Generic[Owner]):
    """Which of many sources can stand in messages: by how their quotes begin, or by the message's id."""

    def __init__(self, sources: Iterable[tuple[Owner, MemorySource | ToldSource]]) -> None:
        from memos_admin.backend.provenance.openings import Openings
        from memos_admin.backend.provenance.sources import quote

        self._quotes: Openings[Owner] = Openings()
        self._named: defaultdict[str, list[Owner]] = defaultdict(list)
        for owner, source in sources:
            if is_document(source.kind):
                continue
            self._quotes.add(owner, quote(source))
            if source.message_id:
                self._named[source.message_id].append(owner)

    def heard(self, reads: Reads, batch: Sequence[SaidMessage | SaidBefore]) -> set[Owner]:
        """Return whose sources can stand in one of these messages."""
        found = {owner for one in batch for owner in self._quotes.in_text(one.content)}
        if self._named:
            ids = message_ids(reads, [one.pk for one in batch])
            found.update(owner for name in ids.values() for owner in self._named.get(name, ()))
        return found


def source_messages(reads: Reads, memory: Memory) -> list[tuple[MemorySource, list[SourceMessage]]]:
    """Return what a memory names as its sources, each with the messages of its user that it stands in."""
    sources = reads.memory_sources(memory.pk)
    messages = [(n, one) for n, one in enumerate(sources) if not is_document(one.kind)]
    found: dict[int, list[SourceMessage]] = {}
    own = None
    if memory.conversation_id:
        own = reads.conversation(memory.ref, memory.conversation_id)
    if own is not None:
        found = standing_in(reads, own, enumerate(sources))
    subject = reads.subject(memory.ref)
    left = [
        Wanted(n, None if own is None else own.pk, one) for n, one in messages if n not in found
    ]
    if subject is not None and left:
        order = streams.by_first_message(reads.query, subject.pk)
        for there in look_elsewhere(reads, order, left):
            found |= there
    return [(source, found.get(n, [])) for n, source in enumerate(sources)]


class Known:
    """What is known of a subject meanwhile.

    Attributes:
        whose: the subject as it was when that was read.
        own: the conversations of the sources' memories, by the source's key.
        order: the keys of the conversations, the one that began first at the beginning.
        passed: those of them all messages of which were looked at.
        at_home: whether a source stands in the conversation of its memory, as far as that was asked.
        away: where those that do not were found.
    """

    def __init__(self, reads: Reads, whose: Subject, *, whole: bool) -> None:
        self.whose = whose
        self.own: dict[int, int | None] = {}
        self.order = streams.by_first_message(reads.query, whose.pk)
        self.passed: set[int] = set()
        self.at_home: dict[int, bool] = {}
        self.away: dict[int, list[SourceMessage]] = {}
        sources = self._strays(reads) if whole else stored.told(reads.query, whose.pk)
        self.openings = _Openings(self._noted(sources))

    def _noted(self, sources: Iterable[ToldSource]) -> Iterator[tuple[int, ToldSource]]:
        for one in sources:
            if not is_document(one.kind):
                self.own[one.pk] = one.conversation_pk
                yield one.pk, one

    def _strays(self, reads: Reads) -> list[ToldSource]:
        """Return the sources that are not in the conversation of their memory, from reading all of them."""
        from memos_admin.backend.provenance.sources import quote

        wanted: defaultdict[int | None, dict[int, str]] = defaultdict(dict)
        for one in stored.told(reads.query, self.whose.pk):
            wanted[one.conversation_pk][one.pk] = quote(one)
        if wanted.keys() <= {*self.order} and len(self.order) < 2:
            return []
        left = [*wanted.pop(None, ())]
        for own, quotes in wanted.items():
            texts = {*quotes.values()} - {""}
            said = {
                text
                for _own, _pk, content in streams.texts(reads.query, own or 0)
                if (text := content.strip()) in texts
            }
            left += (pk for pk, text in quotes.items() if text not in said)
        sources = stored.told_of(reads.query, self.whose.pk, left)
        self.look_at_home(reads, sources)
        return [one for one in sources if not self.at_home[one.pk]]

    def look_at_home(self, reads: Reads, sources: Sequence[ToldSource]) -> None:
        """Find out of sources whether they stand in the conversations that their memories name."""
        from memos_admin.backend.provenance import Linker
        from memos_admin.backend.provenance.sources import quote

        at_home = {one.pk: False for one in sources}
        named = {one.conversation_pk for one in sources if one.conversation_pk is not None}
        texts = sorted({text for one in sources if (text := quote(one))})
        whole = stored.said_whole(reads.query, sorted(named), texts) if named else set()
        left: defaultdict[int, list[tuple[int, ToldSource]]] = defaultdict(list)
        for one in sources:
            if (one.conversation_pk, quote(one)) in whole:
                at_home[one.pk] = True
            elif one.conversation_pk is not None:
                left[one.conversation_pk].append((one.pk, one))
        for own, some in left.items():
            linker = Linker(some)
            for batch in _said(reads, own):
                look(reads, linker, batch)
            look_before(reads, linker, own)
            at_home |= {pk: True for pk, _message in linker.found()}
        self.at_home |= at_home  # once all is known: it may have been interrupted


class Elsewhere:
    """Which memories came from the messages of conversations, though they name another one.

    For many conversations, those of a subject one after the other: what its memories say that they came
    from is read once, and the messages of others only where one at hand says what a memory quotes.
    """

    def __init__(self, reads: Reads, known: Known | None = None, *, whole: bool = False) -> None:
        """Take the store, and what another one knew, which is of use while the subject is as it was.

        With `whole` all of a subject is to be asked for: all that was said is read at the beginning,
        and after that next to nothing is looked for.
        """
        self._reads, self._whole = reads, whole
        self.known = known
        self._asked: SubjectRef | None = None

    def made_of(
        self, conversation: Conversation, messages: Sequence[SaidMessage] | None = None
    ) -> dict[int, list[str]]:
        """Return the ids of such memories by the key of the message; the one that was made first stands first.

        Args:
            conversation: whose messages.
            messages: those that are asked for; None: all.
        """
        known = self._of(conversation.ref)
        if known is None or all(own == conversation.pk for own in known.own.values()):
            return {}
        said: list[Iterable[Sequence[SaidMessage | SaidBefore]]] = [
            _said(self._reads, conversation.pk) if messages is None else [messages],
            [self._said_before(conversation, messages)],
        ]
        hits = {
            pk
            for batch in chain.from_iterable(said)
            for pk in known.openings.heard(self._reads, batch)
            if known.own[pk] != conversation.pk and not known.at_home.get(pk)
        }
        sources = stored.told_of(self._reads.query, known.whose.pk, sorted(hits))
        self._place(known, conversation, [one for one in sources if one.pk not in known.away])
        if messages is None:
            known.passed.add(conversation.pk)
        ids: defaultdict[int, dict[str, None]] = defaultdict(dict)
        for one in sources:
            for there in known.away.get(one.pk, ()):
                if there.conversation.pk == conversation.pk:
                    ids[there.link.message_pk][one.memory_id] = None
        return {pk: list(some) for pk, some in ids.items()}

    def _said_before(
        self, conversation: Conversation, messages: Sequence[SaidMessage] | None
    ) -> list[SaidBefore]:
        said = stored.said_before(self._reads.query, conversation.pk)
        wanted = None if messages is None else {one.pk for one in messages}
        return [one for one in said if wanted is None or one.pk in wanted]

    def _of(self, ref: SubjectRef) -> Known | None:
        if self._asked != ref:
            self._asked, whose = ref, self._reads.subject(ref)
            if self.known is None or self.known.whose != whose:
                self.known = None if whose is None else Known(self._reads, whose, whole=self._whole)
        return self.known

    def _place(
        self, known: Known, conversation: Conversation, sources: Sequence[ToldSource]
    ) -> None:
        """Find the first conversation with each source, where this one has it and its own does not."""
        if not sources:
            return
        here = standing_in(self._reads, conversation, [(one.pk, one) for one in sources])
        some = [one for one in sources if one.pk in here]
        known.look_at_home(self._reads, [one for one in some if one.pk not in known.at_home])
        wanted = [
            Wanted(one.pk, one.conversation_pk, one) for one in some if not known.at_home[one.pk]
        ]
        # What stands in a conversation that was passed was found there.
        order = [pk for pk in known.order if pk not in known.passed] if wanted else []
        for found in look_elsewhere(self._reads, order, wanted):
            known.away |= found


def latest(reads: Reads, conversation: Conversation, most: int) -> list[SaidMessage] | None:
    """Return the latest messages of a conversation that has more than so many; None: it has not."""
    if conversation.messages <= most:
        return None
    keys = reads.message_pks(conversation.pk)[-most:]
    return list(stored.texts_of(reads.query, keys).values())


def merged(
    derived: Mapping[int, Sequence[str]], elsewhere: Mapping[int, Sequence[str]]
) -> dict[int, list[str]]:
    """Return what came from messages in both ways; ids of memories that name the conversation stand first."""
    found = {pk: list(ids) for pk, ids in derived.items()}
    for pk, ids in elsewhere.items():
        found[pk] = list(dict.fromkeys([*found.get(pk, ()), *ids]))
    return found
